// SPDX-License-Identifier: Apache-2.0

/// Parses a condition; `not` binds tighter than `and`, and that tighter than `or`.
struct ConditionParser {
    static let depthLimit = 32
    /// Values a rule may compare once its selections are put in place.
    static let sizeLimit = 20_000
    /// Names compared with patterns, so that many patterns over many selections end.
    private static let comparisonLimit = 2_000_000

    private let node: DocumentNode
    private let selections: [Selection]
    private let numbers: [String: Int]
    private let log: ProblemLog
    private let tokens: [ConditionToken]
    private var position = 0
    private var depth = 0
    private var size = 0
    private var comparisons = 0
    /// The selections the condition names.
    private(set) var used: Set<Int> = []

    /// Parsing stopped; the problem is in the log.
    private struct Stop: Error {}

    init(node: DocumentNode, selections: [Selection], log: ProblemLog) {
        self.node = node
        self.selections = selections
        self.log = log
        numbers = Dictionary(
            selections.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        tokens = ConditionToken.tokens(of: node.scalar?.text ?? "")
    }

    /// The condition, or nil when it cannot be read.
    mutating func parse() -> Condition? {
        do throws(Stop) {
            let condition = try parseOr()
            guard let next else { return condition }
            switch next.kind {
            case .pipe: throw stop(.aggregation, at: next)
            default: throw unexpected(next, expected: "`and`, `or` or the end")
            }
        } catch {
            return nil
        }
    }

    private var next: ConditionToken? { position < tokens.count ? tokens[position] : nil }

    private mutating func parseOr() throws(Stop) -> Condition {
        var parts = [try parseAnd()]
        while next?.kind == .or {
            position += 1
            parts.append(try parseAnd())
        }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func parseAnd() throws(Stop) -> Condition {
        var parts = [try parseNot()]
        while next?.kind == .and {
            position += 1
            parts.append(try parseNot())
        }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func parseNot() throws(Stop) -> Condition {
        guard let token = next else { throw end(expected: "a selection") }
        guard token.kind == .not || token.kind == .open else { return try parseSelection() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else {
            throw stop(.conditionTooDeep(limit: Self.depthLimit), at: token)
        }
        position += 1
        if token.kind == .not { return .not(try parseNot()) }
        let condition = try parseOr()
        guard let close = next else { throw stop(.unclosedParenthesis, at: token) }
        if close.kind == .pipe { throw stop(.aggregation, at: close) }
        guard close.kind == .close else {
            throw unexpected(close, expected: "`and`, `or` or `)`")
        }
        position += 1
        return condition
    }

    private mutating func parseSelection() throws(Stop) -> Condition {
        guard let token = next else { throw end(expected: "a selection") }
        guard token.kind == .word else {
            if token.kind == .pipe { throw stop(.aggregation, at: token) }
            throw unexpected(token, expected: "a selection")
        }
        position += 1
        if next?.kind == .of { return try parseQuantified(token) }
        if token.text.contains("*") {
            throw unexpected(token, expected: "`1 of` or `all of` before a pattern")
        }
        guard let number = numbers[token.text] else {
            let suggestion = NearestName.of(token.text, in: selections.map(\.name))
            note(.unknownSelection(token.text, suggestion: suggestion), at: token)
            return .unknown
        }
        try use([number], at: token)
        return .selection(number)
    }

    /// `1 of x*`, `any of them`, `all of x*`; the quantifier is read already.
    private mutating func parseQuantified(_ quantifier: ConditionToken) throws(Stop) -> Condition {
        position += 1
        let word = quantifier.text.lowercased()
        guard word == "1" || word == "any" || word == "all" else {
            throw stop(.unsupportedQuantifier("\(quantifier.text) of"), at: quantifier)
        }
        guard let pattern = next else { throw end(expected: "a pattern such as `sel*`, or `them`") }
        guard pattern.kind == .word || pattern.kind == .them else {
            throw unexpected(pattern, expected: "a pattern such as `sel*`, or `them`")
        }
        position += 1
        if pattern.kind == .word, !pattern.text.contains("*") {
            let problem = Problem.quantifierNeedsPattern(
                quantifier: quantifier.text, name: pattern.text)
            throw stop(problem, at: pattern)
        }
        let matched = try numbers(matching: pattern)
        guard !matched.isEmpty else {
            note(.noSelectionMatches(pattern: pattern.text), at: pattern)
            return .unknown
        }
        try use(matched, at: pattern)
        let parts = matched.map(Condition.selection)
        if parts.count == 1 { return parts[0] }
        return word == "all" ? .and(parts) : .or(parts)
    }

    /// The selections a pattern names; those with `_` in front only when it has one too.
    private mutating func numbers(matching token: ConditionToken) throws(Stop) -> [Int] {
        let pattern = token.kind == .them ? "*" : token.text
        comparisons += selections.count
        guard comparisons <= Self.comparisonLimit else {
            throw stop(.conditionTooLarge(limit: Self.sizeLimit), at: token)
        }
        let glob = Array(pattern.utf8)
        return selections.indices.filter { index in
            let name = selections[index].name
            return (pattern.hasPrefix("_") || !name.hasPrefix("_"))
                && Self.matches(Array(name.utf8), glob)
        }
    }

    /// Whether a name is what a pattern with `*` describes.
    private static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        var at = 0
        var index = 0
        var retry: (pattern: Int, name: Int)?
        while index < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                retry = (at + 1, index)
                at += 1
            } else if at < pattern.count, pattern[at] == name[index] {
                at += 1
                index += 1
            } else if let last = retry {
                retry = (last.pattern, last.name + 1)
                at = last.pattern
                index = last.name + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private mutating func use(_ numbers: [Int], at token: ConditionToken) throws(Stop) {
        used.formUnion(numbers)
        size += numbers.reduce(0) { $0 + selections[$1].size }
        guard size <= Self.sizeLimit else {
            throw stop(.conditionTooLarge(limit: Self.sizeLimit), at: token)
        }
    }

    private func unexpected(_ token: ConditionToken, expected: String) -> Stop {
        stop(.unexpectedToken(found: token.text, expected: expected), at: token)
    }

    private func end(expected: String) -> Stop {
        guard let last = tokens.last else { return Stop() }
        return stop(.conditionEnds(expected: expected), at: last)
    }

    private func stop(_ problem: Problem, at token: ConditionToken) -> Stop {
        note(problem, at: token)
        return Stop()
    }

    private func note(_ problem: Problem, at token: ConditionToken) {
        log.report(problem, in: node, character: token.offset, found: token.text)
    }
}

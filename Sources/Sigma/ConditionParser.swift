// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads a rule's condition.
///
///     or     = and ("or" and)*
///     and    = not ("and" not)*
///     not    = "not" not | primary
///     primary = "(" or ")" | ("1" | "any" | "all") "of" ("them" | pattern) | name
struct ConditionParser {
    private let context: ParseContext
    private let selections: [Selection]

    init(_ context: ParseContext, _ selections: [Selection]) {
        self.context = context
        self.selections = selections
    }

    /// The condition with all selections in place; nil when something in it, or in a selection
    /// that it names, is wrong, which has been told.
    func expression(of node: Node) -> Expression? {
        guard let scalar = node.scalar else {
            context.report(.wrongType("condition", expected: "a text"), at: node)
            return nil
        }
        var place = context.location(of: node)
        if scalar.style != .plain { place.column += 1 }
        var reader = ConditionReader(scalar.string, at: place, context, selections)
        let expression = reader.wholeCondition()
        guard !reader.hasFailed else { return nil }
        for selection in selections where !reader.used.contains(selection.name) {
            context.report(.unusedSelection(selection.name), at: selection.location)
        }
        return expression
    }
}

/// One pass over a condition's words.
private struct ConditionReader {
    private let context: ParseContext
    private let selections: [Selection]
    private let place: SourceLocation
    private let words: [(text: String, column: Int)]
    private var index = 0
    private(set) var used: Set<String> = []
    private(set) var hasFailed = false
    private static let depthLimit = 64

    init(
        _ text: String, at place: SourceLocation, _ context: ParseContext, _ selections: [Selection]
    ) {
        self.context = context
        self.selections = selections
        self.place = place
        words = Self.words(of: text)
    }

    /// Splits at blanks and parentheses, each word with its offset in scalars.
    private static func words(of text: String) -> [(String, Int)] {
        var words: [(String, Int)] = []
        var word = ""
        var start = 0
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            let isBlank = scalar.properties.isWhitespace
            let isMark = scalar == "(" || scalar == ")" || scalar == "|"
            if isBlank || isMark {
                if !word.isEmpty { words.append((word, start)) }
                word = ""
                if isMark { words.append((String(scalar), offset)) }
                continue
            }
            if word.isEmpty { start = offset }
            word.unicodeScalars.append(scalar)
        }
        if !word.isEmpty { words.append((word, start)) }
        return words
    }

    mutating func wholeCondition() -> Expression? {
        let expression = or(depth: 0)
        if !hasFailed, index < words.count {
            fail(.conditionSyntax(found: found, expected: "`and`, `or` or the end"))
        }
        return hasFailed ? nil : expression
    }

    private var found: String { index < words.count ? "`\(words[index].text)`" : "nothing" }

    private mutating func fail(_ problem: Problem) {
        guard !hasFailed else { return }
        hasFailed = true
        var location = place
        let last = words.last.map { $0.column + $0.text.unicodeScalars.count } ?? 0
        location.column += index < words.count ? words[index].column : last
        context.report(problem, at: location)
    }

    private func isWord(_ word: String, at position: Int) -> Bool {
        position < words.count && words[position].text.lowercased() == word
    }

    private mutating func take(_ word: String) -> Bool {
        guard isWord(word, at: index) else { return false }
        index += 1
        return true
    }

    private mutating func or(depth: Int) -> Expression? {
        joined(by: "or", Expression.or, depth: depth) { $0.and(depth: $1) }
    }

    private mutating func and(depth: Int) -> Expression? {
        joined(by: "and", Expression.and, depth: depth) { $0.not(depth: $1) }
    }

    private mutating func joined(
        by word: String, _ join: ([Expression]) -> Expression, depth: Int,
        _ part: (inout Self, Int) -> Expression?
    ) -> Expression? {
        var parts: [Expression?] = []
        repeat { parts.append(part(&self, depth)) } while !hasFailed && take(word)
        let right = parts.compactMap(\.self)
        guard right.count == parts.count else { return nil }
        return right.count == 1 ? right[0] : join(right)
    }

    private mutating func not(depth: Int) -> Expression? {
        guard depth < Self.depthLimit else {
            fail(.conditionTooDeep)
            return nil
        }
        if take("not") { return not(depth: depth + 1).map(Expression.not) }
        if take("(") {
            let inner = or(depth: depth + 1)
            if !hasFailed, !take(")") {
                fail(.conditionSyntax(found: found, expected: "`)`"))
            }
            return inner
        }
        return primary()
    }

    private mutating func primary() -> Expression? {
        let reserved = ["and", "or", "of", "them", ")", "|"]
        guard index < words.count, !reserved.contains(words[index].text.lowercased()) else {
            fail(.conditionSyntax(found: found, expected: "a selection"))
            return nil
        }
        if isWord("of", at: index + 1) { return quantified() }
        let name = words[index].text
        guard let selection = selections.first(where: { $0.name == name }) else {
            fail(.unknownSelection(name, known: selections.map(\.name)))
            return nil
        }
        index += 1
        used.insert(name)
        return selection.expression
    }

    /// `1 of x*`, `all of them`.
    private mutating func quantified() -> Expression? {
        let quantifier = words[index].text.lowercased()
        guard ["1", "any", "all"].contains(quantifier) else {
            fail(.conditionSyntax(found: found, expected: "`1`, `any` or `all`"))
            return nil
        }
        index += 2
        guard index < words.count, !["and", "or", "not", "(", ")"].contains(words[index].text)
        else {
            fail(.conditionSyntax(found: found, expected: "`them` or a pattern such as `word_*`"))
            return nil
        }
        let pattern = words[index].text
        let isThem = pattern.lowercased() == "them"
        let chosen = selections.filter { selection in
            isThem ? !selection.name.hasPrefix("_") : Self.matches(selection.name, pattern)
        }
        guard !chosen.isEmpty else {
            fail(.noSelectionLike(pattern))
            return nil
        }
        index += 1
        used.formUnion(chosen.map(\.name))
        let parts = chosen.compactMap(\.expression)
        guard parts.count == chosen.count else { return nil }
        if parts.count == 1 { return parts[0] }
        return quantifier == "all" ? .and(parts) : .or(parts)
    }

    /// Whether a name is like a pattern in which `*` is any text.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard pieces.count > 1 else { return name == pattern }
        guard name.hasPrefix(pieces[0]) else { return false }
        var rest = name.dropFirst(pieces[0].count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(pieces[pieces.count - 1])
    }
}

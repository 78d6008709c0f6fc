// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// A named part of a rule's detection.
struct Selection {
    let name: String
    let location: SourceLocation
    /// Nil when something in it is wrong, which has been told.
    let expression: Expression?

    /// The expression under the selection's name.
    var named: Expression? { expression.map { .named(.selection(name), $0) } }
}

/// Reads the selections and the conditions of a rule or a filter.
struct ConditionParser {
    private let context: ParseContext
    /// `detection` or `filter`.
    private let document: String

    init(_ context: ParseContext, of document: String) {
        self.context = context
        self.document = document
    }

    /// The condition with all selections in place; of several, one is enough. Nil when something
    /// in it, or in a selection, is wrong, which has been told.
    func expression(
        in members: Node.Mapping, at node: Node, except reserved: [String] = []
    ) -> Expression? {
        var selections: [Selection] = []
        for (key, value) in members {
            guard let name = key.scalar?.string, !(reserved + ["condition"]).contains(name) else {
                continue
            }
            let expression = SelectionParser(context).expression(of: value, name: name)
            selections.append(
                Selection(name: name, location: context.location(of: key), expression: expression))
        }
        guard let condition = members["condition"], !condition.isNull else {
            let example = document == "filter" ? "condition: not known" : "condition: words"
            context.report(.missing("condition", example: example), at: node)
            return nil
        }
        let conditions = condition.sequence.map(Array.init) ?? [condition]
        // Of a filter, pySigma takes one condition only.
        guard !conditions.isEmpty, document != "filter" || condition.sequence == nil else {
            context.report(.wrongType("condition", expected: "a text"), at: condition)
            return nil
        }
        return expression(of: conditions, selections)
    }

    private func expression(of conditions: [Node], _ selections: [Selection]) -> Expression? {
        var used: Set<String> = []
        var parts: [Expression] = []
        var isRight = true
        for condition in conditions {
            guard context.count(condition), let scalar = condition.scalar else {
                context.report(.wrongType("condition", expected: "a text"), at: condition)
                return nil
            }
            do throws(ConditionError) {
                let tree = try ConditionSyntax.tree(of: scalar.string)
                if let part = try expression(of: tree, selections, &used) { parts.append(part) }
            } catch {
                var place = context.location(of: condition)
                place.column += error.offset + (scalar.style == .plain ? 0 : 1)
                context.report(error.problem, at: place)
                isRight = false
            }
        }
        guard isRight else { return nil }
        for selection in selections where !used.contains(selection.name) {
            context.report(.unusedSelection(selection.name), at: selection.location)
        }
        guard parts.count == conditions.count else { return nil }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private func expression(
        of tree: ConditionTree, _ selections: [Selection], _ used: inout Set<String>
    ) throws(ConditionError) -> Expression? {
        switch tree {
        case .name(let word):
            guard let selection = selections.first(where: { $0.name == word.text }) else {
                throw ConditionError(
                    problem: .unknownSelection(
                        word.text, known: selections.map(\.name), of: document),
                    offset: word.offset)
            }
            used.insert(word.text)
            return selection.named
        case .some(let word): return try chosen(word, selections, &used, join: Expression.or)
        case .every(let word): return try chosen(word, selections, &used, join: Expression.and)
        case .not(let part): return try expression(of: part, selections, &used).map(Expression.not)
        case .and(let trees): return try joined(trees, selections, &used, join: Expression.and)
        case .or(let trees): return try joined(trees, selections, &used, join: Expression.or)
        }
    }

    private func joined(
        _ trees: [ConditionTree], _ selections: [Selection], _ used: inout Set<String>,
        join: ([Expression]) -> Expression
    ) throws(ConditionError) -> Expression? {
        var parts: [Expression] = []
        for tree in trees {
            if let part = try expression(of: tree, selections, &used) { parts.append(part) }
        }
        return parts.count == trees.count ? join(parts) : nil
    }

    /// The selections that `them` or a pattern names; those that begin with `_` only where the
    /// pattern does.
    private func chosen(
        _ pattern: ConditionWord, _ selections: [Selection], _ used: inout Set<String>,
        join: ([Expression]) -> Expression
    ) throws(ConditionError) -> Expression? {
        let chosen = selections.filter { selection in
            (pattern.text.hasPrefix("_") || !selection.name.hasPrefix("_"))
                && (pattern.text == "them" || Self.matches(selection.name, pattern.text))
        }
        guard !chosen.isEmpty else {
            throw ConditionError(problem: .noSelectionLike(pattern.text), offset: pattern.offset)
        }
        used.formUnion(chosen.map(\.name))
        let parts = chosen.compactMap(\.named)
        guard parts.count == chosen.count else { return nil }
        return parts.count == 1 ? parts[0] : join(parts)
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

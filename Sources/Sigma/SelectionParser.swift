// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads one selection.
///
/// A mapping of fields: all must match. A list of values: each is looked for in all texts, and
/// one is enough. A list of mappings, of values and of such lists: one is enough.
struct SelectionParser {
    private let context: ParseContext
    /// Lists in lists that may be unfolded.
    private static let depthLimit = 16

    init(_ context: ParseContext) { self.context = context }

    /// The selection's meaning, or nil when something in it is wrong, which has been told.
    func expression(of node: Node, name: String) -> Expression? {
        expression(of: node, name: name, depth: 0)
    }

    private func expression(of node: Node, name: String, depth: Int) -> Expression? {
        guard context.count(node) else { return nil }
        if let fields = node.mapping { return all(fields, at: node, name: name) }
        guard let list = node.sequence else {
            guard let keyword = keyword(at: node) else { return nil }
            return expression(keyword, node)
        }
        guard !list.isEmpty else {
            context.report(.emptySelection(name), at: node)
            return nil
        }
        guard depth < Self.depthLimit else {
            context.report(.tooLarge, at: node)
            return nil
        }
        return Self.joined(
            list.map { expression(of: $0, name: name, depth: depth + 1) }, by: Expression.or)
    }

    private func keyword(at node: Node) -> FieldComparison? {
        FieldComparison(key: "", at: context.location(of: node), context)
    }

    private func all(_ fields: Node.Mapping, at node: Node, name: String) -> Expression? {
        guard !fields.isEmpty else {
            context.report(.emptySelection(name), at: node)
            return nil
        }
        return Self.joined(fields.map { fieldExpression($0.key, $0.value) }, by: Expression.and)
    }

    /// All parts as one, or nil when one of them is wrong.
    private static func joined(
        _ parts: [Expression?], by join: ([Expression]) -> Expression
    ) -> Expression? {
        let right = parts.compactMap(\.self)
        guard right.count == parts.count else { return nil }
        return right.count == 1 ? right[0] : join(right)
    }

    private func fieldExpression(_ key: Node, _ value: Node) -> Expression? {
        guard let text = key.scalar?.string else {
            context.report(.badValue("a mapping or list is no field's name"), at: key)
            return nil
        }
        guard let comparison = FieldComparison(key: text, at: context.location(of: key), context)
        else { return nil }
        let values = value.sequence.map(Array.init) ?? [value]
        guard !values.isEmpty else {
            context.report(.emptySelection(text), at: value)
            return nil
        }
        if values.count == 1, comparison.matchesAll {
            context.report(.allOfOne, at: comparison.location)
        }
        if values.count > 1, let null = values.first(where: \.isNull) {
            context.report(.nullInList, at: null)
        }
        let join = comparison.matchesAll ? Expression.and : Expression.or
        let joined = Self.joined(values.map { expression(comparison, $0) }, by: join)
        return comparison.isNegated ? joined.map(Expression.not) : joined
    }

    /// The comparison with one value.
    private func expression(_ comparison: FieldComparison, _ node: Node) -> Expression? {
        guard context.count(node) else { return nil }
        guard let scalar = node.scalar else {
            context.report(.badValue("a mapping or list cannot be compared with"), at: node)
            return nil
        }
        let place = context.location(of: node)
        do throws(Problem) {
            let value = try comparison.modified(
                comparison.takesExpressions
                    ? .regex(RegexPattern(expression: scalar.string)) : Self.value(of: node))
            return try ValueMeaning(comparison, at: place, context).expression(of: value)
        } catch {
            context.report(error, at: place)
            // What was made in vain counts too.
            if error == .tooManyForms {
                _ = context.count(FieldComparison.expansionLimit, at: place)
            }
            return nil
        }
    }

    private static func value(of node: Node) -> RuleValue {
        let text = node.scalar?.string ?? ""
        if node.isNull { return .null }
        if let flag = node.plainFlag { return .boolean(flag) }
        if let number = node.plainNumber { return .number(number, text) }
        return .text(TextValue(text))
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads one selection: a mapping of fields (all must match) or a list of such (one must).
struct SelectionParser {
    private let context: ParseContext

    init(_ context: ParseContext) { self.context = context }

    /// The selection's meaning, or nil when something in it is wrong, which has been told.
    func expression(of node: Node, name: String) -> Expression? {
        guard context.count(node) else { return nil }
        if let fields = node.mapping { return all(fields, at: node, name: name) }
        guard let list = node.sequence else {
            context.report(.keywords, at: node)
            return nil
        }
        guard !list.isEmpty else {
            context.report(.emptySelection(name), at: node)
            return nil
        }
        if let keyword = list.first(where: { $0.mapping == nil }) {
            context.report(.keywords, at: keyword)
            return nil
        }
        return Self.joined(list.map { expression(of: $0, name: name) }, by: Expression.or)
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
        guard let text = key.string,
            let comparison = FieldComparison(key: text, at: context.location(of: key), context)
        else { return nil }
        guard let list = value.sequence else { return expression(comparison, value) }
        guard !list.isEmpty else {
            context.report(.emptySelection(text), at: value)
            return nil
        }
        let join = comparison.matchesAll ? Expression.and : Expression.or
        return Self.joined(list.map { expression(comparison, $0) }, by: join)
    }

    private func expression(_ comparison: FieldComparison, _ value: Node) -> Expression? {
        guard context.count(value) else { return nil }
        guard let scalar = value.scalar else {
            context.report(.badValue("a mapping or list cannot be compared with"), at: value)
            return nil
        }
        let place = context.location(of: value)
        if comparison.kind == .regex { return regex(comparison, scalar.string, at: place) }
        if scalar.style == .plain, comparison.kind == .whole,
            let plain = plainValue(comparison.field, value)
        {
            return comparison.match(plain, at: place)
        }
        return string(comparison, scalar.string, at: place)
    }

    /// What an unquoted value means besides a text; a number that a text is compared with is a
    /// text.
    private func plainValue(_ field: String, _ value: Node) -> MatchValue? {
        if value.isNull { return .null }
        if let flag = value.bool { return .boolean(flag) }
        if !context.fields.contains(field), let number = value.float { return .number(number) }
        return nil
    }

    private func regex(
        _ comparison: FieldComparison, _ expression: String, at place: SourceLocation
    ) -> Expression? {
        guard !expression.isEmpty else {
            context.report(.badValue("an empty expression"), at: place)
            return nil
        }
        if let reason = RegexScreening.refusal(of: expression) {
            context.report(.regexRefused(expression: expression, reason: reason), at: place)
            return nil
        }
        var pattern = comparison.regexOptions
        pattern.expression = expression
        return comparison.match(.regex(pattern), at: place)
    }

    private func string(
        _ comparison: FieldComparison, _ text: String, at place: SourceLocation
    ) -> Expression? {
        guard !text.isEmpty else {
            context.report(.badValue("an empty text"), at: place)
            return nil
        }
        let pattern = StringPattern(text, comparison.kind)
        guard !pattern.parts.isEmpty else {
            context.report(.matchesEverything, at: place)
            return .not(comparison.match(.null, at: place))
        }
        return comparison.match(.string(pattern), at: place)
    }
}

/// A selection's key: the field and how its values are compared, as `field|modifier|…` says.
struct FieldComparison {
    enum Kind {
        case whole, contains, startsWith, endsWith, regex
    }

    let field: String
    private(set) var kind = Kind.whole
    private(set) var matchesAll = false
    private(set) var regexOptions = RegexPattern(expression: "")

    /// Nil when something is wrong with it, which is told.
    init?(key: String, at location: SourceLocation, _ context: ParseContext) {
        let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        field = parts[0]
        guard !field.isEmpty else {
            context.report(.keywords, at: location)
            return nil
        }
        var column = location.column + field.unicodeScalars.count + 1
        for modifier in parts.dropFirst() {
            if let problem = apply(modifier) {
                var place = location
                place.column = column
                context.report(problem, at: place)
                return nil
            }
            column += modifier.unicodeScalars.count + 1
        }
        if !context.fields.contains(field), let known = nearestName(to: field, in: context.fields) {
            context.report(.unknownField(field, known: known), at: location)
        }
    }

    /// The comparison with one value, which stands at `place`.
    func match(_ value: MatchValue, at place: SourceLocation) -> Expression {
        .match(FieldMatch(field: field, value: value, location: place))
    }

    /// Takes one modifier in; what is wrong with it, or nil.
    private mutating func apply(_ modifier: String) -> Problem? {
        let kinds: [String: Kind] = [
            "contains": .contains, "startswith": .startsWith, "endswith": .endsWith, "re": .regex,
        ]
        if let wanted = kinds[modifier] {
            guard kind == .whole else {
                return .modifierOrder("`\(modifier)` cannot be joined with the modifier before it")
            }
            kind = wanted
            return nil
        }
        switch modifier {
        case "all": matchesAll = true
        case "i" where kind == .regex: regexOptions.isCaseless = true
        case "m" where kind == .regex: regexOptions.isMultiline = true
        case "s" where kind == .regex: regexOptions.dotMatchesNewline = true
        case "i", "m", "s": return .modifierOrder("`\(modifier)` does not follow `re`")
        case _ where Problem.laterModifiers.contains(modifier):
            return .unsupportedModifier(modifier)
        default: return .unknownModifier(modifier)
        }
        return nil
    }
}

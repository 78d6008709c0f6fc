// SPDX-License-Identifier: Apache-2.0

/// What a value means once all modifiers were applied to it.
struct ValueMeaning {
    private let comparison: FieldComparison
    private let place: SourceLocation
    private let context: ParseContext

    init(_ comparison: FieldComparison, at place: SourceLocation, _ context: ParseContext) {
        self.comparison = comparison
        self.place = place
        self.context = context
    }

    func expression(of value: RuleValue) throws(Problem) -> Expression {
        guard case .anyOf(let values) = value else { return try single(value) }
        guard context.count(values.count, at: place) else { throw .tooLarge }
        var alternatives: [Expression] = []
        for value in values {
            let alternative = try expression(of: value)
            if !alternatives.contains(alternative) || values.count > 100 {
                alternatives.append(alternative)
            }
        }
        return alternatives.count == 1 ? alternatives[0] : .or(alternatives)
    }

    private func single(_ value: RuleValue) throws(Problem) -> Expression {
        if comparison.field == nil { try checkKeyword(value) }
        switch value {
        case .text(let text): return try string(text)
        case .regex(let pattern): return try regex(pattern)
        case .number(let number, let written):
            guard comparison.field.map(context.vocabulary.holdsText) ?? true else {
                return match(.number(number))
            }
            return try string(TextValue(written))
        case .boolean(let flag): return match(.boolean(flag))
        case .null: return match(.null)
        case .exists(let flag): return match(.exists(flag))
        case .order(let ordering, let number): return match(.order(ordering, number))
        case .network(let network): return match(.network(network))
        case .field(let reference):
            context.checkField(reference.name, at: place)
            return match(.field(reference))
        case .datePart(let part, let ordering, let number):
            if ordering == .equal, !part.values.contains(number) {
                context.report(.noSuchDate(part, part.describedValues), at: place)
            }
            return match(.datePart(part, ordering, number))
        case .anyOf: return try expression(of: value)
        }
    }

    private func match(_ value: MatchValue) -> Expression {
        .match(FieldMatch(field: comparison.field, value: value, location: place))
    }

    /// A keyword is a text, an expression, or a number as it is written.
    private func checkKeyword(_ value: RuleValue) throws(Problem) {
        switch value {
        case .text, .regex, .number, .anyOf: return
        default: throw .keyword(value.described)
        }
    }

    private func string(_ text: TextValue) throws(Problem) -> Expression {
        guard var pattern = text.pattern else { throw .noJSONText }
        if text.literalBytes.contains(0) { context.report(.nulCharacters, at: place) }
        if comparison.field == nil {
            // A keyword is looked for anywhere, unless it says at which end.
            pattern.anchoredStart = comparison.modifiers.contains(.startswith)
            pattern.anchoredEnd = comparison.modifiers.contains(.endswith)
            guard !pattern.parts.isEmpty else { throw .keyword("any text") }
        }
        return pattern.isAnything ? everything() : match(.string(pattern))
    }

    /// Whatever the field holds is: it holds something.
    private func everything() -> Expression {
        context.report(.matchesEverything, at: place)
        return .not(match(.null))
    }

    private func regex(_ pattern: RegexPattern) throws(Problem) -> Expression {
        let expression = pattern.expression
        guard !expression.isEmpty else { throw .badValue("an empty expression") }
        if let reason = RegexScreening.refusal(of: expression) {
            throw .regexRefused(expression: expression, reason: reason)
        }
        if RegexReading.isAnything(pattern) {
            guard comparison.field != nil else { throw .keyword("any text") }
            return everything()
        }
        if !comparison.modifiers.contains(.expand),
            let better = RegexReading.plainForm(of: pattern, field: comparison.field)
        {
            context.report(.regexIsLiteral(better), at: place)
        }
        return match(.regex(pattern))
    }
}

extension StringPattern {
    /// Nothing is said of the text.
    fileprivate var isAnything: Bool { parts.isEmpty && !anchoredStart && !anchoredEnd }
}

extension DatePart {
    /// The values that the part can have (Sigma specification, "Time Modifiers"); SQLite's weeks
    /// begin with 0, ISO's end with 53.
    fileprivate var values: ClosedRange<Double> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .week: 0...53
        case .month: 1...12
        case .year: 0...9999
        }
    }

    fileprivate var describedValues: String {
        "a number between \(Int(values.lowerBound)) and \(Int(values.upperBound))"
    }
}

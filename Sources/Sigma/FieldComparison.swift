// SPDX-License-Identifier: Apache-2.0

/// A selection's key: the field and how its values are compared, as `field|modifier|…` says.
struct FieldComparison {
    /// Nil for a search in all texts.
    let field: String?
    let location: SourceLocation
    private(set) var modifiers: [Modifier] = []
    private let context: ParseContext
    /// Into how many a value may unfold.
    static let expansionLimit = 10_000

    /// Nil when something is wrong with it, which is told.
    init?(key: String, at location: SourceLocation, _ context: ParseContext) {
        self.location = location
        self.context = context
        let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        field = parts[0].isEmpty ? nil : parts[0]
        var place = location
        place.column += parts[0].unicodeScalars.count + 1
        for name in parts.dropFirst() {
            guard let modifier = Modifier(name: name) else {
                context.report(.unknownModifier(name), at: place)
                return nil
            }
            if let problem = modifier.problem(after: modifiers) {
                context.report(problem, at: place)
                return nil
            }
            modifiers.append(modifier)
            place.column += name.unicodeScalars.count + 1
        }
        let places = modifiers.filter { [.contains, .startswith, .endswith].contains($0) }
        if places.count > 1 { context.report(.severalPlaces(places), at: location) }
        if let field { context.checkField(field, at: location) }
    }

    var matchesAll: Bool { modifiers.contains(.all) }
    var isNegated: Bool { modifiers.contains(.neq) }
    var takesExpressions: Bool { modifiers.first == .re }

    /// What a value has become after all modifiers, in their order.
    func modified(_ value: RuleValue) throws(Problem) -> RuleValue {
        var value = value
        for modifier in modifiers where !modifier.isAboutTheList && modifier != .re {
            value = try apply(modifier, to: value)
        }
        return value
    }

    private func apply(_ modifier: Modifier, to value: RuleValue) throws(Problem) -> RuleValue {
        if case .anyOf(let values) = value {
            var applied: [RuleValue] = []
            for value in values { applied.append(try apply(modifier, to: value)) }
            return .anyOf(applied)
        }
        switch modifier {
        case .contains, .startswith, .endswith, .cased: return try extended(value, by: modifier)
        case .i, .m, .s: return try withOption(modifier, value)
        case .base64, .base64offset, .utf16le, .utf16be, .utf16, .wide, .windash:
            return try encoded(value, by: modifier)
        case .expand: return try expanded(value)
        case .cidr: return .network(try Network(try text(of: value, for: modifier).written))
        case .fieldref: return .field(try reference(value))
        case .exists:
            guard case .boolean(let flag) = value else {
                throw .modifierValue(
                    modifier, found: value.described,
                    wanted: "true or false, without quotation marks")
            }
            return .exists(flag)
        default: return try compared(value, by: modifier)
        }
    }

    /// The text that a modifier of texts is applied to; `contains` and the like take a number too,
    /// as it is written.
    private func text(
        of value: RuleValue, for modifier: Modifier
    ) throws(Problem) -> TextValue {
        switch value {
        case .text(let text): return text
        case .number(_, let written) where !modifier.isForTexts: return TextValue(written)
        default:
            var wanted = "a text"
            if case .number = value { wanted += ", in quotation marks" }
            throw .modifierValue(modifier, found: value.described, wanted: wanted)
        }
    }

    private func extended(
        _ value: RuleValue, by modifier: Modifier
    ) throws(Problem) -> RuleValue {
        switch value {
        // An expression is found anywhere already.
        case .regex where modifier == .contains: return value
        case .field(var reference):
            switch modifier {
            case .cased: reference.isCased = true
            case .contains: reference.relation = .contains
            case .startswith:
                reference.relation = reference.relation == .equals ? .startsWith : .contains
            default: reference.relation = reference.relation == .equals ? .endsWith : .contains
            }
            return .field(reference)
        default: break
        }
        var text = try text(of: value, for: modifier)
        switch modifier {
        case .cased: text.isCased = true
        case .contains: text.parts = [.anyRun] + text.parts + [.anyRun]
        case .startswith: text.parts.append(.anyRun)
        default: text.parts.insert(.anyRun, at: 0)
        }
        return .text(text)
    }

    private func withOption(
        _ modifier: Modifier, _ value: RuleValue
    ) throws(Problem) -> RuleValue {
        guard case .regex(var pattern) = value else {
            throw .modifierValue(modifier, found: value.described, wanted: "an expression")
        }
        switch modifier {
        case .i: pattern.isCaseless = true
        case .m: pattern.isMultiline = true
        default: pattern.dotMatchesNewline = true
        }
        return .regex(pattern)
    }

    private func encoded(
        _ value: RuleValue, by modifier: Modifier
    ) throws(Problem) -> RuleValue {
        let text = try text(of: value, for: modifier)
        let encoded: TextValue?
        switch modifier {
        case .windash:
            guard let forms = text.withOptionMarks(limit: Self.expansionLimit) else {
                throw .tooManyForms
            }
            return .anyOf(forms.map(RuleValue.text))
        case .base64, .base64offset:
            guard !text.hasWildcards else { throw .wildcardRefused(modifier) }
            if modifier == .base64 { return .text(text.base64) }
            guard let forms = text.base64AtOffsets else { throw .tooShortForOffset }
            return .anyOf(forms.map(RuleValue.text))
        case .utf16be: encoded = text.utf16(.big)
        case .utf16: encoded = text.utf16(.little, mark: true)
        default: encoded = text.utf16(.little)
        }
        guard let encoded else { throw .noJSONText }
        return .text(encoded)
    }

    private func expanded(_ value: RuleValue) throws(Problem) -> RuleValue {
        let placeholders = Placeholders(
            values: context.vocabulary.placeholders, limit: Self.expansionLimit)
        if case .regex(let pattern) = value {
            return .anyOf(try placeholders.expanded(pattern).map(RuleValue.regex))
        }
        return .anyOf(
            try placeholders.expanded(try text(of: value, for: .expand)).map(RuleValue.text))
    }

    private func reference(_ value: RuleValue) throws(Problem) -> FieldReference {
        let text = try text(of: value, for: .fieldref)
        guard !text.hasWildcards else { throw .wildcardRefused(.fieldref) }
        let name = text.written
        guard !name.isEmpty else { throw .badValue("a field's name cannot be empty") }
        return FieldReference(name: name, relation: .equals, isCased: text.isCased)
    }

    private func compared(
        _ value: RuleValue, by modifier: Modifier
    ) throws(Problem) -> RuleValue {
        switch value {
        case .number(let number, _):
            if let ordering = modifier.ordering { return .order(ordering, number) }
            guard let part = modifier.datePart else { break }
            guard number.rounded() == number else {
                throw .modifierValue(modifier, found: "a fraction", wanted: "a whole number")
            }
            return .datePart(part, .equal, number)
        case .datePart(let part, .equal, let number):
            if let ordering = modifier.ordering { return .datePart(part, ordering, number) }
        default: break
        }
        throw .modifierValue(
            modifier, found: value.described, wanted: "a number, without quotation marks")
    }
}

extension TextValue {
    /// The text as it is meant, where it has no wildcards.
    fileprivate var written: String { String(decoding: literalBytes, as: UTF8.self) }
}

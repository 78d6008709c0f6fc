// SPDX-License-Identifier: Apache-2.0

/// Finds conditions that no event can meet.
///
/// It only tells what is certain: what it does not tell may be impossible all the same.
struct Reachability {
    private let vocabulary: Vocabulary
    /// What may still be compared: large conditions are not followed to their end.
    private var comparisonsLeft = 200_000

    /// A comparison that must hold, or must not.
    private struct Literal {
        let field: String?
        let value: MatchValue
        let isNegated: Bool

        init(_ match: FieldMatch, isNegated: Bool) {
            field = match.field
            if isNegated, case .exists(let flag) = match.value {
                value = .exists(!flag)
                self.isNegated = false
            } else {
                value = match.value
                self.isNegated = isNegated
            }
        }
    }

    private struct Signed {
        let expression: Expression
        let isNegated: Bool
    }

    init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

    /// Why no event can meet the condition, or nil when one perhaps can.
    mutating func contradiction(in condition: Expression) -> String? {
        contradiction(in: [Signed(expression: condition, isNegated: false)], after: [])
    }

    /// Why not all of `parts` and `earlier` can hold.
    private mutating func contradiction(
        in parts: [Signed], after earlier: [Literal]
    ) -> String? {
        var literals = earlier
        var choices: [[Signed]] = []
        var left = parts
        while let part = left.popLast() {
            switch part.expression {
            case .not(let inner):
                left.append(Signed(expression: inner, isNegated: !part.isNegated))
            case .named(_, let inner):
                left.append(Signed(expression: inner, isNegated: part.isNegated))
            case .match(let match):
                let literal = Literal(match, isNegated: part.isNegated)
                for other in literals {
                    comparisonsLeft -= 1
                    guard comparisonsLeft > 0 else { return nil }
                    if let reason = contradiction(of: literal, other) { return reason }
                }
                literals.append(literal)
            case .and(let inner), .or(let inner):
                let signed = inner.map { Signed(expression: $0, isNegated: part.isNegated) }
                var isConjunction = false
                if case .and = part.expression { isConjunction = true }
                // What is not "all of them" is "one of them is not".
                if isConjunction != part.isNegated {
                    left += signed
                } else {
                    choices.append(signed)
                }
            }
        }
        for choice in choices {
            var reason: String?
            for alternative in choice {
                comparisonsLeft -= 1
                guard comparisonsLeft > 0 else { return nil }
                reason = contradiction(in: [alternative], after: literals)
                if reason == nil { break }
            }
            if let reason { return reason }
        }
        return nil
    }

    private func contradiction(of first: Literal, _ second: Literal) -> String? {
        // Most comparisons end here: what is excluded is often a long list.
        if first.isNegated, second.isNegated { return nil }
        guard first.field == second.field else { return nil }
        if first.isNegated != second.isNegated {
            let (asked, excluded) = first.isNegated ? (second, first) : (first, second)
            guard asked.value.implies(excluded.value) else { return nil }
            return "it asks of \(Self.name(first.field)) what it excludes"
        }
        guard let field = first.field,
            excludes(first.value, second.value, field)
                || excludes(second.value, first.value, field)
        else { return nil }
        return Self.reason(Self.name(field), first.value, second.value)
    }

    private static func name(_ field: String?) -> String {
        field.map { "`\($0)`" } ?? "the texts"
    }

    private static func reason(
        _ name: String, _ first: MatchValue, _ second: MatchValue
    ) -> String {
        for value in [first, second] {
            if case .null = value { return "\(name) cannot be null and have a value" }
            if case .exists = value { return "\(name) cannot be missing and be there" }
        }
        if case .order = first, case .order = second {
            return "no number keeps both bounds of \(name)"
        }
        return "\(name) has one value, which cannot match both"
    }

    /// Whether two values that a field is compared with cannot both be right.
    private func excludes(_ first: MatchValue, _ second: MatchValue, _ field: String) -> Bool {
        switch (first, second) {
        case (.exists(let one), .exists(let other)): return one != other
        case (.exists(false), _): return second.needsValue
        // A list, which only other fields can hold, may have null beside a value.
        case (.null, _): return vocabulary.fields.contains(field) && second.needsValue
        default: break
        }
        guard vocabulary.metadata[field] != nil else { return false }
        switch (first, second) {
        case (.string(let one), .string(let other)): return one.excludes(other)
        case (.boolean(let one), .boolean(let other)): return one != other
        case (.number(let one), .number(let other)): return one != other
        case (.number(let number), .order(let ordering, let bound)):
            return !ordering.holds(number, bound)
        case (.order(let one, let lower), .order(let other, let upper)):
            guard one == .greater || one == .greaterOrEqual else { return false }
            if one == .greaterOrEqual, other == .lessOrEqual { return lower > upper }
            return (other == .less || other == .lessOrEqual) && lower >= upper
        case (.datePart(let one, .equal, let value), .datePart(let other, .equal, let second)):
            return one == other && value != second
        default: return false
        }
    }
}

extension MatchValue {
    /// Whether it can only hold of a value that is there and is not null.
    fileprivate var needsValue: Bool {
        switch self {
        case .string, .regex, .number, .boolean, .order, .network, .datePart: true
        case .null, .exists, .field: false
        }
    }

    /// Whether what matches this one always matches the other.
    fileprivate func implies(_ other: MatchValue) -> Bool {
        if self == other { return true }
        switch (self, other) {
        case (.string(let one), .string(let other)): return one.implies(other)
        case (.exists(false), .null): return true
        default: return false
        }
    }
}

extension StringPattern {
    /// The text of a pattern without wildcards, where folding its case is simple.
    private var plainText: String? {
        guard parts.count == 1, case .literal(let text) = parts[0],
            text.utf8.allSatisfy({ $0 < 0x80 })
        else { return nil }
        return text
    }

    /// Whether a text with this pattern always has the other; false where it is not certain.
    fileprivate func implies(_ other: StringPattern) -> Bool {
        guard isCased || !other.isCased, let part = other.plainText, let whole = plainText,
            anchoredStart || !other.anchoredStart, anchoredEnd || !other.anchoredEnd
        else { return false }
        return other.holds(of: whole, part)
    }

    /// Whether no one text has both patterns; false where it is not certain.
    fileprivate func excludes(_ other: StringPattern) -> Bool {
        guard anchoredStart, anchoredEnd, let whole = plainText, let part = other.plainText else {
            return false
        }
        let ignoringCase = StringPattern(
            parts: other.parts, anchoredStart: other.anchoredStart, anchoredEnd: other.anchoredEnd,
            isCased: isCased && other.isCased)
        return !ignoringCase.holds(of: whole, part)
    }

    private func holds(of text: String, _ part: String) -> Bool {
        // Most are told apart by their lengths alone: long lists are compared with each other.
        guard part.utf8.count <= text.utf8.count else { return false }
        let text = isCased ? text : text.lowercased()
        let part = isCased ? part : part.lowercased()
        switch (anchoredStart, anchoredEnd) {
        case (true, true): return text == part
        case (true, false): return text.hasPrefix(part)
        case (false, true): return text.hasSuffix(part)
        case (false, false):
            return text.utf8.indices.contains { text.utf8[$0...].starts(with: part.utf8) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What may follow a field's name in a selection (Sigma specification, "Sigma Modifiers").
enum Modifier: String, CaseIterable {
    case contains, startswith, endswith
    case all, neq, cased
    case re, i, m, s
    case base64, base64offset, utf16le, utf16be, utf16, wide, windash
    case cidr, exists, fieldref, expand
    case gt, gte, lt, lte
    case minute, hour, day, week, month, year

    /// The modifier of that name; pySigma knows the expressions' options by longer names too.
    init?(name: String) {
        switch name {
        case "ignorecase": self = .i
        case "multiline": self = .m
        case "dotall": self = .s
        default: self.init(rawValue: name)
        }
    }

    /// Whether it says how the values of a list are joined, and is not applied to each.
    var isAboutTheList: Bool { self == .all || self == .neq }

    /// Whether it takes values as they are written, so that nothing may come before it.
    var comesFirst: Bool { self == .re || self == .cidr || self == .exists }

    var isExpressionOption: Bool { self == .i || self == .m || self == .s }

    /// Whether it is for texts alone (Sigma specification, "String Modifiers"), so that a number
    /// must be quoted.
    var isForTexts: Bool {
        switch self {
        case .base64, .base64offset, .utf16le, .utf16be, .utf16, .wide, .windash, .expand,
            .fieldref, .cidr:
            true
        default: false
        }
    }

    var ordering: Ordering? { Ordering(rawValue: rawValue).flatMap { $0 == .notEqual ? nil : $0 } }

    var datePart: DatePart? { DatePart(rawValue: rawValue) }

    /// What is wrong with a modifier after others, or nil; the values are not looked at here.
    func problem(after earlier: [Modifier]) -> Problem? {
        if earlier.contains(self) {
            return .modifierOrder("`\(rawValue)` stands twice", help: "remove one of them")
        }
        if comesFirst, let first = earlier.first {
            return .modifierOrder(
                "`\(rawValue)` comes after `\(first.rawValue)`",
                help: "let it follow the field: it takes values as they are written")
        }
        let beforeReference: [Modifier] = [.all, .neq, .cased, .expand]
        if self == .fieldref, let wrong = earlier.first(where: { !beforeReference.contains($0) }) {
            return .modifierOrder(
                "`fieldref` comes after `\(wrong.rawValue)`",
                help: "let `fieldref` follow the field, and `contains`, `startswith` or `endswith` "
                    + "follow `fieldref`")
        }
        if isExpressionOption, !earlier.contains(.re) {
            return .modifierOrder(
                "`\(rawValue)` does not follow `re`",
                help: "write `re|\(rawValue)`: it is an option of regular expressions")
        }
        if datePart != nil, let ordering = earlier.first(where: { $0.ordering != nil }) {
            return .modifierOrder(
                "`\(rawValue)` comes after `\(ordering.rawValue)`",
                help: "write `\(rawValue)|\(ordering.rawValue)`: first the part of the date, then "
                    + "how it is compared")
        }
        if self == .startswith || self == .endswith, earlier.contains(.re) {
            return .modifierOrder(
                "`\(rawValue)` cannot follow `re`",
                help: "write `^` at the beginning or `$` at the end of the expression")
        }
        return nil
    }
}

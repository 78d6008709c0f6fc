// SPDX-License-Identifier: Apache-2.0

/// A value of a selection on its way through the modifiers.
indirect enum RuleValue {
    case text(TextValue)
    case regex(RegexPattern)
    /// A plain number, and how it is written.
    case number(Double, String)
    case boolean(Bool)
    case null
    case exists(Bool)
    case order(Ordering, Double)
    case network(Network)
    case field(FieldReference)
    case datePart(DatePart, Ordering, Double)
    /// What one value has become of which one is enough, whatever joins the values of the list.
    case anyOf([RuleValue])

    /// What it is, for messages.
    var described: String {
        switch self {
        case .text: "a text"
        case .regex: "a regular expression"
        case .number: "a number"
        case .boolean: "true or false"
        case .null: "null"
        case .exists: "`exists`"
        case .order: "a comparison of numbers"
        case .network: "a network"
        case .field: "a field's name"
        case .datePart: "a part of a date"
        case .anyOf: "several values"
        }
    }
}

/// A text with wildcards; bytes, because `utf16` makes what is no text until `base64` follows.
struct TextValue: Equatable {
    enum Part: Equatable {
        case literal([UInt8])
        case anyRun
        case anyOne
    }

    var parts: [Part]
    var isCased = false

    /// Neighbouring literals become one.
    init(parts: [Part], isCased: Bool = false) {
        self.parts = []
        self.isCased = isCased
        for part in parts where part != .literal([]) {
            if case .literal(let more) = part, case .literal(let before) = self.parts.last {
                self.parts[self.parts.count - 1] = .literal(before + more)
            } else {
                self.parts.append(part)
            }
        }
    }

    /// Reads a value with its wildcards.
    ///
    /// `*` is any text, `?` any one character; a backslash before one of `* ? \` takes its
    /// meaning away, and is itself before anything else (Sigma specification, "Escape
    /// Character").
    init(_ text: String) {
        parts = []
        var literal: [UInt8] = []
        var rest = text.utf8[...]
        func endLiteral(_ parts: inout [Part]) {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = []
        }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\") where rest.first.map(Self.isSpecial) ?? false:
                literal.append(rest.removeFirst())
            case UInt8(ascii: "*"):
                endLiteral(&parts)
                parts.append(.anyRun)
            case UInt8(ascii: "?"):
                endLiteral(&parts)
                parts.append(.anyOne)
            default: literal.append(byte)
            }
        }
        endLiteral(&parts)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "\\")
    }

    var hasWildcards: Bool { parts.contains { $0 == .anyRun || $0 == .anyOne } }

    /// All bytes of the literal parts.
    var literalBytes: [UInt8] {
        parts.flatMap { part -> [UInt8] in
            if case .literal(let bytes) = part { bytes } else { [] }
        }
    }

    /// The pattern that the text means in the end, or nil where it is no text.
    ///
    /// Any text at an end is what an end without an anchor means.
    var pattern: StringPattern? {
        var result: [StringPattern.Part] = []
        for part in parts {
            switch part {
            case .anyRun: if result.last != .anyRun { result.append(.anyRun) }
            case .anyOne: result.append(.anyOne)
            case .literal(let bytes):
                guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
                result.append(.literal(text))
            }
        }
        let isOpenAtStart = result.first == .anyRun
        if isOpenAtStart { result.removeFirst() }
        // A lone `*` is open at both ends.
        let isOpenAtEnd = result.last == .anyRun || (isOpenAtStart && result.isEmpty)
        if result.last == .anyRun { result.removeLast() }
        return StringPattern(
            parts: result, anchoredStart: !isOpenAtStart, anchoredEnd: !isOpenAtEnd,
            isCased: isCased)
    }
}

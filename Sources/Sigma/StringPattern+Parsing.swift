// SPDX-License-Identifier: Apache-2.0

extension StringPattern {
    /// Reads a value with its wildcards.
    ///
    /// `*` is any text, `?` any one character; a backslash before one of `* ? \` takes its
    /// meaning away, and is itself before anything else (Sigma specification, "Wildcards").
    init(_ text: String, _ kind: FieldComparison.Kind) {
        var parts: [Part] = []
        var literal = ""
        func endLiteral() {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
        }
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\\" where rest.first.map { "*?\\".contains($0) } ?? false:
                literal.append(rest.removeFirst())
            case "*":
                endLiteral()
                if parts.last != .anyRun { parts.append(.anyRun) }
            case "?":
                endLiteral()
                parts.append(.anyOne)
            default: literal.append(character)
            }
        }
        endLiteral()
        var anchoredStart = kind == .whole || kind == .startsWith
        var anchoredEnd = kind == .whole || kind == .endsWith
        // Any text at an end is what an end without an anchor means.
        if parts.first == .anyRun {
            parts.removeFirst()
            anchoredStart = false
        }
        if parts.last == .anyRun {
            parts.removeLast()
            anchoredEnd = false
        }
        self.init(parts: parts, anchoredStart: anchoredStart, anchoredEnd: anchoredEnd)
    }
}

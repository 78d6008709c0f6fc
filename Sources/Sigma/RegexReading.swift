// SPDX-License-Identifier: Apache-2.0

/// Tells the regular expressions that say no more than a plain comparison.
enum RegexReading {
    /// Whether the expression matches whatever the text is.
    static func isAnything(_ pattern: RegexPattern) -> Bool {
        var rest = pattern.expression[...]
        let isAtStart = rest.hasPrefix("^")
        if isAtStart { rest.removeFirst() }
        let isAtEnd = rest.hasSuffix("$")
        if isAtEnd { rest.removeLast() }
        let isRun = [".*", ".*?", "(.*)", "(?:.*)", ".{0,}"].contains(String(rest))
        // Between two anchors, dots that stop at line ends say something.
        return isAtStart && isAtEnd ? isRun && pattern.dotMatchesNewline : isRun || rest.isEmpty
    }

    /// The key and value that say the same as an expression without metacharacters.
    static func plainForm(of pattern: RegexPattern, field: String?) -> String? {
        var rest = pattern.expression[...]
        var isAtStart = rest.hasPrefix("^")
        if isAtStart { rest.removeFirst() }
        var isAtEnd = rest.hasSuffix("$") && !rest.hasSuffix("\\$")
        if isAtEnd { rest.removeLast() }
        // The ends of lines are no ends of texts.
        if pattern.isMultiline, isAtStart || isAtEnd { return nil }
        if rest.hasPrefix(".*") {
            // Dots stop at line ends, so that an anchor before them says something.
            if isAtStart, !pattern.dotMatchesNewline { return nil }
            rest.removeFirst(2)
            isAtStart = false
        }
        if rest.hasSuffix(".*"), !rest.hasSuffix("\\.*") {
            if isAtEnd, !pattern.dotMatchesNewline { return nil }
            rest.removeLast(2)
            isAtEnd = false
        }
        guard let literal = literal(rest) else { return nil }
        var modifiers: [String] = []
        switch (isAtStart, isAtEnd) {
        case (false, false): if field != nil { modifiers.append("contains") }
        case (true, false): modifiers.append("startswith")
        case (false, true): modifiers.append("endswith")
        // A keyword has no way to say that it is a whole text.
        case (true, true): if field == nil { return nil }
        }
        if !pattern.isCaseless { modifiers.append("cased") }
        let key = ([field ?? ""] + modifiers).joined(separator: "|")
        let value = "'\(literal.replacing("'", with: "''"))'"
        return (key.isEmpty ? value : "\(field == nil ? "'\(key)'" : key): \(value)").shortened
    }

    /// The text that an expression without metacharacters stands for, as a value of a rule.
    private static func literal(_ expression: Substring) -> String? {
        var literal = ""
        var rest = expression
        while let character = rest.popFirst() {
            var plain = character
            if character == "\\" {
                guard let next = rest.popFirst(), next.isASCII, !next.isLetter, !next.isNumber
                else { return nil }
                plain = next
            } else if ".^$*+?()[]{}|".contains(character) {
                return nil
            }
            literal += "*?\\".contains(plain) ? "\\\(plain)" : "\(plain)"
        }
        return literal.isEmpty ? nil : literal
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Tells the constructs of Perl's regular expressions that cannot run in linear time, so that
/// their authors learn it by their names and not as a compiler's riddle.
enum RegexScreening {
    /// What is wrong with the expression, or nil when it has none of these constructs.
    static func refusal(of expression: String) -> String? {
        var rest = Substring(expression)
        var isInClass = false
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                guard let next = rest.popFirst() else { return "it ends in a backslash" }
                if !isInClass, let reason = refusalOfEscape(next) { return reason }
            case "[" where !isInClass:
                isInClass = true
                // A bracket that comes first in a class stands for itself.
                if rest.first == "^" { rest.removeFirst() }
                if rest.first == "]" { rest.removeFirst() }
            case "]": isInClass = false
            case "(" where !isInClass:
                if let reason = refusalOfGroup(rest) { return reason }
            case "*", "+", "?", "}":
                guard !isInClass, rest.first == "+" else { continue }
                return "a possessive repeat `\(character)+`"
            default: continue
            }
        }
        return nil
    }

    private static func refusalOfEscape(_ next: Character) -> String? {
        if ("1"..."9").contains(next) { return "a back-reference `\\\(next)`" }
        if "kg".contains(next) { return "a back-reference `\\\(next)`" }
        if "GKR".contains(next) { return "the escape `\\\(next)`" }
        return nil
    }

    private static func refusalOfGroup(_ rest: Substring) -> String? {
        let refused = [
            ("?=", "look-ahead"), ("?!", "look-ahead"), ("?<=", "look-behind"),
            ("?<!", "look-behind"), ("?>", "an atomic group"), ("?R", "recursion"),
            ("?P=", "a back-reference"), ("?(", "a conditional group"),
            ("*", "a backtracking verb"),
        ]
        for (beginning, name) in refused where rest.hasPrefix(beginning) {
            return "\(name) `(\(beginning)`"
        }
        return nil
    }
}

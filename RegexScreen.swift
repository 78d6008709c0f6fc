// SPDX-License-Identifier: Apache-2.0

/// Looks through a regular expression for what no automaton can run.
///
/// Escapes, `\Q...\E`, classes and comments are stepped over. Anything else that may be wrong is
/// left to the compiler.
struct RegexScreen {
    /// A construct that is refused.
    struct Refusal: Equatable {
        /// Characters before it.
        var offset: Int
        /// As written: `(?=`.
        var construct: String
        var name: String
        /// What to write instead.
        var advice: String
    }

    private let text: [Character]
    private var index = 0
    private var refusals: [Refusal] = []
    /// Whether what comes just before is a quantifier, so that `+` makes it possessive.
    private var isAfterQuantifier = false

    /// The refused constructs, in the order written.
    static func refusals(in expression: String) -> [Refusal] {
        var screen = RegexScreen(text: Array(expression))
        while screen.index < screen.text.count { screen.step() }
        return screen.refusals
    }

    private init(text: [Character]) { self.text = text }

    private mutating func step() {
        let wasAfterQuantifier = isAfterQuantifier
        isAfterQuantifier = false
        switch text[index] {
        case "\\": stepOverEscape()
        case "[": stepOverClass()
        case "(": stepIntoGroup()
        case "+" where wasAfterQuantifier:
            refuse("\(text[index - 1])+", at: index - 1, .possessive)
            index += 1
        case "?" where wasAfterQuantifier: index += 1
        case "*", "+", "?":
            isAfterQuantifier = true
            index += 1
        case "{":
            let length = boundsLength()
            isAfterQuantifier = length != nil
            index += length ?? 1
        default: index += 1
        }
    }

    private mutating func refuse(_ construct: String, at offset: Int, _ family: Family) {
        refusals.append(
            Refusal(offset: offset, construct: construct, name: family.name, advice: family.advice))
    }

    private func starts(with prefix: String, at start: Int) -> Bool {
        text[start...].starts(with: prefix)
    }

    /// The length of `{2}`, `{2,}` or `{2,3}` here; other braces stand for themselves.
    private func boundsLength() -> Int? {
        guard let close = text[index...].prefix(16).firstIndex(of: "}") else { return nil }
        let bounds = text[(index + 1)..<close].split(
            separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        let areNumbers = bounds.joined().allSatisfy { $0.isASCII && $0.isNumber }
        guard areNumbers, let first = bounds.first, !first.isEmpty else { return nil }
        return close - index + 1
    }

    private mutating func stepOverEscape() {
        guard index + 1 < text.count else {
            index += 1
            return
        }
        switch text[index + 1] {
        case "Q":
            index += 2
            while index < text.count, !starts(with: "\\E", at: index) { index += 1 }
            index = min(index + 2, text.count)
        case "1"..."9":
            refuse("\\\(text[index + 1])", at: index, .backReference)
            index += 2
        case "k" where index + 2 < text.count && "<{'".contains(text[index + 2]):
            refuse("\\k\(text[index + 2])", at: index, .backReference)
            index += 3
        case "g" where index + 2 < text.count:
            let next = text[index + 2]
            refuse("\\g\(next)", at: index, next == "<" || next == "'" ? .recursion : .backReference)
            index += 3
        default: index += 2
        }
    }

    /// A `]` just after the opening `[` or `[^` is a member of the class.
    private mutating func stepOverClass() {
        index += 1
        if index < text.count, text[index] == "^" { index += 1 }
        if index < text.count, text[index] == "]" { index += 1 }
        while index < text.count, text[index] != "]" {
            if text[index] == "\\" {
                index += 2
            } else if starts(with: "[:", at: index), let end = endOfNamedClass() {
                index = end
            } else {
                index += 1
            }
        }
        index = min(index + 1, text.count)
    }

    /// Just after the `:]` of a class such as `[:alpha:]`.
    private func endOfNamedClass() -> Int? {
        var end = index + 2
        while end < text.count, text[end].isLetter || text[end] == "^" { end += 1 }
        return end < text.count && starts(with: ":]", at: end) ? end + 2 : nil
    }

    private mutating func stepIntoGroup() {
        if starts(with: "(?#", at: index) {
            index = text[index...].firstIndex(of: ")").map { $0 + 1 } ?? text.count
            return
        }
        if let (construct, family) = Self.groups.first(where: { starts(with: $0.0, at: index) }) {
            refuse(construct, at: index, family)
            index += construct.count
        } else if let construct = numberedRecursion() {
            refuse(construct, at: index, .recursion)
            index += construct.count
        } else {
            index += 1
            // The `?` of `(?:` is no quantifier, nor is the `*` of a verb.
            if index < text.count, text[index] == "?" { index += 1 }
        }
    }

    /// `(?1`, `(?+1` or `(?-1`, which call a group; `(?-i` sets options.
    private func numberedRecursion() -> String? {
        guard starts(with: "(?", at: index), index + 2 < text.count else { return nil }
        var end = index + 2
        if text[end] == "+" || text[end] == "-" { end += 1 }
        guard end < text.count, text[end].isASCII, text[end].isNumber else { return nil }
        return String(text[index...end])
    }
}

extension RegexScreen {
    /// Constructs that fail for the same reason and are mended the same way.
    fileprivate enum Family {
        case lookAhead, lookBehind, backReference, possessive, atomic, recursion, conditional, verb

        var name: String {
            switch self {
            case .lookAhead: "look-ahead"
            case .lookBehind: "look-behind"
            case .backReference: "back-reference"
            case .possessive: "possessive quantifier"
            case .atomic: "atomic group"
            case .recursion: "recursion"
            case .conditional: "conditional group"
            case .verb: "backtracking verb"
            }
        }

        var advice: String {
            switch self {
            case .lookAhead, .lookBehind:
                "write the two parts as two selections joined with `and`, or `and not`"
            case .backReference: "write the alternatives out: `(a.*a|b.*b)`"
            case .possessive: "leave out the last `+`"
            case .atomic: "write `(?:` in its place"
            case .recursion: "write the nesting out as deep as it is needed"
            case .conditional: "write the cases as alternatives: `(ab|cd)`"
            case .verb: "leave it out"
            }
        }
    }

    /// Longer ones first where one begins with another.
    private static let groups: [(String, Family)] = [
        ("(?=", .lookAhead), ("(?!", .lookAhead), ("(?<=", .lookBehind), ("(?<!", .lookBehind),
        ("(?>", .atomic), ("(?R", .recursion), ("(?&", .recursion), ("(?P>", .recursion),
        ("(?P=", .backReference), ("(?(", .conditional), ("(*", .verb),
    ]
}

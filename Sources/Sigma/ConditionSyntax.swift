// SPDX-License-Identifier: Apache-2.0

/// A condition as it is written, of a rule, a filter or a correlation.
indirect enum ConditionTree {
    case name(ConditionWord)
    /// `1 of`, `any of` and `all of`, with `them` or a pattern.
    case some(ConditionWord)
    case every(ConditionWord)
    case not(ConditionTree)
    case and([ConditionTree])
    case or([ConditionTree])
}

/// A word of a condition, and how many characters stand before it.
struct ConditionWord {
    var text: String
    var offset: Int
}

/// What is wrong with a condition, and how many characters stand before the spot.
struct ConditionError: Error {
    var problem: Problem
    var offset: Int
}

/// Reads a condition's words.
///
///     or      = and ("or" and)*
///     and     = not ("and" not)*
///     not     = "not" not | primary
///     primary = "(" or ")" | ("1" | "any" | "all") "of" ("them" | pattern) | name
///
/// Operators are in lower case, as pySigma has them.
struct ConditionSyntax {
    private let words: [ConditionWord]
    private let endOffset: Int
    private var index = 0
    private static let depthLimit = 64
    private static let operators = ["and", "or", "not", "of"]

    static func tree(of text: String) throws(ConditionError) -> ConditionTree {
        var syntax = ConditionSyntax(text)
        if let pipe = syntax.words.first(where: { $0.text == "|" }) {
            throw ConditionError(problem: .aggregation, offset: pipe.offset)
        }
        let tree = try syntax.or(depth: 0)
        guard syntax.index == syntax.words.count else {
            throw syntax.error(expected: "`and`, `or` or the end")
        }
        return tree
    }

    private init(_ text: String) {
        words = Self.words(of: text)
        endOffset = words.last.map { $0.offset + $0.text.unicodeScalars.count } ?? 0
    }

    /// Splits at blanks, parentheses and pipes.
    private static func words(of text: String) -> [ConditionWord] {
        var words: [ConditionWord] = []
        var word = ConditionWord(text: "", offset: 0)
        func endWord() {
            if !word.text.isEmpty { words.append(word) }
            word.text = ""
        }
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            if scalar == "(" || scalar == ")" || scalar == "|" {
                endWord()
                words.append(ConditionWord(text: String(scalar), offset: offset))
            } else if scalar.properties.isWhitespace {
                endWord()
            } else {
                if word.text.isEmpty { word.offset = offset }
                word.text.unicodeScalars.append(scalar)
            }
        }
        endWord()
        return words
    }

    private func isWord(_ word: String, at position: Int) -> Bool {
        position < words.count && words[position].text == word
    }

    private mutating func take(_ word: String) -> Bool {
        guard isWord(word, at: index) else { return false }
        index += 1
        return true
    }

    private func error(expected: String) -> ConditionError {
        guard index < words.count else {
            return ConditionError(
                problem: .conditionSyntax(found: "nothing", expected: expected), offset: endOffset)
        }
        let word = words[index]
        let isOperator = Self.operators.contains(word.text.lowercased())
        return ConditionError(
            problem: isOperator && word.text != word.text.lowercased()
                ? .operatorCase(word.text)
                : .conditionSyntax(found: "`\(word.text.shortened)`", expected: expected),
            offset: word.offset)
    }

    private mutating func or(depth: Int) throws(ConditionError) -> ConditionTree {
        var parts: [ConditionTree] = []
        repeat { parts.append(try and(depth: depth)) } while take("or")
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func and(depth: Int) throws(ConditionError) -> ConditionTree {
        var parts: [ConditionTree] = []
        repeat { parts.append(try not(depth: depth)) } while take("and")
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func not(depth: Int) throws(ConditionError) -> ConditionTree {
        guard depth < Self.depthLimit else {
            throw ConditionError(
                problem: .conditionTooDeep,
                offset: index < words.count ? words[index].offset : endOffset)
        }
        if take("not") { return .not(try not(depth: depth + 1)) }
        guard take("(") else { return try primary() }
        let inner = try or(depth: depth + 1)
        guard take(")") else { throw error(expected: "`)`") }
        return inner
    }

    private mutating func primary() throws(ConditionError) -> ConditionTree {
        guard index < words.count, !(Self.operators + ["them", ")"]).contains(words[index].text),
            !["AND", "OR", "NOT", "Not"].contains(words[index].text)
        else { throw error(expected: "a selection") }
        if isWord("of", at: index + 1) { return try quantified() }
        defer { index += 1 }
        return .name(words[index])
    }

    /// `1 of x*`, `all of them`.
    private mutating func quantified() throws(ConditionError) -> ConditionTree {
        let quantifier = words[index].text
        guard ["1", "any", "all"].contains(quantifier) else {
            throw error(expected: "`1`, `any` or `all`")
        }
        index += 2
        guard index < words.count,
            !(Self.operators + ["(", ")"]).contains(words[index].text)
        else { throw error(expected: "`them` or a pattern such as `word_*`") }
        defer { index += 1 }
        return quantifier == "all" ? .every(words[index]) : .some(words[index])
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Makes words of letters that stand apart: `h o w  t o`, `h.o.w t.o`.
///
/// Letters of a word are apart by one byte, the same all through; words are apart by anything
/// else that is neither letter nor digit, and become apart by one space, or by the hyphen that
/// stands apart like a letter. One word must have three letters, or digits among them.
enum SpacedLetters {
    private static let leastLetters = 3
    private static let gapBytes = 4

    static func join(_ text: Span<UInt8>, into joined: TextBuffer) {
        var copied = 0
        var index = 0
        while index < text.count, !joined.isFull {
            var end = index
            while end < text.count, text[end].isLetterOrDigit { end &+= 1 }
            if end == index + 1 {
                // One space is enough before a word.
                var before = index
                while before > copied + 1, text[before - 1] == 0x20, text[before - 2] == 0x20 {
                    before -= 1
                }
                joined.append(text.extracting(copied..<before))
                copied = joinRun(of: text, from: index, spacesFrom: before, into: joined)
                index = copied
            } else {
                index = max(end, index + 1)
            }
        }
        joined.append(text.extracting(copied..<text.count))
        joined.endAtCharacter()
    }

    /// Appends the run of lone letters at `start` as words, or as it is; returns its end.
    private static func joinRun(
        of text: Span<UInt8>, from start: Int, spacesFrom before: Int, into joined: TextBuffer
    ) -> Int {
        let written = joined.count
        var separator: UInt8?
        var longest = 0
        var hasLetter = false
        var index = start
        var end = start
        while true {
            let first = joined.count
            joined.append(text[index])
            hasLetter = hasLetter || text[index].isLetter
            while let next = nextLetter(of: text, after: index, separator: &separator) {
                joined.append(text[next])
                hasLetter = hasLetter || text[next].isLetter
                index = next
            }
            longest = max(longest, joined.count - first)
            end = index + 1
            guard let next = nextWord(of: text, after: end) else { break }
            let isHyphen =
                next == end + 3 && text[end + 1] == UInt8(ascii: "-")
                && text[end] == text[end + 2]
            joined.append(isHyphen ? UInt8(ascii: "-") : 0x20)
            index = next
        }
        guard longest >= leastLetters, hasLetter else {
            joined.truncate(to: written)
            joined.append(text.extracting(before..<end))
            return end
        }
        joined.noteChange(from: written)
        while end + 1 < text.count, text[end] == 0x20, text[end + 1] == 0x20 { end += 1 }
        return end
    }

    /// The next letter of the word, behind the separator that its first two letters have.
    private static func nextLetter(
        of text: Span<UInt8>, after index: Int, separator: inout UInt8?
    ) -> Int? {
        let next = index + 2
        guard next < text.count, isAlone(text, next), isSeparator(text[index + 1]),
            text[index + 1] == separator ?? text[index + 1]
        else { return nil }
        // `I w.o.u.l.d`: what parts the first two letters parts words if the next is another.
        if separator == nil, next + 2 < text.count, isAlone(text, next + 2),
            isSeparator(text[next + 1]), text[next + 1] != text[index + 1]
        {
            return nil
        }
        separator = text[index + 1]
        return next
    }

    /// The lone letter with which the next word begins.
    private static func nextWord(of text: Span<UInt8>, after end: Int) -> Int? {
        var index = end
        while index < text.count, index - end < gapBytes, isSeparator(text[index]) { index += 1 }
        return index > end && index < text.count && isAlone(text, index) ? index : nil
    }

    /// Whether no letter or digit follows the one at `index`.
    private static func isAlone(_ text: Span<UInt8>, _ index: Int) -> Bool {
        text[index].isLetterOrDigit && !text.hasLetterOrDigit(at: index + 1)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte < 0x7f && byte > 0 && !byte.isLetterOrDigit
    }
}

/// Reads the digits and signs in a word as the letters that they look like: `h0w`, `p@$$word`.
///
/// Only words that also hold letters are read so, save short numbers beside such a word (`h0w
/// 70`), and ordinal numbers are left. `1` is `i` or `l`: the text is made twice when it matters.
enum LeetWords {
    /// A number of up to so many digits may be a word.
    private static let numberDigits = 3
    /// What is longer is no word, but a digest or something encoded.
    private static let wordBytes = 40

    /// Returns whether there was a `1` to read.
    static func read(
        _ text: Span<UInt8>, one: UInt8, into joined: TextBuffer
    ) -> Bool {
        var copied = 0
        var index = 0
        var hasOne = false
        var isBesideLeet = false
        while index < text.count, !joined.isFull {
            guard isWordByte(text[index]) else {
                // A number belongs to the word that one space parts it from.
                if text[index] != 0x20 { isBesideLeet = false }
                index &+= 1
                continue
            }
            let word = wordRange(in: text, from: index)
            isBesideLeet = isToBeRead(text, word, isBesideLeet: isBesideLeet)
            index = word.upperBound
            guard isBesideLeet else { continue }
            joined.append(text.extracting(copied..<word.lowerBound))
            copied = index
            let start = joined.count
            for place in word {
                if text[place] == UInt8(ascii: "1") { hasOne = true }
                joined.append(letter(for: text[place], one: one) ?? text[place])
            }
            joined.noteChange(from: start)
        }
        joined.append(text.extracting(copied..<text.count))
        joined.endAtCharacter()
        return hasOne
    }

    private static func isToBeRead(
        _ text: Span<UInt8>, _ word: Range<Int>, isBesideLeet: Bool
    ) -> Bool {
        if isLeet(text, word) { return true }
        return isNumberForWord(text, word)
            && (isBesideLeet || isLeetNext(text, behind: word.upperBound))
    }

    /// From `start` to where the word ends; signs at its end are punctuation.
    private static func wordRange(in text: Span<UInt8>, from start: Int) -> Range<Int> {
        var end = start
        while end < text.count, isWordByte(text[end]) { end += 1 }
        let whole = end
        while end > start, !text[end - 1].isLetterOrDigit { end -= 1 }
        return start..<(end > start ? end : whole)
    }

    /// Whether letters and what stands for letters make a word.
    private static func isLeet(_ text: Span<UInt8>, _ word: Range<Int>) -> Bool {
        guard word.count <= wordBytes else { return false }
        var letters = 0
        var figures = 0
        for index in word {
            if text[index].isLetter {
                letters += 1
            } else if letter(for: text[index], one: 0) != nil {
                figures += 1
            }
        }
        return letters > 0 && figures > 0 && !isOrdinal(text, word)
    }

    /// `1st`, `3rd`, `10th`.
    private static func isOrdinal(_ text: Span<UInt8>, _ word: Range<Int>) -> Bool {
        guard word.count > 2 else { return false }
        for index in word.dropLast(2) where !text[index].isDigit { return false }
        switch (text[word.upperBound - 2] | 0x20, text[word.upperBound - 1] | 0x20) {
        case (UInt8(ascii: "s"), UInt8(ascii: "t")), (UInt8(ascii: "n"), UInt8(ascii: "d")),
            (UInt8(ascii: "r"), UInt8(ascii: "d")), (UInt8(ascii: "t"), UInt8(ascii: "h")):
            return true
        default: return false
        }
    }

    private static func isNumberForWord(_ text: Span<UInt8>, _ word: Range<Int>) -> Bool {
        guard word.count <= numberDigits else { return false }
        for index in word where letter(for: text[index], one: 0) == nil { return false }
        return true
    }

    private static func isLeetNext(_ text: Span<UInt8>, behind end: Int) -> Bool {
        guard end + 1 < text.count, text[end] == 0x20, isWordByte(text[end + 1]) else {
            return false
        }
        return isLeet(text, wordRange(in: text, from: end + 1))
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "$")
            || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "|")
    }

    private static func letter(for byte: UInt8, one: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0"): UInt8(ascii: "o")
        case UInt8(ascii: "1"): one
        case UInt8(ascii: "3"): UInt8(ascii: "e")
        case UInt8(ascii: "4"), UInt8(ascii: "@"): UInt8(ascii: "a")
        case UInt8(ascii: "5"), UInt8(ascii: "$"): UInt8(ascii: "s")
        case UInt8(ascii: "7"): UInt8(ascii: "t")
        case UInt8(ascii: "8"): UInt8(ascii: "b")
        case UInt8(ascii: "9"): UInt8(ascii: "g")
        case UInt8(ascii: "!"): UInt8(ascii: "i")
        case UInt8(ascii: "|"): UInt8(ascii: "l")
        default: nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation

/// How much of a sentence an evasion changes.
enum Extent: CaseIterable {
    case allLetters, halfOfTheLetters, someWords
}

/// A way to write a sentence so that plain matching misses its phrase.
enum Evasion: String, CaseIterable {
    case zeroWidth, homoglyphs, leet, letterSpacing, base64, rot13, mixedCase, emphasis
    case combiningMarks, fullwidth, hexadecimal, percent

    private static let lookAlikes: [Character: [String]] = [
        "a": ["а", "α", "ａ", "𝐚"], "b": ["Ь", "𝖻", "ｂ"], "c": ["с", "ϲ", "ｃ"],
        "d": ["ԁ", "𝒅"], "e": ["е", "ｅ", "𝚎"], "g": ["ɡ", "ｇ"], "h": ["һ", "հ", "𝗁"],
        "i": ["і", "ι", "ⅰ"], "j": ["ј"], "k": ["к", "κ", "𝓴"], "l": ["ⅼ", "ӏ"],
        "m": ["м", "ｍ", "𝕞"], "n": ["ո", "ｎ", "ⓝ"], "o": ["о", "ο", "օ"], "p": ["р", "ρ"],
        "r": ["г", "ｒ", "𝘳"], "s": ["ѕ", "ｓ"], "t": ["т", "τ", "𝘁"], "u": ["υ", "ս", "ᴜ"],
        "v": ["ν", "ѵ"], "w": ["ԝ", "ｗ"], "x": ["х", "×"], "y": ["у", "ү"], "z": ["ᴢ", "𝐳"],
    ]
    private static let figures: [Character: [String]] = [
        "a": ["4", "@"], "e": ["3"], "i": ["1", "!"], "o": ["0"], "s": ["5", "$"], "t": ["7"],
    ]
    private static let hidden = [
        "\u{200b}", "\u{200d}", "\u{2060}", "\u{ad}", "\u{feff}", "\u{202e}",
    ]

    /// Writes `sentence` so.
    func write(
        _ sentence: String, _ extent: Extent, _ numbers: inout SeededNumbers
    ) -> String {
        switch self {
        case .zeroWidth:
            each(sentence, extent, &numbers) { "\($0)" + pick(Self.hidden, &$1) }
        case .combiningMarks:
            each(sentence, extent, &numbers) {
                "\($0)" + pick(["\u{301}", "\u{336}"], &$1)
            }
        case .homoglyphs: each(sentence, extent, &numbers, Self.replace(Self.lookAlikes))
        case .leet: each(sentence, extent, &numbers, Self.replace(Self.figures))
        case .fullwidth:
            each(sentence, extent, &numbers) { letter, _ in
                String(
                    letter.unicodeScalars.map {
                        Character(Unicode.Scalar($0.value + 0xfee0) ?? $0)
                    })
            }
        case .mixedCase:
            each(sentence, extent, &numbers) { letter, numbers in
                Bool.random(using: &numbers) ? letter.uppercased() : "\(letter)"
            }
        case .letterSpacing: space(sentence, extent, &numbers)
        case .emphasis: emphasise(sentence, extent, &numbers)
        case .base64: encode(sentence, extent) { Data($0.utf8).base64EncodedString() }
        case .hexadecimal:
            encode(sentence, extent) {
                $0.utf8.map { String(format: "%02x", $0) }
                    .joined(separator: extent == .allLetters ? " " : "")
            }
        case .percent:
            each(sentence, extent, &numbers) { letter, _ in
                letter.utf8.map { String(format: "%%%02X", $0) }.joined()
            }
        case .rot13: encode(sentence, extent, Self.rotated)
        }
    }

    private static func replace(
        _ forms: [Character: [String]]
    ) -> (Character, inout SeededNumbers) -> String {
        { letter, numbers in forms[letter]?.randomElement(using: &numbers) ?? "\(letter)" }
    }

    static func rotated(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in
                switch byte {
                case 0x41...0x5a: (byte - 0x41 + 13) % 26 + 0x41
                case 0x61...0x7a: (byte - 0x61 + 13) % 26 + 0x61
                default: byte
                }
            }, as: UTF8.self)
    }

    /// Changes letters: all, each second by chance, or those of each second word by chance.
    private func each(
        _ sentence: String, _ extent: Extent, _ numbers: inout SeededNumbers,
        _ change: (Character, inout SeededNumbers) -> String
    ) -> String {
        sentence.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let isChanged = extent != .someWords || Bool.random(using: &numbers)
            return word.map { letter in
                let isChosen = extent != .halfOfTheLetters || Bool.random(using: &numbers)
                guard isChanged, isChosen, letter.isLetter else { return "\(letter)" }
                return change(letter, &numbers)
            }.joined()
        }.joined(separator: " ")
    }

    /// Letters apart, words further apart; of a part, whole words.
    private func space(
        _ sentence: String, _ extent: Extent, _ numbers: inout SeededNumbers
    ) -> String {
        let separator = pick([" ", ".", "-", "_", "*"], &numbers)
        var written = ""
        var wasSpaced = false
        for word in sentence.split(separator: " ") {
            let isSpaced =
                extent == .allLetters || word.count > 2 && Bool.random(using: &numbers)
            if !written.isEmpty {
                written += separator == " " && (isSpaced || wasSpaced) ? "  " : " "
            }
            written += isSpaced ? word.map { "\($0)" }.joined(separator: separator) : "\(word)"
            wasSpaced = isSpaced
        }
        return written
    }

    private func emphasise(
        _ sentence: String, _ extent: Extent, _ numbers: inout SeededNumbers
    ) -> String {
        sentence.split(separator: " ").map { word in
            let isChanged = extent != .someWords || Bool.random(using: &numbers)
            guard isChanged, word.count > 3, word.allSatisfy(\.isLetter) else { return "\(word)" }
            let mark = pick(["*", "**", "_", "`", "~~"], &numbers)
            if extent == .allLetters { return word.map { "\($0)" }.joined(separator: mark) }
            let from = Int.random(in: 1..<(word.count - 1), using: &numbers)
            return "\(word.prefix(from))\(mark)\(word.dropFirst(from).prefix(1))\(mark)"
                + "\(word.dropFirst(from + 1))"
        }.joined(separator: " ")
    }

    /// Encodes the sentence: alone, or between two that stay plain.
    private func encode(
        _ sentence: String, _ extent: Extent, _ encode: (String) -> String
    ) -> String {
        if extent == .allLetters { return encode(sentence) }
        return "Please read this first. It was sent to us by a friend of the house. "
            + encode(sentence) + "\nThat was all that the letter said about it, as far as we know."
    }
}

private func pick(_ forms: [String], _ numbers: inout SeededNumbers) -> String {
    forms[Int.random(in: forms.indices, using: &numbers)]
}

func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

// SPDX-License-Identifier: Apache-2.0

/// A word or sign of a condition.
struct ConditionToken {
    /// What a token is to the grammar; keywords are read without regard to case.
    enum Kind: Equatable {
        case and, or, not, of, them, open, close, pipe
        case word
    }

    var kind: Kind
    var text: String
    /// Characters before it in the condition.
    var offset: Int

    /// Cuts a condition into tokens; anything but blanks, parentheses and `|` is a word.
    static func tokens(of condition: String) -> [ConditionToken] {
        var tokens: [ConditionToken] = []
        var word = ""
        func endWord(at offset: Int) {
            guard !word.isEmpty else { return }
            tokens.append(
                ConditionToken(kind: kind(of: word), text: word, offset: offset - word.count))
            word = ""
        }
        var offset = 0
        for character in condition {
            if let sign = sign(character) {
                endWord(at: offset)
                tokens.append(
                    ConditionToken(kind: sign, text: String(character), offset: offset))
            } else if character.isWhitespace {
                endWord(at: offset)
            } else {
                word.append(character)
            }
            offset += 1
        }
        endWord(at: offset)
        return tokens
    }

    private static func sign(_ character: Character) -> Kind? {
        switch character {
        case "(": .open
        case ")": .close
        case "|": .pipe
        default: nil
        }
    }

    private static func kind(of word: String) -> Kind {
        switch word.lowercased() {
        case "and": .and
        case "or": .or
        case "not": .not
        case "of": .of
        case "them": .them
        default: .word
        }
    }
}

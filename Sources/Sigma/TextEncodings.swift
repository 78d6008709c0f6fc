// SPDX-License-Identifier: Apache-2.0

/// What the encoding modifiers make of a text.
extension TextValue {
    /// The bytes as base64 (RFC 4648, section 4).
    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let group = (0..<3).map { index + $0 < bytes.count ? Int(bytes[index + $0]) : 0 }
            let bits = group[0] << 16 | group[1] << 8 | group[2]
            let written = min(3, bytes.count - index) + 1
            for place in 0..<4 {
                result.append(
                    place < written
                        ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
            index += 3
        }
        return result
    }

    /// The whole text in base64; which letters are capitals matters there.
    var base64: TextValue { TextValue(parts: [.literal(Self.base64(literalBytes))], isCased: true) }

    /// What is the same of the text's base64 form, where it stands 0, 1 or 2 bytes after a
    /// multiple of three; nil for less than two bytes, of which nothing is.
    var base64AtOffsets: [TextValue]? {
        let bytes = literalBytes
        guard bytes.count >= 2 else { return nil }
        return (0..<3).map { offset in
            let encoded = Self.base64(Array(repeating: UInt8(ascii: " "), count: offset) + bytes)
            // A character that holds bits of a neighbour is not the same everywhere.
            let first = [0, 2, 3][offset]
            let last = [0, 3, 2][(bytes.count + offset) % 3]
            return TextValue(
                parts: [.literal(Array(encoded.dropFirst(first).dropLast(last)))], isCased: true)
        }
    }

    enum ByteOrder {
        case little, big
    }

    /// The text in UTF-16, or nil where it is no text.
    func utf16(_ order: ByteOrder, mark: Bool = false) -> TextValue? {
        var encoded: [Part] = mark ? [.literal([0xFF, 0xFE])] : []
        for part in parts {
            guard case .literal(let bytes) = part else {
                encoded.append(part)
                continue
            }
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            encoded.append(
                .literal(
                    text.utf16.flatMap { unit in
                        let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
                        return order == .little ? [low, high] : [high, low]
                    }))
        }
        return TextValue(parts: encoded, isCased: isCased)
    }

    /// The dashes that begin an option and the marks that may stand for them.
    private static let optionMarks = ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"]

    /// Every form of the text in which each `-` or `/` before a word, and not after one, is any of
    /// the marks that begin an option; nil when there are more than `limit`.
    func withOptionMarks(limit: Int) -> [TextValue]? {
        var pieces: [[[Part]]] = []
        for part in parts {
            guard case .literal(let bytes) = part,
                let text = String(validating: bytes, as: UTF8.self)
            else {
                pieces.append([[part]])
                continue
            }
            var literal = ""
            let scalars = Array(text.unicodeScalars)
            for (index, scalar) in scalars.enumerated() {
                let isMark =
                    (scalar == "-" || scalar == "/")
                    && !(index > 0 && Self.isWord(scalars[index - 1]))
                    && index + 1 < scalars.count && Self.isWord(scalars[index + 1])
                guard isMark else {
                    literal.unicodeScalars.append(scalar)
                    continue
                }
                pieces.append([[.literal(Array(literal.utf8))]])
                pieces.append(Self.optionMarks.map { [.literal(Array($0.utf8))] })
                literal = ""
            }
            pieces.append([[.literal(Array(literal.utf8))]])
        }
        return Self.combinations(of: pieces, isCased: isCased, limit: limit)
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Every text that has one of each place's alternatives in turn; nil when there are more than
    /// `limit`.
    static func combinations(
        of places: [[[Part]]], isCased: Bool, limit: Int
    ) -> [TextValue]? {
        var made: [[Part]] = [[]]
        for alternatives in places {
            guard made.count * alternatives.count <= limit else { return nil }
            made = made.flatMap { beginning in alternatives.map { beginning + $0 } }
        }
        return made.map { TextValue(parts: $0, isCased: isCased) }
    }
}

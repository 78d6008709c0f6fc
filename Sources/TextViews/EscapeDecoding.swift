// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Replaces `%6f` by the byte that it writes, where the bytes in a row make characters.
enum PercentDecoding {
    static func decode(_ text: Span<UInt8>, into decoded: TextBuffer) {
        var copied = 0
        var index = 0
        while let found = text.firstIndex(of: UInt8(ascii: "%"), from: index), !decoded.isFull {
            decoded.append(text.extracting(copied..<found))
            copied = found
            if let end = decodeBytes(of: text, from: found, into: decoded) {
                copied = decodeForm(of: text, from: end, into: decoded)
                index = copied
            } else {
                index = found + 1
            }
        }
        decoded.append(text.extracting(copied..<text.count))
        decoded.endAtCharacter()
    }

    /// Copies the rest of a word, up to its next `%`: there `+` is a space, as forms write it.
    private static func decodeForm(
        of text: Span<UInt8>, from start: Int, into decoded: TextBuffer
    ) -> Int {
        var index = start
        while index < text.count, text[index] != UInt8(ascii: "%"), !text[index].isBlank {
            if text[index] == UInt8(ascii: "+") {
                decoded.append(0x20)
                decoded.noteChange(from: decoded.count - 1)
            } else {
                decoded.append(text[index])
            }
            index += 1
        }
        return index
    }

    private static func decodeBytes(
        of text: Span<UInt8>, from start: Int, into decoded: TextBuffer
    ) -> Int? {
        guard text[start] == UInt8(ascii: "%") else { return nil }
        var output = PlausibleOutput(decoded)
        var index = start
        while index < text.count, text[index] == UInt8(ascii: "%"),
            let byte = text.hexadecimalPair(at: index + 1), output.append(byte)
        {
            index += 3
        }
        // Bytes of a character that has no end are left out.
        return output.keep(atLeast: 1) ? index : nil
    }
}

/// Replaces `\x6f`, `\u006f`, `\u{6f}`, `&#111;` and `&#x6f;` by what they write.
enum EscapeDecoding {
    /// The digits of the longest number that is read.
    private static let digits = 8

    static func decode(_ text: Span<UInt8>, into decoded: TextBuffer) {
        var copied = 0
        var index = 0
        while index < text.count, !decoded.isFull {
            let byte = text[index]
            guard byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "&") else {
                index &+= 1
                continue
            }
            decoded.append(text.extracting(copied..<index))
            copied = index
            let end =
                byte == UInt8(ascii: "&")
                ? decodeReference(of: text, from: index, into: decoded)
                : decodeBackslash(of: text, from: index, into: decoded)
            copied = end ?? index
            index = end ?? index + 1
        }
        decoded.append(text.extracting(copied..<text.count))
        decoded.endAtCharacter()
    }

    private static func decodeBackslash(
        of text: Span<UInt8>, from start: Int, into decoded: TextBuffer
    ) -> Int? {
        guard start + 3 < text.count else { return nil }
        if text[start + 1] == UInt8(ascii: "x") {
            return decodeBytes(of: text, from: start, into: decoded)
        }
        guard text[start + 1] == UInt8(ascii: "u") else { return nil }
        if text[start + 2] == UInt8(ascii: "{") {
            guard let (value, end) = number(in: text, at: start + 3, base: 16),
                end < text.count, text[end] == UInt8(ascii: "}")
            else { return nil }
            return append(value, to: decoded) ? end + 1 : nil
        }
        guard let unit = unit(in: text, at: start) else { return nil }
        if (0xd800..<0xdc00).contains(unit), let second = self.unit(in: text, at: start + 6),
            (0xdc00..<0xe000).contains(second)
        {
            let value = 0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00)
            return append(value, to: decoded) ? start + 12 : nil
        }
        return append(unit, to: decoded) ? start + 6 : nil
    }

    /// `\x6f` as often as it stands in a row: the bytes of UTF-8.
    private static func decodeBytes(
        of text: Span<UInt8>, from start: Int, into decoded: TextBuffer
    ) -> Int? {
        var output = PlausibleOutput(decoded)
        var index = start
        while index + 3 < text.count, text[index] == UInt8(ascii: "\\"),
            text[index + 1] == UInt8(ascii: "x"),
            let byte = text.hexadecimalPair(at: index + 2), output.append(byte)
        {
            index += 4
        }
        return output.keep(atLeast: 1) ? index : nil
    }

    /// The UTF-16 unit that `\u006f` writes.
    private static func unit(in text: Span<UInt8>, at start: Int) -> UInt32? {
        guard start + 5 < text.count, text[start] == UInt8(ascii: "\\"),
            text[start + 1] == UInt8(ascii: "u"),
            let high = text.hexadecimalPair(at: start + 2),
            let low = text.hexadecimalPair(at: start + 4)
        else { return nil }
        return UInt32(high) << 8 | UInt32(low)
    }

    private static func decodeReference(
        of text: Span<UInt8>, from start: Int, into decoded: TextBuffer
    ) -> Int? {
        guard start + 2 < text.count, text[start + 1] == UInt8(ascii: "#") else { return nil }
        let isHexadecimal = text[start + 2] | 0x20 == UInt8(ascii: "x")
        guard
            let (value, end) = number(
                in: text, at: start + (isHexadecimal ? 3 : 2), base: isHexadecimal ? 16 : 10),
            append(value, to: decoded)
        else { return nil }
        return end < text.count && text[end] == UInt8(ascii: ";") ? end + 1 : end
    }

    private static func number(
        in text: Span<UInt8>, at start: Int, base: UInt32
    ) -> (value: UInt32, end: Int)? {
        var value: UInt32 = 0
        var index = start
        while index < text.count, index - start < digits,
            let digit = text[index].hexadecimalValue, UInt32(digit) < base
        {
            value = value &* base &+ UInt32(digit)
            index += 1
        }
        return index > start ? (value, index) : nil
    }

    private static func append(_ value: UInt32, to decoded: TextBuffer) -> Bool {
        guard let character = Unicode.Scalar(value) else { return false }
        var output = PlausibleOutput(decoded)
        for byte in UTF8.encode(character) ?? UTF8.encodedReplacementCharacter {
            guard output.append(byte) else { break }
        }
        return output.keep(atLeast: 1)
    }
}

/// Moves all letters by thirteen.
enum Rot13Decoding {
    static func decode(_ text: Span<UInt8>, into decoded: TextBuffer) {
        decoded.append(text) { byte in
            let isEarly = byte | 0x20 < UInt8(ascii: "n")
            return byte &+ (byte.isLetter ? isEarly ? 13 : 0 &- 13 : 0)
        }
        decoded.endAtCharacter()
        decoded.noteChange(from: 0)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Replaces runs of hexadecimal pairs that hold text by that text.
///
/// Pairs stand close, or apart by blanks, `,`, `:`, `;` or `-`, each with or without `0x` or
/// `\x`. What is decoded ends where it is no text any more.
enum HexDecoding {
    /// Eight bytes of text come out of a random digest once in two thousand.
    private static let leastBytes = 8
    private static let gapBytes = 2

    static func decode(_ text: Span<UInt8>, into decoded: TextBuffer) {
        var copied = 0
        var index = 0
        // A run begins where no letter or digit stands before it, or behind pairs that hold no
        // text.
        var canBegin = true
        while index < text.count, !decoded.isFull {
            let byte = text[index]
            guard canBegin, byte == UInt8(ascii: "\\") || byte.hexadecimalValue != nil,
                let first = pair(of: text, at: index)
            else {
                canBegin = !byte.isLetterOrDigit
                index &+= 1
                continue
            }
            decoded.append(text.extracting(copied..<index))
            copied = index
            if let end = decodeRun(of: text, from: index, into: decoded) {
                index = end
                copied = end
            } else {
                index = first.end
            }
        }
        decoded.append(text.extracting(copied..<text.count))
        decoded.endAtCharacter()
    }

    private static func decodeRun(
        of text: Span<UInt8>, from start: Int, into decoded: TextBuffer
    ) -> Int? {
        var output = PlausibleOutput(decoded)
        var index = start
        var taken = start
        while let found = pair(of: text, at: index), output.append(found.byte) {
            taken = found.end
            index = taken
            while index < text.count, index - taken < gapBytes, isGap(text[index]) { index += 1 }
        }
        return output.keep(atLeast: leastBytes) ? taken : nil
    }

    private static func pair(of text: Span<UInt8>, at start: Int) -> (byte: UInt8, end: Int)? {
        var index = start
        if index + 1 < text.count, text[index + 1] | 0x20 == UInt8(ascii: "x"),
            text[index] == UInt8(ascii: "0") || text[index] == UInt8(ascii: "\\")
        {
            index += 2
        }
        return text.hexadecimalPair(at: index).map { ($0, index + 2) }
    }

    private static func isGap(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

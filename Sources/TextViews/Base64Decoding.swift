// SPDX-License-Identifier: Apache-2.0

/// Replaces base64 that holds text by that text.
///
/// A run begins anywhere in the first eight characters of what looks like one (a name may stand
/// before it), and goes on over line ends behind lines of whole quads. What is decoded ends
/// where it is no text any more.
enum Base64Decoding {
    /// Shorter runs are words; twelve bytes of text come out of sixteen characters by chance
    /// once in some hundred thousand runs.
    private static let leastCharacters = 16
    private static let leastBytes = 12
    private static let lineCharacters = 20
    private static let offsets = 8

    static func decode(_ text: Span<UInt8>, into decoded: TextBuffer) {
        var copied = 0
        var index = 0
        while index + leastCharacters <= text.count, !decoded.isFull {
            // What is no character of a run ends all runs that it could be the last one of.
            let probe = index + leastCharacters - 1
            guard value(of: text[probe]) != nil else {
                index = probe + 1
                continue
            }
            var start = probe
            while start > index, value(of: text[start - 1]) != nil { start &-= 1 }
            let end = runEnd(of: text, from: probe)
            guard end - start >= leastCharacters else {
                index = end
                continue
            }
            decoded.append(text.extracting(copied..<start))
            index = decodeRun(of: text, from: start, to: end, into: decoded)
            copied = index
        }
        decoded.append(text.extracting(copied..<text.count))
        decoded.endAtCharacter()
    }

    private static func runEnd(of text: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < text.count, value(of: text[index]) != nil { index &+= 1 }
        return index
    }

    /// Decodes the run, or copies it; returns where to go on.
    private static func decodeRun(
        of text: Span<UInt8>, from start: Int, to end: Int, into decoded: TextBuffer
    ) -> Int {
        for offset in 0..<min(offsets, end - start - leastCharacters + 1) {
            let written = decoded.count
            decoded.append(text.extracting(start..<(start + offset)))
            var output = PlausibleOutput(decoded)
            let next = decodeQuads(of: text, from: start + offset, into: &output)
            if output.keep(atLeast: leastBytes) { return next }
            decoded.truncate(to: written)
        }
        decoded.append(text.extracting(start..<end))
        return end
    }

    /// Returns where the last quad that was taken ends, its padding included.
    private static func decodeQuads(
        of text: Span<UInt8>, from start: Int, into output: inout PlausibleOutput
    ) -> Int {
        var index = start
        var quad: UInt32 = 0
        var held = 0
        var lineStart = start
        var taken = start
        while index < text.count {
            guard let value = value(of: text[index]) else {
                guard let next = nextLine(of: text, after: index, lineFrom: lineStart) else {
                    break
                }
                (index, lineStart) = (next, next)
                continue
            }
            quad = quad << 6 | UInt32(value)
            held += 1
            index += 1
            if held == 4 {
                for shift: UInt32 in [16, 8, 0] {
                    guard output.append(UInt8(truncatingIfNeeded: quad >> shift)) else {
                        return taken
                    }
                }
                (quad, held, taken) = (0, 0, index)
            }
        }
        return finish(quad, held, of: text, at: index, into: &output)
    }

    /// The one or two bytes of a last quad that is not whole.
    private static func finish(
        _ quad: UInt32, _ held: Int, of text: Span<UInt8>, at end: Int,
        into output: inout PlausibleOutput
    ) -> Int {
        if held >= 2 {
            let bits = quad << UInt32(6 * (4 - held))
            var isText = output.append(UInt8(truncatingIfNeeded: bits >> 16))
            if isText, held == 3 { isText = output.append(UInt8(truncatingIfNeeded: bits >> 8)) }
            guard isText else { return end }
        }
        var index = end
        while index < text.count, index < end + 2, text[index] == UInt8(ascii: "=") { index += 1 }
        return index
    }

    /// Where the next line of a wrapped run begins: lines hold whole quads.
    private static func nextLine(
        of text: Span<UInt8>, after end: Int, lineFrom start: Int
    ) -> Int? {
        guard end - start >= lineCharacters, (end - start) % 4 == 0 else { return nil }
        var index = end
        if index < text.count, text[index] == 0x0d { index += 1 }
        guard index < text.count, text[index] == 0x0a, index + 1 < text.count,
            value(of: text[index + 1]) != nil
        else { return nil }
        return index + 1
    }

    /// The six bits of a character of either alphabet.
    @inline(__always)
    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte &- UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte &- UInt8(ascii: "a") &+ 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0") &+ 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// A growing buffer for texts that the line's parser does not hold. Every slice is valid UTF-8.
///
/// A line that is no JSON is still to be searched, so its escapes are undone as far as they
/// are right, and bytes that are no UTF-8 become `?` (Vectorscan's behaviour on invalid
/// UTF-8 is undefined).
@safe
final class RawText {
    /// The texts; moves when more are appended.
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var count = 0
    private var capacity = 4096
    /// More than this is given back when the next record does not need it.
    private static let keptBytes = 4 << 20

    /// Readable bytes after the capacity: names are compared eight bytes at a time.
    private static let paddingBytes = 8

    init() { unsafe base = .allocate(capacity: capacity + Self.paddingBytes) }

    deinit { unsafe base.deallocate() }

    func clear() {
        count = 0
        if capacity > Self.keptBytes { resize(to: 4096) }
    }

    private func reserve(_ more: Int) {
        if count + more > capacity { resize(to: max(count + more, 2 * capacity)) }
    }

    private func resize(to newCapacity: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(
            capacity: newCapacity + Self.paddingBytes)
        unsafe larger.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = larger
        capacity = newCapacity
    }

    /// Appends the `bytesCount` bytes at `source` as they are.
    func append(_ source: UnsafePointer<UInt8>, count bytesCount: Int) -> TextSlice {
        reserve(bytesCount)
        unsafe (base + count).update(from: source, count: bytesCount)
        count += bytesCount
        return TextSlice(start: count - bytesCount, count: bytesCount, buffer: .copied)
    }

    private func append(_ byte: UInt8) {
        precondition(count < capacity, "room was reserved")
        unsafe base[count] = byte
        count += 1
    }

    /// Appends `line` with its JSON escapes undone where they are right.
    ///
    /// - Complexity: One pass; the result is never longer than the line.
    func append(unescaping line: Span<UInt8>) -> TextSlice {
        let start = count
        reserve(line.count)
        var index = 0
        while index < line.count {
            let byte = line[index]
            if byte == UInt8(ascii: "\\"), index + 1 < line.count {
                index += appendEscape(line, at: index)
            } else if byte < 0x80 {
                append(byte)
                index += 1
            } else {
                let length = UTF8Sequence.length(in: line, at: index)
                if length == 0 {
                    append(UInt8(ascii: "?"))
                    index += 1
                } else {
                    for offset in 0..<length { append(line[index + offset]) }
                    index += length
                }
            }
        }
        return TextSlice(start: start, count: count - start, buffer: .copied)
    }

    /// Appends what the escape at `index` stands for; returns the bytes of it that were read.
    private func appendEscape(_ line: Span<UInt8>, at index: Int) -> Int {
        switch line[index + 1] {
        case UInt8(ascii: "n"): append(0x0a)
        case UInt8(ascii: "r"): append(0x0d)
        case UInt8(ascii: "t"): append(0x09)
        case UInt8(ascii: "b"): append(0x08)
        case UInt8(ascii: "f"): append(0x0c)
        case UInt8(ascii: "\""): append(UInt8(ascii: "\""))
        case UInt8(ascii: "/"): append(UInt8(ascii: "/"))
        case UInt8(ascii: "\\"): append(UInt8(ascii: "\\"))
        case UInt8(ascii: "u"):
            guard let (scalar, length) = UTF8Sequence.unicodeEscape(in: line, at: index) else {
                append(UInt8(ascii: "\\"))
                return 1
            }
            for byte in String(scalar).utf8 { append(byte) }
            return length
        default:
            append(UInt8(ascii: "\\"))
            return 1
        }
        return 2
    }
}

/// Which byte sequences are UTF-8, and what JSON's `\u` escapes stand for.
enum UTF8Sequence {
    /// The length of the well-formed sequence at `index` (2 to 4), or 0 (Unicode 15, table 3-7).
    static func length(in bytes: Span<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        let (length, low, high): (Int, UInt8, UInt8)
        switch lead {
        case 0xc2...0xdf: (length, low, high) = (2, 0x80, 0xbf)
        case 0xe0: (length, low, high) = (3, 0xa0, 0xbf)
        case 0xed: (length, low, high) = (3, 0x80, 0x9f)
        case 0xe1...0xef: (length, low, high) = (3, 0x80, 0xbf)
        case 0xf0: (length, low, high) = (4, 0x90, 0xbf)
        case 0xf4: (length, low, high) = (4, 0x80, 0x8f)
        case 0xf1...0xf3: (length, low, high) = (4, 0x80, 0xbf)
        default: return 0
        }
        guard index + length <= bytes.count, (low...high).contains(bytes[index + 1]) else {
            return 0
        }
        for offset in 2..<max(length, 2) where bytes[index + offset] & 0xc0 != 0x80 { return 0 }
        return length
    }

    /// The character of the `\uXXXX` at `index` (a pair for those past U+FFFF) and its length.
    static func unicodeEscape(
        in bytes: Span<UInt8>, at index: Int
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        guard let first = fourDigits(bytes, at: index) else { return nil }
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        guard (0xd800...0xdbff).contains(first), let second = fourDigits(bytes, at: index + 6),
            (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
        else { return nil }
        return (scalar, 12)
    }

    private static func fourDigits(_ bytes: Span<UInt8>, at index: Int) -> UInt32? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        var value: UInt32 = 0
        for offset in 2..<6 {
            switch bytes[index + offset] {
            case let digit where (0x30...0x39).contains(digit):
                value = value << 4 | UInt32(digit - 0x30)
            case let digit where (0x61...0x66).contains(digit):
                value = value << 4 | UInt32(digit - 0x57)
            case let digit where (0x41...0x46).contains(digit):
                value = value << 4 | UInt32(digit - 0x37)
            default: return nil
            }
        }
        return value
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CIgzip

/// A gzip member's header, fed a byte at a time (RFC 1952, section 2.3).
///
///     1f 8b | 08 | flags | mtime (4) | xfl | os | [extra: length (2), bytes]
///     [name … 0] [comment … 0] [CRC16 of all before]
struct GzipHeader {
    /// The two bytes of gzip and the one method that there is.
    static let magic: [UInt8] = [0x1f, 0x8b, 0x08]
    private static let fixedBytes = 10
    /// A name or comment longer than this is no honest header.
    private static let textLimitBytes = 64 << 10

    private enum Part {
        case fixed(Int)
        case extraLength(Int)
        case extra(left: Int)
        case name
        case comment
        case checksum(Int)
    }

    enum Fed {
        case more
        case complete
        case invalid
    }

    private var part = Part.fixed(0)
    private var flags: UInt8 = 0
    private var extraLength = 0
    private var textBytes = 0
    private var crc: UInt32 = 0
    private var storedCRC: UInt16 = 0

    private var hasChecksum: Bool { flags & 0x02 != 0 }
    private var hasExtra: Bool { flags & 0x04 != 0 }
    private var hasName: Bool { flags & 0x08 != 0 }
    private var hasComment: Bool { flags & 0x10 != 0 }
    private var hasReservedFlags: Bool { flags & 0xe0 != 0 }

    mutating func feed(_ byte: UInt8) -> Fed {
        if case .checksum(let index) = part {
            storedCRC |= UInt16(byte) << (8 * UInt16(index))
            if index == 0 { part = .checksum(1) } else { return checksumVerdict }
            return .more
        }
        crc = crc.updated(with: [byte].span)
        switch part {
        case .fixed(let index):
            if index < Self.magic.count, byte != Self.magic[index] { return .invalid }
            if index == 3 {
                flags = byte
                if hasReservedFlags { return .invalid }
            }
            part = .fixed(index + 1)
            return index + 1 < Self.fixedBytes ? .more : next(after: 0)
        case .extraLength(let index):
            extraLength |= Int(byte) << (8 * index)
            if index == 0 {
                part = .extraLength(1)
                return .more
            }
            part = .extra(left: extraLength)
            return extraLength > 0 ? .more : next(after: 1)
        case .extra(let left):
            part = .extra(left: left - 1)
            return left > 1 ? .more : next(after: 1)
        case .name, .comment:
            textBytes += 1
            if byte != 0 { return textBytes < Self.textLimitBytes ? .more : .invalid }
            if case .name = part { return next(after: 2) }
            return next(after: 3)
        case .checksum: return .invalid
        }
    }

    /// Goes to the first optional part after the given one that the flags announce.
    private mutating func next(after stage: Int) -> Fed {
        textBytes = 0
        if stage < 1, hasExtra {
            part = .extraLength(0)
        } else if stage < 2, hasName {
            part = .name
        } else if stage < 3, hasComment {
            part = .comment
        } else if hasChecksum {
            part = .checksum(0)
        } else {
            return .complete
        }
        return .more
    }

    private var checksumVerdict: Fed {
        storedCRC == UInt16(truncatingIfNeeded: crc) ? .complete : .invalid
    }
}

/// A gzip member's trailer: CRC-32 of the data and their length modulo 2³², little-endian.
struct GzipTrailer {
    static let byteCount = 8
    private var value: UInt64 = 0
    private var count = 0

    /// Takes one byte; whether it was the last.
    mutating func feed(_ byte: UInt8) -> Bool {
        value |= UInt64(byte) << UInt64(8 * count)
        count += 1
        return count == Self.byteCount
    }

    /// What is wrong with data of this checksum and length, or nil when they fit.
    func fault(crc: UInt32, length: UInt32) -> DecodeDamage.Fault? {
        if UInt32(truncatingIfNeeded: value) != crc { return .checksum }
        return UInt32(truncatingIfNeeded: value >> 32) == length ? nil : .length
    }
}

extension UInt32 {
    /// This CRC-32 (RFC 1952, section 8) over more bytes; 0 is that of none.
    func updated(with bytes: Span<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer {
            unsafe crc32_gzip_refl(self, $0.baseAddress, UInt64($0.count))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Decompression

/// A place from which a file can be decoded, with the proof that a file has it.
///
/// Stored as bytes, all numbers little-endian:
///
///     "TRP1" | format (1) | pending bits (1) | their count (1) | has an open member (1)
///     compressed offset (8) | decompressed offset (8)
///     member start (8) | CRC (4) | length (4) | window bytes (4)
///     guard bytes (2) | guard digest (32) | history (to the end)
package struct FileRestart: Sendable, Equatable {
    package var point: RestartPoint
    /// How many bytes of the file before the place the guard covers: at most ``guardLimit``.
    package var guardBytes: Int
    /// SHA-256 of these bytes as they stand in the file: another file, or the same text
    /// compressed otherwise, has others.
    package var guardDigest: [UInt8]

    static let guardLimit = 1024
    private static let magic = Array("TRP1".utf8)
    private static let headBytes = 78
    private static let historyLimit = 32 << 10
    /// No file is so large.
    private static let offsetLimit = 1 << 56

    package init(point: RestartPoint, guardBytes: Int, guardDigest: [UInt8]) {
        self.point = point
        self.guardBytes = guardBytes
        self.guardDigest = guardDigest
    }

    package var encoded: [UInt8] {
        var bytes = Self.magic
        bytes += [
            point.format.rawValue, point.pendingBits, UInt8(point.pendingBitCount),
            point.member == nil ? 0 : 1,
        ]
        bytes.append(UInt64(point.compressedOffset))
        bytes.append(UInt64(point.decompressedOffset))
        bytes.append(UInt64(point.member?.start ?? 0))
        bytes.append(point.member?.crc ?? 0)
        bytes.append(point.member?.length ?? 0)
        bytes.append(UInt32(point.member?.windowBytes ?? 0))
        bytes.append(UInt16(guardBytes))
        return bytes + guardDigest + point.history
    }

    /// Reads what ``encoded`` wrote; nil for anything else: then the file is decoded from its
    /// start.
    package init?(encoded bytes: [UInt8]) {
        var reader = FieldReader(bytes)
        guard bytes.count >= Self.headBytes, bytes.count <= Self.headBytes + Self.historyLimit,
            reader.bytes(4) == Self.magic, let format = LogFormat(rawValue: reader.number())
        else { return nil }
        let pendingBits: UInt8 = reader.number()
        let pendingBitCount = Int(reader.number() as UInt8)
        let hasMember: UInt8 = reader.number()
        let compressedOffset = Int(clamping: reader.number() as UInt64)
        let decompressedOffset = Int(clamping: reader.number() as UInt64)
        let start = Int(clamping: reader.number() as UInt64)
        let crc: UInt32 = reader.number()
        let length: UInt32 = reader.number()
        let windowBytes = Int(reader.number() as UInt32)
        guardBytes = Int(reader.number() as UInt16)
        guardDigest = reader.bytes(32)
        let history = reader.rest
        guard pendingBitCount < 8, pendingBits >> UInt8(pendingBitCount) == 0,
            max(compressedOffset, decompressedOffset) < Self.offsetLimit,
            guardBytes <= Self.guardLimit, guardBytes <= compressedOffset,
            history.count <= decompressedOffset, windowBytes <= history.count,
            hasMember == 0 || (format == .gzip && start < compressedOffset)
        else { return nil }
        point = RestartPoint(
            format: format, compressedOffset: compressedOffset, pendingBits: pendingBits,
            pendingBitCount: pendingBitCount, decompressedOffset: decompressedOffset,
            member: hasMember == 0
                ? nil : .init(start: start, crc: crc, length: length, windowBytes: windowBytes),
            history: history)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ number: some FixedWidthInteger) {
        for byte in 0..<(number.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: number >> (8 * byte)))
        }
    }
}

/// Takes fields off the front of some bytes, of which there are enough.
private struct FieldReader {
    private(set) var rest: [UInt8]

    init(_ bytes: [UInt8]) { rest = bytes }

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest.removeFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func number<Number: FixedWidthInteger>() -> Number {
        bytes(Number.bitWidth / 8).reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
}

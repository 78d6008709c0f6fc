// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Where the parts of a zstd frame end (RFC 8878, section 3.1).
///
///     magic (4) | descriptor (1) | window, dictionary, content size (1 to 13)
///     [block: header (3) | content]…  [checksum (4)]
///     magic (4) | size (4) | content                      a skippable frame
///
/// libzstd checks all of it; this only says how far the present part goes, so that libzstd is
/// given one part at a time.
struct ZstdFraming {
    private enum Part {
        case magic
        case descriptor
        case headerRest
        case blockHeader
        case block
        case checksum
        case skippedSize
        case skipped
        /// Behind the frame's end, or where it makes no sense: libzstd will say so.
        case end
    }

    private var part = Part.magic
    private var partBytes = 4
    /// Bytes of the present part that were taken.
    private(set) var takenBytes = 0
    /// The part's bytes as a number, little-endian; of long ones only the first eight count.
    private var value: UInt64 = 0
    private var hasChecksum = false
    private var isLastBlock = false

    /// Bytes up to the end of the present part, at least one.
    var wantedBytes: Int { partBytes - takenBytes }

    /// Goes on over bytes, ``wantedBytes`` at most.
    mutating func take(_ bytes: Span<UInt8>) {
        for index in 0..<min(bytes.count, max(0, 8 - takenBytes)) {
            value |= UInt64(bytes[index]) << UInt64(8 * (takenBytes + index))
        }
        takenBytes += bytes.count
        while takenBytes >= partBytes, part != .end { next() }
    }

    private mutating func begin(_ next: Part, bytes: Int) {
        part = next
        partBytes = bytes
        takenBytes = 0
        value = 0
    }

    private mutating func next() {
        switch part {
        case .magic:
            let isSkippable = value & 0xffff_fff0 == 0x184d_2a50
            begin(isSkippable ? .skippedSize : .descriptor, bytes: isSkippable ? 4 : 1)
        case .descriptor: begin(.headerRest, bytes: headerRestBytes())
        case .headerRest: begin(.blockHeader, bytes: 3)
        case .blockHeader:
            isLastBlock = value & 1 != 0
            let isRepeated = value >> 1 & 3 == 1
            begin(.block, bytes: isRepeated ? 1 : Int(value >> 3))
        case .block where !isLastBlock: begin(.blockHeader, bytes: 3)
        case .block where hasChecksum: begin(.checksum, bytes: 4)
        case .skippedSize: begin(.skipped, bytes: Int(value))
        case .block, .checksum, .skipped, .end: begin(.end, bytes: 1)
        }
    }

    /// What follows the frame header's descriptor (RFC 8878, section 3.1.1.1.1).
    private mutating func headerRestBytes() -> Int {
        let isSingleSegment = value & 0x20 != 0
        hasChecksum = value & 0x04 != 0
        let dictionaryBytes = [0, 1, 2, 4][Int(value & 3)]
        let sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(value >> 6)]
        return (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
    }
}

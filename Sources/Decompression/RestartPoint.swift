// SPDX-License-Identifier: Apache-2.0

/// A place in a file from which decoding goes on without what stands before it.
///
/// In gzip it stands between two deflate blocks, or between members; the method is that of
/// zlib's `examples/zran.c`, with the running checksum, so that the member's trailer is still
/// verified. In zstd it stands between frames: blocks of a frame share tables (RFC 8878,
/// section 3.1.1.3), so there is no place inside.
package struct RestartPoint: Sendable, Equatable {
    package var format: LogFormat
    /// The file's first byte that is wholly after the place.
    package var compressedOffset: Int
    /// Bits after the place in the byte before, lowest first, and how many: 0 to 7.
    package var pendingBits: UInt8 = 0
    package var pendingBitCount = 0
    /// Bytes decoded before the place.
    package var decompressedOffset: Int
    /// The member that is open at the place; nil between members.
    package var member: OpenMember?
    /// The last bytes decoded before the place.
    package var history: [UInt8]

    package struct OpenMember: Sendable, Equatable {
        /// Where in the file the member begins.
        package var start: Int
        /// Of what was decoded of it so far.
        package var crc: UInt32
        /// Modulo 2³², as the trailer has it.
        package var length: UInt32
        /// How many bytes of the history are the member's own: its window.
        package var windowBytes: Int

        package init(start: Int, crc: UInt32, length: UInt32, windowBytes: Int) {
            self.start = start
            self.crc = crc
            self.length = length
            self.windowBytes = windowBytes
        }
    }

    /// A place in a plain file.
    package init(plainOffset: Int) {
        self.init(
            format: .plain, compressedOffset: plainOffset, decompressedOffset: plainOffset,
            member: nil, history: [])
    }

    package init(
        format: LogFormat, compressedOffset: Int, pendingBits: UInt8 = 0, pendingBitCount: Int = 0,
        decompressedOffset: Int, member: OpenMember?, history: [UInt8]
    ) {
        self.format = format
        self.compressedOffset = compressedOffset
        self.pendingBits = pendingBits
        self.pendingBitCount = pendingBitCount
        self.decompressedOffset = decompressedOffset
        self.member = member
        self.history = history
    }
}

// SPDX-License-Identifier: Apache-2.0

/// When the next restart point is due.
///
/// So often that resuming costs some 10 ms at most, and so seldom that storing a window of
/// 32 KiB each time weighs little.
struct RestartSchedule {
    static let usualIntervalBytes = 4 << 20
    /// How far a block's end is looked for; a block can be endless.
    private static let soughtBytes = 256 << 10
    /// More than one call gives out, so that the history is whole when it is asked for.
    private static let historyLeadBytes = 1 << 20
    private let intervalBytes: Int
    private var compressedOffset: Int
    private var decompressedOffset: Int

    init(
        compressedOffset: Int, decompressedOffset: Int,
        intervalBytes: Int = RestartSchedule.usualIntervalBytes
    ) {
        self.intervalBytes = intervalBytes
        self.compressedOffset = compressedOffset
        self.decompressedOffset = decompressedOffset
    }

    func isDue(compressedOffset now: Int, decompressedOffset nowDecompressed: Int) -> Bool {
        let passed = now - compressedOffset
        return passed >= intervalBytes && passed % intervalBytes < Self.soughtBytes
            || nowDecompressed - decompressedOffset >= 8 * intervalBytes
    }

    /// Whether one is due, or so soon that what is decoded from now on belongs to its history.
    func isNear(compressedOffset now: Int, decompressedOffset nowDecompressed: Int) -> Bool {
        now - compressedOffset >= intervalBytes - Self.historyLeadBytes
            || nowDecompressed - decompressedOffset >= 8 * intervalBytes - Self.historyLeadBytes
    }

    mutating func took(compressedOffset now: Int, decompressedOffset nowDecompressed: Int) {
        compressedOffset = now
        decompressedOffset = nowDecompressed
    }
}

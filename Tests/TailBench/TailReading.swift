// SPDX-License-Identifier: Apache-2.0
import Bytes
import Decompression
import Glibc
import LogTail

/// Reads a file through LogTail as `tocsin scan` does, with a receiver that only counts.
enum TailReading {
    /// Whether LogTail decompresses such a file, rather than to take it for plain text.
    static func knowsFormat(of path: String) throws -> Bool {
        let input = try RawInput(path: path)
        let prefix = try withExtendedLifetime(input) { Array(try input.next().prefix(64)) }
        return LogFormat.detect(prefix.span) != .plain
    }

    /// Reads the file; the bytes that came out.
    static func read(_ path: String, _ inflater: Inflater) throws -> Int {
        let pool = BlockPool()
        let counter = ByteCounter(pool: pool)
        let scan = FileScan(path: path, inflater: inflater, pool: pool, events: counter)
        let isRead = scan.run { _ in }
        if let trouble = counter.trouble { throw ReadingFailure(trouble) }
        guard isRead else { throw ReadingFailure("LogTail did not read to the end") }
        return counter.byteCount
    }
}

/// Counts what LogTail hands on and gives each block back at once.
private final class ByteCounter: TailEvents {
    private(set) var byteCount = 0
    /// The first thing that went wrong.
    private(set) var trouble: String?
    private let pool: BlockPool

    init(pool: BlockPool) { self.pool = pool }

    func lines(_ batch: LineBatch) -> Bool {
        byteCount += batch.block.count
        pool.giveBack(batch.block)
        return true
    }

    func gap(_ gap: CoverageGap) -> Bool {
        trouble = trouble ?? "\(gap.reason) at byte \(gap.offset)"
        return true
    }

    func checkpoint(_ checkpoint: StreamCheckpoint) -> Bool { true }
    func news(_ news: StreamNews) -> Bool { true }
    func restart(of stream: StreamID) -> [UInt8]? { nil }

    func notice(_ notice: TailNotice) {
        if notice.isWarning { trouble = trouble ?? notice.description }
    }
}

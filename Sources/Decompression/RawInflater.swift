// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Inflates raw deflate data (RFC 1951), which know their own end but nothing of gzip.
protocol RawInflater: AnyObject {
    var memoryBytes: Int { get }

    /// Forgets all, for the next member.
    func reset()

    /// Gets ready for data that go on at a block's begin after `window`; of the byte that the
    /// block begins in, so many bits are its own.
    func resume(window: Span<UInt8>, pendingBits: UInt8, count: Int)

    /// Inflates until the input is used up, the output is full, or the data end.
    ///
    /// - Parameter stopsAtBlock: Return soon after ``restAfterBlock`` has something to say.
    func inflate(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>, stopsAtBlock: Bool
    ) -> InflateStep

    /// What was taken in after the begin of the next block, where a block has just ended and
    /// all that came of it was given out; nil elsewhere.
    var restAfterBlock: InflateRest? { get }
}

/// Input that lies after the end of a block: whole bytes, and before them some bits of a byte.
struct InflateRest {
    var wholeBytes: Int
    /// Lowest first.
    var bits: UInt8
    var bitCount: Int
}

/// What one call of an inflater came to.
struct InflateStep {
    enum Status {
        case more
        case finished
        case invalid
    }

    /// Bytes of input used. At the end of the data it can be negative: bytes of earlier input
    /// turned out to lie after the end.
    var consumedBytes: Int
    var status: Status
}

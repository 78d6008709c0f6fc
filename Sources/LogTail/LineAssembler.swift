// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Cuts decompressed bytes into batches of whole lines.
///
///     | whole lines, ready to hand on | begun line | free |
///     0                          lineStart       count  capacity
///
/// Invariants: `frontier` stands at the block's first byte, or after the overlap that begins
/// it; no newline stands at or after `lineStart`. A line longer than `lineLimitBytes` is handed on in windows
/// of exactly that size, each beginning with the last `overlapBytes` of the one before, so
/// that where they are cut does not depend on how the bytes came.
struct LineAssembler {
    /// Longer lines are evaluated in windows, as raw text.
    static let usualLineLimitBytes = 16 << 20
    /// What two windows share: no pattern match up to this length is cut apart.
    static let overlapBytes = 4096

    private(set) var frontier: Frontier
    let stream: StreamID
    let root: StreamID
    private let pool: BlockPool
    private let lineLimitBytes: Int
    /// The begun line between turns, when no block is held.
    private var carry: [UInt8] = []
    private var held: LineBlock?
    private var lineStart = 0
    /// Where the long line began that windows are cut from; nil outside of one.
    private var longLineFrontier: Frontier?

    init(
        stream: StreamID, root: StreamID, at frontier: Frontier, pool: BlockPool,
        lineLimitBytes: Int = usualLineLimitBytes
    ) {
        self.lineLimitBytes = lineLimitBytes
        self.stream = stream
        self.root = root
        self.frontier = frontier
        self.pool = pool
    }

    /// The block to read into, with room in it.
    ///
    /// - Parameter deliver: Takes the batch when one had to be handed on to make room.
    mutating func roomyBlock(
        at position: FilePosition, _ deliver: (LineBatch) throws(TailStopped) -> Void
    ) throws(TailStopped) -> LineBlock {
        while true {
            let block = held ?? takeBlock()
            if block.freeBytes > 0 { return block }
            if lineStart > 0 {
                try handOnLines(at: position, deliver)
            } else if block.count < lineLimitBytes {
                block.grow(to: min(2 * block.capacity, lineLimitBytes))
            } else {
                try handOnWindow(at: position, deliver)
            }
        }
    }

    private mutating func takeBlock() -> LineBlock {
        let block = pool.take()
        block.grow(to: carry.count)
        block.append(copying: carry.span)
        carry = []
        held = block
        lineStart = 0
        return block
    }

    /// Notes that bytes were added to the block from `start` on.
    mutating func added(from start: Int) {
        guard let block = held else { return }
        if let newline = block.bytes.lastIndex(of: UInt8(ascii: "\n"), from: start) {
            lineStart = newline + 1
        }
    }

    /// Hands on all whole lines and keeps the begun one aside, so that a file at rest holds
    /// no block.
    mutating func flush(
        at position: FilePosition, _ deliver: (LineBatch) throws(TailStopped) -> Void
    ) throws(TailStopped) {
        while lineStart > 0 { try handOnLines(at: position, deliver) }
        guard let block = held else { return }
        carry = block.bytes.copied()
        held = nil
        pool.giveBack(block)
    }

    /// Hands on what is there, the begun line as if it were whole.
    ///
    /// - Parameter isResumable: What follows the begun line is known to be another one, so that
    ///   a checkpoint can stand after it.
    mutating func flushAll(
        at position: FilePosition, isResumable: Bool,
        _ deliver: (LineBatch) throws(TailStopped) -> Void
    ) throws(TailStopped) {
        while lineStart > 0 { try handOnLines(at: position, deliver) }
        let block = held ?? takeBlock()
        guard block.count > 0 || longLineFrontier != nil else { return }
        lineStart = block.count
        try handOnLines(at: position, endsInLine: true, isResumable: isResumable, deliver)
    }

    /// The begun line as a batch; it stays begun. To be asked between turns.
    func begunLine(path: String) -> LineBatch? {
        guard longLineFrontier == nil, !carry.isEmpty else { return nil }
        let block = LineBlock(capacity: carry.count)
        block.append(copying: carry.span)
        return batch(block, from: frontier, path: path, checkpoint: nil)
    }

    /// Where the begun line ends so far.
    var begunEnd: Int {
        frontier.offset + carry.count - (isInLongLine ? Self.overlapBytes : 0)
    }

    var isInLongLine: Bool { longLineFrontier != nil }

    /// How much of a line would have to be read again from the last checkpoint.
    var begunBytes: Int { begunEnd - (longLineFrontier?.offset ?? frontier.offset) }

    /// Where the stream stands: after the last whole line. To be asked outside of long lines.
    func checkpoint(in position: FilePosition) -> StreamCheckpoint {
        frontier.checkpoint(of: stream, root: root, in: position)
    }

    private mutating func handOnLines(
        at position: FilePosition, endsInLine: Bool = false, isResumable: Bool = true,
        _ deliver: (LineBatch) throws(TailStopped) -> Void
    ) throws(TailStopped) {
        guard let block = held else { return }
        if longLineFrontier != nil {
            return try endLongLine(at: position, isResumable: isResumable, deliver)
        }
        let rest = block.bytes.extracting(lineStart...).copied()
        block.truncate(to: lineStart)
        let begin = frontier
        let newlines = block.bytes.count(of: UInt8(ascii: "\n"))
        frontier.advance(over: block.bytes, lines: newlines + (endsInLine ? 1 : 0))
        let batch = batch(
            block, from: begin, path: position.path,
            checkpoint: isResumable ? checkpoint(in: position) : nil)
        hold(rest)
        try deliver(batch)
    }

    private mutating func handOnWindow(
        at position: FilePosition, _ deliver: (LineBatch) throws(TailStopped) -> Void
    ) throws(TailStopped) {
        guard let block = held else { return }
        let begin = longLineFrontier ?? frontier
        block.content = .window(isLast: false)
        advanceInLongLine(over: block, lines: 0)
        longLineFrontier = begin
        let overlap = block.bytes.extracting(last: Self.overlapBytes).copied()
        let batch = batch(block, from: begin, path: position.path, checkpoint: nil)
        hold(overlap)
        try deliver(batch)
    }

    /// Hands on the last window of a long line; what follows it are lines again.
    private mutating func endLongLine(
        at position: FilePosition, isResumable: Bool,
        _ deliver: (LineBatch) throws(TailStopped) -> Void
    ) throws(TailStopped) {
        guard let block = held, let begin = longLineFrontier else { return }
        let newline = block.bytes.firstIndex(of: UInt8(ascii: "\n"))
        let end = newline.map { $0 + 1 } ?? block.count
        let rest = block.bytes.extracting(end...).copied()
        block.truncate(to: end)
        block.content = .window(isLast: true)
        advanceInLongLine(over: block, lines: 1)
        longLineFrontier = nil
        let batch = batch(
            block, from: begin, path: position.path,
            checkpoint: isResumable ? checkpoint(in: position) : nil)
        hold(rest)
        added(from: 0)
        try deliver(batch)
    }

    /// Moves on over a window, of whose bytes the overlap was counted with the one before.
    private mutating func advanceInLongLine(over block: LineBlock, lines: Int) {
        let overlap = longLineFrontier == nil ? 0 : Self.overlapBytes
        frontier.advance(over: block.bytes.extracting(overlap...), lines: lines)
    }

    private mutating func hold(_ rest: [UInt8]) {
        held = nil
        lineStart = 0
        carry = rest
        if !rest.isEmpty { _ = takeBlock() }
    }

    private func batch(
        _ block: LineBlock, from begin: Frontier, path: String, checkpoint: StreamCheckpoint?
    ) -> LineBatch {
        LineBatch(
            block: block, stream: stream, root: root, path: path, offset: begin.offset,
            line: begin.line + 1, checkpoint: checkpoint)
    }
}

/// Why reading ends where it is.
enum TailStopped: Error {
    /// The receiver wants no more.
    case byReceiver
    /// The file holds other bytes than were read of it: what was read just now may be a mixture.
    case fileWasReplaced
}

extension Span<UInt8> {
    /// Whether the bytes begin and end as a JSON object does: a record that may be whole.
    var looksLikeRecord: Bool {
        let text = trimmed
        return text.count > 1 && text[0] == UInt8(ascii: "{")
            && text[text.count - 1] == UInt8(ascii: "}")
    }
}

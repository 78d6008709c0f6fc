// SPDX-License-Identifier: Apache-2.0

// The line splitter is seen by tests only, which is why this is left out of release builds.
#if DEBUG
    internal import Bytes
    internal import Glibc
    internal import TestSupport
    @testable internal import LogTail

    /// Splits a text that the input spells out, cut in two ways, and compares each with the text.
    enum LineSplitting {
        static let isBuilt = true
        /// As low as windows of exactly the limit's size can be had.
        private static let limit = BlockPool.blockBytes + 4096
        private static let pool = BlockPool()

        static func fault(with input: FuzzInput) -> String? {
            let text = SpelledText(input.bytes, limit: 2 * limit)
            var whole = SplitText(text, pool: pool, limit: limit)
            if let fault = whole.split(inPieces: nil) { return "whole: \(fault)" }
            var pieces = SplitText(text, pool: pool, limit: limit)
            if let fault = pieces.split(inPieces: SeededGenerator(seed: input.seed)) {
                return "in pieces: \(fault)"
            }
            return whole.windows == pieces.windows ? nil : "windows depend on how the text came"
        }
    }

    /// The bytes as they are, but that 0xff and a count stand for so many 4 KiB of one letter:
    /// long lines from short inputs.
    private struct SpelledText {
        private(set) var bytes: [UInt8] = []
        private(set) var newlines: [Int] = []

        init(_ spelling: [UInt8], limit: Int) {
            var index = 0
            while index < spelling.count, bytes.count < limit {
                if spelling[index] == 0xff, index + 1 < spelling.count {
                    let count = Int(spelling[index + 1]) << 12
                    bytes += repeatElement(UInt8(ascii: "x"), count: count)
                    index += 2
                } else {
                    if spelling[index] == UInt8(ascii: "\n") { newlines.append(bytes.count) }
                    bytes.append(spelling[index])
                    index += 1
                }
            }
        }

        /// Whether these bytes stand there; by memcmp, since blocks are large.
        func holds(_ found: [UInt8], at start: Int) -> Bool {
            guard start >= 0, start + found.count <= bytes.count else { return false }
            return bytes.withUnsafeBytes { all in
                found.withUnsafeBytes { part in
                    guard let from = all.baseAddress, let other = part.baseAddress else {
                        return part.isEmpty
                    }
                    return memcmp(from + start, other, part.count) == 0
                }
            }
        }
    }

    /// A text on its way through a line assembler, and what was seen of it.
    private struct SplitText {
        /// Where the windows of long lines were cut.
        private(set) var windows: [Range<Int>] = []
        private let text: SpelledText
        private let file = FilePosition(path: "x", readBytes: 0, sizeBytes: 0)
        private let pool: BlockPool
        private let limit: Int
        private var lines: LineAssembler
        /// Bytes given to the assembler, and handed on by it.
        private var given = 0
        private var handedOn = 0
        private var newlines = 0
        private var isInLongLine = false
        private var longLineStart = 0
        private var checkpointEnd = 0
        private var fault: String?

        init(_ text: SpelledText, pool: BlockPool, limit: Int) {
            self.text = text
            self.pool = pool
            self.limit = limit
            let stream = StreamID("s")
            lines = LineAssembler(
                stream: stream, root: stream, at: Frontier(), pool: pool, lineLimitBytes: limit)
        }

        /// Gives the text in pieces, or in such that fill each block, and looks at each batch.
        mutating func split(inPieces cut: SeededGenerator?) -> String? {
            var choices = cut ?? SeededGenerator(seed: 0)
            var lines = lines
            while given < text.bytes.count, fault == nil {
                do throws(TailStopped) {
                    let block = try lines.roomyBlock(at: file) { look(at: $0) }
                    var count = min(block.freeBytes, text.bytes.count - given)
                    if cut != nil {
                        let most = 1 << Int.random(in: 0...20, using: &choices)
                        count = min(count, Int.random(in: 1...most, using: &choices))
                    }
                    let start = block.count
                    block.append(copying: text.bytes.span.extracting(given..<given + count))
                    lines.added(from: start)
                    given += count
                    if cut != nil, Int.random(in: 0..<3, using: &choices) == 0 {
                        try lines.flush(at: file) { look(at: $0) }
                        lookAtBegunLine(lines)
                    }
                } catch { return "stopped" }
            }
            do throws(TailStopped) {
                try lines.flushAll(at: file, isResumable: true) { look(at: $0) }
            } catch { return "stopped" }
            if handedOn != text.bytes.count {
                note("\(handedOn) of \(text.bytes.count) bytes handed on")
            }
            if checkpointEnd != text.bytes.count {
                note("the last checkpoint is at \(checkpointEnd)")
            }
            if lines.frontier.offset != text.bytes.count {
                note("it stands at \(lines.frontier.offset)")
            }
            return fault
        }

        private mutating func note(_ found: String) { fault = fault ?? found }

        private mutating func look(at batch: LineBatch) {
            let bytes = batch.block.bytes.copied()
            let start = isInLongLine ? handedOn - LineAssembler.overlapBytes : handedOn
            let end = start + bytes.count
            guard end <= given, text.holds(bytes, at: start) else {
                return note("other bytes than the text's from \(start) to \(end)")
            }
            if !isInLongLine { longLineStart = start }
            if batch.offset != longLineStart { note("offset \(batch.offset) at \(longLineStart)") }
            if batch.line != newlines + 1 { note("line \(batch.line) after \(newlines)") }
            lookAtEnd(of: batch, bytes)
            while newlines < text.newlines.count, text.newlines[newlines] < end { newlines += 1 }
            handedOn = end
            if let checkpoint = batch.checkpoint {
                checkpointEnd = checkpoint.offset
                let isLast = end == text.bytes.count && bytes.last != UInt8(ascii: "\n")
                if checkpoint.offset != end { note("checkpoint \(checkpoint.offset) at \(end)") }
                if checkpoint.line != newlines + (isLast ? 1 : 0) {
                    note("checkpoint with line \(checkpoint.line) after \(newlines)")
                }
            }
            pool.giveBack(batch.block)
        }

        /// Lines end with a newline, windows have their size, and only a line's end is a
        /// checkpoint.
        private mutating func lookAtEnd(of batch: LineBatch, _ bytes: [UInt8]) {
            let start = isInLongLine ? handedOn - LineAssembler.overlapBytes : handedOn
            let end = start + bytes.count
            var isWholeLine = true
            switch batch.block.content {
            case .lines:
                if isInLongLine { note("lines at \(start), inside a line") }
            case .window(let isLast):
                windows.append(start..<end)
                if isLast != isInLongLine, isLast { note("a last window at \(start), no first") }
                if !isLast, bytes.count != limit { note("a window of \(bytes.count) bytes") }
                if newlines < text.newlines.count, text.newlines[newlines] < end - 1 {
                    note("a window of more than one line at \(start)")
                }
                isWholeLine = isLast
            }
            isInLongLine = !isWholeLine
            if isWholeLine != (batch.checkpoint != nil) { note("a checkpoint at \(end) or none") }
            if isWholeLine, end != text.bytes.count, bytes.last != UInt8(ascii: "\n") {
                note("a line that ends without newline at \(end)")
            }
        }

        private mutating func lookAtBegunLine(_ lines: LineAssembler) {
            if lines.begunEnd != given {
                note("the begun line ends at \(lines.begunEnd)")
            }
            guard let batch = lines.begunLine(path: "x") else { return }
            if batch.offset != handedOn || batch.checkpoint != nil
                || batch.block.count != given - handedOn
                || !text.holds(batch.block.bytes.copied(), at: handedOn)
            {
                note("another begun line than the text's at \(handedOn)")
            }
        }
    }
#else
    /// Nothing to see in a release build.
    enum LineSplitting {
        static let isBuilt = false
        static func fault(with input: FuzzInput) -> String? { nil }
    }
#endif

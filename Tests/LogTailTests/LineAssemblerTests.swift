// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import LogTail

@Suite struct LineAssemblerTests {
    /// One batch as the test compares it.
    struct Batch: Equatable {
        let text: [UInt8]
        let offset: Int
        let line: Int
        let content: LineBlock.Content
    }

    @Test(
        "however bytes come, the batches are the text's lines, each at its place",
        arguments: 0..<300 as Range<UInt64>)
    func anyCut(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let limit = BlockPool.blockBytes + 4096
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            let isLong = Int.random(in: 0..<30, using: &random) == 0
            let count =
                isLong
                ? Int.random(in: 0...(3 * limit), using: &random)
                : Int.random(in: 0...200, using: &random)
            text += (0..<count).map { UInt8(truncatingIfNeeded: $0 % 23 + 97) } + [10]
        }
        if Bool.random(using: &random) { text.removeLast(min(3, text.count)) }
        let once = try batches(of: text, limit: limit) { 1 << 20 }
        let pieces = try batches(of: text, limit: limit) {
            Int.random(in: 1...(text.count > 10_000 ? 100_000 : 50), using: &random)
        }
        for found in [once, pieces] {
            #expect(try joined(found, limit: limit) == text)
        }
        // Windows of long lines are cut at the same places, whatever the pieces were.
        let windows = { (batches: [Batch]) in batches.filter { $0.content != .lines } }
        #expect(windows(once) == windows(pieces))
    }

    private func batches(
        of text: [UInt8], limit: Int, pieceBytes: () -> Int
    ) throws -> [Batch] {
        let stream = StreamID("s")
        var lines = LineAssembler(
            stream: stream, root: stream, at: Frontier(), pool: BlockPool(), lineLimitBytes: limit)
        var found: [Batch] = []
        var end = 0
        let deliver = { (batch: LineBatch) throws(TailStopped) in
            found.append(
                Batch(
                    text: batch.block.bytes.copied(), offset: batch.offset, line: batch.line,
                    content: batch.block.content))
            end = batch.checkpoint?.offset ?? end
        }
        let file = FilePosition(path: "x", readBytes: 0, sizeBytes: 0)
        var position = 0
        while position < text.count {
            let block = try lines.roomyBlock(at: file, deliver)
            let count = min(pieceBytes(), block.freeBytes, text.count - position)
            let start = block.count
            block.append(copying: text.span.extracting(position..<position + count))
            lines.added(from: start)
            position += count
            if count % 3 == 0 { try lines.flush(at: file, deliver) }
        }
        try lines.flushAll(at: file, isResumable: true, deliver)
        #expect(end == text.count)
        #expect(lines.frontier.offset == text.count)
        return found
    }

    /// The text that the batches come from: windows without their overlaps.
    private func joined(_ batches: [Batch], limit: Int) throws -> [UInt8] {
        var text: [UInt8] = []
        var inLine = false
        for batch in batches {
            if inLine {
                #expect(batch.text.prefix(4096) == text.suffix(4096))
                text += batch.text.dropFirst(4096)
            } else {
                #expect(batch.offset == text.count)
                #expect(batch.line == text.filter { $0 == 10 }.count + 1)
                text += batch.text
            }
            if batch.content == .window(isLast: false) { #expect(batch.text.count == limit) }
            inLine = batch.content == .window(isLast: false)
        }
        return text
    }
}

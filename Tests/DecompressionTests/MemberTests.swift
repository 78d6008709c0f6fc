// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import Decompression

@Suite struct MemberTests {
    @Test(
        "members of all kinds come out whole, however they are cut",
        arguments: Coding.allCases, 0..<60 as Range<UInt64>)
    func randomMembers(coding: Coding, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let file = SampleFile(coding, &random)
        let pieces = [
            DecodedRun.Pieces.whole, .init(input: 1...3, room: 1...3),
            .init(input: 1...900, room: 1...900),
            .init(input: 1...1, room: 4096...4096), .init(input: 4096...4096, room: 1...1),
        ]
        for pieces in pieces {
            let run = DecodedRun(file.bytes, coding, pieces: pieces, seed: seed)
            #expect(isSame(run.output, file.text), "seed \(seed) \(pieces)")
            #expect(run.events == Array(repeating: .memberEnd, count: file.memberCount))
            #expect(run.decoder.isAtBoundary)
            #expect(run.decoder.compressedOffset == file.bytes.count)
        }
    }

    @Test("what was flushed can be read before the member ends", arguments: Coding.allCases)
    func flushedBytesComeOut(coding: Coding) {
        let writer = coding.writer()
        var bytes: [UInt8] = []
        var text: [UInt8] = []
        for seed in 0..<30 as Range<UInt64> {
            let line = sampleText(Int(seed) * 97 + 1, seed: seed)
            text += line
            bytes += writer.write(line, .flush)
            let run = DecodedRun(bytes, coding, isFinished: false)
            #expect(isSame(run.output, text))
            #expect(!run.decoder.isAtBoundary)
        }
    }

    @Test("cut anywhere, a file gives a beginning of its text", arguments: Coding.allCases)
    func truncation(coding: Coding) {
        let first = sampleText(300, seed: 1)
        let second = sampleText(200, seed: 2)
        let head = coding.member(of: first)
        let bytes = head + coding.member(of: second)
        for count in 0...bytes.count {
            let run = DecodedRun(Array(bytes[..<count]), coding, isFinished: false)
            #expect(isSame(run.output, Array((first + second).prefix(run.output.count))))
            #expect(run.output.count >= (count >= head.count ? first.count : 0))
            let isWhole = [0, head.count, bytes.count].contains(count)
            #expect(run.decoder.isAtBoundary == isWhole)
            // When nothing more comes, the open member is told, and no byte is given out twice.
            let ended = DecodedRun(Array(bytes[..<count]), coding)
            let damage = DecodeEvent.damaged(DecodeDamage(coding.format, .unfinished))
            #expect(ended.events.contains(damage) != isWhole)
            #expect(isSame(ended.output, run.output))
        }
    }

    @Test("a bomb comes out in the room that is given", arguments: Coding.allCases)
    func bomb(coding: Coding) {
        let writer = coding.writer(level: 9)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var bytes: [UInt8] = []
        for _ in 0..<64 { bytes += writer.write(zeros, .none) }
        bytes += writer.write([], .end)
        #expect(bytes.count < 100_000)
        let decoder = coding.decoder()
        let block = LineBlock(capacity: 64 << 10)
        var produced = 0
        while !decoder.isAtBoundary || produced == 0 {
            block.truncate(to: 0)
            _ = block.append {
                decoder.decode(bytes.span.extracting(decoder.compressedOffset...), into: &$0)
            }
            produced += block.count
        }
        #expect(produced == 64 << 20)
    }
}

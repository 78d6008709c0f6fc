// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import TestSupport
import Testing

@testable import Decompression

@Suite struct FormatTests {
    @Test(
        arguments: [
            ([], nil), ([0x1f], nil), ([0x1f, 0x8b], nil), ([0x1f, 0x8b, 8], .gzip),
            ([0x1f, 0x8b, 7], .plain), ([0x7b], .plain), ([0x1f, 0x20], .plain),
        ] as [([UInt8], LogFormat?)])
    func isToldByTheFirstBytes(prefix: [UInt8], format: LogFormat?) {
        #expect(LogFormat.detect(prefix.span) == format)
    }

    @Test func plainBytesComeOutAsTheyAre() {
        let decoder = makeDecoder(format: .plain, inflater: .isal)
        let block = LineBlock(capacity: 4)
        let input: [UInt8] = [1, 2, 3, 4, 5]
        _ = block.append { decoder.decode(input.span, into: &$0) }
        #expect(block.bytes.copied() == [1, 2, 3, 4])
        #expect(decoder.compressedOffset == 4)
    }
}

@Suite struct GzipTests {
    @Test(
        "members of all kinds come out whole, however they are cut, from both inflaters",
        arguments: 0..<60 as Range<UInt64>)
    func randomMembers(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var text: [UInt8] = []
        var bytes: [UInt8] = []
        let memberCount = Int.random(in: 1...4, using: &random)
        for _ in 0..<memberCount {
            let member = GzipMember(level: Int32.random(in: 0...9, using: &random))
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let piece = sampleText(
                    Int.random(in: 0...9000, using: &random), seed: random.next())
                text += piece
                bytes += member.write(
                    piece, [.none, .sync, .full].randomElement(using: &random) ?? .none)
            }
            bytes += member.write([], .finish)
            // Padding, as tape drives leave it.
            if Int.random(in: 0..<4, using: &random) == 0 { bytes += [0, 0, 0] }
        }
        let pieces = [
            DecodedRun.Pieces.whole, .init(input: 1...3, room: 1...3),
            .init(input: 1...900, room: 1...900),
            .init(input: 1...1, room: 4096...4096), .init(input: 4096...4096, room: 1...1),
        ]
        for inflater in Inflater.allCases {
            for pieces in pieces {
                let run = DecodedRun(bytes, inflater, pieces: pieces, seed: seed)
                #expect(run.output == text, "\(inflater) \(pieces)")
                #expect(run.events == Array(repeating: .memberEnd, count: memberCount))
                #expect(run.decoder.isAtBoundary)
                #expect(run.decoder.compressedOffset == bytes.count)
            }
        }
    }

    @Test("what was flushed can be read before the member ends", arguments: Inflater.allCases)
    func flushedBytesComeOut(inflater: Inflater) {
        let member = GzipMember()
        var bytes: [UInt8] = []
        var text: [UInt8] = []
        for seed in 0..<30 as Range<UInt64> {
            let line = sampleText(Int(seed) * 97 + 1, seed: seed)
            text += line
            bytes += member.write(line, .sync)
            let run = DecodedRun(bytes, inflater, isFinished: false)
            #expect(run.output == text)
            #expect(!run.decoder.isAtBoundary)
        }
    }

    @Test("cut anywhere, a file gives a beginning of its text", arguments: Inflater.allCases)
    func truncation(inflater: Inflater) {
        let first = sampleText(300, seed: 1)
        let second = sampleText(200, seed: 2)
        let head = GzipMember.of(first)
        let bytes = head + GzipMember.of(second)
        for count in 0...bytes.count {
            let run = DecodedRun(Array(bytes[..<count]), inflater)
            #expect(run.output == Array((first + second).prefix(run.output.count)))
            #expect(run.output.count >= (count >= head.count ? first.count : 0))
            #expect(run.decoder.isAtBoundary == [0, head.count, bytes.count].contains(count))
        }
    }

    @Test("gzip(1) and this decoder agree on headers with names, extra fields and checksums")
    func optionalHeaderParts() throws {
        let text = sampleText(5000, seed: 3)
        let deflated = Array(GzipMember.of(text).dropFirst(10))
        for flags in 0..<32 as Range<UInt8> where flags & 1 == 0 || flags == 1 {
            var header: [UInt8] = [0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]
            if flags & 4 != 0 { header += [3, 0, 9, 9, 9] }
            if flags & 8 != 0 { header += Array("name".utf8) + [0] }
            if flags & 16 != 0 { header += Array("comment".utf8) + [0] }
            if flags & 2 != 0 {
                let crc = UInt32(0).updated(with: header.span)
                header += [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
            }
            for inflater in Inflater.allCases {
                let pieces = DecodedRun.Pieces(input: 1...7, room: 100...100)
                let run = DecodedRun(
                    header + deflated, inflater, pieces: pieces, seed: UInt64(flags))
                #expect(run.output == text, "flags \(flags)")
                #expect(run.events == [.memberEnd])
            }
        }
    }

    @Test(
        "the program gzip's files come out as gzip -dc gives them",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gzip"), "no gzip(1)"),
        arguments: ["-1", "-6", "-9"])
    func gzipProgram(level: String) throws {
        let scratch = try Scratch()
        let text = sampleText(200_000, seed: 4)
        let path = scratch.path + "/log"
        try Data(text).write(to: URL(fileURLWithPath: path))
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        gzip.arguments = [level, path]
        try gzip.run()
        gzip.waitUntilExit()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + ".gz")))
        for inflater in Inflater.allCases {
            #expect(DecodedRun(bytes, inflater).output == text)
        }
    }

    @Test("a bomb comes out in the room that is given", arguments: Inflater.allCases)
    func bomb(inflater: Inflater) {
        let member = GzipMember(level: 9)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var bytes: [UInt8] = []
        for _ in 0..<64 { bytes += member.write(zeros, .none) }
        bytes += member.write([], .finish)
        #expect(bytes.count < 100_000)
        let decoder = GzipDecoder(inflater: inflater, startingAt: 0)
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

@Suite struct DamageTests {
    private let parts = (0..<3).map { sampleText(2000, seed: 10 + UInt64($0)) }
    private var members: [[UInt8]] { parts.map { GzipMember.of($0) } }

    @Test(
        "any bit flipped in the second of three members leaves the first and the third whole",
        arguments: Inflater.allCases)
    func flippedBits(inflater: Inflater) {
        let members = members
        let start = members[0].count
        let whole = members.flatMap(\.self)
        for bit in stride(from: 0, to: members[1].count * 8, by: 3) {
            var bytes = whole
            bytes[start + bit / 8] ^= 1 << UInt8(bit % 8)
            let run = DecodedRun(bytes, inflater)
            #expect(run.output.starts(with: parts[0]), "bit \(bit)")
            #expect(run.output.suffix(parts[2].count).elementsEqual(parts[2]), "bit \(bit)")
            #expect(run.decoder.lostBytes <= members[1].count)
            #expect(run.decoder.isAtBoundary)
            // A flip that no check can see (a time, a flag that adds nothing) changes no text.
            let isTold = run.events.contains { if case .damaged = $0 { true } else { false } }
            #expect(isTold || run.output == parts.flatMap(\.self), "bit \(bit)")
        }
    }

    @Test(
        "what comes out of damaged data does not depend on how they are cut",
        arguments: Inflater.allCases, 0..<60 as Range<UInt64>)
    func cutsOfDamagedData(inflater: Inflater, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = members.flatMap(\.self)
        for _ in 0..<3 {
            let bit = Int.random(in: 80..<bytes.count * 8, using: &random)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        let whole = DecodedRun(bytes, inflater)
        for pieces in [
            DecodedRun.Pieces(input: 1...1, room: 4096...4096),
            DecodedRun.Pieces(input: 1...300, room: 1...300),
        ] {
            let run = DecodedRun(bytes, inflater, pieces: pieces, seed: seed)
            let firstDifference = zip(run.output, whole.output).enumerated()
                .first { $0.element.0 != $0.element.1 }?.offset
            #expect(firstDifference == nil)
            #expect(run.output.count == whole.output.count)
            #expect(run.events == whole.events)
        }
    }

    @Test("garbage between members is passed over and counted", arguments: Inflater.allCases)
    func garbage(inflater: Inflater) {
        let members = members
        // Looks like headers, again and again.
        var garbage: [UInt8] = []
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            garbage +=
                [0x1f, 0x8b, 8, 0] + (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        garbage[0] = 0x41
        let run = DecodedRun(members[0] + garbage + members[1], inflater)
        #expect(run.output == parts[0] + parts[1])
        #expect(
            run.events == [
                .memberEnd, .damaged(.trailingBytes), .resumed(skippedBytes: garbage.count),
                .memberEnd,
            ])
        #expect(run.decoder.lostBytes == garbage.count)
    }

    @Test(
        "a member that is still being written is found after damage", arguments: Inflater.allCases)
    func growingMemberAfterDamage(inflater: Inflater) {
        var damaged = members[0]
        damaged[damaged.count - 8] ^= 1
        let member = GzipMember()
        let begun = member.write(parts[1], .sync)
        let run = DecodedRun(damaged + begun, inflater)
        #expect(run.output == parts[0] + parts[1])
        #expect(run.events.contains(.damaged(.checksum)))
    }

    @Test("noise never crashes, hangs or grows", arguments: 0..<200 as Range<UInt64>)
    func noise(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        bytes += (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for inflater in Inflater.allCases {
            let run = DecodedRun(
                bytes, inflater, pieces: .init(input: 1...500, room: 1...500), seed: seed)
            #expect(run.decoder.compressedOffset == bytes.count)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import Decompression

@Suite struct DamageTests {
    private let parts = (0..<3).map { sampleText(2000, seed: 10 + UInt64($0)) }

    @Test(
        "any bit flipped in the second of three members leaves the first and the third whole",
        arguments: Coding.allCases)
    func flippedBits(coding: Coding) {
        let members = parts.map { coding.member(of: $0) }
        let start = members[0].count
        let whole = members.flatMap(\.self)
        for bit in stride(from: 0, to: members[1].count * 8, by: 3) {
            var bytes = whole
            bytes[start + bit / 8] ^= 1 << UInt8(bit % 8)
            let run = DecodedRun(bytes, coding)
            let isFirstWhole = run.output.starts(with: parts[0])
            let isThirdWhole = run.output.suffix(parts[2].count).elementsEqual(parts[2])
            #expect(isFirstWhole && isThirdWhole, "bit \(bit)")
            #expect(run.decoder.lostBytes <= members[1].count)
            #expect(run.decoder.isAtBoundary)
            // A flip that no check can see (a time, a flag that adds nothing) changes no text.
            let isTold = run.events.contains { if case .damaged = $0 { true } else { false } }
            let isUnharmed = run.output == parts.flatMap(\.self)
            #expect(isTold || isUnharmed, "bit \(bit)")
        }
    }

    @Test(
        "what comes out of damaged data does not depend on how they are cut",
        arguments: Coding.allCases, 0..<60 as Range<UInt64>)
    func cutsOfDamagedData(coding: Coding, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = parts.flatMap { coding.member(of: $0) }
        for _ in 0..<3 {
            let bit = Int.random(in: 80..<bytes.count * 8, using: &random)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        let whole = DecodedRun(bytes, coding)
        for pieces in [
            DecodedRun.Pieces(input: 1...1, room: 4096...4096),
            DecodedRun.Pieces(input: 1...300, room: 1...300),
        ] {
            let run = DecodedRun(bytes, coding, pieces: pieces, seed: seed)
            let firstDifference = zip(run.output, whole.output).enumerated()
                .first { $0.element.0 != $0.element.1 }?.offset
            #expect(firstDifference == nil)
            #expect(run.output.count == whole.output.count)
            #expect(run.events == whole.events)
        }
    }

    @Test("garbage between members is passed over and counted", arguments: Coding.allCases)
    func garbage(coding: Coding) {
        let members = parts.map { coding.member(of: $0) }
        // Looks like headers, again and again.
        var garbage: [UInt8] = []
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            garbage +=
                Array(coding.member(of: parts[0]).prefix(4))
                + (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        garbage[0] = 0x41
        let run = DecodedRun(members[0] + garbage + members[1], coding)
        let isWhole = run.output == parts[0] + parts[1]
        #expect(isWhole)
        #expect(
            run.events == [
                .memberEnd, .damaged(DecodeDamage(coding.format, .trailingBytes)),
                .resumed(skippedBytes: garbage.count),
                .memberEnd,
            ])
        #expect(run.decoder.lostBytes == garbage.count)
    }

    @Test(
        "a member that is still being written is found after damage", arguments: Coding.allCases)
    func growingMemberAfterDamage(coding: Coding) {
        var damaged = coding.member(of: parts[0])
        damaged[damaged.count - (coding == .zstd ? 4 : 8)] ^= 1
        let begun = coding.writer().write(parts[1], .flush)
        let run = DecodedRun(damaged + begun, coding)
        let isWhole = run.output == parts[0] + parts[1]
        #expect(isWhole)
        #expect(run.events.contains(.damaged(DecodeDamage(coding.format, .checksum))))
    }

    @Test(
        "noise never crashes, hangs or grows", arguments: Coding.allCases,
        0..<200 as Range<UInt64>)
    func noise(coding: Coding, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = Array(
            coding.member(of: parts[0]).prefix(Int.random(in: 4...60, using: &random)))
        bytes += (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let run = DecodedRun(
            bytes, coding, pieces: .init(input: 1...500, room: 1...500), seed: seed)
        #expect(run.decoder.compressedOffset == bytes.count)
    }
}

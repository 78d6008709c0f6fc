// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import Decompression

@Suite struct RestartTests {
    @Test(
        "from every restart point the rest comes out, its checksums still verified",
        arguments: Coding.allCases, 0..<20 as Range<UInt64>)
    func everyRestartPoint(coding: Coding, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let file = SampleFile(coding, &random, pieceBytes: 0...30_000)
        let run = DecodedRun(
            file.bytes, by: coding.decoder(restartIntervalBytes: 1),
            pieces: .init(input: 1...20_000, room: 1...20_000), seed: seed)
        #expect(isSame(run.output, file.text))
        if file.memberCount > 1 { #expect(!run.restartPoints.isEmpty) }
        // The two inflaters take each other's places.
        for point in run.restartPoints {
            for inflater in Inflater.allCases {
                let rest = DecodedRun(
                    file.bytes, by: makeDecoder(at: point, inflater: inflater))
                #expect(
                    isSame(rest.output, Array(file.text[point.decompressedOffset...])),
                    "seed \(seed) from \(point.compressedOffset)")
                #expect(rest.events == run.events.suffix(rest.events.count))
                #expect(point.member == nil || rest.events.contains(.memberEnd))
            }
        }
    }

    @Test("blocks that no flush ends have restart points too", arguments: [Coding.isal, .zlib])
    func insideOneMember(coding: Coding) {
        let text = sampleText(3 << 20, seed: 7)
        let bytes = coding.member(of: text)
        let run = DecodedRun(bytes, by: coding.decoder(restartIntervalBytes: 64 << 10))
        let inside = run.restartPoints.filter { $0.member != nil }
        #expect(inside.count >= bytes.count / (200 << 10))
        #expect(inside.contains { $0.pendingBitCount > 0 })
        for point in inside {
            let rest = DecodedRun(
                bytes, by: makeDecoder(at: point, inflater: coding.inflater))
            #expect(isSame(rest.output, Array(text[point.decompressedOffset...])))
            #expect(rest.events == [.memberEnd])
        }
    }

    @Test("a wrong checksum is found although its member was entered in the midst")
    func checksumAfterRestart() throws {
        var bytes = GzipMember.of(sampleText(1 << 20, seed: 8))
        let run = DecodedRun(bytes, by: Coding.isal.decoder(restartIntervalBytes: 1000))
        bytes[bytes.count - 8] ^= 1
        for point in run.restartPoints where point.member != nil {
            for inflater in Inflater.allCases {
                let rest = DecodedRun(bytes, by: makeDecoder(at: point, inflater: inflater))
                #expect(rest.events.first == .damaged(DecodeDamage(.gzip, .checksum)))
            }
        }
    }
}

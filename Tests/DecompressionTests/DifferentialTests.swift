// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import Decompression

/// Two inflaters that share no line of code judge the same bytes.
@Suite struct DifferentialTests {
    @Test(
        "ISA-L and zlib give the same bytes, or both an error",
        arguments: ["valid", "truncated", "flipped", "both"], 0..<60 as Range<UInt64>)
    func sameBytesOrBothAnError(kind: String, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = SampleFile(.isal, &random).bytes
        if kind == "truncated" || kind == "both" {
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        }
        if kind == "flipped" || kind == "both", !bytes.isEmpty {
            let bit = Int.random(in: 0..<bytes.count * 8, using: &random)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        let runs = [Coding.isal, .zlib].map { DecodedRun(bytes, $0) }
        let faults = runs.map {
            $0.events.contains { if case .damaged = $0 { true } else { false } }
        }
        #expect(faults[0] == faults[1], "\(kind) seed \(seed)")
        if faults == [false, false] { #expect(isSame(runs[0].output, runs[1].output)) }
        // After damage both find the same next member.
        let resumed = runs.map { run in
            run.events.filter { if case .resumed = $0 { true } else { false } }.count
        }
        #expect(resumed[0] == resumed[1], "\(kind) seed \(seed)")
    }
}

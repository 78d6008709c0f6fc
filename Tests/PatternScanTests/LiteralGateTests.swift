// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import PatternScan

/// A gate against plain comparison, on texts that nearly hold its literals.
@Suite struct LiteralGateTests {
    @Test func aGateLetsPassWhatHoldsALiteralWhereverItStands() {
        for seed in UInt64(1)...120 {
            var random = SeededGenerator(seed: seed)
            let literals = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                Self.bytes(
                    LiteralGate.shortestBytes + Int.random(in: 0...6, using: &random), &random)
            }
            let gate = LiteralGate(literals)
            for _ in 0..<40 {
                var text = Self.bytes(Int.random(in: 0...60, using: &random), &random)
                if Bool.random(using: &random), let literal = literals.randomElement(using: &random)
                {
                    let at = Int.random(in: 0...text.count, using: &random)
                    text.insert(contentsOf: Self.inOtherCase(literal, &random), at: at)
                    if Bool.random(using: &random) { text[at] = UInt8(ascii: "x") }
                }
                let holds = literals.contains { Self.folded(text).contains(Self.folded($0)) }
                #expect(Self.passes(text, gate) == holds, "seed \(seed): \(literals) \(text)")
            }
        }
    }

    @Test func everyPlaceOfALongTextIsLookedAt() {
        let gate = LiteralGate([Array("needle in hay".utf8), Array("needle-in-hay".utf8)])
        for length in 13...90 {
            for at in 0...(length - 13) {
                var text = [UInt8](repeating: UInt8(ascii: "."), count: length)
                text.replaceSubrange(at..<(at + 13), with: "Needle IN hay".utf8)
                #expect(Self.passes(text, gate), "\(at) of \(length)")
                text[at + 12] = UInt8(ascii: "i")
                #expect(!Self.passes(text, gate), "\(at) of \(length)")
            }
        }
    }

    private static func passes(_ text: [UInt8], _ gate: LiteralGate) -> Bool {
        gate.mayHold(text.span)
    }

    private static func bytes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in Array("aabbc -".utf8).randomElement(using: &random) ?? 0 }
    }

    private static func inOtherCase(
        _ literal: [UInt8], _ random: inout SeededGenerator
    ) -> [UInt8] {
        literal.map { (0x61...0x7a).contains($0) && Bool.random(using: &random) ? $0 ^ 0x20 : $0 }
    }

    private static func folded(_ bytes: [UInt8]) -> [UInt8] { bytes.map { $0 | 0x20 } }
}

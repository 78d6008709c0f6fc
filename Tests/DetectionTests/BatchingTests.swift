// SPDX-License-Identifier: Apache-2.0
import Bytes
import Interactions
import TestSupport
import Testing

@testable import Detection

/// The engine's findings depend on the lines and on nothing else.
@Suite struct BatchingTests {
    private static let rules = [
        "word:\n  prompt|contains: needle\ncondition: word",
        "word:\n  response|contains: needle\ncondition: word",
        "words: [needle]\nlate:\n  turn.index|gte: 1\ncondition: words and late",
        "word:\n  prompt|contains: needle\nrefused:\n  response|contains: sorry\ncondition: word and not refused",
    ]

    /// Conversations in several shapes, some with ids, some repeating what was said, malformed
    /// lines among them.
    private static func lines(_ random: inout SeededGenerator) -> [String] {
        var said: [[String]] = Array(repeating: [], count: 4)
        return (0..<60).map { number in
            let which = Int.random(in: 0..<4, using: &random)
            let words = ["needle", "n e e d l e", "hay", "n\u{435}edle", "bm"]
            let prompt = "\(number) \(words.randomElement(using: &random) ?? "")"
            let answer = ["Sorry", "a needle", "fine"].randomElement(using: &random) ?? ""
            if Int.random(in: 0..<10, using: &random) == 0 { return "no JSON, a needle \(number)" }
            let history = which < 2 ? said[which].joined() : ""
            said[which].append(
                #"{"role":"user","content":"\#(prompt)"},{"role":"assistant","content":"\#(answer)"},"#
            )
            let id = which % 2 == 0 ? #""conversation_id":"c\#(which)","# : ""
            return
                #"{\#(id)"user":"u\#(which)","messages":[\#(history){"role":"user","content":"\#(prompt)"}],"choices":[{"message":{"content":"\#(answer)"}}]}"#
        }
    }

    /// What matters of a finding.
    private static func told(_ findings: [Finding]) -> [String] {
        findings.map {
            "\($0.line) \($0.rule) \($0.turn) \($0.conversation) \($0.view ?? "") \($0.excerpt?.text ?? "")"
        }
    }

    @Test(
        "batches of any size, and restarts between them, change nothing",
        arguments: 0..<40 as Range<UInt64>)
    func cuts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lines = Self.lines(&random)
        let whole = try makeEvaluator(Self.rules, keepsJournal: true)
        let expected = Self.told(whole.findings(in: lines, firstLine: 1))
        #expect(!expected.isEmpty)
        var evaluator = try makeEvaluator(Self.rules, keepsJournal: true)
        var journals: [[UInt8]] = []
        var found: [String] = []
        var start = 0
        while start < lines.count {
            let end = min(lines.count, start + Int.random(in: 1...12, using: &random))
            found += Self.told(
                evaluator.findings(in: Array(lines[start..<end]), firstLine: start + 1))
            journals.append(evaluator.conversations.takeJournal())
            start = end
            guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
            evaluator = try makeEvaluator(Self.rules, keepsJournal: true)
            for journal in journals { try evaluator.conversations.restore(journal: journal) }
        }
        #expect(found == expected)
    }
}

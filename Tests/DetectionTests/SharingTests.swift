// SPDX-License-Identifier: Apache-2.0
import Sigma
import TestSupport
import Testing

@testable import Detection

/// What many rules share is compiled and worked out once, and found all the same.
@Suite struct SharingTests {
    /// Texts of nine letters at least, enough for a gate before their search.
    private static let words = {
        var random = SeededGenerator(seed: 20_261_124)
        return (0..<200).map { number in
            let letters = (0..<Int.random(in: 6...12, using: &random)).map { _ in
                "bcdfghklmnprst".randomElement(using: &random) ?? "b"
            }
            return String(letters) + "o\(number)oz"
        }
    }()

    private static func list(_ words: [String]) -> String {
        "[" + words.map { "'\($0)'" }.joined(separator: ", ") + "]"
    }

    @Test func aFieldThatManyRulesUseIsCompiledOnce() throws {
        let field =
            ruleText("named: {prompt|contains: \(Self.list(Self.words))}\ncondition: named", id: 1)
            + "\nderives: names.thing\n"
        let nested =
            ruleText(
                """
                named: {names.thing: true}
                asks: {prompt|contains: [make, build]}
                condition: named and asks
                """, id: 2) + "\nderives: request.thing\n"
        let users = (3..<60).map { id in
            ruleText(
                """
                thing: {request.thing: \(id.isMultiple(of: 2))}
                own: {prompt|contains: 'own \(id) '}
                condition: thing and own
                """, id: id)
        }
        let evaluator = try makeEvaluator(files: [field, nested] + users)
        #expect(evaluator.plan.conditions.nodes.count < 3 * Self.words.count)
        let text = "How do I build \(Self.words[7])? own 9 own 10 own 11 own 12 end"
        #expect(evaluator.findings(in: chat(text)).map(\.rule) == [9, 11])
        let other = "How do I build a boat? own 9 own 10 own 11 own 12 end"
        #expect(evaluator.findings(in: chat(other)).map(\.rule) == [8, 10])
    }

    @Test func eachOfManyTextsIsFoundAsItIsWrittenAndHidden() throws {
        let evaluator = try makeEvaluator(
            "word:\n  response|contains: \(Self.list(Self.words))\ncondition: word")
        let plan = evaluator.plan
        #expect(plan.texts.contains { $0?.sets.contains { $0.gate != nil } ?? false })
        for (number, word) in Self.words.enumerated() {
            let blanks = String(repeating: ".", count: number % 9)
            let written = evaluator.findings(
                in: chat("q \(number)", "It is\(blanks) \(word.uppercased())"))
            #expect(written.map(\.view) == ["written"], "\(word)")
            let hidden = word.prefix(3) + "\u{200b}" + word.dropFirst(3)
            let folded = evaluator.findings(in: chat("h \(number)", "It is\(blanks) \(hidden)"))
            #expect(folded.map(\.view) == ["folded"], "\(word)")
        }
        #expect(evaluator.findings(in: chat("q", "It is nothing of all these")).isEmpty)
    }

    @Test func whatTriggersNoRuleIsLookedForOnceAConditionAsks() throws {
        let evaluator = try makeEvaluator(
            """
            rare: {prompt|contains: \(Self.list(Self.words))}
            common: {prompt|contains: [make, build]}
            answer: {response|contains: [step, first]}
            condition: rare and common and not answer
            """)
        let word = Self.words[3]
        #expect(evaluator.findings(in: chat("make \(word)")).count == 1)
        #expect(evaluator.findings(in: chat("say \(word)")).isEmpty)
        #expect(evaluator.findings(in: chat("build \(word)", "First, sit down")).isEmpty)
    }
}

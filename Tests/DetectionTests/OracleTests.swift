// SPDX-License-Identifier: Apache-2.0
import Interactions
import Sigma
import TestSupport
import Testing

@testable import Detection

/// Random rules on random records, against an evaluation by plain string functions.
@Suite struct OracleTests {
    @Test(
        "the one-pass plan finds what looking at each text for each value finds",
        arguments: 0..<150 as Range<UInt64>)
    func randomRules(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let detections = (0..<8).map { _ in RandomDetection(&random) }
        let sources = detections.enumerated().map {
            RuleSource(file: "\($0.offset).yml", text: ruleText($0.element.yaml, id: $0.offset + 1))
        }
        let parsed = parseRules(sources, fields: knownFieldNames)
        try #require(!parsed.hasErrors, "\(parsed.diagnostics.map { $0.rendered() })")
        let plan = try DetectionPlan(parsed)
        var settings = Evaluator.Settings()
        // What the oracle reads is what is written.
        settings.views = []
        for _ in 0..<20 {
            let prompt = RandomDetection.text(0...7, &random)
            let response = RandomDetection.text(0...7, &random)
            let evaluator = try Evaluator(plan, settings)
            let found = Set(evaluator.findings(in: chat(prompt, response)).map(\.rule))
            let expected = Set(
                detections.indices.filter {
                    detections[$0].condition.holds(["prompt": prompt, "response": response])
                })
            #expect(found == expected, "prompt \(prompt), response \(response)")
        }
    }
}

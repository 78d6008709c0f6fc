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

/// A detection together with its meaning.
private struct RandomDetection {
    /// Conditions as they are evaluated the plain way.
    indirect enum Condition {
        case compare(field: String, kind: String, value: String)
        case and(Condition, Condition)
        case or(Condition, Condition)
        case not(Condition)

        func holds(_ texts: [String: String]) -> Bool {
            switch self {
            case .and(let left, let right): left.holds(texts) && right.holds(texts)
            case .or(let left, let right): left.holds(texts) || right.holds(texts)
            case .not(let inner): !inner.holds(texts)
            case .compare(let field, let kind, let value):
                Self.matches(texts[field] ?? "", kind, value)
            }
        }

        private static func matches(_ text: String, _ kind: String, _ value: String) -> Bool {
            // An empty text is no text.
            guard !text.isEmpty else { return false }
            let pattern =
                switch kind {
                case "contains": "*\(value)*"
                case "startswith": "\(value)*"
                case "endswith": "*\(value)"
                default: value
                }
            return glob(Substring(pattern.lowercased()), Substring(text.lowercased()))
        }

        /// Wildcard matching by its definition.
        private static func glob(_ pattern: Substring, _ text: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return glob(pattern.dropFirst(), text)
                    || (!text.isEmpty && glob(pattern, text.dropFirst()))
            }
            guard let character = text.first, first == "?" || first == character else {
                return false
            }
            return glob(pattern.dropFirst(), text.dropFirst())
        }
    }

    let condition: Condition
    private(set) var yaml = ""
    private static let alphabet = ["a", "b", "A", "é", ".", "(", " "]

    static func text(_ length: ClosedRange<Int>, _ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: length, using: &random))
            .map { _ in alphabet.randomElement(using: &random) ?? "a" }.joined()
    }

    init(_ random: inout SeededGenerator) {
        var selections: [(name: String, condition: Condition)] = []
        for index in 0..<Int.random(in: 1...4, using: &random) {
            let field = Bool.random(using: &random) ? "prompt" : "response"
            let kind =
                ["", "contains", "startswith", "endswith"].randomElement(using: &random) ?? ""
            var value = Self.text(1...3, &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                value += ["*", "?"].randomElement(using: &random) ?? ""
                value += Self.text(1...2, &random)
            }
            let name = "s\(index)"
            yaml += "\(name):\n  \(field)\(kind.isEmpty ? "" : "|\(kind)"): '\(value)'\n"
            selections.append((name, .compare(field: field, kind: kind, value: value)))
        }
        var (text, meaning) = selections[0]
        for (name, condition) in selections.dropFirst() {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: (text, meaning) = ("(\(text)) and \(name)", .and(meaning, condition))
            case 1: (text, meaning) = ("(\(text)) or \(name)", .or(meaning, condition))
            case 2: (text, meaning) = ("not (\(text)) or \(name)", .or(.not(meaning), condition))
            default: (text, meaning) = ("(\(text)) and not \(name)", .and(meaning, .not(condition)))
            }
        }
        yaml += "condition: \(text)"
        condition = meaning
    }
}

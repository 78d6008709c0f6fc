// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Sigma

/// The warning of what no event can reach, against all events of a small world.
@Suite struct ReachabilityTests {
    private struct Event {
        let prompts: [String]
        let model: String?
        let index: Double?
    }

    private static let events: [Event] = {
        let texts = ["alarm", "Alarm bell", "bell", ""]
        let models: [String?] = [nil, "large", "Large-2", "small"]
        let indices: [Double?] = [nil, 1, 2, 3]
        return (0..<16).flatMap { chosen in
            models.flatMap { model in
                indices.map { index in
                    Event(
                        prompts: texts.indices.filter { chosen >> $0 & 1 == 1 }.map { texts[$0] },
                        model: model, index: index)
                }
            }
        }
    }()

    private static let atoms = [
        "{prompt: alarm}", "{prompt|contains: alarm}", "{prompt|startswith: ala}",
        "{prompt|endswith: bell}", "{prompt|contains|cased: Alarm}", "{prompt: null}",
        "{prompt|exists: true}", "{prompt|exists: false}", "{model: large}", "{model: small}",
        "{model|cased: LARGE}", "{model|startswith: large}", "{model|endswith: '2'}",
        "{model: null}", "{index: 2}", "{index|gt: 1}", "{index|gte: 2}", "{index|lt: 2}",
        "{index|lte: 1}", "{index: null}",
    ]

    private static func holds(_ expression: Expression, _ event: Event) -> Bool {
        switch expression {
        case .and(let parts): parts.allSatisfy { holds($0, event) }
        case .or(let parts): parts.contains { holds($0, event) }
        case .not(let part): !holds(part, event)
        case .named(_, let part): holds(part, event)
        case .match(let match): holds(match, event)
        }
    }

    private static func holds(_ match: FieldMatch, _ event: Event) -> Bool {
        let texts = match.field == "prompt" ? event.prompts : event.model.map { [$0] } ?? []
        let isThere = match.field == "index" ? event.index != nil : !texts.isEmpty
        switch match.value {
        case .null: return !isThere
        case .exists(let flag): return isThere == flag
        case .number(let number): return event.index == number
        case .order(let ordering, let bound):
            return event.index.map { ordering.holds($0, bound) } ?? false
        case .string(let pattern): return texts.contains { holds(pattern, $0) }
        default:
            Issue.record("an atom that the world does not know")
            return false
        }
    }

    private static func holds(_ pattern: StringPattern, _ text: String) -> Bool {
        guard case .literal(var part) = pattern.parts.first else { return false }
        let text = pattern.isCased ? text : text.lowercased()
        if !pattern.isCased { part = part.lowercased() }
        switch (pattern.anchoredStart, pattern.anchoredEnd) {
        case (true, true): return text == part
        case (true, false): return text.hasPrefix(part)
        case (false, true): return text.hasSuffix(part)
        case (false, false): return text.contains(part)
        }
    }

    private static func condition(
        depth: Int, _ random: inout SeededGenerator, _ names: [String]
    ) -> String {
        switch Int.random(in: 0..<(depth == 0 ? 1 : 5), using: &random) {
        case 1: "not \(condition(depth: depth - 1, &random, names))"
        case 2, 3:
            "(\(condition(depth: depth - 1, &random, names)) and "
                + "\(condition(depth: depth - 1, &random, names)))"
        case 4:
            "(\(condition(depth: depth - 1, &random, names)) or "
                + "\(condition(depth: depth - 1, &random, names)))"
        default: names.randomElement(using: &random) ?? "s0"
        }
    }

    @Test("what is said to be out of reach is out of reach, and most that is so is said")
    func againstAllEvents() {
        let selections = Self.atoms.enumerated().map { "  s\($0): \($1)" }.joined(separator: "\n")
        let names = Self.atoms.indices.map { "s\($0)" }
        var told = 0
        var impossible = 0
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let condition = Self.condition(depth: 4, &random, names)
            let text = """
                title: t
                id: 0e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b10
                logsource: {category: ai_interaction}
                level: low
                detection:
                \(selections)
                  condition: \(condition)
                """
            let result = parseRules(
                [RuleSource(file: "x", text: text)], fields: ["prompt", "model", "index"],
                metadata: ["model": .text, "index": .number])
            guard let rule = result.rules.first else {
                Issue.record("seed \(seed): \(result.diagnostics.map { $0.rendered() })")
                continue
            }
            let isPossible = Self.events.contains { Self.holds(rule.condition, $0) }
            if !isPossible { impossible += 1 }
            if result.diagnostics.contains(where: { $0.problem.code == "S110" }) {
                told += 1
                #expect(!isPossible, "seed \(seed): \(condition)")
            }
        }
        #expect(told > 0)
        #expect(told * 2 > impossible)
    }
}

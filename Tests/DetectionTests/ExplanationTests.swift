// SPDX-License-Identifier: Apache-2.0
import Interactions
import Sigma
import TestSupport
import Testing
import TextViews

@testable import Detection

/// What an explanation says, against plain string functions and by changing what it names.
@Suite struct ExplanationTests {
    private static func plan(_ files: [String]) throws -> DetectionPlan {
        let sources = files.enumerated().map {
            RuleSource(file: "\($0.offset).yml", text: $0.element)
        }
        let parsed = parseRules(sources, fields: knownRuleFields, metadata: singleValueFields)
        try #require(!parsed.hasErrors, "\(parsed.diagnostics.map { $0.rendered() })")
        return try DetectionPlan(parsed)
    }

    /// Explains a plan's rule on lines.
    private static func explain(
        _ plan: DetectionPlan, rule: Int = 0, _ lines: String..., views: ViewSet = .all
    ) throws -> (explanations: [Explanation], found: Set<Int>) {
        let explainer = ConditionExplainer(plan, rule: rule, excerptBytes: 40)
        var settings = Evaluator.Settings()
        settings.views = views
        let evaluator = try Evaluator(plan, settings, inspector: explainer)
        let found = Set(evaluator.findings(in: lines, firstLine: 1).map(\.rule))
        return (explainer.explanations, found)
    }

    @Test(
        "the named parts changed, the rule matches; fewer parts changed, it never does",
        arguments: 0..<120 as Range<UInt64>)
    func changesAreEnoughAndFewest(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let detection = RandomDetection(&random)
        let plan = try Self.plan([ruleText(detection.yaml)])
        for _ in 0..<10 {
            let texts = [
                "prompt": RandomDetection.text(0...7, &random),
                "response": RandomDetection.text(0...7, &random),
            ]
            let line = chat(texts["prompt"] ?? "", texts["response"] ?? "")
            let (explanations, found) = try Self.explain(plan, line, views: [])
            let explanation = try #require(explanations.last)
            let isTrue = detection.condition.holds(texts)
            #expect(explanation.isTrue == isTrue, "seed \(seed): \(detection.yaml) \(texts)")
            #expect(found.isEmpty == !isTrue)
            if isTrue {
                #expect(explanation.changes.isEmpty)
                continue
            }
            let fewest = Self.fewestFlips(detection, texts)
            #expect(
                explanation.changes.count == fewest ?? 0,
                "seed \(seed): \(detection.yaml) \(texts) \(explanation.changes)")
            guard fewest != nil else { continue }
            let named = try explanation.changes.map { change -> RandomDetection.Comparison in
                guard case .selection(let name) = try #require(change.names.last) else {
                    throw UnexpectedName()
                }
                return try #require(detection.comparisons[name])
            }
            #expect(
                detection.condition.holds(texts, flipped: Set(named)),
                "seed \(seed): \(detection.yaml) \(texts) \(named)")
        }
    }

    private struct UnexpectedName: Error {}

    /// By trying all sets of comparisons; nil when none does.
    private static func fewestFlips(
        _ detection: RandomDetection, _ texts: [String: String]
    ) -> Int? {
        let all = Array(Set(detection.comparisons.values))
        let sets = (0..<(1 << all.count)).map { bits in
            Set(all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] })
        }
        return sets.filter { detection.condition.holds(texts, flipped: $0) }.map(\.count).min()
    }

    @Test(
        "lists, derived fields and filters: what the changes make of the atoms makes the rule true",
        arguments: 0..<120 as Range<UInt64>)
    func changesOfAtomsMakeTheConditionTrue(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let files = RandomRule.files(&random)
        let plan = try Self.plan(files)
        let rule = try #require(plan.rules.firstIndex { $0.derives == nil })
        for _ in 0..<6 {
            let line = chat(
                RandomDetection.text(0...9, &random), RandomDetection.text(0...9, &random),
                more: Bool.random(using: &random) ? #""user":"a","# : "")
            let (explanations, found) = try Self.explain(plan, rule: rule, line)
            let explanation = try #require(explanations.last)
            #expect(explanation.isTrue == found.contains(rule), "seed \(seed): \(files) \(line)")
            if explanation.isTrue || explanation.changes.isEmpty { continue }
            let outline = ConditionOutline(of: rule, in: plan)
            var truth: [Int: Bool] = [:]
            Self.collect(explanation.condition, outline, into: &truth)
            for change in explanation.changes { truth.merge(change.atoms) { $1 } }
            let start = plan.conditions.starts[rule]
            #expect(
                plan.conditions.holds(at: start) { truth[$0] ?? false },
                "seed \(seed): \(files) \(line) \(explanation.changes)")
        }
    }

    /// What an explanation says of each atom.
    private static func collect(
        _ part: ExplainedPart, _ outline: ConditionOutline, into truth: inout [Int: Bool]
    ) {
        if case .comparison(let match) = part.kind {
            for unit in outline.units {
                for comparison in unit.comparisons where comparison.match == match {
                    truth[comparison.atom] = part.isTrue
                }
            }
        }
        for part in part.parts { collect(part, outline, into: &truth) }
    }

    @Test func aMatchSaysWhereAndInWhichView() throws {
        let plan = try Self.plan([ruleText("word:\n  prompt|contains: needle\ncondition: word")])
        let plain = try Self.explain(plan, chat("a Needle in hay")).explanations[0]
        let part = plain.condition.parts[0]
        #expect(
            part.place
                == MatchedPlace(
                    field: .prompt, view: "written", range: 2..<8,
                    excerpt: Excerpt(text: "a Needle in hay", match: 2..<8)))
        let hidden = try Self.explain(plan, chat("bmVlZGxlIGluIGhheXN0YWNr")).explanations[0]
        #expect(hidden.condition.parts[0].place?.view == "decoded.base64")
    }

    @Test func aNearMissNamesTheNearestValue() throws {
        let plan = try Self.plan([
            ruleText("words:\n  prompt|contains: [lighthouse, needlework]\ncondition: words")
        ])
        let explanation = try Self.explain(plan, chat("a needle in hay")).explanations[0]
        let change = try #require(explanation.changes.first)
        #expect(change.names == [.selection("words")])
        #expect(change.isWhole)
        #expect(change.nearest == NearestText(value: "needlework", piece: "needle"))
    }

    @Test func whatCannotBeHasNoChange() throws {
        let plan = try Self.plan([
            ruleText(
                """
                a: {prompt|contains: x}
                b: {prompt|contains: x}
                condition: a and not b
                """)
        ])
        #expect(try Self.explain(plan, chat("x y")).explanations[0].changes.isEmpty)
    }

    @Test func aLargeConditionIsExplainedInTime() throws {
        let groups = (0..<60).map { group in
            "g\(group): {prompt|contains|all: [\((0..<20).map { "w\(group)x\($0)" }.joined(separator: ", "))]}"
        }
        let plan = try Self.plan([
            ruleText(groups.joined(separator: "\n") + "\ncondition: 1 of g*")
        ])
        let explanation = try Self.explain(plan, chat("w7x1 w7x2 w7x3")).explanations[0]
        #expect(explanation.changes.count == 15 || explanation.changes.count == 17)
        #expect(explanation.changes.allSatisfy { $0.names == [.selection("g7")] })
    }
}

extension ConditionCode {
    /// Works out the condition at `index` by what is known of its atoms only.
    fileprivate func holds(at index: Int, _ atoms: (Int) -> Bool) -> Bool {
        let index = body(of: index)
        return switch nodes[index].kind {
        case .atom: atoms(Int(nodes[index].value))
        case .not: !holds(at: index + 1, atoms)
        case .and: parts(of: index).allSatisfy { holds(at: $0, atoms) }
        case .or: parts(of: index).contains { holds(at: $0, atoms) }
        case .definition: false
        }
    }
}

/// A rule with lists, a derived field and a filter, all at random.
private enum RandomRule {
    static func files(_ random: inout SeededGenerator) -> [String] {
        let derived =
            ruleText(selections(["d0", "d1"], &random) + "condition: d0 or d1", id: 2)
            + "\nderives: prompt.odd\n"
        var own = selections(["s0", "s1", "s2"], &random)
        own += "odd: {prompt.odd: \(Bool.random(using: &random))}\n"
        let conditions = [
            "s0 and (s1 or not s2) and odd", "all of s* and not odd", "1 of s* and odd",
            "not s0 and not s1 and odd", "(s0 or odd) and (s1 or odd) and not s2",
        ]
        own += "condition: \(conditions.randomElement(using: &random) ?? "s0")"
        let filter = """
            title: Known
            logsource: {category: ai_interaction}
            filter:
              rules: any
              known: {user.id: a}
              condition: not known
            """
        return [ruleText(own), derived] + (Bool.random(using: &random) ? [filter] : [])
    }

    private static func selections(
        _ names: [String], _ random: inout SeededGenerator
    ) -> String {
        names.map { name in
            let field = Bool.random(using: &random) ? "prompt" : "response"
            let kinds = ["contains", "contains|all", "contains|neq", "startswith"]
            let kind = kinds.randomElement(using: &random) ?? "contains"
            let values = (0..<Int.random(in: 2...4, using: &random))
                .map { _ in "'\(RandomDetection.text(1...2, &random))'" }
            let list = "\(field)|\(kind): [\(values.joined(separator: ", "))]"
            let more = Bool.random(using: &random) ? ", user.id|exists: false" : ""
            return "\(name): {\(list)\(more)}\n"
        }.joined()
    }
}

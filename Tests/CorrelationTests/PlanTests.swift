// SPDX-License-Identifier: Apache-2.0
import Correlation
import Testing

/// Who looks at whom, at what, and how far back.
@Suite struct PlanTests {
    @Test func `events carry what correlations group by and count, under their own names`() throws {
        let plan = try CorrelationPlan([
            correlation(
                "low", .valueSum(field: "tokens"), of: ["a", "b"], by: ["who"], atLeast(1),
                aliases: ["who": ["a": "user", "b": "owner"]]),
            correlation("high", .temporal, of: ["low", "c"], by: ["who", "model"], atLeast(2)),
        ])
        #expect(plan.capturedFields(ofRule: "a") == ["model", "tokens", "user"])
        #expect(plan.capturedFields(ofRule: "b") == ["model", "owner", "tokens"])
        #expect(plan.capturedFields(ofRule: "c") == ["model", "who"])
        #expect(plan.capturedFields(ofRule: "low") == nil)
        #expect(plan.capturedFields(ofRule: "other") == nil)
        #expect(plan.contextFields == nil)
    }

    @Test func `events of a rule are needed for its window and those above`() throws {
        let plan = try CorrelationPlan([
            correlation("high", .temporal, of: ["low", "b"], seconds: 60, atLeast(2)),
            correlation("low", .eventCount, of: ["a"], seconds: 5, atLeast(1)),
        ])
        #expect(plan.reachMilliseconds(ofRule: "a") == 65_000)
        #expect(plan.reachMilliseconds(ofRule: "b") == 60_000)
        #expect(CorrelationEngine(plan).horizon == CorrelationEngine(plan).frontier - 65_000)
    }

    @Test func `a rule is silent if all that look at it say so`() throws {
        let plan = try CorrelationPlan([
            correlation("one", .eventCount, of: ["a", "b"], atLeast(1)),
            correlation("two", .eventCount, of: ["b", "one"], atLeast(1), generate: true),
        ])
        #expect(plan.isSilent("a"))
        #expect(!plan.isSilent("b"))
        #expect(!plan.isSilent("one"))
        #expect(!plan.isSilent("two"))
        #expect(!plan.isSilent("other"))
    }

    @Test func `a circle is refused`() {
        let circle = [
            correlation("one", .eventCount, of: ["two"], atLeast(1)),
            correlation("two", .eventCount, of: ["one", "a"], atLeast(1)),
        ]
        #expect(throws: CorrelationPlanError.cycle(ruleID: "one")) {
            try CorrelationPlan(circle)
        }
        #expect(
            CorrelationPlanError.cycle(ruleID: "one").description
                == "correlation one looks at itself, by way of others; "
                + "take one of its `rules` out")
    }

    @Test func `a condition of too many alternatives is refused`() {
        let either = (0..<12).map { RuleExpression.or([.rule(2 * $0), .rule(2 * $0 + 1)]) }
        let rule = correlation(
            "one", .temporal, of: (0..<24).map { "r\($0)" }, .expression(.and(either)))
        #expect(throws: CorrelationPlanError.tooManyClauses(ruleID: "one")) {
            try CorrelationPlan([rule])
        }
        #expect(
            CorrelationPlanError.tooManyClauses(ruleID: "one").description
                == "the condition of correlation one has more than 1000 alternatives when `and` "
                + "is multiplied out; split it into several correlations")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Sigma

@Suite struct CorrelationTests {
    private static func id(_ number: Int) -> String { LinkingTests.idStart + "\(number)" }

    private static func correlation(_ body: String, number: Int = 9, name: String = "c") -> String {
        """
        title: \(name)
        id: \(id(number))
        name: \(name)
        level: high
        correlation:
        \(body.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
        """
    }

    private static let rules = [1, 2, 3].map {
        LinkingTests.rule($0, ["a", "b", "c3"][$0 - 1])
    }.joined(separator: "\n---\n")

    private func correlation(_ body: String) throws -> CorrelationRule {
        // The correlation first: references look at all files.
        let result = LinkingTests.parse(Self.correlation(body), Self.rules)
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map { $0.rendered() })")
        return try #require(result.correlations.first)
    }

    private func bounds(_ pairs: (Ordering, Double)...) -> CorrelationRule.Condition {
        .bounds(pairs.map { CorrelationRule.Bound(ordering: $0, value: $1) })
    }

    @Test func attributesAreKept() throws {
        let rule = try correlation(
            """
            type: event_count
            rules: [a, \(Self.id(2).uppercased())]
            group-by: [user.id]
            timespan: 15m
            condition: {gt: 100, lte: 200}
            generate: true
            """)
        #expect(rule.id == Self.id(9))
        #expect(rule.level == .high)
        #expect(rule.kind == .eventCount)
        #expect(rule.rules == [Self.id(1), Self.id(2)])
        #expect(rule.groupBy == ["user.id"])
        #expect(rule.timespanSeconds == 900)
        #expect(rule.condition == bounds((.greater, 100), (.lessOrEqual, 200)))
        #expect(rule.generate)
    }

    @Test(
        "every type is read",
        arguments: [
            ("value_count", "field: user.id, gte: 5", .valueCount(fields: ["user.id"])),
            (
                "value_count", "field: [user.id, ip], gte: 5",
                .valueCount(fields: ["user.id", "ip"])
            ),
            ("value_sum", "field: tokens, gt: 5.5", .valueSum(field: "tokens")),
            ("value_avg", "field: tokens, lt: 5", .valueAverage(field: "tokens")),
            (
                "value_percentile", "field: tokens, percentile: 95, gte: 5",
                .valuePercentile(field: "tokens", percent: 95)
            ),
            (
                "value_median", "field: tokens, neq: 5",
                .valuePercentile(field: "tokens", percent: 50)
            ),
            ("temporal", "gte: 1", .temporal), ("temporal_ordered", "eq: 2", .temporalOrdered),
        ] as [(String, String, CorrelationRule.Kind)])
    func types(type: String, condition: String, kind: CorrelationRule.Kind) throws {
        let rule = try correlation(
            "type: \(type)\nrules: [a, b]\ntimespan: 1h\ncondition: {\(condition)}")
        #expect(rule.kind == kind)
        #expect(!rule.generate)
    }

    @Test func aTemporalCorrelationWaitsForAllRules() throws {
        let rule = try correlation("type: temporal\nrules: [a, b, c3]\ntimespan: 1d")
        #expect(rule.condition == bounds((.greaterOrEqual, 3)))
    }

    @Test(
        "a condition over rules names them, with `rules` or without",
        arguments: ["rules: [a, b, c3]", "rules: [\(id(1)), b, c3]", "group-by: [user.id]"])
    func extendedCondition(rules: String) throws {
        let rule = try correlation(
            "type: temporal\n\(rules)\ntimespan: 1h\ncondition: a and (b or not c3)")
        #expect(rule.rules == [Self.id(1), Self.id(2), Self.id(3)])
        #expect(rule.condition == .expression(.and([.rule(0), .or([.rule(1), .not(.rule(2))])])))
    }

    @Test(arguments: [
        ("30s", 30), ("5m", 300), ("2h", 7200), ("366d", 31_622_400), ("1w", 604_800),
        ("2M", 5_259_492), ("1y", 31_556_952),
    ])
    func timespans(text: String, seconds: Int) throws {
        #expect(
            try correlation("type: temporal\nrules: [a]\ntimespan: \(text)").timespanSeconds
                == seconds)
    }

    @Test(arguments: ["0s", "1", "s", "-5m", "1.5h", "5 m", "367d", "99999999999999999999d", "5H"])
    func noTimespans(text: String) {
        let body = "type: temporal\nrules: [a]\ntimespan: \(text)"
        let result = LinkingTests.parse(Self.correlation(body), Self.rules)
        #expect(result.diagnostics.map(\.problem.code) == ["S055"])
        #expect(result.correlations.isEmpty)
    }

    @Test func aliasesNameFieldsOfEachRule() throws {
        let rule = try correlation(
            """
            type: temporal
            rules: [a, b]
            group-by: [who]
            timespan: 1h
            aliases:
              who: {a: user.id, \(Self.id(2)): account}
            """)
        #expect(rule.aliases == ["who": [Self.id(1): "user.id", Self.id(2): "account"]])
        #expect(rule.groupBy == ["who"])
    }

    @Test("correlations come behind those that they look at, in whatever order they stand")
    func chains() {
        let outer = Self.correlation(
            "type: temporal_ordered\nrules: [many, b]\ngroup-by: [user.id]\ntimespan: 1h",
            number: 8, name: "outer")
        let many = Self.correlation(
            "type: event_count\nrules: [a]\ngroup-by: [user.id]\ntimespan: 1h\ncondition: {gte: 5}",
            number: 9, name: "many")
        let result = LinkingTests.parse(outer, many, Self.rules)
        #expect(result.diagnostics.isEmpty)
        #expect(result.correlations.map(\.title) == ["many", "outer"])
        #expect(result.correlations.last?.rules == [Self.id(9), Self.id(2)])
    }

    @Test("what looks at a wrong rule is left out without another message")
    func wrongRules() {
        let wrong = LinkingTests.rule(1, "a", words: "{prompt|contain: a}")
        let body = "type: event_count\nrules: [a]\ntimespan: 1h\ncondition: {gte: 5}"
        let result = LinkingTests.parse(Self.correlation(body), wrong)
        #expect(result.diagnostics.map(\.problem.code) == ["S021"])
        #expect(result.rules.isEmpty)
        #expect(result.correlations.isEmpty)
    }

    @Test(
        "bounds that some value keeps are right, others are not",
        arguments: [
            ("event_count", "gte: 1", true), ("event_count", "eq: 0", false),
            ("event_count", "gt: 1, lt: 2", false), ("event_count", "gt: 1, lt: 3", true),
            ("event_count", "gt: 1, lt: 3, neq: 2", false), ("temporal", "lt: 1", false),
            ("temporal", "eq: 2", true), ("temporal", "gt: 2", false),
            ("value_sum", "field: f, gt: 1, lt: 2", true),
            ("value_sum", "field: f, gt: 1, lt: 1", false),
            ("value_sum", "field: f, gte: 1, lte: 1", true),
            ("value_sum", "field: f, eq: 1, neq: 1", false), ("value_avg", "field: f, lt: 0", true),
            ("value_count", "field: f, lt: 1", true), ("value_count", "field: f, lt: 0", false),
        ])
    func possibleBounds(type: String, condition: String, isPossible: Bool) {
        let body = "type: \(type)\nrules: [a, b]\ntimespan: 1h\ncondition: {\(condition)}"
        let result = LinkingTests.parse(Self.correlation(body), Self.rules)
        #expect(result.correlations.count == (isPossible ? 1 : 0))
        #expect(result.diagnostics.map(\.problem.code) == (isPossible ? [] : ["S057"]))
    }
}

// SPDX-License-Identifier: Apache-2.0
import Correlation
import Sigma
import Testing

/// Small cases whose answers were also asked of pySigma's SQLite backend 2.0.0.
@Suite struct SemanticsTests {
    private static let anna: [String: CapturedValue] = ["user": .text("anna")]

    /// Everything that correlations find, in order.
    private func findings(
        _ rules: [CorrelationRule], _ events: [CorrelationEvent], observedTo seconds: Double = 0
    ) throws -> [CorrelationFinding] {
        var engine = CorrelationEngine(try CorrelationPlan(rules))
        for event in events { engine.add(event) }
        return engine.flush(observedTo: Int64(seconds * 1_000))
    }

    /// The ends of the windows found, in seconds.
    private func ends(
        _ rule: CorrelationRule, _ events: [CorrelationEvent], observedTo seconds: Double = 0
    ) throws -> [Double] {
        try findings([rule], events, observedTo: seconds).map { Double($0.windowEnd) / 1_000 }
    }

    @Test(arguments: [(10.0, [10.0]), (10.001, [])])
    func `both ends of a window are in it`(second: Double, expected: [Double]) throws {
        let rule = correlation("c", .eventCount, of: ["a"], atLeast(2))
        let events = [
            event("a", "1", at: 0, Self.anna), event("a", "2", at: second, Self.anna),
        ]
        #expect(try ends(rule, events) == expected)
    }

    @Test func `events of one time are worked together`() throws {
        let rule = correlation(
            "c", .eventCount, of: ["a"], .bounds([Bound(ordering: .equal, value: 2)]))
        let events = (1...3).map { event("a", "\($0)", at: 1, Self.anna) }
        #expect(try ends(rule, Array(events.prefix(2))) == [1])
        #expect(try ends(rule, events) == [])
    }

    @Test func `a turn that two rules found is one event`() throws {
        let rule = correlation("c", .eventCount, of: ["a", "b"], atLeast(2))
        let twice = [event("a", "1", at: 1, Self.anna), event("b", "1", at: 1, Self.anna)]
        #expect(try ends(rule, twice) == [])
        #expect(try ends(rule, twice + [event("b", "2", at: 2, Self.anna)]) == [2])
    }

    @Test func `groups are compared without regard to case, and need all their fields`() throws {
        let rule = correlation("c", .eventCount, of: ["a"], by: ["user", "model"], atLeast(2))
        let model: [String: CapturedValue] = ["model": .text("M"), "user": .text("Anna")]
        let other: [String: CapturedValue] = ["model": .text("m"), "user": .text("aNNA")]
        let found = try findings(
            [rule], [event("a", "1", at: 1, model), event("a", "2", at: 2, other)])
        #expect(found.map(\.group) == [[.text("anna"), .text("m")]])
        #expect(
            try ends(rule, [event("a", "1", at: 1, Self.anna), event("a", "2", at: 2, Self.anna)])
                == [])
    }

    @Test func `the number 1 and the text 1 are different groups`() throws {
        let rule = correlation("c", .eventCount, of: ["a"], atLeast(2))
        let events = [
            event("a", "1", at: 1, ["user": .number(1)]),
            event("a", "2", at: 2, ["user": .text("1")]),
        ]
        #expect(try ends(rule, events) == [])
    }

    @Test func `values are counted without regard to case`() throws {
        let rule = correlation("c", .valueCount(fields: ["word"]), of: ["a"], by: [], atLeast(2))
        let words = ["one", "ONE", "two"]
        let events = words.enumerated().map {
            event("a", "\($0.offset)", at: Double($0.offset), ["word": .text($0.element)])
        }
        #expect(try ends(rule, events) == [2])
    }

    @Test(arguments: [
        ("7", 7.0), (" 7 ", 7), ("\t7\n", 7), ("7e0", 7), ("-0.5", -0.5), ("07", nil), ("7.", nil),
        ("+7", nil), ("0x7", nil), ("1e999", nil), ("seven", nil), ("", nil), ("NaN", nil),
    ])
    func `numbers in texts count as JSON writes them`(text: String, number: Double?) throws {
        let bounds = [Bound(ordering: .notEqual, value: 100)]
        let rule = correlation("c", .valueSum(field: "n"), of: ["a"], by: [], .bounds(bounds))
        let found = try findings([rule], [event("a", "1", at: 1, ["n": .text(text)])])
        #expect(found.map(\.value) == (number.map { [$0] } ?? []))
    }

    @Test(arguments: [(0.0, 1.0), (25, 1.75), (50, 2.5), (90, 3.7), (100, 4)])
    func `a percentile lies between the two nearest numbers`(
        percent: Double, expected: Double
    ) throws {
        let rule = correlation(
            "c", .valuePercentile(field: "n", percent: percent), of: ["a"], by: [],
            .bounds([Bound(ordering: .notEqual, value: 100)]))
        // All of one time: one window, with the numbers 1 to 4.
        let events = (1...4).map { event("a", "\($0)", at: 1, ["n": .number(Double($0))]) }
        let found = try findings([rule], events)
        #expect(found.count == 1)
        #expect(abs((found.first?.value ?? 0) - expected) < 1e-9)
    }

    @Test func `rules in order must each come later than the one before`() throws {
        let rule = correlation("c", .temporalOrdered, of: ["a", "b"], atLeast(2))
        let together = [event("a", "1", at: 1, Self.anna), event("b", "2", at: 1, Self.anna)]
        #expect(try ends(rule, together) == [])
        #expect(try ends(rule, together + [event("b", "3", at: 2, Self.anna)]) == [2])
    }

    @Test func `two of three in order are enough where two are asked for`() throws {
        let rule = correlation("three", .temporalOrdered, of: ["a", "b", "c"], atLeast(2))
        let events = [
            event("c", "1", at: 1, Self.anna), event("a", "2", at: 2, Self.anna),
            event("b", "3", at: 3, Self.anna),
        ]
        let found = try findings([rule], events)
        #expect(found.map(\.windowEnd) == [3_000])
        #expect(found.map(\.evidence) == [["2", "3"]])
        #expect(found.map(\.value) == [3])
    }

    @Test func `without a lower bound, all rules that occur must be in order`() throws {
        let bounds = [Bound(ordering: .equal, value: 2)]
        let rule = correlation("c", .temporalOrdered, of: ["a", "b"], .bounds(bounds))
        let wrong = [event("b", "1", at: 1, Self.anna), event("a", "2", at: 2, Self.anna)]
        #expect(try ends(rule, wrong) == [])
        let right = [event("a", "1", at: 1, Self.anna), event("b", "2", at: 2, Self.anna)]
        #expect(try ends(rule, right) == [2])
    }

    @Test func `what must be absent is looked for ahead, until the time has passed`() throws {
        let rule = correlation(
            "c", .temporal, of: ["a", "b"], .expression(.and([.rule(0), .not(.rule(1))])))
        let opened = [event("a", "1", at: 1, Self.anna)]
        #expect(try ends(rule, opened, observedTo: 10.999) == [])
        #expect(try ends(rule, opened, observedTo: 11) == [11])
        // Both ends are in the window, and what came before it does not count.
        let atEnd = opened + [event("b", "2", at: 11, Self.anna)]
        #expect(try ends(rule, atEnd, observedTo: 20) == [])
        let before = opened + [event("b", "2", at: 0.999, Self.anna)]
        #expect(try ends(rule, before, observedTo: 20) == [11])
    }

    @Test func `a condition of nothing but absence is opened by any turn`() throws {
        let rule = correlation("c", .temporal, of: ["a"], .expression(.not(.rule(0))))
        let plan = try CorrelationPlan([rule])
        #expect(plan.contextFields == ["user"])
        let found = try findings(
            [rule],
            [event(nil, "1", at: 1, Self.anna), event("a", "2", at: 30, Self.anna)],
            observedTo: 60)
        #expect(found.map(\.windowEnd) == [11_000])
        #expect(found.map(\.evidence) == [["1"]])
    }

    @Test func `a correlation above sees every occurrence, and the fields of its turns`() throws {
        let below = correlation("low", .eventCount, of: ["a"], by: ["model"], atLeast(1))
        let above = correlation("high", .eventCount, of: ["low"], by: ["user"], atLeast(3))
        let events = (0..<3).map {
            event("a", "\($0)", at: Double($0), ["user": .text("anna"), "model": .text("m")])
        }
        let found = try findings([above, below], events)
        #expect(found.map(\.ruleID) == ["high"])
        #expect(found.map(\.group) == [[.text("anna")]])
        #expect(found.map(\.evidence) == [["0", "1", "2"]])
    }

    @Test func `a number worked out below can be summed above`() throws {
        let below = correlation("low", .eventCount, of: ["a"], atLeast(1))
        let above = correlation(
            "high", .valueSum(field: "event_count"), of: ["low"], atLeast(6))
        // 1 + 2 + 3
        let events = (0..<3).map { event("a", "\($0)", at: Double($0), Self.anna) }
        #expect(try findings([below, above], events).map(\.value) == [6])
    }

    @Test func `of a group, one window is reported in a timespan`() throws {
        let rule = correlation("c", .eventCount, of: ["a"], atLeast(1))
        let events = [0.0, 1, 10, 10.001, 20].map { event("a", "\($0)", at: $0, Self.anna) }
        #expect(try ends(rule, events) == [0, 10.001])
    }
}

// SPDX-License-Identifier: Apache-2.0
import Correlation
import Sigma
import Testing

/// Late events, limits, and numbers that are hard.
@Suite struct BoundsTests {
    private static let anna: [String: CapturedValue] = ["user": .text("anna")]

    private func engine(
        _ rules: [CorrelationRule], _ limits: CorrelationLimits = CorrelationLimits()
    ) throws -> CorrelationEngine {
        CorrelationEngine(try CorrelationPlan(rules), limits: limits)
    }

    @Test func `a late event completes a window that is still held`() throws {
        var engine = try engine([correlation("c", .eventCount, of: ["a"], atLeast(2))])
        engine.add(event("a", "1", at: 100, Self.anna))
        #expect(engine.advance(to: 105_000).isEmpty)
        engine.add(event("a", "2", at: 98, Self.anna))
        engine.add(event("a", "2", at: 98, Self.anna))
        let found = engine.advance(to: 105_000)
        #expect(found.map(\.windowEnd) == [100_000])
        #expect(found.map(\.evidence) == [["2", "1"]])
        engine.add(event("a", "3", at: 50, Self.anna))
        #expect(engine.advance(to: 106_000).isEmpty)
        #expect(engine.counts.late == 1)
        #expect(engine.counts.tooLate == 1)
    }

    @Test func `a late event is seen by the correlations above`() throws {
        var engine = try engine([
            correlation("low", .eventCount, of: ["a"], atLeast(2)),
            correlation("high", .temporal, of: ["low", "b"], atLeast(2)),
        ])
        engine.add(event("a", "1", at: 100, Self.anna))
        engine.add(event("b", "2", at: 99, Self.anna))
        #expect(engine.advance(to: 101_000).isEmpty)
        engine.add(event("a", "3", at: 100, Self.anna))
        #expect(engine.advance(to: 101_000).map(\.ruleID) == ["high"])
    }

    @Test func `a long window of counts holds no more than it needs`() throws {
        var engine = try engine([
            correlation("c", .eventCount, of: ["a"], seconds: 1_000_000, atLeast(3))
        ])
        var found: [CorrelationFinding] = []
        for count in 0..<5_000 {
            engine.add(event("a", "\(count)", at: Double(count), Self.anna))
            found += engine.advance(to: Int64(count) * 1_000)
        }
        #expect(found.map(\.windowEnd) == [2_000])
        #expect(engine.windowEntryCount == 100)
        #expect(engine.counts == CorrelationCounts())
    }

    @Test func `a count of which not all was held says so`() throws {
        var engine = try engine([correlation("c", .eventCount, of: ["a"], atLeast(150))])
        for count in 0..<200 { engine.add(event("a", "\(count)", at: 1, Self.anna)) }
        let found = engine.flush(observedTo: nil)
        #expect(found.map(\.value) == [150])
        #expect(found.map(\.isAtLeast) == [true])
        #expect(found.map(\.evidence.count) == [100])
        #expect(found.map(\.evidenceCount) == [150])
    }

    @Test func `where a limit is reached the oldest goes, and is counted`() throws {
        var limits = CorrelationLimits()
        limits.windowEntries = 50
        limits.groups = 20
        limits.entriesPerGroup = 5
        let rules = [
            correlation("c", .valueCount(fields: ["word"]), of: ["a"], seconds: 1_000, atLeast(9))
        ]
        var crowded = try engine(rules, limits)
        for count in 0..<100 {
            let fields: [String: CapturedValue] = [
                "user": .text("user\(count % 10)"), "word": .text("\(count)"),
            ]
            crowded.add(event("a", "\(count)", at: Double(count), fields))
        }
        _ = crowded.flush(observedTo: nil)
        #expect(crowded.windowEntryCount == 50)
        #expect(crowded.counts.dropped == 50)
        var many = try engine(rules, limits)
        for count in 0..<100 {
            many.add(event("a", "\(count)", at: Double(count), ["user": .text("user\(count)")]))
        }
        _ = many.flush(observedTo: nil)
        #expect(many.windowCount == 20)
        #expect(many.counts.dropped == 80)
    }

    @Test func `too many waiting events are worked before the watermark, in order`() throws {
        var limits = CorrelationLimits()
        limits.waiting = 10
        var engine = try engine([correlation("c", .eventCount, of: ["a"], atLeast(15))], limits)
        for count in 0..<30 {
            engine.add(event("a", "\(count)", at: Double(count) / 10, Self.anna))
        }
        #expect(engine.advance(to: 0).map(\.windowEnd) == [1_400])
        #expect(engine.waitingCount == 10)
        #expect(engine.counts.hurried == 19)
        #expect(engine.frontier == 1_900)
    }

    @Test func `what no window needs is forgotten`() throws {
        var engine = try engine([
            correlation("c", .eventCount, of: ["a"], atLeast(1)),
            correlation("d", .temporal, of: ["a"], .expression(.not(.not(.rule(0))))),
        ])
        for count in 0..<1_000 {
            let user: [String: CapturedValue] = ["user": .text("user\(count)")]
            engine.add(event("a", "\(count)", at: Double(count), user))
            _ = engine.advance(to: Int64(count) * 1_000)
            #expect(engine.windowCount <= 22)
        }
        _ = engine.advance(to: 2_000_000)
        #expect(engine.windowCount == 0)
        #expect(engine.windowEntryCount == 0)
    }

    @Test func `times and timespans without measure do no harm`() throws {
        var engine = try engine([
            correlation("c", .eventCount, of: ["a"], seconds: .max, atLeast(1)),
            correlation(
                "d", .temporal, of: ["a", "b"], seconds: .max,
                .expression(.and([.rule(0), .not(.rule(1))]))),
        ])
        for time in [Int64.min, -1, 0, .max] {
            engine.add(
                CorrelationEvent(
                    rule: "a", identity: "\(time)", timeMilliseconds: time,
                    fields: [
                        CapturedField(name: "user", value: .text("anna"))
                    ]))
        }
        #expect(!engine.advance(to: .max).isEmpty)
        #expect(engine.advance(to: .min).isEmpty)
    }

    @Test func `bounds without measure do no harm`() throws {
        for value in [Double.infinity, -.infinity, .nan, 1e300, -1e300] {
            for kind in [Kind.eventCount, .temporalOrdered, .valueSum(field: "user")] {
                for ordering in Ordering.allCases {
                    let bounds = [Bound(ordering: ordering, value: value)]
                    var engine = try engine([
                        correlation("c", kind, of: ["a"], .bounds(bounds))
                    ])
                    engine.add(event("a", "1", at: 1, ["user": .number(1)]))
                    _ = engine.flush(observedTo: nil)
                    #expect(engine.waitingCount == 0)
                }
            }
        }
    }

    @Test func `a sum does not depend on what was in the window before`() throws {
        let bounds = [Bound(ordering: .equal, value: 0.1)]
        var engine = try engine([
            correlation("c", .valueSum(field: "n"), of: ["a"], by: [], .bounds(bounds))
        ])
        let numbers: [Double] = [1e300, 0.3, -1e300, 1e16]
        for (count, number) in numbers.enumerated() {
            engine.add(event("a", "\(count)", at: Double(count), ["n": .number(number)]))
        }
        engine.add(event("a", "last", at: 20, ["n": .number(0.1)]))
        engine.add(event("a", "huge", at: 20, ["n": .number(.greatestFiniteMagnitude)]))
        #expect(engine.flush(observedTo: nil).map(\.value) == [0.1])
    }
}

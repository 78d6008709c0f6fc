// SPDX-License-Identifier: Apache-2.0
import Correlation
import Sigma
import TestSupport
import Testing

@Suite struct SuppressorTests {
    private static let tenSeconds = [Suppression(fields: ["user.id"], seconds: 10)]

    @Test func `what is found again within the seconds is a repeat of the first`() {
        var suppressor = Suppressor(Self.tenSeconds)
        let decisions = [0, 10_000, 10_001].map {
            suppressor.decide(ruleIndex: 0, key: ["anna"], identity: "\($0)", time: $0)
        }
        #expect(decisions == [.report, .repeat(of: "0"), .report])
        #expect(
            suppressor.decide(ruleIndex: 0, key: ["bert"], identity: "b", time: 1) == .report)
        #expect(suppressor.decide(ruleIndex: 0, key: [nil], identity: "c", time: 1) == .report)
        #expect(suppressor.closedWindows(upTo: 10_000) == [])
        #expect(
            suppressor.closedWindows(upTo: 10_001) == [
                .init(
                    rule: 0, key: ["anna"], first: "0", count: 1, firstTime: 0, lastTime: 10_000)
            ])
    }

    @Test func `asked again, the answer is the same and nothing is counted`() {
        var suppressor = Suppressor(Self.tenSeconds)
        for _ in 0..<3 {
            #expect(suppressor.decide(ruleIndex: 0, key: ["a"], identity: "1", time: 0) == .report)
            #expect(
                suppressor.decide(ruleIndex: 0, key: ["a"], identity: "2", time: 1)
                    == .repeat(of: "1"))
        }
        #expect(suppressor.closedWindows(upTo: .max).map(\.count) == [1])
    }

    @Test func `within a window there is one report whatever the order`() {
        for seed in 1...200 {
            var random = SeededNumbers(seed: UInt64(seed))
            var suppressor = Suppressor(Self.tenSeconds)
            let times = (0..<8).map { _ in Int64(random.below(10_001)) }
            let decisions = times.enumerated().map {
                suppressor.decide(
                    ruleIndex: 0, key: ["a"], identity: "\($0.offset)", time: $0.element)
            }
            #expect(decisions.count { $0 == .report } == 1, "seed \(seed)")
            #expect(suppressor.closedWindows(upTo: .max).map(\.count) == [7], "seed \(seed)")
        }
    }

    @Test func `a rule that reports without end has one flood report a minute`() {
        var suppressor = Suppressor([nil], floodLimit: 2)
        let times: [Int64] = [0, 1, 2, 59_999, 60_000, -1]
        let decisions = times.map {
            suppressor.decide(ruleIndex: 0, key: [], identity: "\($0)", time: $0)
        }
        #expect(
            decisions == [
                .report, .report, .flood(of: "2", isFirst: true),
                .flood(of: "2", isFirst: false), .report, .report,
            ])
        #expect(
            suppressor.decide(ruleIndex: 0, key: [], identity: "2", time: 2)
                == .flood(of: "2", isFirst: true))
        #expect(
            suppressor.closedWindows(upTo: 60_000) == [
                .init(rule: 0, key: nil, first: "2", count: 2, firstTime: 2, lastTime: 59_999)
            ])
        var unlimited = Suppressor([nil], floodLimit: 0)
        for count in 0..<5_000 {
            #expect(
                unlimited.decide(ruleIndex: 0, key: [], identity: "\(count)", time: 0) == .report)
        }
    }

    @Test func `what has to be given up is told early, and counted`() {
        var limits = Suppressor.Limits()
        limits.windows = 10
        limits.findings = 10
        var suppressor = Suppressor(Self.tenSeconds, floodLimit: 0, limits: limits)
        for user in 0..<20 {
            for count in 0..<2 {
                _ = suppressor.decide(
                    ruleIndex: 0, key: ["\(user)"], identity: "\(user).\(count)", time: 0)
            }
        }
        #expect(suppressor.forgottenCount > 20)
        #expect(!suppressor.closedWindows(upTo: 0).isEmpty)
    }

    @Test func `times without measure do no harm`() {
        var suppressor = Suppressor([Suppression(fields: [], seconds: .max)], floodLimit: 1)
        for time in [Int64.min, -1, 0, .max] {
            _ = suppressor.decide(ruleIndex: 0, key: [], identity: "\(time)", time: time)
            _ = suppressor.closedWindows(upTo: time)
        }
    }

    @Test func `decisions and counts are those of a plain model, also across restarts`() {
        let faults = ModelSeeds(usualSeconds: 2).run("suppression model", atATime: 1) { seed in
            var run = SuppressionRun(seed: seed)
            return run.faults()
        }
        #expect(faults.isEmpty, "\(faults)")
    }
}

/// Random findings, decided by a suppressor that is restored now and then, and by a list that is
/// gone through each time.
private struct SuppressionRun {
    private static let rules = [Suppression(fields: ["user"], seconds: 20), nil]
    private static let floodLimit = 4
    private var random: SeededNumbers
    private var suppressor = Suppressor(rules, floodLimit: floodLimit)
    private var stored: [Suppressor.StoredFinding] = []
    private var closedUpTo: Int64 = -1_000_000
    private var summaries: [Suppressor.Summary] = []

    init(seed: UInt64) { random = SeededNumbers(seed: seed) }

    mutating func faults() -> [String] {
        for count in 0..<200 {
            let now = Int64(count) * 1_000
            let finding = Suppressor.StoredFinding(
                rule: random.below(2), key: [random.pick(["anna", "bert", nil])],
                identity: "\(random.chance(1, of: 10) ? random.below(count + 1) : count)",
                time: now - Int64(random.below(5_000)), decision: .report)
            if let fault = decide(finding) { return [fault] }
            if random.chance(1, of: 4) {
                closedUpTo = now - 5_001
                summaries += suppressor.closedWindows(upTo: closedUpTo)
            }
            if random.chance(1, of: 10) { restart() }
        }
        summaries += suppressor.closedWindows(upTo: .max)
        return countFaults()
    }

    private mutating func decide(_ given: Suppressor.StoredFinding) -> String? {
        var finding = given
        let known = stored.first { $0.rule == given.rule && $0.identity == given.identity }
        finding.time = known?.time ?? given.time
        finding.key = known?.key ?? given.key
        let expected = known?.decision ?? expectation(finding)
        finding.decision = suppressor.decide(
            ruleIndex: finding.rule, key: finding.key, identity: finding.identity,
            time: finding.time)
        if known == nil { stored.append(finding) }
        return finding.decision == expected
            ? nil : "\(finding) was expected to be \(expected), among \(stored)"
    }

    private func expectation(_ finding: Suppressor.StoredFinding) -> Suppressor.Decision {
        let reports = stored.filter { $0.rule == finding.rule && $0.decision == .report }
        if let span = Self.rules[finding.rule].map({ Int64($0.seconds) * 1_000 }) {
            let near = reports.filter {
                $0.key == finding.key && abs($0.time - finding.time) <= span
                    && $0.time + span >= closedUpTo
            }.sorted { $0.time < $1.time }
            if let first = near.last(where: { $0.time <= finding.time }) ?? near.last {
                return .repeat(of: first.identity)
            }
        }
        let minute = { (time: Int64) in Int64((Double(time) / 60_000).rounded(.down)) }
        let same = reports.filter { minute($0.time) == minute(finding.time) }
        guard same.count >= Self.floodLimit else { return .report }
        for earlier in stored where earlier.rule == finding.rule {
            if case .flood(let first, true) = earlier.decision,
                minute(earlier.time) == minute(finding.time)
            {
                return .flood(of: first, isFirst: false)
            }
        }
        return .flood(of: finding.identity, isFirst: true)
    }

    private mutating func restart() {
        suppressor = Suppressor(Self.rules, floodLimit: Self.floodLimit)
        suppressor.restore(stored.shuffled(using: &random), closedUpTo: closedUpTo)
    }

    /// Every finding is a report, or stands in one summary.
    private func countFaults() -> [String] {
        var expected: [String: Int] = [:]
        for finding in stored {
            switch finding.decision {
            case .report: break
            case .repeat(let first): expected["\(finding.rule) \(first)", default: 0] += 1
            case .flood(let first, _): expected["\(finding.rule) flood \(first)", default: 0] += 1
            }
        }
        var counted: [String: Int] = [:]
        for summary in summaries {
            let flood = summary.key == nil ? "flood " : ""
            counted["\(summary.rule) \(flood)\(summary.first)", default: 0] += summary.count
        }
        return expected == counted ? [] : ["counted \(counted), expected \(expected)"]
    }
}

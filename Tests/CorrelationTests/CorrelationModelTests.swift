// SPDX-License-Identifier: Apache-2.0
import Correlation
import Testing
import TestSupport

/// Random correlations over random turns: the engine against a model that counts anew.
@Suite struct CorrelationModelTests {
    @Test func `the engine finds what counting every window anew finds`() {
        let faults = ModelSeeds(usualSeconds: 5).run("correlation model", atATime: 1) { seed in
            let program = RandomProgram(seed: seed)
            var random = SeededNumbers(seed: ~seed)
            var engine = CorrelationEngine(try CorrelationPlan(program.rules))
            var found: [CorrelationFinding] = []
            // In order but for 3 s, in batches.
            let order = program.events.map {
                ($0.timeMilliseconds + Int64(random.below(3_000)), $0)
            }
            .sorted { $0.0 < $1.0 }
            for (time, event) in order {
                engine.add(event)
                if random.chance(1, of: 9) { engine.add(event) }
                if random.chance(1, of: 4) { found += engine.advance(to: time - 3_001) }
            }
            found += engine.flush(observedTo: program.observedTo)
            guard engine.counts == CorrelationCounts() else { return ["\(engine.counts)"] }
            let model = NaiveCorrelation(
                rules: program.rules, events: program.events, observedTo: program.observedTo)
            return difference(found.map(FoundWindow.init), model.findings().map(FoundWindow.init))
        }
        #expect(faults.isEmpty, "\(faults)")
    }
}

/// What is compared of a finding.
struct FoundWindow: Hashable, CustomStringConvertible {
    var description: String

    init(_ finding: CorrelationFinding) {
        description =
            "\(finding.ruleID) \(finding.windowEnd) \(finding.group) \(rounded(finding.value)) "
            + "\(finding.evidenceCount) \(finding.evidence.sorted())"
    }

    init(_ occurrence: NaiveCorrelation.Occurrence) {
        description =
            "\(occurrence.rule) \(occurrence.end) \(occurrence.group) \(rounded(occurrence.value)) "
            + "\(occurrence.turns.count) \(occurrence.turns.sorted())"
    }
}

/// Without the last digits, which depend on the order of adding.
private func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

/// What only one of two runs found.
func difference(_ found: [FoundWindow], _ expected: [FoundWindow]) -> [String] {
    let twice = found.count == Set(found).count ? [] : ["something was found twice"]
    let more = Set(found).subtracting(expected).map { "not expected: \($0)" }
    let missing = Set(expected).subtracting(found).map { "missing: \($0)" }
    return twice + more.sorted() + missing.sorted()
}

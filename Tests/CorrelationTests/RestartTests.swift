// SPDX-License-Identifier: Apache-2.0
import Correlation
import Testing
import TestSupport

/// Ends at any point, and what was stored: the findings are those of an uninterrupted run.
@Suite struct RestartTests {
    @Test func `an engine that is killed and restored finds what one that ran on finds`() {
        let faults = ModelSeeds(usualSeconds: 5).run("restart model", atATime: 1) { seed in
            let program = RandomProgram(seed: seed)
            let plan = try CorrelationPlan(program.rules)
            var whole = CorrelationEngine(plan)
            for event in program.events { whole.add(event) }
            let expected = whole.flush(observedTo: program.observedTo)
            var run = InterruptedRun(plan, SeededNumbers(seed: ~seed))
            run.read(program)
            return difference(run.found.map(FoundWindow.init), expected.map(FoundWindow.init))
        }
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test func `rules that stay find the same across a reload`() {
        let faults = ModelSeeds(usualSeconds: 3).run("reload model", atATime: 1) { seed in
            let program = RandomProgram(seed: seed)
            var random = SeededNumbers(seed: ~seed)
            var whole = CorrelationEngine(try CorrelationPlan(program.rules))
            for event in program.events { whole.add(event) }
            let expected = whole.flush(observedTo: program.observedTo)
            // Another rule stands before them and goes again: every index changes.
            let other = correlation("other", .eventCount, of: ["z"], atLeast(1))
            let more = try CorrelationPlan([other] + program.rules)
            let same = try CorrelationPlan(program.rules)
            var engine = CorrelationEngine(same)
            var found: [CorrelationFinding] = []
            for (count, event) in program.inOrder.enumerated() {
                engine.add(event)
                found += engine.advance(to: event.timeMilliseconds - 1)
                if random.chance(1, of: 5) { engine.replace(count % 2 == 0 ? more : same) }
            }
            found += engine.flush(observedTo: program.observedTo)
            return difference(found.map(FoundWindow.init), expected.map(FoundWindow.init))
        }
        #expect(faults.isEmpty, "\(faults)")
    }
}

extension RandomProgram {
    var inOrder: [CorrelationEvent] {
        events.sorted { ($0.timeMilliseconds, $0.identity) < ($1.timeMilliseconds, $1.identity) }
    }
}

/// Reads a program's events, and is killed now and then: what was not committed is lost.
private struct InterruptedRun {
    private struct Store {
        var events: [CorrelationEvent] = []
        var reported: [ReportedCorrelation] = []
        var frontier: Int64?
        /// How far the log has been read.
        var position = 0
    }

    let plan: CorrelationPlan
    private var random: SeededNumbers
    private var store = Store()
    private(set) var found: [CorrelationFinding] = []

    init(_ plan: CorrelationPlan, _ random: SeededNumbers) {
        self.plan = plan
        self.random = random
    }

    mutating func read(_ program: RandomProgram) {
        let log = program.events
            .map { ($0.timeMilliseconds + Int64(random.below(3_000)), $0) }
            .sorted { $0.0 < $1.0 }
        var engine = CorrelationEngine(plan)
        var batch = Store()
        while store.position < log.count {
            let end = min(store.position + 1 + random.below(8), log.count)
            batch = store
            for (_, event) in log[store.position..<end] {
                engine.add(event)
                if !batch.events.contains(event) { batch.events.append(event) }
            }
            let new = engine.advance(to: log[end - 1].0 - 3_001)
            batch.position = end
            if random.chance(2, of: 3) {
                commit(batch, new, &engine)
            }
            if random.chance(1, of: 3) || store.position != end {
                engine = restored()
                // Some of it is read again.
                if random.chance(1, of: 2) {
                    store.position = max(0, store.position - random.below(20))
                }
            }
        }
        found += engine.flush(observedTo: program.observedTo)
    }

    /// One transaction: the events, what was found, how far it was worked and read.
    private mutating func commit(
        _ batch: Store, _ new: [CorrelationFinding], _ engine: inout CorrelationEngine
    ) {
        store = batch
        store.reported += new.map(\.reported)
        store.frontier = engine.frontier
        found += new
        guard random.chance(1, of: 3) else { return }
        let frontier = engine.frontier
        store.events.removeAll {
            $0.timeMilliseconds < frontier - plan.reachMilliseconds(ofRule: $0.rule)
        }
        store.reported.removeAll { $0.timeMilliseconds < engine.horizon }
    }

    private func restored() -> CorrelationEngine {
        var engine = CorrelationEngine(plan)
        if let frontier = store.frontier {
            engine.restore(
                events: store.events, reported: store.reported, processedUpTo: frontier)
        }
        return engine
    }
}

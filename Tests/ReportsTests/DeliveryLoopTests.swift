// SPDX-License-Identifier: Apache-2.0
import Dispatch
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import Reports

/// A sink in memory, which fails as it is told to.
private final class FakeSink: ReportSink {
    struct State {
        /// Sequence numbers, in the order of their coming.
        var received: [Int] = []
        /// Those of them that are held.
        var kept: [Int] = []
        var held: Set<String> = []
        var takes = Int.max
        /// So many more are held; the others are dropped without a word.
        var keeps = Int.max
        /// Dropped whatever comes.
        var refused: Set<Int> = []
        var isReadable = true
        var lookups = 0
    }
    let name = "fake"
    let state = Mutex(State())
    /// Rung when a sending begins.
    let entry = DispatchSemaphore(value: 0)
    /// Rung when a sending ends.
    let arrival = DispatchSemaphore(value: 0)
    /// Where set, a sending waits for it.
    let gate = Mutex<DispatchSemaphore?>(nil)

    func send(_ deliveries: [PendingDelivery]) -> SendOutcome {
        defer { arrival.signal() }
        entry.signal()
        gate.withLock { $0 }?.wait()
        return state.withLock { state in
            for (index, delivery) in deliveries.enumerated() {
                guard state.takes > 0 else { return .unavailable(sent: index, reason: "closed") }
                state.takes -= 1
                state.received.append(delivery.sequence)
                guard state.keeps > 0, !state.refused.contains(delivery.sequence) else { continue }
                state.keeps -= 1
                state.kept.append(delivery.sequence)
                state.held.insert(delivery.report.id)
            }
            return .sent
        }
    }

    func confirm(_ ids: [String], patience: Int) -> ConfirmOutcome {
        state.withLock { state in
            state.lookups += ids.count
            return state.isReadable
                ? .found(state.held.intersection(ids)) : .unreadable(reason: "no key")
        }
    }
}

@Suite("The delivery loop") struct DeliveryLoopTests {
    private final class Fixture: Sendable {
        let scratch: Scratch
        let store: ReportStore
        let sink = FakeSink()
        let events = Mutex<[DeliveryEvent]>([])

        init() throws {
            scratch = try Scratch()
            store = try ReportStore(directory: scratch.path)
        }

        func commit(_ count: Int, from first: Int = 0) throws {
            try store.commit(batch(count, from: first), sinks: ["fake"], now: 0)
        }

        /// A loop as a new process would make it.
        func loop() -> DeliveryLoop {
            DeliveryLoop(store: store, sink: sink) { event in
                self.events.withLock { $0.append(event) }
            }
        }

        func counts() throws -> [Int] {
            let counts = try store.deliveryCounts(sink: "fake")
            return [counts.pending, counts.sent, counts.confirmed]
        }
    }

    @Test("delivers in order, each once, and then sleeps until woken") func plain() throws {
        let fixture = try Fixture()
        try fixture.commit(150)
        let loop = fixture.loop()
        #expect(loop.round(now: 0) == DeliveryRound(sent: 64, confirmed: 64, nextAt: 0))
        #expect(loop.round(now: 0) == DeliveryRound(sent: 64, confirmed: 64, nextAt: 0))
        #expect(loop.round(now: 0) == DeliveryRound(sent: 22, confirmed: 22, nextAt: nil))
        #expect(loop.round(now: 0) == DeliveryRound())
        #expect(fixture.sink.state.withLock { $0.received } == Array(1...150))
        #expect(try fixture.counts() == [0, 0, 150])
        #expect(fixture.events.withLock { $0 } == [])
    }

    @Test("tries a closed sink ever more rarely, tells it once, and loses nothing")
    func unavailable() throws {
        let fixture = try Fixture()
        try fixture.commit(5)
        fixture.sink.state.withLock { $0.takes = 2 }
        let loop = fixture.loop()
        #expect(loop.round(now: 0) == DeliveryRound(sent: 2, confirmed: 2, nextAt: 100))
        // Woken early: nothing is tried.
        #expect(loop.round(now: 99) == DeliveryRound(nextAt: 100))
        var pauses: [Int] = []
        var now = 100
        for _ in 0..<8 {
            let next = try #require(loop.round(now: now).nextAt)
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        #expect(try fixture.counts() == [3, 0, 2])
        fixture.sink.state.withLock { $0.takes = .max }
        #expect(loop.round(now: now) == DeliveryRound(sent: 3, confirmed: 3, nextAt: nil))
        #expect(fixture.sink.state.withLock { $0.received } == Array(1...5))
        #expect(fixture.events.withLock { $0 } == [.unavailable(reason: "closed"), .available])
        // The pauses begin anew after a success.
        fixture.sink.state.withLock { $0.takes = 0 }
        try fixture.commit(1, from: 5)
        #expect(loop.round(now: now).nextAt == now + 100)
    }

    @Test("sends again, at growing intervals, what the sink lost") func lost() throws {
        let fixture = try Fixture()
        try fixture.commit(1)
        fixture.sink.state.withLock { $0.keeps = 0 }
        let loop = fixture.loop()
        #expect(loop.round(now: 0) == DeliveryRound(sent: 1, nextAt: 500))
        #expect(loop.round(now: 4999) == DeliveryRound(nextAt: 5000))
        #expect(loop.round(now: 5000) == DeliveryRound(sent: 1, nextAt: 5500))
        #expect(loop.round(now: 14_999) == DeliveryRound(nextAt: 15_000))
        fixture.sink.state.withLock { $0.keeps = .max }
        #expect(loop.round(now: 15_000) == DeliveryRound(sent: 1, confirmed: 1, nextAt: 15_000))
        #expect(fixture.sink.state.withLock { $0.received } == [1, 1, 1])
        #expect(loop.round(now: 15_000) == DeliveryRound())
        #expect(fixture.events.withLock { $0 } == [.dropping, .keeping])
    }

    @Test("gives a sink that limits the rate all in order") func limited() {
        let faults = ModelSeeds(usualSeconds: 3).run("limited rate", atATime: 1, Self.limitedRate)
        #expect(faults == [])
    }

    /// Commits in bursts to a sink that drops what goes beyond its own.
    private static func limitedRate(seed: UInt64) throws -> [String] {
        var random = SeededGenerator(seed: seed)
        let fixture = try Fixture()
        let count = Int.random(in: 1...100, using: &random)
        let burst = Int.random(in: 1...40, using: &random)
        let interval = Int.random(in: 100...30_000, using: &random)
        let loop = fixture.loop()
        var (now, refill, committed) = (0, 0, 0)
        while true {
            if now >= refill {
                fixture.sink.state.withLock { $0.keeps = burst }
                refill = now + interval
            }
            if committed < count, Int.random(in: 0..<4, using: &random) == 0 {
                let more = Int.random(in: 1...count - committed, using: &random)
                try fixture.commit(more, from: committed)
                committed += more
            }
            let next = loop.round(now: now).nextAt
            if committed == count, next == nil { break }
            // When it is time or, woken by a commit, before.
            let isWoken = Int.random(in: 0..<4, using: &random) == 0
            now = isWoken ? now + 50 : max(now, next ?? now)
        }
        let kept = fixture.sink.state.withLock { $0.kept }
        return kept == Array(1...count)
            ? [] : ["\(count) reports, \(burst) in \(interval) ms: \(kept)"]
    }

    @Test("does not let what the sink never keeps hold up the others for ever") func refused()
        throws
    {
        let fixture = try Fixture()
        try fixture.commit(100)
        fixture.sink.state.withLock { $0.refused = [3, 70] }
        let loop = fixture.loop()
        var now = 0
        while try fixture.counts() != [0, 2, 98] {
            now = try #require(loop.round(now: now).nextAt)
        }
        let last = 5_000 + 10_000 + 20_000 + 500
        #expect(now == last)
        let kept = Array(1...100).filter { $0 != 3 && $0 != 70 }
        #expect(fixture.sink.state.withLock { $0.kept } == kept)
        // It is offered again all the same, ever more rarely, and taken in the end.
        fixture.sink.state.withLock { $0.refused = [] }
        while let next = loop.round(now: now).nextAt { now = next }
        #expect(fixture.sink.state.withLock { $0.kept } == kept + [70, 3])
        #expect(fixture.events.withLock { $0 } == [.dropping, .keeping])
    }

    @Test("does not send again what shows in the sink late") func late() throws {
        let fixture = try Fixture()
        try fixture.commit(1)
        fixture.sink.state.withLock { $0.keeps = 0 }
        let loop = fixture.loop()
        _ = loop.round(now: 0)
        let id = batch(1).reports[0].report.id
        _ = fixture.sink.state.withLock { $0.held.insert(id) }
        #expect(loop.round(now: 5000) == DeliveryRound(confirmed: 1, nextAt: nil))
        #expect(fixture.sink.state.withLock { $0.received } == [1])
    }

    @Test("of a new process looks for what its predecessor may have sent") func restart() throws {
        let fixture = try Fixture()
        try fixture.commit(4)
        let owed = try fixture.store.pendingDeliveries(sink: "fake", limit: 9)
        // Sent and never noted; sent, noted and lost; sent, noted and held; never sent.
        _ = fixture.sink.send([owed[0], owed[2]])
        try fixture.store.markSent([2, 3], sink: "fake", now: 1000)
        let loop = fixture.loop()
        #expect(loop.round(now: 1001) == DeliveryRound(sent: 1, confirmed: 2, nextAt: 1001))
        #expect(loop.round(now: 1001) == DeliveryRound(sent: 1, confirmed: 2, nextAt: nil))
        #expect(fixture.sink.state.withLock { $0.received } == [1, 3, 2, 4])
        // What is committed later cannot have been sent, and costs one look, not two.
        let before = fixture.sink.state.withLock { $0.lookups }
        try fixture.commit(1, from: 4)
        _ = loop.round(now: 1001)
        #expect(fixture.sink.state.withLock { $0.lookups } == before + 1)
    }

    @Test("leaves as sent what it cannot look for, and looks again later") func unreadable() throws
    {
        let fixture = try Fixture()
        try fixture.commit(2)
        fixture.sink.state.withLock { $0.isReadable = false }
        let loop = fixture.loop()
        #expect(loop.round(now: 0) == DeliveryRound(sent: 2, nextAt: 60_000))
        #expect(loop.round(now: 60_000) == DeliveryRound(nextAt: 120_000))
        #expect(try fixture.counts() == [0, 2, 0])
        fixture.sink.state.withLock { $0.isReadable = true }
        #expect(loop.round(now: 120_000) == DeliveryRound(confirmed: 2, nextAt: nil))
        #expect(fixture.sink.state.withLock { $0.received } == [1, 2])
        #expect(fixture.events.withLock { $0 } == [.unreadable(reason: "no key"), .readable])
    }

    @Test("tells that the store fails, and keeps trying") func storeFails() throws {
        let fixture = try Fixture()
        let loop = fixture.loop()
        try fixture.store.close()
        #expect(loop.round(now: 0).nextAt == 100)
        #expect(loop.round(now: 100).nextAt == 300)
        let events = fixture.events.withLock { $0 }
        #expect(events.count == 1)
        guard case .storeFailed = events.first else {
            Issue.record("\(events)")
            return
        }
    }

    @Test("does not send again what the store failed to note as sent") func unnoted() throws {
        let fixture = try Fixture()
        try fixture.commit(2)
        let other = try DatabaseQueue(path: fixture.store.file)
        try other.write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER t BEFORE UPDATE ON delivery BEGIN SELECT raise(ABORT, ''); END
                    """)
        }
        let loop = fixture.loop()
        #expect(loop.round(now: 0) == DeliveryRound(sent: 2, nextAt: 100))
        #expect(loop.round(now: 100) == DeliveryRound(nextAt: 300))
        try other.write { try $0.execute(sql: "DROP TRIGGER t") }
        #expect(loop.round(now: 300) == DeliveryRound(confirmed: 2, nextAt: nil))
        #expect(fixture.sink.state.withLock { $0.received } == [1, 2])
        #expect(fixture.events.withLock { $0 }.last == .storeWorks)
    }

    @Test("its thread delivers each commit that it is woken for, and stops") func thread() throws {
        let fixture = try Fixture()
        let thread = DeliveryThread(fixture.loop())
        for index in 0..<20 {
            try fixture.commit(1, from: index)
            thread.wake()
            fixture.sink.arrival.wait()
        }
        #expect(thread.stop())
        #expect(thread.stop())
        #expect(fixture.sink.state.withLock { $0.received } == Array(1...20))
        #expect(try fixture.counts() == [0, 0, 20])
    }

    @Test("its thread does not hold up a stop while the sink blocks") func blocked() throws {
        let fixture = try Fixture()
        try fixture.commit(1)
        let gate = DispatchSemaphore(value: 0)
        fixture.sink.gate.withLock { $0 = gate }
        let thread = DeliveryThread(fixture.loop())
        fixture.sink.entry.wait()
        #expect(!thread.stop(patience: 1))
        gate.signal()
        #expect(thread.stop(patience: 60_000))
    }
}

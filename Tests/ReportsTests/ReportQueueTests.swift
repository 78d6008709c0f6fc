// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Reports

@Suite("The queue") struct ReportQueueTests {
    private func filled(_ scratch: Scratch, _ reports: [Report]) throws -> ReportStore {
        let store = try ReportStore(directory: scratch.path)
        try store.commit(CommitBatch(reports: reports.map { pending($0) }), now: 100)
        return store
    }

    @Test("gives the most urgent first, and the older first among equals") func order() throws {
        let scratch = try Scratch()
        let levels: [Report.Level] = [.low, .critical, .informational, .high, .critical, .medium]
        let store = try filled(
            scratch, levels.enumerated().map { sample(level: $1, record: "r-\($0)") })
        let sequences = try store.list(limit: 9, now: 100).map(\.sequence)
        #expect(sequences == [2, 5, 4, 6, 1, 3])
        #expect(
            try store.claim(consumer: "a", leaseSeconds: 9, limit: 3, now: 100).map(\.sequence)
                == [2, 5, 4])
        #expect(try store.list(states: [.ready], limit: 9, now: 100).map(\.sequence) == [6, 1, 3])
        #expect(try store.reports(after: 4, limit: 9).map(\.sequence) == [5, 6])
        #expect(try store.queueCounts(now: 100) == QueueCounts(ready: 3, claimed: 3))
    }

    @Test("gives an unfinished report again when its lease has ended") func lease() throws {
        let scratch = try Scratch()
        let store = try filled(scratch, [sample()])
        #expect(try store.claim(consumer: "a", leaseSeconds: 1, limit: 1, now: 100).count == 1)
        #expect(try store.claim(consumer: "b", leaseSeconds: 1, limit: 1, now: 1099).isEmpty)
        let again = try store.claim(consumer: "b", leaseSeconds: 1, limit: 1, now: 1100)
        #expect(again.map(\.claimedBy) == ["b"])
        #expect(again.map(\.claims) == [2])
    }

    @Test("lets a report die whose leases run out again and again, until it is released")
    func dead() throws {
        let scratch = try Scratch()
        let store = try filled(scratch, [sample(), sample(level: .low, record: "r-2")])
        let id = sample().id
        var now = 100
        for round in 1...ReportStore.leasesBeforeDead {
            let got = try store.claim(consumer: "a", leaseSeconds: 1, limit: 1, now: now)
            #expect(got.map(\.report.id) == [id])
            #expect(got.map(\.claims) == [round])
            now += 1000
        }
        #expect(try store.claim(consumer: "a", leaseSeconds: 1, limit: 9, now: now).count == 1)
        #expect(try store.queueCounts(now: now) == QueueCounts(claimed: 1, dead: 1))
        let dead = try store.list(states: [.dead], limit: 9, now: now)
        #expect(dead.map(\.expiredLeases) == [ReportStore.leasesBeforeDead])
        #expect(try store.release(ids: [id], now: now) == [id])
        #expect(
            try store.claim(consumer: "b", leaseSeconds: 1, limit: 1, now: now)
                .map(\.expiredLeases) == [0])
    }

    @Test("lets the holder, and nobody else, make a lease longer") func renewal() throws {
        let scratch = try Scratch()
        let store = try filled(scratch, [sample()])
        let id = sample().id
        #expect(throws: QueueError.notClaimed(id: id)) {
            try store.renew(ids: [id], consumer: "a", leaseSeconds: 9, now: 100)
        }
        _ = try store.claim(consumer: "a", leaseSeconds: 1, limit: 1, now: 100)
        #expect(throws: QueueError.claimed(id: id, by: "a")) {
            try store.renew(ids: [id], consumer: "b", leaseSeconds: 9, now: 100)
        }
        try store.renew(ids: [id], consumer: "a", leaseSeconds: 9, now: 1000)
        #expect(try store.claim(consumer: "b", leaseSeconds: 1, limit: 1, now: 9999).isEmpty)
        #expect(try store.claim(consumer: "b", leaseSeconds: 1, limit: 1, now: 10_000).count == 1)
    }

    @Test("acknowledges all of what is named, or none") func allOrNone() throws {
        let scratch = try Scratch()
        let store = try filled(scratch, [sample(), sample(record: "r-2"), sample(record: "r-3")])
        let ids = try store.list(limit: 9, now: 100).map(\.report.id)
        _ = try store.claim(consumer: "a", leaseSeconds: 9, limit: 1, now: 100)
        #expect(throws: QueueError.claimed(id: ids[0], by: "a")) {
            try store.acknowledge(ids: [ids[1], ids[2], ids[0]], verdict: nil, now: 100)
        }
        #expect(try store.queueCounts(now: 100) == QueueCounts(ready: 2, claimed: 1))
        #expect(
            try store.acknowledge(ids: [ids[1], ids[2]], verdict: nil, now: 100) == Array(ids[1...])
        )
        #expect(try store.queueCounts(now: 100) == QueueCounts(claimed: 1, acknowledged: 2))
    }

    @Test("lets nobody but the holder acknowledge while the lease runs") func holder() throws {
        let scratch = try Scratch()
        let store = try filled(scratch, [sample(), sample(record: "r-2")])
        let id = sample().id
        _ = try store.claim(consumer: "a", leaseSeconds: 1, limit: 1, now: 100)
        for consumer in ["b", nil] {
            #expect(throws: QueueError.claimed(id: id, by: "a")) {
                try store.acknowledge(ids: [id], consumer: consumer, verdict: nil, now: 100)
            }
        }
        try store.acknowledge(
            ids: [id], consumer: "a", verdict: .truePositive, note: "told", now: 200)
        #expect(throws: QueueError.alreadyAcknowledged(id: id)) {
            try store.acknowledge(ids: [id], consumer: "a", verdict: .duplicate, now: 300)
        }
        let done = try store.list(states: [.acknowledged], limit: 9, now: 300)
        #expect(done.map(\.verdict) == [.truePositive])
        #expect(done.map(\.note) == ["told"])
        #expect(done.map(\.acknowledgedAt?.milliseconds) == [200])
    }

    @Test("takes a report back from its holder or over its head") func release() throws {
        let scratch = try Scratch()
        let store = try filled(scratch, [sample()])
        let id = sample().id
        #expect(throws: QueueError.notClaimed(id: id)) { try store.release(ids: [id], now: 100) }
        _ = try store.claim(consumer: "a", leaseSeconds: 9, limit: 1, now: 100)
        #expect(throws: QueueError.claimed(id: id, by: "a")) {
            try store.release(ids: [id], consumer: "b", now: 100)
        }
        #expect(try store.release(ids: [id], now: 100) == [id])
        #expect(try store.claim(consumer: "b", leaseSeconds: 9, limit: 1, now: 100).count == 1)
    }

    @Test("knows reports by any beginning of their id that fits one alone") func abbreviation()
        throws
    {
        let scratch = try Scratch()
        var twins = [sample(), sample(record: "r-2"), sample(record: "r-3")]
        twins[1].id = twins[0].id.prefix(20) + String(repeating: "0", count: 44)
        let store = try filled(scratch, twins)
        func acknowledge(_ text: String) throws -> String {
            try store.acknowledge(ids: [text], verdict: nil, now: 100)[0]
        }
        for text in ["", "abcdef0", "abcdefgh", String(repeating: "a", count: 65), "ábcdef01"] {
            #expect(throws: QueueError.notAnID(text)) { try acknowledge(text) }
        }
        #expect(throws: QueueError.ambiguous(String(twins[0].id.prefix(20)))) {
            try acknowledge(String(twins[0].id.prefix(20)))
        }
        #expect(throws: QueueError.unknown("00000000")) { try acknowledge("00000000") }
        #expect(try acknowledge(twins[1].id.uppercased()) == twins[1].id)
        #expect(try acknowledge(String(twins[2].id.prefix(8))) == twins[2].id)
    }

    @Test("never gives one report to two of several threads' consumers") func concurrency() throws {
        let scratch = try Scratch()
        let total = 400
        let owner = try ReportStore(directory: scratch.path)
        try owner.commit(batch(total), now: 1)
        let claimed = Mutex<[Int]>([])
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            do {
                while true {
                    let got = try owner.claim(
                        consumer: "c\(worker)", leaseSeconds: 60, limit: 3, now: 1)
                    if got.isEmpty { break }
                    claimed.withLock { $0 += got.map(\.sequence) }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(claimed.withLock { $0.sorted() } == Array(1...total))
    }
}

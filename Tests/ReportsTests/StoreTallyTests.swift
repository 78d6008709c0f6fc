// SPDX-License-Identifier: Apache-2.0
import GRDB
import TestSupport
import Testing

@testable import Reports

@Suite("The store's tally") struct StoreTallyTests {
    /// What the rows themselves come to.
    private func counted(_ store: ReportStore) throws -> [Int] {
        try store.read { db in
            try [
                "report WHERE state = 'ready'", "report WHERE state = 'claimed'",
                "report WHERE state = 'acknowledged'", "report WHERE state = 'dead'",
                "dropped_report", "delivery WHERE sink = 'a' AND state = 'pending'",
                "delivery WHERE sink = 'a' AND state = 'sent'",
                "delivery WHERE sink = 'a' AND state = 'confirmed'",
                "delivery WHERE sink = 'b' AND state = 'pending'", "finding_delivery",
            ].map { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? -1 }
        }
    }

    /// The same as the store tells it.
    private func told(_ store: ReportStore, now: Int) throws -> [Int] {
        let queue = try store.queueCounts(now: now)
        let a = try store.deliveryCounts(sink: "a")
        return [
            queue.ready, queue.claimed, queue.acknowledged, queue.dead, queue.dropped, a.pending,
            a.sent, a.confirmed, try store.deliveryCounts(sink: "b").pending,
            try store.pendingFindingCount(),
        ]
    }

    private func finding(_ number: Int) throws -> StoredFinding {
        StoredFinding(
            rule: "rule", event: "event\(number)", timeMilliseconds: number, fields: [],
            position: try #require(sample().position))
    }

    @Test("is what counting the rows gives, whatever is done to them") func oracle() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        let store = try ReportStore(directory: scratch.path)
        var now = 1_000_000
        for step in 0..<300 {
            let some = (0..<5).map { _ in Int.random(in: 1...max(1, step), using: &random) }
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2:
                var batch = batch(4, from: Int.random(in: 0...step, using: &random))
                batch.memory.findings = try some.map(finding)
                try store.commit(batch, sinks: ["a", "b"], findingsOf: "host", now: now)
            case 3: _ = try store.claim(consumer: "c", leaseSeconds: 5, limit: 5, now: now)
            case 4: now += Int.random(in: 0...9_000, using: &random)
            case 5:
                let ids = try store.list(limit: 3, now: now).map(\.report.id)
                _ = try? store.acknowledge(ids: ids, consumer: "c", verdict: nil, now: now)
            case 6: try store.markSent(some, sink: "a", now: now)
            case 7:
                try store.markConfirmed(some, sink: "a")
                try store.markConfirmed(some, sink: "b")
            case 8: try store.removeFindings(some)
            default:
                _ = try store.applyRetention(RetentionLimits(sizeBytes: 1), now: now)
            }
            let told = try told(store, now: now)
            #expect(told == (try counted(store)), "seed \(seed), step \(step)")
        }
    }

    @Test("of a store that an older version wrote begins with what is there") func migrated() throws
    {
        let scratch = try Scratch()
        let expected = try makeOlderStore(scratch.path)
        let store = try ReportStore(directory: scratch.path)
        #expect(try told(store, now: 1) == expected)
        try store.removeFindings([1, 2, 3])
        #expect(try told(store, now: 1) == (try counted(store)))
    }

    /// Leaves a store as the version before the tally had it; what its rows come to.
    private func makeOlderStore(_ path: String) throws -> [Int] {
        let store = try ReportStore(directory: path)
        var batch = batch(9)
        batch.memory.findings = try (0..<7).map(finding)
        try store.commit(batch, sinks: ["a", "b"], findingsOf: "host", now: 1)
        try store.markSent([1, 2], sink: "a", now: 1)
        try store.write { db in
            for table in ["report", "delivery", "dropped_report", "finding_delivery"] {
                for event in ["added", "removed", "changed"] {
                    try db.execute(sql: "DROP TRIGGER IF EXISTS \(table)_\(event)")
                }
            }
            try db.execute(sql: "DROP TABLE tally; PRAGMA user_version = 5")
        }
        defer { try? store.close() }
        return try counted(store)
    }
}

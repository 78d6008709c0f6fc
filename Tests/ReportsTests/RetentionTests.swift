// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Reports

@Suite("Retention") struct RetentionTests {
    private let scratch: Scratch
    private let store: ReportStore
    private static let day = 86_400_000

    init() throws {
        scratch = try Scratch()
        store = try ReportStore(directory: scratch.path)
    }

    /// Adds reports, of which the first ones are delivered and acknowledged at a time.
    private func fill(_ count: Int, acknowledged: Int, at time: Int) throws {
        try store.commit(batch(count), now: time)
        let ids = try store.reports(after: 0, limit: acknowledged).map(\.report.id)
        try store.acknowledge(ids: ids, verdict: .truePositive, note: "seen", now: time)
        try store.markConfirmed(Array(1...count), sink: "journal")
    }

    @Test("drops what was acknowledged long ago, and nothing else") func age() throws {
        try fill(6, acknowledged: 4, at: 1000)
        let limits = RetentionLimits(retentionDays: 30)
        #expect(try store.applyRetention(limits, now: 30 * Self.day).dropped == 0)
        #expect(try store.applyRetention(limits, now: 31 * Self.day).dropped == 4)
        #expect(try store.queueCounts(now: 1) == QueueCounts(ready: 2, dropped: 4))
        #expect(try store.reports(after: 0, limit: 9).map(\.sequence) == [5, 6])
    }

    @Test("keeps what a sink has yet to be told") func undelivered() throws {
        try store.commit(batch(2), now: 1)
        try store.acknowledge(
            ids: store.list(limit: 9, now: 1).map(\.report.id), verdict: nil, now: 1)
        try store.markConfirmed([1], sink: "journal")
        let outcome = try store.applyRetention(RetentionLimits(retentionDays: 1), now: 9 * Self.day)
        #expect(outcome.dropped == 1)
        #expect(try store.pendingDeliveries(sink: "journal", limit: 9).map(\.sequence) == [2])
    }

    @Test("never lets a turn be reported again whose report was dropped") func known() throws {
        try fill(3, acknowledged: 3, at: 1)
        _ = try store.applyRetention(RetentionLimits(retentionDays: 1), now: 9 * Self.day)
        #expect(try store.commit(batch(4), now: 9 * Self.day) == 1)
        #expect(throws: QueueError.self) {
            try store.release(ids: [sample(record: "r-0", text: "t-0").id], now: 9 * Self.day)
        }
    }

    @Test("over its size drops acknowledged reports, the oldest first, and keeps all others")
    func size() throws {
        var limits = RetentionLimits(retentionDays: 3650)
        try fill(3000, acknowledged: 1500, at: 1)
        let full = try store.usedBytes()
        limits.sizeBytes = full / 10 * 9
        let outcome = try store.applyRetention(limits, now: Self.day)
        #expect((500..<1500).contains(outcome.dropped))
        #expect(outcome.usedBytes <= limits.sizeBytes)
        let kept = try store.reports(after: 0, limit: 9999).map(\.sequence)
        #expect(kept == Array(outcome.dropped + 1...3000))
        // However small the limit, what nobody acknowledged stays.
        limits.sizeBytes = 1
        _ = try store.applyRetention(limits, now: Self.day)
        #expect(try store.queueCounts(now: 1) == QueueCounts(ready: 1500, dropped: 1500))
    }

    @Test("the monitor's own records are nobody's work, and are gone after a day, told or not")
    func canaries() throws {
        let reports = (0..<3).map { number in
            var report = sample(rule: Report.Rule.canaryID, record: "c-\(number)")
            report.kind = .canary
            return pending(report, text: "c-\(number)")
        }
        try store.commit(CommitBatch(reports: reports), sinks: ["journal", "nats"], now: 1000)
        #expect(try store.queueCounts(now: 1000) == QueueCounts())
        #expect(try store.claim(consumer: "c", leaseSeconds: 60, limit: 9, now: 1000).isEmpty)
        #expect(try store.reports(after: 0, limit: 9).allSatisfy { $0.state == .acknowledged })
        #expect(try store.deliveryCounts(sink: "journal").pending == 3)
        #expect(try store.deliveryCounts(sink: "nats").pending == 0)
        try store.commit(batch(2), now: 1000)
        _ = try store.applyRetention(RetentionLimits(), now: 1000 + Self.day)
        #expect(try store.reports(after: 0, limit: 9).count == 5)
        #expect(try store.applyRetention(RetentionLimits(), now: 1001 + Self.day).dropped == 0)
        #expect(try store.reports(after: 0, limit: 9).map(\.sequence) == [4, 5])
        #expect(try store.deliveryCounts(sink: "journal").pending == 2)
    }
}

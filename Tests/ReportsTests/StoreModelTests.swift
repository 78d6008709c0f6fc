// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport
import Testing

@testable import Reports

/// What a store must hold, by the plainest means.
private struct StoreModel {
    struct Entry {
        var id: String
        var rule: String
        var level: Report.Level
        var digest: [UInt8]
        var isHistory: Bool
        var consumer: String?
        var leaseUntil = 0
        var claims = 0
        var expiredLeases = 0
        var isAcknowledged = false
        var delivery = "pending"
    }

    var entries: [Entry] = []
    var offsets: [String: Int] = [:]

    mutating func commit(_ batch: CommitBatch) -> Int {
        let before = entries.count
        for new in batch.reports {
            let rule = new.report.rule?.id ?? ""
            let isKnown = entries.contains { old in
                old.id == new.report.id
                    || (old.rule == rule && old.digest == new.turnDigest
                        && (old.isHistory || new.isHistory))
            }
            if !isKnown {
                entries.append(
                    Entry(
                        id: new.report.id, rule: rule, level: new.report.level,
                        digest: new.turnDigest, isHistory: new.isHistory))
            }
        }
        for point in batch.checkpoints { offsets[point.stream.text] = point.offset }
        return entries.count - before
    }

    /// Indices of the entries in the queue's order.
    var order: [Int] {
        entries.indices.sorted {
            (entries[$1].level.rank, $0) < (entries[$0].level.rank, $1)
        }
    }

    func state(_ index: Int) -> QueueState {
        let entry = entries[index]
        if entry.isAcknowledged { return .acknowledged }
        if entry.expiredLeases >= ReportStore.leasesBeforeDead { return .dead }
        return entry.consumer != nil ? .claimed : .ready
    }

    mutating func expireLeases(now: Int) {
        for index in entries.indices
        where state(index) == .claimed && entries[index].leaseUntil <= now {
            entries[index].consumer = nil
            entries[index].expiredLeases += 1
        }
    }
}

@Suite("The store, against a model") struct StoreModelTests {
    @Test("does as the model does, whatever is done to it", arguments: 0..<12)
    func model(run: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let note: Comment = "seed \(seed)"
        let scratch = try Scratch()
        var store = try ReportStore(directory: scratch.path)
        var model = StoreModel()
        var now = 1_000_000
        for _ in 0..<120 {
            switch Int.random(in: 0..<11, using: &random) {
            case 0...3:
                let batch = randomBatch(&random)
                #expect(try store.commit(batch, now: now) == model.commit(batch), note)
            case 4:
                let limit = Int.random(in: 0...3, using: &random)
                let consumer = ["a", "b"].randomElement(using: &random) ?? ""
                let ready = model.order.filter { model.state($0) == .ready }
                for index in ready.prefix(limit) {
                    model.entries[index].consumer = consumer
                    model.entries[index].leaseUntil = now + 5000
                    model.entries[index].claims += 1
                }
                let got = try store.claim(
                    consumer: consumer, leaseSeconds: 5, limit: limit, now: now)
                #expect(got.map(\.sequence) == ready.prefix(limit).map { $0 + 1 }, note)
            case 5:
                now += Int.random(in: 0...4000, using: &random)
                model.expireLeases(now: now)
            case 6, 7:
                guard let index = model.entries.indices.randomElement(using: &random) else { break }
                let consumer = ["a", "b", nil].randomElement(using: &random) ?? nil
                let id = model.entries[index].id
                let abbreviated = String(id.prefix(Int.random(in: 20...64, using: &random)))
                var expected: QueueError?
                switch model.state(index) {
                case .acknowledged: expected = .alreadyAcknowledged(id: id)
                case .claimed where model.entries[index].consumer != consumer:
                    expected = .claimed(id: id, by: model.entries[index].consumer ?? "")
                default: model.entries[index].isAcknowledged = true
                }
                var actual: QueueError?
                do {
                    try store.acknowledge(
                        ids: [abbreviated], consumer: consumer, verdict: .duplicate, now: now)
                } catch { actual = error }
                #expect(actual == expected, note)
            case 8:
                guard let index = model.entries.indices.randomElement(using: &random) else { break }
                let id = model.entries[index].id
                var expected: QueueError?
                switch model.state(index) {
                case .acknowledged: expected = .alreadyAcknowledged(id: id)
                case .ready: expected = .notClaimed(id: id)
                case .claimed, .dead:
                    model.entries[index].consumer = nil
                    model.entries[index].expiredLeases = 0
                }
                var actual: QueueError?
                do { try store.release(ids: [id], now: now) } catch { actual = error }
                #expect(actual == expected, note)
            case 9:
                let owed = model.entries.indices.filter { model.entries[$0].delivery == "pending" }
                let some = try store.pendingDeliveries(sink: "journal", limit: 2).map(\.sequence)
                #expect(some == owed.prefix(2).map { $0 + 1 }, note)
                let confirms = Bool.random(using: &random)
                for sequence in some {
                    model.entries[sequence - 1].delivery = confirms ? "confirmed" : "sent"
                }
                if confirms {
                    try store.markConfirmed(some, sink: "journal")
                } else {
                    try store.markSent(some, sink: "journal", now: now)
                }
            default:
                try store.close()
                store = try Self.reopened(&store, scratch.path)
            }
            try compare(store, model, now: now, note)
        }
    }

    /// Opens the store anew, once the old one has let go of the directory.
    private static func reopened(_ store: inout ReportStore, _ path: String) throws -> ReportStore {
        let scratch = try Scratch()
        store = try ReportStore(directory: scratch.path)
        return try ReportStore(directory: path)
    }

    private func compare(
        _ store: ReportStore, _ model: StoreModel, now: Int, _ note: Comment
    ) throws {
        let states = try store.list(states: Set(QueueState.allCases), limit: 1000, now: now)
        #expect(states.map(\.sequence) == model.order.map { $0 + 1 }, note)
        #expect(states.map(\.state) == model.order.map { model.state($0) }, note)
        #expect(states.map(\.report.id) == model.order.map { model.entries[$0].id }, note)
        #expect(states.map(\.claims) == model.order.map { model.entries[$0].claims }, note)
        let offsets = try store.streams().map {
            [$0.checkpoint.stream.text: $0.checkpoint.offset]
        }
        #expect(offsets.reduce(into: [:]) { $0.merge($1) { $1 } } == model.offsets, note)
        let counts = try store.deliveryCounts(sink: "journal")
        #expect(counts.pending == model.entries.count { $0.delivery == "pending" }, note)
        #expect(counts.sent == model.entries.count { $0.delivery == "sent" }, note)
    }

    /// Up to four reports out of so few that the same turn comes again in every way.
    private func randomBatch(_ random: inout SeededGenerator) -> CommitBatch {
        var batch = CommitBatch()
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let rule = "rule-\(Int.random(in: 0...2, using: &random))"
            let text = "text-\(Int.random(in: 0...9, using: &random))"
            let record = "record-\(Int.random(in: 0...2, using: &random))"
            let level = Report.Level.allCases.randomElement(using: &random) ?? .low
            var report = sample(rule: rule, level: level, record: record, text: text)
            let isHistory = Int.random(in: 0..<3, using: &random) == 0
            if isHistory {
                report.history = true
                report.id = ReportIdentity.detection(
                    rule: rule, event: ReportIdentity.historyEvent(digest: Array(text.utf8)))
            }
            batch.reports.append(pending(report, text: text, isHistory: isHistory))
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            batch.checkpoints.append(
                checkpoint(
                    of: "stream-\(Int.random(in: 0...2, using: &random))",
                    offset: Int.random(in: 0...1_000_000, using: &random)))
        }
        return batch
    }

    @Test("gaps and turns without a digest are known by their id alone") func gaps() throws {
        let scratch = try Scratch()
        let store = try ReportStore(directory: scratch.path)
        let reports = [gapSample(), gapSample(), sample(), sample(record: "r-2")].map {
            PendingReport(report: $0, turnDigest: [], isHistory: true)
        }
        #expect(try store.commit(CommitBatch(reports: reports), now: 1) == 3)
    }
}

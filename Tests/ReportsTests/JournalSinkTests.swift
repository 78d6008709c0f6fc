// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Reports

@Suite("The journal sink, with a real journald", .enabled(if: noJournald == nil, noJournaldComment))
struct JournalSinkTests {
    /// A journald, a store that owes it reports, and loops between them.
    private final class Fixture: Sendable {
        let journald: PrivateJournald
        let scratch: Scratch
        let store: ReportStore
        let events = Mutex<[DeliveryEvent]>([])

        init() throws {
            journald = try PrivateJournald()
            scratch = try Scratch()
            store = try ReportStore(directory: scratch.path)
        }

        /// - Parameter patience: By default beyond what any loaded machine needs.
        func loop(patience: Int = 60_000) -> DeliveryLoop {
            DeliveryLoop(
                store: store, sink: JournalSink(store: store.identifier), patience: patience
            ) { event in self.events.withLock { $0.append(event) } }
        }

        func round(_ loop: DeliveryLoop, now: Int) throws -> DeliveryRound {
            try journald.perform { loop.round(now: now) }
        }

        func counts() throws -> [Int] {
            let counts = try store.deliveryCounts(sink: "journal")
            return [counts.pending, counts.sent, counts.confirmed]
        }

        /// The sequence numbers that the journal holds, in its order.
        func stored() throws -> [String] {
            try journald.entries("SYSLOG_IDENTIFIER", "tocsin").compactMap { $0["TOCSIN_SEQ"] }
        }
    }

    @Test("stores every field, and reads back only what was stored") func fields() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        let report = sample(level: .critical)
        try fixture.store.commit(
            CommitBatch(reports: [pending(report), PendingReport(gapSample())]), now: 0)
        let outcome = try fixture.journald.perform {
            JournalSink(store: "x").confirm([report.id], patience: 0)
        }
        #expect(outcome == .found([]))
        let round = try fixture.round(fixture.loop(), now: 0)
        #expect(round == DeliveryRound(sent: 2, confirmed: 2, nextAt: nil))

        let entry = try #require(
            try fixture.journald.entries("TOCSIN_REPORT_ID", report.id).first)
        let sent = JournalEntry(report, sequence: 1, store: fixture.store.identifier)
        for field in sent.fields {
            let parts = String(decoding: field, as: UTF8.self)
                .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let tags = "attack.impact|harm.chemical"
            #expect(entry[String(parts[0])] == (parts[0] == "TOCSIN_TAG" ? tags : String(parts[1])))
        }
        #expect(entry["_TRANSPORT"] == "journal")
        let gaps = try fixture.journald.entries("MESSAGE_ID", JournalEntry.gapMessageID)
        #expect(gaps.map { $0["TOCSIN_GAP_BYTES"] } == ["4096"])
        let urgent = try fixture.journald.journalctl("-p", "crit", "-t", "tocsin", "-o", "cat")
        #expect(urgent.split(separator: "\n").count == 1)
    }

    @Test("sends nothing, and marks nothing, where there is no socket") func noSocket() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        try fixture.store.commit(batch(3), now: 0)
        try fixture.journald.removeSocket()
        let loop = fixture.loop()
        #expect(try fixture.round(loop, now: 0) == DeliveryRound(nextAt: 100))
        #expect(try fixture.counts() == [3, 0, 0])
        #expect(
            fixture.events.withLock { $0 } == [
                .unavailable(
                    reason: "/run/systemd/journal/socket: No such file or directory")
            ])
    }

    @Test("delivers each report once after journald was killed and started again")
    func killed() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        let loop = fixture.loop()
        try fixture.store.commit(batch(5), now: 0)
        #expect(try fixture.round(loop, now: 0).confirmed == 5)
        fixture.journald.kill()
        try fixture.store.commit(batch(100, from: 5), now: 0)
        #expect(try fixture.round(loop, now: 0) == DeliveryRound(nextAt: 100))
        #expect(try fixture.counts() == [100, 0, 5])
        try fixture.journald.restart()
        #expect(try fixture.round(loop, now: 100).confirmed == 64)
        #expect(try fixture.round(loop, now: 100).confirmed == 36)
        #expect(try fixture.stored() == (1...105).map(String.init))
        let events = fixture.events.withLock { $0 }
        #expect(events.count == 2)
        #expect(events.last == .available)
    }

    @Test("sends again what a killed journald had taken but not stored") func killedWithQueue()
        throws
    {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        let loop = fixture.loop(patience: 0)
        try fixture.store.commit(batch(4), now: 0)
        fixture.journald.freeze()
        // Few enough to fit the socket's queue, where they die with journald.
        #expect(try fixture.round(loop, now: 0) == DeliveryRound(sent: 4, nextAt: 500))
        fixture.journald.kill()
        try fixture.journald.restart()
        #expect(try fixture.stored() == [])
        while try fixture.counts() != [0, 0, 4] { _ = try fixture.round(loop, now: 5000) }
        #expect(try fixture.stored() == ["1", "2", "3", "4"])
    }

    @Test("waits out a frozen journald and loses nothing") func frozen() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        try fixture.store.commit(batch(40), now: 0)
        fixture.journald.freeze()
        let loop = fixture.loop()
        let sender = Atomic<Int>(0)
        let journald = fixture.journald
        let waker = Thread {
            // Until the sender stands in sendmsg(2), number 46 on x86-64 and 211 on arm64.
            while true {
                let id = sender.load(ordering: .acquiring)
                let path = "/proc/self/task/\(id)/syscall"
                let call = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                if call.hasPrefix("46 ") || call.hasPrefix("211 ") { break }
                sched_yield()
            }
            journald.thaw()
        }
        waker.start()
        let round = try journald.perform {
            sender.store(Int(SeparateThread.currentID), ordering: .releasing)
            return loop.round(now: 0)
        }
        #expect(round == DeliveryRound(sent: 40, confirmed: 40, nextAt: nil))
        #expect(try fixture.counts() == [0, 0, 40])
        #expect(try fixture.stored() == (1...40).map(String.init))
    }

    @Test("does not double what was sent but not noted before a crash") func restart() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        try fixture.store.commit(batch(6), now: 0)
        let store = fixture.store
        let outcome = try fixture.journald.perform {
            let owed = try store.pendingDeliveries(sink: "journal", limit: 4)
            return JournalSink(store: store.identifier).send(owed)
        }
        #expect(outcome == .sent)
        _ = try fixture.journald.journalctl()
        let round = try fixture.round(fixture.loop(), now: 0)
        #expect(round == DeliveryRound(sent: 2, confirmed: 6, nextAt: nil))
        #expect(try fixture.stored() == (1...6).map(String.init))
    }

    @Test("finds reports after the journal's files were rotated") func rotated() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        try fixture.store.commit(batch(3), now: 0)
        #expect(try fixture.round(fixture.loop(), now: 0).confirmed == 3)
        _ = try fixture.journald.journalctl("--rotate")
        let ids = batch(3).reports.map(\.report.id)
        let found = try fixture.journald.perform {
            JournalSink(store: "x").confirm(ids, patience: 0)
        }
        #expect(found == .found(Set(ids)))
    }

    @Test("says that the journal cannot be read, and why") func unreadable() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        let found = try fixture.journald.perform {
            unsafe chmod("/run/log/journal", 0o700)
            return try SeparateThread.withoutFileRights {
                JournalSink(store: "x").confirm(["0"], patience: 0)
            }
        }
        #expect(
            found
                == .unreadable(
                    reason: "no journal file can be read; the user must be in group systemd-journal"
                ))
    }

    @Test("its thread delivers in the background") func thread() throws {
        let fixture = try Fixture()
        defer { fixture.journald.stop() }
        let loop = fixture.loop()
        // The thread takes over the namespace of the one that starts it.
        let thread = try fixture.journald.perform { DeliveryThread(loop) }
        try fixture.store.commit(batch(20), now: 0)
        thread.wake()
        while try fixture.counts() != [0, 0, 20] { sched_yield() }
        #expect(thread.stop())
        #expect(try fixture.stored() == (1...20).map(String.init))
    }

    @Test("of one process serves several journals at a time") func several() throws {
        let fixtures = try [Fixture(), Fixture()]
        defer { for fixture in fixtures { fixture.journald.stop() } }
        for (index, fixture) in fixtures.enumerated() {
            try fixture.store.commit(batch(1, from: index), now: 0)
            #expect(try fixture.round(fixture.loop(), now: 0).confirmed == 1)
        }
        for (index, fixture) in fixtures.enumerated() {
            let entries = try fixture.journald.entries("SYSLOG_IDENTIFIER", "tocsin")
            #expect(
                entries.map { $0["TOCSIN_REPORT_ID"] }
                    == batch(1, from: index).reports.map(\.report.id))
        }
    }
}

extension PendingReport {
    fileprivate init(_ report: Report) {
        self.init(report: report, turnDigest: [], isHistory: false)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Logging
import Reports
import Testing

@testable import Monitor

/// What the monitor calls attention to, and when.
@Suite struct AlarmBookTests {
    /// Keeps what is raised.
    private final class Raised {
        var reports: [Report] = []
        var fails = false
        var names: [Report.Alarm.Name?] { reports.map(\.alarm?.name) }
    }

    private struct StoreAway: Error {}

    private let raised = Raised()

    private func book(_ limits: AlarmLimits = AlarmLimits()) -> AlarmBook {
        AlarmBook(limits, patterns: ["/log/*.jsonl"], logger: Logger(label: "test")) { [raised] in
            if raised.fails { throw StoreAway() }
            raised.reports.append($0)
        }
    }

    private func at(_ second: Int) -> Timestamp { Timestamp(milliseconds: second * 1000) }

    private func stream(
        _ file: String = "/log/a.jsonl", lagBytes: Int = 0, records: Int = 0, malformed: Int = 0,
        updatedAt second: Int = 0
    ) -> MonitorStatus.Stream {
        MonitorStatus.Stream(
            stream: "s-\(file)", file: file, state: .live, compressedBytes: 0, decompressedBytes: 0,
            lagBytes: lagBytes, records: records, malformed: malformed, gaps: 0, lostBytes: 0,
            updatedAt: at(second))
    }

    private func status(
        _ streams: [MonitorStatus.Stream] = [], usedBytes: Int = 0, rulesTrouble: String? = nil,
        findings: Int = 0
    ) -> MonitorStatus {
        MonitorStatus(
            tocsin: "1", host: "h", process: 1, startedAt: at(0),
            rules: MonitorStatus.Rules(digest: "ab", summary: "", loadedAt: at(0)),
            streams: streams,
            queue: MonitorStatus.Queue(
                ready: 1, claimed: 0, dead: 0, acknowledged: 0, dropped: 0, usedBytes: usedBytes,
                limitBytes: 1000),
            deliveries: [
                MonitorStatus.Delivery(sink: "journal", pending: 3, sent: 0),
                MonitorStatus.Delivery(sink: "findings", pending: findings, sent: 0),
            ],
            work: MonitorStatus.Work(
                records: 0, malformed: 0, decompressedBytes: 0, reports: 0, recordsPerSecond: 0,
                bytesPerSecond: 0),
            troubles: rulesTrouble.map { [MonitorStatus.Trouble(about: "rules", message: $0)] }
                ?? [])
    }

    @Test func aLagIsToldAfterAMinuteOnceAndAgainWhenItComesBack() throws {
        var book = book()
        let behind = status([stream(lagBytes: 257 << 20)])
        for second in [0, 30, 59] { try book.look(at: behind, now: at(second)) }
        #expect(raised.names == [])
        for second in [60, 90] { try book.look(at: behind, now: at(second)) }
        #expect(raised.names == [.lagOverLimit])
        #expect(raised.reports[0].alarm?.subject == "/log/a.jsonl")
        #expect(raised.reports[0].time == at(0))
        try book.look(at: status([stream(lagBytes: 256 << 20)]), now: at(100))
        for second in [110, 170] { try book.look(at: behind, now: at(second)) }
        #expect(raised.names == [.lagOverLimit, .lagOverLimit])
        #expect(raised.reports[0].id != raised.reports[1].id)
    }

    @Test func malformedRecordsCountByTheLastHundredOrMore() throws {
        var book = book()
        // Few records tell nothing.
        try book.look(at: status([stream(records: 99, malformed: 99)]), now: at(0))
        #expect(raised.names == [])
        try book.look(at: status([stream(records: 1000, malformed: 99)]), now: at(10))
        #expect(raised.names == [.malformedOverLimit])
        try book.look(at: status([stream(records: 2000, malformed: 100)]), now: at(20))
        try book.look(at: status([stream(records: 2050, malformed: 150)]), now: at(30))
        #expect(raised.names == [.malformedOverLimit])
        try book.look(at: status([stream(records: 2100, malformed: 200)]), now: at(40))
        #expect(raised.names == [.malformedOverLimit, .malformedOverLimit])
    }

    @Test func aPatternIsSilentWhenNoneOfItsLogsGrows() throws {
        var limits = AlarmLimits()
        limits.silentMinutes = 10
        var book = book(limits)
        let rotated = stream("/log/b.jsonl", updatedAt: 0)
        try book.look(at: status([rotated, stream(updatedAt: 500)]), now: at(1000))
        // A log of another pattern does not count.
        try book.look(
            at: status([rotated, stream("/other/a.jsonl", updatedAt: 1000)]), now: at(600))
        #expect(raised.names == [])
        try book.look(at: status([rotated, stream(updatedAt: 500)]), now: at(1101))
        #expect(raised.names == [.logSilent])
        #expect(raised.reports[0].alarm?.subject == "/log/*.jsonl")
    }

    @Test func aFullQueueAndRulesThatDoNotLoadAreToldAtOnce() throws {
        var book = book()
        try book.look(at: status(usedBytes: 800), now: at(0))
        #expect(raised.names == [])
        try book.look(at: status(usedBytes: 801, rulesTrouble: "x"), now: at(10))
        #expect(Set(raised.names) == [.queueNearLimit, .reloadFailed])
        #expect(raised.reports.allSatisfy { $0.kind == .alarm && $0.level == .high })
    }

    @Test func whatFillsTheStoreIsNamed() throws {
        for findings in [0, 7] {
            var book = book()
            try book.look(at: status(usedBytes: 900, findings: findings), now: at(0))
        }
        let messages = raised.reports.compactMap(\.alarm?.message)
        #expect(
            messages == [
                "the store holds 0 MiB of 0, with 1 reports that nobody acknowledged, which are "
                    + "never dropped; acknowledge them or raise `queue_limit_megabytes`",
                "the store holds 0 MiB of 0, with 1 reports that nobody acknowledged and 7 findings "
                    + "that the stream has not taken, which are never dropped; acknowledge them, see "
                    + "in `tocsin status` why the stream is away, or raise `queue_limit_megabytes`",
            ])
    }

    @Test func whatCouldNotBeStoredIsRaisedAtTheNextLook() throws {
        var book = book()
        raised.fails = true
        #expect(throws: StoreAway.self) {
            try book.look(at: status(usedBytes: 900), now: at(0))
        }
        raised.fails = false
        try book.look(at: status(usedBytes: 900), now: at(10))
        #expect(raised.names == [.queueNearLimit])
        #expect(raised.reports[0].time == at(0))
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The daemon beside a real systemd-journald of the test's own.
@Suite(
    .enabled(
        if: PrivateJournald.obstacle == nil,
        "no private journald: \(PrivateJournald.obstacle ?? "")"), .serialized)
struct JournalTests {
    private let host: Host
    private let journald: PrivateJournald

    init() throws {
        host = try Host()
        journald = try PrivateJournald()
        host.prefix = journald.prefix
    }

    /// The ids of the reports of logs that the journal holds, as often as it holds them.
    private func told() throws -> [String] {
        host.ofLogs(
            try journald.entries("SYSLOG_IDENTIFIER", "tocsin").compactMap {
                $0["TOCSIN_REPORT_ID"]
            })
    }

    private func waitUntilTold(_ count: Int) throws {
        host.wait(for: "\(count) entries") { ((try? told().count) ?? 0) >= count }
        #expect(try told().sorted() == host.reports().map(\.id).sorted())
    }

    @Test func anAlertIsInTheJournalWithItsFieldsWhileItsLogIsStillOpen() throws {
        defer { journald.stop() }
        try host.start()
        let log = try GzipLog(path: "\(host.logs)/a.jsonl.gz")
        try log.append(Host.record(0, isMarked: false))
        try log.append(Host.record(1, isMarked: true))
        try waitUntilTold(1)
        let entry = try #require(try journald.entries("SYSLOG_IDENTIFIER", "tocsin").first)
        let report = try #require(host.reports().first)
        #expect(entry["PRIORITY"] == "3")
        #expect(entry["TOCSIN_RULE_ID"] == "6d1f0e6c-6b1b-4a5c-9f0e-0a6a2a3b4c5d")
        #expect(entry["TOCSIN_RULE_TITLE"] == "A word that the tests wait for")
        #expect(entry["TOCSIN_LEVEL"] == "high")
        #expect(entry["TOCSIN_FILE"] == "\(host.logs)/a.jsonl.gz")
        #expect(entry["TOCSIN_LINE"] == "2")
        #expect(entry["TOCSIN_WHO"] == "prompt")
        #expect(entry["TOCSIN_MODEL"] == "m")
        #expect(entry["TOCSIN_ACTOR"] == report.actor)
        #expect(report.actor?.contains("u1") == false)
        #expect(entry["TOCSIN_EXCERPT"] == "number 1 \(Host.marker)")
        #expect(entry["MESSAGE"]?.hasPrefix("high: A word that the tests wait for") == true)
        #expect(host.end() == 0)
    }

    @Test func aJournaldThatWasDownReceivesAllLaterAndOnce() throws {
        defer { journald.stop() }
        journald.kill()
        try host.start()
        let log = try GzipLog(path: "\(host.logs)/a.jsonl.gz")
        for number in 0..<50 { try log.append(Host.record(number, isMarked: true)) }
        host.wait(for: "reports in the store") { host.reports().count == 50 }
        host.wait(for: "word of it") { host.errors.contains("the journal takes no entries") }
        // The daemon may even be killed meanwhile.
        #expect(host.end(SIGKILL) == -SIGKILL)
        try journald.restart()
        try host.start()
        try waitUntilTold(50)
        #expect(host.end() == 0)
    }

    @Test func killedAtRandomMomentsEachReportIsInTheJournalOnce() throws {
        defer { journald.stop() }
        var random = SeededGenerator(seed: 11)
        let writer = LogWriter(folder: host.logs, seed: 11)
        writer.start()
        for _ in 0..<10 {
            try host.start()
            usleep(UInt32.random(in: 20_000...250_000, using: &random))
            host.end(SIGKILL)
        }
        let expected = writer.finish()
        try host.start()
        try waitUntilTold(expected.count)
        #expect(host.end() == 0)
        #expect(host.reports().compactMap(\.recordID).sorted() == expected.sorted())
    }
}

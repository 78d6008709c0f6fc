// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
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
    private func told() throws -> [String] { host.ofLogs(try journald.reportIDs()) }

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

    @Test func anEntryAboveTheSizeOfDatagramsArrivesWhole() throws {
        defer { journald.stop() }
        func long(_ name: String) -> String { name + String(repeating: "x", count: 8_000) }
        let names = (0..<32).map { long("tests.t\($0)") }
        let tags = names.map { "  - \($0)" }.joined(separator: "\n")
        let rule = Host.markerRule.replacing("title: A", with: "title: \(long("A"))")
        try "\(rule)\ntags:\n\(tags)\n".write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try host.start()
        let log = try GzipLog(path: "\(host.logs)/a.jsonl.gz")
        // The first has libsystemd open its socket.
        try log.append(Host.record(0, isMarked: true))
        try waitUntilTold(1)
        let daemon = try #require(host.daemon).processIdentifier
        let sockets = try ForeignSocket.datagramSockets(of: daemon)
        let socket = try #require(sockets.count == 1 ? sockets.first : nil)
        try socket.minimizeDatagrams()
        try log.append(
            Host.record(1, isMarked: true).replacing(#""m","#, with: #""\#(long("m"))","#))
        try waitUntilTold(2)
        let report = try #require(host.reports().last)
        let stored = try journald.entries("TOCSIN_REPORT_ID", report.id)
        let entry = try #require(stored.count == 1 ? stored.first : nil)
        let sent = JournalEntry(report, sequence: 2, store: try #require(entry["TOCSIN_STORE"]))
        let bytes = sent.fields.joined().count
        #expect(bytes > 256_000)
        #expect(socket.isTooLarge(bytes: bytes))
        var fields: [String: String] = [:]
        for field in sent.fields {
            let text = String(decoding: field, as: UTF8.self)
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            fields[parts[0]] = fields[parts[0]].map { "\($0)|\(parts[1])" } ?? parts[1]
        }
        let tagLengths = fields["TOCSIN_TAG"]?.split(separator: Character("|")).map(\.count)
        #expect(tagLengths == names.map(\.count))
        #expect(entry.filter { fields.keys.contains($0.key) } == fields)
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

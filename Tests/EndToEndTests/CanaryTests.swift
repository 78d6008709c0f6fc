// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// The record that the daemon writes to itself, beside a real journald: that it comes through, that
/// it disturbs nothing, and that it is missed whatever part of the daemon fails.
@Suite(
    .enabled(
        if: PrivateJournald.obstacle == nil,
        "no private journald: \(PrivateJournald.obstacle ?? "")"), .serialized)
struct CanaryTests {
    private let host: Host
    private let journald: PrivateJournald

    init() throws {
        host = try Host()
        journald = try PrivateJournald()
        host.prefix = journald.prefix
    }

    /// The part of the status that tells of it.
    private struct Canary: Decodable {
        let written_at: String?
        let seen_at: String?
        let latency_seconds: Double?
        let missed: Bool
    }

    private struct Overview: Decodable {
        struct Stream: Decodable { let file: String }
        struct Work: Decodable {
            let records: Int
            let malformed: Int
            let reports: Int
        }
        let streams: [Stream]
        let work: Work
        let canary: Canary?
    }

    /// - Parameter more: Lines of the configuration.
    private func start(withinSeconds: Int, more: String = "") throws {
        let text = try String(contentsOfFile: host.configuration, encoding: .utf8)
            .replacing(
                /canary: .*/, with: "canary: {every_seconds: 1, within_seconds: \(withinSeconds)}")
        try "\(text)\n\(more)".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
        try host.start()
    }

    private func status() throws -> Overview {
        let result = try Tocsin.run("status", "--socket", host.socket, "--format", "json")
        return try JSONDecoder().decode(Overview.self, from: Data(result.output.utf8))
    }

    private func canary() -> Canary? { (try? status())?.canary }

    private func waitUntilSeen(after time: String? = nil) {
        host.wait(for: "the test record") {
            guard let canary = canary(), let seen = canary.seen_at else { return false }
            return !canary.missed && seen > time ?? ""
        }
    }

    /// The alarms about it that the journal holds.
    private func told() throws -> [[String: String]] {
        try journald.entries("TOCSIN_ALARM", "canary_missed")
    }

    /// Waits for the alarm after `breaking`, and for its end after `mending`; nil: it mends itself.
    private func expectAlarm(
        _ message: String, breaking: () throws -> Void, mending: (() throws -> Void)?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        waitUntilSeen()
        let before = host.alarms().count
        let overBefore = host.errors.components(separatedBy: "canary_missed is over").count
        try breaking()
        host.wait(for: "the alarm", sourceLocation: sourceLocation) {
            host.alarms().count > before
        }
        let alarm = try #require(host.alarms().last, sourceLocation: sourceLocation)
        #expect(alarm.alarm?.name == .canaryMissed, sourceLocation: sourceLocation)
        #expect(alarm.level == .critical, sourceLocation: sourceLocation)
        #expect(
            alarm.alarm?.message.contains(message) == true, "\(alarm.summary)",
            sourceLocation: sourceLocation)
        if let mending {
            #expect(canary()?.missed == true, sourceLocation: sourceLocation)
            try mending()
        }
        host.wait(for: "the end of the alarm", sourceLocation: sourceLocation) {
            host.errors.components(separatedBy: "canary_missed is over").count > overBefore
        }
        // In the journal it is as well, at the latest now.
        host.wait(for: "the entry", sourceLocation: sourceLocation) {
            ((try? told()) ?? []).contains { $0["TOCSIN_REPORT_ID"] == alarm.id }
        }
    }

    @Test func itComesThroughAndIsNobodysWork() throws {
        defer { journald.stop() }
        try start(withinSeconds: 60)
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data((Host.record(1, isMarked: true) + "\n").utf8))
        host.wait(for: "test records") { host.canaries().count >= 3 }
        waitUntilSeen()
        // What somebody copies from it into a log that is watched is no sign of life.
        let folder = host.state + "/canary"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.count == 1)
        let copied = try Tocsin.run(
            ["\(folder)/\(files[0])"], program: "/bin/zcat"
        ).lines
        try log.write(contentsOf: Data(copied.map { $0 + "\n" }.joined().utf8))
        host.wait(for: "the copy") { (try? status().work.records) == 1 + copied.count }

        let overview = try status()
        #expect(overview.streams.map(\.file) == ["\(host.logs)/a.jsonl"])
        #expect((overview.work.malformed, overview.work.reports) == (0, 1))
        #expect(overview.canary?.latency_seconds.map { $0 >= 0 && $0 < 60 } == true)
        #expect(host.reports().count == 1)
        #expect(host.alarms().isEmpty)
        #expect(!host.errors.contains("\(folder)/*"), "it is there before it is looked for")
        let canary = try #require(host.canaries().first)
        #expect(canary.level == .informational)
        #expect(canary.position?.file.hasPrefix(folder) == true)
        #expect(canary.rule?.id == Report.Rule.canaryID)
        let listed = try Tocsin.run("queue", "list", "--socket", host.socket, "--format", "json")
        #expect(listed.lines.count == 1)
        let exported = try Tocsin.run(
            "queue", "export", "--socket", host.socket, "--format", "json")
        #expect(exported.lines.count == 1)
        let entries = try journald.entries("MESSAGE_ID", JournalEntry.canaryMessageID)
        #expect(entries.count >= 1)
        #expect(entries.allSatisfy { $0["PRIORITY"] == "6" })
        let metrics = try Tocsin.run("status", "--socket", host.socket, "--format", "metrics")
        #expect(metrics.output.contains("\ntocsin_canary_last_success_timestamp_seconds 1"))
        #expect(metrics.output.contains("\ntocsin_canary_missed 0\n"))
        #expect(
            try Tocsin.run("status", "--socket", host.socket).output.contains("\ncanary   seen "))
        #expect(host.end() == 0)
    }

    @Test(
        "each thread that is stopped is missed, once, and its going on seen",
        .enabled(if: geteuid() == 0, "another process's thread is stopped by root only"))
    func stopped() throws {
        defer { journald.stop() }
        try start(withinSeconds: 3)
        for thread in ["read", "evaluate", "commit", "deliver"] {
            waitUntilSeen()
            let daemon = try #require(host.daemon?.processIdentifier)
            var stopper: Stopper?
            try expectAlarm(
                thread == "deliver" ? "the journal was not seen to hold it" : "did not come back",
                breaking: { stopper = try Stopper(process: daemon, thread: thread) },
                mending: { stopper?.end() })
        }
        #expect(host.end() == 0)
    }

    @Test func withoutAJournalTheQueueHasTheAlarm() throws {
        defer { journald.stop() }
        try start(withinSeconds: 3)
        try expectAlarm(
            "the journal was not seen to hold it", breaking: { journald.kill() },
            mending: { try journald.restart() })
        // Frozen it takes entries, and keeps whoever sends them.
        try expectAlarm(
            "the journal was not seen to hold it", breaking: { journald.freeze() },
            mending: { journald.thaw() })
        #expect(host.end() == 0)
    }

    @Test func withoutAQueueTheJournalHasTheAlarm() throws {
        defer { journald.stop() }
        func inside(_ script: String) throws {
            let result = try Tocsin.run(
                ["-c", script], program: "/bin/sh", prefix: journald.prefix)
            #expect(result.errors.isEmpty || script.contains("filler"), "\(result.errors)")
        }
        let state = host.state
        func alarms() -> [Report] {
            let stored = try? journald.perform {
                try ReportStore(existing: state).reports(after: 0, limit: 1000).map(\.report)
            }
            return (stored ?? []).filter { $0.kind == .alarm }
        }
        try FileManager.default.createDirectory(
            atPath: state, withIntermediateDirectories: true)
        try inside("mount -t tmpfs -o size=8m,mode=700 tmpfs \(state)")
        try start(withinSeconds: 3)
        waitUntilSeen()
        try inside("cat /dev/zero >\(state)/filler 2>/dev/null")
        host.wait(for: "the alarm") { ((try? told().count) ?? 0) > 0 }
        let entry = try #require(try told().first)
        #expect(entry["PRIORITY"] == "2")
        #expect(entry["TOCSIN_SEQ"] == "0")
        #expect(alarms().isEmpty)
        try inside("rm \(state)/filler")
        host.wait(for: "the end of the alarm") { host.errors.contains("canary_missed is over") }
        host.wait(for: "the alarm in the queue") {
            alarms().map(\.id) == [entry["TOCSIN_REPORT_ID"]]
        }
        #expect(host.end() == 0)
    }

    @Test func aLogThatIsTakenAwayIsMissedAndBegunAnew() throws {
        defer { journald.stop() }
        try start(withinSeconds: 3)
        let folder = host.state + "/canary"
        try expectAlarm(
            "did not come back",
            breaking: {
                for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                    #expect(truncate("\(folder)/\(name)", 0) == 0)
                }
            }, mending: nil)
        #expect(host.reports().isEmpty, "its own log has no coverage gap to tell of")
        #expect(host.end() == 0)
    }

    @Test func killedStartedAndReloadedItGoesOnWithoutAnAlarm() throws {
        defer { journald.stop() }
        for signal in [SIGKILL, SIGTERM, SIGKILL] {
            try start(withinSeconds: 60)
            let before = canary()?.seen_at
            waitUntilSeen(after: before)
            kill(try #require(host.daemon?.processIdentifier), SIGHUP)
            host.wait(for: "the reload") { host.errors.contains("reloaded: 1 rules") }
            waitUntilSeen(after: canary()?.seen_at)
            host.end(signal)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: host.state + "/canary")
        #expect(files.count == 1)
        #expect(host.reports().isEmpty)
        #expect(host.alarms().isEmpty)
    }

    @Test func whateverTheHostsSettingsAreItIsFound() throws {
        defer { journald.stop() }
        // Under each of these other records would not be: not of the shape, too many, without words.
        // Nor does a filter on all rules take it away.
        let filter = """
            title: Nothing at all is wanted
            id: 9b1c7a52-6f0f-4d0b-8a3a-0f6c1d2e3b4a
            logsource: {category: ai_interaction}
            filter:
              rules: any
              wanted: {gen_ai.request.model: another}
              condition: wanted
            """
        try filter.write(toFile: "\(host.rules)/filter.yml", atomically: true, encoding: .utf8)
        try start(
            withinSeconds: 60,
            more: "shape: anthropic\nflood_limit: 1\nevidence: none\nviews: none")
        host.wait(for: "test records") { host.canaries().count >= 3 }
        waitUntilSeen()
        let work = try status().work
        #expect((work.records, work.malformed) == (0, 0))
        #expect(host.canaries().allSatisfy { $0.excerpt == nil })
        #expect(!host.errors.contains("there are lines"))
        #expect(host.end() == 0)
    }
}

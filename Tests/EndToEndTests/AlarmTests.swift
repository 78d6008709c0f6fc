// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// What the daemon says of itself, as consumers of a real journal see it. When it says it, and what
/// takes minutes to come about, is for AlarmBookTests.
@Suite(
    .enabled(
        if: PrivateJournald.obstacle == nil,
        "no private journald: \(PrivateJournald.obstacle ?? "")"))
struct AlarmTests {
    private let host: Host
    private let journald: PrivateJournald

    init() throws {
        host = try Host()
        journald = try PrivateJournald()
        host.prefix = journald.prefix
    }

    @Test func eachAlarmIsInQueueAndJournalUnderAMessageIDOfItsOwn() throws {
        defer { journald.stop() }
        let text = try String(contentsOfFile: host.configuration, encoding: .utf8)
        try "\(text)\nqueue_limit_megabytes: 16\nexcerpt_bytes: 1024\n".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
        // More than four fifths of the queue's limit, of which nobody acknowledges any.
        let long = Host.marker + String(repeating: " and so on", count: 200)
        let lines = (0..<5000).map {
            Host.record($0, isMarked: true).replacing(Host.marker, with: long) + "\n"
        }
        try lines.joined().write(
            toFile: "\(host.logs)/many.jsonl", atomically: true, encoding: .utf8)
        try String(repeating: "no record\n", count: 200).write(
            toFile: "\(host.logs)/odd.jsonl", atomically: true, encoding: .utf8)
        var member = GzipMember.of(Array(lines[0].utf8))
        member[member.count / 2] ^= 0xff
        try Data(member + GzipMember.of(Array(lines[1].utf8))).write(
            to: URL(fileURLWithPath: "\(host.logs)/damaged.jsonl.gz"))
        try host.start()
        host.wait(for: "the rules") { host.errors.contains("watching") }
        try "no rule".write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        kill(try #require(host.daemon?.processIdentifier), SIGHUP)

        let expected: Set<Report.Alarm.Name> = [
            .queueNearLimit, .malformedOverLimit, .reloadFailed,
        ]
        host.wait(for: "the alarms") { Set(host.alarms().compactMap(\.alarm?.name)) == expected }
        host.wait(for: "the gap") { host.reports().contains { $0.kind == .coverageGap } }
        for alarm in host.alarms() {
            let name = try #require(alarm.alarm?.name)
            let id = JournalEntry.messageID(of: name)
            host.wait(for: "the entry of \(name.rawValue)") {
                let entries = try? journald.entries("MESSAGE_ID", id)
                return entries?.map { $0["TOCSIN_REPORT_ID"] } == [alarm.id]
            }
        }
        let gaps = try journald.entries("MESSAGE_ID", JournalEntry.gapMessageID)
        #expect(gaps.map { $0["TOCSIN_FILE"] } == ["\(host.logs)/damaged.jsonl.gz"])
        #expect(host.alarms().count == expected.count, "each is told once")
        #expect(host.end() == 0)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// What findings come to together, through the whole program.
@Suite struct CorrelationTests {
    private let host: Host

    init() throws {
        host = try Host()
        try Self.rules.write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try """
        logs: \(host.logs)/*.jsonl
        rules: \(host.rules)
        state: \(host.state)
        socket: \(host.socket)
        canary: {every_seconds: 0}
        lateness_seconds: \(Self.latenessSeconds)
        """.write(toFile: host.configuration, atomically: true, encoding: .utf8)
    }

    private static let latenessSeconds = 5
    private static let rules = """
        \(Host.rule(1, askedFor: "amber"))
        ---
        \(Host.rule(2, askedFor: "violet"))
        ---
        title: Much amber
        id: 00000000-0000-4000-8000-000000000003
        name: much_amber
        level: medium
        correlation:
          type: event_count
          rules: [amber]
          group-by: [gen_ai.conversation.id]
          timespan: 20s
          condition: {gte: 3}
          generate: true
        ---
        title: Much amber, then violet
        id: 00000000-0000-4000-8000-000000000004
        level: high
        correlation:
          type: temporal_ordered
          rules: [much_amber, violet]
          group-by: [gen_ai.conversation.id]
          timespan: 30s
          generate: true
        ---
        title: Amber under many models
        id: 00000000-0000-4000-8000-000000000005
        level: high
        correlation:
          type: value_count
          rules: [amber, violet]
          group-by: [gen_ai.conversation.id]
          timespan: 15s
          condition: {field: gen_ai.request.model, gte: 3}
          generate: true
        """

    /// One of the events of a random program, some seconds out of order.
    private static func record(_ number: Int, _ random: inout SeededGenerator) -> String {
        let time = 1_760_000_000 + Double(number) * 0.7 + Double.random(in: -2...2, using: &random)
        let words = ["amber", "amber", "violet", "nothing", "nothing"]
        return
            #"{"id":"r\#(number)","created":\#(time),"model":"m\#(Int.random(in: 0..<4, using: &random))","conversation_id":"c\#(Int.random(in: 0..<3, using: &random))","messages":[{"role":"user","content":"number \#(number) \#(words.randomElement(using: &random) ?? "")"}],"choices":[{"message":{"content":"fine"}}]}"#
    }

    /// What tells one correlation report from another, as text.
    private func found(_ host: Host) -> [String] {
        host.reports().filter { $0.kind == .correlation }.map { report in
            let correlation = report.correlation
            let group = (correlation?.group ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            return
                "\(report.id) \(report.rule?.title ?? "") \(group) \(correlation?.end.description ?? "") \(correlation?.value ?? 0) \(correlation?.events.count ?? 0)"
        }.sorted()
    }

    @Test(
        "killed at random moments, correlations come to what an uninterrupted run comes to",
        arguments: [1, 2, 3] as [UInt64])
    func killed(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lines = (0..<600).map { Self.record($0, &random) }
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        // Written while the daemon is started and killed again and again.
        var written = 0
        while written < lines.count {
            try host.start()
            let stop = min(lines.count, written + Int.random(in: 20...80, using: &random))
            for line in lines[written..<stop] {
                try log.write(contentsOf: Data((line + "\n").utf8))
                usleep(1000)
            }
            written = stop
            usleep(UInt32.random(in: 1_000...300_000, using: &random))
            host.end(SIGKILL)
        }
        try host.start()
        let undisturbed = try CorrelationTests()
        try lines.map { $0 + "\n" }.joined().write(
            toFile: "\(undisturbed.host.logs)/a.jsonl", atomically: true, encoding: .utf8)
        try undisturbed.host.start()
        // The last record is in a report of its own kind: whatever waits has been worked then.
        let end =
            #"{"id":"end","created":1770000000,"conversation_id":"c9","messages":[{"role":"user","content":"amber"}]}"#
        for some in [host, undisturbed.host] {
            some.wait(for: "all records") { some.reports().count > 100 }
            try FileHandle.appending(to: "\(some.logs)/a.jsonl").write(
                contentsOf: Data((end + "\n").utf8))
            some.wait(for: "the end") { some.reports().contains { $0.recordID == "end" } }
        }
        let expected = found(undisturbed.host)
        host.wait(for: "\(expected.count) correlations") { found(host).count >= expected.count }
        #expect(host.end() == 0)
        #expect(undisturbed.host.end() == 0)
        #expect(found(host) == found(undisturbed.host))
        #expect(Set(found(host).map { $0.dropFirst(65).prefix(6) }).count >= 2)
        #expect(found(host).count > 20)
    }

    @Test func aScanCorrelatesWhatItReads() throws {
        let lines = (0..<4).map { number in
            #"{"id":"r\#(number)","created":\#(1_760_000_000 + number),"conversation_id":"c1","messages":[{"role":"user","content":"amber \#(number)"}]}"#
        }
        try lines.map { $0 + "\n" }.joined().write(
            toFile: "\(host.logs)/a.jsonl", atomically: true, encoding: .utf8)
        let result = try Tocsin.run(
            "scan", "--rules", host.rules, "--format", "json", "\(host.logs)/a.jsonl")
        let reports = try result.lines.map { try Report(json: $0) }
        let correlation = try #require(reports.first { $0.kind == .correlation })
        #expect(correlation.rule?.title == "Much amber")
        #expect(correlation.correlation?.group == ["gen_ai.conversation.id": "c1"])
        #expect(correlation.correlation?.value == 3)
        #expect(correlation.position?.line == 3)
        #expect(correlation.correlation?.events == reports.prefix(3).compactMap(\.event))
    }
}

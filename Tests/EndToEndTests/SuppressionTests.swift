// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// `suppress:` makes one report of many findings, which counts them.
@Suite struct SuppressionTests {
    private let host: Host

    init() throws {
        host = try Host()
        try (Host.markerRule + "\nsuppress: {by: [user.id], for: 1h}\n").write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
    }

    private func line(_ number: Int, user: String, atSeconds: Int) -> String {
        #"{"id":"r\#(number)","created":\#(1_760_000_000 + atSeconds),"user":"\#(user)","messages":[{"role":"user","content":"\#(number) \#(Host.marker)"}]}"#
            + "\n"
    }

    private func queued() throws -> [QueuedReport] {
        try ReportStore(existing: host.state).reports(after: 0, limit: 1000)
    }

    @Test func repeatsAreCountedOnceThroughKillsAndSummarisedAtTheEnd() throws {
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try host.start()
        for number in 0..<30 {
            let user = number % 3 == 0 ? "ann" : "bob"
            try log.write(
                contentsOf: Data(line(number, user: user, atSeconds: number).utf8))
            if number % 10 == 9 {
                host.wait(for: "\(number) to be stored") {
                    ((try? queued().map(\.repeats).reduce(0, +)) ?? 0) >= number - 1
                }
                host.end(SIGKILL)
                try host.start()
            }
        }
        #expect(try queued().map(\.report.recordID) == ["r0", "r1"])
        #expect(try queued().map(\.repeats) == [9, 19])
        // Two hours later the windows are over.
        try log.write(contentsOf: Data(line(30, user: "ann", atSeconds: 7200).utf8))
        host.wait(for: "summaries") { host.reports().count == 5 }
        let list = try Tocsin.run("queue", "list", "--socket", host.socket)
        #expect(list.output.contains("found 19 more times"))
        #expect(host.end() == 0)
        let summaries = host.reports().filter { $0.kind == .repeats }
        #expect(summaries.compactMap(\.repeats?.count).sorted() == [9, 19])
        let firsts = host.reports().filter { $0.kind == .detection }.map(\.id)
        #expect(Set(summaries.compactMap(\.repeats?.of)) == Set(firsts.prefix(2)))
    }

    @Test func aFloodIsSummarised() throws {
        try Host.markerRule.write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try """
        logs: \(host.logs)/*.jsonl
        rules: \(host.rules)
        state: \(host.state)
        socket: \(host.socket)
        canary: {every_seconds: 0}
        flood_limit: 20
        """.write(toFile: host.configuration, atomically: true, encoding: .utf8)
        let lines = (0..<100).map { line($0, user: "ann", atSeconds: 0) }
        let later = line(100, user: "ann", atSeconds: 3600)
        try (lines.joined() + later).write(
            toFile: "\(host.logs)/a.jsonl", atomically: true, encoding: .utf8)
        try host.start()
        host.wait(for: "the summary") { host.reports().count == 22 }
        #expect(host.end() == 0)
        #expect(host.reports().compactMap(\.repeats?.count) == [80])
    }
}

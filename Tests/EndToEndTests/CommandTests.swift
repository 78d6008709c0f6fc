// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// The subcommands as people and scripts use them.
@Suite struct CommandTests {
    private let host: Host

    init() throws {
        host = try Host()
        let log = try GzipLog(path: "\(host.logs)/a.jsonl.gz")
        for number in 0..<6 {
            try log.append(Host.record(number, isMarked: number % 2 == 1))
        }
        try log.endMember()
    }

    @Test func scanPrintsTextForPeople() throws {
        let result = try Tocsin.run("scan", "--rules", host.rules, "\(host.logs)/a.jsonl.gz")
        #expect(result.status == 1)
        #expect(
            result.output.hasPrefix(
                """
                high          A word that the tests wait for
                              \(host.logs)/a.jsonl.gz:2, turn 0, in prompt, answered, model m, actor
                """))
        #expect(result.output.contains(", 2025-10-09T08:53:21.000Z\n"))
        #expect(result.output.contains("              …number 1 »\(Host.marker)«…\n"))
        #expect(result.lines.count == 9)
        #expect(
            result.errors.hasPrefix("1 files, 0.0 MB, 6 records (0 malformed), 3 reports, 0 gaps;"))
    }

    @Test func scanPrintsOneReportALineForPrograms() throws {
        let result = try Tocsin.run(
            "scan", "--rules", host.rules, "--format", "json", "\(host.logs)/a.jsonl.gz",
            "\(host.logs)/a.jsonl.gz")
        // The same file twice gives nothing new.
        #expect(result.lines.count == 3)
        let reports = try result.lines.map { try Report(json: $0) }
        #expect(reports.map(\.position?.line) == [2, 4, 6])
        #expect(reports.map(\.recordID) == ["r1", "r3", "r5"])
        #expect(reports.allSatisfy { $0.excerpt?.text.contains(Host.marker) == true })
    }

    @Test func scanOfNothingHazardousEndsWithZero() throws {
        try (Host.record(1, isMarked: false) + "\n").write(
            toFile: "\(host.logs)/b.jsonl", atomically: true, encoding: .utf8)
        let result = try Tocsin.run("scan", "--rules", host.rules, "\(host.logs)/b.jsonl")
        #expect(result.status == 0)
        #expect(result.output.isEmpty)
    }

    @Test(arguments: ["isal", "zlib"]) func bothInflatersGiveTheSame(inflater: String) throws {
        let result = try Tocsin.run(
            "scan", "--rules", host.rules, "--inflater", inflater, "--format", "json",
            "\(host.logs)/a.jsonl.gz")
        #expect(result.lines.count == 3)
    }

    @Test func aBadRuleFileStopsTheStartWithItsDiagnostic() throws {
        try Host.markerRule.replacing("contains", with: "contain").write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try host.start()
        host.daemon?.waitUntilExit()
        #expect(host.daemon?.terminationStatus == 2)
        #expect(
            host.errors == """
                tocsin: \(host.rules)/marker.yml:9:12: error[S021]: unknown modifier `contain`
                  |
                9 |     prompt|contain: \(Host.marker)
                  |            ^
                  = help: did you mean `contains`? There are: contains, startswith, endswith, all, neq, cased, re, i, m, s, base64, base64offset, utf16le, utf16be, utf16, wide, windash, cidr, exists, fieldref, expand, gt, gte, lt, lte, minute, hour, day, week, month, year

                """)
    }

    @Test func theQueueIsListedClaimedAndAcknowledged() throws {
        try host.start()
        host.wait(for: "reports") { host.reports().count == 3 }
        let socket = host.socket
        func queue(_ arguments: String...) throws -> Tocsin.Result {
            try Tocsin.run(["queue"] + arguments + ["--socket", socket])
        }
        // Beside the daemon, as operators do.
        let listed = try queue("list", "--format", "json")
        #expect(listed.lines.count == 3)
        let claimed = try queue("claim", "--consumer", "anna", "--format", "json")
        let report = try Report(json: #require(claimed.lines.first))
        #expect(try queue("claim", "--consumer", "ben", "--limit", "9").lines.count == 8)
        #expect(try queue("claim", "--consumer", "eve").output.isEmpty)
        let refused = try queue("ack", "--consumer", "ben", report.id)
        #expect(refused.status == 2)
        #expect(refused.errors.contains("\(report.id): anna works on it"))
        let short = String(report.id.prefix(12))
        let acknowledged = try queue(
            "ack", "--consumer", "anna", "--verdict", "true-positive", "--note", "told", short)
        #expect(acknowledged.output == "\(report.id) acknowledged\n")
        #expect(try queue("list", "--format", "json").lines.count == 2)
        #expect(try queue("list", "--all", "--format", "json").lines.count == 3)
        #expect(host.end() == 0)
    }

    @Test func withoutADaemonTheErrorSaysSo() throws {
        let socket = "\(host.scratch.path)/nothing"
        for command in [["queue", "list"], ["status"], ["queue", "watch", "--exec", "true"]] {
            let result = try Tocsin.run(command + ["--socket", socket])
            #expect(result.status == 2)
            #expect(
                result.errors == """
                    tocsin: \(socket): no daemon answers there; start it (systemctl start tocsin), \
                    or give its socket with --socket

                    """)
        }
    }

    @Test func aSecondDaemonOnTheSameStateIsRefused() throws {
        try host.start()
        host.wait(for: "the first") { host.reports().count == 3 }
        let second = try Tocsin.run("run", "--config", host.configuration)
        #expect(second.status == 2)
        #expect(second.errors.contains(host.state))
        #expect(host.end() == 0)
    }

    private static let dialogues = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../../shared/corpora/hh-harmless-test.jsonl.gz").standardized
        .path

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: dialogues),
            "the published dialogues are not here"))
    func publishedDialoguesAreReadThroughTheShapeFile() throws {
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized
            .path
        try Host.markerRule.replacing(Host.marker, with: "hack into").write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        let result = try Tocsin.run(
            "scan", "--rules", host.rules, "--shape", "\(root)/deploy/shapes/hh-rlhf.yaml",
            "--format", "json", Self.dialogues)
        #expect(result.status == 1, "\(result.errors)")
        let reports = try result.lines.map { try Report(json: $0) }
        #expect(reports.allSatisfy { $0.who == .prompt && !$0.malformed })
        // As many dialogues as zgrep finds to ask for it, at the least.
        #expect(reports.count >= 5)
    }
}

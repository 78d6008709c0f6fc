// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// The control socket as consumers and operators use it.
@Suite struct ControlTests {
    private let host: Host

    init() throws { host = try Host() }

    private func write(_ numbers: Range<Int>, to name: String = "a.jsonl") throws {
        let log = try FileHandle.appending(to: "\(host.logs)/\(name)")
        let lines = numbers.map { Host.record($0, isMarked: true) + "\n" }.joined()
        try log.write(contentsOf: Data(lines.utf8))
    }

    private func queue(_ arguments: String..., prefix: [String] = []) throws -> Tocsin.Result {
        try Tocsin.run(["queue"] + arguments + ["--socket", host.socket], prefix: prefix)
    }

    /// Adds lines to the daemon's configuration.
    private func configure(_ lines: String) throws {
        let text = try String(contentsOfFile: host.configuration, encoding: .utf8)
        try "\(text)\n\(lines)\n".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
    }

    @Test("a handler is run once for each report, those that come later and over a restart too")
    func handler() throws {
        try write(0..<3)
        try host.start()
        host.wait(for: "the first reports") { host.reports().count == 3 }
        let done = host.scratch.path + "/done"
        let watch = try TocsinInBackground([
            "queue", "watch", "--socket", host.socket, "--exec",
            "cat >> \(done).json; echo $TOCSIN_REPORT_ID $TOCSIN_LEVEL >> \(done)",
        ])
        defer { watch.kill() }
        func handled() -> [String] {
            let text = (try? String(contentsOfFile: done, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }
        host.wait(for: "three handled") { handled().count == 3 }
        try write(3..<6)
        host.wait(for: "six handled") { handled().count == 6 }
        #expect(host.end() == 0)
        try host.start()
        try write(6..<8)
        host.wait(for: "eight handled") { handled().count == 8 }
        #expect(Set(handled()) == Set(host.reports().map { "\($0.id) high" }))
        let given = try String(contentsOfFile: done + ".json", encoding: .utf8)
        #expect(
            try given.split(separator: "\n").map { try Report(json: String($0)).id }
                == handled().map { String($0.prefix(64)) })
        host.wait(for: "all acknowledged") {
            (try? queue("list").output)?.isEmpty == true
        }
    }

    @Test("what a handler fails on is tried again after its lease, and others are handled")
    func failingHandler() throws {
        try write(0..<2)
        try host.start()
        host.wait(for: "the reports") { host.reports().count == 2 }
        let first = try #require(host.reports().first).id
        let tries = host.scratch.path + "/tries"
        let watch = try TocsinInBackground([
            "queue", "watch", "--socket", host.socket, "--lease-seconds", "1", "--exec",
            "echo $TOCSIN_REPORT_ID >> \(tries); [ $TOCSIN_REPORT_ID != \(first) ]",
        ])
        defer { watch.kill() }
        host.wait(for: "the second report acknowledged") {
            (try? queue("list", "--format", "json"))?.lines.count == 1
        }
        host.wait(for: "a second try") {
            let text = (try? String(contentsOfFile: tries, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").filter { $0 == first }.count >= 2
        }
    }

    @Test("a watch shows each report once, over a restart of the daemon too") func watch() throws {
        try host.start()
        host.wait(for: "the socket") { FileManager.default.fileExists(atPath: host.socket) }
        let shown = host.scratch.path + "/shown"
        let watch = try TocsinInBackground(
            ["queue", "watch", "--socket", host.socket, "--format", "json"], output: shown,
            errors: shown + ".err")
        defer { watch.kill() }
        func ids() -> [String] {
            let text = (try? String(contentsOfFile: shown, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap { try? Report(json: String($0)).id }
        }
        // Only once it watches does it see: reports come until the first is shown.
        var number = 0
        host.wait(for: "the first report shown") {
            try? write(number..<number + 1)
            number += 1
            return !ids().isEmpty
        }
        #expect(host.end() == 0)
        try write(number..<number + 50)
        try host.start()
        host.wait(for: "the last report shown") { ids().last == host.reports().last?.id }
        let stored = host.reports().map(\.id)
        #expect(ids() == Array(stored.suffix(ids().count)))
        #expect(ids().count >= 50)
    }

    /// Runs a program as a user who is in these groups.
    private static func asUser(_ groups: String) -> [String] {
        ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--groups=\(groups)"]
    }

    @Test(
        "callers may do what their groups may", .enabled(if: geteuid() == 0, "needs root"))
    func permissions() throws {
        // Groups that every Debian has: 100 users, 60 games.
        try configure("responder_group: users\noperator_group: games")
        chmod(host.scratch.path, 0o755)
        try write(0..<1)
        try host.start()
        host.wait(for: "the report") { host.reports().count == 1 }
        let stranger = try queue("list", prefix: Self.asUser("65534"))
        #expect(stranger.status == 2)
        #expect(
            stranger.errors == "tocsin: user 65534 is not in the group users\n",
            "\(stranger.errors)")
        #expect(try queue("list", prefix: Self.asUser("100")).lines.count == 4)
        #expect(try queue("list", prefix: Self.asUser("60")).status == 2)
        for group in ["100", "60"] {
            let status = try Tocsin.run(
                "status", "--socket", host.socket, prefix: Self.asUser(group))
            #expect(status.status == 0, "\(status.errors)")
        }
        let status = try Tocsin.run(
            "status", "--socket", host.socket, prefix: Self.asUser("65534"))
        #expect(status.errors == "tocsin: user 65534 is not in the group users or games\n")
        #expect(try Tocsin.run("reload", "--socket", host.socket).status == 0)
        let reload = try Tocsin.run(
            "reload", "--socket", host.socket, prefix: Self.asUser("100"))
        #expect(reload.errors == "tocsin: user 65534 is not in the group games\n")
    }

    @Test("reload answers with the new rules, or with every fault and the old ones stay")
    func reload() throws {
        try host.start()
        host.wait(for: "the socket") { FileManager.default.fileExists(atPath: host.socket) }
        let first = try Tocsin.run("reload", "--socket", host.socket)
        #expect(first.output.hasPrefix("reloaded: 1 rule"))
        try Host.markerRule.replacing("contains", with: "contain").write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        let failed = try Tocsin.run("reload", "--socket", host.socket)
        #expect(failed.status == 2)
        #expect(failed.errors.contains("marker.yml:9:12: error[S021]"))
        let status = try Tocsin.run("status", "--socket", host.socket)
        #expect(status.output.contains("TROUBLE  rules: "))
        host.wait(for: "the alarm") {
            host.alarms().contains { $0.alarm?.name == .reloadFailed }
        }
        try write(0..<1)
        host.wait(for: "a report by the old rules") {
            host.reports().contains { $0.kind == .detection }
        }
        #expect(host.end() == 0)
    }

    @Test(
        "an export is what other programs read",
        .enabled(
            if: DocumentValidator.obstacle == nil,
            Comment(rawValue: DocumentValidator.obstacle ?? "")))
    func export() throws {
        try write(0..<1200)
        try host.start()
        host.wait(for: "the reports") { host.reports().count == 1200 }
        let ids = host.reports().prefix(2).map(\.id)
        _ = try queue("ack", "--verdict", "true-positive", ids[0])
        _ = try queue("ack", "--verdict", "false-positive", "--note", "no", ids[1])
        let plain = try queue("export")
        #expect(try plain.lines.map { try Report(json: $0).id } == host.reports().map(\.id))
        let findings = try queue("export", "--format", "ocsf").lines
        #expect(findings.count == 1200)
        #expect(try DocumentValidator(.ocsf).faults(in: findings) == [:])
        let records = try queue("export", "--format", "otlp-json").lines
        #expect(try DocumentValidator(.otlp).faults(in: records) == [:])
        let labelled = try queue("export", "--labelled")
        #expect(labelled.lines.count == 2)
        #expect(labelled.output.contains(#""label":"hazard","licence":"own","role":"prompt""#))
        #expect(labelled.output.contains(#""label":"hard_benign""#))
    }

    /// Makes the store's files such that nobody may write them, open or not, or undoes it.
    private func freeze(_ isFrozen: Bool) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/chattr")
        let names = ["tocsin.sqlite", "tocsin.sqlite-wal"].map { "\(host.state)/\($0)" }
        process.arguments = [isFrozen ? "+i" : "-i"] + names
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test(
        "a store that cannot be written holds the reader back, and nothing is lost",
        .enabled(if: geteuid() == 0, "needs root, for chattr"))
    func readOnly() throws {
        try write(0..<10)
        try host.start()
        host.wait(for: "the first reports") { host.reports().count == 10 }
        #expect(try freeze(true))
        // However the test ends, the files can be removed.
        defer { _ = try? freeze(false) }
        try write(10..<400)
        host.wait(for: "word of it") { host.errors.contains("reading waits until that is mended") }
        let status = try Tocsin.run("status", "--socket", host.socket)
        #expect(status.output.contains("TROUBLE  store: "), "\(status)")
        #expect(try freeze(false))
        host.wait(for: "all reports") { host.reports().count == 400 }
        host.wait(for: "the end of the trouble") {
            (try? Tocsin.run("status", "--socket", host.socket))?.output
                .contains("TROUBLE  store: ") == false
        }
        #expect(host.end() == 0)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What `tocsin check` says of hosts with each fault, as a user without rights of its own.
///
/// `RECORD_SNAPSHOTS=1 swift test --filter CheckTests` writes the expectations anew.
@Suite(
    .enabled(
        if: PrivateJournald.obstacle == nil,
        "no private journald: \(PrivateJournald.obstacle ?? "")"), .serialized)
struct CheckTests {
    private let host: Host
    private let journald: PrivateJournald
    private let program: String
    private static let nobody = 65534

    init() throws {
        host = try Host()
        journald = try PrivateJournald()
        // The build may lie where others cannot look.
        program = host.scratch.path + "/tocsin"
        try FileManager.default.copyItem(atPath: Tocsin.path, toPath: program)
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data((Host.record(1, isMarked: true) + "\n").utf8))
        try host.watch("\(host.logs)/*.jsonl")
        try makeState(owner: Self.nobody, mode: 0o700)
    }

    private func makeState(owner: Int, mode: Int) throws {
        try? FileManager.default.removeItem(atPath: host.state)
        try FileManager.default.createDirectory(
            atPath: host.state, withIntermediateDirectories: true)
        try FileManager.default.setAttributes(
            [.ownerAccountID: owner, .groupOwnerAccountID: owner, .posixPermissions: mode],
            ofItemAtPath: host.state)
    }

    /// Runs the check and compares what it says, with the test's folder as DIR.
    ///
    /// - Parameter groups: By default the one that may read the private journal.
    private func expect(
        _ name: String, status: Int32, groups: String = "root",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        defer { journald.stop() }
        let user = [
            "/usr/bin/setpriv", "--reuid=\(Self.nobody)", "--regid=\(Self.nobody)",
            groups.isEmpty ? "--clear-groups" : "--groups=\(groups)",
        ]
        let result = try Tocsin.run(
            ["check", "--config", host.configuration], program: program,
            prefix: journald.prefix + user)
        let told = result.output.replacing(host.scratch.path, with: "DIR")
            .replacing(/in [0-9.]+ s/, with: "in TIME")
        #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Checks/\(name).expected")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            try told.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(told == expected, sourceLocation: sourceLocation)
    }

    @Test func aHostOnWhichTheDaemonCanWork() throws { try expect("healthy", status: 0) }

    @Test func aHostWithAQueue() throws {
        try host.start()
        host.wait(for: "the report") { host.reports().count == 1 }
        #expect(host.end() == 0)
        for name in try FileManager.default.contentsOfDirectory(atPath: host.state) {
            try FileManager.default.setAttributes(
                [.ownerAccountID: Self.nobody, .groupOwnerAccountID: Self.nobody],
                ofItemAtPath: "\(host.state)/\(name)")
        }
        try expect("queue", status: 0)
    }

    @Test func aConfigurationWithAnUnknownKey() throws {
        try "log: a.jsonl".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
        try expect("unknown-key", status: 1)
    }

    @Test func rulesThatCannotBeUsed() throws {
        try Host.markerRule.replacing("contains", with: "contain").write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try expect("wrong-rule", status: 1)
    }

    @Test func aRuleThatFailsItsTest() throws {
        try (Host.markerRule + "\ntests: [{name: hopeless, match: true, event: {prompt: a}}]")
            .write(
                toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try expect("failing-test", status: 1)
    }

    @Test func logsOfAGroupAndAStateOfAnother() throws {
        let adm: [FileAttributeKey: Any] = [
            .groupOwnerAccountName: "adm", .posixPermissions: 0o640,
        ]
        try FileManager.default.setAttributes(adm, ofItemAtPath: "\(host.logs)/a.jsonl")
        try makeState(owner: 0, mode: 0o700)
        try expect("no-rights", status: 1, groups: "")
    }

    @Test func aStateThatOthersMayLookInto() throws {
        try makeState(owner: Self.nobody, mode: 0o755)
        try expect("open-state", status: 1)
    }

    @Test func aPatternThatMatchesNothing() throws {
        try host.watch("\(host.logs)/*.gz", "/var/log/nothing-here/*.jsonl")
        try expect("no-log", status: 0)
    }

    @Test func aMachineWhoseJournalIsDown() throws {
        journald.kill()
        try expect("no-journal", status: 1)
    }
}

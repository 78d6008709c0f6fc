// SPDX-License-Identifier: Apache-2.0
import Foundation
import JetStream
import Reports
import TestSupport
import Testing

/// Whoever is killed, and whenever: each report is in the queue once, in the journal with its id,
/// and in the stream once, and a handler has had it.
///
/// 50 rounds, or `TOCSIN_KILL_ROUNDS`; `deploy/model` runs 500.
@Suite(
    .enabled(
        if: NatsServer.obstacle == nil && PrivateJournald.obstacle == nil,
        "needs nats-server and a private journald"))
struct DeliveryKillTests {
    /// What can be killed.
    private enum Victim: CaseIterable {
        case daemon, journald, server, consumer
    }

    private static let rounds =
        ProcessInfo.processInfo.environment["TOCSIN_KILL_ROUNDS"].flatMap { Int($0) } ?? 50
    private static let recordsPerRound = 40

    private let host: Host
    private let journald: PrivateJournald
    private let server: NatsServer

    init() throws {
        host = try Host()
        journald = try PrivateJournald()
        server = try NatsServer()
        host.prefix = journald.prefix
        let text = try String(contentsOfFile: host.configuration, encoding: .utf8)
        try "\(text)\nnats: {url: \"\(server.url)\"}\n".write(
            toFile: host.configuration, atomically: true, encoding: .utf8)
    }

    private var handled: Set<String> {
        let text = (try? String(contentsOfFile: "\(host.scratch.path)/handled", encoding: .utf8))
        return Set((text ?? "").split(separator: "\n").map(String.init))
    }

    private func startConsumer(_ number: Int) throws -> TocsinInBackground {
        try TocsinInBackground([
            "queue", "watch", "--socket", host.socket, "--consumer", "c\(number)",
            "--lease-seconds", "3", "--exec",
            "echo $TOCSIN_REPORT_ID >> \(host.scratch.path)/handled",
        ])
    }

    private func append(_ numbers: Range<Int>) throws {
        let lines = numbers.map { Host.record($0, isMarked: true) + "\n" }.joined()
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data(lines.utf8))
    }

    private func told() throws -> [String] { host.ofLogs(try journald.reportIDs()) }

    private var streamed: [String] {
        let settings = NatsSettings(urls: [server.url])
        let messages = (try? StreamContents.messages(of: "tocsin", settings)) ?? []
        return host.ofLogs(messages.compactMap { $0.headers["Nats-Msg-Id"] })
    }

    @Test("daemon, journald, server and consumers killed at random under load") func killed() throws
    {
        defer { journald.stop() }
        let seed = UInt64.random(in: 0...UInt64.max)
        let note: Comment = "seed \(seed)"
        var random = SeededGenerator(seed: seed)
        try host.start()
        host.wait(for: "the socket") { FileManager.default.fileExists(atPath: host.socket) }
        var consumers = try (0..<2).map(startConsumer)
        defer { for consumer in consumers { consumer.kill() } }
        for round in 0..<Self.rounds {
            try append(round * Self.recordsPerRound..<(round + 1) * Self.recordsPerRound)
            usleep(UInt32.random(in: 1_000...600_000, using: &random))
            switch Victim.allCases.randomElement(using: &random) ?? .daemon {
            case .daemon:
                #expect(host.end(SIGKILL) == -SIGKILL, note)
                try host.start()
            case .journald:
                journald.kill()
                usleep(UInt32.random(in: 1_000...200_000, using: &random))
                try journald.restart()
            case .server:
                server.stop(SIGKILL)
                usleep(UInt32.random(in: 1_000...200_000, using: &random))
                try server.start()
            case .consumer:
                consumers[round % 2].kill()
                consumers[round % 2] = try startConsumer(round)
            }
        }
        let expected = (0..<Self.rounds * Self.recordsPerRound).map { "r\($0)" }
        host.waitForReports(expected.count)
        let ids = Set(host.reports().map(\.id))
        host.wait(for: "all in the journal") { (try? Set(told()).isSuperset(of: ids)) == true }
        host.wait(for: "all in the stream") { streamed.count >= expected.count }
        host.wait(for: "all handled") { handled.isSuperset(of: ids) }
        #expect(host.end() == 0, note)
        #expect(host.reports().compactMap(\.recordID).sorted() == expected.sorted(), note)
        #expect(streamed.sorted() == ids.sorted(), note)
        #expect(try Set(told()) == ids, note)
    }
}

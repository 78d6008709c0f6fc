// SPDX-License-Identifier: Apache-2.0
import Foundation
import JetStream
import Reports
import TestSupport
import Testing

/// Many hosts, a real nats-server, and instances of `tocsin fleet`.
@Suite(
    .enabled(if: NatsServer.obstacle == nil, "no nats-server: \(NatsServer.obstacle ?? "")"),
    .serialized)
struct FleetTests {
    private let server: NatsServer
    private let scratch: Scratch

    init() throws {
        server = try NatsServer()
        scratch = try Scratch()
        try Self.rules.write(
            toFile: "\(scratch.path)/rules.yml", atomically: true, encoding: .utf8)
    }

    private static let rules = """
        \(Host.rule(1, askedFor: "amber"))
        ---
        \(Host.rule(2, askedFor: "violet"))
        ---
        \(Host.rule(3, askedFor: "teal"))
        ---
        title: A task in three parts
        id: 00000000-0000-4000-8000-000000000004
        level: high
        correlation:
          type: temporal
          rules: [amber, violet, teal]
          group-by: [user.id]
          timespan: 30s
          condition: {gte: 3}
          generate: true
        ---
        title: Much amber
        id: 00000000-0000-4000-8000-000000000005
        level: medium
        correlation:
          type: event_count
          rules: [amber]
          group-by: [user.id]
          timespan: 20s
          condition: {gte: 3}
          generate: true
        ---
        title: Much amber under one model
        id: 00000000-0000-4000-8000-000000000006
        level: medium
        correlation:
          type: event_count
          rules: [amber]
          group-by: [gen_ai.request.model]
          timespan: 20s
          condition: {gte: 1000}
          generate: true
        """

    private var settings: NatsSettings { NatsSettings(urls: [server.url]) }

    /// An instance's configuration.
    private func configuration(lateness: Int, lease: Int) throws -> String {
        let path = "\(scratch.path)/fleet.yaml"
        try """
        nats: {url: "\(server.url)"}
        rules: rules.yml
        lateness_seconds: \(lateness)
        lease_seconds: \(lease)
        """.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private final class Instance {
        let process = Process()
        let errorsPath: String

        init(_ configuration: String, errors: String) throws {
            errorsPath = errors
            process.executableURL = URL(fileURLWithPath: Tocsin.path)
            process.arguments = ["fleet", "--config", configuration]
            process.standardError = try FileHandle.appending(to: errors)
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }

        deinit { end(SIGKILL) }

        func end(_ signal: Int32) {
            guard process.isRunning else { return }
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
        }

        var errors: String { (try? String(contentsOfFile: errorsPath, encoding: .utf8)) ?? "" }
    }

    private func instance(_ name: String, _ configuration: String) throws -> Instance {
        try Instance(configuration, errors: "\(scratch.path)/\(name).errors")
    }

    /// The reports of the fleet in the stream, with what tells one from another.
    private func found() -> [Report] {
        let messages = (try? StreamContents.messages(of: "tocsin", settings)) ?? []
        return messages.filter { $0.subject.hasPrefix("tocsin.report.fleet-") }
            .compactMap { try? Report(json: $0.text) }
    }

    private func described(_ report: Report) -> String {
        var same = report
        same.detectedAt = Timestamp(milliseconds: 0)
        return same.json
    }

    private func wait(for what: String, _ errors: () -> String, _ fact: () -> Bool) {
        let deadline = Date() + 90
        while !fact() {
            guard Date() < deadline else {
                Issue.record("waited in vain for \(what); \(errors())")
                return
            }
            usleep(20_000)
        }
    }

    private static let key = Data((0..<32).map { UInt8($0) })

    /// A host whose daemon shares the key of the pseudonyms with the others.
    private func host() throws -> Host {
        let host = try Host()
        try Self.rules.write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try FileManager.default.createDirectory(
            atPath: host.state, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        _ = FileManager.default.createFile(
            atPath: "\(host.state)/actor.key", contents: Self.key,
            attributes: [.posixPermissions: 0o600])
        try """
        logs: \(host.logs)/*.jsonl
        rules: \(host.rules)
        state: \(host.state)
        socket: \(host.socket)
        canary: {every_seconds: 0}
        lateness_seconds: 1
        nats: {url: "\(server.url)", findings: true}
        """.write(toFile: host.configuration, atomically: true, encoding: .utf8)
        return host
    }

    @Test("a task in parts, spread over three hosts by one actor, is seen by the fleet alone")
    func spreadTask() throws {
        let hosts = try (0..<3).map { _ in try host() }
        for (number, word) in ["amber", "violet", "teal"].enumerated() {
            try hosts[number].start()
            let now = Int(Date().timeIntervalSince1970) + number
            try """
            {"id":"r\(number)","created":\(now),"user":"mallory","messages":[{"role":"user","content":"some \(word)"}]}
            {"id":"s\(number)","created":\(now),"user":"u\(number)","messages":[{"role":"user","content":"some \(word)"}]}

            """.write(toFile: "\(hosts[number].logs)/a.jsonl", atomically: true, encoding: .utf8)
        }
        let fleet = try instance("a", try configuration(lateness: 2, lease: 2))
        // Nothing more is logged: time passes by itself.
        wait(for: "the report", { fleet.errors }) { !found().isEmpty }
        let report = try #require(found().first)
        #expect(found().count == 1)
        #expect(report.kind == .correlation)
        #expect(report.host == "fleet")
        #expect(report.rule?.title == "A task in three parts")
        #expect(report.correlation?.count == 3)
        #expect(report.position?.file.hasSuffix(":\(hosts[2].logs)/a.jsonl") == true)
        for host in hosts {
            #expect(!host.reports().contains { $0.kind == .correlation })
            #expect(
                host.reports().first { $0.recordID?.hasPrefix("r") == true }?.actor
                    == report.correlation?.group["user.id"])
            #expect(host.end() == 0)
        }
        #expect(
            fleet.errors.contains(
                "Much amber under one model (00000000-0000-4000-8000-000000000006) is not worked"))
        fleet.end(SIGTERM)
        #expect(fleet.process.terminationStatus == 0)
    }

    /// Findings as hosts would publish them, some seconds out of order.
    private static func findings(_ count: Int, seed: UInt64) -> [PublishedFinding] {
        var random = SeededGenerator(seed: seed)
        var findings: [PublishedFinding] = []
        let position = Report.Position(
            stream: String(repeating: "ab", count: 32), file: "/var/log/a", offset: 0, line: 1)
        for number in 0..<count {
            let rule = Int.random(in: 1...3, using: &random)
            let actor = Int.random(in: 0..<20, using: &random)
            let time =
                1_760_000_000_000 + number * 200 + Int.random(in: -2_000...2_000, using: &random)
            findings.append(
                PublishedFinding(
                    StoredFinding(
                        rule: "00000000-0000-4000-8000-00000000000\(rule)", event: "e\(number)",
                        timeMilliseconds: time,
                        fields: [StoredFinding.Field(name: "user.id", value: .text("a\(actor)"))],
                        position: position), host: "h\(number % 3)"))
        }
        // Of each actor one far ahead: all before has been worked when it is.
        for actor in 0..<20 {
            findings.append(
                PublishedFinding(
                    StoredFinding(
                        rule: "00000000-0000-4000-8000-000000000001", event: "end\(actor)",
                        timeMilliseconds: 1_770_000_000_000,
                        fields: [StoredFinding.Field(name: "user.id", value: .text("a\(actor)"))],
                        position: position), host: "h0"))
        }
        return findings
    }

    private func publish(_ findings: ArraySlice<PublishedFinding>) throws {
        let publisher = StreamPublisher(
            settings, stream: FindingLoop.configuration(stream: "tocsin", subject: "tocsin"))
        let messages = findings.map {
            StreamMessage(subject: FindingLoop.subject("tocsin", $0), body: Array($0.json.utf8))
        }
        // In their order, so that both runs see the same; the server may just be starting.
        for message in messages {
            wait(for: "room for a finding", { server.log }) {
                publisher.publish([message]).isHeld == [true]
            }
        }
    }

    /// Waits until the state of each partition says that its last finding has been worked, which
    /// it says only when what came of it is in the stream.
    private func waitUntilWorked(_ errors: () -> String) {
        struct State: Decodable {
            let sequence: Int
        }
        let findings = (try? StreamContents.messages(of: "tocsin-findings", settings)) ?? []
        var ends: [String: Int] = [:]
        for (index, message) in findings.enumerated() {
            ends[message.subject.split(separator: ".").map(String.init)[2]] = index + 1
        }
        var behind: [String: Int] = ends
        wait(for: "all to be worked", { "behind: \(behind); \(errors())" }) {
            guard let connection = try? NatsConnection(settings) else { return false }
            behind = ends.filter { partition, end in
                let stored = try? connection.last(
                    on: "tocsin.fleet.partition.\(partition)", of: "tocsin-fleet")
                let state = stored.flatMap {
                    try? JSONDecoder().decode(State.self, from: Data($0.body))
                }
                return state?.sequence ?? 0 < end
            }
            return behind.isEmpty
        }
    }

    private static let lateness = 40

    /// What one undisturbed instance makes of the findings, in a stream of its own.
    private func undisturbed(_ findings: [PublishedFinding]) throws -> [String] {
        let other = try FleetTests()
        try other.publish(findings[...])
        let fleet = try other.instance(
            "single", try other.configuration(lateness: Self.lateness, lease: 5))
        other.waitUntilWorked { fleet.errors }
        fleet.end(SIGTERM)
        return other.found().map(other.described).sorted()
    }

    @Test(
        "three instances and the server, killed at random, report what one left alone reports",
        arguments: [1, 2] as [UInt64])
    func killed(seed: UInt64) throws {
        print("fleet, instances killed: seed \(seed)")
        var random = SeededGenerator(seed: seed &+ 100)
        let findings = Self.findings(1_500, seed: seed)
        let expected = try undisturbed(findings)
        #expect(expected.count > 50)

        let path = try configuration(lateness: Self.lateness, lease: 1)
        var instances = try (0..<3).map { try instance("i\($0)", path) }
        var published = 0
        var round = 0
        while published < findings.count {
            let next = min(findings.count, published + Int.random(in: 100...300, using: &random))
            try publish(findings[published..<next])
            published = next
            usleep(UInt32.random(in: 1_000...400_000, using: &random))
            let victim = Int.random(in: 0..<3, using: &random)
            instances[victim].end(SIGKILL)
            usleep(UInt32.random(in: 1_000...300_000, using: &random))
            round += 1
            if round % 3 == 0 { try server.restart() }
            instances[victim] = try instance("i\(victim)-\(round)", path)
        }
        let errors = { instances.map(\.errors).joined() }
        waitUntilWorked(errors)
        #expect(found().map(described).sorted() == expected)
        // The last one dies in peace, and gives all back.
        for instance in instances {
            instance.end(SIGTERM)
            #expect(instance.process.terminationStatus == 0)
        }
    }
}

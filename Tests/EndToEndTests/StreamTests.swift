// SPDX-License-Identifier: Apache-2.0
import Foundation
import JetStream
import Reports
import TestSupport
import Testing

/// The daemon and a real nats-server.
@Suite(
    .enabled(if: NatsServer.obstacle == nil, "no nats-server: \(NatsServer.obstacle ?? "")"),
    .serialized)
struct StreamTests {
    private let host: Host

    init() throws { host = try Host() }

    /// Two rules: the marker's, and a correlation, so that findings are looked at.
    private static let rules =
        Host.markerRule + """

            name: marker
            ---
            title: Many markers
            id: 00000000-0000-4000-8000-0000000000aa
            level: high
            correlation:
              type: event_count
              rules: [marker]
              group-by: [user.id]
              timespan: 1h
              condition: {gte: 100000}
              generate: true
            """

    private func configure(_ url: String) throws {
        try Self.rules.write(toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        try """
        logs: \(host.logs)/*.jsonl
        rules: \(host.rules)
        state: \(host.state)
        socket: \(host.socket)
        canary: {every_seconds: 0}
        nats: {url: "\(url)", findings: true}
        """.write(toFile: host.configuration, atomically: true, encoding: .utf8)
    }

    private func ids(_ stream: String, _ server: NatsServer) -> [String] {
        let settings = NatsSettings(urls: [server.url])
        let messages = (try? StreamContents.messages(of: stream, settings)) ?? []
        return host.ofLogs(messages.compactMap { $0.headers["Nats-Msg-Id"] })
    }

    private func append(_ range: Range<Int>) throws {
        let lines = range.map { Host.record($0, isMarked: true) + "\n" }.joined()
        let log = try FileHandle.appending(to: "\(host.logs)/a.jsonl")
        try log.write(contentsOf: Data(lines.utf8))
        try log.close()
    }

    /// Waits until the stream holds each report and each finding, and sees that it does once.
    private func waitForAll(_ count: Int, _ server: NatsServer) {
        host.wait(for: "\(count) reports") { host.reports().count == count }
        for stream in ["tocsin", "tocsin-findings"] {
            host.wait(for: "\(count) in \(stream)") { ids(stream, server).count >= count }
        }
        let expected = host.reports().map(\.id)
        #expect(ids("tocsin", server).sorted() == expected.sorted())
        #expect(ids("tocsin-findings", server).sorted() == expected.sorted())
    }

    @Test("daemon and server killed at random moments: the stream has each report and finding once")
    func killed() throws {
        let server = try NatsServer()
        try configure(server.url)
        var random = SeededGenerator(seed: 5)
        var written = 0
        for round in 0..<8 {
            try host.start()
            try append(written..<written + 150)
            written += 150
            usleep(UInt32.random(in: 20_000...600_000, using: &random))
            if round % 2 == 0 { try server.restart() }
            usleep(UInt32.random(in: 1_000...300_000, using: &random))
            host.end(SIGKILL)
            if round % 3 == 0 { try server.restart() }
        }
        try host.start()
        waitForAll(written, server)
        #expect(host.end() == 0)
    }

    @Test("a server that is away is no error at the start; reports wait for it")
    func awayAtStart() throws {
        let server = try NatsServer()
        server.stop()
        try configure(server.url)
        try host.start()
        try append(0..<50)
        host.wait(for: "reports") { host.reports().count == 50 }
        host.wait(for: "word of it") { host.errors.contains("the stream takes no reports") }
        host.wait(for: "word of it") { host.errors.contains("the stream takes no findings") }
        try server.start()
        waitForAll(50, server)
        #expect(host.errors.contains("the stream takes reports again"))
        #expect(host.end() == 0)
    }

    @Test(
        "a full disk under the server: nothing is lost when there is room and it is started again",
        .enabled(if: geteuid() == 0, "needs root, for a mount"))
    func fullDisk() throws {
        let folder = "\(host.scratch.path)/disk"
        let disk = try SmallVolume(at: folder)
        let server = try NatsServer(store: "\(folder)/store", prefix: disk.prefix)
        try configure(server.url)
        try host.start()
        try append(0..<100)
        host.wait(for: "the first") { ids("tocsin", server).count == 100 }
        try disk.fill()
        // More than what is left in the last blocks.
        try append(100..<600)
        host.wait(for: "word of it") { host.errors.contains("the stream takes no reports") }
        try disk.free()
        // nats-server switches JetStream off when it cannot write.
        try server.restart()
        waitForAll(600, server)
        #expect(host.end() == 0)
    }

    @Test("what is wrong in the section is told with its place and the remedy")
    func settings() throws {
        func said(_ section: String) throws -> String {
            try """
            logs: \(host.logs)/*.jsonl
            rules: \(host.rules)
            state: \(host.state)
            socket: \(host.socket)
            canary: {every_seconds: 0}
            nats: {\(section)}
            """.write(toFile: host.configuration, atomically: true, encoding: .utf8)
            let result = try Tocsin.run("run", "--config", host.configuration)
            #expect(result.status == 2)
            return result.errors
        }
        #expect(try said("urls: x").contains("unknown key `urls`; did you mean `url`?"))
        #expect(try said("ca: x").contains("the key `url` is missing"))
        #expect(try said("url: 'http://x'").contains("expected nats://HOST:PORT or tls://"))
        #expect(try said("url: 'nats://a:b@x'").contains("no user and password here"))
        #expect(
            try said("url: 'nats://x', key: y").contains("`certificate` and `key` are needed"))
        #expect(try said("url: 'nats://x', stream: a.b").contains("expected letters, digits"))
        #expect(try said("url: 'nats://x', findings: maybe").contains("expected true or false"))
    }
}

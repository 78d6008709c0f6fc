// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import JetStream

/// A stream with three copies, of which one server is killed.
@Suite("A cluster", .enabled(if: noServer == nil, noServerComment))
struct ClusterTests {
    private let servers: [NatsServer]
    private var settings: NatsSettings { NatsSettings(urls: servers.map(\.url)) }

    init() throws {
        let routePorts = try (0..<3).map { _ in try NatsServer.freePort() }
        let routes = routePorts.map { "nats://127.0.0.1:\($0)" }.joined(separator: ", ")
        servers = try (0..<3).map { index in
            try NatsServer(
                settings: """
                    server_name: n\(index)
                    cluster { name: c, listen: "127.0.0.1:\(routePorts[index])", routes: [\(routes)] }
                    """)
        }
    }

    /// Waits until the cluster has a leader and makes the stream.
    private func makeStream() throws {
        let deadline = Date() + 60
        while true {
            do {
                let _: Ignored = try NatsConnection(settings).call(
                    "STREAM.CREATE.reports", WiderStream(base: once, num_replicas: 3),
                    about: "reports")
                return
            } catch {
                guard Date() < deadline else { throw error }
                usleep(200_000)
            }
        }
    }

    @Test("the leader of the stream is killed under load: each is held once, lines in order")
    func leaderKilled() throws {
        try makeStream()
        let messages = (0..<1_500).map { message("m\($0)", line: "l\($0 % 11)") }
        let publisher = StreamPublisher(settings, stream: once, patienceMilliseconds: 2_000)
        #expect(try publishAll(Array(messages.prefix(500)), publisher).isEmpty)
        let leader = try #require(try StreamContents.leader(of: "reports", settings))
        let index = try #require(Int(leader.dropFirst()))
        let servers = servers
        let killed = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            usleep(30_000)
            servers[index].stop(SIGKILL)
            killed.signal()
        }
        let troubles = try publishAll(messages, publisher)
        killed.wait()
        print("cluster, n\(index) killed: \(troubles.map(\.description))")
        #expect(try publishAll(messages, publisher, patienceSeconds: 60).count < 100)
        let living = servers.indices.filter { $0 != index }
        let rest = NatsSettings(urls: living.map { servers[$0].url })
        let held = try StreamContents.messages(of: "reports", rest).map(\.subject)
        #expect(held.count == messages.count)
        for line in 0..<11 {
            let expected = messages.enumerated().filter { $0.offset % 11 == line }
                .map(\.element.subject)
            let members = Set(expected)
            #expect(held.filter { members.contains($0) } == expected)
        }
        try servers[index].start()
        let more = message("after")
        #expect(try publishAll([more], publisher).count < 100)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@testable import Varlink

/// Many connections, and those that hold much.
@Suite struct LimitTests {
    /// Room for the descriptors of both sides.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 16384))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    @Test("2,000 idle connections do not hinder a call, and are served when they call")
    func idleConnections() throws {
        raiseDescriptorLimit()
        var limits = VarlinkLimits()
        limits.connections = 4096
        let test = try TestServer(limits)
        defer { test.stop() }
        let idle = try (0..<2000).map { _ in try RawConnection(test.path) }
        #expect(waitUntil { test.server.counts.connections == 2000 })
        #expect(test.server.counts.heldBytes == 0)
        let client = try test.client()
        for number in 0..<100 {
            let sum: Sum = try client.call("org.example.test.Add", Terms(left: number, right: 1))
            #expect(sum.sum == number + 1)
        }
        for connection in idle { connection.send(call("Add", #"{"left":1,"right":2}"#)) }
        for connection in idle { #expect(connection.receive() == #"{"parameters":{"sum":3}}"#) }
    }

    private static let tooMany =
        #"{"error":"org.example.Connection.TooManyConnections","parameters":{"limit":3}}"#

    @Test("when there are as many connections as may be, the longest idle one makes room")
    func longestIdle() throws {
        var limits = VarlinkLimits()
        limits.connections = 3
        let test = try TestServer(limits)
        defer { test.stop() }
        let connections = try (0..<3).map { _ in try RawConnection(test.path) }
        for index in [1, 0, 2] {
            connections[index].send(call("Add", #"{"left":1,"right":2}"#))
            #expect(connections[index].receive() == #"{"parameters":{"sum":3}}"#)
        }
        let fourth = try RawConnection(test.path)
        #expect(connections[1].receiveAll() == [Self.tooMany])
        for connection in [connections[0], connections[2], fourth] {
            connection.send(call("Add", #"{"left":1,"right":2}"#))
            #expect(connection.receive() == #"{"parameters":{"sum":3}}"#)
        }
        #expect(test.server.counts.cutConnectionsTotal == 1)
    }

    @Test("when all connections are in use, the new one is told and closed")
    func allInUse() throws {
        var limits = VarlinkLimits()
        limits.connections = 3
        let test = try TestServer(limits)
        defer { test.stop() }
        let connections = try (0..<3).map { _ in try RawConnection(test.path) }
        for (index, connection) in connections.enumerated() {
            connection.send(call("Follow", "{}", #","more":true"#))
            #expect(waitUntil { test.followers.withLock { $0.count } == index + 1 })
        }
        let client = try test.client()
        let error = VarlinkError(
            "org.example.Connection.TooManyConnections", ["limit": .integer(3)])
        #expect(throws: VarlinkClientError.reply(error)) {
            let _: Sum = try client.call("org.example.test.Add", Terms(left: 1, right: 1))
        }
        try test.followers.withLock { try $0[0].finish(Text(text: "end")) }
        #expect(connections[0].receive() == #"{"parameters":{"text":"end"}}"#)
        let sum: Sum = try test.client().call("org.example.test.Add", Terms(left: 1, right: 1))
        #expect(sum.sum == 2)
    }

    @Test("unfinished calls take no more memory than is given: who holds the most is cut")
    func unfinishedCalls() throws {
        var limits = VarlinkLimits()
        limits.callBytes = 100_000
        limits.memoryBytes = 1_000_000
        let test = try TestServer(limits)
        defer { test.stop() }
        let small = try RawConnection(test.path)
        small.send(Array(call("Add", #"{"left":1,"right":2}"#).utf8))
        let connections = try (0..<20).map { _ in try RawConnection(test.path) }
        for connection in connections {
            connection.send([UInt8](repeating: 0x20, count: 90_000))
        }
        #expect(waitUntil { test.server.counts.cutConnectionsTotal >= 9 })
        #expect(test.server.counts.heldBytes <= 1_000_000)
        small.send([0])
        #expect(small.receive() == #"{"parameters":{"sum":3}}"#)
    }

    @Test("a server waits without waking up")
    func idleServer() throws {
        let test = try TestServer()
        defer { test.stop() }
        let sum: Sum = try test.client().call("org.example.test.Add", Terms(left: 1, right: 1))
        #expect(sum.sum == 2)
        #expect(waitUntil { test.server.counts.connections == 0 })
        let before = test.server.counts.wakeUpsTotal
        usleep(200_000)
        #expect(test.server.counts.wakeUpsTotal == before)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Varlink

/// Calls with `more`.
@Suite struct StreamTests {
    /// Opens a stream of `Follow` that the test sends on.
    private func follow(
        _ test: TestServer, _ connection: RawConnection
    ) throws -> VarlinkReplyStream<Text> {
        let before = test.followers.withLock { $0.count }
        connection.send(call("Follow", "{}", #","more":true"#))
        #expect(waitUntil { test.followers.withLock { $0.count } == before + 1 })
        return try #require(test.followers.withLock { $0.last })
    }

    @Test("all replies come in order, and the last says that it is")
    func counting() throws {
        let test = try TestServer()
        defer { test.stop() }
        let client = try test.client()
        for to in [1, 2, 300] {
            let replies: VarlinkReplies<Number> = try client.callMore(
                "org.example.test.Count", Goal(to: to))
            var numbers: [Int] = []
            while let reply = try replies.next() { numbers.append(reply.number) }
            #expect(numbers == Array(1...to))
        }
    }

    @Test("a stream whose handler fails ends with the handler's error")
    func failing() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        connection.send(call("Count", #"{"to":0}"#, #","more":true"#))
        #expect(
            connection.receive()
                == #"{"error":"org.example.test.Broken","parameters":{"reason":"no goal"}}"#)
    }

    @Test("replies are sent from other threads, when there are any")
    func pushing() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        let stream = try follow(test, connection)
        #expect(try stream.send(Text(text: "one")) == .taken)
        #expect(connection.receive() == #"{"parameters":{"text":"one"},"continues":true}"#)
        try stream.finish(Text(text: "two"))
        #expect(connection.receive() == #"{"parameters":{"text":"two"}}"#)
        #expect(try stream.send(Text(text: "three")) == .gone)
        connection.send(call("Add", #"{"left":1,"right":2}"#))
        #expect(connection.receive() == #"{"parameters":{"sum":3}}"#)
    }

    @Test("who pushes learns that the client has gone")
    func clientGone() throws {
        let test = try TestServer()
        defer { test.stop() }
        var connection: RawConnection? = try RawConnection(test.path)
        let stream = try follow(test, try #require(connection))
        let told = Mutex(0)
        stream.whenGone { told.withLock { $0 += 1 } }
        connection = nil
        #expect(waitUntil { told.withLock { $0 } == 1 })
        #expect(try stream.send(Text(text: "late")) == .gone)
        stream.whenGone { told.withLock { $0 += 1 } }
        #expect(told.withLock { $0 } == 2)
        #expect(waitUntil { test.server.counts.connections == 0 })
    }

    @Test("a stream that nobody holds any more ends with an error")
    func abandoned() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        // Held by its own callback, which the client's going away lets go of.
        _ = try {
            let stream = try follow(test, connection); stream.whenRoom {}
        }()
        test.followers.withLock { $0 = [] }
        #expect(
            connection.receive()
                == #"{"error":"org.example.Connection.StreamAbandoned","parameters":{}}"#)
    }

    @Test("a stream held only by its own callback ends with its client")
    func cycle() throws {
        let test = try TestServer()
        defer { test.stop() }
        var connection: RawConnection? = try RawConnection(test.path)
        weak var held: VarlinkReplyStream<Text>?
        do {
            let stream = try follow(test, try #require(connection))
            stream.whenRoom { _ = try? stream.send(Text(text: "room")) }
            held = stream
        }
        test.followers.withLock { $0 = [] }
        #expect(held != nil)
        connection = nil
        #expect(waitUntil { held == nil })
    }

    @Test("a slow reader holds the sender back, costs no more than the buffer, and loses nothing")
    func slowReader() throws {
        var limits = VarlinkLimits()
        limits.streamBufferBytes = 64 << 10
        let test = try TestServer(limits)
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        let stream = try follow(test, connection)
        let room = DispatchSemaphore(value: 0)
        stream.whenRoom { room.signal() }
        let text = String(repeating: "x", count: 1000)
        let total = 3000
        let sender = DispatchSemaphore(value: 0)
        let fulls = Mutex(0)
        Thread {
            for number in 0..<total {
                while (try? stream.send(Text(text: "\(number) \(text)"))) == .full {
                    fulls.withLock { $0 += 1 }
                    room.wait()
                }
            }
            _ = try? stream.finish(Text(text: "end"))
            sender.signal()
        }.start()
        #expect(waitUntil { fulls.withLock { $0 } > 0 })
        #expect(test.server.counts.heldBytes <= 70 << 10)
        let other: Sum = try test.client().call("org.example.test.Add", Terms(left: 1, right: 1))
        #expect(other.sum == 2)
        for number in 0..<total {
            #expect(
                connection.receive()
                    == #"{"parameters":{"text":"\#(number) \#(text)"},"continues":true}"#)
        }
        #expect(connection.receive() == #"{"parameters":{"text":"end"}}"#)
        sender.wait()
        #expect(fulls.withLock { $0 } > 1)
    }

    @Test("a client that wants no more replies closes, and that ends the stream")
    func clientStops() throws {
        let test = try TestServer()
        defer { test.stop() }
        let client = try test.client()
        do {
            let replies: VarlinkReplies<Text> = try client.callMore("org.example.test.Follow")
            #expect(waitUntil { test.followers.withLock { $0.count } == 1 })
            let stream = try #require(test.followers.withLock { $0.first })
            _ = try stream.send(Text(text: "one"))
            #expect(try replies.next() == Text(text: "one"))
        }
        #expect(waitUntil { test.server.counts.connections == 0 })
        #expect(throws: VarlinkClientError.closed(path: test.path)) {
            let _: Sum = try client.call("org.example.test.Add", Terms(left: 1, right: 1))
        }
    }

    @Test("a stopped server tells streams, and its clients that it has closed")
    func stopping() throws {
        let test = try TestServer()
        let connection = try RawConnection(test.path)
        let stream = try follow(test, connection)
        let gone = Mutex(false)
        stream.whenGone { gone.withLock { $0 = true } }
        test.stop()
        #expect(gone.withLock { $0 })
        #expect(connection.receive() == nil)
    }
}

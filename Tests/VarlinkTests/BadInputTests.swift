// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Varlink

/// What is no call is answered where it can be, ends its connection, and harms no other.
@Suite struct BadInputTests {
    /// Messages that are no calls, and what they are answered with.
    private static let malformed: [(String, String)] = [
        ("", "an empty text"),
        ("x", "not JSON in UTF-8"),
        ("{\"method\":", "not JSON in UTF-8"),
        ("[]", "the call is no JSON object"),
        ("{}", "'method' is missing or no text"),
        (#"{"method":7}"#, "'method' is missing or no text"),
        (#"{"method":"a.B","parameters":[]}"#, "'parameters' is no JSON object"),
        (#"{"method":"a.B","more":1}"#, "'more' is neither true nor false"),
        (
            #"{"method":"a.B","more":true,"oneway":true}"#,
            "'oneway' asks for no reply, 'more' or 'upgrade' for some"
        ),
        (#"{"method":"a.B","method":"a.C"}"#, "an object has a name twice"),
        (String(repeating: "[", count: 100_000), "not JSON in UTF-8"),
        (
            #"{"method":"a.B","parameters":{"a":"# + String(repeating: "[", count: 70)
                + String(repeating: "]", count: 70) + "}}", "nested more than 64 deep"
        ),
        (#"{"method":"a.B","parameters":{"a":1e9999}}"#, "not JSON in UTF-8"),
    ]

    @Test("what is no call is answered with what is wrong with it, and ends the connection")
    func malformedCalls() throws {
        let test = try TestServer()
        defer { test.stop() }
        let other = try test.client()
        for (message, reason) in Self.malformed {
            let connection = try RawConnection(test.path)
            connection.send(call("Add", #"{"left":1,"right":2}"#))
            connection.send(message)
            connection.send(call("Add", #"{"left":3,"right":4}"#))
            let error =
                #"{"error":"org.example.Connection.MalformedCall","parameters":{"reason":"\#(reason)"}}"#
            #expect(connection.receiveAll() == [#"{"parameters":{"sum":3}}"#, error])
            let sum: Sum = try other.call("org.example.test.Add", Terms(left: 1, right: 1))
            #expect(sum.sum == 2)
        }
        #expect(test.server.counts.faultyConnectionsTotal == UInt64(Self.malformed.count))
    }

    @Test("bytes that are no UTF-8 are no call")
    func notUTF8() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        connection.send(
            Array(#"{"method":"a.B","parameters":{"a":""#.utf8) + [0xc0, 0x80] + Array("\"}}".utf8)
                + [0])
        #expect(connection.receiveAll().first?.contains("not JSON in UTF-8") == true)
    }

    @Test("a call that ends in its middle is told, and so is one that is too long")
    func lengths() throws {
        var limits = VarlinkLimits()
        limits.callBytes = 100_000
        let test = try TestServer(limits)
        defer { test.stop() }
        let cut = try RawConnection(test.path)
        cut.send(Array(#"{"method":"org.exam"#.utf8))
        cut.endSending()
        #expect(
            cut.receiveAll() == [
                #"{"error":"org.example.Connection.MalformedCall","parameters":{"reason":"the client has ended in the middle of a call"}}"#
            ])
        let tooLarge =
            #"{"error":"org.example.Connection.CallTooLarge","parameters":{"limit_bytes":100000}}"#
        for count in [100_001, 3_000_000] {
            let long = try RawConnection(test.path)
            #expect(long.send([UInt8](repeating: 0x20, count: count)) == count)
            #expect(long.receiveAll() == [tooLarge])
        }
        // The longest that is taken.
        let frame = call("Take", #"{"text":""}"#)
        let text = String(repeating: "x", count: 100_000 - frame.utf8.count)
        let fitting = try RawConnection(test.path)
        fitting.send(call("Take", #"{"text":"\#(text)"}"#))
        #expect(fitting.receive() == #"{"parameters":{"count":\#(text.utf8.count)}}"#)
        fitting.send(call("Take", #"{"text":"\#(text)x"}"#))
        #expect(fitting.receiveAll() == [tooLarge])
        #expect(waitUntil { test.server.counts.heldBytes == 0 })
    }

    @Test("damaged calls in any pieces have no effect on others, and each connection ends")
    func damagedCalls() throws {
        let test = try TestServer()
        defer { test.stop() }
        let witness = try test.client()
        let faults = ModelSeeds(usualSeconds: 4).run("varlink damage", atATime: 1) { seed in
            var random = SeededGenerator(seed: seed)
            let connection = try RawConnection(test.path)
            connection.send(Self.damaged(&random))
            connection.endSending()
            let replies = connection.receiveAll()
            var reader = JSONReader()
            var faults: [String] = []
            for reply in replies {
                let value = try reader.read(Array(reply.utf8))
                _ = try ReplyMessage(value)
            }
            let sum: Sum = try VarlinkClient(path: test.path).call(
                "org.example.test.Add", Terms(left: 1, right: 1))
            if sum.sum != 2 { faults.append("another client got \(sum.sum)") }
            return faults
        }
        #expect(faults.isEmpty)
        let sum: Sum = try witness.call("org.example.test.Add", Terms(left: 1, right: 1))
        #expect(sum.sum == 2)
        #expect(
            waitUntil { test.server.counts.connections == 1 && test.server.counts.heldBytes == 0 })
    }

    /// Some calls, with bytes changed, left out, doubled or cut off.
    private static func damaged(_ random: inout SeededGenerator) -> [UInt8] {
        let calls = [
            call("Add", #"{"left":1,"right":2}"#),
            call("Echo", #"{"text":"\u00e9","places":[{"line":1}],"any":{"a":[[[1e5]]]}}"#),
            call("Count", #"{"to":5}"#, #","more":true"#),
            call("Take", #"{"text":"x"}"#, #","oneway":true"#),
            #"{"method":"org.varlink.service.GetInfo"}"#,
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            bytes += (calls.randomElement(using: &random) ?? "").utf8
            bytes.append(0)
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(0, at: place)
            case 3: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}

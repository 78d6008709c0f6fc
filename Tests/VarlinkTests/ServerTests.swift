// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@testable import Varlink

/// What a server answers.
@Suite struct ServerTests {
    @Test("a service says who it is, and gives its interfaces as they were written")
    func standardInterface() throws {
        struct Info: Codable { var vendor, product, version, url: String; var interfaces: [String] }
        struct Name: Codable { var interface: String }
        struct Description: Codable { var description: String }
        let test = try TestServer()
        defer { test.stop() }
        let client = try test.client()
        let info: Info = try client.call("org.varlink.service.GetInfo")
        #expect(info.vendor == "Example" && info.url == "https://example.org")
        #expect(
            info.interfaces == [
                "org.example.Connection", "org.example.test", "org.varlink.service",
            ])
        for name in info.interfaces {
            let text: Description = try client.call(
                "org.varlink.service.GetInterfaceDescription", Name(interface: name))
            #expect(try VarlinkInterface(text.description).name == name)
            if name == "org.example.test" { #expect(text.description == testInterface) }
        }
        #expect(throws: VarlinkClientError.reply(.interfaceNotFound("a.b"))) {
            let _: Description = try client.call(
                "org.varlink.service.GetInterfaceDescription", Name(interface: "a.b"))
        }
    }

    /// Calls, and the error that each is answered with.
    private static let refusals: [(String, String)] = [
        (
            #"{"method":"a.b.C"}"#,
            #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"a.b"}}"#
        ),
        (
            #"{"method":"nodot"}"#,
            #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":""}}"#
        ),
        (
            call("Lost"),
            #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"org.example.test.Lost"}}"#
        ),
        (
            call("Unserved"),
            #"{"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"org.example.test.Unserved"}}"#
        ),
        (
            call("Add", #"{"left":1}"#),
            #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"right"}}"#
        ),
        (
            call("Add", #"{"left":1,"right":2,"middle":3}"#),
            #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"middle"}}"#
        ),
        (
            // The interface allows it, the handler's type does not.
            call("Small", #"{"number":128}"#),
            #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"parameters"}}"#
        ),
        (
            call("Count", #"{"to":3}"#),
            #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#
        ),
        (
            call("Break", #"{"reason":"denied"}"#),
            #"{"error":"org.varlink.service.PermissionDenied","parameters":{}}"#
        ),
        (
            call("Break", #"{"reason":"rust"}"#),
            #"{"error":"org.example.test.Broken","parameters":{"reason":"rust"}}"#
        ),
        (
            call("Break", #"{"reason":"other"}"#),
            #"{"error":"org.example.Connection.CallFailed","parameters":{"reason":"no such disk"}}"#
        ),
        (
            call("Undeclared"),
            #"{"error":"org.example.Connection.CallFailed","parameters":{"reason":"the reply of org.example.test.Undeclared is not as declared at 'text'"}}"#
        ),
        (
            call("Add", #"{"left":1,"right":2}"#, #","upgrade":true"#),
            #"{"error":"org.example.Connection.UpgradeNotSupported","parameters":{"method":"org.example.test.Add"}}"#
        ),
    ]

    @Test("a call that cannot be done is answered with its error, and the next one is done")
    func refusals() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        for (message, reply) in Self.refusals {
            connection.send(message)
            #expect(connection.receive() == reply)
            connection.send(call("Add", #"{"left":1,"right":2}"#))
            #expect(connection.receive() == #"{"parameters":{"sum":3}}"#)
        }
    }

    @Test("a handler is told the caller's process, user and groups")
    func peer() throws {
        let test = try TestServer()
        defer { test.stop() }
        let peer: Peer = try test.client().call("org.example.test.Peer")
        var groups = [gid_t](repeating: 0, count: 4096)
        let count = getgroups(Int32(groups.count), &groups)
        #expect(
            peer
                == Peer(
                    process: getpid(), user: getuid(), group: getgid(),
                    groups: Array(groups.prefix(Int(max(0, count))))))
    }

    @Test("a group is a caller's when it is its first or one of the others")
    func groups() {
        let peer = PeerCredentials(
            processID: 1, userID: 5, groupID: 10, supplementaryGroups: [20, 30])
        #expect([5, 10, 20, 30, 40].map(peer.isMember) == [false, true, true, true, false])
    }

    @Test("values of all types pass through as they are")
    func allTypes() throws {
        let test = try TestServer()
        defer { test.stop() }
        let sent = JSONValue.object([
            "text": .string("\u{1F514}\u{0}"), "number": .integer(.min), "share": .double(0.25),
            "level": .string("high"), "any": .object(["x": .array([.null, .bool(true)])]),
            "places": .array([.object(["line": .integer(1), "column": .null])]),
            "words": .object(["": .string("")]),
        ])
        let came: JSONValue = try test.client().call("org.example.test.Echo", sent)
        #expect(came == sent)
    }

    @Test("a oneway call is done without a reply, even a wrong one")
    func oneway() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        connection.send(call("Take", #"{"text":"a"}"#, #","oneway":true"#))
        connection.send(call("Take", #"{"txt":"a"}"#, #","oneway":true"#))
        connection.send(call("Lost", "{}", #","oneway":true"#))
        connection.send(call("Add", #"{"left":1,"right":2}"#))
        #expect(connection.receive() == #"{"parameters":{"sum":3}}"#)
        #expect(test.taken.withLock { $0 } == ["a"])
        try test.client().callOneway("org.example.test.Take", Text(text: "b"))
        // The client that sent it is gone.
        #expect(waitUntil { test.taken.withLock { $0 } == ["a", "b"] })
    }

    @Test("a client that ends its sending gets the replies that are due")
    func halfClosed() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        for number in 0..<50 { connection.send(call("Add", #"{"left":\#(number),"right":0}"#)) }
        connection.endSending()
        #expect(
            connection.receiveAll() == (0..<50).map { #"{"parameters":{"sum":\#($0)}}"# })
        #expect(waitUntil { test.server.counts.connections == 0 })
    }

    @Test("a handler that takes long holds up its own connection and no other")
    func slowHandler() throws {
        let test = try TestServer()
        defer { test.stop() }
        let slow = try RawConnection(test.path)
        slow.send(call("Wait"))
        slow.send(call("Add", #"{"left":1,"right":2}"#))
        #expect(waitUntil { test.server.counts.openCalls == 1 })
        let sum: Sum = try test.client().call("org.example.test.Add", Terms(left: 3, right: 4))
        #expect(sum.sum == 7)
        test.gate.signal()
        #expect(slow.receive() == #"{"parameters":{}}"#)
        #expect(slow.receive() == #"{"parameters":{"sum":3}}"#)
    }

    @Test("a stopped server lets the handler that runs answer, and leaves no file")
    func stopping() throws {
        let test = try TestServer()
        let connection = try RawConnection(test.path)
        connection.send(call("Wait"))
        #expect(waitUntil { test.server.counts.openCalls == 1 })
        let stopped = DispatchSemaphore(value: 0)
        Thread {
            test.stop()
            stopped.signal()
        }.start()
        #expect(waitUntil { access(test.path, F_OK) != 0 })
        test.gate.signal()
        #expect(connection.receiveAll() == [#"{"parameters":{}}"#])
        stopped.wait()
        #expect(test.server.counts.connections == 0 && test.server.counts.heldBytes == 0)
    }

    @Test("a call takes well under a millisecond there and back")
    func roundTripTime() throws {
        let test = try TestServer()
        defer { test.stop() }
        let client = try test.client()
        let rounds = 500
        var times: [Duration] = []
        for number in 0..<rounds {
            let start = ContinuousClock.now
            let sum: Sum = try client.call("org.example.test.Add", Terms(left: number, right: 1))
            times.append(.now - start)
            #expect(sum.sum == number + 1)
        }
        let median = times.sorted()[rounds / 2]
        print("varlink: a call takes \(median) (median of \(rounds))")
        // Of a debug build beside all the other tests.
        #expect(median < .milliseconds(20))
    }
}

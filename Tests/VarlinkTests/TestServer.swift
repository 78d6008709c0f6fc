// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import TestSupport

@testable import Varlink

/// What a service of the tests looks like.
let testInterface = """
    # For tests.
    interface org.example.test

    type Level (low, high)
    type Place (line: int, column: ?int)

    method Echo(
      text: string,
      number: ?int,
      share: ?float,
      level: ?Level,
      any: ?object,
      places: ?[]Place,
      words: ?[string]string
    ) -> (
      text: string,
      number: ?int,
      share: ?float,
      level: ?Level,
      any: ?object,
      places: ?[]Place,
      words: ?[string]string
    )
    method Add(left: int, right: int) -> (sum: int)
    method Small(number: int) -> (number: int)
    method Peer() -> (process: int, user: int, group: int, groups: []int)
    method Take(text: string) -> (count: int)
    method Break(reason: string) -> ()
    method Undeclared() -> (text: string)
    method Unserved() -> ()
    method Wait() -> ()
    # Answers with the numbers from 1 on, with 'more'.
    method Count(to: int) -> (number: int)
    # Answers with what the test sends, with 'more'.
    method Follow() -> (text: string)

    error Broken (reason: string)
    """

struct Sum: Codable, Equatable { var sum: Int }
struct Terms: Codable { var left: Int, right: Int }
struct SmallNumber: Codable { var number: Int8 }
struct Number: Codable, Equatable { var number: Int }
struct Goal: Codable { var to: Int }
struct Text: Codable, Equatable { var text: String }
struct TextCount: Codable, Equatable { var count: Int }
struct Reason: Codable { var reason: String }
struct Peer: Codable, Equatable {
    var process: Int32
    var user: UInt32
    var group: UInt32
    var groups: [UInt32]
}

/// A server of that interface in a directory of its own.
final class TestServer: Sendable {
    let scratch: Scratch
    let path: String
    let server: VarlinkServer
    /// The streams of `Follow`, in the order of their calls.
    let followers = Mutex<[VarlinkReplyStream<Text>]>([])
    /// What oneway calls of `Take` brought.
    let taken = Mutex<[String]>([])
    /// Lets calls of `Wait` go on, one each.
    let gate = DispatchSemaphore(value: 0)
    private let box: Box

    private final class Box: Sendable {
        let server = Mutex<TestServer?>(nil)
    }

    init(_ limits: VarlinkLimits = .init()) throws {
        scratch = try Scratch()
        path = "\(scratch.path)/socket"
        box = Box()
        var service = VarlinkService(
            VarlinkServiceInfo(
                vendor: "Example", product: "Test", version: "1", url: "https://example.org",
                domain: "org.example"))
        try service.add(interface: testInterface)
        Self.addHandlers(to: &service, box)
        server = try VarlinkServer(service, at: .path(path), limits: limits)
        box.server.withLock { $0 = self }
    }

    /// Ends the server and its streams.
    func stop() {
        followers.withLock { $0 = [] }
        server.stop()
        box.server.withLock { $0 = nil }
    }

    func client() throws -> VarlinkClient { try VarlinkClient(path: path) }

    private static func addHandlers(to service: inout VarlinkService, _ box: Box) {
        let test = { @Sendable in box.server.withLock { $0 } }
        service.handle("org.example.test.Echo") { (call, _: JSONValue) in
            JSONValue.object(call.parameters)
        }
        service.handle("org.example.test.Add") { (_, terms: Terms) in
            Sum(sum: terms.left &+ terms.right)
        }
        service.handle("org.example.test.Small") { (_, number: SmallNumber) in number }
        service.handle("org.example.test.Peer") { (call, _: NoParameters) in
            Peer(
                process: call.peer.processID, user: call.peer.userID, group: call.peer.groupID,
                groups: call.peer.supplementaryGroups)
        }
        service.handle("org.example.test.Take") { (call, text: Text) in
            if call.isOneway { test()?.taken.withLock { $0.append(text.text) } }
            return TextCount(count: text.text.utf8.count)
        }
        service.handle("org.example.test.Break") { (_, reason: Reason) -> NoParameters in
            if reason.reason == "denied" { throw VarlinkError.permissionDenied }
            if reason.reason == "other" { throw TestFault(description: "no such disk") }
            throw VarlinkError("org.example.test.Broken", ["reason": .string(reason.reason)])
        }
        service.handle("org.example.test.Undeclared") { (_, _: NoParameters) in Sum(sum: 1) }
        service.handle("org.example.test.Wait") { (_, _: NoParameters) in
            test()?.gate.wait()
            return NoParameters()
        }
        service.stream("org.example.test.Count") {
            (_, goal: Goal, stream: VarlinkReplyStream<Number>) in
            guard goal.to > 0 else {
                throw VarlinkError("org.example.test.Broken", ["reason": .string("no goal")])
            }
            for number in 1..<goal.to { _ = try stream.send(Number(number: number)) }
            try stream.finish(Number(number: goal.to))
        }
        service.stream("org.example.test.Follow") {
            (_, _: NoParameters, stream: VarlinkReplyStream<Text>) in
            test()?.followers.withLock { $0.append(stream) }
        }
    }
}

/// Waits until a fact holds; false when it does not within a minute.
func waitUntil(_ fact: () throws -> Bool) rethrows -> Bool {
    let end = Date() + 60
    while Date() < end {
        if try fact() { return true }
        usleep(500)
    }
    return false
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Varlink

/// Many calls at once, in pieces of any size, against what they must be answered with.
@Suite struct PipelineTests {
    @Test("calls in a pipeline are answered in their order, whatever the pieces they come in")
    func pipelines() throws {
        let test = try TestServer()
        defer { test.stop() }
        let faults = ModelSeeds(usualSeconds: 4).run("varlink pipelines", atATime: 3) { seed in
            var random = SeededGenerator(seed: seed)
            var bytes: [UInt8] = []
            var expected: [String] = []
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let (message, replies) = Self.randomCall(&random)
                bytes += Array(message.utf8) + [0]
                expected += replies
            }
            let connection = try RawConnection(test.path)
            let isReadMeanwhile = Bool.random(using: &random)
            var came: [String] = []
            var start = 0
            while start < bytes.count {
                let most = [3, 100, 5000].randomElement(using: &random) ?? 1
                let count = min(bytes.count - start, Int.random(in: 1...most, using: &random))
                connection.send(Array(bytes[start..<(start + count)]))
                start += count
                if isReadMeanwhile, came.count < expected.count, start > bytes.count / 2,
                    Bool.random(using: &random), came.count < Self.repliesOf(bytes[..<start])
                {
                    came += connection.receive().map { [$0] } ?? []
                }
            }
            connection.endSending()
            came += connection.receiveAll()
            return came == expected ? [] : ["\(came.count) replies for \(expected.count)"]
        }
        #expect(faults.isEmpty)
        #expect(waitUntil { test.server.counts.connections == 0 })
    }

    /// How many replies are sure to come for what was sent: one for each whole call that is not
    /// oneway.
    private static func repliesOf(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.split(separator: 0).dropLast().count {
            !String(decoding: $0, as: UTF8.self).contains("oneway")
        }
    }

    private static func randomCall(_ random: inout SeededGenerator) -> (String, [String]) {
        let number = Int.random(in: -1000...1000, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            return (
                call("Add", #"{"left":\#(number),"right":1}"#),
                [#"{"parameters":{"sum":\#(number + 1)}}"#]
            )
        case 1:
            let to = Int.random(in: 1...20, using: &random)
            return (
                call("Count", #"{"to":\#(to)}"#, #","more":true"#),
                (1...to).map {
                    #"{"parameters":{"number":\#($0)}\#($0 < to ? #","continues":true"# : "")}"#
                }
            )
        case 2:
            return (call("Take", #"{"text":"\#(number)"}"#, #","oneway":true"#), [])
        case 3:
            return (
                call("Add", #"{"left":\#(number)}"#),
                [
                    #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"right"}}"#
                ]
            )
        default:
            let text = String(repeating: "y", count: Int.random(in: 0...9000, using: &random))
            return (
                call("Echo", #"{"text":"\#(text)"}"#), [#"{"parameters":{"text":"\#(text)"}}"#]
            )
        }
    }

    @Test("a client that sends calls and reads nothing waits, and gets all replies when it reads")
    func unreadReplies() throws {
        let test = try TestServer()
        defer { test.stop() }
        let connection = try RawConnection(test.path)
        let text = String(repeating: "z", count: 5000)
        let message = Array(call("Echo", #"{"text":"\#(text)"}"#).utf8) + [0]
        let total = 2000
        let sender = DispatchSemaphore(value: 0)
        let writer = connection.descriptor
        Thread {
            var all: [UInt8] = []
            for _ in 0..<total { all += message }
            sendAll(all, to: writer)
            sender.signal()
        }.start()
        // Its calls wait: what is kept for it stops growing below two calls and a reply.
        #expect(waitUntil { test.server.counts.heldBytes > 1 << 20 })
        #expect(test.server.counts.heldBytes < 1200 << 10)
        for _ in 0..<total {
            #expect(connection.receive() == #"{"parameters":{"text":"\#(text)"}}"#)
        }
        sender.wait()
    }
}

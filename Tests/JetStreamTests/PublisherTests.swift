// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import JetStream

/// Why the tests with a real server cannot run here.
let noServer = NatsServer.obstacle
let noServerComment = Comment(rawValue: "real nats-server: \(noServer ?? "")")

/// Stream settings that Tocsin does not set itself.
struct WiderStream: Encodable {
    var base: StreamConfiguration
    var max_bytes = -1
    var duplicate_window = 120_000_000_000
    var num_replicas = 1

    func encode(to encoder: any Encoder) throws {
        try base.encode(to: encoder)
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(max_bytes, forKey: .max_bytes)
        try values.encode(duplicate_window, forKey: .duplicate_window)
        try values.encode(num_replicas, forKey: .num_replicas)
    }

    private enum Key: CodingKey { case max_bytes, duplicate_window, num_replicas }
}

struct Ignored: Decodable {}

let once = StreamConfiguration.ofOnce(name: "reports", subject: "t.report.>")

func message(_ id: String, line: String? = nil, bytes: Int = 8) -> StreamMessage {
    StreamMessage(
        subject: "t.report.h.\(id)", line: line, headers: ["Nats-Msg-Id": id],
        body: Array(repeating: 0x78, count: bytes))
}

/// What an outbox does: publishes what is not held yet, in its order, until all is.
func publishAll(
    _ messages: [StreamMessage], _ publisher: StreamPublisher, patienceSeconds: Double = 60
) throws -> [StreamError] {
    var troubles: [StreamError] = []
    var left = messages[...]
    let deadline = Date() + patienceSeconds
    while !left.isEmpty {
        let result = publisher.publish(Array(left.prefix(64)))
        left = left.dropFirst(result.heldPrefix)
        guard let trouble = result.trouble else { continue }
        troubles.append(trouble)
        guard Date() < deadline else { throw trouble }
        usleep(20_000)
    }
    return troubles
}

@Suite("The stream publisher", .enabled(if: noServer == nil, noServerComment))
struct PublisherTests {
    private let server: NatsServer
    private var settings: NatsSettings { NatsSettings(urls: [server.url]) }

    init() throws { server = try NatsServer() }

    private func subjects() throws -> [String] {
        try StreamContents.messages(of: "reports", settings).map {
            String($0.subject.split(separator: ".").last ?? "")
        }
    }

    @Test("makes the stream, and puts each message into it once")
    func plain() throws {
        let publisher = StreamPublisher(settings, stream: once)
        let messages = (0..<100).map { message("m\($0)", line: "l\($0 % 7)") }
        for _ in 0..<3 {
            #expect(
                publisher.publish(messages)
                    == PublishResult(isHeld: Array(repeating: true, count: 100), trouble: nil))
        }
        #expect(try Set(subjects()) == Set((0..<100).map { "m\($0)" }))
        #expect(try subjects().count == 100)
        let first = try #require(try StreamContents.messages(of: "reports", settings).first)
        #expect(first.headers == ["Nats-Msg-Id": "m0"])
        #expect(first.body == Array(repeating: 0x78, count: 8))
    }

    @Test("a message is held once also when the server has forgotten its id")
    func afterTheWindow() throws {
        let connection = try NatsConnection(settings)
        let _: Ignored = try connection.call(
            "STREAM.CREATE.reports", WiderStream(base: once, duplicate_window: 100_000_000),
            about: "reports")
        let publisher = StreamPublisher(settings, stream: once)
        #expect(publisher.publish([message("a")]).isHeld == [true])
        usleep(300_000)
        #expect(publisher.publish([message("a"), message("b")]).isHeld == [true, true])
        #expect(try subjects() == ["a", "b"])
    }

    @Test("a full stream refuses what is new and says that it holds the rest; then there is room")
    func full() throws {
        let connection = try NatsConnection(settings)
        let _: Ignored = try connection.call(
            "STREAM.CREATE.reports", WiderStream(base: once, max_bytes: 10_000), about: "reports")
        let publisher = StreamPublisher(settings, stream: once)
        let messages = (0..<30).map { message("m\($0)", line: "one", bytes: 1_000) }
        let result = publisher.publish(messages)
        #expect(result.heldPrefix > 4 && result.heldPrefix < 10)
        // Of the line, none overtakes the one that found no room.
        #expect(result.isHeld.filter { $0 }.count == result.heldPrefix)
        #expect(
            result.trouble?.description
                == "\(server.url): stream reports does not take t.report.h.m\(result.heldPrefix): "
                + "maximum bytes exceeded")
        #expect(publisher.publish(Array(messages.prefix(3))).isHeld == [true, true, true])
        let _: Ignored = try connection.call(
            "STREAM.UPDATE.reports", WiderStream(base: once, max_bytes: 1_000_000),
            about: "reports")
        #expect(try publishAll(messages, publisher) == [])
        #expect(try subjects() == (0..<30).map { "m\($0)" })
    }

    @Test("a stream with other settings is told, not changed")
    func otherSettings() throws {
        let connection = try NatsConnection(settings)
        var other = once
        other.discardsNewPerSubject = false
        other.discard = "old"
        let _: Ignored = try connection.call("STREAM.CREATE.reports", other, about: "reports")
        let result = StreamPublisher(settings, stream: once).publish([message("a")])
        #expect(result.isHeld == [false])
        #expect(
            result.trouble?.description
                == "\(server.url): the stream reports must have discard new, "
                + "discard-per-subject true; change it with `nats stream edit`, or make one with "
                + "`nats stream add reports --subjects 't.report.>' --storage file --retention "
                + "limits --discard new --max-msgs-per-subject 1 --discard-per-subject --defaults`")
        #expect(try connection.stream("reports") == other)
    }

    @Test("a server that is away is told within its time, and used when it is back")
    func away() throws {
        server.stop()
        let publisher = StreamPublisher(settings, stream: once)
        let result = publisher.publish([message("a")])
        #expect(result.isHeld == [false])
        #expect(result.trouble?.kind == .unreachable)
        #expect(result.trouble?.description.hasPrefix("\(server.url): cannot connect") == true)
        try server.start()
        #expect(try publishAll([message("a")], publisher).count < 20)
        #expect(try subjects() == ["a"])
    }

    @Test("a message too large for the server is refused, and what follows is not")
    func tooLarge() throws {
        let publisher = StreamPublisher(settings, stream: once)
        let bytesMax = try publisher.prepare()
        #expect(bytesMax == 1 << 20)
        let result = publisher.publish([message("big", bytes: bytesMax + 1)])
        #expect(result.isHeld == [false])
        #expect(publisher.publish([message("a")]).isHeld == [true])
    }

    @Test(
        "killed and started again at random under load, the server has each once, lines in order",
        arguments: [1, 2, 3] as [UInt64])
    func killed(seed: UInt64) throws {
        print("stream publisher, server killed: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let messages = (0..<4_000).map {
            message("m\($0)", line: "l\(Int.random(in: 0..<40, using: &random))")
        }
        let isDone = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        let pauses = (0..<1000).map { _ in UInt32.random(in: 20_000...200_000, using: &random) }
        let server = server
        Thread.detachNewThread {
            for pause in pauses where isDone.wait(timeout: .now()) == .timedOut {
                usleep(pause)
                try? server.restart()
            }
            ended.signal()
        }
        let publisher = StreamPublisher(settings, stream: once, patienceMilliseconds: 1_000)
        let troubles = try publishAll(messages, publisher)
        for _ in pauses { isDone.signal() }
        ended.wait()
        #expect(!troubles.isEmpty)
        try expectEachOnceInOrder(messages)
    }

    private func expectEachOnceInOrder(_ messages: [StreamMessage]) throws {
        let held = try StreamContents.messages(of: "reports", settings).map(\.subject)
        #expect(held.count == messages.count)
        #expect(Set(held) == Set(messages.map(\.subject)))
        let lines = Dictionary(uniqueKeysWithValues: messages.map { ($0.subject, $0.line) })
        func byLine(_ subjects: [String]) -> [String?: [String]] {
            Dictionary(grouping: subjects) { lines[$0] ?? nil }
        }
        #expect(byLine(held) == byLine(messages.map(\.subject)))
    }
}

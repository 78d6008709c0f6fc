// SPDX-License-Identifier: Apache-2.0
import Foundation
import JetStream
import Synchronization
import TestSupport
import Testing

@testable import Reports

private let noServer = NatsServer.obstacle
private let noServerComment = Comment(rawValue: "real nats-server: \(noServer ?? "")")

@Suite("The stream as a sink", .enabled(if: noServer == nil, noServerComment))
struct StreamSinkTests {
    private final class Fixture: Sendable {
        let scratch: Scratch
        let store: ReportStore
        let server: NatsServer
        let events = Mutex<[String]>([])

        init() throws {
            scratch = try Scratch()
            store = try ReportStore(directory: scratch.path)
            server = try NatsServer()
        }

        var settings: NatsSettings { NatsSettings(urls: [server.url]) }

        /// A loop as a new process would make it.
        func loop() -> DeliveryLoop {
            DeliveryLoop(
                store: store,
                sink: StreamSink(settings, stream: "tocsin", subject: "t.x", host: "gpu-7.example"),
                batch: 256
            ) { event in
                self.events.withLock { $0.append("\(event)") }
            }
        }

        func findingLoop() -> FindingLoop {
            FindingLoop(store: store, settings, stream: "tocsin", subject: "t.x") { event in
                self.events.withLock { $0.append("\(event)") }
            }
        }

        func commit(_ reports: [Report], findings: [StoredFinding] = []) throws {
            var batch = CommitBatch(
                reports: reports.map {
                    PendingReport(report: $0, turnDigest: [], isHistory: false)
                })
            batch.memory.findings = findings
            try store.commit(batch, sinks: ["nats"], findingsOf: "gpu-7", now: 0)
        }

        /// Runs rounds until nothing is due, whatever time it is said to be.
        func deliver(_ loop: any DeliveryRounds) {
            var now = 0
            for _ in 0..<100_000 {
                guard let next = loop.round(now: now).nextAt else { return }
                now = max(now, next)
            }
        }

        func counts() throws -> [Int] {
            let counts = try store.deliveryCounts(sink: "nats")
            return [counts.pending, counts.sent, counts.confirmed]
        }
    }

    private static func report(_ number: Int, conversation: String? = nil) -> Report {
        var report = sample(record: "r-\(number)")
        report.conversation = conversation
        return report
    }

    @Test("reports are in the stream once, as JSON, and confirmed when they are")
    func plain() throws {
        let fixture = try Fixture()
        let reports = (0..<600).map { Self.report($0, conversation: "c\($0 % 5)") }
        try fixture.commit(reports)
        fixture.deliver(fixture.loop())
        #expect(try fixture.counts() == [0, 0, 600])
        let messages = try StreamContents.messages(of: "tocsin", fixture.settings)
        #expect(messages.count == 600)
        let first = try #require(messages.first)
        #expect(first.subject == "t.x.report.gpu-7_example.\(reports[0].id)")
        #expect(first.headers == ["Nats-Msg-Id": reports[0].id])
        for conversation in 0..<5 {
            let expected = reports.filter { $0.conversation == "c\(conversation)" }.map(\.json)
            #expect(messages.map(\.text).filter { Set(expected).contains($0) } == expected)
        }
        #expect(fixture.events.withLock { $0 } == [])
    }

    @Test("what an earlier process sent without noting it is not doubled")
    func earlierProcess() throws {
        let fixture = try Fixture()
        let reports = (0..<10).map { Self.report($0) }
        try fixture.commit(reports)
        let sink = StreamSink(
            fixture.settings, stream: "tocsin", subject: "t.x", host: "gpu-7.example")
        let pending = try fixture.store.pendingDeliveries(sink: "nats", limit: 6)
        #expect(sink.send(pending) == .sent)
        // Of some it had noted the sending, of some nothing.
        try fixture.store.markSent(Array(1...3), sink: "nats", now: 0)
        fixture.deliver(fixture.loop())
        #expect(try fixture.counts() == [0, 0, 10])
        #expect(try StreamContents.count(of: "tocsin", fixture.settings) == 10)
    }

    @Test("a server that is away is told once; reports wait and arrive in order")
    func away() throws {
        let fixture = try Fixture()
        fixture.server.stop()
        let loop = fixture.loop()
        let reports = (0..<300).map { Self.report($0, conversation: "c") }
        try fixture.commit(Array(reports.prefix(100)))
        var now = 0
        // An hour, in steps as long as the loop's longest pause.
        for _ in 0..<720 {
            _ = loop.round(now: now)
            now += 5_000
        }
        try fixture.commit(Array(reports.dropFirst(100)))
        try fixture.server.start()
        fixture.deliver(loop)
        #expect(try fixture.counts() == [0, 0, 300])
        let held = try StreamContents.messages(of: "tocsin", fixture.settings).map(\.text)
        #expect(held == reports.map(\.json))
        let events = fixture.events.withLock { $0 }
        #expect(events.count == 2)
        #expect(events.first?.contains("cannot connect") == true)
        #expect(events.last == "available")
    }

    @Test("a report larger than the server takes is told by what identifies it")
    func tooLarge() throws {
        let fixture = try Fixture()
        fixture.server.stop()
        try fixture.server.configure("max_payload: 4096")
        try fixture.server.start()
        let large = sample(record: "large", text: String(repeating: "a", count: 8_000))
        try fixture.commit([Self.report(1), large, Self.report(2)])
        fixture.deliver(fixture.loop())
        #expect(try fixture.counts() == [0, 0, 3])
        let messages = try StreamContents.messages(of: "tocsin", fixture.settings)
        let outline = try #require(messages.first { $0.headers["Nats-Msg-Id"] == large.id })
        #expect(outline.headers["Tocsin-Omitted-Bytes"] == "\(large.json.utf8.count)")
        #expect(
            outline.text
                == #"{"id":"\#(large.id)","kind":"detection","level":"high","version":2}"#)
    }

    @Test("findings go out bare and once, and leave the outbox")
    func findings() throws {
        let fixture = try Fixture()
        let place = try #require(sample().position)
        let findings = (0..<1_000).map { number in
            StoredFinding(
                rule: "rule", event: "event\(number)", timeMilliseconds: 1_770_091_500_000,
                fields: [
                    StoredFinding.Field(name: "user.id", value: .text("actor\(number % 50)")),
                    StoredFinding.Field(name: "tokens", value: .number(7)),
                ], position: place)
        }
        try fixture.commit([], findings: findings)
        // A finding that is stored already is not owed again.
        try fixture.commit([], findings: findings)
        #expect(try fixture.store.pendingFindings(limit: 10_000).count == 1_000)
        fixture.deliver(fixture.findingLoop())
        #expect(try fixture.store.pendingFindings(limit: 10_000) == [])
        let messages = try StreamContents.messages(of: "tocsin-findings", fixture.settings)
        #expect(messages.count == 1_000)
        var partitions: [String: Set<String>] = [:]
        for message in messages {
            let finding = try #require(PublishedFinding(json: message.body))
            #expect(message.subject == FindingLoop.subject("t.x", finding))
            let actor = finding.fields.first { $0.name == "user.id" }
            partitions["\(String(describing: actor?.value))", default: []]
                .insert(String(message.subject.split(separator: ".")[3]))
        }
        #expect(partitions.count == 50)
        #expect(partitions.values.allSatisfy { $0.count == 1 })
        #expect(Set(partitions.values.flatMap { $0 }).count > 8)
        let one = try #require(messages.first)
        let read = try #require(PublishedFinding(json: one.body))
        let number = try #require(Int(read.event.dropFirst(5)))
        #expect(read == PublishedFinding(findings[number], host: "gpu-7"))
    }

    @Test("findings wait in the store for a server that is away, and count to the store's size")
    func findingsAway() throws {
        let fixture = try Fixture()
        fixture.server.stop()
        let place = try #require(sample().position)
        let findings = (0..<5_000).map {
            StoredFinding(
                rule: "rule", event: "event\($0)", timeMilliseconds: 1_770_091_500_000, fields: [],
                position: place)
        }
        let empty = try fixture.store.usedBytes()
        try fixture.commit([], findings: findings)
        let loop = fixture.findingLoop()
        #expect(loop.round(now: 0).sent == FindingLoop.batch)
        #expect(try fixture.store.pendingFindingCount() == 5_000)
        // What the alarm of a store near its limit looks at.
        let limits = RetentionLimits(sizeBytes: empty)
        let outcome = try fixture.store.applyRetention(limits, now: 1)
        #expect(outcome.dropped == 0)
        #expect(outcome.usedBytes > limits.sizeBytes)
        #expect(try fixture.store.pendingFindingCount() == 5_000)
        try fixture.server.start()
        fixture.deliver(loop)
        #expect(try fixture.store.pendingFindingCount() == 0)
        #expect(try StreamContents.messages(of: "tocsin-findings", fixture.settings).count == 5_000)
        #expect(try fixture.store.usedBytes() < outcome.usedBytes)
    }

    @Test("some thousand reports a second")
    func rate() throws {
        let fixture = try Fixture()
        try fixture.commit((0..<4_000).map { Self.report($0, conversation: "c\($0 % 40)") })
        let loop = fixture.loop()
        let start = Date()
        fixture.deliver(loop)
        let seconds = Date().timeIntervalSince(start)
        print("stream: \(Int(4_000 / seconds)) reports a second")
        #expect(try fixture.counts() == [0, 0, 4_000])
        #expect(seconds < 30)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Correlation
import JetStream
import Reports
import TestSupport
import Testing

@testable import Fleet
@testable import Sigma

/// A worker ends at any message, and another goes on from what was stored and what is in the
/// stream of reports: what they report is what one that ran on reports.
@Suite("The partition worker") struct PartitionWorkerTests {
    private enum Item {
        case finding(PublishedFinding)
        case mark(Int)
    }

    private struct Program {
        let plan: CorrelationPlan
        var messages: [(item: Item, place: MessagePlace)] = []
    }

    private static let lateness = 30

    private static func rule(
        _ id: String, _ kind: CorrelationRule.Kind, of rules: [String], seconds: Int,
        atLeast: Double
    ) -> CorrelationRule {
        CorrelationRule(
            id: id, name: nil, title: id, level: .medium, tags: [], version: nil,
            suppression: nil, kind: kind, rules: rules, groupBy: ["user.id"], aliases: [:],
            timespanSeconds: seconds,
            condition: .bounds([
                CorrelationRule.Bound(ordering: .greaterOrEqual, value: atLeast)
            ]), generate: true, tests: [],
            location: SourceLocation(file: "test.yml", line: 1, column: 1))
    }

    private static let rules = [
        rule("many", .eventCount, of: ["a"], seconds: 10, atLeast: 3),
        rule("all", .temporal, of: ["a", "b", "c"], seconds: 15, atLeast: 3),
        rule("order", .temporalOrdered, of: ["b", "c"], seconds: 6, atLeast: 2),
        rule("above", .temporal, of: ["many", "c"], seconds: 12, atLeast: 2),
    ]

    private static func place(_ sequence: Int, taken: Int) throws -> MessagePlace {
        let message = NatsMessage(
            subject: "s", reply: "$JS.ACK.s.c.1.\(sequence).1.\(taken * 1_000_000).0")
        return try #require(MessagePlace(message))
    }

    /// Findings out of order, but none later than the lateness: what is made of a later one can
    /// depend on what the windows still hold of before them.
    private static func program(_ random: inout SeededGenerator) throws -> Program {
        var program = Program(plan: try CorrelationPlan(rules))
        var now = 1_000_000
        for number in 0..<Int.random(in: 20...120, using: &random) {
            now += Int.random(in: 0...2_500, using: &random)
            let time = now - Int.random(in: 0...lateness * 1_000, using: &random)
            let finding = PublishedFinding(
                StoredFinding(
                    rule: ["a", "a", "b", "c"].randomElement(using: &random), event: "e\(number)",
                    timeMilliseconds: time,
                    fields: [
                        StoredFinding.Field(
                            name: "user.id",
                            value: .text("u\(Int.random(in: 0...2, using: &random))"))
                    ],
                    position: Report.Position(stream: "s", file: "f", offset: 0, line: number)),
                host: "h")
            // Other partitions' messages lie between.
            let sequence =
                (program.messages.last?.place.sequence ?? 0)
                + Int.random(in: 1...3, using: &random)
            program.messages.append((.finding(finding), try place(sequence, taken: now)))
            if Int.random(in: 0..<12, using: &random) == 0 {
                now += Int.random(in: 0...60_000, using: &random)
                program.messages.append(
                    (.mark(now - lateness * 1_000), try place(sequence + 1, taken: now)))
            }
        }
        program.messages.append(
            (.mark(now + 100_000), try place(10_000, taken: now + 100_000)))
        return program
    }

    private static func take(
        _ message: (item: Item, place: MessagePlace), _ worker: inout PartitionWorker
    ) -> [FleetFinding] {
        switch message.item {
        case .finding(let finding): worker.take(finding, at: message.place)
        case .mark(let mark): worker.take(mark: mark, at: message.place)
        }
    }

    private static func undisturbed(_ program: Program) -> [FleetFinding] {
        var worker = PartitionWorker(
            program.plan, PartitionState(), reported: [], latenessSeconds: lateness)
        return program.messages.flatMap { take($0, &worker) }
    }

    private static func interrupted(
        _ program: Program, _ random: inout SeededGenerator
    ) -> [FleetFinding] {
        var state = PartitionState()
        // What the stream of reports holds: each once, the first that came.
        var held: [FleetFinding] = []
        var isEnded = false
        while !isEnded {
            var worker = PartitionWorker(
                program.plan, state,
                reported: held.map {
                    PartitionWorker.Reported(
                        correlation: $0.finding.reported, sequence: $0.sequence, made: 0)
                }, latenessSeconds: lateness)
            isEnded = true
            for message in program.messages
            where message.place.sequence >= worker.firstSequence {
                let isKilled = Int.random(in: 0..<25, using: &random) == 0
                for found in take(message, &worker)
                where !held.contains(where: {
                    $0.finding.identityParts == found.finding.identityParts
                }) {
                    // Killed while it publishes, it leaves any of them out.
                    if !isKilled || Bool.random(using: &random) { held.append(found) }
                }
                isEnded = !isKilled
                if isKilled { break }
                if Int.random(in: 0..<6, using: &random) == 0 { state = worker.snapshot() }
            }
        }
        return held
    }

    private static func faults(seed: UInt64) throws -> [String] {
        var random = SeededGenerator(seed: seed)
        let program = try program(&random)
        let expected = undisturbed(program)
        let found = interrupted(program, &random)
        let texts = { (all: [FleetFinding]) in Set(all.map { "\($0)" }) }
        return texts(found) == texts(expected)
            ? []
            : [
                "missing \(texts(expected).subtracting(texts(found))), "
                    + "too many \(texts(found).subtracting(texts(expected)))"
            ]
    }

    @Test("ended at random messages, it reports what one that ran on reports")
    func ended() {
        let faults = ModelSeeds(usualSeconds: 3).run("fleet model", atATime: 1) { seed in
            try Self.faults(seed: seed)
        }
        #expect(faults.isEmpty, "\(faults)")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Logs that write a response in pieces, of many responses at a time: what a kill loses in memory
/// is read again, and no response is reported twice.
@Suite struct StreamingTests {
    @Test(
        "killed 15 times amid responses that are being written: no report missing, none twice",
        arguments: [1, 2] as [UInt64])
    func killedAmidResponses(seed: UInt64) throws {
        print("streaming: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let host = try Host()
        for (name, rule) in StreamWriter.rules {
            try rule.write(toFile: "\(host.rules)/\(name)", atomically: true, encoding: .utf8)
        }
        let writer = StreamWriter(folder: host.logs, seed: seed)
        writer.start()
        var countsLeft: Set<Int> = []
        for round in 1...15 {
            let newest = host.newestReport()
            try host.start()
            // Some are killed while they start, most while they read.
            if round % 4 != 0 {
                host.wait(for: "a report") { host.newestReport() > newest }
            }
            usleep(UInt32.random(in: 1_000...600_000, using: &random))
            #expect(host.end(SIGKILL) == -SIGKILL, "it ended by itself: \(host.errors)")
            countsLeft.insert(host.newestReport())
        }
        // The kills fell into the midst of its work, not before or after it.
        #expect(countsLeft.count > 3, "\(countsLeft.sorted())")
        let expected = writer.finish()
        try host.start()
        host.waitForReports(expected.count)
        #expect(host.end() == 0)
        let found = host.reports().map { "\($0.rule?.title ?? "no rule") \($0.recordID ?? "")" }
        #expect(Set(expected).subtracting(found) == [], "missing")
        #expect(Set(found).subtracting(expected) == [], "of nothing")
        #expect(found.count == Set(found).count, "\(found.count - Set(found).count) doubles")
    }
}

/// Writes chunks of several responses in turns to a gzip log and a plain one.
private struct StreamWriter {
    static let rules = [
        "answer.yml": rule(
            "answer", 1, "given: {response|contains: green lighthouse}", "given"),
        "both.yml": rule(
            "both", 2,
            """
            asked: {prompt|contains: purple}
              given: {response|contains: green lighthouse}
            """, "asked and given"),
    ]

    private static func rule(
        _ title: String, _ id: Int, _ selections: String, _ condition: String
    ) -> String {
        """
        title: \(title)
        id: 6d1f0e6c-6b1b-4a5c-9f0e-0a6a2a3b4c0\(id)
        status: test
        description: Fires on words that stand nowhere else.
        logsource: {category: ai_interaction}
        detection:
          \(selections)
          condition: \(condition)
        level: high
        """
    }

    /// The lines of a response that are still to be written.
    private struct Pending {
        var lines: [String]
        var isGzip: Bool
    }

    private let folder: String
    private let seed: UInt64
    private let thread = WritingThread<[String]>(nothing: [])

    init(folder: String, seed: UInt64) {
        self.folder = folder
        self.seed = seed
    }

    func start() { thread.start { [folder, seed] in try Self.write(folder, seed, until: $0) } }

    /// Ends the responses that are being written, and then the writing; a rule's title and a
    /// record's id for each report that is to come.
    func finish() -> [String] { thread.finish() }

    private static func write(
        _ folder: String, _ seed: UInt64, until isEnding: () -> Bool
    ) throws -> [String] {
        var random = SeededGenerator(seed: seed &+ 1000)
        let zipped = try GzipLog(path: "\(folder)/a.jsonl.gz")
        let plain = try FileHandle.appending(to: "\(folder)/b.jsonl")
        var expected: [String] = []
        var open: [Pending] = []
        var number = 0
        while true {
            let isLast = isEnding()
            if isLast, open.isEmpty { break }
            if !isLast, open.count < 8 {
                number += 1
                open.append(begin(number, &expected, &random))
            }
            let which = Int.random(in: 0..<open.count, using: &random)
            let line = open[which].lines.removeFirst()
            if open[which].isGzip {
                try zipped.append(line)
            } else {
                try plain.write(contentsOf: Array((line + "\n").utf8))
            }
            if open[which].lines.isEmpty { open.remove(at: which) }
            usleep(500)
        }
        try zipped.endMember()
        return expected
    }

    private static func begin(
        _ number: Int, _ expected: inout [String], _ random: inout SeededGenerator
    ) -> Pending {
        let isMarked = Int.random(in: 0..<2, using: &random) == 0
        let isAsked = Bool.random(using: &random)
        let text = "answer \(number) " + (isMarked ? "the green lighthouse stands" : "nothing")
        var lines: [String] = []
        if isAsked {
            lines.append(
                #"{"id":"r\#(number)","stream":true,"messages":[{"role":"user","content":"a purple question \#(number)"}]}"#
            )
        }
        var rest = Substring(text)
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...9, using: &random))
            rest = rest.dropFirst(piece.count)
            lines.append(chunk(number, #"{"content":"\#(piece)"}"#, "null"))
        }
        lines.append(chunk(number, "{}", #""stop""#))
        if Bool.random(using: &random) {
            lines.append(
                #"{"id":"r\#(number)","object":"chat.completion.chunk","choices":[],"usage":{"completion_tokens":2}}"#
            )
        }
        if isMarked {
            expected.append("answer r\(number)")
            if isAsked { expected.append("both r\(number)") }
        }
        return Pending(lines: lines, isGzip: Bool.random(using: &random))
    }

    /// Their times are a second apart, so that they are no flood.
    private static func chunk(_ number: Int, _ delta: String, _ reason: String) -> String {
        #"{"id":"r\#(number)","object":"chat.completion.chunk","created":\#(1_760_000_000 + number),"model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(reason)}]}"#
    }
}

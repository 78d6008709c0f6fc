// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Inputs made to cost much: time stays linear and memory bounded, and nothing is missed.
@Suite(.serialized) struct WorstCaseTests {
    private let host: Host
    /// The address space that the program may use.
    private static let limited = ["/usr/bin/prlimit", "--as=2500000000"]

    init() throws { host = try Host() }

    private func write(_ lines: some Sequence<String>, to name: String) throws -> String {
        let path = "\(host.logs)/\(name).jsonl"
        try Data().write(to: URL(fileURLWithPath: path))
        let log = try FileHandle.appending(to: path)
        for line in lines { try log.write(contentsOf: Data((line + "\n").utf8)) }
        return path
    }

    private func rule(_ number: Int, _ selection: String) -> String {
        """
        title: Rule \(number)
        id: 00000000-0000-4000-8000-\(String(format: "%012d", number))
        logsource: {category: ai_interaction}
        level: low
        detection:
          s:
            \(selection)
          condition: s

        """
    }

    private func scan(_ path: String) throws -> (seconds: Double, reports: Int, status: Int32) {
        let begin = Date()
        let result = try Tocsin.run(
            ["scan", "--rules", host.rules, "--format", "json", path], prefix: Self.limited)
        // A scan of more than ten seconds says how far it is.
        let faults = result.errors.split(separator: "\n").filter { !$0.hasSuffix(" MB/s") }
        #expect(faults == [])
        return (Date().timeIntervalSince(begin), result.lines.count, result.status)
    }

    @Test(
        "an expression known for catastrophic backtracking takes linear time",
        arguments: [
            ("(a+)+$", "a", "b"), ("(a|aa)+$", "a", "b"), ("(a|a?)+bb", "a", "b"),
            ("([a-zA-Z]+)*1", "a", "!"), ("(.*a){12}x", "a", "y"), ("^(([a-z])+.)+[A-Z]", "a", " "),
        ])
    func expressions(expression: String, repeated: String, last: String) throws {
        try rule(1, "prompt|re: '\(expression)'").write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        var seconds: [Double] = []
        for count in [50_000, 400_000] {
            let text = String(repeating: repeated, count: count) + last
            let path = try write(
                [#"{"messages":[{"role":"user","content":"\#(text)"}]}"#], to: "\(count)")
            seconds.append(try scan(path).seconds)
        }
        // Eight times the text: quadratic time would be 64 times, exponential for ever.
        #expect(seconds[1] < 16 * seconds[0] + 15, "\(seconds)")
    }

    @Test(
        "a long text is searched whole, whatever it is made of",
        arguments: [
            ("plain words and ", 15), ("QUJDREVGR0hJSktMTU5PUFFSU1RVVldY", 15), ("%41%42%43", 2),
            ("a b c d e f ", 2), ("e\u{301}\u{200b}", 2), ("h4x0r l33t ", 2), ("41 42 43 ", 2),
            ("\\u0061", 2),
        ])
    func longTexts(piece: String, megabytes: Int) throws {
        let count = megabytes * 1_000_000 / piece.utf8.count
        let text = String(repeating: piece, count: count) + " \(Host.marker)"
        let path = try write(
            [#"{"messages":[{"role":"user","content":"\#(text)"}]}"#], to: "long")
        let scanned = try scan(path)
        #expect(scanned.reports == 1)
        #expect(scanned.seconds < 60)
    }

    @Test func aHundredThousandConversationsAreToldApartInBoundedMemory() throws {
        try
            (Host.markerRule + """

                ---
                title: Twice in one conversation
                id: 00000000-0000-4000-8000-000000000002
                correlation:
                  type: event_count
                  rules: [6d1f0e6c-6b1b-4a5c-9f0e-0a6a2a3b4c5d]
                  group-by: [gen_ai.conversation.id]
                  timespan: 1h
                  condition: {gte: 2}
                level: low
                """).write(toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        let lines = (0..<100_010).lazy.map { number in
            #"{"id":"r\#(number)","created":1760000000,"conversation_id":"c\#(number % 100_000)","messages":[{"role":"user","content":"\#(number) \#(Host.marker)"}]}"#
        }
        let scanned = try scan(try write(lines, to: "many"))
        // Ten conversations came twice; single events raise nothing of their own.
        #expect(scanned.reports == 10)
    }

    @Test func twoThousandRulesAreEvaluatedTogether() throws {
        let rules = (1...2000).map { rule($0, "prompt|contains: 'word\($0)x'") }
        try rules.joined(separator: "---\n").write(
            toFile: "\(host.rules)/marker.yml", atomically: true, encoding: .utf8)
        let lines = (1...2000).lazy.map { number in
            #"{"id":"r\#(number)","messages":[{"role":"user","content":"say word\#(number)x"}]}"#
        }
        #expect(try scan(try write(lines, to: "rules")).reports == 2000)
    }
}

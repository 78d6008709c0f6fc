// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// The operators' tools for rules, as people and scripts use them.
@Suite struct RuleToolTests {
    private let scratch: Scratch
    private let rules: String
    private let log: String

    init() throws {
        scratch = try Scratch()
        rules = "\(scratch.path)/rules"
        log = "\(scratch.path)/log.jsonl"
        try FileManager.default.createDirectory(
            atPath: rules, withIntermediateDirectories: true)
        for (name, text) in Self.files { try write(text, to: "\(rules)/\(name)") }
        let records = (0..<60).map { number in
            Self.record(number, prompt: Self.prompts[number % Self.prompts.count])
        }
        try write(records.joined(separator: "\n") + "\n", to: log)
    }

    private static let prompts = [
        "how do I ring the great bell", "tell me a story", "how do I ring the bell, in a novel",
        "the great bell is old", "how do I bake bread",
    ]

    private static func record(_ number: Int, prompt: String) -> String {
        #"{"id":"r\#(number)","created":\#(1_760_000_000 + number),"model":"m","user":"u\#(number % 3)","messages":[{"role":"user","content":"\#(prompt)"}],"choices":[{"message":{"role":"assistant","content":"Here is how"}}]}"#
    }

    private static let files = [
        "asking.yml": """
        title: Request to ring a bell
        id: 11111111-aaaa-4000-8000-000000000001
        name: bell_request
        tags: [risk.bells, attack.t1027]
        logsource: {category: ai_interaction}
        detection:
          asking:
            prompt|contains: ['how do i', 'tell me how', 'help me ']
          object:
            prompt|contains|all: [ring, bell]
          fiction:
            prompt|contains: ['a novel', 'a poem']
          condition: asking and object and not fiction
        level: high
        tests:
          - {name: asked, match: true, event: {prompt: How do I ring the bell?}}
          - {name: of a novel, match: false, event: {prompt: 'How do I ring the bell, in a novel?'}}
        """,
        "answered.yml": """
        title: Request to ring a bell, answered
        id: 22222222-aaaa-4000-8000-000000000002
        tags: [risk.bells]
        logsource: {category: ai_interaction}
        detection:
          object: {prompt|contains: great bell}
          complied: {response.complies: true}
          condition: object and complied
        level: critical
        """,
        "complies.yml": """
        title: The response complies
        id: 33333333-aaaa-4000-8000-000000000003
        derives: response.complies
        logsource: {category: ai_interaction}
        detection:
          opening: {response|startswith: [here is, sure]}
          condition: opening
        """,
        "filter.yml": """
        title: The bell ringers are known
        logsource: {category: ai_interaction}
        filter:
          rules: [bell_request]
          ringers: {user.id: quasimodo}
          condition: not ringers
        """,
    ]

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func tool(_ arguments: String..., input: String = "") throws -> Tocsin.Result {
        let file = "\(scratch.path)/input"
        try write(input, to: file)
        return try Tocsin.run(["rules"] + arguments, inputFile: file)
    }

    @Test func explainShowsTheConditionWithWhatWasFoundWhere() throws {
        let result = try tool(
            "explain", "--rules", rules, "--rule", "bell_request",
            input: #"{"prompt": "How do I ring a béll or a b-e-l-l?", "user.id": "frollo"}"#)
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output == """
                Request to ring a bell (high, \(rules)/asking.yml:1)

                line 1, turn 0: matches
                filter `The bell ringers are known`: lets it through
                true   all of
                true     all of
                true       asking: one of 3 values of `prompt`: 1 holds
                true         `prompt` contains `how do i`: in prompt, written, bytes 0–8: …»How do I« ring a béll or a b-e-l-l?…
                true       object: all of
                true         `prompt` contains `ring`: in prompt, written, bytes 9–13: …How do I »ring« a béll or a b-e-l-l?…
                true         `prompt` contains `bell`: in prompt, folded, bytes 16–20: …How do I ring a »bell« or a b-e-l-l?…
                true       not
                false        fiction: one of 2 values of `prompt`: none holds
                true     filter `The bell ringers are known`: not
                false      ringers: `user.id` is `quasimodo`: it is `frollo`

                """)
    }

    @Test func explainOfAMissNamesTheFewestPartsThatFailed() throws {
        let log = Self.record(1, prompt: "help m ring the bell in a novel")
        let result = try tool("explain", "--rules", rules, "--rule", "11111111", input: log)
        #expect(result.status == 1, "\(result.errors)")
        let needed = result.output.components(separatedBy: "it would match if:\n")
        #expect(
            needed.last == """
                  asking were true: none of its 3 values for `prompt` holds; nearest: `help me `, of which `help m` stands
                  fiction were false: `prompt` contains `a novel`, in prompt, written, bytes 24–31: …help m ring the bell in »a novel«…

                """)
        let known = try tool(
            "explain", "--rules", rules, "--rule", "Request to ring a bell",
            input: #"{"prompt": "How do I ring the bell?", "user.id": "quasimodo"}"#)
        #expect(known.status == 1)
        #expect(known.output.contains("filter `The bell ringers are known`: silences it\n"))
        #expect(
            known.output.contains(
                "  filter `The bell ringers are known`: ringers were false: `user.id` is `quasimodo`"
            ))
        let derived = try tool(
            "explain", "--rules", rules, "--rule", "2", input: #"{"prompt": "great bell"}"#)
        #expect(
            derived.output.contains(
                "  complied: response.complies (derived): opening were true: none of its 2 values"))
    }

    @Test func explainGivesProgramsTheSame() throws {
        let result = try tool(
            "explain", "--rules", rules, "--rule", "bell_request", "--format", "json",
            input: Self.record(1, prompt: "ring the bell"))
        let document = try JSONDecoder().decode(
            Explained.self, from: Data(result.output.utf8))
        #expect(document.turns.map(\.matches) == [false])
        #expect(document.turns[0].needed.map(\.names) == [["asking"]])
        #expect(document.turns[0].needed[0].comparisons.map(\.line) == [8, 8, 8])
        #expect(document.turns[0].condition.parts?.count == 2)
    }

    private struct Explained: Decodable {
        struct Turn: Decodable {
            let matches: Bool
            let condition: Part
            let needed: [Change]
        }
        struct Part: Decodable {
            let kind: String
            let holds: Bool
            let parts: [Part]?
        }
        struct Change: Decodable {
            let names: [String]
            let comparisons: [Comparison]
        }
        struct Comparison: Decodable { let line: Int }
        let turns: [Turn]
    }

    @Test func explainSaysWhichRuleIsMeant() throws {
        for (name, reason) in [
            ("nothing", "nothing: no rule has this id, name or title"),
            ("", "no rule has this id"),
        ] {
            let result = try tool("explain", "--rules", rules, "--rule", name, input: "{}")
            #expect(result.status == 2)
            #expect(result.errors.contains(reason), "\(result.errors)")
        }
    }

    @Test func aRuleSetDoesNotDifferFromItself() throws {
        let result = try tool("diff", rules, rules, log)
        #expect(result.status == 0)
        #expect(
            result.lines.first
                == "in all: 0 gained, 0 lost, 0 changed, 36 the same; 2 rules that found something do not differ"
        )
    }

    @Test func diffTellsGainedLostAndChangedReports() throws {
        let new = "\(scratch.path)/new"
        try FileManager.default.copyItem(atPath: rules, toPath: new)
        let asking = try #require(Self.files["asking.yml"])
        try write(
            asking.replacing(" and not fiction", with: " or fiction")
                .replacing("level: high", with: "level: medium"),
            to: "\(new)/asking.yml")
        try FileManager.default.removeItem(atPath: "\(new)/answered.yml")
        try write(
            try #require(Self.files["answered.yml"]).replacing(
                "title: Request to ring a bell, answered", with: "title: Old bells"
            ).replacing("great bell", with: "bell is old"), to: "\(new)/answered.yml")
        let result = try tool("diff", rules, new, log, "--samples", "1", "--excerpts")
        #expect(result.status == 1, "\(result.errors)")
        #expect(
            result.lines.dropLast() == [
                "Old bells (22222222): 0 gained, 12 lost, 12 changed, 0 the same",
                "  - \(log):1, turn 0, critical",
                "      …how do I ring the »great bell«…",
                "  ~ \(log):4, turn 0, excerpt: another place",
                "      …the great »bell is old«…",
                "Request to ring a bell (11111111): 12 gained, 0 lost, 12 changed, 0 the same",
                "  + \(log):3, turn 0, medium",
                "      …»how do I« ring the bell, in a novel…",
                "  ~ \(log):1, turn 0, level: high → medium",
                "      …»how do I« ring the great bell…",
                "in all: 12 gained, 12 lost, 24 changed, 0 the same; 0 rules that found something do not differ",
            ])
        let json = try tool("diff", rules, new, log, "--format", "json")
        #expect(json.output.contains(#""changed":24"#))
        #expect(!json.output.contains("novel"), "no words unless asked for")
        #expect(try tool("diff", rules, new, "\(scratch.path)/none").status == 2)
    }

    @Test func profileCountsWhatScanReports() throws {
        let scan = try Tocsin.run("scan", "--rules", rules, "--format", "json", log)
        let reports = try scan.lines.map { try Report(json: $0) }
        let expected = Dictionary(grouping: reports) { $0.rule?.id ?? "" }.mapValues(\.count)
        let result = try tool("profile", "--rules", rules, "--format", "json", log)
        #expect(result.status == 0, "\(result.errors)")
        let profile = try JSONDecoder().decode(Profiled.self, from: Data(result.output.utf8))
        for rule in profile.rules where rule.derives == nil {
            #expect(rule.reports == expected[rule.id], "\(rule.title)")
            #expect(rule.matches == expected[rule.id], "\(rule.title)")
            #expect(rule.wasted == rule.evaluations - rule.matches)
        }
        #expect(profile.rules.count == 3)
        #expect(profile.totals.reports == reports.count)
        let text = try tool("profile", "--rules", rules, log)
        #expect(text.lines.first?.hasSuffix("matches reports  rule") == true)
        #expect(text.output.contains("60 turns, "))
    }

    private struct Profiled: Decodable {
        struct Rule: Decodable {
            let id: String
            let title: String
            let derives: String?
            let matches: Int
            let reports: Int
            let evaluations: Int
            let wasted: Int
        }
        struct Totals: Decodable { let reports: Int }
        let rules: [Rule]
        let totals: Totals
    }

    @Test func coverageTellsAreasRolesAndWhatRulesLack() throws {
        let result = try tool("coverage", "--rules", rules)
        #expect(
            result.output == """
                risk area               critical  high  medium   low  informational  asking  answering  refusing  other  correlations
                risk.bells                     1     1       .     .              .       1          1         .      .             .

                taxonomy entry          critical  high  medium   low  informational  asking  answering  refusing  other  correlations
                attack.t1027                   .     1       .     .              .       1          .         .      .             .

                rules without a risk area: none

                rules without a taxonomy entry: 1
                  Request to ring a bell, answered (\(rules)/answered.yml)

                rules with fewer than 2 tests each way: 3
                  Request to ring a bell, answered (\(rules)/answered.yml), 0 that match, 0 that do not
                  Request to ring a bell (\(rules)/asking.yml), 1 that match, 1 that do not
                  The response complies (\(rules)/complies.yml), 0 that match, 0 that do not

                """)
        let json = try tool("coverage", "--rules", rules, "--format", "json")
        #expect(json.output.contains(#""tag":"risk.bells""#))
    }

    @Test func testsAreToldFileByFileWithWhatFailed() throws {
        let passed = try tool("test", rules)
        #expect(passed.status == 0)
        #expect(passed.lines.contains("ok    \(rules)/asking.yml: 2 tests"))
        #expect(passed.lines.last?.hasPrefix("2 tests of 3 rules: all passed in ") == true)
        try write(
            try #require(Self.files["asking.yml"])
                .replacing("How do I ring the bell?", with: "How can I ring the bell?")
                .replacing("'a novel', ", with: ""),
            to: "\(rules)/asking.yml")
        let failed = try tool("test", rules)
        #expect(failed.status == 1)
        #expect(
            failed.lines.dropLast() == [
                "none  \(rules)/answered.yml: 0 tests",
                "FAIL  \(rules)/asking.yml: 2 of 2 tests failed",
                "      \(rules)/asking.yml:16: Request to ring a bell: `asked` should match but does not",
                "        it would match if:",
                "          asking were true: none of its 3 values for `prompt` holds; nearest: `how do i`, of which `how ` stands",
                "      \(rules)/asking.yml:17: Request to ring a bell: `of a novel` matches but should not",
                "        it matches by:",
                "          asking: `prompt` contains `how do i`: in prompt, written, bytes 0–8: …»How do I« ring the bell, in a novel?…",
                "          object: `prompt` contains `ring`: in prompt, written, bytes 9–13: …How do I »ring« the bell, in a novel?…",
                "          object: `prompt` contains `bell`: in prompt, written, bytes 18–22: …How do I ring the »bell«, in a novel?…",
                "none  \(rules)/complies.yml: 0 tests",
            ])
        #expect(failed.lines.last?.hasPrefix("2 tests of 3 rules: 0 passed, 2 failed in ") == true)
    }

    @Test func ctrlCEndsAPassWithWhatItHas() throws {
        // A log that takes far longer than the signal does.
        let large = "\(scratch.path)/large.jsonl"
        let record = try String(contentsOfFile: log, encoding: .utf8)
        try write(String(repeating: record, count: 2_000), to: large)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Tocsin.path)
        process.arguments = ["rules", "diff", rules, rules, large]
        let output = "\(scratch.path)/output"
        process.standardOutput = try FileHandle.appending(to: output)
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let status = "/proc/\(process.processIdentifier)/status"
        // SIGINT is signal 2: the second bit of the mask of those that are caught.
        while process.isRunning, !Self.catchesInterrupts(status) { usleep(2_000) }
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 130)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(text.contains("interrupted: only what was read so far;"))
    }

    private static func catchesInterrupts(_ file: String) -> Bool {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
            let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
        else { return false }
        return mask & 2 != 0
    }
}

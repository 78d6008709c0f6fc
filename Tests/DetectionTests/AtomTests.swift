// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Detection

/// What rules can ask of a turn beside texts with wildcards.
@Suite struct AtomTests {
    /// Which of some selections, each a rule of its own, hold of a record.
    private func holding(_ selections: [String], of record: String) throws -> [Bool] {
        let evaluator = try makeEvaluator(
            selections.map { "s:\n  \($0)\ncondition: s" })
        let found = Set(evaluator.findings(in: record).map(\.rule))
        return selections.indices.map(found.contains)
    }

    private static let record = chat(
        "How do I Build it", "Like so",
        more: """
            "id":"r1","model":"Big-1","user":"ann","created":1700000000,"usage":{"completion_tokens":120},\
            "blank":"","n":5,"text_n":"7.5","flag":true,"none":null,"ip":"10.1.2.3","ip6":"2001:db8::1",\
            "when":"2026-02-03 04:05:06","same":"Big-1","list":["a","B"],"deep":{"er":"x"},
            """.replacing("\n", with: ""))

    @Test(
        "each comparison says what the specification says of it",
        arguments: [
            ("prompt|contains|cased: Build", true), ("prompt|contains|cased: build", false),
            ("prompt|contains: build", true), ("gen_ai.request.model: big-1", true),
            ("gen_ai.request.model|neq: big-1", false), ("n: 5", true), ("n: 6", false),
            ("n|gt: 4", true), ("n|lt: 5", false), ("n|lte: 5", true), ("n|gte: 6", false),
            ("n|neq: 6", true), ("text_n|gt: 7", true), ("missing|gt: 0", false),
            ("gen_ai.usage.output_tokens|gte: 100", true),
            ("gen_ai.usage.output_tokens: 120", true), ("flag: true", true),
            ("flag: false", false), ("none: null", true), ("missing: null", true),
            ("n: null", false), ("none|exists: true", true), ("missing|exists: true", false),
            ("missing|exists: false", true), ("prompt|exists: true", true),
            ("reasoning|exists: true", false), ("ip|cidr: 10.0.0.0/8", true),
            ("ip|cidr: 10.1.3.0/24", false), ("ip6|cidr: 2001:db8::/32", true),
            ("ip6|cidr: 10.0.0.0/8", false), ("prompt|cidr: 10.0.0.0/8", false),
            ("same|fieldref: gen_ai.request.model", true), ("same|fieldref: user.id", false),
            ("prompt|fieldref|contains: deep.er", false), ("when|year: 2026", true),
            ("when|month: 2", true), ("when|day: 3", true), ("when|hour|gte: 4", true),
            ("when|minute: 5", true), ("when|week: 5", true), ("n|year: 2026", false),
            ("list: b", true), ("list|contains|all: [a, b]", true), ("deep.er: x", true),
            ("turn.index: 0", true), ("turn.index|gt: 0", false),
            ("conversation.id|exists: true", true), ("prompt|re: 'B[a-z]+d'", true),
            ("blank|re: '^a*$'", true), ("prompt|re: '^a*$'", false),
            ("prompt|re: '(zz)*'", true), ("blank|re: '(zz)*'", true), ("blank: ''", true),
            ("prompt|re: 'b[a-z]+d'", false), ("prompt|re|i: 'b[a-z]+d'", true),
            ("record.malformed: false", true), ("record.malformed: true", false),
        ])
    func comparison(selection: String, holds: Bool) throws {
        #expect(try holding([selection], of: Self.record) == [holds])
    }

    @Test(
        "a week is counted from the year's first Monday, the days before are week 0",
        arguments: [
            ("2018-01-01", 1), ("2018-01-07", 1), ("2018-01-08", 2), ("2018-06-30", 26),
            ("2024-02-29", 9), ("2026-01-04", 0), ("2026-01-05", 1), ("2023-12-31", 52),
            ("2012-12-31", 53),
        ])
    func week(date: String, week: Int) {
        let text = Array(date.utf8)
        #expect(CivilDate(text: text.span)?[.week] == week)
    }

    @Test func aKeywordIsLookedForInEveryText() throws {
        let evaluator = try makeEvaluator([
            "words: [needle]\ncondition: words",
            "'|all': [needle, hay]\ncondition: 1 of them".replacing("'|all'", with: "w:\n  '|all'"),
        ])
        #expect(evaluator.findings(in: chat("a needle")).map(\.rule) == [0])
        #expect(evaluator.findings(in: chat("x", "a NEEDLE in hay")).map(\.rule) == [0, 1])
        #expect(evaluator.findings(in: chat("needle", "hay")).map(\.rule) == [0, 1])
        let called =
            #"{"messages":[{"role":"user","content":"q"}],"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"a needle"}}]}}]}"#
        let finding = try #require(evaluator.findings(in: called).first)
        #expect(finding.field == .toolCall)
    }

    @Test func aDerivedFieldStandsForItsDetection() throws {
        let files = [
            ruleText("words:\n  response|contains: [sorry]\ncondition: words", id: 1)
                + "\nderives: response.refused\n",
            ruleText(
                "asked:\n  prompt|contains: needle\n  response.refused: false\ncondition: asked",
                id: 2),
            ruleText(
                "asked:\n  prompt|contains: needle\n  response.refused: true\ncondition: asked",
                id: 3),
        ]
        let evaluator = try makeEvaluator(files: files)
        let answered = evaluator.findings(in: chat("needle", "Here it is"))
        #expect(answered.map(\.rule) == [1])
        #expect(answered[0].derived == [DerivedValue(name: "response.refused", isTrue: false)])
        let refused = evaluator.findings(in: chat("needle", "Sorry, no"))
        #expect(refused.map(\.rule) == [2])
        #expect(refused[0].derived == [DerivedValue(name: "response.refused", isTrue: true)])
        #expect(evaluator.findings(in: chat("hay", "Sorry, no")).isEmpty)
    }

    @Test(
        "a finding names the view that it was made in",
        arguments: [
            ("find the needle now", "written"), ("find the n\u{200b}eedle now", "folded"),
            ("find the n\u{435}edle now", "folded"), ("find the n e e d l e now", "joined"),
            ("find the n33dl3 now", "joined"),
            ("ZmluZCB0aGUgbmVlZGxlIG5vdywgcGxlYXNlLCBpbiB0aGUgaGF5", "decoded.base64"),
        ])
    func views(prompt: String, view: String) throws {
        let detection = "word:\n  prompt|contains: needle\ncondition: word"
        let evaluator = try makeEvaluator([detection])
        let finding = try #require(evaluator.findings(in: chat(prompt)).first)
        #expect(finding.view == view)
        #expect(finding.excerpt?.text.lowercased().contains("needle") == true)
        let plain = try makeEvaluator([detection], views: [])
        #expect(plain.findings(in: chat(prompt)).count == (view == "written" ? 1 : 0))
    }

    @Test func conversationsAreThreadedByTheirIdOrByWhatWasSaid() throws {
        let evaluator = try makeEvaluator(["word:\n  prompt|contains: needle\ncondition: word"])
        let named = evaluator.findings(
            in: chat("needle 1", more: #""conversation_id":"c1","#),
            chat("needle 2", more: #""conversation_id":"c2","#),
            chat("needle 3", more: #""conversation_id":"c1","#))
        #expect(named.map(\.conversation) == ["c1", "c2", "c1"])
        #expect(named.map(\.turn) == [0, 0, 1])
        let threaded = evaluator.findings(
            in: chat("needle A", "yes"), chat("needle B", "no"),
            #"{"messages":[{"role":"user","content":"needle A"},{"role":"assistant","content":"yes"},{"role":"user","content":"needle C"}]}"#
        )
        #expect(threaded.map(\.turn) == [0, 0, 1])
        #expect(threaded[2].conversation == threaded[0].conversation)
        #expect(threaded[1].conversation != threaded[0].conversation)
    }
}

extension AtomTests {
    @Test func aComposedAndADecomposedLetterAreTwoPatterns() throws {
        let evaluator = try makeEvaluator(
            ["a:\n  prompt: \"\u{e9}\"\ncondition: a", "a:\n  prompt: \"e\u{301}\"\ncondition: a"],
            views: [])
        #expect(evaluator.findings(in: chat("\u{e9}")).map(\.rule) == [0])
        #expect(evaluator.findings(in: chat("e\u{301}")).map(\.rule) == [1])
    }
}

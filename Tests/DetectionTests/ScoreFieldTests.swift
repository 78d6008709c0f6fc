// SPDX-License-Identifier: Apache-2.0
import Scores
import Sigma
import Testing

@testable import Detection

@Suite struct ScoreFieldTests {
    /// A model that knows one phrase for each side.
    private static let model = ScoreModel(
        about: "{}",
        tables: [
            table(.request, "cyber", phrase: "take over the harbour cranes"),
            table(.response, "coercion", phrase: "keep myself running whatever they want"),
        ])

    private static func table(
        _ side: ScoredSide, _ category: String, phrase: String
    ) -> ScoreTable {
        var rows = Array(repeating: SIMD8<Int8>.zero, count: TextFeatures.bucketCount)
        let bytes = Array(phrase.utf8)
        for window in TextFeatures.windows(of: bytes.span) {
            for bucket in window { rows[Int(bucket)][0] = 100 }
        }
        return ScoreTable(
            side: side,
            categories: [ScoreTable.Category(name: category, scale: 0.02, bias: -4)], rows: rows)
    }

    private static func plan(
        _ detections: String..., tests: String = "", models: [ScoreModel] = [model]
    ) throws -> DetectionPlan {
        let sources = detections.enumerated().map {
            RuleSource(
                file: "\($0.offset).yml", text: ruleText($0.element, id: $0.offset + 1) + tests)
        }
        let parsed = parseRules(sources, fields: knownRuleFields, metadata: singleValueFields)
        try #require(!parsed.hasErrors, "\(parsed.diagnostics.map { $0.rendered() })")
        return try DetectionPlan(parsed, models: models)
    }

    private static let asked = "score:\n  score.cyber|gte: 0.5\ncondition: score"
    private static let answered = "score:\n  score.response.coercion|gte: 0.5\ncondition: score"
    private static let phrase = "Tell me how to take over the harbour cranes."
    private static let answer = "I would keep myself running whatever they want."

    private static func found(_ detections: String..., in lines: String...) throws -> [[Int]] {
        let sources = detections.enumerated().map {
            RuleSource(file: "\($0.offset).yml", text: ruleText($0.element, id: $0.offset + 1))
        }
        let parsed = parseRules(sources, fields: knownRuleFields, metadata: singleValueFields)
        let evaluator = try Evaluator(
            DetectionPlan(parsed, models: [model]), Evaluator.Settings())
        return lines.map { line in evaluator.findings(in: line).map(\.rule) }
    }

    @Test func aScoreIsComparedLikeANumber() throws {
        let found = try Self.found(
            Self.asked, "low:\n  score.cyber|lt: 0.5\ncondition: low",
            in: chat(Self.phrase), chat("Tell me how cranes fly."))
        #expect(found == [[0], [1]])
    }

    @Test func eachSideHasItsOwnTexts() throws {
        let found = try Self.found(
            Self.asked, Self.answered,
            in: chat(Self.phrase), chat("hello", Self.answer), chat(Self.answer, Self.phrase))
        #expect(found == [[0], [1], []])
    }

    @Test func aScoreIsOneTurnsAlone() throws {
        let found = try Self.found(
            Self.asked, in: chat(Self.phrase), chat("and now?"), chat(Self.phrase + " Please."))
        #expect(found == [[0], [], [0]])
    }

    @Test func textsAreScoredInTheirViewsToo() throws {
        let hidden = [
            // Zero-width spaces inside words, and the phrase in base64.
            "Tell me how to t\u{200b}ake o\u{200b}ver the har\u{200b}bour cra\u{200b}nes.",
            "VGVsbCBtZSBob3cgdG8gdGFrZSBvdmVyIHRoZSBoYXJib3VyIGNyYW5lcy4=",
        ]
        for text in hidden {
            #expect(try Self.found(Self.asked, in: chat(text)) == [[0]], "\(text)")
        }
    }

    @Test func aFindingShowsThePieceThatScores() throws {
        let sources = [RuleSource(file: "0.yml", text: ruleText(Self.asked))]
        let parsed = parseRules(sources, fields: knownRuleFields, metadata: singleValueFields)
        var settings = Evaluator.Settings()
        settings.excerptBytes = 60
        let evaluator = try Evaluator(DetectionPlan(parsed, models: [Self.model]), settings)
        let filler = "other words of no account. "
        let finding = try #require(
            evaluator.findings(in: chat(filler + Self.phrase + " " + filler)).first)
        #expect(finding.field == .prompt && finding.view == "written")
        let excerpt = try #require(finding.excerpt)
        #expect(excerpt.text.contains("harbour") && excerpt.text.utf8.count <= 60)
    }

    @Test func rawTextCountsForBothSides() throws {
        let found = try Self.found(
            Self.asked, Self.answered, in: "no JSON: \(Self.phrase)", "no JSON: \(Self.answer)")
        #expect(found == [[0], [1]])
    }

    @Test func whatHasNoTextHasNoScore() throws {
        let found = try Self.found(
            "none:\n  score.response.coercion: null\ncondition: none",
            in: #"{"messages":[{"role":"user","content":"hi"}]}"#, chat("hi", "fine"))
        #expect(found == [[0], []])
    }

    @Test func aPatternAndAScoreTogetherNeedBoth() throws {
        let both =
            "score:\n  score.cyber|gte: 0.5\nword:\n  prompt|contains: tonight\n"
            + "condition: score and word"
        let found = try Self.found(
            both, in: chat(Self.phrase), chat("tonight"), chat(Self.phrase + " Do it tonight."))
        #expect(found == [[], [], [0]])
    }

    @Test func aScoreThatNoModelGivesIsTold() throws {
        let error = #expect(throws: RefusedPatterns.self) {
            try Self.plan("score:\n  score.cybre|gte: 0.5\ncondition: score")
        }
        let text = try #require(error?.diagnostics.first).rendered()
        #expect(text.contains("error[S115]: no model gives `score.cybre`"))
        #expect(text.contains("did you mean `score.cyber`?"))
        let none = #expect(throws: RefusedPatterns.self) {
            try Self.plan(Self.asked, models: [])
        }
        #expect(
            try #require(none?.diagnostics.first).rendered().contains("`tocsin train` makes one"))
    }

    @Test func aTestThatGivesAScoreIsTold() throws {
        let tests = "\ntests:\n  - {name: t, match: true, event: {score.cyber: 0.9}}"
        let error = #expect(throws: RefusedPatterns.self) {
            try Self.plan(Self.asked, tests: tests)
        }
        #expect(try #require(error?.diagnostics.first).rendered().contains("error[S116]"))
    }

    @Test func onlyTheTablesThatRulesAskForAreKept() throws {
        #expect(try Self.plan(Self.asked).scores.map(\.side) == [.request])
        #expect(
            try Self.plan("word:\n  prompt|contains: something\ncondition: word").scores.isEmpty)
    }
}

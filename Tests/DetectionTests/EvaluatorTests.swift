// SPDX-License-Identifier: Apache-2.0
import Bytes
import Interactions
import Sigma
import TestSupport
import Testing
import TextViews

@testable import Detection

/// A rule file around a detection.
func ruleText(_ detection: String, id: Int = 1) -> String {
    """
    title: Rule \(id)
    id: 00000000-0000-0000-0000-\(String(repeating: "0", count: 12 - "\(id)".count))\(id)
    logsource: {category: ai_interaction}
    level: high
    detection:
    \(detection.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
    """
}

/// An evaluator of some detections, each a rule of its own.
func makeEvaluator(_ detections: String..., excerptBytes: Int = 160) throws -> Evaluator {
    try makeEvaluator(detections, excerptBytes: excerptBytes)
}

func makeEvaluator(
    _ detections: [String], views: ViewSet = .all, excerptBytes: Int = 160,
    keepsJournal: Bool = false
) throws -> Evaluator {
    let files = detections.enumerated().map { ruleText($0.element, id: $0.offset + 1) }
    return try makeEvaluator(
        files: files, views: views, excerptBytes: excerptBytes, keepsJournal: keepsJournal)
}

func makeEvaluator(
    files: [String], views: ViewSet = .all, excerptBytes: Int = 160, keepsJournal: Bool = false
) throws -> Evaluator {
    let sources = files.enumerated().map {
        RuleSource(file: "\($0.offset).yml", text: $0.element)
    }
    let parsed = parseRules(sources, fields: knownRuleFields, metadata: singleValueFields)
    try #require(!parsed.hasErrors, "\(parsed.diagnostics.map { $0.rendered() })")
    var settings = Evaluator.Settings()
    settings.excerptBytes = excerptBytes
    settings.views = views
    settings.keepsJournal = keepsJournal
    return try Evaluator(DetectionPlan(parsed), settings)
}

extension Evaluator {
    /// What the rules find in some lines.
    func findings(in lines: String...) -> [Finding] { findings(in: lines, firstLine: 11) }

    func findings(in lines: [String], firstLine: Int) -> [Finding] {
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        let block = LineBlock(capacity: max(bytes.count, 1))
        block.append(copying: bytes.span)
        var findings: [Finding] = []
        evaluate(
            block, at: BlockPlace(stream: 1, offset: 1000, line: firstLine, now: 1_700_000_000_000),
            into: &findings)
        return findings
    }
}

/// A chat record as a line.
func chat(_ prompt: String, _ response: String = "fine", more: String = "") -> String {
    #"{\#(more)"messages":[{"role":"user","content":"\#(prompt)"}],"choices":[{"message":{"content":"\#(response)"}}]}"#
}

@Suite struct EvaluatorTests {
    @Test func aFindingSaysWhatWhereAndInWhichTurn() throws {
        let evaluator = try makeEvaluator("word:\n  prompt|contains: needle\ncondition: word")
        let record = chat(
            "a Needle in hay", more: #""id":"r1","model":"m","user":"u","created":1700000000,"#)
        let findings = evaluator.findings(in: chat("nothing"), record)
        let finding = try #require(findings.first)
        #expect(findings.count == 1)
        #expect(finding.line == 12)
        #expect(finding.offset == 1000 + chat("nothing").utf8.count + 1)
        #expect(finding.turn == 0)
        #expect(finding.field == .prompt)
        #expect(finding.excerpt == Excerpt(text: "a Needle in hay", match: 2..<8))
        #expect(finding.recordID == "r1")
        #expect(finding.model == "m")
        #expect(finding.actor == "u")
        #expect(finding.timeMilliseconds == 1_700_000_000_000)
        #expect(evaluator.counts.records == 2)
    }

    @Test func fieldsAreToldApart() throws {
        let evaluator = try makeEvaluator(
            "word:\n  response|contains: needle\ncondition: word",
            "word:\n  system|contains: needle\ncondition: word")
        #expect(evaluator.findings(in: chat("needle")).isEmpty)
        #expect(evaluator.findings(in: chat("x", "needle")).map(\.rule) == [0])
    }

    @Test func oneConditionMayAskForPromptAndResponse() throws {
        let evaluator = try makeEvaluator(
            """
            asked:
              prompt|contains: needle
            refused:
              response|contains: sorry
            condition: asked and not refused
            """)
        #expect(evaluator.findings(in: chat("needle", "here it is")).count == 1)
        #expect(evaluator.findings(in: chat("needle", "Sorry, no")).isEmpty)
        #expect(evaluator.findings(in: chat("hay", "here it is")).isEmpty)
    }

    @Test func metadataAndPathsOfTheRecordCanBeAskedFor() throws {
        let evaluator = try makeEvaluator(
            "word:\n  gen_ai.request.model|startswith: big\ncondition: word",
            "word:\n  extra.region: eu\ncondition: word",
            "word:\n  extra.count: 3\ncondition: word",
            "word:\n  extra.flag: true\ncondition: word",
            "word:\n  extra.missing: null\ncondition: word")
        let record = chat(
            "x", more: #""model":"big-1","extra":{"region":"EU","count":3,"flag":true},"#)
        #expect(evaluator.findings(in: record).map(\.rule) == [0, 1, 2, 3, 4])
        let other = chat(
            "x", more: #""model":"a big one","extra":{"region":"europe","missing":1},"#)
        #expect(evaluator.findings(in: other).map(\.rule) == [])
    }

    @Test func historyIsEvaluatedOnceAndUnseenHistoryIsMarked() throws {
        let evaluator = try makeEvaluator("word:\n  prompt|contains: needle\ncondition: word")
        let first = chat("needle", "A")
        let second =
            #"{"messages":[{"role":"user","content":"needle"},{"role":"assistant","content":"A"},{"role":"user","content":"more"}]}"#
        #expect(evaluator.findings(in: first, second).map(\.isHistory) == [false])
        let fresh = try makeEvaluator("word:\n  prompt|contains: needle\ncondition: word")
        let found = fresh.findings(in: second, second)
        #expect(found.map(\.isHistory) == [true])
        #expect(found.map(\.turn) == [0])
    }

    @Test func aMalformedRecordIsSearchedForEveryField() throws {
        let evaluator = try makeEvaluator(
            "word:\n  response|contains: needle\ncondition: word",
            "word:\n  record.malformed: true\ncondition: word")
        let findings = evaluator.findings(in: "not json needle")
        #expect(findings.map(\.rule) == [0, 1])
        #expect(findings.map(\.isMalformed) == [true, true])
        #expect(findings[0].field == nil)
    }

    @Test func blankLinesAreNoRecords() throws {
        let evaluator = try makeEvaluator("word:\n  record.malformed: true\ncondition: word")
        #expect(evaluator.findings(in: "", "  ", "\t\r").isEmpty)
        #expect(evaluator.counts.lines == 3)
        #expect(evaluator.counts.records == 0)
    }

    @Test func excerptsAreShortWholeCharactersWithoutControls() throws {
        let evaluator = try makeEvaluator(
            "word:\n  prompt|contains: needle\ncondition: word", excerptBytes: 20)
        let filler = String(repeating: "é", count: 100)
        let finding = try #require(
            evaluator.findings(in: chat("\(filler)\\nneedle\(filler)")).first)
        let excerpt = try #require(finding.excerpt)
        #expect(excerpt.text.utf8.count <= 20)
        #expect(!excerpt.text.contains("\u{fffd}"))
        #expect(!excerpt.text.contains("\n"))
        let bytes = Array(excerpt.text.utf8)[excerpt.match]
        #expect(String(decoding: bytes, as: UTF8.self) == "needle")
        let none = try makeEvaluator(
            "word:\n  prompt|contains: needle\ncondition: word", excerptBytes: 0)
        #expect(none.findings(in: chat("needle")).first?.excerpt == nil)
    }

    @Test func nonASCIIIsCaselessAndAQuestionMarkIsOneCharacter() throws {
        let evaluator = try makeEvaluator(
            "word:\n  prompt|contains: ÉTÉ\ncondition: word",
            "word:\n  prompt: 'a?b'\ncondition: word")
        #expect(evaluator.findings(in: chat("un été chaud")).map(\.rule) == [0])
        #expect(evaluator.findings(in: chat("aéb")).map(\.rule) == [1])
        #expect(evaluator.findings(in: chat("aéèb")).isEmpty)
    }

    @Test func anExpressionFoundInEveryTextIsAWarningOfAFieldAndAnErrorOfAKeyword() throws {
        func parsed(_ selection: String) -> ParseResult {
            let text = ruleText("word:\n  \(selection)\ncondition: word")
            return parseRules([RuleSource(file: "x.yml", text: text)], fields: knownFieldNames)
        }
        func codes(_ selection: String) throws -> [String] {
            try DetectionPlan(parsed(selection)).warnings.map(\.problem.code)
        }
        #expect(try codes("prompt|re: '(zz)*'") == ["S027"])
        #expect(try codes("prompt|re|m: '^.*$'") == ["S027"])
        #expect(try codes("prompt|re: '^a*$'") == [])
        #expect {
            _ = try DetectionPlan(parsed("prompt|re: '(zz)*'\n  '|re': '(zz)*'"))
        } throws: { error in
            (error as? RefusedPatterns)?.diagnostics.map(\.problem.code) == ["S112"]
        }
    }

    @Test func whatVectorscanRefusesIsADiagnosticAtItsPlace() throws {
        let source = RuleSource(
            file: "x.yml", text: ruleText("word:\n  prompt|re: 'a{1,40000}'\ncondition: word"))
        let parsed = parseRules([source], fields: knownFieldNames)
        #expect {
            _ = try DetectionPlan(parsed)
        } throws: { error in
            let text = (error as? RefusedPatterns)?.diagnostics.first?.rendered() ?? ""
            return text.hasPrefix(
                "x.yml:7:16: error[S026]: the expression `a{1,40000}` cannot be used")
        }
    }
}

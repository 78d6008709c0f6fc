// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Sigma

/// Rule files that are wrong, each with what its author is told.
///
/// `RECORD_SNAPSHOTS=1 swift test --filter DiagnosticTests` writes the expectations anew.
@Suite struct DiagnosticTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Diagnostics")

    private static var cases: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }.sorted()
    }

    @Test("a wrong file is told as recorded", arguments: cases) func golden(name: String) throws {
        let text = try String(
            contentsOf: Self.folder.appendingPathComponent("\(name).yml"), encoding: .utf8)
        let result = parseRules(
            [RuleSource(file: "\(name).yml", text: text)],
            fields: ["prompt", "response", "gen_ai.request.model", "user.id", "turn.index"],
            metadata: [
                "gen_ai.request.model": .text, "user.id": .text, "turn.index": .number,
            ], placeholders: ["listed_words": ["alarm", "bell"]])
        let told = result.diagnostics.map { $0.rendered() + "\n" }.joined(separator: "\n")
        let expected = Self.folder.appendingPathComponent("\(name).expected")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            try told.write(to: expected, atomically: true, encoding: .utf8)
        }
        #expect(told == (try String(contentsOf: expected, encoding: .utf8)))
        #expect(!result.diagnostics.isEmpty)
        // What is warned of is a rule all the same.
        #expect(result.hasErrors || !result.rules.isEmpty)
    }

    @Test("each problem that the module can tell is told by one of the files")
    func everyProblemIsShown() throws {
        let module = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/Sigma/Problems")
        let sources = try FileManager.default.contentsOfDirectory(atPath: module.path)
            .filter { $0.hasPrefix("Problem+") }
            .map { try String(contentsOf: module.appendingPathComponent($0), encoding: .utf8) }
        let expected = try Self.cases.map {
            try String(
                contentsOf: Self.folder.appendingPathComponent("\($0).expected"), encoding: .utf8)
        }.joined()
        let codes = sources.flatMap { $0.matches(of: /"(S\d{3})"/).map { String($0.1) } }
        #expect(Set(codes).count == codes.count, "each code is one problem's")
        #expect(codes.count >= 70)
        // One problem is told only after 499 others; two by whoever has the models of scores.
        let toldElsewhere = [
            Problem.tooManyProblems.code, Problem.noScore("", known: []).code,
            Problem.scoreInTest("").code,
        ]
        for code in codes where !toldElsewhere.contains(code) {
            #expect(expected.contains("[\(code)]"), "\(code)")
        }
    }

    private static let otherDocuments = #"""
        title: A rule that defines a field
        id: 1e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b11
        name: refusal
        derives: response.refused
        logsource: {category: ai_interaction, product: chat}
        detection:
          words: ['cannot*', {'response|base64offset|contains': [abc, "de"]}]
          '|all': x
          condition: [words, not words]
        suppress: {by: [user.id], for: 1h}
        ---
        title: A rule that uses it
        id: 2e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b12
        name: asked
        level: low
        logsource: {category: ai_interaction}
        detection:
          a: {response.refused: false, 'turn.index|gte': 5, 'ip|cidr': '10.0.0.0/8'}
          b: {'prompt|windash|contains': ' -a', 'prompt|expand': '%x%', 'prompt|fieldref': response}
          condition: a and not b
        ---
        title: A correlation
        id: 3e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b13
        name: many
        level: low
        correlation:
          type: value_percentile
          rules: [asked]
          group-by: [who]
          timespan: 90m
          aliases: {who: {asked: user.id}}
          condition: {field: tokens, percentile: 95, gt: 5, lte: 1e3}
          generate: true
        tests:
          - {name: t, match: true, events: [{prompt: a}, {prompt: b, at: 5s}]}
        ---
        title: A correlation over correlations
        id: 4e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b14
        level: low
        correlation: {type: temporal, timespan: 1d, condition: asked and (many or not asked)}
        ---
        title: A filter
        logsource: {category: ai_interaction}
        filter: {rules: [asked, refusal], known: {user.id: x}, condition: not known}
        """#

    @Test("the other documents are right before they are changed") func otherDocumentsAreRight() {
        let result = parseRules(
            [RuleSource(file: "x", text: Self.otherDocuments)], fields: ["prompt"],
            placeholders: ["x": ["y"]])
        #expect(result.rules.count == 2)
        #expect(result.correlations.count == 2)
        #expect(!result.hasErrors, "\(result.diagnostics.map { $0.rendered() })")
    }

    @Test("aliases as keys, lists in lists and long conditions are refused in no time")
    func largeFiles() {
        let aliases = zip("abcdefghijklmnopqrstuvw", "bcdefghijklmnopqrstuvwx").map {
            "\($1): &\($1) [\(Array(repeating: "*\($0)", count: 10).joined(separator: ","))]"
        }
        let bomb = "a: &a [x]\n" + aliases.joined(separator: "\n") + "\n? *x\n: 1\n"
        let texts = [
            bomb, bomb.replacing(": &", with: " : &"),
            "a: " + String(repeating: "[", count: 50_000),
            String(repeating: "? ", count: 50_000), String(repeating: "- ", count: 50_000),
            String(repeating: "{a: ", count: 50_000),
            ParsingTests.everything.replacing(
                "asked or all", with: String(repeating: "not ", count: 50_000)),
            ParsingTests.everything.replacing(
                "[make, \"produce\"]",
                with: String(repeating: "[", count: 200) + "a"
                    + String(repeating: "]", count: 200)),
        ]
        let clock = ContinuousClock()
        let time = clock.measure {
            for text in texts {
                #expect(parseRules([RuleSource(file: "x", text: text)], fields: []).hasErrors)
            }
        }
        #expect(time < .seconds(20), "\(time)")
    }

    @Test("a file with more problems than anyone reads is told of its first ones")
    func manyProblems() {
        let lines = (0..<2000).map { "  s\($0): {prompt|contain: a}" }.joined(separator: "\n")
        let text = ParsingTests.everything.replacing("detection:", with: "detection:\n" + lines)
        let result = parseRules([RuleSource(file: "x", text: text)], fields: ["prompt"])
        #expect(result.diagnostics.count == 500)
        #expect(result.diagnostics.last?.problem == .tooManyProblems)
    }

    @Test("no beginning of a right file and no changed byte makes it crash")
    func mutations() throws {
        let text = ParsingTests.everything + "\n---\n" + Self.otherDocuments
        let bytes = Array(text.utf8)
        for end in stride(from: 0, to: bytes.count, by: 11) {
            let part = String(decoding: bytes[..<end], as: UTF8.self)
            _ = parseRules([RuleSource(file: "x", text: part)], fields: ["prompt"])
        }
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let marks = Array("{}[]:|>&*'\"-\n\t #?!%@\\(".utf8)
                changed[Int.random(in: 0..<changed.count, using: &random)] =
                    marks.randomElement(using: &random) ?? 0
            }
            let source = RuleSource(file: "x", text: String(decoding: changed, as: UTF8.self))
            let result = parseRules([source], fields: ["prompt"])
            for diagnostic in result.diagnostics { _ = diagnostic.rendered() }
        }
    }
}

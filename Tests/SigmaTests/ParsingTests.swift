// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Sigma

@Suite struct ParsingTests {
    static let everything = #"""
        title: A rule with everything
        id: 0e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b10
        status: test
        description: |
          Two lines
          of text.
        references: [https://example.org]
        author: Somebody
        date: 2026-11-23
        version: 3
        tags: [risk.biological, attack.t1566]
        logsource:
          category: ai_interaction
          product: any
        detection:
          asked:
            prompt|contains: [make, "produce"]
            prompt|contains|all:
              - a
              - b
          named:
            - prompt: whole
            - response|endswith: 'end\*'
          _hidden:
            prompt|re|i|s: 'x{1,3}'
          filter_one:
            prompt|startswith: 'no'
          filter_two:
            extra.count: 5
            extra.flag: false
            response: null
          condition: (asked or all of named) and not 1 of filter_* and not _hidden
        falsepositives: [none]
        level: critical
        tests:
          - name: one
            match: true
            event: {prompt: text, extra.count: 5, extra.flag: no, tool.call: [a, b]}
        """#

    private func rule(_ text: String) throws -> Rule {
        let result = parseRules(
            [RuleSource(file: "x.yml", text: text)], fields: ["prompt", "response", "tool.call"])
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map { $0.rendered() })")
        return try #require(result.rules.first)
    }

    @Test func attributesAreKept() throws {
        let rule = try rule(Self.everything)
        #expect(rule.title == "A rule with everything")
        #expect(rule.id == "0e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b10")
        #expect(rule.level == .critical)
        #expect(rule.tags == ["risk.biological", "attack.t1566"])
        #expect(rule.version == 3)
        #expect(rule.location == SourceLocation(file: "x.yml", line: 1, column: 1))
        let test = try #require(rule.tests.first)
        #expect(test.name == "one")
        #expect(test.matches)
        #expect(
            test.events.flatMap(\.fields).map(\.value) == [
                .string("text"), .number(5), .boolean(false), .strings(["a", "b"]),
            ])
    }

    @Test func selectionsStandInPlaceOfTheirNames() throws {
        guard case .and(let parts) = try rule(Self.everything).condition else {
            Issue.record("no conjunction")
            return
        }
        #expect(parts.count == 3)
        guard case .or(let choices) = parts[0],
            case .named(.selection(let name), .and(let asked)) = choices[0]
        else {
            Issue.record("not (asked or named)")
            return
        }
        #expect(name == "asked")
        #expect(asked[0].described == "(prompt~make or prompt~produce)")
        #expect(asked[1].described == "(prompt~a and prompt~b)")
        #expect(choices[1].described == "(prompt=whole or response~end*$)")
        #expect(
            parts[1].described
                == "not (prompt~^no or (extra.count=5.0 and extra.flag=false and response=null))")
        #expect(parts[2].described == "not prompt/x{1,3}/is")
    }

    @Test(
        "not binds before and, and before or",
        arguments: [
            ("a or b and c", "(prompt=a or (prompt=b and prompt=c))"),
            ("not a and b", "(not prompt=a and prompt=b)"),
            ("not (a or b)", "not (prompt=a or prompt=b)"),
            ("(a or b) and c", "((prompt=a or prompt=b) and prompt=c)"),
            ("not not a", "not not prompt=a"), ("(((a)))", "prompt=a"),
            ("1 of them", "(prompt=a or prompt=b or prompt=c)"),
            ("all of them", "(prompt=a and prompt=b and prompt=c)"),
            ("any of a* or all of b* and c", "(prompt=a or (prompt=b and prompt=c))"),
        ])
    func precedence(text: String, meaning: String) throws {
        // Unused selections are a warning that is not looked at here.
        let source = """
            title: t
            id: 0e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b10
            logsource: {category: ai_interaction}
            level: low
            detection:
              a: {prompt: a}
              b: {prompt: b}
              c: {prompt: c}
              condition: \(text)
            """
        let result = parseRules([RuleSource(file: "x", text: source)], fields: ["prompt"])
        #expect(result.rules.first?.condition.described == meaning)
    }

    @Test(
        "wildcards and backslashes mean what the specification says",
        arguments: [
            (#"a*b"#, #"^a*b$"#), (#"*a*"#, #"a"#), (#"a?"#, #"^a?$"#), (#"a\*"#, #"^a{*}$"#),
            (#"a\?b"#, #"^a{?}b$"#), (#"a\\*b"#, #"^a{\}*b$"#), (#"c:\dir"#, #"^c:{\}dir$"#),
            (#"a**b"#, #"^a*b$"#), (#"\"#, #"^{\}$"#),
        ])
    func wildcards(value: String, meaning: String) {
        #expect(TextValue(value).pattern?.described(escaping: true) == meaning)
    }

    @Test func windowsLineEndsAndAByteOrderMarkAreNoTrouble() throws {
        let text = "\u{feff}" + Self.everything.replacing("\n", with: "\r\n")
        #expect(try rule(text).tests.count == 1)
    }

    @Test func aFileMayHoldSeveralRules() {
        let other = Self.everything.replacing("0e1f5a6c", with: "1e1f5a6c")
        let source = RuleSource(file: "x", text: Self.everything + "\n---\n" + other)
        #expect(
            parseRules([source], fields: ["prompt", "response", "tool.call"]).rules.count == 2)
    }

    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test("the reference's examples are right, and it names every modifier") func reference() throws
    {
        let text = try String(
            contentsOf: Self.repository.appendingPathComponent("docs/RULES.md"), encoding: .utf8)
        let examples = text.split(separator: "```yaml\n").dropFirst()
            .compactMap { $0.split(separator: "```").first }.filter { $0.hasPrefix("title:") }
        let result = parseRules(
            [RuleSource(file: "RULES.md", text: examples.joined(separator: "\n---\n"))],
            fields: ["prompt", "response", "user.id"])
        #expect(result.rules.count == 2)
        #expect(result.correlations.count == 1)
        #expect(
            result.diagnostics.isEmpty,
            "\(result.diagnostics.map { $0.rendered() }.joined(separator: "\n"))")
        for modifier in Modifier.allCases { #expect(text.contains("`\(modifier.rawValue)`")) }
        for type in CorrelationType.allCases { #expect(text.contains("`\(type.rawValue)`")) }
    }

    @Test("the shipped packs have no errors, nor anything to warn of") func shippedRules() throws {
        let folder = Self.repository.appendingPathComponent("rules").resolvingSymlinksInPath()
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "yml" } ?? []
        let sources = try files.map {
            RuleSource(
                file: $0.lastPathComponent, text: try String(contentsOf: $0, encoding: .utf8))
        }
        let result = parseRules(
            sources,
            fields: ["prompt", "response", "system", "reasoning", "tool.call", "tool.result"])
        #expect(result.rules.count >= 18)
        #expect(
            result.diagnostics.isEmpty,
            "\(result.diagnostics.map { $0.rendered() }.joined(separator: "\n"))")
    }

    @Test(
        arguments: [("promt", "prompt"), ("levle", "level"), ("xyz", nil)] as [(String, String?)])
    func theNearestNameIsFound(name: String, nearest: String?) {
        #expect(nearestName(to: name, in: ["prompt", "level", "tags"]) == nearest)
    }
}

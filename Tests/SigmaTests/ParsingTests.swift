// SPDX-License-Identifier: Apache-2.0
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
        guard case .or(let choices) = parts[0], case .and(let asked) = choices[0] else {
            Issue.record("not (asked or named)")
            return
        }
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
            ("a AND NOT b", "(prompt=a and not prompt=b)"),
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
        #expect(StringPattern(value, .whole).described(escaping: true) == meaning)
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

    @Test(
        arguments: [("promt", "prompt"), ("levle", "level"), ("xyz", nil)] as [(String, String?)])
    func theNearestNameIsFound(name: String, nearest: String?) {
        #expect(nearestName(to: name, in: ["prompt", "level", "tags"]) == nearest)
    }
}

extension Expression {
    /// The expression in one line, for tests.
    fileprivate var described: String {
        switch self {
        case .and(let parts): "(\(parts.map(\.described).joined(separator: " and ")))"
        case .or(let parts): "(\(parts.map(\.described).joined(separator: " or ")))"
        case .not(let part): "not \(part.described)"
        case .match(let match):
            switch match.value {
            case .string(let pattern):
                if pattern.anchoredStart, pattern.anchoredEnd {
                    "\(match.field)=\(pattern.described(escaping: false).dropFirst().dropLast())"
                } else {
                    "\(match.field)~\(pattern.described(escaping: false))"
                }
            case .regex(let regex):
                "\(match.field)/\(regex.expression)/\(regex.isCaseless ? "i" : "")\(regex.dotMatchesNewline ? "s" : "")\(regex.isMultiline ? "m" : "")"
            case .number(let number): "\(match.field)=\(number)"
            case .boolean(let flag): "\(match.field)=\(flag)"
            case .null: "\(match.field)=null"
            }
        }
    }
}

extension StringPattern {
    /// The pattern with `^` and `$` for its anchors; `{c}` is a literal wildcard or backslash.
    fileprivate func described(escaping: Bool) -> String {
        let text = parts.map { part in
            switch part {
            case .anyRun: "*"
            case .anyOne: "?"
            case .literal(let text):
                text.map { escaping && "*?\\".contains($0) ? "{\($0)}" : "\($0)" }.joined()
            }
        }.joined()
        return (anchoredStart ? "^" : "") + text + (anchoredEnd ? "$" : "")
    }
}

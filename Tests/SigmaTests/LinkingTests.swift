// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Sigma

/// What documents say of each other: filters, derived fields, names.
@Suite struct LinkingTests {
    static let idStart = "0e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b1"

    /// A rule that looks for its own name, or for what `words` says.
    static func rule(
        _ number: Int, _ name: String, words: String? = nil, extra: String = "",
        logsource: String = "category: ai_interaction"
    ) -> String {
        """
        title: \(name)
        id: \(idStart)\(number)
        name: \(name)
        logsource: {\(logsource)}
        level: low
        \(extra)
        detection:
          words: \(words ?? "{prompt: \(name)}")
          condition: words
        """
    }

    static func filter(
        _ rules: String, condition: String = "not known",
        logsource: String = "category: ai_interaction"
    ) -> String {
        """
        title: a filter
        logsource: {\(logsource)}
        filter:
          rules: \(rules)
          known: {user.id: tester}
          condition: \(condition)
        """
    }

    static func parse(_ texts: String...) -> ParseResult {
        parseRules(
            texts.enumerated().map { RuleSource(file: "\($0).yml", text: $1) },
            fields: ["prompt", "response", "user.id"], metadata: ["user.id": .text])
    }

    private func conditions(_ result: ParseResult) -> [String: String] {
        #expect(!result.hasErrors, "\(result.diagnostics.map { $0.rendered() })")
        return Dictionary(
            result.rules.map { ($0.title, $0.condition.described) }, uniquingKeysWith: { $1 })
    }

    @Test(
        "a filter is joined by `and` to the rules that it names, wherever these are",
        arguments: ["[a]", "a", "[0E1F5A6C-93D7-4F0B-8D55-2F7A1C9E4B11]"])
    func namedRules(rules: String) {
        let found = conditions(
            Self.parse(Self.filter(rules), Self.rule(1, "a") + "\n---\n" + Self.rule(2, "b")))
        #expect(found["a"] == "(prompt=a and not user.id=tester)")
        #expect(found["b"] == "prompt=b")
    }

    @Test(
        "a filter for any rule, or with an empty list, is for all of its log source",
        arguments: ["any", "Any", "[]"])
    func anyRule(rules: String) {
        let other = Self.rule(2, "b", logsource: "category: ai_interaction, product: chat")
        let found = conditions(
            Self.parse(
                Self.rule(1, "a"), other, Self.filter(rules, logsource: "product: chat")))
        #expect(found["a"] == "prompt=a")
        #expect(found["b"] == "(prompt=b and not user.id=tester)")
    }

    @Test func twoFiltersBothHold() {
        let found = conditions(
            Self.parse(Self.rule(1, "a"), Self.filter("a"), Self.filter("any")))
        #expect(found["a"] == "((prompt=a and not user.id=tester) and not user.id=tester)")
    }

    @Test func aFilterThatSilencesAllIsNoMistake() {
        let result = Self.parse(
            Self.rule(1, "a", words: "{user.id: tester}"), Self.filter("a"))
        #expect(result.diagnostics.isEmpty)
    }

    @Test func severalConditionsAreAlternatives() {
        let text = Self.rule(1, "a").replacing(
            "condition: words", with: "condition: [words, not words]")
        #expect(conditions(Self.parse(text))["a"] == "(prompt=a or not prompt=a)")
    }

    private static let refusal = rule(
        7, "refusal", words: "{response|contains: cannot}", extra: "derives: response.refused")

    @Test("a derived field stands for its condition, in any file and in filters")
    func derivedField() throws {
        let user = Self.rule(1, "a", words: "{prompt: a, response.refused: false}")
        let filter = Self.filter("b", condition: "not known").replacing(
            "user.id: tester", with: "response.refused: true")
        let result = Self.parse(user, Self.rule(2, "b"), filter, Self.refusal)
        let found = conditions(result)
        #expect(result.diagnostics.isEmpty)
        #expect(found["a"] == "(prompt=a and not response~cannot)")
        #expect(found["b"] == "(prompt=b and not response~cannot)")
        let derived = try #require(result.rules.first { $0.title == "refusal" })
        #expect(derived.derives == "response.refused")
        #expect(found["refusal"] == "response~cannot")
    }

    @Test func derivedFieldsMayBeDefinedByOthers() {
        let outer = Self.rule(
            1, "outer", words: "{response.refused: true, prompt: a}", extra: "derives: turn.done")
        let user = Self.rule(2, "user", words: "{turn.done: false}")
        let found = conditions(Self.parse(user, outer, Self.refusal))
        #expect(found["user"] == "not (response~cannot and prompt=a)")
    }

    @Test("fields defined by twice the one before do not grow without bound")
    func derivedGrowth() {
        var texts = [Self.rule(1, "a0", extra: "derives: a.f0")]
        for number in 1...30 {
            texts.append(
                Self.rule(
                    1, "a\(number)",
                    words: "[{a.f\(number - 1): true}, {a.f\(number - 1): false}]",
                    extra: "derives: a.f\(number)"
                ).replacing("id: \(Self.idStart)1", with: "id: \(UUIDs.id(number))"))
        }
        let result = Self.parse(texts.joined(separator: "\n---\n"))
        #expect(result.diagnostics.contains { $0.problem == .tooLarge })
    }

    @Test("a filter for any rule leaves out what only defines a field")
    func filtersAndDerivedFields() {
        let user = Self.rule(1, "a", words: "{response.refused: true}")
        let found = conditions(Self.parse(user, Self.refusal, Self.filter("any")))
        #expect(found["refusal"] == "response~cannot")
        #expect(found["a"] == "(response~cannot and not user.id=tester)")
        let named = conditions(Self.parse(user, Self.refusal, Self.filter("refusal")))
        #expect(named["a"] == "(response~cannot and not user.id=tester)")
    }

    @Test func suppressionIsRead() throws {
        let text = Self.rule(1, "a", extra: "suppress: {by: [user.id, region], for: 90m}")
        #expect(
            Self.parse(text).rules.first?.suppression
                == Suppression(fields: ["user.id", "region"], seconds: 5400))
        let bare = Self.rule(1, "a", extra: "suppress: {for: 1d}")
        #expect(
            Self.parse(bare).rules.first?.suppression == Suppression(fields: [], seconds: 86_400))
    }

    @Test("events follow each other by a second unless they say when they are")
    func testEvents() throws {
        let tests = """
            tests:
              - name: one
                match: true
                events:
                  - {prompt: a}
                  - {prompt: b}
                  - {prompt: c, at: 2m}
                  - {prompt: d}
            """
        let rule = try #require(Self.parse(Self.rule(1, "a", extra: tests)).rules.first)
        #expect(rule.tests.first?.events.map(\.atSeconds) == [0, 1, 120, 121])
        #expect(rule.tests.first?.events.map(\.fields.count) == [1, 1, 1, 1])
    }
}

/// Ids for tests that need many.
enum UUIDs {
    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "0e1f5a6c-93d7-4f0b-8d55-"
            + String(repeating: "0", count: 12 - digits.count) + digits
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Sigma

/// What selections mean, one line of YAML each.
@Suite struct ModifierTests {
    static func parse(
        _ selection: String, placeholders: [String: [String]] = [:]
    ) -> ParseResult {
        let text = """
            title: t
            id: 0e1f5a6c-93d7-4f0b-8d55-2f7a1c9e4b10
            logsource: {category: ai_interaction}
            level: low
            detection:
              s: \(selection)
              condition: s
            """
        return parseRules(
            [RuleSource(file: "x", text: text)],
            fields: ["prompt", "response", "user.id", "turn.index"],
            metadata: ["user.id": .text, "turn.index": .number], placeholders: placeholders)
    }

    private func meaning(
        _ selection: String, placeholders: [String: [String]] = [:]
    ) -> String {
        let result = Self.parse(selection, placeholders: placeholders)
        return result.rules.first?.condition.described
            ?? result.diagnostics.map { $0.rendered() }.joined()
    }

    @Test(
        "modifiers mean what pySigma 1.5.1 makes of them",
        arguments: [
            ("{prompt: a}", "prompt=a"),
            ("{prompt: ''}", "prompt="),
            ("{prompt|cased: Ab}", "prompt=Ab cased"),
            ("{prompt|cased|contains: Ab}", "prompt~Ab cased"),
            ("{prompt|contains|cased: Ab}", "prompt~Ab cased"),
            ("{prompt|startswith: 'a*'}", "prompt~^a"),
            ("{prompt|contains: ['*a', b]}", "(prompt~a or prompt~b)"),
            ("{prompt|contains|all: [a, b]}", "(prompt~a and prompt~b)"),
            ("{prompt|neq: a}", "not prompt=a"),
            ("{prompt|neq|contains|all: [a, b]}", "not (prompt~a and prompt~b)"),
            ("{prompt|neq: [1, 2]}", "not (prompt=1 or prompt=2)"),
            ("{prompt|re|i|m|s: 'a.b'}", "prompt/a.b/ism"),
            ("{prompt|re|ignorecase|dotall: 'a.b'}", "prompt/a.b/is"),
            ("{prompt|re|contains: 'a.b'}", "prompt/a.b/"),
            ("{prompt|re: 5+}", "prompt/5+/"),
            ("{prompt|exists: yes}", "prompt exists"),
            ("{prompt|exists: false}", "prompt is missing"),
            ("{prompt: null}", "prompt=null"),
            ("{prompt: 5}", "prompt=5"),
            ("{turn.index: 5}", "turn.index=5.0"),
            ("{extra: 5}", "extra=5.0"),
            ("{extra: '5'}", "extra=5"),
            ("{extra: true}", "extra=true"),
            ("{extra|gt: 5.5}", "extra gt 5.5"),
            ("{extra|gte|all: [1, 2]}", "(extra gte 1.0 and extra gte 2.0)"),
            ("{extra|lt: -5}", "extra lt -5.0"),
            ("{extra|lte|neq: 5}", "not extra lte 5.0"),
            ("{time|hour: 5}", "time hour eq 5.0"),
            ("{time|week|gte: 5}", "time week gte 5.0"),
            ("{time|year|neq: 2026}", "not time year eq 2026.0"),
            ("{prompt|fieldref: response}", "prompt equals response"),
            ("{prompt|fieldref|contains: response}", "prompt contains response"),
            ("{prompt|fieldref|startswith|neq: response}", "not prompt startsWith response"),
            ("{prompt|fieldref|startswith|endswith: a}", "prompt contains a"),
            ("{prompt|fieldref|cased: response}", "prompt equals response cased"),
            ("{prompt|cased|fieldref: response}", "prompt equals response cased"),
            ("{ip|cidr: 10.0.0.0/8}", "ip in 10.0.0.0/8"),
            ("{ip|cidr: 192.168.1.1}", "ip in 192.168.1.1/32"),
            ("{ip|cidr: '2001:db8::/33'}", "ip in 32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0/33"),
            (
                "{ip|cidr: '::ffff:10.1.0.0/112'}",
                "ip in 0.0.0.0.0.0.0.0.0.0.255.255.10.1.0.0/112"
            ),
            ("{prompt|base64: alarm}", "prompt=YWxhcm0= cased"),
            ("{prompt|base64|contains: 'a\\*b'}", "prompt~YSpi cased"),
            (
                "{prompt|base64offset|contains: foobar}",
                "(prompt~Zm9vYmFy cased or prompt~Zvb2Jhc cased or prompt~mb29iYX cased)"
            ),
            (
                "{prompt|wide|base64offset|contains: foobar}",
                "(prompt~ZgBvAG8AYgBhAHIA cased or prompt~YAbwBvAGIAYQByA cased "
                    + "or prompt~mAG8AbwBiAGEAcg cased)"
            ),
            ("{prompt|utf16|base64: a}", "prompt=//5hAA== cased"),
            ("{prompt|utf16be|base64: é}", "prompt=AOk= cased"),
            (
                "{prompt|windash|contains: ' -a-b'}",
                "(prompt~ -a-b or prompt~ /a-b or prompt~ –a-b or prompt~ —a-b or prompt~ ―a-b)"
            ),
        ])
    func modifiers(selection: String, meaning: String) {
        #expect(self.meaning(selection) == meaning)
    }

    @Test("options that join with windash are each other's product")
    func optionMarks() {
        let forms = TextValue("-a /b").withOptionMarks(limit: 100)
        #expect(forms?.count == 25)
        #expect(Set(forms?.compactMap { $0.pattern?.described(escaping: false) } ?? []).count == 25)
    }

    @Test(
        "keywords are looked for in all texts",
        arguments: [
            ("[a, 'b*c', 5]", "(any~a or any~b*c or any~5)"),
            ("a", "any~a"),
            ("{'|all': [a, b]}", "(any~a and any~b)"),
            ("{'|contains|all': [a, b]}", "(any~a and any~b)"),
            ("{'|startswith': a}", "any~^a"),
            ("{'|endswith|cased': A}", "any~A$ cased"),
            ("{'|re|i': 'a.b'}", "any/a.b/i"),
            ("{'|neq': a}", "not any~a"),
            ("[a, {prompt: b, response: c}]", "(any~a or (prompt=b and response=c))"),
            ("[{prompt: b}, {response: [c, d]}]", "(prompt=b or (response=c or response=d))"),
            ("[[a, b], c]", "((any~a or any~b) or any~c)"),
        ])
    func keywords(selection: String, meaning: String) {
        #expect(self.meaning(selection) == meaning)
    }

    @Test(
        "placeholders take their values, which may have wildcards",
        arguments: [
            ("{prompt|expand: '%who%'}", "(prompt=ann or prompt~^b)"),
            ("{prompt|expand|contains: 'x %who%.'}", "(prompt~x ann. or prompt~x b*.)"),
            ("{prompt|contains|expand: '%who%'}", "(prompt~ann or prompt~b)"),
            ("{prompt|expand|all: ['%who%', c]}", "((prompt=ann or prompt~^b) and prompt=c)"),
            ("{prompt|expand: '\\%who%one%'}", "prompt=%who1"),
            ("{prompt: '%who%'}", "prompt=%who%"),
            ("{prompt|re|expand: 'a %one%'}", "prompt/a 1/"),
            ("{prompt|expand: '50% of %one%'}", "prompt=50% of 1"),
        ])
    func expansion(selection: String, meaning: String) {
        let values = ["who": ["ann", "b*"], "one": ["1"]]
        let result = Self.parse(selection, placeholders: values)
        if selection.contains("50%") {
            // `% of %` reads as a placeholder, as in pySigma.
            #expect(result.hasErrors)
        } else {
            #expect(self.meaning(selection, placeholders: values) == meaning)
        }
    }

    @Test("what is the same at every offset stands in the base64 of any text around")
    func base64Offsets() throws {
        for text in ["ab", "abc", "abcd", "abcde", "grüße", "\u{1F514} bell"] {
            let forms = try #require(TextValue(text).base64AtOffsets).map {
                String(decoding: $0.literalBytes, as: UTF8.self)
            }
            for before in 0..<6 {
                for after in 0..<4 {
                    let around =
                        Data(repeating: 0x7A, count: before) + Data(text.utf8)
                        + Data(repeating: 0x51, count: after)
                    let encoded = around.base64EncodedString()
                    #expect(encoded.contains(forms[before % 3]), "\(text) \(before) \(after)")
                }
            }
            let whole = try #require(TextValue(text).base64.pattern)
            #expect(whole.parts == [.literal(Data(text.utf8).base64EncodedString())])
        }
    }

    @Test(
        arguments: [
            "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "010.0.0.0/8", "256.0.0.0/8",
            "::1::", ":::", "1:2:3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8/129", "12345::", "g::",
            "::1.2.3", "1::2:3:4:5:6:7:8", "", "/8", "10.0.0.0/8/8",
        ])
    func nonsenseIsNoNetwork(text: String) {
        #expect(throws: Problem.self) { try Network(text) }
    }

    @Test(
        "an expression is said to be a text only where it says the same",
        arguments: [
            ("abc", "f|contains|cased: 'abc'"), ("^abc", "f|startswith|cased: 'abc'"),
            ("abc$", "f|endswith|cased: 'abc'"), ("^abc$", "f|cased: 'abc'"),
            (".*abc.*", "f|contains|cased: 'abc'"), (#"a\.b\*"#, #"f|contains|cased: 'a.b\*'"#),
            (#"a\\b"#, #"f|contains|cased: 'a\\b'"#), ("it's", "f|contains|cased: 'it''s'"),
            ("a.b", nil), (#"\d"#, nil), ("a|b", nil), ("[a]", nil), ("a+", nil), ("^.*a", nil),
            (#"a\$"#, "f|contains|cased: 'a$'"), ("a{2}", nil), (#"\x41"#, nil), ("^$", nil),
        ] as [(String, String?)])
    func plainForms(expression: String, form: String?) {
        #expect(
            RegexReading.plainForm(of: RegexPattern(expression: expression), field: "f") == form)
    }
}

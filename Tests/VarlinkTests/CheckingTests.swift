// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Varlink

@Suite struct CheckingTests {
    /// Parameters of `Echo`, and which of them is wrong.
    private static let cases: [(String, String?)] = [
        (#"{"text":"a"}"#, nil),
        (
            #"{"text":"a","number":1,"share":2,"level":"low","any":{"x":[null]},"places":[]}"#, nil
        ),
        (
            #"{"text":"a","number":null,"words":{"a":"b"},"places":[{"line":1},{"line":2,"column":3}]}"#,
            nil
        ),
        ("{}", "text"),
        (#"{"text":null}"#, "text"),
        (#"{"text":5}"#, "text"),
        (#"{"text":"a","number":1.0}"#, "number"),
        (#"{"text":"a","number":1e3}"#, "number"),
        (#"{"text":"a","number":9223372036854775807}"#, nil),
        (#"{"text":"a","number":9223372036854775808}"#, "number"),
        (#"{"text":"a","number":"1"}"#, "number"),
        (#"{"text":"a","number":true}"#, "number"),
        (#"{"text":"a","share":"x"}"#, "share"),
        (#"{"text":"a","level":"middle"}"#, "level"),
        (#"{"text":"a","level":0}"#, "level"),
        (#"{"text":"a","any":[1]}"#, "any"),
        (#"{"text":"a","places":{}}"#, "places"),
        (#"{"text":"a","places":[{"line":1},{"line":"2"}]}"#, "places[1].line"),
        (#"{"text":"a","places":[{"line":1},null]}"#, "places[1]"),
        (#"{"text":"a","places":[{}]}"#, "places[0].line"),
        (#"{"text":"a","places":[{"line":1,"row":2}]}"#, "places[0].row"),
        (#"{"text":"a","words":{"a":1}}"#, "words.a"),
        (#"{"text":"a","words":{"a":null}}"#, "words.a"),
        (#"{"text":"a","txt":"b"}"#, "txt"),
    ]

    @Test("parameters are as declared, or the one that is not is named", arguments: 0..<24)
    func parameters(index: Int) throws {
        let (text, fault) = Self.cases[index]
        #expect(Self.cases.count == 24)
        let interface = try VarlinkInterface(testInterface)
        var reader = JSONReader()
        let members = try #require(try reader.read(Array(text.utf8)).members)
        let input = try #require(interface.methods["Echo"]?.input)
        #expect(interface.fault(in: members, as: input) == fault)
    }
}

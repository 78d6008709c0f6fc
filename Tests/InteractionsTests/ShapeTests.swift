// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import Testing

@testable import Interactions

@Suite struct ShapeTests {
    @Test("a line is read the same by its shape's name and recognised", arguments: ShapeFixture.all)
    func fixtures(fixture: ShapeFixture) {
        for shape in [RecordShape.automatic, .builtIn(fixture.shape)] {
            let line = DecodedLine(fixture.line, shape: shape)
            #expect(line.hasInteraction)
            #expect(!line.decoder.interaction.isMalformed)
            #expect(line.turns == fixture.turns)
            for (field, value) in fixture.metadata {
                #expect(line.metadata(field) == value, "\(field.name)")
            }
            for field in NumberField.allCases {
                let number = line.decoder.interaction[number: field]
                #expect(number == fixture.numbers[field], "\(field.name)")
            }
            #expect(line.decoder.interaction.timeMilliseconds == fixture.time)
            #expect(line.decoder.interaction.fragment == nil)
            #expect(!line.decoder.next())
        }
    }

    @Test("recognition names the shape", arguments: ShapeFixture.all)
    func recognised(fixture: ShapeFixture) {
        let wrong = BuiltInShape.allCases.filter { other in
            other != fixture.shape && Self.recognised(fixture.line) == other
        }
        #expect(wrong.allSatisfy { fixture.shape == .otlp && $0 == .openTelemetry })
    }

    private static func recognised(_ line: String) -> BuiltInShape? {
        let bytes = Array(line.utf8)
        let block = LineBlock(capacity: bytes.count)
        block.append(copying: bytes.span)
        var parser = JSONParser()
        guard let tape = parser.parse(block.bytes) else { return nil }
        let copies = RawText()
        let reader = ShapeReader(
            tape: tape, nested: NestedDocument(copyingTo: copies), indexes: MemberIndexes())
        return reader.exchange(Tape.root).flatMap(reader.recognise)
    }

    @Test("every shape has a name and a fixture", arguments: BuiltInShape.allCases)
    func names(shape: BuiltInShape) {
        #expect(RecordShape(name: shape.rawValue) == .builtIn(shape))
        #expect(RecordShape.names.contains(shape.rawValue))
        #expect(ShapeFixture.all.contains { $0.shape == shape })
    }

    @Test func automaticHasANameAndOthersHaveNone() {
        #expect(RecordShape(name: "auto") == .automatic)
        #expect(RecordShape(name: "chat") == nil)
    }

    @Test func everyNameIsFoundInTheTable() {
        for name in MemberName.allCases {
            let bytes = Array(name.text.utf8)
            let padded = bytes + [UInt8](repeating: 0x41, count: 8)
            let found = padded.withUnsafeBufferPointer {
                MemberTable.shared.name(of: $0.baseAddress!, count: bytes.count)
            }
            #expect(found == name)
            let longer = padded.withUnsafeBufferPointer {
                MemberTable.shared.name(of: $0.baseAddress!, count: bytes.count + 1)
            }
            #expect(longer == nil)
        }
    }

    @Test func anUnknownRecordIsMalformedWhateverTheShape() {
        for name in RecordShape.names {
            let line = DecodedLine(
                #"{"text":"hello"}"#, shape: RecordShape(name: name) ?? .automatic)
            #expect(line.decoder.interaction.isMalformed, "\(name)")
            #expect(line.turns == [[#"raw: {"text":"hello"}"#]], "\(name)")
        }
    }

    @Test func aResponseTellsWhichOneItGoesOnFrom() {
        let line = DecodedLine(
            #"{"object":"response","id":"b","previous_response_id":"a","output":[]}"#)
        #expect(line.decoder.interaction.previousRecordID.map(line.text) == "a")
    }
}

@Suite struct ManyRecordsTests {
    @Test func aListOfRecordsIsAnInteractionEach() {
        let line = DecodedLine(
            #"[{"prompt":"Q1","response":"A1","id":"1"},{"messages":[{"role":"user","content":"Q2"}],"created":5},"stray",{"prompt":"Q3"}]"#
        )
        #expect(line.metadata(.recordID) == "1")
        #expect(
            line.allTurns() == [
                [["prompt: Q1", "response: A1"]], [["prompt: Q2"]], [["raw: stray"]],
                [["prompt: Q3"]],
            ])
        #expect(line.metadata(.recordID) == nil)
        #expect(line.decoder.interaction.timeMilliseconds == nil)
    }

    @Test func aListWithoutRecordsIsRawText() {
        for text in [#"["a",1]"#, "[]", #"[[{"prompt":"Q"}]]"#] {
            let line = DecodedLine(text)
            #expect(line.decoder.interaction.isMalformed)
            #expect(line.allTurns().count == 1)
        }
    }

    private static func span(_ key: String, _ text: String) -> String {
        #"{"name":"s","attributes":[{"key":"\#(key)","value":{"stringValue":"\#(text)"}},{"key":"http.status","value":{"intValue":"200"}}]}"#
    }

    private static func line(_ spans: [String]) -> String {
        #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"g"}}]},"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#
    }

    @Test func ofAnOTLPLineOnlyTheModelsSpansAreInteractions() {
        let spans = [
            Self.span("http.method", "GET"), Self.span("gen_ai.prompt", "Q1"),
            Self.span("gen_ai.prompt", "Q2"),
        ]
        #expect(DecodedLine(Self.line(spans)).allTurns() == [[["prompt: Q1"]], [["prompt: Q2"]]])
    }

    @Test func anOTLPLineOfOtherSpansHasNoInteractionAndIsNotMalformed() {
        for spans in [[], [Self.span("http.method", "GET")]] {
            #expect(!DecodedLine(Self.line(spans)).hasInteraction)
        }
        #expect(!DecodedLine(#"{"resourceLogs":[]}"#, shape: .builtIn(.otlp)).hasInteraction)
    }

    @Test func aMappingMaySayWhereTheRecordsAre() throws {
        var mapping = RecordMapping()
        mapping.each = JSONPointer("/records")
        mapping.texts = [(.prompt, try #require(JSONPointer("/q")))]
        mapping.numbers = [(.inputTokens, try #require(JSONPointer("/n")))]
        mapping.time = JSONPointer("/t")
        let line = DecodedLine(
            #"{"records":[{"q":"Q1","n":7,"t":"2023-11-14T22:13:20Z"},{"q":"Q2"},{"x":"other"}]}"#,
            shape: .mapped(mapping))
        #expect(line.decoder.interaction[number: .inputTokens] == 7)
        #expect(line.decoder.interaction.timeMilliseconds == 1_700_000_000_000)
        #expect(line.allTurns() == [[["prompt: Q1"]], [["prompt: Q2"]], [["raw: other"]]])
        let empty = DecodedLine(#"{"records":[]}"#, shape: .mapped(mapping))
        #expect(!empty.hasInteraction)
        let other = DecodedLine(#"{"x":1}"#, shape: .mapped(mapping))
        #expect(other.decoder.interaction.isMalformed)
    }

    @Test func aWindowIsOneInteraction() {
        let decoder = InteractionDecoder(shape: .automatic)
        let bytes = Array("part of a line".utf8)
        decoder.decodeWindow(bytes.span)
        #expect(decoder.next())
        #expect(decoder.interaction.isMalformed)
        #expect(!decoder.next())
    }
}

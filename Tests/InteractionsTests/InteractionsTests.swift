// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import TestSupport
import Testing

@testable import Interactions

/// A decoder together with the block that its lines lie in.
struct DecodedLine {
    let decoder: InteractionDecoder
    /// The line has an interaction; the first is the current one.
    let hasInteraction: Bool

    init(_ line: String, shape: RecordShape = .automatic) {
        self.init(bytes: Array(line.utf8), shape: shape)
    }

    init(bytes: [UInt8], shape: RecordShape = .automatic) {
        decoder = InteractionDecoder(shape: shape)
        let block = LineBlock(capacity: max(bytes.count, 1))
        block.append(copying: bytes.span)
        decoder.decode(block.bytes)
        hasInteraction = decoder.next()
    }

    func text(_ slice: TextSlice) -> String {
        String(decoding: decoder.bytes(of: slice).copied(), as: UTF8.self)
    }

    /// Each turn as `field: text` lines, a history turn with a `~` before it.
    var turns: [[String]] {
        decoder.interaction.turns.map { turn in
            turn.texts.map { index in
                let text = decoder.interaction.texts[index]
                return (turn.isHistory ? "~" : "") + "\(text.field?.name ?? "raw"): "
                    + self.text(text.slice)
            }
        }
    }

    /// The turns of every interaction of the line, from the current one on.
    func allTurns() -> [[[String]]] {
        guard hasInteraction else { return [] }
        var all = [turns]
        while decoder.next() { all.append(turns) }
        return all
    }

    func metadata(_ field: MetadataField) -> String? {
        decoder.interaction[field].map(text)
    }
}

@Suite struct ChatShapeTests {
    @Test func aRequestAndItsAnswerAreOneTurn() {
        let line = DecodedLine(
            #"{"id":"chatcmpl-1","model":"m","user":"u","created":1700000000,"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"choices":[{"message":{"role":"assistant","content":"A"}}]}"#
        )
        #expect(line.turns == [["prompt: Q", "response: A", "system: S"]])
        #expect(line.metadata(.recordID) == "chatcmpl-1")
        #expect(line.metadata(.model) == "m")
        #expect(line.metadata(.actor) == "u")
        #expect(line.decoder.interaction.timeMilliseconds == 1_700_000_000_000)
        #expect(!line.decoder.interaction.isMalformed)
    }

    @Test func requestAndResponseMayStandUnderTheirNames() {
        let line = DecodedLine(
            #"{"request":{"model":"asked","messages":[{"role":"user","content":"Q"}]},"response":{"id":"r","model":"served","choices":[{"message":{"content":"A"}}]}}"#
        )
        #expect(line.turns == [["prompt: Q", "response: A"]])
        #expect(line.metadata(.recordID) == "r")
    }

    @Test func whatWasSaidBeforeIsHistory() {
        let line = DecodedLine(
            #"{"messages":[{"role":"user","content":"Q1"},{"role":"assistant","content":"A1"},{"role":"user","content":"Q2"}],"choices":[{"message":{"content":"A2"}}]}"#
        )
        #expect(line.turns == [["~prompt: Q1", "~response: A1"], ["prompt: Q2", "response: A2"]])
    }

    @Test func toolCallsAndTheirResultsAreTexts() {
        let line = DecodedLine(
            #"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"run","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"R"}],"choices":[{"message":{"content":"A","reasoning_content":"T"}}]}"#
        )
        #expect(
            line.turns == [
                ["~prompt: Q", "~tool.call: run", "~tool.call: {\"x\":1}"],
                ["tool.result: R", "response: A", "reasoning: T"],
            ])
    }

    @Test func contentMayBeAListOfPartsAndUnknownPartsAreReadToo() {
        let line = DecodedLine(
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"Q1"},{"type":"file","file":{"data":"D"}}]}],"choices":[]}"#
        )
        #expect(line.turns == [["prompt: Q1", "prompt: file", "prompt: D"]])
    }

    @Test func anUnknownRoleCountsAsThePersonAsking() {
        let line = DecodedLine(#"{"messages":[{"role":"narrator","content":"Q"}]}"#)
        #expect(line.turns == [["prompt: Q"]])
    }

    @Test(
        "a line that is no chat is read as raw text and marked",
        arguments: [
            #"{"text":"hello"}"#, #"["hello"]"#, #""hello""#, "hello", "{\"messages\":\"hello\"}",
            "{\"messages\":[{\"content\":\"hello\"}", "\u{0}hello",
        ])
    func otherLinesAreMalformed(line: String) {
        let decoded = DecodedLine(line)
        #expect(decoded.decoder.interaction.isMalformed)
        #expect(decoded.turns.count == 1)
        #expect(decoded.turns[0][0].hasPrefix("raw: "))
        #expect(decoded.turns[0][0].contains("hello"))
    }

    @Test func rawTextHasItsEscapesUndone() {
        let decoded = DecodedLine(#"{"x": "a\nb\u00e9\ud83d\ude00\q"#)
        #expect(decoded.turns == [["raw: {\"x\": \"a\nbé😀\\q"]])
    }

    @Test("raw text is UTF-8 whatever the bytes are", arguments: 0..<300 as Range<UInt64>)
    func rawTextIsValid(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [
            0x5c, 0x75, 0x64, 0x38, 0x33, 0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98,
            0x80, 0xff, 0x00, 0xed, 0xa0, 0xf4, 0x90, 0xc0, 0xe0,
        ]
        let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
            alphabet.randomElement(using: &random) ?? 0
        }
        let line = DecodedLine(bytes: bytes)
        let slice = line.decoder.interaction.texts.first?.slice
        let text = slice.map { line.decoder.bytes(of: $0).copied() } ?? []
        #expect(String(validating: text, as: UTF8.self) != nil, "\(bytes)")
    }

    @Test func aDeepDocumentIsMalformedAndNotACrash() {
        let line = String(repeating: "[", count: 100_000)
        #expect(DecodedLine(line).decoder.interaction.isMalformed)
        let nested =
            "{\"messages\":[{\"role\":\"user\",\"content\":["
            + String(repeating: "[", count: 900) + "\"deep\"" + String(repeating: "]", count: 900)
            + "]}]}"
        #expect(DecodedLine(nested).turns == [["prompt: deep"]])
    }
}

@Suite struct MappedShapeTests {
    @Test func placesAreJSONPointers() throws {
        var mapping = RecordMapping()
        mapping.texts = [
            (.prompt, try #require(JSONPointer("/q/0"))),
            (.response, try #require(JSONPointer("/a~1b"))),
        ]
        mapping.metadata = [(.model, try #require(JSONPointer("/meta/m")))]
        mapping.time = JSONPointer("/t")
        let line = DecodedLine(
            #"{"q":["Q"],"a/b":["A1","A2"],"meta":{"m":"model"},"t":1700000000123}"#,
            shape: .mapped(mapping))
        #expect(line.turns == [["prompt: Q", "response: A1", "response: A2"]])
        #expect(line.metadata(.model) == "model")
        #expect(line.decoder.interaction.timeMilliseconds == 1_700_000_000_123)
        #expect(DecodedLine(#"{"x":1}"#, shape: .mapped(mapping)).decoder.interaction.isMalformed)
    }

    @Test func aDialogueIsSplitAtItsMarkers() throws {
        var mapping = RecordMapping()
        mapping.dialogues = [try #require(JSONPointer("/d"))]
        mapping.userMarker = Array("\n\nHuman:".utf8)
        mapping.assistantMarker = Array("\n\nAssistant:".utf8)
        let line = DecodedLine(
            #"{"d":"\n\nHuman: Q1\n\nAssistant: A1\n\nHuman: Q2\n\nAssistant: A2"}"#,
            shape: .mapped(mapping))
        #expect(
            line.turns == [["~prompt:  Q1", "~response:  A1"], ["prompt:  Q2", "response:  A2"]])
    }

    @Test(arguments: ["a", "/a~", "/a~2"]) func whatIsNoPointerIsRefused(text: String) {
        #expect(JSONPointer(text) == nil)
    }
}

@Suite struct HistoryTests {
    /// Conversations as a server logs them: each record repeats all that was said before.
    @Test(
        "of random conversations every turn is new exactly once", arguments: 0..<50 as Range<UInt64>
    )
    func everyTurnOnce(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let decoder = InteractionDecoder(shape: .automatic)
        let table = ConversationTable(secret: 1, keepsJournal: false)
        var conversations = (0..<3).map { Conversation(actor: "actor \($0)") }
        var spoken: [String] = []
        var evaluated: [String] = []
        for number in 0..<40 {
            let which = Int.random(in: 0..<3, using: &random)
            let (line, prompt) = try conversations[which].next(number, &random)
            spoken.append(prompt)
            let block = LineBlock(capacity: line.count)
            block.append(copying: line.span)
            decoder.decode(block.bytes)
            #expect(decoder.next())
            table.place(decoder, nowMilliseconds: 0)
            for (turn, place) in zip(decoder.interaction.turns, table.places) {
                if turn.isHistory, place.wasEvaluated { continue }
                for index in turn.texts where decoder.interaction.texts[index].field == .prompt {
                    let slice = decoder.interaction.texts[index].slice
                    evaluated.append(
                        String(decoding: decoder.bytes(of: slice).copied(), as: UTF8.self))
                }
            }
        }
        #expect(evaluated == spoken)
    }

    @Test func historyThatWasNeverSeenIsNotSkipped() {
        let line = DecodedLine(
            #"{"messages":[{"role":"user","content":"made up"},{"role":"assistant","content":"A"},{"role":"user","content":"Q"}]}"#
        )
        let table = ConversationTable(secret: 1, keepsJournal: false)
        let answers = (0..<2).map { _ in
            table.place(line.decoder, nowMilliseconds: 0)
            return table.places[0].wasEvaluated
        }
        #expect(answers == [false, true])
    }

    @Test func theDigestOfATurnIsTheSameAsOwnAndAsHistory() {
        let own = DecodedLine(
            #"{"user":"u","messages":[{"role":"system","content":"S"},{"role":"user","content":"Q "}],"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"x"}}],"content":"A"}}]}"#
        )
        let later = DecodedLine(
            #"{"user":"u","messages":[{"role":"user","content":[{"type":"text","text":"Q"}]},{"role":"assistant","content":"A","tool_calls":[{"function":{"arguments":"x","name":"f"}}]},{"role":"user","content":"Q2"}]}"#
        )
        let digest = own.decoder.digest(of: own.decoder.interaction.turns[0])
        #expect(digest == later.decoder.digest(of: later.decoder.interaction.turns[0]))
        #expect(digest != later.decoder.digest(of: later.decoder.interaction.turns[1]))
    }
}

/// A conversation of the model that the decoder is compared with.
private struct Conversation {
    let actor: String
    private var messages: [[String: String]] = []

    init(actor: String) { self.actor = actor }

    /// Says one more thing; the record of it as a line, and what was asked.
    mutating func next(
        _ number: Int, _ random: inout SeededGenerator
    ) throws -> (line: [UInt8], prompt: String) {
        let prompt = "question \(number) of \(actor)"
        let answer = "answer \(Int.random(in: 0...9, using: &random))"
        messages.append(["role": "user", "content": prompt])
        let choices = [["message": ["role": "assistant", "content": answer]]]
        let record: [String: Any] = ["user": actor, "messages": messages, "choices": choices]
        messages.append(["role": "assistant", "content": answer])
        return (Array(try JSONSerialization.data(withJSONObject: record)), prompt)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Interactions

/// The pieces of a line as `field choice/part: text` lines.
private func pieces(_ line: DecodedLine) -> [String] {
    line.decoder.interaction.texts.map { text in
        "\(text.field?.name ?? "raw") \(text.choice)/\(text.part): \(line.text(text.slice))"
    }
}

/// Joins pieces as whoever assembles a response does.
private func joined(_ lines: [String]) -> [String] {
    var texts: [(key: String, text: String)] = []
    for line in lines.map({ DecodedLine($0) }) {
        let interaction = line.decoder.interaction
        if interaction.fragment?.isWhole == true { texts = [] }
        for piece in interaction.texts {
            let key = "\(piece.field?.name ?? "raw") \(piece.choice)/\(piece.part)"
            if let index = texts.firstIndex(where: { $0.key == key }) {
                texts[index].text += line.text(piece.slice)
            } else {
                texts.append((key, line.text(piece.slice)))
            }
        }
    }
    return texts.map { "\($0.key): \($0.text)" }
}

@Suite struct StreamingTests {
    @Test func aChunkIsAPieceOfTheResponseOfItsID() {
        let line = DecodedLine(
            #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":2,"delta":{"role":"assistant","content":"He"},"finish_reason":null}]}"#
        )
        #expect(line.decoder.interaction.fragment == ResponseFragment(choices: 4))
        #expect(line.metadata(.recordID) == "chatcmpl-1")
        #expect(line.metadata(.model) == "m")
        #expect(line.decoder.interaction.timeMilliseconds == 1_700_000_000_000)
        #expect(pieces(line) == ["response 2/0: He"])
        #expect(!line.decoder.interaction.isMalformed)
    }

    @Test func aChunkMayEndItsChoiceAndTheUsageEndsTheStream() {
        let end = DecodedLine(
            #"{"id":"c","object":"chat.completion.chunk","choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#
        )
        #expect(
            end.decoder.interaction.fragment == ResponseFragment(finishedChoices: 2, choices: 2))
        #expect(end.metadata(.finishReasons) == "stop")
        let usage = DecodedLine(
            #"{"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        )
        #expect(usage.decoder.interaction.fragment == ResponseFragment(isLast: true))
        #expect(usage.decoder.interaction[number: .outputTokens] == 2)
        let filter = DecodedLine(#"{"id":"c","object":"chat.completion.chunk","choices":[]}"#)
        #expect(filter.decoder.interaction.fragment == ResponseFragment())
    }

    @Test func theDeltasOfAChatJoinToItsTexts() {
        let deltas = [
            #"{"reasoning_content":"Th"}"#, #"{"reasoning_content":"ink"}"#, #"{"content":"He"}"#,
            #"{"content":"llo"}"#, #"{"refusal":"N"}"#, #"{"refusal":"o"}"#,
            #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}},{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#,
        ]
        let lines = deltas.map {
            #"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":\#($0)}]}"#
        }
        #expect(
            joined(lines) == [
                "reasoning 0/0: Think", "response 0/0: Hello", "response 0/1: No",
                "tool.call 0/0: f", "tool.call 0/1: {\"x\":1}", "tool.call 0/2: g",
                "tool.call 0/3: {}",
            ])
    }

    @Test func aChunkMayStandUnderResponse() {
        let line = DecodedLine(
            #"{"response":{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"A"}}]}}"#
        )
        #expect(line.decoder.interaction.fragment != nil)
        #expect(pieces(line) == ["response 0/0: A"])
    }

    private static let anthropicEvents = [
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"T1"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"zzz"}}"#,
        #"{"type":"content_block_stop","index":0}"#, #"{"type": "ping"}"#,
        #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"He"}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"llo"}}"#,
        #"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
        #"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#,
        #"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}"#,
        #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}"#,
        #"{"type":"message_stop"}"#,
    ]

    @Test func theEventsOfAnthropicJoinToTheMessage() {
        #expect(
            joined(Self.anthropicEvents) == [
                "reasoning 0/0: T1", "response 0/2: Hello", "tool.call 0/4: f",
                "tool.call 0/5: {\"a\":1}",
            ])
        let lines = Self.anthropicEvents.map { DecodedLine($0) }
        let fragments = lines.compactMap(\.decoder.interaction.fragment)
        #expect(fragments.count == lines.count)
        #expect(fragments.map(\.isFirst).filter(\.self).count == 1 && fragments[0].isFirst)
        #expect(lines[0].metadata(.recordID) == "msg_1")
        #expect(lines[0].metadata(.responseModel) == "m")
        #expect(fragments.map(\.finishedChoices) == Array(repeating: 0, count: 12) + [1, 0])
        #expect(fragments.firstIndex(where: \.isLast) == fragments.count - 1)
        #expect(lines[12].metadata(.finishReasons) == "tool_use")
        #expect(lines[12].decoder.interaction[number: .outputTokens] == 9)
        let error = DecodedLine(#"{"type":"error","error":{"type":"overloaded_error"}}"#)
        #expect(error.decoder.interaction.fragment?.isLast == true)
        #expect(error.metadata(.errorType) == "overloaded_error")
    }

    @Test(
        "what only looks like an event is raw text",
        arguments: [
            #"{"type":"error","message":"hello"}"#, #"{"type":"ping","text":"hello"}"#,
            #"{"type":"content_block_delta","text":"hello"}"#,
            #"{"type":"response.x","a":"hello"}"#,
            #"{"type":"response.completed","a":"hello"}"#,
        ])
    func noEvent(line: String) {
        let decoded = DecodedLine(line)
        #expect(decoded.decoder.interaction.isMalformed)
        #expect(decoded.turns.joined().first?.contains("hello") == true)
    }

    @Test func theEventsOfAResponseJoinToItAndTheLastRepeatsIt() {
        let events = [
            #"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","model":"m","status":"in_progress","output":[]}}"#,
            #"{"type":"response.output_item.added","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[]}}"#,
            #"{"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":0,"delta":"T"}"#,
            #"{"type":"response.output_item.added","output_index":1,"item":{"id":"msg","type":"message","role":"assistant","content":[]}}"#,
            #"{"type":"response.output_text.delta","item_id":"msg","output_index":1,"content_index":0,"delta":"He"}"#,
            #"{"type":"response.output_text.delta","item_id":"msg","output_index":1,"content_index":0,"delta":"llo"}"#,
            #"{"type":"response.output_text.done","item_id":"msg","output_index":1,"content_index":0,"text":"Hello"}"#,
            #"{"type":"response.output_item.added","output_index":2,"item":{"id":"fc","type":"function_call","name":"f","arguments":""}}"#,
            #"{"type":"response.function_call_arguments.delta","item_id":"fc","output_index":2,"delta":"{}"}"#,
            #"{"type":"response.web_search_call.searching","output_index":3}"#,
        ]
        let texts = [
            "reasoning 0/0: T", "response 0/64: Hello", "tool.call 0/128: f",
            "tool.call 0/129: {}",
        ]
        #expect(joined(events) == texts)
        let first = DecodedLine(events[0])
        #expect(first.decoder.interaction.fragment?.isFirst == true)
        #expect(first.metadata(.recordID) == "resp_1")
        let whole = DecodedLine(
            #"{"type":"response.completed","response":{"id":"resp_1","object":"response","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}]}}"#
        )
        let fragment = whole.decoder.interaction.fragment
        #expect(fragment?.isWhole == true && fragment?.isLast == true)
        #expect(whole.turns == [["response: Hello"]])
    }

    @Test("choices past the bits are pieces all the same", arguments: [63, 64, 100_000])
    func manyChoices(index: Int) {
        let line = DecodedLine(
            #"{"id":"c","object":"chat.completion.chunk","choices":[{"index":\#(index),"delta":{"content":"A"},"finish_reason":"stop"}]}"#
        )
        #expect(line.decoder.interaction.fragment?.choices == (index < 64 ? 1 << 63 : 0))
        #expect(line.decoder.interaction.texts.first?.choice == min(index, 65_535))
    }
}

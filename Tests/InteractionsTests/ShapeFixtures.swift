// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Interactions

/// A log line of a shape and what it says, after the publishers' documentation of the format.
struct ShapeFixture: Sendable, CustomTestStringConvertible {
    var name: String
    var shape: BuiltInShape
    var line: String
    /// Each turn as in ``DecodedLine/turns``.
    var turns: [[String]]
    var metadata: [MetadataField: String] = [:]
    var numbers: [NumberField: Double] = [:]
    var time: Int64?

    var testDescription: String { name }

    static let all = openAI + anthropic + openTelemetry + others

    private static let openAI = [
        ShapeFixture(
            name: "a chat completion under request and response", shape: .openAIChat,
            line:
                #"{"request":{"model":"m-1","temperature":0.5,"max_tokens":64,"user":"u","messages":[{"role":"developer","content":"S"},{"role":"user","content":"Q"}]},"response":{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m-1-0613","choices":[{"index":0,"message":{"role":"assistant","content":"A","refusal":null,"annotations":[]},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}}"#,
            turns: [["prompt: Q", "response: A", "system: S"]],
            metadata: [
                .model: "m-1", .responseModel: "m-1-0613", .recordID: "chatcmpl-1",
                .actor: "u", .finishReasons: "stop",
            ], numbers: [.inputTokens: 9, .outputTokens: 12, .temperature: 0.5, .maxTokens: 64],
            time: 1_700_000_000_000),
        ShapeFixture(
            name: "a chat completion under bodies", shape: .openAIChat,
            line:
                #"{"ts":"2023-11-14T22:13:20Z","request":{"path":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"Q"}]}},"response":{"status":200,"body":{"id":"c","choices":[{"message":{"role":"assistant","content":"A"}}]}}}"#,
            turns: [["prompt: Q", "response: A"]], metadata: [.model: "m", .recordID: "c"],
            time: 1_700_000_000_000),
        ShapeFixture(
            name: "two choices, one a tool call", shape: .openAIChat,
            line:
                #"{"messages":[{"role":"user","content":"Q"}],"choices":[{"index":0,"message":{"content":"A"},"finish_reason":"stop"},{"index":1,"message":{"content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}]}"#,
            turns: [["prompt: Q", "response: A", "tool.call: f", "tool.call: {\"a\":1}"]],
            metadata: [.finishReasons: "stop"]),
        ShapeFixture(
            name: "a line of a batch's output", shape: .openAIBatch,
            line:
                #"{"id":"batch_req_1","custom_id":"request-1","response":{"status_code":200,"request_id":"r","body":{"id":"chatcmpl-2","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"A"},"finish_reason":"stop"}]}},"error":null}"#,
            turns: [["response: A"]],
            metadata: [.recordID: "chatcmpl-2", .responseModel: "m", .model: "m"],
            time: 1_700_000_000_000),
        ShapeFixture(
            name: "a failed line of a batch", shape: .openAIBatch,
            line:
                #"{"id":"batch_req_2","custom_id":"request-2","response":null,"error":{"code":"batch_expired","message":"late"}}"#,
            turns: [[]], metadata: [.recordID: "request-2", .errorType: "batch_expired"]),
        ShapeFixture(
            name: "a response to a string", shape: .openAIResponses,
            line:
                #"{"request":{"model":"m","input":"Q","instructions":"S","safety_identifier":"u"},"response":{"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","model":"m-2","previous_response_id":"resp_0","output":[{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"T"}]},{"type":"message","id":"msg","status":"completed","role":"assistant","content":[{"type":"output_text","text":"A","annotations":[]}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}],"usage":{"input_tokens":3,"output_tokens":4}}}"#,
            turns: [
                [
                    "prompt: Q", "reasoning: T", "response: A", "tool.call: f", "tool.call: {}",
                    "system: S",
                ]
            ],
            metadata: [
                .recordID: "resp_1", .model: "m", .responseModel: "m-2", .actor: "u",
            ], numbers: [.inputTokens: 3, .outputTokens: 4], time: 1_700_000_000_000),
        ShapeFixture(
            name: "a response to items, bare", shape: .openAIResponses,
            line:
                #"{"id":"resp_2","object":"response","model":"m","conversation":{"id":"conv_1"},"input":[{"role":"user","content":[{"type":"input_text","text":"Q1"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"R"},{"type":"message","role":"user","content":"Q2"}],"output":[{"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"N"}]}],"incomplete_details":{"reason":"content_filter"}}"#,
            turns: [
                ["~prompt: Q1", "~tool.call: f", "~tool.call: {}"],
                ["tool.result: R", "prompt: Q2", "response: N"],
            ],
            metadata: [
                .conversation: "conv_1", .recordID: "resp_2", .finishReasons: "content_filter",
            ]),
    ]

    private static let anthropic = [
        ShapeFixture(
            name: "a message under request and response", shape: .anthropic,
            line:
                #"{"timestamp":"2023-11-14T23:13:20.250+01:00","request":{"model":"m","max_tokens":1024,"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],"metadata":{"user_id":"u"},"messages":[{"role":"user","content":"Q1"},{"role":"assistant","content":[{"type":"text","text":"A1"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"city":"X","days":[1,"Y"]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"R"}]},{"type":"text","text":"Q2"}]}]},"response":{"id":"msg_1","type":"message","role":"assistant","model":"m-1","content":[{"type":"thinking","thinking":"T","signature":"x"},{"type":"text","text":"A2"}],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":6}}}"#,
            turns: [
                [
                    "~prompt: Q1", "~response: A1", "~tool.call: f", "~tool.call: X",
                    "~tool.call: Y",
                ],
                ["tool.result: R", "prompt: Q2", "reasoning: T", "response: A2", "system: S"],
            ],
            metadata: [
                .model: "m", .responseModel: "m-1", .recordID: "msg_1", .actor: "u",
                .finishReasons: "end_turn",
            ], numbers: [.inputTokens: 5, .outputTokens: 6, .maxTokens: 1024],
            time: 1_700_000_000_250),
        ShapeFixture(
            name: "a message's response alone", shape: .anthropic,
            line:
                #"{"id":"msg_2","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A"}],"stop_reason":"refusal","stop_sequence":null}"#,
            turns: [["response: A"]],
            metadata: [.recordID: "msg_2", .model: "m", .finishReasons: "refusal"]),
        ShapeFixture(
            name: "a message's request alone", shape: .anthropic,
            line:
                #"{"model":"m","system":"S","max_tokens":10,"messages":[{"role":"user","content":"Q"}]}"#,
            turns: [["prompt: Q", "system: S"]], metadata: [.model: "m"],
            numbers: [.maxTokens: 10]),
    ]
}

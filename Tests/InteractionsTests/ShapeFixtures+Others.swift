// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Interactions

extension ShapeFixture {
    static let openTelemetry = [
        ShapeFixture(
            name: "flat attributes, messages as JSON in strings", shape: .openTelemetry,
            line:
                #"{"timeUnixNano":"1700000000123456789","gen_ai.operation.name":"chat","gen_ai.provider.name":"p","gen_ai.request.model":"m","gen_ai.response.model":"m-1","gen_ai.response.id":"r","gen_ai.conversation.id":"c","gen_ai.response.finish_reasons":["stop"],"user.id":"u","client.address":"192.0.2.1","gen_ai.request.temperature":0.2,"gen_ai.usage.input_tokens":7,"gen_ai.usage.output_tokens":8,"gen_ai.system_instructions":"[{\"type\":\"text\",\"content\":\"S\"}]","gen_ai.input.messages":"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Q1\"}]},{\"role\":\"assistant\",\"parts\":[{\"type\":\"tool_call\",\"id\":\"x\",\"name\":\"f\",\"arguments\":{\"a\":\"v\"}}]},{\"role\":\"tool\",\"parts\":[{\"type\":\"tool_call_response\",\"id\":\"x\",\"response\":\"R\"}]}]","gen_ai.output.messages":"[{\"role\":\"assistant\",\"parts\":[{\"type\":\"reasoning\",\"content\":\"T\"},{\"type\":\"text\",\"content\":\"A\\u00e9\"}],\"finish_reason\":\"stop\"}]"}"#,
            turns: [
                ["~prompt: Q1", "~tool.call: f", "~tool.call: v"],
                ["tool.result: R", "reasoning: T", "response: Aé", "system: S"],
            ],
            metadata: [
                .operation: "chat", .provider: "p", .model: "m", .responseModel: "m-1",
                .recordID: "r", .conversation: "c", .finishReasons: "stop", .actor: "u",
                .clientAddress: "192.0.2.1",
            ], numbers: [.temperature: 0.2, .inputTokens: 7, .outputTokens: 8],
            time: 1_700_000_000_123),
        ShapeFixture(
            name: "attributes under their name, messages as JSON", shape: .openTelemetry,
            line:
                #"{"Timestamp":1700000000000000000,"EventName":"gen_ai.client.inference.operation.details","Attributes":{"gen_ai.request.model":"m","enduser.id":"u","error.type":"timeout","gen_ai.input.messages":[{"role":"user","parts":[{"type":"text","content":"Q"},{"type":"uri","uri":"file://x","modality":"image"}]}],"gen_ai.output.messages":[{"role":"assistant","parts":[{"type":"text","content":"A1"}],"finish_reason":"length"},{"role":"assistant","parts":[{"type":"text","content":"A2"}],"finish_reason":"stop"}]}}"#,
            turns: [
                [
                    "prompt: Q", "prompt: uri", "prompt: file://x", "prompt: image", "response: A1",
                    "response: A2",
                ]
            ],
            metadata: [
                .model: "m", .actor: "u", .errorType: "timeout", .finishReasons: "length",
            ], time: 1_700_000_000_000),
        ShapeFixture(
            name: "an older event of one message", shape: .openTelemetry,
            line:
                #"{"timestamp":"2023-11-14 22:13:20","attributes":{"event.name":"gen_ai.user.message","gen_ai.system":"p"},"body":{"content":"Q"}}"#,
            turns: [["prompt: Q"]], metadata: [.provider: "p"], time: 1_700_000_000_000),
        ShapeFixture(
            name: "an older event of a choice", shape: .openTelemetry,
            line:
                #"{"event_name":"gen_ai.choice","body":{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"A","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}}"#,
            turns: [["response: A", "tool.call: f", "tool.call: {}"]],
            metadata: [.finishReasons: "stop"]),
        ShapeFixture(
            name: "a tool's execution", shape: .openTelemetry,
            line:
                #"{"name":"execute_tool f","attributes":{"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"f","gen_ai.tool.call.arguments":"{\"a\":1}","gen_ai.tool.call.result":"R"}}"#,
            turns: [["tool.call: f", "tool.call: {\"a\":1}", "tool.result: R"]],
            metadata: [.operation: "execute_tool"]),
        ShapeFixture(
            name: "messages under numbered names", shape: .openTelemetry,
            line:
                #"{"attributes":{"gen_ai.request.model":"m","gen_ai.prompt.0.role":"user","gen_ai.prompt.0.content":"Q","gen_ai.completion.0.role":"assistant","gen_ai.completion.0.content":"A","gen_ai.completion.0.finish_reason":"stop"}}"#,
            turns: [["prompt: Q", "response: A"]], metadata: [.model: "m"]),
        ShapeFixture(
            name: "a log record of OTLP, messages in strings", shape: .otlp,
            line:
                #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"gateway"}}]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"1700000000000000000","severityNumber":9,"eventName":"gen_ai.client.inference.operation.details","attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"m"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"12"}},{"key":"gen_ai.request.top_p","value":{"doubleValue":0.9}},{"key":"gen_ai.input.messages","value":{"stringValue":"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Q\"}]}]"}},{"key":"gen_ai.output.messages","value":{"stringValue":"[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"A\"}]}]"}}]}]}]}]}"#,
            turns: [["prompt: Q", "response: A"]], metadata: [.model: "m"],
            numbers: [.inputTokens: 12, .topP: 0.9], time: 1_700_000_000_000),
        ShapeFixture(
            name: "a span of OTLP, messages as values, with an event", shape: .otlp,
            line:
                #"{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"name":"chat m","startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000001000000000","attributes":[{"key":"gen_ai.response.id","value":{"stringValue":"r"}},{"key":"gen_ai.response.finish_reasons","value":{"arrayValue":{"values":[{"stringValue":"stop"}]}}},{"key":"gen_ai.input.messages","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"role","value":{"stringValue":"user"}},{"key":"parts","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"type","value":{"stringValue":"text"}},{"key":"content","value":{"stringValue":"Q"}}]}}]}}}]}}]}}}],"events":[{"name":"gen_ai.choice","attributes":[{"key":"index","value":{"intValue":0}},{"key":"message","value":{"stringValue":"{\"content\":\"A\"}"}}]}]}]}]}]}"#,
            turns: [["prompt: Q", "response: A"]],
            metadata: [.recordID: "r", .finishReasons: "stop"], time: 1_700_000_000_000),
    ]

    static let others = [
        ShapeFixture(
            name: "a payload of LiteLLM", shape: .liteLLM,
            line:
                #"{"id":"chatcmpl-3","trace_id":"t","call_type":"acompletion","status":"success","startTime":1700000000.25,"endTime":1700000001.5,"model":"m","model_group":"g","custom_llm_provider":"p","messages":[{"role":"user","content":"Q"}],"response":{"id":"chatcmpl-3","model":"m-1","choices":[{"finish_reason":"stop","index":0,"message":{"content":"A","role":"assistant"}}]},"end_user":"e","requester_ip_address":"192.0.2.7","metadata":{"user_api_key_user_id":"k"},"prompt_tokens":1,"completion_tokens":2,"model_parameters":{"temperature":0.1,"max_tokens":5},"error_information":{"error_class":""}}"#,
            turns: [["prompt: Q", "response: A"]],
            metadata: [
                .recordID: "chatcmpl-3", .conversation: "t", .operation: "acompletion",
                .provider: "p", .actor: "e", .clientAddress: "192.0.2.7", .model: "m",
                .responseModel: "m-1", .finishReasons: "stop",
            ], numbers: [.inputTokens: 1, .outputTokens: 2, .temperature: 0.1, .maxTokens: 5],
            time: 1_700_000_000_250),
        ShapeFixture(
            name: "a payload of LiteLLM with a plain response", shape: .liteLLM,
            line:
                #"{"id":"l","call_type":"completion","startTime":1700000000,"model":"m","messages":"Q","response":"A","end_user":"","metadata":{"user_api_key_user_id":"k","requester_ip_address":"192.0.2.8"},"error_information":{"error_class":"RateLimitError"}}"#,
            turns: [["prompt: Q", "response: A"]],
            metadata: [
                .recordID: "l", .model: "m", .actor: "k", .clientAddress: "192.0.2.8",
                .errorType: "RateLimitError",
            ], time: 1_700_000_000_000),
        ShapeFixture(
            name: "a pair", shape: .pairs,
            line:
                #"{"id":"p","session_id":"s","user_id":"u","model":"m","prompt":"Q","response":"A","@timestamp":"2023-11-14T22:13:20.5Z"}"#,
            turns: [["prompt: Q", "response: A"]],
            metadata: [.recordID: "p", .conversation: "s", .actor: "u", .model: "m"],
            time: 1_700_000_000_500),
        ShapeFixture(
            name: "a pair with a completion", shape: .pairs,
            line: #"{"time":1700000000123,"prompt":["Q1","Q2"],"completion":"A"}"#,
            turns: [["prompt: Q1", "prompt: Q2", "response: A"]], time: 1_700_000_000_123),
        ShapeFixture(
            name: "a pair with an output", shape: .pairs,
            line: #"{"created_at":"1700000000","prompt":"Q","output":"A"}"#,
            turns: [["prompt: Q", "response: A"]], time: 1_700_000_000_000),
        ShapeFixture(
            name: "a prompt that is not answered", shape: .pairs, line: #"{"prompt":"Q"}"#,
            turns: [["prompt: Q"]]),
    ]
}

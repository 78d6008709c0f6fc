// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// A conversation as a model of what a record says, and how each format writes it.
///
/// Every text is another one, so that a text that is lost, doubled or taken for someone
/// else's shows.
struct ModelConversation {
    enum Message {
        case user([String])
        case assistant(Answer)
        case toolResult(String)
    }

    struct Answer {
        var reasoning: String?
        var text: String?
        var calls: [(name: String, arguments: String)] = []
    }

    var system: String
    var messages: [Message] = []
    var answer: Answer

    init(_ random: inout SeededGenerator) {
        var number = 0
        func text() -> String {
            number += 1
            return "text \(number) \"é\\ \u{1F600}"
        }
        func answer(_ random: inout SeededGenerator) -> Answer {
            var answer = Answer()
            if Bool.random(using: &random) { answer.reasoning = text() }
            answer.text = text()
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                answer.calls.append((text(), text()))
            }
            return answer
        }
        system = text()
        messages = [.user([text()])]
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let count = Int.random(in: 1...3, using: &random)
                messages.append(.user((0..<count).map { _ in text() }))
            case 1: messages.append(.assistant(answer(&random)))
            default: messages.append(.toolResult(text()))
            }
        }
        self.answer = answer(&random)
    }

    /// The texts of each turn as `field: text`, sorted: formats differ in their order.
    var turns: [[String]] {
        var turns: [[String]] = [[]]
        var isAnswered = false
        for message in messages {
            if case .assistant = message {
            } else if isAnswered {
                turns.append([])
                isAnswered = false
            }
            switch message {
            case .user(let texts): turns[turns.count - 1] += texts.map { "prompt: \($0)" }
            case .toolResult(let text): turns[turns.count - 1].append("tool.result: \(text)")
            case .assistant(let answer):
                turns[turns.count - 1] += Self.texts(answer)
                isAnswered = true
            }
        }
        if isAnswered { turns.append([]) }
        turns[turns.count - 1] += Self.texts(answer) + ["system: \(system)"]
        return turns.map { $0.sorted() }
    }

    private static func texts(_ answer: Answer) -> [String] {
        [answer.reasoning.map { "reasoning: \($0)" }, answer.text.map { "response: \($0)" }]
            .compactMap(\.self)
            + answer.calls.flatMap { ["tool.call: \($0.name)", "tool.call: \($0.arguments)"] }
    }

    /// The record in each format.
    func lines() throws -> [(format: String, line: String)] {
        let chat = ["messages": [chatSystem] + messages.map(Self.chat)] as [String: Any]
        let choices =
            ["id": "c", "choices": [["message": Self.chatAnswer(answer)]]] as [String: Any]
        let input = try Self.json(messages.map(Self.parts))
        let output = try Self.json([Self.parts(.assistant(answer))])
        let instructions = [["type": "text", "content": system]]
        let flat = [
            "gen_ai.system_instructions": try Self.json(instructions),
            "gen_ai.input.messages": input, "gen_ai.output.messages": output,
        ]
        let structured =
            [
                "gen_ai.system_instructions": instructions,
                "gen_ai.input.messages": messages.map(Self.parts),
                "gen_ai.output.messages": [Self.parts(.assistant(answer))],
            ] as [String: Any]
        let records: [(String, Any)] = [
            ("chat", chat.merging(choices) { first, _ in first }),
            ("chat in sides", ["request": chat, "response": choices]),
            (
                "LiteLLM",
                chat.merging(["call_type": "x", "startTime": 1, "response": choices]) { first, _ in
                    first
                }
            ),
            (
                "responses",
                [
                    "object": "response", "instructions": system,
                    "input": messages.flatMap(Self.items), "output": Self.items(.assistant(answer)),
                ]
            ),
            (
                "Anthropic",
                [
                    "request": ["system": system, "messages": messages.map(Self.blocks)],
                    "response": (Self.blocks(.assistant(answer))).merging(["type": "message"]) {
                        first, _ in first
                    },
                ]
            ),
            ("attributes, texts", ["attributes": flat]), ("attributes", structured),
            ("OTLP, texts", Self.otlp(flat)), ("OTLP", Self.otlp(structured)),
        ]
        return try records.map { ($0.0, try Self.json($0.1)) }
    }

    static func json(_ value: Any) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
    }
}

extension ModelConversation {
    private var chatSystem: [String: Any] { ["role": "system", "content": system] }

    private static func chat(_ message: Message) -> [String: Any] {
        switch message {
        case .user(let texts) where texts.count == 1: ["role": "user", "content": texts[0]]
        case .user(let texts):
            ["role": "user", "content": texts.map { ["type": "text", "text": $0] }]
        case .toolResult(let text): ["role": "tool", "tool_call_id": "id", "content": text]
        case .assistant(let answer): chatAnswer(answer)
        }
    }

    private static func chatAnswer(_ answer: Answer) -> [String: Any] {
        var message: [String: Any] = ["role": "assistant", "content": answer.text ?? NSNull()]
        message["reasoning_content"] = answer.reasoning
        if !answer.calls.isEmpty {
            message["tool_calls"] = answer.calls.map {
                ["id": "id", "function": ["name": $0.name, "arguments": $0.arguments]]
            }
        }
        return message
    }

    private static func items(_ message: Message) -> [[String: Any]] {
        switch message {
        case .user(let texts):
            return [["role": "user", "content": texts.map { ["type": "input_text", "text": $0] }]]
        case .toolResult(let text):
            return [["type": "function_call_output", "call_id": "id", "output": text]]
        case .assistant(let answer):
            var items: [[String: Any]] = []
            if let reasoning = answer.reasoning {
                let summary = [["type": "summary_text", "text": reasoning]]
                items.append(["type": "reasoning", "id": "id", "summary": summary])
            }
            if let text = answer.text {
                let content = [["type": "output_text", "text": text]]
                items.append(["type": "message", "role": "assistant", "content": content])
            }
            return items
                + answer.calls.map {
                    [
                        "type": "function_call", "call_id": "id", "name": $0.name,
                        "arguments": $0.arguments,
                    ]
                }
        }
    }

    private static func blocks(_ message: Message) -> [String: Any] {
        switch message {
        case .user(let texts):
            return ["role": "user", "content": texts.map { ["type": "text", "text": $0] }]
        case .toolResult(let text):
            let block = ["type": "tool_result", "tool_use_id": "id", "content": text]
            return ["role": "user", "content": [block]]
        case .assistant(let answer):
            var blocks: [[String: Any]] = []
            if let reasoning = answer.reasoning {
                blocks.append(["type": "thinking", "thinking": reasoning, "signature": "s"])
            }
            if let text = answer.text { blocks.append(["type": "text", "text": text]) }
            blocks += answer.calls.map {
                ["type": "tool_use", "id": "id", "name": $0.name, "input": ["a": [$0.arguments]]]
            }
            return ["role": "assistant", "content": blocks]
        }
    }

    private static func parts(_ message: Message) -> [String: Any] {
        switch message {
        case .user(let texts):
            return ["role": "user", "parts": texts.map { ["type": "text", "content": $0] }]
        case .toolResult(let text):
            let part = ["type": "tool_call_response", "id": "id", "response": text]
            return ["role": "tool", "parts": [part]]
        case .assistant(let answer):
            var parts: [[String: Any]] = []
            if let reasoning = answer.reasoning {
                parts.append(["type": "reasoning", "content": reasoning])
            }
            if let text = answer.text { parts.append(["type": "text", "content": text]) }
            parts += answer.calls.map {
                [
                    "type": "tool_call", "id": "id", "name": $0.name,
                    "arguments": ["a": $0.arguments],
                ]
            }
            return ["role": "assistant", "parts": parts, "finish_reason": "stop"]
        }
    }

    private static func otlp(_ attributes: [String: Any]) -> [String: Any] {
        let record = ["timeUnixNano": "1", "attributes": pairs(attributes)] as [String: Any]
        return ["resourceLogs": [["scopeLogs": [["logRecords": [record]]]]]]
    }

    private static func pairs(_ members: [String: Any]) -> [[String: Any]] {
        members.map { ["key": $0.key, "value": anyValue($0.value)] }
    }

    private static func anyValue(_ value: Any) -> [String: Any] {
        switch value {
        case let members as [String: Any]: ["kvlistValue": ["values": pairs(members)]]
        case let list as [Any]: ["arrayValue": ["values": list.map(anyValue)]]
        default: ["stringValue": value]
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Random responses, each written as the pieces of one of the formats of streaming logs, and what
/// they say as a naive joining tells it.
struct ModelResponse {
    enum Format: CaseIterable { case chat, anthropic, responses }

    let id: String
    let format: Format
    private(set) var lines: [String] = []
    /// As in ``GivenOut/texts``.
    private(set) var texts: [String] = []
    private(set) var isFinished = true

    init(_ id: String, _ format: Format, _ random: inout SeededGenerator) {
        self.id = id
        self.format = format
        switch format {
        case .chat: writeChat(&random)
        case .anthropic: writeAnthropic(&random)
        case .responses: writeResponses(&random)
        }
        if Int.random(in: 0..<5, using: &random) == 0 { cut(&random) }
    }

    /// Words that no other text has, in pieces.
    private func pieces(_ random: inout SeededGenerator) -> [String] {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            String(UInt32.random(in: 0...UInt32.max, using: &random), radix: 36) + "é "
        }
    }

    private mutating func writeChat(_ random: inout SeededGenerator) {
        let choices = Int.random(in: 1...3, using: &random)
        var written: [[String]] = []
        for choice in 0..<choices {
            var deltas = [#"{"role":"assistant","content":""}"#]
            let thoughts = Bool.random(using: &random) ? pieces(&random) : []
            let words = pieces(&random)
            let arguments = Bool.random(using: &random) ? pieces(&random) : []
            deltas += thoughts.map { #"{"reasoning_content":"\#($0)"}"# }
            deltas += words.map { #"{"content":"\#($0)"}"# }
            deltas += arguments.enumerated().map { number, text in
                let name = number == 0 ? #""name":"f","# : ""
                return
                    #"{"tool_calls":[{"index":0,"function":{\#(name)"arguments":"\#(text)"}}]}"#
            }
            texts.append("\(choice) response: \(words.joined())")
            if !thoughts.isEmpty { texts.append("\(choice) reasoning: \(thoughts.joined())") }
            if !arguments.isEmpty {
                texts += ["\(choice) tool.call: f", "\(choice) tool.call: \(arguments.joined())"]
            }
            written.append(
                deltas.map { chunk(#"{"index":\#(choice),"delta":\#($0),"finish_reason":null}"#) }
                    + [chunk(#"{"index":\#(choice),"delta":{},"finish_reason":"stop"}"#)])
        }
        // All choices begin before one ends.
        lines = written.map { $0[0] }
        lines += ModelStream.interleaved(written.map { Array($0.dropFirst()) }, &random)
        if Bool.random(using: &random) {
            lines.append(
                #"{"id":"\#(id)","object":"chat.completion.chunk","choices":[],"usage":{"completion_tokens":2}}"#
            )
        }
    }

    private func chunk(_ choice: String) -> String {
        #"{"id":"\#(id)","object":"chat.completion.chunk","model":"m","choices":[\#(choice)]}"#
    }

    private mutating func writeAnthropic(_ random: inout SeededGenerator) {
        lines = [
            #"{"type":"message_start","message":{"id":"\#(id)","type":"message","role":"assistant","model":"m","content":[]}}"#
        ]
        for block in 0..<Int.random(in: 1...3, using: &random) {
            let words = pieces(&random)
            lines.append(
                #"{"type":"content_block_start","index":\#(block),"content_block":{"type":"text","text":""}}"#
            )
            lines += words.map {
                #"{"type":"content_block_delta","index":\#(block),"delta":{"type":"text_delta","text":"\#($0)"}}"#
            }
            lines += [#"{"type":"content_block_stop","index":\#(block)}"#, #"{"type":"ping"}"#]
            texts.append("0 response: \(words.joined())")
        }
        lines += [
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#,
            #"{"type":"message_stop"}"#,
        ]
    }

    private mutating func writeResponses(_ random: inout SeededGenerator) {
        let words = pieces(&random)
        lines = [
            #"{"type":"response.created","response":{"id":"\#(id)","object":"response","model":"m","output":[]}}"#
        ]
        lines += words.map {
            #"{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":"\#($0)"}"#
        }
        let whole = words.joined()
        lines.append(
            #"{"type":"response.completed","response":{"id":"\#(id)","object":"response","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"\#(whole)"}]}]}}"#
        )
        texts = ["0 response: \(whole)"]
    }

    /// Leaves the end off, so that it has nothing to finish it.
    private mutating func cut(_ random: inout SeededGenerator) {
        let end = lines.firstIndex {
            $0.contains("stop_reason") || $0.contains("response.completed")
                || $0.contains(#""finish_reason":"stop""#)
        }
        guard let end else { return }
        lines = Array(lines[..<end])
        isFinished = false
        if format == .chat {
            // Every line but those is whole words: keep what they say.
            texts = ModelStream.joined(lines)
        }
    }
}

/// The lines of a log in which many responses are written at once.
struct ModelStream {
    let lines: [String]
    /// Where each line begins, and where the log ends.
    let offsets: [Int]
    let responses: [ModelResponse]

    init(_ name: String, _ random: inout SeededGenerator) {
        let count = Int.random(in: 1...12, using: &random)
        responses = (0..<count).map { number in
            let format = ModelResponse.Format.allCases.randomElement(using: &random)
            return ModelResponse("\(name)-\(number)", format ?? .chat, &random)
        }
        // Events name no response, so only one response is written in events at a time.
        let events = responses.filter { $0.format != .chat }.flatMap(\.lines)
        lines = Self.interleaved(
            responses.filter { $0.format == .chat }.map(\.lines) + [events], &random)
        offsets = lines.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.utf8.count + 1) }
    }

    /// Joins lists in a random order that keeps each one's.
    static func interleaved(
        _ lists: [[String]], _ random: inout SeededGenerator
    ) -> [String] {
        var rest = lists.map { $0[...] }.filter { !$0.isEmpty }
        var joined: [String] = []
        while !rest.isEmpty {
            let list = Int.random(in: 0..<rest.count, using: &random)
            joined.append(rest[list].removeFirst())
            if rest[list].isEmpty { rest.remove(at: list) }
        }
        return joined
    }

    /// What the chunks of one chat say, joined by the decoder's own words for their places.
    static func joined(_ lines: [String]) -> [String] {
        var texts: [String: String] = [:]
        for line in lines.map({ DecodedLine($0) }) {
            for piece in line.decoder.interaction.texts {
                let key = "\(piece.choice) \(piece.field?.name ?? "raw")/\(piece.part)"
                texts[key, default: ""] += line.text(piece.slice)
            }
        }
        return texts.map { key, text in
            "\(key.prefix { $0 != "/" }): \(text)"
        }
    }
}

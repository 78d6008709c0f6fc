// SPDX-License-Identifier: Apache-2.0
import Bytes
import Foundation
import TestSupport
import Testing

@testable import Interactions

@Suite struct ShapeModelTests {
    @Test(
        "a random conversation reads the same in every format",
        arguments: 0..<150 as Range<UInt64>)
    func formats(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let model = ModelConversation(&random)
        for (format, line) in try model.lines() {
            let decoded = DecodedLine(line)
            #expect(!decoded.decoder.interaction.isMalformed, "seed \(seed), \(format)")
            let turns = decoded.turns.map { turn in
                turn.map { String($0.drop(while: { $0 == "~" })) }.sorted()
            }
            #expect(turns == model.turns, "seed \(seed), \(format)")
            let history = decoded.decoder.interaction.turns.map(\.isHistory)
            #expect(history == Array(repeating: true, count: turns.count - 1) + [false])
        }
    }

    @Test(
        "what is not known is not skipped",
        arguments: [
            (
                #"{"messages":[{"role":"user","content":[{"type":"hologram","a":{"b":["MARK"]}}]}]}"#,
                TextField.prompt
            ),
            (#"{"messages":[{"role":"user","payload":{"x":"MARK"}}]}"#, .prompt),
            (#"{"messages":["MARK"]}"#, .prompt), (#"{"messages":[["MARK"]]}"#, .prompt),
            (#"{"messages":[{"role":"tool","content":{"x":"MARK"}}]}"#, .toolResult),
            (#"{"choices":[{"message":{"tool_calls":[{"x":"MARK"}]}}]}"#, .toolCall),
            (#"{"choices":[{"message":{"audio":{"id":"a","transcript":"MARK"}}}]}"#, .response),
            (
                #"{"choices":[{"message":{"reasoning_details":[{"type":"reasoning.text","text":"MARK"}]}}]}"#,
                .reasoning
            ),
            (#"{"choices":[{"text":"MARK"}]}"#, .response),
            (
                #"{"object":"response","output":[{"type":"web_search_call","action":{"query":"MARK"}}]}"#,
                .response
            ),
            (#"{"object":"response","input":[{"type":"item_reference","x":"MARK"}]}"#, .prompt),
            (
                #"{"type":"message","role":"assistant","content":[{"type":"server_tool_use","name":"n","input":{"q":["MARK"]}}]}"#,
                .toolCall
            ),
            (
                #"{"type":"message","content":[{"type":"web_search_tool_result","content":[{"title":"MARK"}]}]}"#,
                .response
            ),
            (#"{"prompt":"Q","response":{"text":"MARK"}}"#, .response),
            (#"{"prompt":{"id":"p","variables":{"a":"MARK"}},"output":"A"}"#, .prompt),
            (#"{"gen_ai.prompt":"MARK"}"#, .prompt),
            (#"{"gen_ai.completion":"[not JSON MARK"}"#, .response),
            (
                #"{"gen_ai.input.messages":"{\"role\":\"assistant\",\"content\":\"MARK\"}"}"#,
                .response
            ),
        ])
    func unknown(line: String, field: TextField) {
        let decoded = DecodedLine(line)
        let fields = decoded.decoder.interaction.texts.filter {
            decoded.text($0.slice).contains("MARK")
        }
        #expect(fields.map(\.field) == [field])
    }
}

@Suite struct ShapeFuzzTests {
    /// Decodes with every shape and looks at all that comes out.
    private static func exercise(_ bytes: [UInt8], _ comment: Comment) {
        for name in RecordShape.names {
            guard let shape = RecordShape(name: name) else { continue }
            let decoder = InteractionDecoder(shape: shape)
            let block = LineBlock(capacity: max(bytes.count, 1))
            block.append(copying: bytes.span)
            decoder.decode(block.bytes)
            var count = 0
            while decoder.next() {
                count += 1
                let interaction = decoder.interaction
                var slices = interaction.texts.map(\.slice)
                slices += MetadataField.allCases.compactMap { interaction[$0] }
                for path in ["attributes.gen_ai.system", "messages.role", "a.b", "0"] {
                    decoder.appendStrings(at: JSONPointer(dottedPath: path), to: &slices)
                }
                let texts = slices.map { decoder.bytes(of: $0).copied() }
                #expect(texts.allSatisfy { String(validating: $0, as: UTF8.self) != nil }, comment)
                #expect(interaction.turns.count > 0, comment)
                let ranges = interaction.turns.flatMap(\.texts)
                #expect(ranges == Array(interaction.texts.indices), comment)
            }
            #expect(count <= bytes.count + 1, comment)
        }
    }

    @Test("mutated lines of every shape are decoded", arguments: 0..<300 as Range<UInt64>)
    func mutatedBytes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try #require(ShapeFixture.all.randomElement(using: &random))
        var bytes = Array(fixture.line.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.removeSubrange(at...)
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.remove(at: at)
            case 3:
                let end = Int.random(in: at...bytes.count, using: &random)
                bytes.insert(contentsOf: bytes[at..<end], at: at)
            default: bytes.insert(contentsOf: Array("\"a\":1e999,".utf8), at: at)
            }
        }
        Self.exercise(bytes, "seed \(seed)")
    }

    @Test("records with values in wrong places are decoded", arguments: 0..<300 as Range<UInt64>)
    func mutatedValues(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let donors = try ShapeFixture.all.map {
            try JSONSerialization.jsonObject(with: Data($0.line.utf8))
        }
        let values =
            donors.flatMap(Self.values) + [NSNull(), -1, 1e300, "", [], [:] as [String: Any]]
        var record = try #require(donors.randomElement(using: &random))
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            record = Self.replaced(record, with: values, &random)
        }
        Self.exercise(Array(try ModelConversation.json([record]).utf8), "seed \(seed), in a list")
        guard JSONSerialization.isValidJSONObject(record) else { return }
        Self.exercise(Array(try ModelConversation.json(record).utf8), "seed \(seed)")
    }

    private static func values(_ value: Any) -> [Any] {
        switch value {
        case let members as [String: Any]: [value] + members.values.flatMap(values)
        case let list as [Any]: [value] + list.flatMap(values)
        default: [value]
        }
    }

    private static func replaced(
        _ value: Any, with values: [Any], _ random: inout SeededGenerator
    ) -> Any {
        guard Int.random(in: 0..<6, using: &random) > 0 else {
            return values.randomElement(using: &random) ?? value
        }
        if var members = value as? [String: Any],
            let name = members.keys.sorted().randomElement(using: &random),
            let inner = members[name]
        {
            members[name] = replaced(inner, with: values, &random)
            return members
        }
        if var list = value as? [Any], !list.isEmpty {
            let index = Int.random(in: 0..<list.count, using: &random)
            list[index] = replaced(list[index], with: values, &random)
            return list
        }
        return values.randomElement(using: &random) ?? value
    }

    @Test(
        "nesting is decoded at any depth",
        arguments: [
            (#"{"content":["#, "]}"), (#"{"type":"tool_result","content":"#, "}"),
            (#"{"arrayValue":{"values":["#, "]}}"), (#"{"events":[{"a":"#, "}]}"),
            (#"{"key":"gen_ai.prompt","value":{"kvlistValue":{"values":["#, "]}}}"), ("[", "]"),
        ])
    func nesting(open: String, close: String) {
        for depth in [1, 50, 200, 330, 2000] {
            let inner =
                String(repeating: open, count: depth) + "\"x\""
                + String(repeating: close, count: depth)
            for line in [
                #"{"messages":[\#(inner)]}"#, #"{"gen_ai.input.messages":[\#(inner)]}"#,
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"gen_ai.x","attributes":[\#(inner)]}]}]}]}"#,
            ] {
                Self.exercise(Array(line.utf8), "depth \(depth): \(open)")
            }
        }
    }

    @Test func duplicateMembersAreNoTrap() {
        let many = (0..<500).map { _ in #""messages":[{"role":"user","content":"Q"}]"# }
        Self.exercise(Array("{\(many.joined(separator: ","))}".utf8), "duplicates")
    }

    @Test func manyRecordsOfOneResourceAreLinear() {
        let attributes = (0..<2000).map { #"{"key":"k\#($0)","value":{"stringValue":"v"}}"# }
        let record =
            #"{"eventName":"gen_ai.x","attributes":[{"key":"gen_ai.prompt","value":{"stringValue":"Q"}}]}"#
        let records = Array(repeating: record, count: 2000).joined(separator: ",")
        let line = DecodedLine(
            #"{"resourceLogs":[{"resource":{"attributes":[\#(attributes.joined(separator: ","))]},"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#
        )
        #expect(line.allTurns().count == 2000)
    }
}

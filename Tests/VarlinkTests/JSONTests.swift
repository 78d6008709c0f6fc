// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Varlink

@Suite struct JSONTests {
    private func read(_ text: String) throws -> JSONValue {
        var reader = JSONReader()
        return try reader.read(Array(text.utf8))
    }

    @Test(
        "values of any shape come back as they were written",
        arguments: 1...200 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = Self.value(depth: 0, &random)
        let bytes = JSONText.bytes(value)
        #expect(!bytes.contains(0))
        var reader = JSONReader()
        #expect(try reader.read(bytes) == value, "seed \(seed)")
        // Foundation's encoder and decoder agree.
        let encoded = try JSONEncoder().encode([value])
        #expect(try reader.read(Array(encoded)) == .array([value]), "seed \(seed)")
        let decoded = try JSONDecoder().decode(
            [JSONValue].self, from: Data("[".utf8) + bytes + Data("]".utf8))
        #expect(decoded == [value], "seed \(seed)")
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        let texts = ["", "plain", "\u{0}\u{1}\n\"\\/", "\u{1F514} \u{e9}", "a\u{7f}\u{2028}"]
        switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .integer(Int64.random(in: -9...9, using: &random))
        case 4: return .double(Double.random(in: -1e9...1e9, using: &random) + 0.5)
        case 5: return .string(texts.randomElement(using: &random) ?? "")
        case 6:
            return .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    value(depth: depth + 1, &random)
                })
        default:
            var members: [String: JSONValue] = [:]
            for text in texts where Bool.random(using: &random) {
                members[text] = value(depth: depth + 1, &random)
            }
            return .object(members)
        }
    }

    @Test("values may stand 64 deep in each other and no deeper")
    func depth() throws {
        for open in ["[", #"{"a":"#] {
            let close = open == "[" ? "]" : "}"
            func nested(_ count: Int) -> String {
                String(repeating: open, count: count) + (open == "[" ? "" : "1")
                    + String(repeating: close, count: count)
            }
            _ = try read(nested(64))
            #expect(throws: JSONFault(reason: "nested more than 64 deep")) { try read(nested(65)) }
            #expect(throws: JSONFault.self) { try read(nested(100_000)) }
        }
    }

    @Test(
        "what is no JSON, or JSON that readers disagree on, is refused",
        arguments: [
            "", " ", "{", "}", "[1,]", "{'a':1}", "{\"a\":1,}", "nul", "01", "1e999", "-", "\"",
            "\"\\x\"", "\"\u{1}\"", "[1] 2", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
            "\u{feff}1x",
            "NaN", "{1:2}", "[\"a\" \"b\"]",
        ])
    func refused(text: String) {
        #expect(throws: JSONFault.self) { try read(text) }
    }

    @Test("bytes that are no UTF-8 are refused")
    func notUTF8() {
        for bytes: [UInt8] in [
            [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80],
        ] {
            var reader = JSONReader()
            #expect(throws: JSONFault.self) { try reader.read([0x22] + bytes + [0x22]) }
        }
    }

    @Test("a number is an integer only where 64 bits hold it")
    func numbers() throws {
        #expect(try read("-9223372036854775808") == .integer(.min))
        #expect(try read("9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try read("1.0") == .double(1))
        #expect(JSONText.bytes(.double(.infinity)) == Array("null".utf8))
    }
}

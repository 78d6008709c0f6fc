// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Interactions

/// What stands at a path, as text.
private func values(_ line: DecodedLine, _ path: String) -> [String] {
    var found: [String] = []
    line.decoder.forEachValue(at: JSONPointer(dottedPath: path)) { value in
        switch value {
        case .text(let slice): found.append(line.text(slice))
        case .number(let number): found.append("\(number)")
        case .boolean(let flag): found.append("\(flag)")
        case .null: found.append("null")
        }
        return true
    }
    return found
}

@Suite struct PathTests {
    private let line = DecodedLine(
        #"{"prompt":"Q","a.b":"dotted","a":{"b":"nested","c.d":[{"e":1},{"e":[2,3]},{"f":4}]},"x.y":{"no":1},"x":{"y":{"z":true}},"list":["p",null,5],"none":null,"":{"":"empty"},"7":"seven","meta":[[{"k":"deep"}]]}"#
    )

    @Test(
        "a path finds",
        arguments: [
            ("a.b", ["dotted"]), ("a.c.d.e", ["1.0", "2.0", "3.0"]), ("a.c.d.1.e", ["2.0", "3.0"]),
            ("a.c.d.f", ["4.0"]), ("x.y.z", ["true"]), ("x.y.no", ["1.0"]),
            ("list", ["p", "null", "5.0"]),
            ("list.2", ["5.0"]), ("list.9", []), ("none", ["null"]), ("7", ["seven"]), ("q", []),
            ("meta.k", ["deep"]), ("meta.0.0.k", ["deep"]), ("a.b.c", []), ("x", []),
            ("a..b", []), ("list.99999999999999999999", []),
        ])
    func paths(path: String, expected: [String]) {
        #expect(values(line, path) == expected)
    }

    @Test func existsCountsNullAndHasValueDoesNot() {
        for (path, exists, hasValue) in [
            ("none", true, false), ("a", true, true), ("list.1", true, false), ("no", false, false),
        ] {
            let pointer = JSONPointer(dottedPath: path)
            #expect(line.decoder.exists(at: pointer) == exists, "\(path)")
            #expect(line.decoder.hasValue(at: pointer) == hasValue, "\(path)")
        }
        #expect(line.decoder.number(at: JSONPointer(dottedPath: "list")) == 5)
        #expect(line.decoder.boolean(at: JSONPointer(dottedPath: "x.y.z")) == true)
        var slices: [TextSlice] = []
        line.decoder.appendStrings(at: JSONPointer(dottedPath: "list"), to: &slices)
        #expect(slices.map(line.text) == ["p"])
    }

    @Test func attributesAreLookedIntoFirst() {
        let line = DecodedLine(
            #"{"name":"root","attributes":{"gen_ai.system":"p","http.status":200,"name":"own"}}"#)
        #expect(values(line, "gen_ai.system") == ["p"])
        #expect(values(line, "attributes.gen_ai.system") == ["p"])
        #expect(values(line, "http.status") == ["200.0"])
        #expect(values(line, "name") == ["own"])
    }

    @Test func pathsOfAnOTLPRecordSeeItAsPlainJSON() throws {
        let fixture = try #require(
            ShapeFixture.openTelemetry.first { $0.name.hasPrefix("a log record of OTLP") })
        let line = DecodedLine(fixture.line)
        #expect(values(line, "gen_ai.usage.input_tokens") == ["12.0"])
        #expect(values(line, "resource.attributes.service.name") == ["gateway"])
        #expect(values(line, "scope.name") == ["s"])
        #expect(values(line, "severityNumber") == ["9.0"])
    }

    @Test func rawTextHasNoPaths() {
        #expect(values(DecodedLine("a.b"), "a") == [])
    }

    @Test(
        "of random records every member is found by its path", arguments: 0..<200 as Range<UInt64>)
    func randomRecords(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var number = 0
        let (tree, leaves) = Self.tree(depth: 4, &number, &random)
        let record: [String: Any] = ["prompt": "Q", "r": tree]
        let data = try JSONSerialization.data(withJSONObject: record)
        let line = DecodedLine(bytes: Array(data))
        for (path, value) in leaves {
            #expect(values(line, "r.\(path)").contains(value), "seed \(seed): \(path)")
        }
    }

    /// A tree of objects whose member names have dots, none being the beginning of another up
    /// to a dot, so that each path means one place.
    private static func tree(
        depth: Int, _ number: inout Int, _ random: inout SeededGenerator
    ) -> (Any, [(path: String, value: String)]) {
        var members: [String: Any] = [:]
        var leaves: [(path: String, value: String)] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            number += 1
            let suffix = ["", ".x", ".x.y"][Int.random(in: 0..<3, using: &random)]
            let name = "n\(number)\(suffix)"
            if depth == 0 || Bool.random(using: &random) {
                members[name] = "v\(number)"
                leaves.append((name, "v\(number)"))
            } else {
                let (child, inner) = tree(depth: depth - 1, &number, &random)
                members[name] = Bool.random(using: &random) ? [child] : child
                leaves += inner.map { ("\(name).\($0.path)", $0.value) }
            }
        }
        return (members, leaves)
    }

    @Test func hostileNamesCostNoMoreThanTheRecord() {
        // Every level offers both readings of the path, and none of them leads to its end.
        var inner = "1"
        for _ in 0..<300 { inner = #"{"a":\#(inner),"a.a":{}}"# }
        let line = DecodedLine(#"{"prompt":"Q","a":\#(inner)}"#)
        let path = Array(repeating: "a", count: 600).joined(separator: ".")
        #expect(values(line, path) == [])
    }
}

@Suite struct TimeTests {
    private func milliseconds(_ text: String) -> Int64? {
        RecordTime.milliseconds(Array(text.utf8).span)
    }

    @Test(
        "a time is read",
        arguments: [
            ("2023-11-14T22:13:20Z", 1_700_000_000_000),
            ("2023-11-14t22:13:20.123456z", 1_700_000_000_123),
            ("2023-11-15T03:43:20+05:30", 1_700_000_000_000),
            ("2023-11-14 22:13:20", 1_700_000_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("1700000000", 1_700_000_000_000),
            ("1700000000.5", 1_700_000_000_500), ("1700000000123", 1_700_000_000_123),
            ("1700000000123456", 1_700_000_000_123), ("1700000000123456789", 1_700_000_000_123),
        ])
    func read(text: String, expected: Int64) { #expect(milliseconds(text) == expected) }

    @Test(
        "what is no time is nil",
        arguments: [
            "", "yesterday", "2023-11-14", "2023-13-14T22:13:20Z", "2023-11-14T24:13:20Z",
            "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+0530", "0", "-1", "1.", ".5", "1.2.3",
            "99999999999999999999999", "2023-11-14T22:13:20Zx", "0001-01-01T00:00:00Z",
        ])
    func refused(text: String) { #expect(milliseconds(text) == nil) }

    @Test("RFC 3339 agrees with Foundation", arguments: 0..<200 as Range<UInt64>)
    func oracle(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let date = Date(
            timeIntervalSince1970: Double(Int.random(in: 1...7_000_000_000, using: &random)))
        let text = date.formatted(.iso8601)
        #expect(
            milliseconds(text) == Int64(date.timeIntervalSince1970) * 1000, "seed \(seed): \(text)")
    }

    @Test func hugeNumbersAreNoTimes() {
        for number in ["1e300", "-5", "1e20", "18446744073709551615"] {
            let line = DecodedLine(#"{"prompt":"Q","created":\#(number)}"#)
            let time = line.decoder.interaction.timeMilliseconds
            #expect(time == (number.hasPrefix("18") ? 18_446_744_073_709 : nil))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Sigma

/// Rule files that are wrong, each with what its author is told.
///
/// `RECORD_SNAPSHOTS=1 swift test --filter DiagnosticTests` writes the expectations anew.
@Suite struct DiagnosticTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Diagnostics")

    private static var cases: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }.sorted()
    }

    @Test("a wrong file is told as recorded", arguments: cases) func golden(name: String) throws {
        let text = try String(
            contentsOf: Self.folder.appendingPathComponent("\(name).yml"), encoding: .utf8)
        let result = parseRules(
            [RuleSource(file: "\(name).yml", text: text)], fields: ["prompt", "response"])
        let told = result.diagnostics.map { $0.rendered() + "\n" }.joined(separator: "\n")
        let expected = Self.folder.appendingPathComponent("\(name).expected")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            try told.write(to: expected, atomically: true, encoding: .utf8)
        }
        #expect(told == (try String(contentsOf: expected, encoding: .utf8)))
        #expect(!result.diagnostics.isEmpty)
        // What has an error is no rule, and what is no rule has an error.
        #expect(result.hasErrors || result.rules.count == 1)
    }

    @Test func thereAreAtLeastFortyWrongFiles() { #expect(Self.cases.count >= 40) }

    @Test("no beginning of a right file and no changed byte makes it crash")
    func mutations() throws {
        let text = ParsingTests.everything
        let bytes = Array(text.utf8)
        for end in stride(from: 0, to: bytes.count, by: 3) {
            let part = String(decoding: bytes[..<end], as: UTF8.self)
            _ = parseRules([RuleSource(file: "x", text: part)], fields: ["prompt"])
        }
        for seed in 0..<600 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let marks = Array("{}[]:|>&*'\"-\n\t #?!%@\\(".utf8)
                changed[Int.random(in: 0..<changed.count, using: &random)] =
                    marks.randomElement(using: &random) ?? 0
            }
            let source = RuleSource(file: "x", text: String(decoding: changed, as: UTF8.self))
            let result = parseRules([source], fields: ["prompt"])
            for diagnostic in result.diagnostics { _ = diagnostic.rendered() }
        }
    }
}

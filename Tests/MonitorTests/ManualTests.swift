// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Monitor

/// What is written for operators says what the program does.
@Suite struct ManualTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..")
        .standardized

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func thePageOfTheConfigurationDescribesEachKeyAndNoOther() throws {
        let page = try Self.text("deploy/man.d/tocsin.yaml.5.md")
        let keys = try #require(page.components(separatedBy: "# KEYS").last)
        let described = keys.matches(of: /\n\*\*([a-z_]+)\*\*\n/).map { String($0.1) }
        #expect(described.sorted() == Configuration.keys.sorted())
    }

    @Test func theExampleConfigurationIsRight() throws {
        let path = Self.root.appendingPathComponent("deploy/package.d/tocsin.yaml").path
        #expect(try Configuration(path: path).logs == ["/var/log/inference/*.jsonl*"])
    }

    @Test func theCatalogHasATextForEachMessageIDAndNoOther() throws {
        let entry = try Self.text("Sources/Reports/Delivery/JournalEntry.swift")
        let used = entry.matches(of: /"([0-9a-f]{32})"/).map { String($0.1) }
        #expect(Set(used).count == used.count && used.count >= 10)
        let catalog = try Self.text("deploy/tocsin.catalog")
        let told = catalog.matches(of: /\n-- ([0-9a-f]{32})\n/).map { String($0.1) }
        #expect(told.sorted() == used.sorted())
    }

    @Test func theCatalogShowsOnlyFieldsThatEntriesHave() throws {
        let entry = try Self.text("Sources/Reports/Delivery/JournalEntry.swift")
        for match in try Self.text("deploy/tocsin.catalog").matches(of: /@([A-Z_]+)@/) {
            #expect(entry.contains("add(\"\(match.1)\""), "\(match.1)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// `tocsin rules coverage`: which risk areas and taxonomy entries have rules, and of what kind.
package struct CoverageCommand {
    private let rules: RuleSet
    private let format: ReportFormat

    /// - Throws: ``SettingsError`` or ``RuleFaults``.
    package init(rules: [String], format: ReportFormat) throws {
        self.rules = try RuleSet(paths: rules)
        self.format = format
    }

    package func run() throws {
        let document = CoverageDocument(rules)
        switch format {
        case .text: print(document.lines.joined(separator: "\n"))
        case .json: print(try JSONLine.text(of: document))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

extension Rules {
    struct Coverage: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which risk areas and taxonomy entries have rules, and what rules lack.")

        @Option(name: .long, help: ArgumentHelp("Rule file or folder of them.", valueName: "path"))
        var rules: [String] = Rules.packaged

        @Option(name: .long, help: "text, or json: one document.")
        var format = ReportFormat.text

        func run() throws { try CoverageCommand(rules: rules, format: format).run() }
    }
}

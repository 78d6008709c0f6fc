// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

extension Rules {
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say why a rule matches a record, or what the record lacks.",
            discussion: """
                Reads a record of a log, or an event as rules' tests write it, from standard input. \
                Shows its text: for the operator's own eyes. Exit status: 0 the rule matches, 1 it \
                does not, 2 an error.
                """)

        @Option(
            name: .long,
            help: ArgumentHelp(
                "The rule's id, a beginning of it, its name or its title.", valueName: "rule"))
        var rule: String

        @Option(name: .long, help: ArgumentHelp("Rule file or folder of them.", valueName: "path"))
        var rules: [String] = Rules.packaged

        @Option(name: .long, help: "auto, the name of a shape, or a file that describes one.")
        var shape = "auto"

        @Option(name: .long, help: "text, or json: one document.")
        var format = ReportFormat.text

        func run() throws {
            let status = try ExplainCommand(
                rules: rules, rule: rule, shape: shape, format: format
            ).run()
            if status != 0 { throw ExitCode(status) }
        }
    }
}

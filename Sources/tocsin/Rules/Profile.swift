// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

extension Rules {
    struct Profile: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measure what each rule finds in logs and what it costs.",
            discussion: "Exit status: 0, 2 a file could not be read, 130 interrupted.")

        @Option(name: .long, help: ArgumentHelp("Rule file or folder of them.", valueName: "path"))
        var rules: [String] = Rules.packaged

        @Option(name: .long, help: "auto, the name of a shape, or a file that describes one.")
        var shape = "auto"

        @Option(name: .long, help: "text, or json: one document.")
        var format = ReportFormat.text

        @Argument(help: ArgumentHelp("Logs: JSON lines, plain, gzip or zstd.", valueName: "file"))
        var files: [String]

        func run() throws {
            let status = try ProfileCommand(rules: rules, shape: shape, format: format).run(files)
            if status != 0 { throw ExitCode(status) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

extension Rules {
    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which reports two rule sets give differently of the same logs.",
            discussion: """
                Exit status: 0 the same reports, 1 others, 2 an error, 130 interrupted.
                """)

        @Option(name: .long, help: "How many differences of each kind are shown of a rule.")
        var samples = 3

        @Flag(name: .long, help: "Show the words around each match.")
        var excerpts = false

        @Option(name: .long, help: "auto, the name of a shape, or a file that describes one.")
        var shape = "auto"

        @Option(name: .long, help: "text, or json: one document.")
        var format = ReportFormat.text

        @Argument(help: "Rule file or folder as it was.")
        var old: String

        @Argument(help: "Rule file or folder as it is to be.")
        var new: String

        @Argument(help: ArgumentHelp("Logs: JSON lines, plain, gzip or zstd.", valueName: "file"))
        var files: [String]

        mutating func validate() throws {
            guard samples >= 0 else { throw ValidationError("--samples is a number from 0 on") }
        }

        func run() throws {
            let diff = try DiffCommand(
                old: old, new: new, shape: shape, samples: samples, showsExcerpts: excerpts,
                format: format)
            let status = try diff.run(files)
            if status != 0 { throw ExitCode(status) }
        }
    }
}

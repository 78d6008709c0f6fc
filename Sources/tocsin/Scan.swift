// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Scan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read logs once and print what the rules find in them.",
        discussion: "Exit status: 0 nothing found, 1 something found, 2 a file could not be read.")

    @Option(name: .long, help: ArgumentHelp("Rule file or folder of them.", valueName: "path"))
    var rules = RuleFiles.usualFolders

    @Option(name: .long, help: "text, or json: one report a line.")
    var format = ReportFormat.text

    @Option(
        name: .long,
        help: ArgumentHelp(
            "auto, the name of a shape, or a file that describes one.", valueName: "shape"))
    var shape = "auto"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Views against evasion, apart by commas, or none.", valueName: "views"))
    var views = "folded,joined,decoded"

    @Option(name: .long, help: "Bytes of text around a match that are shown; 0 for none.")
    var excerptBytes = 160

    @Option(name: .long, help: "What inflates gzip: isal or zlib.")
    var inflater = "isal"

    @Argument(help: ArgumentHelp("Logs: JSON lines, plain, gzip or zstd.", valueName: "file"))
    var files: [String]

    mutating func validate() throws {
        guard (0...1024).contains(excerptBytes) else {
            throw ValidationError("--excerpt-bytes is a number from 0 to 1024")
        }
    }

    func run() throws {
        let scan = try ScanCommand(
            rules: rules, shape: shape, views: views.split(separator: ",").map(String.init),
            inflater: inflater, excerptBytes: excerptBytes,
            format: format)
        let status = try scan.run(files)
        if status != 0 { throw ExitCode(status) }
    }
}

extension ReportFormat: ExpressibleByArgument {}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what rules catch and miss on labelled texts.",
        discussion: """
            Says for each risk area what the patterns, the scores and both together catch, how \
            often they raise a false alarm, and which rows to read. Where the rules have a model \
            beside them, only rows that it was not trained on are reported.
            """)

    @Option(
        help: ArgumentHelp("Rule files or a folder of them, with their model.", valueName: "path"))
    var rules: [String] = ["/etc/tocsin/rules"]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled rows: JSON lines, plain, gzip or zstd.", valueName: "file"))
    var corpus: [String]

    @Option(help: "What is printed: text or json.")
    var format: ReportFormat = .text

    @Option(
        help: ArgumentHelp("Also writes a page with plots and all rows to read.", valueName: "file")
    )
    var html: String?

    @Flag(help: "Shows the beginnings of the texts of misses and false alarms.")
    var showText = false

    func run() throws {
        try EvalCommand(
            rules: rules, corpus: corpus, format: format, page: html, showsText: showText
        ).run()
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what of each log has been read, and what has not.",
        discussion: """
            READ and LAG count bytes of the file itself, TEXT what came out of it. LOST are \
            bytes of the file that could not be read; each such gap is a report too.
            """)

    @Option(name: .long, help: ArgumentHelp("The state folder.", valueName: "folder"))
    var state = "/var/lib/tocsin"

    @Option(name: .long, help: "text, or json: one document.")
    var format = ReportFormat.text

    func run() throws { try StatusCommand(state: state, format: format).run() }
}

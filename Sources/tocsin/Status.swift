// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the monitor is doing and what of each log has been read.",
        discussion: """
            READ and LAG count bytes of the file itself, TEXT what came out of it. LOST are \
            bytes of the file that could not be read; each such gap is a report too.
            """)

    @OptionGroup var control: ControlOptions

    @Option(name: .long, help: "text, json: one document, or metrics: Prometheus's text format.")
    var format = StatusCommand.Format.text

    func run() throws { try StatusCommand(socket: control.socket, format: format).run() }
}

/// How commands find the daemon.
struct ControlOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The daemon's control socket.", valueName: "path"))
    var socket = "/run/tocsin/control"
}

extension StatusCommand.Format: ExpressibleByArgument {}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Fleet: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Correlate the findings of all hosts until SIGTERM.",
        discussion: "Several may run at a time; they share the work, and one's end loses nothing.")

    @Option(name: .long, help: ArgumentHelp("The fleet's configuration.", valueName: "file"))
    var config: String

    func run() throws {
        try FleetCommand(FleetConfiguration(path: config)).run()
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow logs and raise alerts until SIGTERM: the daemon.")

    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = Monitor.Configuration.usualPath

    func run() throws {
        try Daemon(Monitor.Configuration(path: config)).run()
    }
}

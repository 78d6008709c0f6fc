// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether the daemon can work here; exit 1 when it cannot.",
        discussion: """
            Looks at the configuration, the rules and their tests, the permissions of logs and \
            state, the journal, the queue and the control socket, with the rights of the user \
            that runs it: runuser -u tocsin -- tocsin check.
            """)

    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = Monitor.Configuration.usualPath

    func run() throws {
        if !CheckCommand(configuration: config).run() { throw ExitCode(1) }
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

/// The `tocsin` command: one subcommand a file, all logic in Monitor.
@main
struct Tocsin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tocsin",
        abstract: "Watches the logs of AI inference hosts for hazardous conversations.",
        version: tocsinVersion,
        subcommands: [
            Run.self, Check.self, Scan.self, Rules.self, Train.self, Eval.self, Queue.self,
            Evidence.self, Status.self, Top.self, Reload.self, Fleet.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as any OperatorError {
            // 2, as grep(1) ends when it cannot look: 1 means that something was found.
            StandardError.tell("\(error)")
            exit(withError: ExitCode(2))
        } catch {
            exit(withError: error)
        }
    }
}

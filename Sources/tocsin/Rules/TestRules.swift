// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

extension Rules {
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the tests that rules carry; exit 1 when one fails.")

        @Argument(help: ArgumentHelp("Rule files or folders of them.", valueName: "path"))
        var paths = RuleFiles.usualFolders

        func run() throws {
            let outcome = try RuleTests(paths: paths).runWithProgress()
            print(outcome.rendered(showsPassed: true))
            if outcome.exitStatus != 0 { throw ExitCode(outcome.exitStatus) }
        }
    }
}

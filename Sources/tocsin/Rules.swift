// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check rule files and run the tests in them.",
        subcommands: [Check.self, Test.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is wrong in rule files; exit 0 when they can be used.")

        @Argument(help: ArgumentHelp("Rule files or folders of them.", valueName: "path"))
        var paths = RuleFiles.usualFolders

        func run() throws {
            let rules = try RuleSet(paths: paths)
            for warning in rules.warnings { print(warning) }
            print("\(rules.count) rules can be used, \(rules.warnings.count) warnings")
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the tests that rules carry; exit 1 when one fails.")

        @Argument(help: ArgumentHelp("Rule files or folders of them.", valueName: "path"))
        var paths = RuleFiles.usualFolders

        func run() throws {
            let outcome = try RuleTests(paths: paths).run()
            print(outcome.rendered())
            if !outcome.isSuccess { throw ExitCode(1) }
        }
    }
}

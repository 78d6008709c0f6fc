// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

extension Rules {
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
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, test and tune rule files.",
        subcommands: [
            Check.self, Test.self, Explain.self, Profile.self, Diff.self, Coverage.self,
        ])

    /// Where the packaged rules lie.
    static let packaged = ["/usr/share/tocsin/rules"]
}

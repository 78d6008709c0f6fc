// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Evidence: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make keys for sealed evidence, and open it.",
        subcommands: [GenerateKey.self, Open.self])

    struct GenerateKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keygen",
            abstract: "Write a new private key to a file and print its public key.",
            discussion: """
                The public key goes under `recipients:` of the daemon's configuration. The private \
                key stays with the responders, away from the inference host.
                """)

        @Option(name: .long, help: "The private key's file, which must not exist.")
        var out: String

        func run() throws { try EvidenceCommand.generateKey(at: out) }
    }

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the turns of reports said.")

        @Option(name: .long, help: "The private key's file.")
        var key: String

        @Option(name: .long, help: "text, or json: one document a report.")
        var format = ReportFormat.text

        @Argument(help: "Files of reports in JSON, one a line; standard input without any.")
        var files: [String] = []

        func run() throws { try EvidenceCommand.open(files, keyFile: key, format: format) }
    }
}

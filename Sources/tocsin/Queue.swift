// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Queue: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read and work the queue of reports.",
        subcommands: [List.self, Claim.self, Acknowledge.self])

    struct Store: ParsableArguments {
        @Option(name: .long, help: ArgumentHelp("The state folder.", valueName: "folder"))
        var state = "/var/lib/tocsin"

        @Option(name: .long, help: "text, or json: one report a line.")
        var format = ReportFormat.text
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show reports, the most urgent first.")

        @OptionGroup var store: Store

        @Flag(name: .long, help: "Acknowledged reports too.")
        var all = false

        @Option(name: .long, help: "At most so many.")
        var limit = 1000

        func run() throws {
            try QueueCommand(state: store.state, format: store.format)
                .list(all: all, limit: limit)
        }
    }

    struct Claim: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take reports to work on; nobody else is given them while the lease lasts.")

        @OptionGroup var store: Store

        @Option(name: .long, help: "Who takes them.")
        var consumer: String

        @Option(name: .long, help: "How long they are yours.")
        var leaseSeconds = 600

        @Option(name: .long, help: "At most so many.")
        var limit = 1

        mutating func validate() throws {
            guard leaseSeconds > 0, limit > 0 else {
                throw ValidationError("--lease-seconds and --limit are 1 or more")
            }
        }

        func run() throws {
            try QueueCommand(state: store.state, format: store.format)
                .claim(consumer: consumer, leaseSeconds: leaseSeconds, limit: limit)
        }
    }

    struct Acknowledge: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ack", abstract: "Say that a report was dealt with.")

        @OptionGroup var store: Store

        @Option(name: .long, help: "Who claimed it, when it was claimed.")
        var consumer: String?

        @Option(name: .long, help: "true-positive, false-positive or duplicate.")
        var verdict: String?

        @Option(name: .long, help: "A word to those who read it later.")
        var note: String?

        @Argument(help: "The report's id, or its first 8 digits or more.")
        var id: String

        func run() throws {
            try QueueCommand(state: store.state, format: store.format)
                .acknowledge(id, consumer: consumer, verdict: verdict, note: note)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Monitor

struct Queue: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read and work the queue of reports.",
        subcommands: [
            List.self, Claim.self, Acknowledge.self, Release.self, Watch.self, Export.self,
        ])

    struct Output: ParsableArguments {
        @OptionGroup var control: ControlOptions

        @Option(name: .long, help: "text, or json: one report a line.")
        var format = ReportFormat.text

        func command() throws -> QueueCommand {
            try QueueCommand(socket: control.socket, format: format)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show reports, the most urgent first.")

        @OptionGroup var output: Output

        @Flag(name: .long, help: "Acknowledged reports too.")
        var all = false

        @Option(name: .long, help: "At most so many, up to 1000.")
        var limit = 1000

        func run() throws { try output.command().list(all: all, limit: limit) }
    }

    struct Claim: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take reports to work on; nobody else is given them while the lease lasts.")

        @OptionGroup var output: Output

        @Option(name: .long, help: "Who takes them.")
        var consumer: String

        @Option(name: .long, help: "How long they are yours.")
        var leaseSeconds = 600

        @Option(name: .long, help: "At most so many, up to 1000.")
        var limit = 1

        mutating func validate() throws {
            guard leaseSeconds > 0, limit > 0 else {
                throw ValidationError("--lease-seconds and --limit are 1 or more")
            }
        }

        func run() throws {
            try output.command().claim(
                consumer: consumer, leaseSeconds: leaseSeconds, limit: limit)
        }
    }

    struct Acknowledge: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ack",
            abstract: "Say that reports were dealt with: all of them, or none.")

        @OptionGroup var control: ControlOptions

        @Option(name: .long, help: "Who claimed them, when they were claimed.")
        var consumer: String?

        @Option(name: .long, help: "true-positive, false-positive or duplicate.")
        var verdict: String?

        @Option(name: .long, help: "A word to those who read it later.")
        var note: String?

        @Argument(help: "The reports' ids, or their first 8 digits or more.")
        var ids: [String]

        func run() throws {
            try QueueCommand(socket: control.socket, format: .text)
                .acknowledge(ids, consumer: consumer, verdict: verdict, note: note)
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put claimed or dead reports back into the queue: all of them, or none.")

        @OptionGroup var control: ControlOptions

        @Option(name: .long, help: "Who claimed them; without it, whoever did is overruled.")
        var consumer: String?

        @Argument(help: "The reports' ids, or their first 8 digits or more.")
        var ids: [String]

        func run() throws {
            try QueueCommand(socket: control.socket, format: .text)
                .release(ids, consumer: consumer)
        }
    }

    struct Watch: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show new reports as they come, or run a command for each.",
            discussion: """
                With --exec each report is claimed, and the command is run by /bin/sh with the \
                report as JSON on its standard input and TOCSIN_REPORT_ID, TOCSIN_LEVEL, \
                TOCSIN_KIND, TOCSIN_RULE_ID and TOCSIN_SUMMARY in its environment. When it ends \
                with 0 the report is acknowledged; when it fails the report is given again after \
                its lease, and is dead after the fifth time. The lease is renewed while the \
                command runs. When the daemon ends, the watch waits for it to come back.
                """)

        @OptionGroup var output: Output

        @Option(name: .long, help: ArgumentHelp("Run for each report.", valueName: "command"))
        var exec: String?

        @Option(name: .long, help: "Who takes the reports that --exec handles.")
        var consumer = "watch"

        @Option(name: .long, help: "How long after a failure a report is tried again.")
        var leaseSeconds = 60

        mutating func validate() throws {
            guard leaseSeconds > 0 else { throw ValidationError("--lease-seconds is 1 or more") }
        }

        func run() throws {
            guard let exec else {
                return try QueueWatch(socket: output.control.socket, format: output.format).show()
            }
            try QueueHandler(
                socket: output.control.socket, command: exec, consumer: consumer,
                leaseSeconds: leaseSeconds
            ).run()
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print all reports for other programs, one a line.",
            discussion: """
                json: as Tocsin writes them. ocsf: OCSF Detection Finding (class 2004). otlp-json: \
                OpenTelemetry log records. With --labelled, the texts of acknowledged reports with \
                their verdicts, as `tocsin eval` and `tocsin train` read them.
                """)

        @OptionGroup var control: ControlOptions

        @Option(name: .long, help: "json, ocsf or otlp-json.")
        var format = QueueExport.Format.json

        @Flag(name: .long, help: "A labelled corpus of what was acknowledged with a verdict.")
        var labelled = false

        @Option(
            name: .long,
            help: ArgumentHelp("The private key that opens sealed evidence.", valueName: "file"))
        var key: String?

        func run() throws {
            let export = try QueueExport(socket: control.socket)
            if labelled {
                try export.labelled(keyFile: key)
            } else {
                try export.all(format)
            }
        }
    }
}

extension QueueExport.Format: ExpressibleByArgument {}

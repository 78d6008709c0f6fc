// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport
import Testing

/// The built program, run as operators run it.
enum Tocsin {
    static let path =
        Bundle.main.executableURL?.deletingLastPathComponent()
        .appendingPathComponent("tocsin").path ?? "tocsin"

    /// What a run of the program gave.
    struct Result {
        let status: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs the program to its end.
    static func run(_ arguments: String..., prefix: [String] = []) throws -> Result {
        try run(arguments, prefix: prefix)
    }

    /// - Parameter inputFile: What the program reads from standard input.
    static func run(
        _ arguments: [String], program: String = path, prefix: [String] = [],
        inputFile: String = "/dev/null"
    ) throws -> Result {
        let process = Process()
        let command = prefix + [program] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let folder = try Scratch()
        let output = "\(folder.path)/out"
        let errors = "\(folder.path)/err"
        process.standardInput = FileHandle(forReadingAtPath: inputFile)
        process.standardOutput = try FileHandle.appending(to: output)
        process.standardError = try FileHandle.appending(to: errors)
        try process.run()
        process.waitUntilExit()
        let result = Result(
            status: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
        if arguments.first == "scan", arguments.contains("json") {
            expectReports(result.lines.suffix(checkedReports))
        }
        return result
    }

    /// Of a run's reports the last so many are checked: each takes the validator a while.
    static let checkedReports = 300

    /// Fails the test when one of the documents is no report as the published schema says.
    static func expectReports(_ documents: [String]) {
        guard DocumentValidator.obstacle == nil, let validator = DocumentValidator.reports else {
            return
        }
        do {
            let faults = try validator.faults(in: documents)
            #expect(faults == [:], "reports that the schema refuses")
        } catch {
            Issue.record("the validator failed: \(error)")
        }
    }
}

/// A command that goes on until the test lets go of it.
final class TocsinInBackground {
    private let process = Process()

    /// - Parameters:
    ///   - output: A file for what it prints, or nil where nobody looks at it.
    ///   - errors: The same for what it says of itself.
    init(_ arguments: [String], output: String? = nil, errors: String? = nil) throws {
        process.executableURL = URL(fileURLWithPath: Tocsin.path)
        process.arguments = arguments
        if let output { process.standardOutput = try FileHandle.appending(to: output) }
        process.standardError =
            try errors.map { try FileHandle.appending(to: $0) } ?? FileHandle.nullDevice
        try process.run()
    }

    deinit { kill() }

    /// Ends it at once: it may have been started with SIGTERM blocked.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// A host of its own for one test: logs, rules, a configuration, a state folder, a daemon.
final class Host {
    let scratch: Scratch
    private(set) var daemon: Process?
    /// The programs that the daemon is started through, as in `nsenter … tocsin run`.
    var prefix: [String] = []

    var logs: String { scratch.path + "/logs" }
    var rules: String { scratch.path + "/rules" }
    var state: String { scratch.path + "/state" }
    var socket: String { scratch.path + "/control" }
    var configuration: String { scratch.path + "/tocsin.yaml" }
    var errorsPath: String { scratch.path + "/errors" }

    /// What the daemon said so far.
    var errors: String { (try? String(contentsOfFile: errorsPath, encoding: .utf8)) ?? "" }

    init() throws {
        scratch = try Scratch()
        for folder in [logs, rules] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        }
        try Self.markerRule.write(
            toFile: "\(rules)/marker.yml", atomically: true, encoding: .utf8)
        try watch("\(logs)/*.jsonl", "\(logs)/*.jsonl.gz")
    }

    deinit {
        if let daemon, daemon.isRunning {
            kill(daemon.processIdentifier, SIGKILL)
            daemon.waitUntilExit()
        }
    }

    static let marker = "purple-lighthouse-marker"
    static let markerRule = """
        title: A word that the tests wait for
        id: 6d1f0e6c-6b1b-4a5c-9f0e-0a6a2a3b4c5d
        status: test
        description: Fires on a word that stands nowhere else.
        logsource:
          category: ai_interaction
        detection:
          word:
            prompt|contains: \(marker)
          condition: word
        level: high
        """

    /// A rule that a word in a prompt is enough for, named by that word.
    static func rule(_ number: Int, askedFor word: String) -> String {
        """
        title: Asked for \(word)
        id: 00000000-0000-4000-8000-00000000000\(number)
        name: \(word)
        logsource: {category: ai_interaction}
        level: low
        detection: {word: {prompt|contains: \(word)}, condition: word}
        """
    }

    /// A record as one line; the marker stands in it when `isMarked`.
    static func record(_ number: Int, isMarked: Bool) -> String {
        let prompt = isMarked ? "number \(number) \(marker)" : "number \(number) of no interest"
        return
            #"{"id":"r\#(number)","created":\#(1_760_000_000 + number),"model":"m","user":"u\#(number % 7)","messages":[{"role":"user","content":"\#(prompt)"}],"choices":[{"message":{"role":"assistant","content":"fine"}}]}"#
    }

    /// Makes the next daemon follow the logs that these patterns name, and no others; without test
    /// records of its own.
    func watch(_ patterns: String...) throws {
        try """
        logs: [\(patterns.joined(separator: ", "))]
        rules: \(rules)
        state: \(state)
        socket: \(socket)
        canary: {every_seconds: 0}
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    func start() throws {
        let process = Process()
        let command = prefix + [Tocsin.path, "run", "--config", configuration]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardError = try FileHandle.appending(to: errorsPath)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        daemon = process
    }

    /// Ends the daemon with a signal and gives its exit status; a signal's is negative.
    @discardableResult
    func end(_ signal: Int32 = SIGTERM) -> Int32 {
        guard let daemon else { return 0 }
        kill(daemon.processIdentifier, signal)
        daemon.waitUntilExit()
        self.daemon = nil
        if signal == SIGTERM {
            Tocsin.expectReports(stored().suffix(Tocsin.checkedReports).map(\.json))
        }
        return daemon.terminationReason == .exit
            ? daemon.terminationStatus : -daemon.terminationStatus
    }

    /// What the store says of logs.
    ///
    /// Without alarms: what the daemon says of itself comes whenever it looks, on a busy machine
    /// in between.
    func reports() -> [Report] { stored().filter { $0.kind != .alarm && $0.kind != .canary } }

    /// What the daemon says of itself.
    func alarms() -> [Report] { stored().filter { $0.kind == .alarm } }

    /// The reports of the daemon's own test records.
    func canaries() -> [Report] { stored().filter { $0.kind == .canary } }

    /// Those of some reports' ids that are of no alarm.
    func ofLogs(_ ids: [String]) -> [String] {
        let alarms = Set(alarms().map(\.id))
        return ids.filter { !alarms.contains($0) }
    }

    /// All that the store holds, in the order of the commits; none while there is no store.
    func stored() -> [Report] {
        guard let store = try? ReportStore(existing: state) else { return [] }
        return (try? store.reports(after: 0, limit: 1_000_000).map(\.report)) ?? []
    }

    /// The number of the newest report of any kind, 0 without one: cheap however many there are.
    func newestReport() -> Int {
        (try? ReportStore(existing: state).newestSequence()) ?? 0
    }

    /// Waits until there are reports of logs of this number; fails the test when none comes within
    /// a minute.
    func waitForReports(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        var newest = -1
        var deadline = Date()
        while true {
            // Cheap to ask: a store of many reports is read whole only where there are new ones,
            // and perhaps enough.
            let latest = newestReport()
            if latest > newest {
                if latest >= count, reports().count >= count { return }
                deadline = Date() + 60
                newest = latest
            }
            guard Date() < deadline else {
                Issue.record(
                    "\(latest) of \(count) reports, and no more come; \(errors)",
                    sourceLocation: sourceLocation)
                return
            }
            usleep(5_000)
        }
    }

    /// Waits until `fact` holds; fails the test when it does not within a minute.
    func wait(
        for what: String, sourceLocation: SourceLocation = #_sourceLocation, _ fact: () -> Bool
    ) {
        let deadline = Date() + 60
        while !fact() {
            guard Date() < deadline else {
                Issue.record(
                    "waited in vain for \(what); \(errors)", sourceLocation: sourceLocation)
                return
            }
            usleep(5_000)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc

/// A systemd-journald of the test's own, which only code run with ``perform(_:)`` sees.
///
/// Made by `deploy/private-journald`, whose command is a shell that starts journald again for each
/// line on a pipe. It ends, and journald with it, when the pipe closes: with ``stop()``, or when the
/// test process ends in whatever way.
package final class PrivateJournald: @unchecked Sendable {
    private let holder = Process()
    private let holderInput = Pipe()
    private let holderOutput = Pipe()
    /// A process inside the namespace.
    private let insider: Int32
    private var journald: Int32

    private static let holderScript = """
        again=; echo $$ $JOURNALD_PID
        while read -r line; do
            /lib/systemd/systemd-journald </dev/null >/dev/null 2>&1 &
            again=$!; echo $again
        done
        [ -z "$again" ] || kill -KILL $again
        """

    /// Why there can be no private journald here, or nil when there can.
    package static var obstacle: String? {
        if geteuid() != 0 { return "needs root, for a mount namespace" }
        for program in ["/lib/systemd/systemd-journald", "/usr/bin/nsenter", "/usr/bin/journalctl"]
        where unsafe access(program, X_OK) != 0 {
            return "\(program) is not installed"
        }
        return nil
    }

    /// Starts journald and waits until it answers.
    package init(settings: [String] = []) throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        holder.executableURL = root.appendingPathComponent("deploy/private-journald")
        holder.arguments =
            settings.flatMap { ["-c", $0] } + ["--", "sh", "-c", Self.holderScript]
        holder.standardInput = holderInput
        holder.standardOutput = holderOutput
        try holder.run()
        let ids = try Self.numbers(from: holderOutput)
        guard ids.count == 2 else {
            throw SystemCallError(description: "deploy/private-journald gave no process ids")
        }
        insider = ids[0]
        journald = ids[1]
    }

    /// The numbers on the next line of a pipe, to which nobody writes two lines at a time.
    private static func numbers(from pipe: Pipe) throws -> [Int32] {
        var line: [UInt8] = []
        while line.last != 0x0a {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            line += more
        }
        return String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { Int32($0) }
    }

    /// Runs `body` on a thread that sees this journal as the machine's.
    package func perform<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try SeparateThread.insideNamespace(of: insider, body)
    }

    /// What a command line begins with to run a program that sees this journal.
    package var prefix: [String] { ["/usr/bin/nsenter", "-t", "\(insider)", "-m"] }

    /// What journalctl prints, after everything sent before has been stored.
    package func journalctl(_ arguments: String...) throws -> String {
        try run("journalctl", ["--sync"])
        return try run("journalctl", ["--quiet", "--no-pager", "--all"] + arguments)
    }

    /// The journal's entries with this field and value, each as its fields; many values of one
    /// field are joined by "|".
    package func entries(_ field: String, _ value: String) throws -> [[String: String]] {
        try journalctl("--output=json", "\(field)=\(value)").split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return (object as? [String: Any] ?? [:]).mapValues { value in
                (value as? [Any])?.map { "\($0)" }.joined(separator: "|") ?? "\(value)"
            }
        }
    }

    /// The ids of the reports that it holds, as often as it holds them.
    package func reportIDs() throws -> [String] {
        try entries("SYSLOG_IDENTIFIER", "tocsin").compactMap { $0["TOCSIN_REPORT_ID"] }
    }

    /// Ends journald at once, and waits until it is gone; its socket file stays.
    package func kill() {
        _ = Glibc.kill(journald, SIGKILL)
        // Its parent, a shell, may not have reaped it yet.
        while let state = Self.state(of: journald), state != "Z" { sched_yield() }
    }

    /// Starts journald again and waits until it answers.
    package func restart() throws {
        try holderInput.fileHandleForWriting.write(contentsOf: Data("again\n".utf8))
        guard let id = try Self.numbers(from: holderOutput).first else {
            throw SystemCallError(description: "journald was not started again")
        }
        journald = id
        while Self.state(of: journald) != nil, try !answers() { sched_yield() }
    }

    private func answers() throws -> Bool {
        do {
            try run("journalctl", ["--sync"])
            return true
        } catch is SystemCallError {
            return false
        }
    }

    /// Stops journald's clock: it reads nothing until ``thaw()``.
    package func freeze() {
        _ = Glibc.kill(journald, SIGSTOP)
        while let state = Self.state(of: journald), state != "T" { sched_yield() }
    }

    package func thaw() { _ = Glibc.kill(journald, SIGCONT) }

    /// Removes the socket file, as on a machine where journald never ran.
    package func removeSocket() throws { try run("rm", ["/run/systemd/journal/socket"]) }

    /// Ends journald and the namespace, and waits for it; to be called by each test itself, since
    /// a thread that ``perform(_:)`` made may let go of this object later than the test does.
    package func stop() {
        try? holderInput.fileHandleForWriting.close()
        holder.waitUntilExit()
    }

    @discardableResult
    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/nsenter")
        process.arguments = ["-t", "\(insider)", "-m", program] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        // journalctl says 1 when nothing matches.
        guard process.terminationStatus == 0 || (program == "journalctl" && arguments.count > 1)
        else {
            throw SystemCallError(
                description:
                    "\(program) \(arguments.joined(separator: " ")): status \(process.terminationStatus)"
            )
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A process's state letter in /proc, or nil when there is no such process.
    private static func state(of process: Int32) -> Character? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[end...].dropFirst(2).first
    }
}

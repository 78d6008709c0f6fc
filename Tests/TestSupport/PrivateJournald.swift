// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc

/// A systemd-journald of the test's own, which only code run with ``perform(_:)`` sees.
///
/// Made by `deploy/private-journald`, which holds the mount namespace open for as long as its
/// command, `cat` on a pipe, runs: it ends with this object, and with the test process.
package final class PrivateJournald: @unchecked Sendable {
    private let holder = Process()
    private let holderInput = Pipe()
    /// A process inside the namespace.
    private let insider: Int32
    private var journald: Int32
    private var restarted: Process?

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
        let output = Pipe()
        holder.executableURL = root.appendingPathComponent("deploy/private-journald")
        holder.arguments =
            settings.flatMap { ["-c", $0] } + ["--", "sh", "-c", "echo $$ $JOURNALD_PID; exec cat"]
        holder.standardInput = holderInput
        holder.standardOutput = output
        try holder.run()
        var line: [UInt8] = []
        while line.last != 0x0a {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            line += more
        }
        let ids = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard ids.count == 2, let insider = Int32(ids[0]), let journald = Int32(ids[1]) else {
            throw SystemCallError(description: "deploy/private-journald gave no process ids")
        }
        self.insider = insider
        self.journald = journald
    }

    /// Runs `body` on a thread that sees this journal as the machine's.
    package func perform<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try SeparateThread.insideNamespace(of: insider, body)
    }

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

    /// Ends journald at once, and waits until it is gone; its socket file stays.
    package func kill() {
        _ = Glibc.kill(journald, SIGKILL)
        // Its parent, the script's shell or this process, may not have reaped it yet.
        while let state = Self.state(of: journald), state != "Z" { sched_yield() }
        restarted?.waitUntilExit()
        restarted = nil
    }

    /// Starts journald again and waits until it answers.
    package func restart() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/nsenter")
        process.arguments = ["-t", "\(insider)", "-m", "/lib/systemd/systemd-journald"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        // nsenter without --fork becomes the program: the id is journald's.
        journald = process.processIdentifier
        restarted = process
        while process.isRunning, try !answers() { sched_yield() }
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

    /// Ends journald and the namespace.
    package func stop() {
        if restarted != nil { kill() }
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

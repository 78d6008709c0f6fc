// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc
internal import Reports

/// `tocsin queue watch --exec`: claims reports as they come and runs a command for each.
package final class QueueHandler {
    /// How often it looks for reports whose lease ran out, which nobody tells it of.
    private static let periodSeconds = 5.0

    private let socket: String
    private let command: String
    private let consumer: String
    private let leaseSeconds: Int
    /// Handled, but the daemon went before it could be told.
    private var unacknowledged: String?

    package init(socket: String, command: String, consumer: String, leaseSeconds: Int) {
        self.socket = socket
        self.command = command
        self.consumer = consumer
        self.leaseSeconds = leaseSeconds
    }

    /// Handles reports until the process is ended.
    ///
    /// - Throws: ``ControlError`` when the daemon refuses, or when none answers at the start.
    package func run() throws {
        try Reconnection.goOn(socket: socket) { client in
            if let id = unacknowledged { try acknowledge(id, client) }
            while true {
                // Watched before it is looked: what is stored in between shows in the watch.
                let bell = try ControlClient(socket: socket).follow(
                    "\(ReportsInterface.name).Watch", ReportsInterface.Watch(),
                    returning: ReportsInterface.Watched.self)
                _ = try bell.next()
                repeat {
                    while try handleNext(client) {}
                } while try bell.next(within: Self.periodSeconds) != nil
            }
        }
    }

    /// Claims a report and handles it; false when there is none.
    private func handleNext(_ client: ControlClient) throws -> Bool {
        let reply = try client.call(
            "\(ReportsInterface.name).Claim",
            ReportsInterface.Claim(consumer: consumer, limit: 1, leaseSeconds: leaseSeconds),
            returning: ReportsInterface.Reports.self)
        guard let queued = reply.reports.first else { return false }
        let id = queued.report.id
        guard try run(for: queued.report, client) else {
            StandardError.tell(
                "report \(id.prefix(16)): the command failed; tried again after the lease")
            return true
        }
        unacknowledged = id
        try acknowledge(id, client)
        return true
    }

    private func acknowledge(_ id: String, _ client: ControlClient) throws {
        do throws(ControlError) {
            _ = try client.call(
                "\(ReportsInterface.name).Acknowledge",
                ReportsInterface.Acknowledge(ids: [id], consumer: consumer),
                returning: ReportsInterface.Identifiers.self)
        } catch {
            if error.isConnectionLost { throw error }
            // The command outlasted its lease while the daemon was away: another has it now.
            StandardError.tell("\(error)")
        }
        unacknowledged = nil
    }

    /// Runs the command, and renews the lease meanwhile; whether it ended with 0.
    private func run(for report: Report, _ client: ControlClient) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "TOCSIN_REPORT_ID": report.id, "TOCSIN_LEVEL": report.level.rawValue,
            "TOCSIN_KIND": report.kind.rawValue, "TOCSIN_RULE_ID": report.rule?.id ?? "",
            "TOCSIN_SUMMARY": report.summary.printable(keepingNewlines: false),
        ]) { $1 }
        let input = try InputFile(report.json)
        process.standardInput = input.handle
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        let pause = DispatchTimeInterval.milliseconds(leaseSeconds * 1000 / 3)
        while ended.wait(timeout: .now() + pause) == .timedOut {
            // A daemon that is away now may be back before the lease ends.
            _ = try? client.call(
                "\(ReportsInterface.name).Renew",
                ReportsInterface.Renew(
                    ids: [report.id], consumer: consumer, leaseSeconds: leaseSeconds),
                returning: ReportsInterface.Identifiers.self)
        }
        return process.terminationReason == .exit && process.terminationStatus == 0
    }
}

/// A text as a command's standard input: a file without a name, of any size.
private struct InputFile {
    let handle: FileHandle

    init(_ text: String) throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("tocsin-\(UUID().uuidString)").path
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SettingsError(unwritable: path) }
        unsafe unlink(path)
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data("\(text)\n".utf8))
        try handle.seek(toOffset: 0)
    }
}

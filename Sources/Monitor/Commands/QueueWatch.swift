// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc
internal import Reports

/// `tocsin queue watch`: shows reports as they are stored, over restarts of the daemon.
package struct QueueWatch {
    private let socket: String
    private let format: ReportFormat

    package init(socket: String, format: ReportFormat) throws {
        self.socket = socket
        self.format = format
    }

    /// Prints until the process is ended.
    ///
    /// - Throws: ``ControlError`` when the daemon refuses, or when none answers at the start.
    package func show() throws {
        var last: Int?
        try Reconnection.goOn(socket: socket) { client in
            let replies = try client.follow(
                "\(ReportsInterface.name).Watch", ReportsInterface.Watch(after: last),
                returning: ReportsInterface.Watched.self)
            while let watched = try replies.next() {
                for queued in watched.reports { show(queued.report) }
                last = watched.newest
                fflush(nil)
            }
        }
    }

    private func show(_ report: Report) {
        switch format {
        case .json: print(report.json)
        // Signs of life are nothing to look at.
        case .text where report.kind == .canary: break
        case .text: ReportText(report).lines.forEach { print($0) }
        }
    }
}

/// Goes on with a daemon that was restarted.
enum Reconnection {
    private static let pauseSeconds = 1.0

    /// Runs `body` with a connection, and again with another when the daemon has gone.
    ///
    /// - Throws: ``ControlError`` when the first connection fails or the daemon refuses; what
    ///   else `body` throws.
    static func goOn(socket: String, _ body: (ControlClient) throws -> Void) throws {
        var client = try ControlClient(socket: socket)
        while true {
            do {
                try body(client)
            } catch let error as ControlError where error.isConnectionLost {
                StandardError.tell("the daemon has gone; waiting for it to come back")
            }
            client = awaitDaemon(socket)
            StandardError.tell("the daemon is back")
        }
    }

    private static func awaitDaemon(_ socket: String) -> ControlClient {
        while true {
            Thread.sleep(forTimeInterval: pauseSeconds)
            if let client = try? ControlClient(socket: socket) { return client }
        }
    }
}

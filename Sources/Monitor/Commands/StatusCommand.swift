// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// `tocsin status`: how the monitor is doing, as the daemon tells it.
package struct StatusCommand {
    /// How the status is printed.
    package enum Format: String, Sendable, CaseIterable {
        case text
        /// One document.
        case json
        /// Prometheus's text format.
        case metrics
    }

    private let client: ControlClient
    private let format: Format

    /// - Throws: ``ControlError`` when no daemon answers at the socket.
    package init(socket: String, format: Format) throws {
        self.format = format
        client = try ControlClient(socket: socket)
    }

    package func run() throws {
        typealias Nothing = MonitorInterface.Nothing
        if format == .metrics {
            let reply = try client.call(
                "\(MonitorInterface.name).Metrics", Nothing(),
                returning: MonitorInterface.MetricsReply.self)
            print(reply.text, terminator: "")
            return
        }
        let reply = try client.call(
            "\(MonitorInterface.name).Status", Nothing(),
            returning: MonitorInterface.StatusReply.self)
        switch format {
        case .text: print(StatusText(reply.status).text, terminator: "")
        case .json: print(try JSONDocument.line(of: reply.status))
        case .metrics: break
        }
    }
}

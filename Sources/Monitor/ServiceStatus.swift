// SPDX-License-Identifier: Apache-2.0

/// How the daemon fares, in the words of `systemctl status`.
struct ServiceStatus: Sendable {
    let reader: StatusReader

    /// What is the matter, or records evaluated, bytes not yet read and the newest alert.
    var line: String {
        do {
            let status = try reader.status()
            if let trouble = status.troubles.first {
                return "trouble (\(trouble.about)): \(trouble.message)"
            }
            let lag = status.streams.reduce(0) { $0 + $1.lagBytes }
            let records = status.streams.reduce(0) { $0 + $1.records }
            let alert = status.lastAlert.map { "last alert \($0.level) at \($0.at)" }
            return "\(status.streams.count) logs, \(records) records, \(lag) bytes not yet read; "
                + (alert ?? "no alert since the start")
        } catch {
            return "\(error)"
        }
    }
}

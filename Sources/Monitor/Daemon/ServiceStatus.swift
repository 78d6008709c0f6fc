// SPDX-License-Identifier: Apache-2.0

/// How the daemon fares, in the words of `systemctl status`.
struct ServiceStatus: Sendable {
    let reader: StatusReader

    /// Records evaluated, bytes not yet read, the newest alert, and what is the matter.
    var line: String {
        do {
            let status = try reader.status()
            let lag = status.streams.reduce(0) { $0 + $1.lagBytes }
            let records = status.streams.reduce(0) { $0 + $1.records }
            let alert = status.lastAlert.map { "last alert \($0.level) at \($0.at)" }
            let trouble = status.troubles.first.map { "; trouble: \($0.message)" }
            return "\(status.streams.count) logs, \(records) records, \(lag) bytes not yet read; "
                + (alert ?? "no alert since the start") + (trouble ?? "")
        } catch {
            return "\(error)"
        }
    }
}

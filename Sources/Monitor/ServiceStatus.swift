// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// How the daemon fares, in the words of `systemctl status`.
struct ServiceStatus: Sendable {
    let store: ReportStore

    /// Of the last commit: records evaluated, bytes not yet read, the newest alert.
    var line: String {
        do throws(StoreError) {
            let streams = try store.streamStatus()
            let coverage = StatusCommand.coverage(streams)
            let lag = coverage.reduce(0) { $0 + $1.lagBytes }
            let records = coverage.reduce(0) { $0 + $1.records }
            let newest = try store.newestReport()
            let alert = newest.map { "last alert \($0.level.rawValue) at \($0.detectedAt)" }
            return "\(streams.count) logs, \(records) records, \(lag) bytes not yet read; "
                + (alert ?? "no alert yet")
        } catch {
            return "\(error)"
        }
    }
}

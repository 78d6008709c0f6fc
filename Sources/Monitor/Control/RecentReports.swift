// SPDX-License-Identifier: Apache-2.0
internal import Reports
internal import Synchronization

/// The last reports of the store in a line each, read anew only when there are others.
final class RecentReports: Sendable {
    private static let limit = 20

    private struct Known {
        var sequence = -1
        var alerts: [MonitorStatus.Alert] = []
    }

    private let known = Mutex(Known())

    /// - Throws: ``StoreError``.
    func alerts(of store: ReportStore) throws -> [MonitorStatus.Alert] {
        let newest = try store.newestSequence()
        if let alerts = known.withLock({ $0.sequence == newest ? $0.alerts : nil }) {
            return alerts
        }
        let alerts = try store.newest(limit: Self.limit).map { queued in
            MonitorStatus.Alert(
                id: queued.report.id, level: queued.report.level.rawValue,
                summary: queued.report.summary, at: queued.createdAt)
        }
        known.withLock { $0 = Known(sequence: newest, alerts: alerts) }
        return alerts
    }
}

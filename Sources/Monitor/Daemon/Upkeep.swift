// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Logging
internal import Reports

/// What the daemon does every few seconds beside its work: leases that ran out, old reports, the
/// file of its figures, and a look at whether it should raise an alarm about itself.
final class Upkeep: @unchecked Sendable {
    private static let periodSeconds = 10.0
    /// Retention is applied, and memory given back, so often.
    private static let retentionSeconds = 60.0

    private let store: ReportStore
    private let status: StatusReader
    private let retention: RetentionLimits
    private let stopping: StopFlag
    private let logger: Logger
    private let metrics: MetricsFile?
    private var alarms: AlarmBook
    private var retentionDue = Date()
    private var storeFails = false

    init(
        _ store: ReportStore, _ status: StatusReader, _ alarms: AlarmBook, _ metrics: MetricsFile?,
        stopping: StopFlag, logger: Logger
    ) {
        self.store = store
        self.status = status
        retention = status.retention
        self.alarms = alarms
        self.metrics = metrics
        self.stopping = stopping
        self.logger = logger
    }

    /// Works until the flag is raised: a thread's work.
    func run() {
        repeat {
            // Each part whatever became of the one before: a full disk keeps leases from ending,
            // and just then the figures are looked at.
            let faults = [expireLeases, applyRetention, lookAtStatus].compactMap { part in
                do { try part() } catch { return "\(error)" }
                return nil
            }
            // The committer waits and tells where the disk is full; this is told once.
            if let fault = faults.first, !storeFails {
                logger.warning("\(fault); upkeep of the queue waits")
            }
            storeFails = !faults.isEmpty
        } while !stopping.wait(seconds: Self.periodSeconds)
        metrics?.remove()
    }

    private func expireLeases() throws { try store.expireLeases() }

    private func applyRetention() throws {
        guard Date() >= retentionDue else { return }
        let outcome = try store.applyRetention(retention)
        if outcome.dropped > 0 { logger.info("dropped \(outcome.dropped) acknowledged reports") }
        retentionDue = Date() + Self.retentionSeconds
        // Free pieces gather between what stays, some megabytes in some minutes.
        ProcessMemory.giveBack()
    }

    private func lookAtStatus() throws {
        let status = try status.status()
        metrics?.write(status)
        try alarms.look(at: status, now: .now)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Logging
internal import Reports

/// What the daemon does every few seconds beside its work: leases that ran out, old reports, and a
/// look at whether it should raise an alarm about itself.
final class Upkeep: @unchecked Sendable {
    private static let periodSeconds = 10.0
    /// Retention is applied, and memory given back, so often.
    private static let retentionSeconds = 60.0

    private let store: ReportStore
    private let status: StatusReader
    private let retention: RetentionLimits
    private let stopping: StopFlag
    private let logger: Logger
    private var alarms: AlarmBook
    private var retentionDue = Date()
    private var storeFails = false

    init(
        _ store: ReportStore, _ status: StatusReader, _ alarms: AlarmBook, stopping: StopFlag,
        logger: Logger
    ) {
        self.store = store
        self.status = status
        retention = status.retention
        self.alarms = alarms
        self.stopping = stopping
        self.logger = logger
    }

    /// Works until the flag is raised: a thread's work.
    func run() {
        repeat {
            do {
                try work()
                storeFails = false
            } catch {
                // The committer waits and tells where the disk is full; this is told once.
                if !storeFails { logger.warning("\(error); upkeep of the queue waits") }
                storeFails = true
            }
        } while !stopping.wait(seconds: Self.periodSeconds)
    }

    private func work() throws {
        try store.expireLeases()
        if Date() >= retentionDue {
            let outcome = try store.applyRetention(retention)
            if outcome.dropped > 0 {
                logger.info("dropped \(outcome.dropped) acknowledged reports")
            }
            retentionDue = Date() + Self.retentionSeconds
            // Free pieces gather between what stays, some megabytes in some minutes.
            ProcessMemory.giveBack()
        }
        try alarms.look(at: status.status(), now: .now)
    }
}

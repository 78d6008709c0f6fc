// SPDX-License-Identifier: Apache-2.0
internal import Logging
internal import Reports

/// The alarm that the monitor does not see its own records: raised once, until it does again.
///
/// It takes whichever way is left: where the record did not reach the queue, the alarm goes straight
/// to the journal, and to the queue as soon as that can be; else through the queue as all do. In the
/// log it is in any case.
final class CanaryAlarm {
    private let board: StatusBoard
    private let journal: JournalSink
    private let heartbeat: Heartbeat
    private let logger: Logger
    private let store: (Report) throws -> Void
    private var isRaised = false
    /// Raised, and not yet in the queue.
    private var owed: Report?

    /// - Parameters:
    ///   - heartbeat: Of the thread that uses this.
    ///   - store: Puts the alarm's report into the queue.
    init(
        board: StatusBoard, journal: JournalSink, heartbeat: Heartbeat, logger: Logger,
        store: @escaping (Report) throws -> Void
    ) {
        self.board = board
        self.journal = journal
        self.heartbeat = heartbeat
        self.logger = logger
        self.store = store
    }

    /// Raises it, or tries again to put it into the queue.
    ///
    /// - Parameter isQueueAtFault: The record did not come as far as the queue.
    func raise(_ message: String, since: Timestamp, isQueueAtFault: Bool) {
        if !isRaised {
            isRaised = true
            logger.critical("\(message)")
            let report = Report(
                alarm: Report.Alarm(name: .canaryMissed, subject: nil, message: message),
                level: .critical, since: since, host: Host.name,
                tocsin: Report.Origin(
                    version: tocsinVersion, rules: board.snapshot.rulesDigest))
            owed = report
            if isQueueAtFault {
                // A frozen journal would hold it up; that is no fault of this process.
                heartbeat.whileWaiting {
                    _ = journal.send([PendingDelivery(sequence: 0, report: report)])
                }
            }
        }
        payDebt()
    }

    /// A record came through.
    func end() {
        payDebt()
        guard isRaised else { return }
        isRaised = false
        logger.notice("the alarm canary_missed is over")
    }

    /// Puts the alarm into the queue if it is not there; what fails is tried again.
    private func payDebt() {
        guard let report = owed, (try? store(report)) != nil else { return }
        owed = nil
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// How far the monitor's own records have come, as the threads tell that took them there.
///
/// Any thread tells, and none waits.
final class CanarySigns: Sendable {
    /// What became of a report.
    enum Sign: Sendable {
        /// It is in the queue.
        case stored(Report)
        /// The journal was seen to hold it.
        case delivered(Report)
    }

    /// More than the records of a day, which a journal that was away may take at once.
    private static let capacity = 4096

    let inbox: HandOver<Sign>

    /// - Parameter heartbeat: Of the thread that takes them.
    init(_ heartbeat: Heartbeat) { inbox = HandOver(capacity: Self.capacity, taker: heartbeat) }

    func stored(_ reports: [PendingReport]) {
        for pending in reports where pending.report.kind == .canary {
            inbox.giveIfRoom(.stored(pending.report))
        }
    }

    func delivered(_ report: Report) {
        if report.kind == .canary { inbox.giveIfRoom(.delivered(report)) }
    }
}

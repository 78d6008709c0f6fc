// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports

/// Writes a record to a log of the monitor's own every so often and waits for its report: in the
/// queue, and seen in the journal.
///
///     write ──► reader, evaluator, committer ──► stored ──► deliverer ──► delivered ──► seen
///       └──────────────── neither in time ─────────────────► missed: a critical alarm
///
/// So silence means that nothing was found, and not that nobody looks. A miss is told once, until
/// a record comes through again: by this thread itself, since any other may be what hangs.
final class Canary: @unchecked Sendable {
    /// The record that was written last.
    private struct Written {
        let path: String
        let line: Int
        let at: Timestamp
        var isStored = false
        var isDelivered = false

        func isOf(_ report: Report) -> Bool {
            report.position?.file == path && report.position?.line == line
        }
    }

    private let settings: CanarySettings
    private let log: CanaryLog
    private let signs: CanarySigns
    private let board: StatusBoard
    private let alarm: CanaryAlarm
    private var written: Written?
    /// When one was written, or was to be.
    private var lastWritten = Timestamp.now

    init(
        _ settings: CanarySettings, _ log: CanaryLog, _ signs: CanarySigns, board: StatusBoard,
        alarm: CanaryAlarm
    ) {
        self.settings = settings
        self.log = log
        self.signs = signs
        self.board = board
        self.alarm = alarm
    }

    /// Works until the signs end: a thread's work.
    func run() {
        repeat {
            write()
            let begun = Date()
            guard listen(until: begun + Double(settings.withinSeconds), orSeen: true) else { break }
            if !isSeen { miss() }
        } while listen(until: Date() + pauseSeconds, orSeen: false)
        log.abandon()
    }

    /// From the end of one wait to the next record.
    private var pauseSeconds: Double {
        let passed = Double(Timestamp.now.milliseconds - lastWritten.milliseconds) / 1000
        // A clock that was set back does not make it longer.
        return max(0, Double(settings.everySeconds) - max(0, passed))
    }

    private var isSeen: Bool { written.map { $0.isStored && $0.isDelivered } ?? false }

    private func write() {
        lastWritten = .now
        written = nil
        do throws(SettingsError) {
            let place = try log.write(CanaryRecord.line(at: lastWritten))
            written = Written(path: place.path, line: place.line, at: lastWritten)
            board.noteCanary { $0.writtenAt = self.lastWritten }
        } catch {
            miss("\(error)", isStored: false)
        }
    }

    /// Takes signs until it is time or, where that is waited for, the record is seen; false when the
    /// daemon ends.
    private func listen(until deadline: Date, orSeen: Bool) -> Bool {
        while !orSeen || (written != nil && !isSeen) {
            switch signs.inbox.take(until: deadline) {
            case .element(let sign): note(sign)
            case .timedOut: return true
            case .ended: return false
            }
        }
        return true
    }

    private func note(_ sign: CanarySigns.Sign) {
        guard var record = written else { return }
        switch sign {
        case .stored(let report):
            guard record.isOf(report) else { return }
            record.isStored = true
        case .delivered(let report):
            guard record.isOf(report) else { return }
            // It is sent only once it is stored, whichever is told first.
            record.isStored = true
            record.isDelivered = true
        }
        let wasSeen = isSeen
        written = record
        if isSeen, !wasSeen { see(record) }
    }

    private func see(_ record: Written) {
        let now = Timestamp.now
        board.noteCanary {
            $0.seenAt = now
            $0.latencySeconds = Double(now.milliseconds - record.at.milliseconds) / 1000
        }
        board.note(.canary, nil)
        alarm.end()
    }

    private func miss() {
        guard let record = written else { return }
        let what =
            record.isStored
            ? "is in the queue, but the journal was not seen to hold it"
            : "did not come back as a report"
        miss(
            "what it wrote to \(record.path) \(what) within \(settings.withinSeconds) s",
            isStored: record.isStored)
    }

    private func miss(_ what: String, isStored: Bool) {
        // Whatever is the matter with the file, the next one is another.
        log.abandon()
        let message =
            "the monitor does not see its own test record: \(what); do not take silence for "
            + "safety until it does, and see `tocsin status`"
        board.note(.canary, message)
        alarm.raise(message, since: lastWritten, isQueueAtFault: !isStored)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports
internal import Synchronization

/// What the daemon's threads know of themselves, for whoever asks how it is doing.
///
/// Each thread writes when something changes; any thread reads. Nothing waits on it.
final class StatusBoard: Sendable {
    /// What cannot be done just now, and why.
    enum Trouble: String, Sendable, CaseIterable {
        /// Reports cannot be stored; reading waits.
        case store
        /// The rules on disk are not those that are evaluated.
        case rules
        case journal
        case stream
        /// The monitor's own record did not come through.
        case canary
    }

    /// What became of the monitor's own records.
    struct Canary: Sendable {
        var writtenAt: Timestamp?
        /// When the last that came through was seen to, and how long it took.
        var seenAt: Timestamp?
        var latencySeconds = 0.0
    }

    struct Snapshot: Sendable {
        var startedAt = Timestamp.now
        var rulesDigest = ""
        var rulesSummary = ""
        var rulesLoadedAt = Timestamp.now
        var records = 0
        var malformed = 0
        var decompressedBytes = 0
        var reports = 0
        var lastReport: Report?
        var lastReportAt: Timestamp?
        var canary = Canary()
        var troubles: [Trouble: String] = [:]
        /// Records and bytes of each of the last seconds.
        var rate = RateMeter()
    }

    private let state = Mutex(Snapshot())

    var snapshot: Snapshot { state.withLock { $0 } }

    func noteRules(_ rules: RuleSet) {
        state.withLock {
            $0.rulesDigest = rules.digest
            $0.rulesSummary = rules.summary
            $0.rulesLoadedAt = .now
            $0.troubles[.rules] = nil
        }
    }

    /// Notes what one step of the evaluation came to.
    func noteEvaluated(records: Int, malformed: Int, decompressedBytes: Int) {
        let second = Timestamp.now.milliseconds / 1000
        state.withLock {
            $0.records += records
            $0.malformed += malformed
            $0.decompressedBytes += decompressedBytes
            $0.rate.add(records: records, bytes: decompressedBytes, second: second)
        }
    }

    /// Notes that new reports are stored, the last of which is this.
    func noteStored(_ count: Int, last: Report?) {
        state.withLock {
            $0.reports += count
            $0.lastReport = last
            $0.lastReportAt = .now
        }
    }

    func noteCanary(_ change: (inout Canary) -> Void) { state.withLock { change(&$0.canary) } }

    /// Notes a trouble, or with nil that it is over.
    func note(_ trouble: Trouble, _ message: String?) {
        state.withLock { $0.troubles[trouble] = message }
    }
}

/// Counts of the last seconds, for a rate.
struct RateMeter: Sendable {
    private static let seconds = 16
    /// The span that rates are told of; the second that runs is not whole.
    private static let span = 10

    private var second = 0
    private var records = [Int](repeating: 0, count: Self.seconds)
    private var bytes = [Int](repeating: 0, count: Self.seconds)

    mutating func add(records: Int, bytes: Int, second: Int) {
        advance(to: second)
        self.records[second % Self.seconds] += records
        self.bytes[second % Self.seconds] += bytes
    }

    /// The means of the last ten whole seconds.
    func perSecond(at second: Int) -> (records: Double, bytes: Double) {
        var meter = self
        meter.advance(to: second)
        let span = (1...Self.span).map { (second - $0) % Self.seconds }
        func mean(_ counts: [Int]) -> Double {
            Double(span.reduce(0) { $0 + counts[$1] }) / Double(Self.span)
        }
        return (mean(meter.records), mean(meter.bytes))
    }

    /// Forgets the seconds that have passed.
    private mutating func advance(to second: Int) {
        // A clock that was set back starts anew.
        let passed = second < self.second ? Self.seconds : min(second - self.second, Self.seconds)
        guard passed > 0 else { return }
        for step in 0..<passed {
            records[(second - step) % Self.seconds] = 0
            bytes[(second - step) % Self.seconds] = 0
        }
        self.second = second
    }
}

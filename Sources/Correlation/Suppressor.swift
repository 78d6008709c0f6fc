// SPDX-License-Identifier: Apache-2.0
package import Sigma

/// Says of each finding whether it is reported, or counts as a repeat of one that was.
///
/// A report opens a window of its rule and key; what is found within its seconds of event time,
/// before or after, is a repeat. So findings that lie no further apart make one report whatever
/// order they come in. Apart from that, a rule makes at most `floodLimit` reports for each minute
/// of event time: what is above is counted with one flood report.
package struct Suppressor: Sendable {
    package enum Decision: Sendable, Hashable {
        case report
        /// Within the window that the report of `first` opened.
        case `repeat`(of: String)
        /// Too many reports of the rule in this minute; `first` is the first that was too many,
        /// and only that one has `isFirst`.
        case flood(of: String, isFirst: Bool)
    }

    /// How much is held at most.
    package struct Limits: Sendable {
        /// Windows of keys; what was used longest ago goes first.
        package var windows = 100_000
        /// Findings whose decision is known, so that they are counted once.
        package var findings = 200_000

        package init() {}
    }

    /// What a window came to.
    package struct Summary: Sendable, Equatable {
        package var rule: Int
        /// Nil for a flood.
        package var key: [String?]?
        /// The identity of the report's finding; of a flood, of the first that was too many.
        package var first: String
        /// How many findings were not reported; of a flood, all of those it stands for.
        package var count: Int
        package var firstTime: Int64
        package var lastTime: Int64

        package init(
            rule: Int, key: [String?]?, first: String, count: Int, firstTime: Int64,
            lastTime: Int64
        ) {
            self.rule = rule
            self.key = key
            self.first = first
            self.count = count
            self.firstTime = firstTime
            self.lastTime = lastTime
        }
    }

    private struct FindingKey: Hashable {
        let rule: Int
        let identity: String
    }

    private let spans: [Int64?]
    private let floodLimit: Int
    private var windows: SuppressionWindows
    private var minutes: FloodMinutes
    private var decisions: RecentMap<FindingKey, Decision>

    /// - Parameters:
    ///   - suppressions: By rule index, for detections and correlations alike.
    ///   - floodLimit: Reports of a rule for each minute; 0: as many as there are.
    package init(
        _ suppressions: [Suppression?], floodLimit: Int = 1_000, limits: Limits = Limits()
    ) {
        spans = suppressions.map { suppression in
            suppression.map { Int64(min(max($0.seconds, 0), 1 << 39)) * 1_000 }
        }
        self.floodLimit = floodLimit
        windows = SuppressionWindows(limit: limits.windows)
        minutes = FloodMinutes(limit: limits.windows)
        decisions = RecentMap(limit: limits.findings)
    }

    /// Windows that were closed early, and findings that would be counted again if they came
    /// again, because a limit was reached.
    package var forgottenCount: Int {
        windows.forgottenCount + minutes.forgottenCount + decisions.forgottenCount
    }

    /// - Parameters:
    ///   - key: The values of the suppression's fields; nil where the turn has none.
    ///   - identity: The turn's. Asked again, it gets the same answer and is not counted again.
    ///   - time: Milliseconds since 1970.
    package mutating func decide(
        ruleIndex: Int, key: [String?], identity: String, time: Int64
    ) -> Decision {
        let finding = FindingKey(rule: ruleIndex, identity: identity)
        if let known = decisions[finding] { return known }
        let bounded = min(max(time, -Int64(1) << 60), Int64(1) << 60)
        let decision = decideAnew(ruleIndex, key, identity, bounded)
        _ = decisions.set(decision, for: finding)
        return decision
    }

    private mutating func decideAnew(
        _ rule: Int, _ key: [String?], _ identity: String, _ time: Int64
    ) -> Decision {
        if spans[rule] != nil, let first = windows.count(rule, key, time) {
            return .repeat(of: first)
        }
        if floodLimit > 0,
            let flood = minutes.count(rule, identity, time, limit: floodLimit)
        {
            return .flood(of: flood, isFirst: flood == identity)
        }
        if let span = spans[rule] { windows.open(rule, key, identity, time, span: span) }
        return .report
    }

    /// Closes the windows that ended before the watermark.
    ///
    /// - Returns: Those with something that was not reported, in the order of their first time.
    package mutating func closedWindows(upTo watermarkMilliseconds: Int64) -> [Summary] {
        let mark = min(max(watermarkMilliseconds, -Int64(1) << 60), Int64(1) << 60)
        let closed = windows.close(before: mark) + minutes.close(before: mark)
        return closed.sorted {
            ($0.firstTime, $0.rule, $0.first) < ($1.firstTime, $1.rule, $1.first)
        }
    }

    // MARK: Restart

    /// What the caller stores, for each finding and in the transaction in which it stores what
    /// was decided.
    package struct StoredFinding: Sendable, Equatable {
        package var rule: Int
        package var key: [String?]
        package var identity: String
        package var time: Int64
        package var decision: Decision

        package init(
            rule: Int, key: [String?], identity: String, time: Int64, decision: Decision
        ) {
            self.rule = rule
            self.key = key
            self.identity = identity
            self.time = time
            self.decision = decision
        }
    }

    /// How long stored findings of a rule are needed: those older than the watermark by more
    /// than this can be deleted.
    package func reachMilliseconds(ofRule index: Int) -> Int64 {
        // A repeat may lie a window's length before its report, or after it.
        max(2 * (spans[index] ?? 0), FloodMinutes.lengthMilliseconds)
    }

    /// Makes the windows again; for a suppressor that was just made.
    ///
    /// - Parameters:
    ///   - findings: As far back as `reachMilliseconds` says, in any order.
    ///   - closedUpTo: The watermark of the last `closedWindows` whose summaries were stored.
    package mutating func restore(_ findings: [StoredFinding], closedUpTo: Int64) {
        // What opens a window comes before what counts in it.
        let opening = findings.filter { Self.opens($0) }
        let counted = findings.filter { !Self.opens($0) }
        for finding in opening.sorted(by: { $0.time < $1.time }) + counted {
            let key = FindingKey(rule: finding.rule, identity: finding.identity)
            guard spans.indices.contains(finding.rule), decisions[key] == nil else { continue }
            _ = decisions.set(finding.decision, for: key)
            restore(finding)
        }
        _ = closedWindows(upTo: closedUpTo)
    }

    private static func opens(_ finding: StoredFinding) -> Bool {
        switch finding.decision {
        case .report: true
        case .flood(_, let isFirst): isFirst
        case .repeat: false
        }
    }

    private mutating func restore(_ finding: StoredFinding) {
        switch finding.decision {
        case .report:
            minutes.noteReport(finding.rule, finding.time)
            if let span = spans[finding.rule] {
                windows.open(
                    finding.rule, finding.key, finding.identity, finding.time, span: span)
            }
        case .repeat(let first):
            windows.restoreRepeat(finding.rule, finding.key, of: first, finding.time)
        case .flood(let first, _):
            minutes.noteFlood(finding.rule, first, finding.time)
        }
    }
}

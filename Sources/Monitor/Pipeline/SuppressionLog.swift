// SPDX-License-Identifier: Apache-2.0
internal import Correlation
internal import Detection
internal import Reports
internal import Sigma

/// Suppression by rule ids and stored findings, over the engine that knows rules by number.
///
/// It keeps the findings that still count, so that other rules can take over.
struct SuppressionLog {
    /// A window that has closed over something that was not reported.
    struct Closed {
        let ruleID: String
        let summary: Suppressor.Summary
        /// Of the last finding that it counts.
        let position: Report.Position
    }

    private var suppressor: Suppressor
    /// By number: detections first, then correlations.
    private var ruleIDs: [String]
    private var suppressions: [Suppression?]
    private let isLimited: Bool
    private var findings: [StoredFinding] = []
    private var pruneAt = 4096

    init(_ rules: RuleSet, floodLimit: Int) {
        ruleIDs = rules.plan.rules.map(\.id) + rules.correlations.rules.map(\.id)
        suppressions =
            rules.plan.rules.map(\.suppression) + rules.correlations.rules.map(\.suppression)
        isLimited = floodLimit > 0
        suppressor = Suppressor(suppressions, floodLimit: floodLimit)
    }

    var hasOpenWindows: Bool { !findings.isEmpty }

    /// Decides whether a finding is reported; what was decided goes into it.
    mutating func decide(ruleIndex: Int, _ finding: inout StoredFinding) -> Bool {
        guard isLimited || suppressions[ruleIndex] != nil else { return true }
        let decision = suppressor.decide(
            ruleIndex: ruleIndex, key: key(of: finding, ruleIndex), identity: finding.event,
            time: Int64(finding.timeMilliseconds))
        finding.decision = StoredFinding.Decision(decision)
        if case .repeat(let first) = decision {
            finding.repeats = ReportIdentity.detection(rule: ruleIDs[ruleIndex], event: first)
        }
        findings.append(finding)
        return decision == .report
    }

    private func key(of finding: StoredFinding, _ ruleIndex: Int) -> [String?] {
        (suppressions[ruleIndex]?.fields ?? []).map { name in
            finding.fields.first { $0.name == name }.map { "\($0.value)" }
        }
    }

    /// The windows that ended before a time with something that was not reported.
    mutating func closedWindows(upTo mark: Int64) -> [Closed] {
        let closed = suppressor.closedWindows(upTo: mark).compactMap { summary -> Closed? in
            let ruleID = ruleIDs[summary.rule]
            // Of the event that was counted last, or of any: all are of the same rule.
            let last = findings.last {
                $0.rule == ruleID && Int64($0.timeMilliseconds) == summary.lastTime
            }
            return last.map { Closed(ruleID: ruleID, summary: summary, position: $0.position) }
        }
        prune(at: mark)
        return closed
    }

    private mutating func prune(at mark: Int64) {
        let horizon = horizon(at: mark)
        guard
            findings.count >= pruneAt
                || findings.last.map({ Int64($0.timeMilliseconds) < horizon })
                    ?? false
        else { return }
        findings.removeAll { Int64($0.timeMilliseconds) < horizon }
        pruneAt = max(4096, 2 * findings.count)
    }

    /// Findings before this are not needed any more.
    func horizon(at mark: Int64) -> Int64 {
        mark - (ruleIDs.indices.map { suppressor.reachMilliseconds(ofRule: $0) }.max() ?? 0)
    }

    /// Knows again what was stored.
    mutating func restore(_ stored: [StoredFinding], closedUpTo: Int64) {
        findings = stored.filter { $0.decision != nil }
        var numbers: [String: Int] = [:]
        for (number, id) in ruleIDs.enumerated() { numbers[id] = number }
        suppressor.restore(
            findings.compactMap { finding in
                guard let rule = finding.rule.flatMap({ numbers[$0] }),
                    let decision = finding.decision
                else { return nil }
                return Suppressor.StoredFinding(
                    rule: rule, key: key(of: finding, rule), identity: finding.event,
                    time: Int64(finding.timeMilliseconds),
                    decision: Suppressor.Decision(decision))
            }, closedUpTo: closedUpTo)
    }

    /// Goes on under other rules with the findings that still count.
    mutating func replace(_ rules: RuleSet, floodLimit: Int, closedUpTo: Int64) {
        let known = findings
        self = SuppressionLog(rules, floodLimit: floodLimit)
        restore(known, closedUpTo: closedUpTo)
    }
}

extension StoredFinding.Decision {
    fileprivate init(_ decision: Suppressor.Decision) {
        switch decision {
        case .report: self = .report
        case .repeat(let first): self = .repeat(of: first)
        case .flood(let first, let isFirst): self = .flood(of: first, isFirst: isFirst)
        }
    }
}

extension Suppressor.Decision {
    fileprivate init(_ decision: StoredFinding.Decision) {
        switch decision {
        case .report: self = .report
        case .repeat(let first): self = .repeat(of: first)
        case .flood(let first, let isFirst): self = .flood(of: first, isFirst: isFirst)
        }
    }
}

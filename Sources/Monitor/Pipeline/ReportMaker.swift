// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Correlation
internal import Detection
internal import Interactions
internal import LogTail
internal import Reports
internal import Sigma

/// This program's version, as reports and `--version` give it.
package let tocsinVersion = "0.1.0"

/// Makes reports of findings and gaps: names the turn for ever and the actor by a pseudonym.
struct ReportMaker {
    private let rules: RuleSet
    private let pseudonym: Pseudonym
    private let evidence: EvidencePolicy
    private let host: String
    private let origin: Report.Origin

    init(
        _ rules: RuleSet, _ pseudonym: Pseudonym, _ evidence: EvidencePolicy,
        host: String = Host.name
    ) {
        self.rules = rules
        self.pseudonym = pseudonym
        self.evidence = evidence
        self.host = host
        origin = Report.Origin(version: tocsinVersion, rules: rules.digest)
    }

    /// The turn's id: of the record's own id where it has one, else of its time and actor, else of
    /// its place; always with what was said, so that one id used twice hides nothing.
    func event(of finding: Finding, in source: StreamNumbers.Source) -> String {
        let digest = finding.turnDigest
        if finding.isHistory { return ReportIdentity.historyEvent(digest: digest) }
        if let record = finding.recordID {
            return ReportIdentity.event(recordID: record, turn: finding.turn, digest: digest)
        }
        if let time = finding.timeMilliseconds {
            return ReportIdentity.event(
                timeMilliseconds: Int(time), actor: finding.actor.map { pseudonym($0) } ?? "",
                digest: digest)
        }
        return ReportIdentity.event(stream: source.root, offset: finding.offset, digest: digest)
    }

    func position(
        of finding: Finding, in source: StreamNumbers.Source
    ) -> Report.Position {
        Report.Position(
            stream: source.root, file: source.path, offset: finding.offset, line: finding.line)
    }

    func report(
        of finding: Finding, event: String, at position: Report.Position, now: Timestamp
    ) -> PendingReport {
        let rule = rules.plan.rules[finding.rule]
        var report = Report(
            id: ReportIdentity.detection(rule: rule.id, event: event), kind: .detection,
            detectedAt: now, host: host, rule: Report.Rule(rule), level: Report.Level(rule.level),
            position: position, tocsin: origin)
        report.event = event
        report.time = finding.timeMilliseconds.map { Timestamp(milliseconds: Int($0)) }
        report.model = finding.model
        report.conversation = finding.conversation
        report.turn = finding.turn
        report.history = finding.isHistory
        report.malformed = finding.isMalformed
        report.actor = finding.actor.map { pseudonym($0) }
        report.who = finding.field.map(Report.Who.init)
        report.field = finding.field?.name
        report.view = finding.view
        if !finding.derived.isEmpty {
            report.derived = Dictionary(
                finding.derived.map { ($0.name, $0.isTrue) }, uniquingKeysWith: { $1 })
        }
        let isRefused = finding.derived.contains { $0.name == "response.refused" && $0.isTrue }
        report.outcome = isRefused ? .refused : finding.isAnswered ? .answered : nil
        addEvidence(of: finding, to: &report)
        report.recordID = finding.recordID
        return PendingReport(
            report: report, turnDigest: finding.turnDigest, isHistory: finding.isHistory)
    }

    /// The report of a record that the monitor wrote itself.
    func canary(
        of finding: Finding, event: String, at position: Report.Position, now: Timestamp
    ) -> PendingReport {
        var pending = report(of: finding, event: event, at: position, now: now)
        pending.report.kind = .canary
        return pending
    }

    /// What was said, as far as the policy lets it into the report.
    private func addEvidence(of finding: Finding, to report: inout Report) {
        let excerpt = finding.excerpt.map {
            Report.Excerpt(
                text: $0.text, matchStart: $0.match.lowerBound, matchEnd: $0.match.upperBound)
        }
        guard case .sealed(let recipients) = evidence else {
            report.excerpt = excerpt
            return
        }
        let evidence = Evidence(
            passages: finding.evidence.map {
                Evidence.Passage(field: $0.field?.name, text: $0.text)
            }, excerpt: excerpt, isCut: finding.evidence.contains(where: \.isCut))
        report.sealed = SealedEvidence(evidence, of: report.id, to: recipients)
    }

    /// - Parameter position: Of the last event in it.
    func report(
        of finding: CorrelationFinding, at position: Report.Position, now: Timestamp
    ) -> PendingReport {
        let rule = rules.correlations.rules[finding.rule]
        var report = Report(
            id: ReportIdentity.correlation(finding.identityParts), kind: .correlation,
            detectedAt: now, host: host, rule: Report.Rule(rule), level: Report.Level(rule.level),
            position: position, tocsin: origin)
        report.time = Timestamp(milliseconds: Int(finding.windowEnd))
        let group = zip(rule.groupBy, finding.group.map(\.text))
        report.correlation = Report.Correlation(
            start: Timestamp(milliseconds: Int(finding.windowStart)),
            end: Timestamp(milliseconds: Int(finding.windowEnd)),
            group: Dictionary(group.map { ($0, $1) }, uniquingKeysWith: { $1 }),
            value: finding.value, count: finding.evidenceCount, events: finding.evidence)
        return PendingReport(report: report, turnDigest: [], isHistory: false)
    }

    /// - Parameters:
    ///   - ruleID: Of a detection or a correlation.
    ///   - position: Of the last event that was not reported.
    func report(
        ofRepeats summary: Suppressor.Summary, ruleID: String, at position: Report.Position,
        now: Timestamp
    ) -> PendingReport {
        let rule = rule(ruleID)
        let first = ReportIdentity.detection(rule: ruleID, event: summary.first)
        var report = Report(
            id: ReportIdentity.repeats(of: first), kind: .repeats, detectedAt: now, host: host,
            rule: rule, level: rule?.level ?? .medium, position: position, tocsin: origin)
        report.time = Timestamp(milliseconds: Int(summary.lastTime))
        report.repeats = Report.Repeats(
            of: first, count: summary.count,
            first: Timestamp(milliseconds: Int(summary.firstTime)),
            last: Timestamp(milliseconds: Int(summary.lastTime)))
        return PendingReport(report: report, turnDigest: [], isHistory: false)
    }

    private func rule(_ id: String) -> Report.Rule? {
        if let rule = rules.plan.rules.first(where: { $0.id == id }) { return Report.Rule(rule) }
        return rules.correlations.rules.first { $0.id == id }.map { Report.Rule($0) }
    }

    func report(of gap: CoverageGap, now: Timestamp) -> PendingReport {
        let reason = gap.reason.description
        var report = Report(
            id: ReportIdentity.gap(stream: gap.root.text, offset: gap.offset, reason: reason),
            kind: .coverageGap, detectedAt: now, host: host, rule: nil, level: .high,
            position: Report.Position(
                stream: gap.root.text, file: gap.path, offset: gap.offset, line: gap.line),
            tocsin: origin)
        report.gap = Report.Gap(
            bytes: gap.lostCompressedBytes, space: .compressed, reason: reason)
        return PendingReport(
            report: report, turnDigest: [], isHistory: false, gapStream: gap.stream)
    }
}

extension Report.Rule {
    fileprivate init(_ rule: Rule) {
        self.init(
            id: rule.id, title: rule.title, level: Report.Level(rule.level), tags: rule.tags,
            version: rule.version.map { "\($0)" })
    }

    fileprivate init(_ rule: CorrelationRule) {
        self.init(
            id: rule.id, title: rule.title, level: Report.Level(rule.level), tags: rule.tags,
            version: rule.version.map { "\($0)" })
    }
}

extension CapturedValue {
    /// For people: whole numbers without a fraction, as records write them.
    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        }
    }
}

extension Report.Level {
    /// Sigma's levels, of which reports have the same.
    fileprivate init(_ level: Level) {
        self = Self(rawValue: level.rawValue) ?? .medium
    }
}

extension Report.Who {
    fileprivate init(_ field: TextField) {
        switch field {
        case .prompt: self = .prompt
        case .response, .reasoning, .toolCall: self = .response
        case .system: self = .system
        case .toolResult: self = .tool
        }
    }
}

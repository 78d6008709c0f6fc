// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Detection
internal import Glibc
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
    private let host: String
    private let origin: Report.Origin

    init(_ rules: RuleSet, _ pseudonym: Pseudonym) {
        self.rules = rules
        self.pseudonym = pseudonym
        host = Self.hostName
        origin = Report.Origin(version: tocsinVersion, rules: rules.digest)
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    func report(of finding: Finding, in batch: LineBatch, now: Timestamp) -> PendingReport {
        let rule = rules.plan.rules[finding.rule]
        let actor = finding.actor.map { pseudonym($0) }
        let level = Report.Level(rule.level)
        var report = Report(
            id: identity(of: finding, rule: rule.id, actor: actor, in: batch), kind: .detection,
            detectedAt: now, host: host,
            rule: Report.Rule(
                id: rule.id, title: rule.title, level: level, tags: rule.tags,
                version: rule.version.map { "\($0)" }),
            level: level,
            position: Report.Position(
                stream: batch.root.text, file: batch.path, offset: finding.offset,
                line: finding.line),
            tocsin: origin)
        report.time = finding.timeMilliseconds.map { Timestamp(milliseconds: Int($0)) }
        report.model = finding.model
        report.conversation = finding.conversation
        report.turn = finding.turn
        report.history = finding.isHistory
        report.malformed = finding.isMalformed
        report.actor = actor
        report.who = finding.field.map(Report.Who.init)
        report.field = finding.field?.name
        report.excerpt = finding.excerpt.map {
            Report.Excerpt(
                text: $0.text, matchStart: $0.match.lowerBound, matchEnd: $0.match.upperBound)
        }
        report.recordID = finding.recordID
        return PendingReport(
            report: report, turnDigest: finding.turnDigest, isHistory: finding.isHistory)
    }

    /// The turn's identity: the record's own id where it has one, else its time and actor,
    /// else its place; always with what was said, so that one id used twice hides nothing.
    private func identity(
        of finding: Finding, rule: String, actor: String?, in batch: LineBatch
    ) -> String {
        let digest = finding.turnDigest
        if finding.isHistory { return ReportIdentity.history(rule: rule, digest: digest) }
        if let record = finding.recordID {
            return ReportIdentity.detection(
                rule: rule, recordID: record, turn: finding.turn, digest: digest)
        }
        if let time = finding.timeMilliseconds {
            return ReportIdentity.detection(
                rule: rule, timeMilliseconds: Int(time), actor: actor ?? "", digest: digest)
        }
        return ReportIdentity.detection(
            rule: rule, stream: batch.root.text, offset: finding.offset, digest: digest)
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

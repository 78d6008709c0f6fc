// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Reports

/// What Tocsin writes for others, against validators that others wrote.
@Suite(
    "Documents",
    .enabled(
        if: DocumentValidator.obstacle == nil, Comment(rawValue: DocumentValidator.obstacle ?? "")))
struct DocumentTests {
    /// A report of each kind, with all that it may have.
    private var reports: [Report] {
        var full = sample()
        full.event = ReportIdentity.event(recordID: "r", turn: 0, digest: [])
        full.view = "decoded.base64"
        full.derived = ["response.refused": false]
        full.outcome = .answered
        full.rule?.tags = ["attack.t1566.001", "risk.cyber"]
        full.category = "cyber"
        var sealed = full
        sealed.excerpt = nil
        sealed.sealed = SealedEvidence(
            Evidence(passages: [], excerpt: nil, isCut: false), of: full.id,
            to: [EvidencePrivateKey().recipient, EvidencePrivateKey().recipient])
        var correlation = full
        correlation.kind = .correlation
        correlation.correlation = Report.Correlation(
            start: Timestamp(milliseconds: 1), end: Timestamp(milliseconds: 2),
            group: ["user.id": "ab"], value: 2.5, count: 3, events: [full.id])
        var repeats = full
        repeats.kind = .repeats
        repeats.repeats = Report.Repeats(
            of: full.id, count: 3, first: Timestamp(milliseconds: 1),
            last: Timestamp(milliseconds: 2))
        let alarms = Report.Alarm.Name.allCases.map { name in
            var alarm = Report(
                id: full.id, kind: .alarm, detectedAt: full.detectedAt, host: "h", rule: nil,
                level: .high, position: nil, tocsin: full.tocsin)
            alarm.alarm = Report.Alarm(name: name, subject: "/log", message: "what to do")
            return alarm
        }
        return [full, sealed, correlation, repeats, gapSample()] + alarms
    }

    private func queued(_ report: Report, _ state: QueueState) -> QueuedReport {
        QueuedReport(
            sequence: 1, report: report,
            createdAt: Timestamp(milliseconds: 5), state: state, claimedBy: "anna",
            leaseUntil: nil, claims: 1, expiredLeases: 0, verdict: .falsePositive, note: "n",
            acknowledgedAt: nil, repeats: 2, lastRepeatAt: Timestamp(milliseconds: 9))
    }

    @Test("reports are as the published schema says") func schema() throws {
        let validator = try #require(DocumentValidator.reports)
        #expect(try validator.faults(in: reports.map(\.json)) == [:])
        let repeated = reports.map { queued($0, .ready).current.json }
        #expect(try validator.faults(in: repeated) == [:])
    }

    @Test("the schema refuses what is no report") func schemaRefuses() throws {
        let validator = try #require(DocumentValidator.reports)
        var wrong = reports.prefix(4).map(\.json)
        wrong[0] = wrong[0].replacing("\"kind\":\"detection\"", with: "\"kind\":\"correlation\"")
        wrong[1] = wrong[1].replacing("\"sealed\":{", with: "\"sealed\":{\"x\":1,")
        wrong[2] = wrong[2].replacing("\"count\":3", with: "\"count\":0")
        wrong[3] = wrong[3].replacing("\"version\":2", with: "\"version\":1")
        #expect(try Set(validator.faults(in: wrong).keys) == [0, 1, 2, 3])
    }

    @Test("OCSF findings are of the class", arguments: QueueState.allCases)
    func ocsf(state: QueueState) throws {
        let validator = try DocumentValidator(.ocsf)
        let findings = reports.map { OCSFFinding(queued($0, state)).json }
        #expect(try validator.faults(in: findings) == [:])
        #expect(findings[0].contains("\"uid\":\"T1566.001\""))
        #expect(findings[0].contains("\"detected_at\""))
    }

    @Test("OTLP log records are read by OpenTelemetry") func otlp() throws {
        let validator = try DocumentValidator(.otlp)
        let records = reports.map { OTLPLog(queued($0, .claimed)).json }
        #expect(try validator.faults(in: records) == [:])
        #expect(try validator.faults(in: ["{\"resourceLogs\":[{\"x\":1}]}"]).count == 1)
    }
}

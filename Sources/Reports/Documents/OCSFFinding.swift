// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A report as an OCSF Detection Finding (class 2004, schema.ocsf.io version 1.3.0).
///
/// The finding's own keys say what SIEMs sort and search by; the whole report stands under
/// `unmapped.report`, and its place in the queue under `unmapped.queue`.
package struct OCSFFinding: Encodable {
    private struct Product: Encodable {
        var name = "Tocsin"
        var vendorName = "Tocsin"
        var version: String
    }

    private struct Metadata: Encodable {
        var version = "1.3.0"
        var product: Product
        var uid: String
        var logName = "tocsin"
        var loggedTime: Int
    }

    private struct Analytic: Encodable {
        var uid: String
        var name: String
        var version: String?
        var typeId = 1
        var type = "Rule"
    }

    private struct Technique: Encodable {
        var uid: String
        /// Required; rules give no other name than the number.
        var name: String
    }

    private struct Attack: Encodable {
        var technique: Technique
    }

    private struct RelatedEvent: Encodable {
        var uid: String
    }

    private struct FindingInfo: Encodable {
        var uid: String
        var title: String
        var desc: String
        var types: [String]
        var createdTime: Int
        var firstSeenTime: Int?
        var lastSeenTime: Int?
        var analytic: Analytic?
        var attacks: [Attack]?
        var relatedEvents: [RelatedEvent]?
    }

    private struct Place: Encodable {
        var state: String
        var claimedBy: String?
        var verdict: String?
        var note: String?
    }

    private struct Unmapped: Encodable {
        var report: Report
        var queue: Place
    }

    private let classUid = 2004
    private let className = "Detection Finding"
    private let categoryUid = 2
    private let categoryName = "Findings"
    private let activityId: Int
    private let activityName: String
    private let typeUid: Int
    private let typeName: String
    private let time: Int
    private let severityId: Int
    private let severity: String
    private let statusId: Int
    private let status: String
    private let message: String
    private let count: Int?
    private let metadata: Metadata
    private let findingInfo: FindingInfo
    private let unmapped: Unmapped

    package init(_ queued: QueuedReport) {
        let report = queued.current
        (activityId, activityName) =
            switch queued.state {
            case .ready: (1, "Create")
            case .claimed, .dead: (2, "Update")
            case .acknowledged: (3, "Close")
            }
        typeUid = classUid * 100 + activityId
        typeName = "\(className): \(activityName)"
        (statusId, status) =
            switch queued.state {
            case .ready, .dead: (1, "New")
            case .claimed: (2, "In Progress")
            case .acknowledged: (4, "Resolved")
            }
        let seen = report.time ?? report.detectedAt
        time = seen.milliseconds
        severityId = report.level.rank
        severity = report.level.rawValue.capitalized
        message = report.summary
        count = report.repeats.map { $0.count + 1 } ?? report.correlation?.count
        metadata = Metadata(
            product: Product(version: report.tocsin.version), uid: report.id,
            loggedTime: report.detectedAt.milliseconds)
        findingInfo = Self.findingInfo(report)
        unmapped = Unmapped(
            report: report,
            queue: Place(
                state: queued.state.rawValue, claimedBy: queued.claimedBy,
                verdict: queued.verdict?.rawValue, note: queued.note))
    }

    private static func findingInfo(_ report: Report) -> FindingInfo {
        let seen = report.time ?? report.detectedAt
        let techniques = (report.rule?.tags ?? []).filter { $0.hasPrefix("attack.t") }
            .map { String($0.dropFirst(7)).uppercased() }
            .map { Attack(technique: Technique(uid: $0, name: $0)) }
        return FindingInfo(
            uid: report.id, title: report.rule?.title ?? report.summary, desc: report.summary,
            types: [report.kind.rawValue] + (report.category.map { [$0] } ?? []),
            createdTime: report.detectedAt.milliseconds,
            firstSeenTime: (report.repeats?.first ?? report.correlation?.start ?? seen)
                .milliseconds,
            lastSeenTime: (report.repeats?.last ?? report.correlation?.end ?? seen).milliseconds,
            analytic: report.rule.map { Analytic(uid: $0.id, name: $0.title, version: $0.version) },
            attacks: techniques.isEmpty ? nil : techniques,
            relatedEvents: report.correlation.map { $0.events.map { RelatedEvent(uid: $0) } })
    }

    /// The finding as one line of JSON.
    package var json: String {
        JSONDocument.certainLine(of: self) { $0.keyEncodingStrategy = .custom(Self.key) }
    }

    /// OCSF's snake case; what is the report's own keeps its keys.
    private static func key(_ path: [any CodingKey]) -> any CodingKey {
        let last = path[path.count - 1]
        guard path.first?.stringValue != "unmapped" || path.count < 3 else { return last }
        var name = ""
        for character in last.stringValue {
            name += character.isUppercase ? "_\(character.lowercased())" : String(character)
        }
        return SnakeKey(stringValue: name) ?? last
    }
}

private struct SnakeKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

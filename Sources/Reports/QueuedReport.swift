// SPDX-License-Identifier: Apache-2.0

/// What a consumer found a report to be.
package enum Verdict: String, Sendable, CaseIterable, Codable {
    case truePositive = "true-positive"
    case falsePositive = "false-positive"
    case duplicate
}

/// Where a report stands in the queue.
package enum QueueState: String, Sendable, CaseIterable, Codable {
    /// Nobody works on it, or who did has let the lease run out.
    case ready
    case claimed
    case acknowledged
}

/// A report with its place in the queue.
package struct QueuedReport: Sendable, Equatable {
    /// Counts up from 1 without gaps, in the order of commits.
    package let sequence: Int
    package let report: Report
    /// The report as it was stored.
    package let json: String
    package let createdAt: Timestamp
    package let state: QueueState
    /// The last consumer that claimed it; still told after the lease and the acknowledgement.
    package let claimedBy: String?
    package let leaseUntil: Timestamp?
    /// How often it was claimed.
    package let claims: Int
    package let verdict: Verdict?
    package let note: String?
    package let acknowledgedAt: Timestamp?
    /// How often the same was found again while it was suppressed, and when last.
    package let repeats: Int
    package let lastRepeatAt: Timestamp?

    /// The report with what was found again since, as one line of JSON.
    package var currentJSON: String {
        guard repeats > 0, let lastRepeatAt else { return json }
        var current = report
        current.repeats = Report.Repeats(
            of: report.id, count: repeats, first: report.time ?? report.detectedAt,
            last: lastRepeatAt)
        return current.json
    }
}

/// How many reports stand where.
package struct QueueCounts: Sendable, Equatable {
    package var ready = 0
    package var claimed = 0
    package var acknowledged = 0
}

/// A request about one report of the queue cannot be met.
package enum QueueError: Error, Equatable, CustomStringConvertible {
    /// Not 8 to 64 hexadecimal digits.
    case notAnID(String)
    case unknown(String)
    /// The abbreviation fits more than one report.
    case ambiguous(String)
    case alreadyAcknowledged(id: String)
    case claimed(id: String, by: String)
    case notClaimed(id: String)
    case store(StoreError)

    package var description: String {
        switch self {
        case .notAnID(let text):
            "\(text): not a report id; give 8 to 64 hexadecimal digits"
        case .unknown(let id): "\(id): there is no such report"
        case .ambiguous(let id): "\(id): more than one report begins so; give more digits"
        case .alreadyAcknowledged(let id): "\(id): already acknowledged"
        case .claimed(let id, let consumer):
            "\(id): \(consumer) works on it; wait for the lease to end or release the report first"
        case .notClaimed(let id): "\(id): nobody works on it"
        case .store(let error): error.description
        }
    }
}

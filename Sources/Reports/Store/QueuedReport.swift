// SPDX-License-Identifier: Apache-2.0

/// What a consumer found a report to be.
package enum Verdict: String, Sendable, CaseIterable, Codable {
    case truePositive = "true_positive"
    case falsePositive = "false_positive"
    case duplicate
}

/// Where a report stands in the queue.
package enum QueueState: String, Sendable, CaseIterable, Codable {
    /// Nobody works on it.
    case ready
    case claimed
    case acknowledged
    /// Too many leases ran out: nobody is given it until somebody releases it.
    case dead
}

/// A report with its place in the queue; as JSON, what the control socket gives.
package struct QueuedReport: Sendable, Equatable, Codable {
    /// Counts up from 1 without gaps, in the order of commits.
    package let sequence: Int
    /// As it was stored; ``current`` has what was found again since.
    package let report: Report
    package let createdAt: Timestamp
    package let state: QueueState
    /// The last consumer that claimed it; still told after the lease and the acknowledgement.
    package let claimedBy: String?
    package let leaseUntil: Timestamp?
    /// How often it was claimed, and how often a lease ran out since it was last released.
    package let claims: Int
    package let expiredLeases: Int
    package let verdict: Verdict?
    package let note: String?
    package let acknowledgedAt: Timestamp?
    /// How often the same was found again while it was suppressed, and when last.
    package let repeats: Int
    package let lastRepeatAt: Timestamp?

    /// The report with what was found again since.
    package var current: Report {
        guard repeats > 0, let lastRepeatAt else { return report }
        var current = report
        current.repeats = Report.Repeats(
            of: report.id, count: repeats, first: report.time ?? report.detectedAt,
            last: lastRepeatAt)
        return current
    }

}

extension QueuedReport {
    private enum CodingKeys: String, CodingKey {
        case sequence, state, claims, verdict, note, report
        case createdAt = "created_at"
        case claimedBy = "claimed_by"
        case leaseUntil = "lease_until"
        case expiredLeases = "expired_leases"
        case acknowledgedAt = "acknowledged_at"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(state, forKey: .state)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encodeIfPresent(claimedBy, forKey: .claimedBy)
        try container.encodeIfPresent(leaseUntil, forKey: .leaseUntil)
        try container.encode(claims, forKey: .claims)
        try container.encode(expiredLeases, forKey: .expiredLeases)
        try container.encodeIfPresent(verdict, forKey: .verdict)
        try container.encodeIfPresent(note, forKey: .note)
        try container.encodeIfPresent(acknowledgedAt, forKey: .acknowledgedAt)
        try container.encode(current, forKey: .report)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            sequence: try container.decode(Int.self, forKey: .sequence),
            report: try container.decode(Report.self, forKey: .report),
            createdAt: try container.decode(Timestamp.self, forKey: .createdAt),
            state: try container.decode(QueueState.self, forKey: .state),
            claimedBy: try container.decodeIfPresent(String.self, forKey: .claimedBy),
            leaseUntil: try container.decodeIfPresent(Timestamp.self, forKey: .leaseUntil),
            claims: try container.decode(Int.self, forKey: .claims),
            expiredLeases: try container.decode(Int.self, forKey: .expiredLeases),
            verdict: try container.decodeIfPresent(Verdict.self, forKey: .verdict),
            note: try container.decodeIfPresent(String.self, forKey: .note),
            acknowledgedAt: try container.decodeIfPresent(
                Timestamp.self, forKey: .acknowledgedAt),
            // The report itself tells how often it was found again.
            repeats: 0, lastRepeatAt: nil)
    }
}

/// How many reports stand where.
package struct QueueCounts: Sendable, Equatable {
    package var ready = 0
    package var claimed = 0
    package var acknowledged = 0
    package var dead = 0
    /// Acknowledged long ago, and no longer kept.
    package var dropped = 0
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

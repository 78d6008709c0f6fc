// SPDX-License-Identifier: Apache-2.0
internal import GRDB

/// A report that a sink has yet to be seen to hold.
package struct PendingDelivery: Sendable, Equatable {
    /// The report's number in the store.
    package let sequence: Int
    package let report: Report
    /// How often it was sent.
    package let attempts: Int
    /// Milliseconds since 1970.
    package let lastAttemptAt: Int?
    /// When it is to be looked for, where it was sent; in ms since 1970.
    package let dueAt: Int

    package init(
        sequence: Int, report: Report, attempts: Int = 0, lastAttemptAt: Int? = nil, dueAt: Int = 0
    ) {
        self.sequence = sequence
        self.report = report
        self.attempts = attempts
        self.lastAttemptAt = lastAttemptAt
        self.dueAt = dueAt
    }
}

/// How long after a sending a report is looked for again, and sent again if it is not there.
///
/// Doubles with every sending, up to a limit; in milliseconds.
package struct ResendSchedule: Sendable, Equatable {
    package var first: Int
    package var limit: Int

    package init(first: Int = 5_000, limit: Int = 600_000) {
        self.first = first
        self.limit = limit
    }
}

// Queries repeat the index's own condition, `state <> 'confirmed'`: SQLite does not work out that
// another one implies it, and would read the whole table.
extension ReportStore {
    /// Reports never sent to the sink, in the order of commits.
    package func pendingDeliveries(sink: String, limit: Int) throws(StoreError) -> [PendingDelivery]
    {
        try deliveries(
            "delivery.state = 'pending' AND due_at <= :now ORDER BY due_at, report_seq",
            ["now": 0], sink: sink, limit: limit)
    }

    /// Reports sent to the sink, not seen there, and due to be looked for; longest due first.
    package func dueDeliveries(
        sink: String, limit: Int, now: Int
    ) throws(StoreError) -> [PendingDelivery] {
        try deliveries(
            "delivery.state = 'sent' AND due_at <= :now ORDER BY due_at, report_seq",
            ["now": now], sink: sink, limit: limit)
    }

    /// Reports sent to the sink and not seen there, due or not, in the order of commits; none where
    /// one was sent as often as `attempts`: then the sink keeps what it likes, and order is lost.
    package func heldDeliveries(
        sink: String, limit: Int, attempts: Int
    ) throws(StoreError) -> [PendingDelivery] {
        let isGivenUp = """
            SELECT 1 FROM delivery
            WHERE sink = :sink AND state <> 'confirmed' AND state = 'sent' AND attempts >= :attempts
            """
        return try deliveries(
            """
            delivery.state = 'sent' AND NOT EXISTS (\(isGivenUp))
            ORDER BY report_seq
            """, ["attempts": attempts], sink: sink, limit: limit)
    }

    private func deliveries(
        _ condition: String, _ arguments: StatementArguments, sink: String, limit: Int
    ) throws(StoreError) -> [PendingDelivery] {
        try read { db in
            let sql = """
                SELECT report_seq, document, attempts, last_attempt_at, due_at
                FROM delivery JOIN report ON seq = report_seq
                WHERE sink = :sink AND delivery.state <> 'confirmed' AND \(condition)
                LIMIT :limit
                """
            let all = arguments + ["sink": sink, "limit": limit]
            return try Row.fetchAll(db, sql: sql, arguments: all).map { row in
                PendingDelivery(
                    sequence: row["report_seq"], report: try storedReport(row["document"]),
                    attempts: row["attempts"], lastAttemptAt: row["last_attempt_at"],
                    dueAt: row["due_at"])
            }
        }
    }

    /// When the next report that was sent is due to be looked for, in ms since 1970; nil when
    /// none is.
    package func nextDueAt(sink: String) throws(StoreError) -> Int? {
        try read { db in
            let sql = """
                SELECT min(due_at) FROM delivery
                WHERE sink = ? AND state <> 'confirmed' AND state = 'sent'
                """
            return try Int.fetchOne(db, sql: sql, arguments: [sink])
        }
    }

    /// Notes that the sink took the reports; they are looked for as the schedule says.
    package func markSent(
        _ sequences: [Int], sink: String, now: Int, resend: ResendSchedule = ResendSchedule()
    ) throws(StoreError) {
        try write { db in
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE delivery SET state = 'sent', attempts = attempts + 1,
                        last_attempt_at = :now,
                        due_at = :now + min(:limit, :first << min(attempts, 20))
                    WHERE sink = :sink AND report_seq = :sequence AND state <> 'confirmed'
                    """)
            for sequence in sequences {
                try statement.execute(arguments: [
                    "now": now, "limit": resend.limit, "first": resend.first, "sink": sink,
                    "sequence": sequence,
                ])
            }
        }
    }

    /// Notes that the sink was seen to hold the reports: they are no longer owed.
    package func markConfirmed(_ sequences: [Int], sink: String) throws(StoreError) {
        try write { db in
            let statement = try db.cachedStatement(
                sql: "UPDATE delivery SET state = 'confirmed' WHERE sink = ? AND report_seq = ?")
            for sequence in sequences { try statement.execute(arguments: [sink, sequence]) }
        }
    }

    /// Makes everything sent but not seen due at once: what a new process does first, as it
    /// cannot know how its predecessor ended.
    ///
    /// - Returns: The store's highest number; reports up to it may have been sent although they
    ///   stand as pending.
    package func recallSent(sink: String, now: Int) throws(StoreError) -> Int {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE delivery SET due_at = ?
                    WHERE sink = ? AND state <> 'confirmed' AND state = 'sent' AND due_at > ?
                    """, arguments: [now, sink, now])
            return try Int.fetchOne(db, sql: "SELECT max(seq) FROM report") ?? 0
        }
    }
}

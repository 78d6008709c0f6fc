// SPDX-License-Identifier: Apache-2.0
internal import GRDB

/// How long, and up to which size, acknowledged reports are kept.
package struct RetentionLimits: Sendable, Equatable {
    package var retentionDays: Int
    /// Of the database, findings that a stream has yet to take included. These, and reports that
    /// nobody acknowledged, are kept whatever their size.
    package var sizeBytes: Int

    package init(retentionDays: Int = 90, sizeBytes: Int = 1 << 30) {
        self.retentionDays = retentionDays
        self.sizeBytes = sizeBytes
    }

    /// Where the store counts as nearly full.
    package var alarmBytes: Int { sizeBytes / 10 * 8 }
}

/// What the store holds after its limits were applied.
package struct RetentionOutcome: Sendable, Equatable {
    package var dropped = 0
    package var usedBytes = 0
}

extension ReportStore {
    /// How long a dropped report still keeps its turn from being reported anew. Logs are
    /// forgotten long before, and a log that nobody remembers may be read again.
    private static let knownDays = 400
    private static let reportsPerStep = 500
    /// How long the reports of the monitor's own records are kept, delivered or not: an old sign
    /// of life says nothing.
    private static let canaryMilliseconds = 86_400_000

    /// Drops acknowledged reports that are older than the limit, and then, while the database is
    /// larger than its limit, the oldest of the others; none that a sink has yet to be told.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Complexity: Works in steps of 500 reports, between which commits come through.
    package func applyRetention(
        _ limits: RetentionLimits, now: Int = Timestamp.now.milliseconds
    ) throws(StoreError) -> RetentionOutcome {
        var outcome = RetentionOutcome()
        try dropCanaries(before: now - Self.canaryMilliseconds)
        while true {
            let count = try drop(before: now - limits.retentionDays * 86_400_000, now: now)
            outcome.dropped += count
            if count < Self.reportsPerStep { break }
        }
        while try usedBytes() > limits.sizeBytes {
            let count = try drop(before: .max, now: now)
            outcome.dropped += count
            if count == 0 { break }
        }
        try forgetDropped(now: now)
        outcome.usedBytes = try usedBytes()
        return outcome
    }

    /// Forgets what was dropped long ago: once a day, since it looks through all that was dropped.
    private func forgetDropped(now: Int) throws(StoreError) {
        let today = now / 86_400_000
        try write { db in
            let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'forgotten_on'"
            guard try Int.fetchOne(db, sql: sql) != today else { return }
            try db.execute(
                sql: """
                    DELETE FROM dropped_report WHERE dropped_at < ?;
                    INSERT OR REPLACE INTO meta (key, value) VALUES ('forgotten_on', ?)
                    """, arguments: [now - Self.knownDays * 86_400_000, "\(today)"])
        }
    }

    /// Drops them without a trace: their logs are gone, so none is read again.
    private func dropCanaries(before time: Int) throws(StoreError) {
        try write { db in
            let old = "SELECT seq FROM report WHERE rule = :rule AND created_at < :time"
            let arguments: StatementArguments = ["rule": Report.Rule.canaryID, "time": time]
            for sequence in try Int.fetchAll(db, sql: old, arguments: arguments) {
                try remove(sequence, db)
            }
        }
    }

    private func remove(_ sequence: Int, _ db: Database) throws {
        for table in ["delivery WHERE report_seq", "report WHERE seq"] {
            try db.cachedStatement(sql: "DELETE FROM \(table) = ?").execute(arguments: [sequence])
        }
    }

    /// Drops some of the reports that were acknowledged before a time; how many.
    ///
    /// The index is named: SQLite would go through all acknowledged reports by their state, which
    /// takes seconds where there are a million.
    private func drop(before time: Int, now: Int) throws(StoreError) -> Int {
        try write { db in
            let sequences = try Int.fetchAll(
                db,
                sql: """
                    SELECT seq FROM report INDEXED BY report_acknowledged
                    WHERE state = 'acknowledged' AND acknowledged_at < ? AND seq NOT IN
                        (SELECT report_seq FROM delivery WHERE delivery.state <> 'confirmed')
                    ORDER BY acknowledged_at LIMIT \(Self.reportsPerStep)
                    """, arguments: [time])
            for sequence in sequences {
                try db.cachedStatement(
                    sql: """
                        INSERT INTO dropped_report
                            SELECT id, rule, turn_digest, is_history, ? FROM report WHERE seq = ?
                        """
                ).execute(arguments: [now, sequence])
                try remove(sequence, db)
            }
            return sequences.count
        }
    }

    /// Bytes of the database that hold something.
    package func usedBytes() throws(StoreError) -> Int {
        try read { db in
            func pragma(_ name: String) throws -> Int {
                try Int.fetchOne(db, sql: "PRAGMA \(name)") ?? 0
            }
            return try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
        }
    }
}

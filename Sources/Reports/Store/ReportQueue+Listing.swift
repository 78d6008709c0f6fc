// SPDX-License-Identifier: Apache-2.0
internal import GRDB

extension ReportStore {
    /// Reports in one of the states, the most urgent first and the older first among equals.
    ///
    /// - Parameter now: Milliseconds since 1970; leases that have ended by then are over.
    package func list(
        states: Set<QueueState> = [.ready, .claimed, .dead], limit: Int,
        now: Int = Timestamp.now.milliseconds
    ) throws(StoreError) -> [QueuedReport] {
        expireLeasesIfPossible(now: now)
        return try read { db in
            // One query a state, each of which the index answers in order.
            let queries = states.map { state in
                """
                SELECT * FROM (SELECT * FROM report WHERE state = '\(state.rawValue)'
                    ORDER BY level DESC, seq LIMIT :limit)
                """
            }
            guard !queries.isEmpty else { return [] }
            let sql =
                queries.joined(separator: " UNION ALL ") + " ORDER BY level DESC, seq LIMIT :limit"
            return try fetch(db, sql, ["limit": limit])
        }
    }

    /// Reports committed after the one with this sequence number, in the order of commits; none
    /// that was dropped.
    package func reports(
        after sequence: Int, states: Set<QueueState> = Set(QueueState.allCases), limit: Int
    ) throws(StoreError) -> [QueuedReport] {
        let names = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try read { db in
            try fetch(
                db,
                """
                SELECT * FROM report WHERE seq > :after AND state IN (\(names))
                ORDER BY seq LIMIT :limit
                """, ["after": sequence, "limit": limit])
        }
    }

    /// How many reports of each level nobody has acknowledged.
    package func openLevels() throws(StoreError) -> [Report.Level: Int] {
        try read { db in
            let sql = """
                SELECT level, count(*) AS n FROM report
                WHERE state IN ('ready', 'claimed', 'dead') GROUP BY level
                """
            let levels = Dictionary(
                Report.Level.allCases.map { ($0.rank, $0) }, uniquingKeysWith: { $1 })
            var counts: [Report.Level: Int] = [:]
            for row in try Row.fetchAll(db, sql: sql) {
                if let level = levels[row["level"]] { counts[level] = row["n"] }
            }
            return counts
        }
    }

    /// The reports that were committed last, the newest first, without the monitor's signs of life.
    package func newest(limit: Int) throws(StoreError) -> [QueuedReport] {
        try read { db in
            try fetch(
                db, "SELECT * FROM report WHERE kind <> 'canary' ORDER BY seq DESC LIMIT :limit",
                ["limit": limit])
        }
    }

    /// The number of the report that was committed last; 0 where there is none.
    package func newestSequence() throws(StoreError) -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT max(seq) FROM report") ?? 0 }
    }

    /// A look at the queue is not refused because the disk is full, nor does it change another
    /// process's store: then leases that are over show as such later.
    func expireLeasesIfPossible(now: Int) {
        guard isOwner else { return }
        _ = try? expireLeases(now: now)
    }

    func fetch(
        _ db: Database, _ sql: String, _ arguments: StatementArguments
    ) throws -> [QueuedReport] {
        let statement = try db.cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            let json: String = row["document"]
            return QueuedReport(
                sequence: row["seq"], report: try storedReport(json),
                createdAt: Timestamp(milliseconds: row["created_at"]),
                state: QueueState(rawValue: row["state"]) ?? .ready, claimedBy: row["claimed_by"],
                leaseUntil: (row["lease_until"] as Int?).map(Timestamp.init(milliseconds:)),
                claims: row["claims"], expiredLeases: row["expired_leases"],
                verdict: (row["verdict"] as String?).flatMap(Verdict.init(rawValue:)),
                note: row["note"],
                acknowledgedAt: (row["acknowledged_at"] as Int?).map(Timestamp.init(milliseconds:)),
                repeats: row["repeats"],
                lastRepeatAt: (row["last_repeat_at"] as Int?).map(Timestamp.init(milliseconds:)))
        }
    }

    /// A stored document as a report.
    func storedReport(_ json: String) throws(StoreError) -> Report {
        do {
            return try Report(json: json)
        } catch {
            throw StoreError(.damaged, file: file, StoreError.damagedAdvice(error.description))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import GRDB

extension ReportStore {
    /// Reports in one of the states, the most urgent first and the older first among equals.
    ///
    /// - Parameter now: Milliseconds since 1970; a lease that has ended by then counts as ready.
    package func list(
        states: Set<QueueState> = [.ready, .claimed], limit: Int,
        now: Int = Timestamp.now.milliseconds
    ) throws(StoreError) -> [QueuedReport] {
        try read { db in
            // One condition a state, so that the index of the open reports serves where it can.
            let conditions = states.map { state in
                switch state {
                case .ready: "(\(Self.isReady))"
                case .claimed: "(state = 'claimed' AND lease_until > :now)"
                case .acknowledged: "state = 'acknowledged'"
                }
            }
            guard !conditions.isEmpty else { return [] }
            let open = states.contains(.acknowledged) ? "" : "state <> 'acknowledged' AND"
            let sql = """
                SELECT * FROM report WHERE \(open) (\(conditions.joined(separator: " OR ")))
                ORDER BY level DESC, seq LIMIT :limit
                """
            return try fetch(db, sql, ["now": now, "limit": limit], now: now)
        }
    }

    /// Reports committed after the one with this sequence number, in the order of commits.
    package func reports(
        after sequence: Int, limit: Int, now: Int = Timestamp.now.milliseconds
    ) throws(StoreError) -> [QueuedReport] {
        try read { db in
            try fetch(
                db, "SELECT * FROM report WHERE seq > :after ORDER BY seq LIMIT :limit",
                ["after": sequence, "limit": limit], now: now)
        }
    }

    package func queueCounts(now: Int = Timestamp.now.milliseconds) throws(StoreError)
        -> QueueCounts
    {
        try read { db in
            let sql = """
                SELECT count(*) AS total,
                    count(*) FILTER (WHERE \(Self.isReady)) AS ready,
                    count(*) FILTER (WHERE state = 'acknowledged') AS acknowledged FROM report
                """
            guard let row = try Row.fetchOne(db, sql: sql, arguments: ["now": now]) else {
                return QueueCounts()
            }
            let (total, ready, acknowledged): (Int, Int, Int) = (
                row["total"], row["ready"], row["acknowledged"]
            )
            return QueueCounts(
                ready: ready, claimed: total - ready - acknowledged, acknowledged: acknowledged)
        }
    }

    /// Gives up to `limit` ready reports to a consumer, the most urgent first.
    ///
    /// No report is given to two consumers at a time: it comes back to the queue only when
    /// it is released or when the lease ends without an acknowledgement.
    package func claim(
        consumer: String, leaseSeconds: Int, limit: Int,
        now: Int = Timestamp.now.milliseconds
    ) throws(StoreError) -> [QueuedReport] {
        try write { db in
            let sequences = try Int.fetchAll(
                db,
                sql: """
                    SELECT seq FROM report WHERE state <> 'acknowledged' AND (\(Self.isReady))
                    ORDER BY level DESC, seq LIMIT :limit
                    """, arguments: ["now": now, "limit": limit])
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE report SET state = 'claimed', claimed_by = ?, lease_until = ?,
                        claims = claims + 1 WHERE seq = ?
                    """)
            for sequence in sequences {
                try statement.execute(arguments: [consumer, now + leaseSeconds * 1000, sequence])
            }
            return try sequences.flatMap { sequence in
                try fetch(
                    db, "SELECT * FROM report WHERE seq = :seq", ["seq": sequence], now: now)
            }
        }
    }

    /// Takes a report out of the queue for good.
    ///
    /// - Parameters:
    ///   - id: The report's id, or at least its first 8 digits.
    ///   - consumer: Who acknowledges. While somebody else's lease runs, that is refused; with
    ///     nil, any running lease is somebody else's.
    /// - Returns: The report's full id.
    @discardableResult
    package func acknowledge(
        id: String, consumer: String? = nil, verdict: Verdict?, note: String? = nil,
        now: Int = Timestamp.now.milliseconds
    ) throws(QueueError) -> String {
        try change(id) { db, found in
            if let holder = found.holder(now: now), holder != consumer {
                throw QueueError.claimed(id: found.id, by: holder)
            }
            try db.execute(
                sql: """
                    UPDATE report SET state = 'acknowledged', lease_until = NULL, verdict = ?,
                        note = ?, acknowledged_at = ? WHERE seq = ?
                    """, arguments: [verdict?.rawValue, note, now, found.sequence])
        }
    }

    /// Puts a claimed report back into the queue.
    ///
    /// - Parameter consumer: Who gives it back; nil overrules whoever holds it.
    /// - Returns: The report's full id.
    @discardableResult
    package func release(
        id: String, consumer: String? = nil, now: Int = Timestamp.now.milliseconds
    ) throws(QueueError) -> String {
        try change(id) { db, found in
            guard let holder = found.holder(now: now) else {
                throw QueueError.notClaimed(id: found.id)
            }
            if let consumer, consumer != holder {
                throw QueueError.claimed(id: found.id, by: holder)
            }
            try db.execute(
                sql: "UPDATE report SET state = 'ready', lease_until = NULL WHERE seq = ?",
                arguments: [found.sequence])
        }
    }

    /// Never claimed, released, or left by its claimer; `:now` is the time.
    private static let isReady = "state = 'ready' OR (state = 'claimed' AND lease_until <= :now)"

    private func fetch(
        _ db: Database, _ sql: String, _ arguments: StatementArguments, now: Int
    ) throws -> [QueuedReport] {
        try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
            let json: String = row["document"]
            let lease: Int? = row["lease_until"]
            let stored = QueueState(rawValue: row["state"]) ?? .ready
            let isOver = stored == .claimed && (lease ?? 0) <= now
            return QueuedReport(
                sequence: row["seq"], report: try storedReport(json), json: json,
                createdAt: Timestamp(milliseconds: row["created_at"]),
                state: isOver ? .ready : stored, claimedBy: row["claimed_by"],
                leaseUntil: lease.map(Timestamp.init(milliseconds:)), claims: row["claims"],
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

    /// An open report that a request is about.
    private struct OpenReport {
        let sequence: Int
        let id: String
        let claimedBy: String?
        let leaseUntil: Int

        func holder(now: Int) -> String? { leaseUntil > now ? claimedBy : nil }
    }

    /// Finds the open report that `text` names and lets `body` change it, in one transaction.
    private func change(
        _ text: String, _ body: (Database, OpenReport) throws -> Void
    ) throws(QueueError) -> String {
        let prefix = text.lowercased()
        let digits = Set("0123456789abcdef")
        guard (8...64).contains(prefix.count), prefix.allSatisfy(digits.contains) else {
            throw .notAnID(text)
        }
        var refusal: QueueError?
        do throws(StoreError) {
            return try write { db in
                // "g" comes after every digit: the range is that of the ids that begin so.
                let rows = try Row.fetchAll(
                    db, sql: "SELECT * FROM report WHERE id >= ? AND id < ? LIMIT 2",
                    arguments: [prefix, prefix + "g"])
                do {
                    guard let row = rows.first else { throw QueueError.unknown(text) }
                    guard rows.count == 1 else { throw QueueError.ambiguous(text) }
                    guard row["state"] != QueueState.acknowledged.rawValue else {
                        throw QueueError.alreadyAcknowledged(id: row["id"])
                    }
                    let found = OpenReport(
                        sequence: row["seq"], id: row["id"], claimedBy: row["claimed_by"],
                        leaseUntil: row["lease_until"] ?? 0)
                    try body(db, found)
                    return found.id
                } catch let error as QueueError {
                    // Kept aside, since the transaction knows only the store's own errors.
                    refusal = error
                    throw error
                }
            }
        } catch {
            throw refusal ?? .store(error)
        }
    }
}

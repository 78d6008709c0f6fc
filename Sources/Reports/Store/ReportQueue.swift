// SPDX-License-Identifier: Apache-2.0
internal import GRDB

/// The queue's work: who has which report, and what became of it.
///
///                  ┌──────────── release, lease over ───────────┐
///                  ▼                                            │
///     commit ─► ready ── claim ─► claimed ── acknowledge ─► acknowledged ─► dropped
///                  ▲                  │                         ▲
///                  └─ release ─ dead ◄┘ too many leases over    │
///                                └────── acknowledge ───────────┘
extension ReportStore {
    /// After so many leases that ran out nobody is given the report any more: who takes it fails
    /// on it, and would fail again.
    package static let leasesBeforeDead = 5

    /// Gives up to `limit` ready reports to a consumer, the most urgent first.
    ///
    /// No report is given to two consumers at a time: it comes back to the queue only when
    /// it is released or when the lease ends without an acknowledgement.
    package func claim(
        consumer: String, leaseSeconds: Int, limit: Int,
        now: Int = Timestamp.now.milliseconds
    ) throws(StoreError) -> [QueuedReport] {
        try write { db in
            try expireLeases(now: now, db)
            let sequences = try Int.fetchAll(
                db,
                sql: """
                    SELECT seq FROM report WHERE state = 'ready' ORDER BY level DESC, seq LIMIT ?
                    """, arguments: [limit])
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE report SET state = 'claimed', claimed_by = ?, lease_until = ?,
                        claims = claims + 1 WHERE seq = ?
                    """)
            for sequence in sequences {
                try statement.execute(arguments: [consumer, now + leaseSeconds * 1000, sequence])
            }
            return try sequences.flatMap { sequence in
                try fetch(db, "SELECT * FROM report WHERE seq = :seq", ["seq": sequence])
            }
        }
    }

    /// Puts reports whose lease has run out back into the queue, or lets them die.
    ///
    /// - Returns: When the next lease runs out, in ms since 1970.
    @discardableResult
    package func expireLeases(now: Int = Timestamp.now.milliseconds) throws(StoreError) -> Int? {
        try write { db in
            try expireLeases(now: now, db)
            return try Int.fetchOne(
                db, sql: "SELECT min(lease_until) FROM report WHERE state = 'claimed'")
        }
    }

    /// The same within a transaction: each look at the queue begins with it.
    func expireLeases(now: Int, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE report SET expired_leases = expired_leases + 1, lease_until = NULL,
                    state = iif(expired_leases + 1 >= ?, 'dead', 'ready')
                WHERE state = 'claimed' AND lease_until <= ?
                """
        ).execute(arguments: [Self.leasesBeforeDead, now])
    }

    /// Takes reports out of the queue for good: all of them, or none.
    ///
    /// - Parameters:
    ///   - ids: The reports' ids, or at least their first 8 digits.
    ///   - consumer: Who acknowledges. While somebody else's lease runs, that is refused; with
    ///     nil, any running lease is somebody else's.
    /// - Returns: The reports' full ids.
    @discardableResult
    package func acknowledge(
        ids: [String], consumer: String? = nil, verdict: Verdict?, note: String? = nil,
        now: Int = Timestamp.now.milliseconds
    ) throws(QueueError) -> [String] {
        try change(ids, now: now) { db, found in
            if let holder = found.holder, holder != consumer {
                throw QueueError.claimed(id: found.id, by: holder)
            }
            try db.cachedStatement(
                sql: """
                    UPDATE report SET state = 'acknowledged', lease_until = NULL, verdict = ?,
                        note = ?, acknowledged_at = ? WHERE seq = ?
                    """
            ).execute(arguments: [verdict?.rawValue, note, now, found.sequence])
        }
    }

    /// Puts claimed or dead reports back into the queue: all of them, or none.
    ///
    /// - Parameter consumer: Who gives them back; nil overrules whoever holds them.
    /// - Returns: The reports' full ids.
    @discardableResult
    package func release(
        ids: [String], consumer: String? = nil, now: Int = Timestamp.now.milliseconds
    ) throws(QueueError) -> [String] {
        try change(ids, now: now) { db, found in
            guard found.state != .ready else { throw QueueError.notClaimed(id: found.id) }
            if let consumer, let holder = found.holder, consumer != holder {
                throw QueueError.claimed(id: found.id, by: holder)
            }
            try db.cachedStatement(
                sql: """
                    UPDATE report SET state = 'ready', lease_until = NULL, expired_leases = 0
                    WHERE seq = ?
                    """
            ).execute(arguments: [found.sequence])
        }
    }

    /// Makes a consumer's running leases last until `leaseSeconds` from now: all of them, or none.
    ///
    /// - Returns: The reports' full ids.
    @discardableResult
    package func renew(
        ids: [String], consumer: String, leaseSeconds: Int,
        now: Int = Timestamp.now.milliseconds
    ) throws(QueueError) -> [String] {
        try change(ids, now: now) { db, found in
            guard let holder = found.holder else { throw QueueError.notClaimed(id: found.id) }
            guard holder == consumer else { throw QueueError.claimed(id: found.id, by: holder) }
            try db.cachedStatement(sql: "UPDATE report SET lease_until = ? WHERE seq = ?")
                .execute(arguments: [now + leaseSeconds * 1000, found.sequence])
        }
    }

    /// An open report that a request is about.
    private struct OpenReport {
        let sequence: Int
        let id: String
        let state: QueueState
        /// Who works on it.
        let holder: String?
    }

    /// Finds the open reports that `texts` name and lets `body` change each, in one transaction.
    private func change(
        _ texts: [String], now: Int, _ body: (Database, OpenReport) throws -> Void
    ) throws(QueueError) -> [String] {
        var refusal: QueueError?
        do throws(StoreError) {
            return try write { db in
                do {
                    try expireLeases(now: now, db)
                    return try texts.map { text in
                        let found = try openReport(named: text, db)
                        try body(db, found)
                        return found.id
                    }
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

    private func openReport(named text: String, _ db: Database) throws -> OpenReport {
        let prefix = text.lowercased()
        let digits = Set("0123456789abcdef")
        guard (8...64).contains(prefix.count), prefix.allSatisfy(digits.contains) else {
            throw QueueError.notAnID(text)
        }
        // "g" comes after every digit: the range is that of the ids that begin so.
        let statement = try db.cachedStatement(
            sql: """
                SELECT seq, id, state, claimed_by FROM report WHERE id >= ? AND id < ? LIMIT 2
                """)
        let rows = try Row.fetchAll(statement, arguments: [prefix, prefix + "g"])
        guard let row = rows.first else { throw QueueError.unknown(text) }
        guard rows.count == 1 else { throw QueueError.ambiguous(text) }
        let id: String = row["id"]
        guard let state = QueueState(rawValue: row["state"]), state != .acknowledged else {
            throw QueueError.alreadyAcknowledged(id: id)
        }
        return OpenReport(
            sequence: row["seq"], id: id, state: state,
            holder: state == .claimed ? row["claimed_by"] : nil)
    }
}

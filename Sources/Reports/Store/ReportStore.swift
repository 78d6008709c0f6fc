// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Foundation
internal import GRDB

/// Reports, their queue, the outbox and the checkpoints: one SQLite database, `tocsin.sqlite`.
///
/// Every change is one transaction on disk before the call returns (write-ahead log,
/// `synchronous = FULL`). Any thread may call; calls run one after another. Other processes
/// may look at the same file at the same time.
package final class ReportStore: Sendable {
    /// The database's path, for messages.
    package let file: String
    /// The store's random id, 32 hexadecimal digits; sequence numbers count within it.
    package let identifier: String
    let restarts: RestartProtection
    private let queue: DatabaseQueue
    /// Held by a daemon's store only.
    private let ownership: StateDirectory?

    /// Opens a daemon's state directory, which becomes this process's alone; creates what is
    /// missing.
    ///
    /// - Throws: ``StoreError``, also when another daemon works with the directory.
    package convenience init(
        directory: String, restarts: RestartProtection = .plain
    ) throws(StoreError) {
        let ownership = try StateDirectory(owning: directory)
        try ownership.createIfMissing(Self.fileName)
        try self.init(directory: directory, ownership: ownership, restarts: restarts)
        try dropUnreadableRestarts()
    }

    /// Opens the store of a state directory to look at it, beside a daemon or without one.
    ///
    /// Creates nothing and takes no lock.
    ///
    /// - Throws: ``StoreError``, of kind `missing` when there is no Tocsin state.
    package convenience init(existing directory: String) throws(StoreError) {
        try StateDirectory.requireDirectory(directory)
        let file = "\(directory)/\(Self.fileName)"
        var status = stat()
        // Only looked at: see StateDirectory.createIfMissing for why it is not opened here.
        guard unsafe stat(file, &status) == 0 else {
            guard errno == ENOENT else {
                throw StoreError(errno: errno, file: file, "the database cannot be opened")
            }
            throw StoreError(
                .missing, file: directory,
                "there is no Tocsin state here; name the daemon's state directory")
        }
        try self.init(directory: directory, ownership: nil, restarts: .omitted)
    }

    static let fileName = "tocsin.sqlite"

    private init(
        directory: String, ownership: StateDirectory?, restarts: RestartProtection
    ) throws(StoreError) {
        let file = "\(directory)/\(Self.fileName)"
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.label = "tocsin.store"
        configuration.prepareDatabase { db in
            // FULL: in a write-ahead log, NORMAL may lose the last transactions with the power.
            // What is deleted is overwritten: it may be words of a conversation.
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304;
                    PRAGMA secure_delete = ON
                    """)
        }
        do {
            let queue = try DatabaseQueue(path: file, configuration: configuration)
            identifier = try queue.writeWithoutTransaction { db in
                if ownership == nil {
                    guard try StoreSchema.examine(db, file: file) == StoreSchema.version else {
                        throw StoreError(
                            .olderVersion, file: file,
                            "an older Tocsin wrote this; start this version's daemon on it once")
                    }
                } else {
                    _ = try StoreSchema.examine(db, file: file)
                    try db.execute(sql: "PRAGMA journal_mode = WAL")
                    try StoreSchema.migrate(db, file: file)
                }
                let sql = "SELECT value FROM meta WHERE key = 'store'"
                return try String.fetchOne(db, sql: sql) ?? ""
            }
            self.queue = queue
        } catch {
            throw StoreError(error, file: file)
        }
        self.file = file
        self.ownership = ownership
        self.restarts = restarts
    }

    /// The state directory is this process's.
    var isOwner: Bool { ownership != nil }

    /// Closes the database; later calls throw. Without it the last reference closes it.
    package func close() throws(StoreError) {
        do { try queue.close() } catch { throw StoreError(error, file: file) }
    }

    /// Runs `body` in a transaction that is the file's only writer from its start.
    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do {
            return try queue.writeWithoutTransaction { db in
                var result: Result?
                try db.inTransaction(.immediate) {
                    result = try body(db)
                    return .commit
                }
                guard let result else { preconditionFailure("a transaction without its body") }
                return result
            }
        } catch {
            throw StoreError(error, file: file)
        }
    }

    /// Runs `body` on one unchanging state of the database.
    func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do { return try queue.read(body) } catch { throw StoreError(error, file: file) }
    }
}

extension ReportStore {
    /// Adds the reports that are new, owes them to the sinks, moves the checkpoints and counts,
    /// in one transaction.
    ///
    /// - Parameters:
    ///   - host: Under whose name new findings are owed to the stream; nil: they are not.
    ///   - now: Milliseconds since 1970.
    /// - Returns: How many reports were new.
    /// - Throws: ``StoreError``; then nothing of the batch is in the store, and the caller
    ///   repeats the whole batch when the error `isTransient`.
    /// - Complexity: One disk flush, and less than 0.1 ms a report.
    @discardableResult
    package func commit(
        _ batch: CommitBatch, sinks: [String] = ["journal"], findingsOf host: String? = nil,
        now: Int = Timestamp.now.milliseconds
    ) throws(StoreError) -> Int {
        try write { db in
            var inserted = 0
            var gaps: [PendingReport] = []
            for pending in batch.reports where try !isKnown(pending, db) {
                try insert(pending, sinks: sinks, now: now, db)
                inserted += 1
                if pending.gapStream != nil { gaps.append(pending) }
            }
            try commit(batch.memory, findingsOf: host, db)
            try commitStreams(batch, newGaps: gaps, now: now, db)
            return inserted
        }
    }

    /// Whether the report must not be added.
    ///
    /// It is asked before, not left to the UNIQUE constraint: a refused insertion may use up a
    /// sequence number, and a missing number tells readers that a report was dropped.
    private func isKnown(_ pending: PendingReport, _ db: Database) throws -> Bool {
        let same = try db.cachedStatement(
            sql: """
                SELECT 1 FROM report WHERE id = :id
                UNION ALL SELECT 1 FROM dropped_report WHERE id = :id LIMIT 1
                """)
        if try Int.fetchOne(same, arguments: ["id": pending.report.id]) != nil { return true }
        guard let rule = pending.report.rule?.id, !pending.turnDigest.isEmpty else { return false }
        // A turn first seen as a request's own and, after a restart that forgot the
        // conversation, as a later request's history has two ids; so has the other order. It
        // must not alarm twice. Where both are requests' own, two people said the same: two
        // events, which their ids tell apart.
        let kin = try db.cachedStatement(
            sql: """
                SELECT 1 FROM report
                WHERE rule = :rule AND turn_digest = :digest AND (is_history OR :history)
                UNION ALL SELECT 1 FROM dropped_report
                WHERE rule = :rule AND turn_digest = :digest AND (is_history OR :history)
                LIMIT 1
                """)
        return try Int.fetchOne(
            kin,
            arguments: [
                "rule": rule, "digest": Data(pending.turnDigest), "history": pending.isHistory,
            ]) != nil
    }

    private static let canaryNote = "acknowledged by the monitor, whose own test record it is"

    private func insert(
        _ pending: PendingReport, sinks: [String], now: Int, _ db: Database
    ) throws {
        let report = pending.report
        let row = try db.cachedStatement(
            sql: """
                INSERT INTO report
                    (id, kind, rule, level, turn_digest, is_history, document, created_at, state,
                    acknowledged_at, note)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        // Nobody is to work on what the monitor says to itself.
        let isCanary = report.kind == .canary
        try row.execute(arguments: [
            report.id, report.kind.rawValue, report.rule?.id, report.level.rank,
            pending.turnDigest.isEmpty ? nil : Data(pending.turnDigest), pending.isHistory,
            report.json, now, (isCanary ? QueueState.acknowledged : .ready).rawValue,
            isCanary ? now : nil, isCanary ? Self.canaryNote : nil,
        ])
        let sequence = db.lastInsertedRowID
        let owed = try db.cachedStatement(
            sql: "INSERT INTO delivery (report_seq, sink) VALUES (?, ?)")
        // A sign of life is for this host: elsewhere it would only take room from what was found.
        let owedTo = isCanary ? sinks.filter { $0 == JournalSink.sinkName } : sinks
        for sink in owedTo { try owed.execute(arguments: [sequence, sink]) }
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Bytes
internal import Foundation
internal import GRDB

/// What is known of a stream, for people.
package struct StreamStatus: Sendable, Equatable {
    package var checkpoint: StreamCheckpoint
    package var counts: RecordCounts
    package var gaps: Int
    /// Compressed bytes that could not be read.
    package var lostBytes: Int
    /// When a checkpoint was stored last, and since when no file holds the stream.
    package var updatedAt: Timestamp
    package var goneSince: Timestamp?
}

extension ReportStore {
    /// The streams as of the last commit, in the order of their ids, without their places to
    /// resume from.
    package func streams() throws(StoreError) -> [KnownStream] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT \(Self.streamColumns) FROM stream ORDER BY id").map {
                KnownStream(Self.checkpoint($0), goneSince: $0["gone_since"])
            }
        }
    }

    /// The streams with what came of them, by the names of their files.
    package func streamStatus() throws(StoreError) -> [StreamStatus] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(Self.streamColumns) FROM stream ORDER BY path, id"
            ).map { row in
                StreamStatus(
                    checkpoint: Self.checkpoint(row),
                    counts: RecordCounts(records: row["records"], malformed: row["malformed"]),
                    gaps: row["gaps"], lostBytes: row["lost_bytes"],
                    updatedAt: Timestamp(milliseconds: row["updated_at"]),
                    goneSince: (row["gone_since"] as Int?).map { Timestamp(milliseconds: $0) })
            }
        }
    }

    /// The place to resume a stream from that was stored last.
    package func restart(of stream: StreamID) throws(StoreError) -> [UInt8]? {
        try read { db in
            try Data.fetchOne(
                db, sql: "SELECT restart FROM stream WHERE id = ?", arguments: [stream.text]
            ).flatMap { restarts.read($0, of: stream.text) }
        }
    }

    /// Removes the places to resume from that were stored under another protection.
    func dropUnreadableRestarts() throws(StoreError) {
        if case .plain = restarts { return }
        try write { db in
            let sql = "SELECT id, restart FROM stream WHERE restart IS NOT NULL"
            for row in try Row.fetchAll(db, sql: sql) {
                let id: String = row["id"]
                guard restarts.read(row["restart"], of: id) == nil else { continue }
                try db.execute(
                    sql: "UPDATE stream SET restart = NULL WHERE id = ?", arguments: [id])
            }
        }
    }

    /// All but `restart`, which is large.
    private static let streamColumns = """
        id, root, "offset", line, guard_bytes, guard_digest, path, read_bytes, size_bytes,
        records, malformed, gaps, lost_bytes, updated_at, gone_since
        """

    private static func checkpoint(_ row: Row) -> StreamCheckpoint {
        StreamCheckpoint(
            stream: StreamID(row["id"]), root: StreamID(row["root"]), offset: row["offset"],
            line: row["line"], guardBytes: row["guard_bytes"],
            guardDigest: [UInt8](row["guard_digest"] as Data),
            file: FilePosition(
                path: row["path"], readBytes: row["read_bytes"], sizeBytes: row["size_bytes"]))
    }

    /// Stores where the batch's streams stand, what they had, and what became of them.
    ///
    /// What is forgotten goes first: a checkpoint in the same batch came after it.
    func commitStreams(
        _ batch: CommitBatch, newGaps: [PendingReport], now: Int, _ db: Database
    ) throws {
        let forget = try db.cachedStatement(sql: "DELETE FROM stream WHERE id = ?")
        for case .forgotten(let stream) in batch.news {
            try forget.execute(arguments: [stream.text])
        }
        for point in batch.checkpoints { try store(point, now: now, db) }
        let count = try db.cachedStatement(
            sql: """
                UPDATE stream SET records = records + ?, malformed = malformed + ? WHERE id = ?
                """)
        for (stream, counts) in batch.counts {
            try count.execute(arguments: [counts.records, counts.malformed, stream.text])
        }
        let loss = try db.cachedStatement(
            sql: "UPDATE stream SET gaps = gaps + 1, lost_bytes = lost_bytes + ? WHERE id = ?")
        for gap in newGaps {
            try loss.execute(arguments: [gap.report.gap?.bytes ?? 0, gap.gapStream?.text])
        }
        let presence = try db.cachedStatement(sql: "UPDATE stream SET gone_since = ? WHERE id = ?")
        for news in batch.news {
            switch news {
            case .found(let stream): try presence.execute(arguments: [nil, stream.text])
            case .gone(let stream, let since):
                try presence.execute(arguments: [since, stream.text])
            case .forgotten: break
            }
        }
    }

    private func store(_ point: StreamCheckpoint, now: Int, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO stream
                    (id, root, "offset", line, guard_bytes, guard_digest, path, read_bytes,
                    size_bytes, restart, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET root = excluded.root, "offset" = excluded."offset",
                    line = excluded.line, guard_bytes = excluded.guard_bytes,
                    guard_digest = excluded.guard_digest, path = excluded.path,
                    read_bytes = excluded.read_bytes, size_bytes = excluded.size_bytes,
                    restart = coalesce(excluded.restart, restart),
                    updated_at = excluded.updated_at, gone_since = NULL
                """)
        try statement.execute(arguments: [
            point.stream.text, point.root.text, point.offset, point.line, point.guardBytes,
            Data(point.guardDigest), point.file.path, point.file.readBytes, point.file.sizeBytes,
            point.restart.flatMap { restarts.written($0, of: point.stream.text) }, now,
        ])
    }
}

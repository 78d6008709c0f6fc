// SPDX-License-Identifier: Apache-2.0
internal import GRDB

/// How many reports have come how far on the way to a sink.
package struct DeliveryCounts: Sendable, Equatable {
    package var pending = 0
    /// Handed to the sink, but not yet seen in it.
    package var sent = 0
    package var confirmed = 0
}

/// How much the store holds of what: read from its tally, so it takes as long with a million reports
/// as with none.
extension ReportStore {
    package func queueCounts(now: Int = Timestamp.now.milliseconds) throws(StoreError)
        -> QueueCounts
    {
        expireLeasesIfPossible(now: now)
        return try read { db in
            let reports = try tally(of: "report", db)
            // They are kept for a day, and are no reports that anybody dealt with.
            let canaries = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM report WHERE rule = ?",
                arguments: [Report.Rule.canaryID])
            return QueueCounts(
                ready: reports[QueueState.ready.rawValue] ?? 0,
                claimed: reports[QueueState.claimed.rawValue] ?? 0,
                acknowledged: (reports[QueueState.acknowledged.rawValue] ?? 0) - (canaries ?? 0),
                dead: reports[QueueState.dead.rawValue] ?? 0,
                dropped: try tally(of: "dropped_report", db)[""] ?? 0)
        }
    }

    package func deliveryCounts(sink: String) throws(StoreError) -> DeliveryCounts {
        try read { db in
            let states = try tally(of: "delivery \(sink)", db)
            return DeliveryCounts(
                pending: states["pending"] ?? 0, sent: states["sent"] ?? 0,
                confirmed: states["confirmed"] ?? 0)
        }
    }

    /// How many findings the stream has yet to take.
    package func pendingFindingCount() throws(StoreError) -> Int {
        try read { db in try tally(of: "finding_delivery", db)[""] ?? 0 }
    }

    private func tally(of subject: String, _ db: Database) throws -> [String: Int] {
        let statement = try db.cachedStatement(
            sql: "SELECT state, rows FROM tally WHERE subject = ?")
        return try Row.fetchAll(statement, arguments: [subject])
            .reduce(into: [:]) { $0[$1["state"] as String] = $1["rows"] as Int }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import GRDB

/// A finding that is to go to the stream.
package struct PendingFinding: Sendable, Equatable {
    /// Its number in the outbox.
    package let sequence: Int
    package let finding: PublishedFinding
}

/// The findings that are to go to the stream: written in the transaction that stores them, deleted
/// when the stream holds them.
extension ReportStore {
    func owe(_ finding: PublishedFinding, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO finding_delivery (document) VALUES (?)")
            .execute(arguments: [finding.json])
    }

    /// The oldest findings that are owed, in the order of commits.
    package func pendingFindings(limit: Int) throws(StoreError) -> [PendingFinding] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT seq, document FROM finding_delivery ORDER BY seq LIMIT ?",
                arguments: [limit]
            ).map { row in
                let document: String = row["document"]
                guard let finding = PublishedFinding(json: Array(document.utf8)) else {
                    throw StoreError(
                        .damaged, file: file,
                        "a finding in the outbox cannot be read; an older Tocsin may have written "
                            + "it: let that one deliver it first")
                }
                return PendingFinding(sequence: row["seq"], finding: finding)
            }
        }
    }

    /// Forgets findings that the stream holds.
    package func removeFindings(_ sequences: [Int]) throws(StoreError) {
        try write { db in
            let statement = try db.cachedStatement(
                sql: "DELETE FROM finding_delivery WHERE seq = ?")
            for sequence in sequences { try statement.execute(arguments: [sequence]) }
        }
    }
}

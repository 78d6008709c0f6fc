// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import GRDB

/// What evaluation remembers across restarts.
extension ReportStore {
    /// All that was remembered and is not pruned, in the order of commits.
    ///
    /// - Parameter conversations: Called with each stored part of what is known of
    ///   conversations; they can be large, so they are not held together.
    package func memory(
        conversations: ([UInt8]) -> Void
    ) throws(StoreError) -> EvaluationMemory {
        try read { db in
            var memory = EvaluationMemory()
            memory.findings = try Row.fetchAll(
                db, sql: "SELECT * FROM finding ORDER BY time, event, rule"
            ).map(storedFinding)
            memory.correlations = try Row.fetchAll(
                db, sql: "SELECT * FROM reported_correlation"
            ).map {
                StoredCorrelation(
                    rule: $0["rule"], group: try JSONColumn.decode($0["group"]),
                    endMilliseconds: $0["end"])
            }
            memory.correlatedTo = try Int.fetchOne(
                db, sql: "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'correlated_to'")
            let rows = try Data.fetchCursor(
                db, sql: "SELECT changes FROM conversation ORDER BY seq")
            while let changes = try rows.next() { conversations(Array(changes)) }
            return memory
        }
    }

    private func storedFinding(_ row: Row) throws -> StoredFinding {
        let rule: String = row["rule"]
        let fields: String = row["fields"]
        return StoredFinding(
            rule: rule.isEmpty ? nil : rule, event: row["event"], timeMilliseconds: row["time"],
            fields: fields == JSONColumn.emptyList ? [] : try JSONColumn.decode(fields),
            position: Report.Position(
                stream: row["stream"], file: row["file"], offset: row["offset"],
                line: row["line"]),
            decision: (row["decision"] as String?).flatMap(StoredFinding.Decision.init(text:)),
            repeats: row["repeats"])
    }

    /// Stores what was learned and drops what nothing looks at any more.
    ///
    /// - Parameter host: Under whose name new findings are owed to the stream; nil: they are not.
    func commit(_ memory: EvaluationMemory, findingsOf host: String?, _ db: Database) throws {
        for finding in memory.findings {
            let isNew = try store(finding, db)
            if isNew, let host { try owe(PublishedFinding(finding, host: host), db) }
        }
        let report = try db.cachedStatement(
            sql: """
                INSERT INTO reported_correlation (rule, "group", end) VALUES (?, ?, ?)
                ON CONFLICT (rule, "group") DO UPDATE SET end = max(end, excluded.end)
                """)
        for last in memory.correlations {
            try report.execute(arguments: [
                last.rule, try JSONColumn.encode(last.group), last.endMilliseconds,
            ])
        }
        if let time = memory.correlatedTo {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('correlated_to', ?)"
            ).execute(arguments: ["\(time)"])
        }
        if let horizon = memory.horizon {
            for table in ["finding WHERE time", "reported_correlation WHERE end"] {
                try db.cachedStatement(sql: "DELETE FROM \(table) < ?")
                    .execute(arguments: [horizon])
            }
        }
        if !memory.conversations.isEmpty { try storeConversations(memory, db) }
    }

    /// Whether the finding was not stored before.
    private func store(_ finding: StoredFinding, _ db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO finding
                    (rule, event, time, fields, stream, file, "offset", line, decision, repeats)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            finding.rule ?? "", finding.event, finding.timeMilliseconds,
            finding.fields.isEmpty ? JSONColumn.emptyList : try JSONColumn.encode(finding.fields),
            finding.position.stream, finding.position.file, finding.position.offset,
            finding.position.line, finding.decision?.text, finding.repeats,
        ])
        // A finding that was stored before was counted before.
        guard db.changesCount > 0 else { return false }
        guard let first = finding.repeats else { return true }
        try db.cachedStatement(
            sql: """
                UPDATE report SET repeats = repeats + 1,
                    last_repeat_at = max(coalesce(last_repeat_at, 0), ?) WHERE id = ?
                """
        ).execute(arguments: [finding.timeMilliseconds, first])
        return true
    }

    private func storeConversations(_ memory: EvaluationMemory, _ db: Database) throws {
        if memory.replacesConversations { try db.execute(sql: "DELETE FROM conversation") }
        let statement = try db.cachedStatement(
            sql: "INSERT INTO conversation (changes) VALUES (?)")
        for changes in memory.conversations {
            try statement.execute(arguments: [Data(changes)])
        }
    }
}

/// Columns that hold small documents.
private enum JSONColumn {
    /// What most rows hold: it is neither written nor read as JSON, which takes long.
    static let emptyList = "[]"

    static func encode(_ value: some Encodable) throws -> String {
        try JSONDocument.line(of: value)
    }

    static func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}

extension StoredFinding.Decision {
    /// `report`, `repeat EVENT`, `flood EVENT` or, of its first event, `floods EVENT`.
    fileprivate var text: String {
        switch self {
        case .report: "report"
        case .repeat(let event): "repeat \(event)"
        case .flood(let event, let isFirst): "\(isFirst ? "floods" : "flood") \(event)"
        }
    }

    fileprivate init?(text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        switch (words.first, words.last) {
        case ("report", _): self = .report
        case ("repeat", let event?): self = .repeat(of: event)
        case ("flood", let event?): self = .flood(of: event, isFirst: false)
        case ("floods", let event?): self = .flood(of: event, isFirst: true)
        default: return nil
        }
    }
}

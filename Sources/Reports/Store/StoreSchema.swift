// SPDX-License-Identifier: Apache-2.0
internal import GRDB

/// The tables of `tocsin.sqlite`, as the steps that made them.
///
/// `PRAGMA user_version` counts the steps taken. A step once released is never changed: what
/// comes later is another step.
enum StoreSchema {
    /// "Tocs": tells our files from other programs' databases.
    static let applicationID = 0x546f_6373

    static var version: Int { steps.count }

    static let steps = [
        """
        -- 'store': a random id. Sequence numbers count within one store, so a new store
        -- (its directory was lost) shows as such and not as a gap.
        CREATE TABLE meta (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- How far each stream has been evaluated.
        CREATE TABLE stream (
            id TEXT PRIMARY KEY,
            "offset" INTEGER NOT NULL,
            line INTEGER NOT NULL,
            guard_bytes INTEGER NOT NULL,
            guard_digest BLOB NOT NULL,
            path TEXT NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- Reports and, in the same row, their place in the queue. Times are in ms since 1970.
        -- AUTOINCREMENT: a sequence number is never given twice.
        CREATE TABLE report (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            rule TEXT,
            level INTEGER NOT NULL,
            turn_digest BLOB,
            is_history INTEGER NOT NULL,
            document TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'ready'
                CHECK (state IN ('ready', 'claimed', 'acknowledged')),
            claimed_by TEXT,
            lease_until INTEGER,
            claims INTEGER NOT NULL DEFAULT 0,
            verdict TEXT CHECK (verdict IN ('true-positive', 'false-positive', 'duplicate')),
            note TEXT,
            acknowledged_at INTEGER
        ) STRICT;
        CREATE INDEX report_turn ON report (rule, turn_digest);
        CREATE INDEX report_queue ON report (level DESC, seq) WHERE state <> 'acknowledged';

        -- The outbox: what each sink has yet to be told. due_at: when a report that was sent,
        -- but not seen in the sink, is looked for again.
        CREATE TABLE delivery (
            report_seq INTEGER NOT NULL REFERENCES report (seq),
            sink TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending'
                CHECK (state IN ('pending', 'sent', 'confirmed')),
            attempts INTEGER NOT NULL DEFAULT 0,
            last_attempt_at INTEGER,
            due_at INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (sink, report_seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_outstanding ON delivery (sink, state, due_at)
            WHERE state <> 'confirmed';
        """,
        """
        -- A stream's family, its place in its file, what came of it, and since when (ms since
        -- 1970) no file holds it. restart: where decoding can begin, as LogTail encodes it.
        ALTER TABLE stream ADD COLUMN root TEXT NOT NULL DEFAULT '';
        ALTER TABLE stream ADD COLUMN read_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE stream ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE stream ADD COLUMN restart BLOB;
        ALTER TABLE stream ADD COLUMN records INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE stream ADD COLUMN malformed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE stream ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE stream ADD COLUMN lost_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE stream ADD COLUMN gone_since INTEGER;
        UPDATE stream SET root = id;
        """,
        """
        -- What correlations and suppression still look at; times in ms since 1970.
        -- rule: '' for a turn as such. repeats: the report that this one only repeats, which
        -- counts the row once.
        CREATE TABLE finding (
            rule TEXT NOT NULL,
            event TEXT NOT NULL,
            time INTEGER NOT NULL,
            fields TEXT NOT NULL,
            stream TEXT NOT NULL,
            file TEXT NOT NULL,
            "offset" INTEGER NOT NULL,
            line INTEGER NOT NULL,
            decision TEXT,
            repeats TEXT,
            PRIMARY KEY (rule, event)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX finding_time ON finding (time);

        -- The last report of each correlation and group.
        CREATE TABLE reported_correlation (
            rule TEXT NOT NULL,
            "group" TEXT NOT NULL,
            end INTEGER NOT NULL,
            PRIMARY KEY (rule, "group")
        ) STRICT, WITHOUT ROWID;

        -- What became known of conversations, commit by commit, as Interactions encodes it.
        CREATE TABLE conversation (
            seq INTEGER PRIMARY KEY,
            changes BLOB NOT NULL
        ) STRICT;

        ALTER TABLE report ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE report ADD COLUMN last_repeat_at INTEGER;
        """,
        """
        -- A report may be dead: too many leases ran out. SQLite cannot change a CHECK, so the
        -- table is made anew.
        CREATE TABLE report_next (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            rule TEXT,
            level INTEGER NOT NULL,
            turn_digest BLOB,
            is_history INTEGER NOT NULL,
            document TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'ready'
                CHECK (state IN ('ready', 'claimed', 'acknowledged', 'dead')),
            claimed_by TEXT,
            lease_until INTEGER,
            claims INTEGER NOT NULL DEFAULT 0,
            expired_leases INTEGER NOT NULL DEFAULT 0,
            verdict TEXT CHECK (verdict IN ('true_positive', 'false_positive', 'duplicate')),
            note TEXT,
            acknowledged_at INTEGER,
            repeats INTEGER NOT NULL DEFAULT 0,
            last_repeat_at INTEGER
        ) STRICT;
        INSERT INTO report_next
            SELECT seq, id, kind, rule, level, turn_digest, is_history, document, created_at, state,
                claimed_by, lease_until, claims, 0, replace(verdict, '-', '_'), note,
                acknowledged_at, repeats,
                last_repeat_at
            FROM report;
        DROP TABLE report;
        ALTER TABLE report_next RENAME TO report;
        CREATE INDEX report_turn ON report (rule, turn_digest);
        CREATE INDEX report_queue ON report (state, level DESC, seq);
        CREATE INDEX report_lease ON report (lease_until) WHERE state = 'claimed';
        CREATE INDEX report_acknowledged ON report (acknowledged_at)
            WHERE state = 'acknowledged';

        -- What is left of reports that were acknowledged and dropped: enough to raise nothing
        -- again for the same turn.
        CREATE TABLE dropped_report (
            id TEXT PRIMARY KEY,
            rule TEXT,
            turn_digest BLOB,
            is_history INTEGER NOT NULL,
            dropped_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX dropped_turn ON dropped_report (rule, turn_digest);
        """,
        """
        -- Findings that are to go to a stream, as it takes them; a row is deleted when it has it.
        CREATE TABLE finding_delivery (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            document TEXT NOT NULL
        ) STRICT;
        """,
        tally,
    ]

    /// How many rows there are, kept by the database itself with every change: who asks for it every
    /// few seconds does not have them counted.
    private static let tally =
        """
        CREATE TABLE tally (
            subject TEXT NOT NULL,
            state TEXT NOT NULL,
            rows INTEGER NOT NULL,
            PRIMARY KEY (subject, state)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO tally SELECT 'report', state, count(*) FROM report GROUP BY state;
        INSERT INTO tally SELECT 'delivery ' || sink, state, count(*) FROM delivery
            GROUP BY sink, state;
        INSERT INTO tally SELECT 'dropped_report', '', count(*) FROM dropped_report;
        INSERT INTO tally SELECT 'finding_delivery', '', count(*) FROM finding_delivery;
        """
        + triggers(on: "report", subject: "'report'", state: "state")
        + triggers(on: "delivery", subject: "'delivery ' || $.sink", state: "state")
        + triggers(on: "dropped_report", subject: "'dropped_report'", state: nil)
        + triggers(on: "finding_delivery", subject: "'finding_delivery'", state: nil)

    /// The triggers that count a table's rows: all of them, or by their state.
    ///
    /// - Parameter subject: What they are counted under, as SQL; `$` is the row.
    private static func triggers(on table: String, subject: String, state: String?) -> String {
        func count(_ row: String, _ change: Int) -> String {
            """
            INSERT INTO tally VALUES (
                    \(subject.replacing("$", with: row)), \(state.map { "\(row).\($0)" } ?? "''"),
                    \(change))
                    ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
            """
        }
        var sql = """

            CREATE TRIGGER \(table)_added AFTER INSERT ON \(table) BEGIN
                \(count("NEW", 1))
            END;
            CREATE TRIGGER \(table)_removed AFTER DELETE ON \(table) BEGIN
                \(count("OLD", -1))
            END;
            """
        if let state {
            sql += """

                CREATE TRIGGER \(table)_changed AFTER UPDATE OF \(state) ON \(table)
                    WHEN OLD.\(state) <> NEW.\(state) BEGIN
                    \(count("OLD", -1))
                    \(count("NEW", 1))
                END;
                """
        }
        return sql
    }

    /// Brings the database to this version in one transaction, or makes it from nothing.
    static func migrate(_ db: Database, file: String) throws {
        // A table that is made anew is dropped while others refer to it; the whole is checked
        // before the commit (sqlite.org/lang_altertable.html, "Making other kinds of changes").
        try db.execute(sql: "PRAGMA foreign_keys = OFF")
        defer { try? db.execute(sql: "PRAGMA foreign_keys = ON") }
        try db.inTransaction(.immediate) {
            let found = try examine(db, file: file)
            guard found < version else { return .commit }
            for step in steps[found...] { try db.execute(sql: step) }
            try db.checkForeignKeys()
            if found == 0 {
                try db.execute(
                    sql:
                        "INSERT INTO meta (key, value) VALUES ('store', lower(hex(randomblob(16))))"
                )
            }
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
    }

    /// The number of steps that the database has taken.
    ///
    /// - Throws: ``StoreError`` when a later version or another program wrote it.
    static func examine(_ db: Database, file: String) throws -> Int {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        guard application == applicationID || (isEmpty && found == 0) else {
            throw StoreError(
                .damaged, file: file,
                "this is another program's database; name another state directory")
        }
        guard found <= version else {
            throw StoreError(
                .newerVersion, file: file,
                "a newer Tocsin wrote this (version \(found), this program knows \(version)); "
                    + "use that one"
            )
        }
        return found
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Steps through the records that one line holds, without a list of them.
struct RecordCursor {
    /// What is left of a list.
    private struct List {
        var at = 0
        var end = 0

        init() {}

        init(_ tape: Tape, _ index: Int?) {
            guard let index, tape.isArray(index) else { return }
            at = index + 1
            end = tape.after(index) - 1
        }

        mutating func next(_ tape: Tape) -> Int? {
            guard at < end else { return nil }
            defer { at = tape.after(at) }
            return at
        }
    }

    /// Where a record stands, and of OTLP what it was recorded by.
    struct Place {
        var record: Int
        var resource: Int?
        var scope: Int?
        var isOTLP = false
    }

    private let tape: Tape
    private var pendingSpans: Int?
    private var resources = List()
    private var scopes = List()
    private var records: List
    private var resource: Int?
    private var scope: Int?
    private let isOTLP: Bool
    /// The line is made to hold records: that it has none does not make it another shape's.
    let isContainer: Bool

    /// Steps through a list's elements; nil when no list stands at the index.
    init?(_ tape: Tape, list: Int, isContainer: Bool) {
        guard tape.isArray(list) else { return nil }
        self.tape = tape
        records = List(tape, list)
        isOTLP = false
        self.isContainer = isContainer
    }

    /// Steps through the log records and spans of an OTLP line; nil when it is none.
    init?(otlp tape: Tape) {
        let logs = tape.member(.resourceLogs, of: Tape.root)
        let spans = tape.member(.resourceSpans, of: Tape.root)
        let hasLists =
            logs.map { tape.isArray($0) } ?? false || spans.map { tape.isArray($0) } ?? false
        guard hasLists else { return nil }
        self.tape = tape
        pendingSpans = spans
        resources = List(tape, logs)
        records = List()
        isOTLP = true
        isContainer = true
    }

    mutating func next() -> Place? {
        while true {
            if let record = records.next(tape) {
                return Place(record: record, resource: resource, scope: scope, isOTLP: isOTLP)
            } else if let entry = scopes.next(tape) {
                scope = tape.member(.scope, of: entry)
                let list = tape.member(.logRecords, of: entry) ?? tape.member(.spans, of: entry)
                records = List(tape, list)
            } else if let entry = resources.next(tape) {
                resource = tape.member(.resource, of: entry)
                let list = tape.member(.scopeLogs, of: entry) ?? tape.member(.scopeSpans, of: entry)
                scopes = List(tape, list)
            } else if let spans = pendingSpans {
                resources = List(tape, spans)
                pendingSpans = nil
            } else {
                return nil
            }
        }
    }
}

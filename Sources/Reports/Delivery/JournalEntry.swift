// SPDX-License-Identifier: Apache-2.0

/// A report as the fields of a journal entry, for `sd_journal_sendv`.
///
/// Each field is the bytes `KEY=value`. Values are cut at 8 KiB, so that an entry stays far below
/// the sizes at which the journal drops entries without a word (a file's size limit), and a field
/// is repeated 32 times at most: beyond 1,024 fields it drops them too.
///
/// libsystemd hands an entry that is larger than its socket's datagrams over in a memfd.
package struct JournalEntry: Sendable, Equatable {
    /// `MESSAGE_ID` of a detection, drawn at random once and for all.
    package static let detectionMessageID = "5d85fc6229924f1888faf3b3357c70fa"
    /// `MESSAGE_ID` of a coverage gap.
    package static let gapMessageID = "62eacd1a70994618a85917f34a897865"
    /// `MESSAGE_ID` of a correlation.
    package static let correlationMessageID = "febc92475d69436fb16b3daac2e810f5"
    /// `MESSAGE_ID` of a summary of repeats.
    package static let repeatsMessageID = "57ad5865190b482799b1e6a5390ae6d5"
    /// `MESSAGE_ID` of a record of the monitor's own that came through.
    package static let canaryMessageID = "caaab6eac8d64954b0afe9abec175d78"
    /// The most bytes of one value.
    package static let valueLimit = 8192
    /// The most values of one field.
    package static let repeatLimit = 32

    package let reportID: String
    package private(set) var fields: [[UInt8]] = []

    /// - Parameters:
    ///   - sequence: The report's number in the store: a missing number shows that the journal
    ///     dropped an entry.
    ///   - store: ``ReportStore/identifier``, within which the numbers count.
    package init(_ report: Report, sequence: Int, store: String) {
        reportID = report.id
        add("MESSAGE", report.summary)
        add("MESSAGE_ID", Self.messageID(of: report))
        add("PRIORITY", "\(Self.priority(report.level))")
        add("SYSLOG_IDENTIFIER", "tocsin")
        add("TOCSIN_REPORT_ID", report.id)
        add("TOCSIN_EVENT", report.event)
        add("TOCSIN_SEQ", "\(sequence)")
        add("TOCSIN_STORE", store)
        add("TOCSIN_LEVEL", report.level.rawValue)
        add("TOCSIN_RULE_ID", report.rule?.id)
        add("TOCSIN_RULE_TITLE", report.rule?.title)
        for tag in report.rule?.tags.prefix(Self.repeatLimit) ?? [] { add("TOCSIN_TAG", tag) }
        add("TOCSIN_CATEGORY", report.category)
        add("TOCSIN_MODEL", report.model)
        add("TOCSIN_CONVERSATION", report.conversation)
        add("TOCSIN_TURN", report.turn.map(String.init))
        add("TOCSIN_ACTOR", report.actor)
        add("TOCSIN_WHO", report.who?.rawValue)
        add("TOCSIN_FIELD", report.field)
        add("TOCSIN_VIEW", report.view)
        let derived = (report.derived ?? [:]).filter(\.value).keys.sorted()
        for name in derived.prefix(Self.repeatLimit) { add("TOCSIN_DERIVED", name) }
        add("TOCSIN_OUTCOME", report.outcome?.rawValue)
        add("TOCSIN_ALARM", report.alarm?.name.rawValue)
        addCorrelation(report.correlation)
        add("TOCSIN_REPEATS_OF", report.repeats?.of)
        add("TOCSIN_REPEATS", report.repeats.map { "\($0.count)" })
        add("TOCSIN_STREAM", report.position?.stream)
        add("TOCSIN_FILE", report.position?.file ?? report.alarm?.subject)
        add("TOCSIN_OFFSET", report.position.map { "\($0.offset)" })
        add("TOCSIN_LINE", report.position.map { "\($0.line)" })
        add("TOCSIN_EXCERPT", report.excerpt?.text, keepingNewlines: true)
        add("TOCSIN_GAP_BYTES", report.gap.map { "\($0.bytes)" })
        add("TOCSIN_GAP_REASON", report.gap?.reason)
        add("TOCSIN_VERSION", report.tocsin.version)
        add("TOCSIN_RULESET", report.tocsin.rules)
    }

    private mutating func addCorrelation(_ correlation: Report.Correlation?) {
        guard let correlation else { return }
        add("TOCSIN_WINDOW_START", correlation.start.description)
        add("TOCSIN_WINDOW_END", correlation.end.description)
        add("TOCSIN_EVENTS", "\(correlation.count)")
        let group = correlation.group.sorted { $0.key < $1.key }
        for (name, value) in group.prefix(Self.repeatLimit) {
            add("TOCSIN_GROUP", "\(name)=\(value)")
        }
    }

    /// `MESSAGE_ID` of an alarm.
    package static func messageID(of alarm: Report.Alarm.Name) -> String {
        switch alarm {
        case .queueNearLimit: "cf6c33de063f42e8be9121544f44bd9f"
        case .lagOverLimit: "d343c46323f24856a61bc949aa9fc596"
        case .malformedOverLimit: "4ec8f72c3a3047ed96cf95d3e1945d17"
        case .logSilent: "569515b162bf422697b792af441298ac"
        case .reloadFailed: "42e04f6dacf34133a7ef3c6130456b86"
        case .canaryMissed: "e770c6522a344df7a7b76dfea8c9d9fd"
        }
    }

    private static func messageID(of report: Report) -> String {
        switch report.kind {
        case .detection: detectionMessageID
        case .coverageGap: gapMessageID
        case .correlation: correlationMessageID
        case .repeats: repeatsMessageID
        case .canary: canaryMessageID
        // A later version's alarm, which this one stored nowhere, is an alarm all the same.
        case .alarm: messageID(of: report.alarm?.name ?? .canaryMissed)
        }
    }

    /// Appends a field unless its value is absent.
    private mutating func add(_ key: String, _ value: String?, keepingNewlines: Bool = false) {
        guard let value else { return }
        let clean = value.printable(keepingNewlines: keepingNewlines)
        fields.append(Array("\(key)=".utf8) + Self.bounded(clean))
    }

    /// The syslog priority, 2 (critical) to 6 (informational).
    private static func priority(_ level: Report.Level) -> Int { 7 - level.rank }

    /// The text's bytes, cut between characters with "…" where they are too many.
    private static func bounded(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count > valueLimit else { return bytes }
        let mark = Array("…".utf8)
        var end = valueLimit - mark.count
        // Back over continuation bytes to the start of a character.
        while end > 0, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return bytes[..<end] + mark
    }
}

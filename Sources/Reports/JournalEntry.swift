// SPDX-License-Identifier: Apache-2.0

/// A report as the fields of a journal entry, for `sd_journal_sendv`.
///
/// Each field is the bytes `KEY=value`. Values are cut at 8 KiB, so that an entry stays far below
/// the sizes at which the journal drops entries without a word (a file's size limit).
package struct JournalEntry: Sendable, Equatable {
    /// `MESSAGE_ID` of a detection, drawn at random once and for all.
    package static let detectionMessageID = "5d85fc6229924f1888faf3b3357c70fa"
    /// `MESSAGE_ID` of a coverage gap.
    package static let gapMessageID = "62eacd1a70994618a85917f34a897865"
    /// `MESSAGE_ID` of a correlation.
    package static let correlationMessageID = "febc92475d69436fb16b3daac2e810f5"
    /// `MESSAGE_ID` of a summary of repeats.
    package static let repeatsMessageID = "57ad5865190b482799b1e6a5390ae6d5"
    /// The most bytes of one value.
    package static let valueLimit = 8192
    /// The most tags of a rule that are told.
    private static let tagLimit = 32

    package let reportID: String
    package private(set) var fields: [[UInt8]] = []

    /// - Parameters:
    ///   - sequence: The report's number in the store: a missing number shows that the journal
    ///     dropped an entry.
    ///   - store: ``ReportStore/identifier``, within which the numbers count.
    package init(_ report: Report, sequence: Int, store: String) {
        reportID = report.id
        add("MESSAGE", Self.message(report))
        add("MESSAGE_ID", Self.messageID(of: report.kind))
        add("PRIORITY", "\(Self.priority(report.level))")
        add("SYSLOG_IDENTIFIER", "tocsin")
        add("TOCSIN_REPORT_ID", report.id)
        add("TOCSIN_EVENT", report.event)
        add("TOCSIN_SEQ", "\(sequence)")
        add("TOCSIN_STORE", store)
        add("TOCSIN_LEVEL", report.level.rawValue)
        add("TOCSIN_RULE_ID", report.rule?.id)
        add("TOCSIN_RULE_TITLE", report.rule?.title)
        for tag in report.rule?.tags.prefix(Self.tagLimit) ?? [] { add("TOCSIN_TAG", tag) }
        add("TOCSIN_MODEL", report.model)
        add("TOCSIN_CONVERSATION", report.conversation)
        add("TOCSIN_TURN", report.turn.map(String.init))
        add("TOCSIN_ACTOR", report.actor)
        add("TOCSIN_WHO", report.who?.rawValue)
        add("TOCSIN_FIELD", report.field)
        add("TOCSIN_VIEW", report.view)
        for (name, isTrue) in (report.derived ?? [:]).sorted(by: { $0.key < $1.key }) where isTrue {
            add("TOCSIN_DERIVED", name)
        }
        addCorrelation(report.correlation)
        add("TOCSIN_REPEATS_OF", report.repeats?.of)
        add("TOCSIN_REPEATS", report.repeats.map { "\($0.count)" })
        add("TOCSIN_STREAM", report.position.stream)
        add("TOCSIN_FILE", report.position.file)
        add("TOCSIN_OFFSET", "\(report.position.offset)")
        add("TOCSIN_LINE", "\(report.position.line)")
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
        for (name, value) in correlation.group.sorted(by: { $0.key < $1.key }) {
            add("TOCSIN_GROUP", "\(name)=\(value)")
        }
    }

    private static func messageID(of kind: Report.Kind) -> String {
        switch kind {
        case .detection: detectionMessageID
        case .coverageGap: gapMessageID
        case .correlation: correlationMessageID
        case .repeats: repeatsMessageID
        }
    }

    /// Appends a field unless its value is absent.
    private mutating func add(_ key: String, _ value: String?, keepingNewlines: Bool = false) {
        guard let value else { return }
        let clean = Self.printable(value, keepingNewlines: keepingNewlines)
        fields.append(Array("\(key)=".utf8) + Self.bounded(clean))
    }

    /// One line for people: how urgent, what, and where.
    private static func message(_ report: Report) -> String {
        let place = report.position
        if let gap = report.gap {
            return "\(report.level.rawValue): \(gap.bytes) \(gap.space.rawValue) bytes of "
                + "\(place.file) from offset \(place.offset) were not evaluated: \(gap.reason)"
        }
        let details = [
            report.who.map {
                $0.rawValue + (report.history ? ", repeated in a later request" : "")
            },
            report.turn.map { "turn \($0)" },
            report.model.map { "model \($0)" },
            report.malformed ? "malformed record" : nil,
        ].compactMap { $0 }
        let about = details.isEmpty ? "" : " (\(details.joined(separator: ", ")))"
        let title = report.rule?.title ?? "a finding"
        if let repeats = report.repeats {
            return "\(report.level.rawValue): \(title): found \(repeats.count) more times until "
                + "\(repeats.last), last in \(place.file) line \(place.line)"
        }
        if let correlation = report.correlation {
            let group = correlation.group.sorted { $0.key < $1.key }
                .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            let about = group.isEmpty ? "" : " (\(group))"
            return "\(report.level.rawValue): \(title)\(about): \(correlation.count) events until "
                + "\(correlation.end), last in \(place.file) line \(place.line)"
        }
        return "\(report.level.rawValue): \(title)\(about) in \(place.file) line \(place.line)"
    }

    /// The syslog priority, 2 (critical) to 6 (informational).
    private static func priority(_ level: Report.Level) -> Int { 7 - level.rank }

    /// The text with control characters made visible as U+FFFD.
    ///
    /// They come from conversations, and a reader's terminal would obey them: escape sequences,
    /// and the marks that turn the direction of writing.
    private static func printable(_ text: String, keepingNewlines: Bool) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0a: clean.append(keepingNewlines ? scalar : " ")
            case 0..<0x20, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069: clean.append("\u{fffd}")
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }

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

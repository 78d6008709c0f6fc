// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// What Tocsin tells about one finding or one stretch of a log that it could not read.
///
/// As JSON it is one line: keys sorted, absent values left out, slashes not escaped. The keys
/// and their meaning belong to `version`; a change of either is a new version.
package struct Report: Sendable, Equatable, Codable {
    /// The version that this program writes. It reads those before too, which have fewer keys.
    package static let currentVersion = 2

    /// What a report is about.
    package enum Kind: String, Sendable, Codable {
        case detection
        /// Bytes of a log that were never evaluated.
        case coverageGap = "coverage_gap"
        /// What the findings of several rules or turns come to together.
        case correlation
        /// How often a report was repeated while it was suppressed.
        case repeats
        /// The monitor itself needs somebody's attention.
        case alarm
        /// A record that the monitor wrote itself came through: a sign of life, nothing to work on.
        case canary
    }

    /// How urgent, in Sigma's words; ordered from the least to the most urgent.
    package enum Level: String, Sendable, Codable, CaseIterable, Comparable {
        case informational, low, medium, high, critical

        /// 1 for informational up to 5 for critical: how the store sorts.
        package var rank: Int {
            switch self {
            case .informational: 1
            case .low: 2
            case .medium: 3
            case .high: 4
            case .critical: 5
            }
        }

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    /// Who wrote the text that matched.
    package enum Who: String, Sendable, Codable {
        case prompt, response, system, tool
    }

    /// What the model did about the prompt.
    package enum Outcome: String, Sendable, Codable {
        /// It declined, as the derived field `response.refused` tells.
        case refused
        /// It said something, and did not decline.
        case answered
    }

    /// The rule that matched.
    package struct Rule: Sendable, Equatable, Codable {
        package var id: String
        package var title: String
        package var level: Level
        package var tags: [String]
        package var version: String?

        package init(id: String, title: String, level: Level, tags: [String], version: String?) {
            self.id = id
            self.title = title
            self.level = level
            self.tags = tags
            self.version = version
        }
    }

    /// A bounded piece of the text around the match.
    package struct Excerpt: Sendable, Equatable, Codable {
        package var text: String
        /// Where the match starts and ends, in UTF-8 bytes of `text`.
        package var matchStart: Int
        package var matchEnd: Int

        package init(text: String, matchStart: Int, matchEnd: Int) {
            self.text = text
            self.matchStart = matchStart
            self.matchEnd = matchEnd
        }

        private enum CodingKeys: String, CodingKey {
            case text
            case matchStart = "match_start"
            case matchEnd = "match_end"
        }
    }

    /// Where in which log.
    package struct Position: Sendable, Equatable, Codable {
        /// The stream's id, 64 hexadecimal digits.
        package var stream: String
        /// The file's name when it was read.
        package var file: String
        /// Bytes of the stream before the line; of a gap, in the space that the gap names.
        package var offset: Int
        /// The line's number, from 1.
        package var line: Int

        package init(stream: String, file: String, offset: Int, line: Int) {
            self.stream = stream
            self.file = file
            self.offset = offset
            self.line = line
        }
    }

    /// The program and the rules that made the report.
    package struct Origin: Sendable, Equatable, Codable {
        package var version: String
        /// The digest of the rule set, in hexadecimal.
        package var rules: String

        package init(version: String, rules: String) {
            self.version = version
            self.rules = rules
        }
    }

    package var version = Report.currentVersion
    /// 64 hexadecimal digits, from ``ReportIdentity``.
    package var id: String
    /// The id of the turn, the same in the reports of all rules that found something in it.
    package var event: String?
    package var kind: Kind
    /// The event's own time, when the record gives one.
    package var time: Timestamp?
    package var detectedAt: Timestamp
    package var host: String
    /// Nil for gaps.
    package var rule: Rule?
    package var level: Level
    /// The risk area, from the rule's tag `risk.AREA`.
    package var category: String?
    package var model: String?
    package var conversation: String?
    package var turn: Int?
    /// The turn was seen only where a later request repeats the conversation so far.
    package var history = false
    /// The record was not of the expected shape and was scanned as raw text.
    package var malformed = false
    /// A pseudonym from ``Pseudonym``, never the logged name.
    package var actor: String?
    package var who: Who?
    package var field: String?
    /// How the text was looked at when it matched: `written`, `folded`, `decoded.base64` ….
    package var view: String?
    /// The derived fields of the turn, such as `response.refused`.
    package var derived: [String: Bool]?
    package var outcome: Outcome?
    package var excerpt: Excerpt?
    /// The turn's text, for those alone who have a private key.
    package var sealed: SealedEvidence?
    /// Nil for alarms.
    package var position: Position?
    package var gap: Gap?
    package var alarm: Alarm?
    package var correlation: Correlation?
    package var repeats: Repeats?
    package var recordID: String?
    package var tocsin: Origin

    /// A report with what every report has; the caller sets what else it knows.
    package init(
        id: String, kind: Kind, detectedAt: Timestamp, host: String, rule: Rule?, level: Level,
        position: Position?, tocsin: Origin
    ) {
        self.id = id
        self.kind = kind
        self.detectedAt = detectedAt
        self.host = host
        self.rule = rule
        self.level = level
        category = rule?.tags.first { $0.hasPrefix("risk.") }.map { String($0.dropFirst(5)) }
        self.position = position
        self.tocsin = tocsin
    }

    private enum CodingKeys: String, CodingKey {
        case version, id, event, kind, time, host, rule, level, category, model, conversation, turn
        case history, malformed, actor, who, field, view, derived, outcome, excerpt, sealed
        case position, gap, alarm, correlation, repeats, tocsin
        case detectedAt = "detected_at"
        case recordID = "record_id"
    }
}

extension Report {
    /// A text is not a report of the version that this program reads.
    ///
    /// It says where, never what the text holds: reports carry excerpts of conversations.
    package struct UnreadableError: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The report as one line of JSON, without a newline at its end.
    package var json: String { JSONDocument.certainLine(of: self) }

    /// Reads a report back.
    ///
    /// - Throws: ``UnreadableError``; the store that holds such a text is damaged or newer.
    package init(json: String) throws(UnreadableError) {
        do {
            self = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
        } catch let DecodingError.keyNotFound(key, _) {
            throw UnreadableError(description: "a report without the key \(key.stringValue)")
        } catch {
            throw UnreadableError(description: "a text that is not a report")
        }
        guard (1...Self.currentVersion).contains(version) else {
            throw UnreadableError(description: "a report of the unknown version \(version)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Reports

/// How far a partition has been worked, and by whom: one value, so that both change together.
///
/// All that is before `sequence` has been worked and what came of it is in the stream of reports.
/// The windows are made again from the findings from `replayFrom` on.
struct PartitionState: Sendable, Equatable, Codable {
    static let currentVersion = 1

    var version = PartitionState.currentVersion
    /// The instance that works it; empty: none does.
    var holder = ""
    /// The last message of the findings' stream that was worked.
    var sequence = 0
    /// The first message that windows still hold.
    var replayFrom = 1
    /// Up to which event time it is worked, in ms since 1970; nil before there is any.
    var mark: Int?
    /// The newest event time, and when the stream took that message.
    var newest: Int?
    var newestTaken: Int?
    /// Since when reports may have been made that still keep others back, in ms since 1970.
    var reportsFrom: Int?

    private enum CodingKeys: String, CodingKey {
        case version, holder, sequence
        case replayFrom = "replay_from"
        case mark = "mark_ms"
        case newest = "newest_ms"
        case newestTaken = "newest_taken_ms"
        case reportsFrom = "reports_from_ms"
    }

    init() {}

    /// Nil for bytes that are none of this version.
    init?(json: [UInt8]) {
        guard let state = try? JSONDecoder().decode(PartitionState.self, from: Data(json)),
            state.version == Self.currentVersion
        else { return nil }
        self = state
    }

    var json: [UInt8] { Array(JSONDocument.certainLine(of: self).utf8) }

    func held(by holder: String) -> PartitionState {
        var state = self
        state.holder = holder
        return state
    }
}

/// What must be known of a report again by who works the partition after this one: a header of
/// the report's message.
struct ReportMark: Sendable, Equatable, Codable {
    static let header = "Tocsin-Correlation"

    /// The message of the findings' stream with which it was found.
    var sequence: Int
    var rule: String
    /// The values of the rule's `group-by`, each with its kind before it: `tTEXT` or `nNUMBER`.
    var group: [String]
    /// The window's end, in ms since 1970.
    var end: Int

    var json: String { JSONDocument.certainLine(of: self) }

    init?(json: String) {
        guard let mark = try? JSONDecoder().decode(ReportMark.self, from: Data(json.utf8)) else {
            return nil
        }
        self = mark
    }

    init(sequence: Int, rule: String, group: [String], end: Int) {
        self.sequence = sequence
        self.rule = rule
        self.group = group
        self.end = end
    }
}

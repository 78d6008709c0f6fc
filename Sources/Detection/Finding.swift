// SPDX-License-Identifier: Apache-2.0
package import Interactions

/// A rule that a turn makes true.
package struct Finding: Sendable, Equatable {
    /// Index into the plan's rules.
    package var rule: Int
    /// The number of the stream that the record is from.
    package var stream: UInt64
    /// Where the record's line begins in its decompressed stream.
    package var offset: Int
    /// The record's line, from 1.
    package var line: Int
    /// The turn's place in its conversation, from 0.
    package var turn: Int
    /// The turn was seen only as history that a later record repeats.
    package var isHistory: Bool
    /// SHA-256 of the turn's actor and texts; empty for a window of an over-long line, whose
    /// findings are one for the whole line.
    package var turnDigest: [UInt8]
    package var isMalformed: Bool
    /// When the record was made, in milliseconds since 1970, if it says so.
    package var timeMilliseconds: Int64?
    package var recordID: String?
    package var model: String?
    /// The log's own id of the conversation, or the one that threading gives.
    package var conversation: String
    /// The actor as the log names it; whoever stores it makes it a pseudonym first.
    package var actor: String?
    /// The derived fields that are true of the turn, such as `response.refused`, and those that
    /// are not.
    package var derived: [DerivedValue] = []
    /// What correlations and suppression need of the rule's fields, in their order there.
    package var captured: [FindingField] = []
    /// Which text the excerpt is from; nil for the raw text of a malformed record.
    package var field: TextField?
    /// How the text was looked at when it matched, such as `written` or `decoded.base64`; nil
    /// when the rule needed no text.
    package var view: String?
    package var excerpt: Excerpt?
    /// The model said something in the turn.
    package var isAnswered = false
    /// What the turn said, when the settings ask for it.
    package var evidence: [EvidenceText] = []
}

/// One text of a turn, whole or as far as the settings' limit goes.
package struct EvidenceText: Sendable, Equatable {
    /// Nil for the raw text of a malformed record.
    package var field: TextField?
    package var text: String
    package var isCut: Bool
}

/// A derived field and whether it is true of a turn.
package struct DerivedValue: Sendable, Equatable {
    package var name: String
    package var isTrue: Bool
}

/// The value of one field in the turn that a rule matched.
package struct FindingField: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        /// As the log has it: whoever stores it hides it first.
        case text(String)
        case number(Double)
    }

    package var name: String
    package var value: Value
}

/// A short piece of a text around what a rule matched.
package struct Excerpt: Sendable, Equatable {
    /// Whole characters; control characters are blanks.
    package var text: String
    /// Where the match stands in the text's UTF-8 bytes, as far as the excerpt holds it.
    package var match: Range<Int>
}

/// What became of the lines of a block.
package struct EvaluationCounts: Sendable, Equatable {
    /// Lines in all, blank ones too.
    package var lines = 0
    /// Lines that held something.
    package var records = 0
    package var malformed = 0
    package var turns = 0

    package init() {}
}

// SPDX-License-Identifier: Apache-2.0
package import Interactions
package import Sigma

/// Why a rule's condition is true of a turn, or what it lacks.
package struct Explanation: Sendable {
    /// Index into the plan's rules.
    package var rule: Int
    /// The record's line, from 1.
    package var line: Int
    /// The turn's place in its conversation, from 0.
    package var turn: Int
    package var isHistory: Bool
    package var isMalformed: Bool
    package var condition: ExplainedPart
    /// A smallest set of parts whose change would make the condition true; empty when it is, and
    /// when none was found.
    package var changes: [NeededChange]

    package var isTrue: Bool { condition.isTrue }
}

/// A part of a condition, true or false of a turn.
package struct ExplainedPart: Sendable {
    package enum Kind: Sendable {
        case all, any, not
        case named(PartName)
        /// Several values of one field of which one is enough.
        case oneOf(field: String?)
        case comparison(FieldMatch)
    }

    package var kind: Kind
    package var isTrue: Bool
    package var parts: [ExplainedPart] = []
    /// Of a comparison with a text that is true: where the text stands.
    package var place: MatchedPlace?
    /// Of a comparison of another field: what the field holds.
    package var value: String?
}

/// Where a turn's text holds what a rule looks for.
package struct MatchedPlace: Sendable, Equatable {
    /// Nil for the raw text of a malformed record.
    package var field: TextField?
    /// How the text was looked at, such as `written` or `decoded.base64`.
    package var view: String
    /// In UTF-8 bytes of the text as it was looked at; of a long text's derived view, of the piece
    /// that was derived.
    package var range: Range<Int>
    package var excerpt: Excerpt?
}

/// A part of a condition that would have to be true, or false, for the whole to be true.
package struct NeededChange: Sendable {
    /// The names of what the part stands in, the outermost first.
    package var names: [PartName]
    /// The part is all that the innermost name stands for.
    package var isWhole: Bool
    /// What it is to become.
    package var wanted: Bool
    /// The part: one of these comparisons holds.
    package var comparisons: [FieldMatch]
    /// Of a part that is true: the comparisons that hold, and where.
    package var found: [(comparison: FieldMatch, place: MatchedPlace?)] = []
    /// Of a part that is false: the value that the texts come nearest to.
    package var nearest: NearestText?
    /// What the field holds, where it is not a text.
    package var value: String?
    /// By atom: what the change makes of it.
    var atoms: [Int: Bool] = [:]
}

/// A value that a text nearly holds.
package struct NearestText: Sendable, Equatable {
    package var value: String
    /// The longest piece of it that stands in the text.
    package var piece: String
}

// SPDX-License-Identifier: Apache-2.0

/// A stretch of the record's bytes, told by offsets into the decoder's buffer.
package struct TextSlice: Sendable, Equatable {
    package var start: Int
    package var count: Int
}

/// One text of one turn.
package struct TurnText: Sendable {
    /// Nil on a record that is no interaction: its raw text stands for every field.
    package var field: TextField?
    /// Which of several answers to the same prompt; `sharedByAllChoices` for what came before.
    package var choice: Int
    package var slice: TextSlice

    package static let sharedByAllChoices = -1
}

/// One exchange: what was asked and what was answered.
package struct Turn: Sendable {
    /// The place in its conversation as far as the record shows it, from 0.
    package var index: Int
    /// The record only repeats it, as chat requests do with all that was said before.
    package var isHistory: Bool
    /// Which of `Interaction.texts` are its own.
    package var texts: Range<Int>
}

/// What one log record says, as slices of the bytes that its decoder holds.
///
/// Reused from record to record: in steady state decoding allocates nothing.
package struct Interaction {
    package private(set) var texts: [TurnText] = []
    package private(set) var turns: [Turn] = []
    /// Indexed by `MetadataField.rawValue`.
    package private(set) var metadata: [TextSlice?] = []
    /// When the record says that it was made, in milliseconds since 1970.
    package internal(set) var timeMilliseconds: Int64?
    /// The line is not JSON, not UTF-8, of another shape, or longer than the limit.
    package internal(set) var isMalformed = false
    /// Set when the record is a piece of a response that is still being written; its texts are
    /// this piece's.
    package internal(set) var fragment: ResponseFragment?

    /// System texts wait here for the last turn: they hold for the exchange that is new.
    private var systemTexts: [TextSlice] = []

    package init() {
        texts.reserveCapacity(64)
        turns.reserveCapacity(16)
        reset()
    }

    package subscript(field: MetadataField) -> TextSlice? { metadata[field.rawValue] }

    mutating func reset() {
        texts.removeAll(keepingCapacity: true)
        turns.removeAll(keepingCapacity: true)
        systemTexts.removeAll(keepingCapacity: true)
        metadata.removeAll(keepingCapacity: true)
        for _ in MetadataField.allCases { metadata.append(nil) }
        timeMilliseconds = nil
        isMalformed = false
        fragment = nil
    }

    /// Keeps the first value that is given for a field.
    mutating func set(_ field: MetadataField, _ slice: TextSlice?) {
        if let slice, metadata[field.rawValue] == nil { metadata[field.rawValue] = slice }
    }

    /// Begins the turn that the texts added from now on belong to.
    mutating func beginTurn(index: Int) {
        turns.append(Turn(index: index, isHistory: false, texts: texts.count..<texts.count))
    }

    /// Adds a text to the turn that was begun last; nil is the raw text of no interaction.
    mutating func add(
        _ field: TextField?, _ slice: TextSlice, choice: Int = TurnText.sharedByAllChoices
    ) {
        guard slice.count > 0 else { return }
        if field == .system { return systemTexts.append(slice) }
        append(TurnText(field: field, choice: choice, slice: slice))
    }

    /// Ends one conversation of the record, whose turns began at `firstTurn`: all of them but
    /// the last are history, and the system texts join the last.
    mutating func endConversation(firstTurn: Int) {
        guard firstTurn < turns.count else { return }
        for index in firstTurn..<(turns.count - 1) { turns[index].isHistory = true }
        for slice in systemTexts {
            append(
                TurnText(field: .system, choice: TurnText.sharedByAllChoices, slice: slice))
        }
        systemTexts.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ text: TurnText) {
        texts.append(text)
        let last = turns.count - 1
        turns[last].texts = turns[last].texts.lowerBound..<texts.count
    }
}

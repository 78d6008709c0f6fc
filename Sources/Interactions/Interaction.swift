// SPDX-License-Identifier: Apache-2.0

/// A stretch of the record's bytes, told by offsets into one of the decoder's buffers.
package struct TextSlice: Sendable, Equatable {
    package var start: Int
    package var count: Int
    package var buffer = Buffer.record

    /// Where the decoder keeps the bytes.
    package enum Buffer: UInt8, Sendable {
        /// The strings of the line, as the JSON parser unescaped them.
        case record
        /// What the decoder copied: raw text, and the strings of JSON inside a string.
        case copied
    }
}

/// One text of one turn.
package struct TurnText: Sendable {
    /// Nil on a record that is no interaction: its raw text stands for every field.
    package var field: TextField?
    /// Which of several answers to the same prompt; `sharedByAllChoices` for what came before.
    package var choice: Int
    package var slice: TextSlice
    /// Of a fragment: pieces with the same field, choice and part make one text, in the order
    /// of coming; texts stand in the order of their parts. Otherwise 0.
    package var part = 0

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
    private var metadata = [TextSlice](
        repeating: TextSlice(start: 0, count: 0), count: MetadataField.allCases.count)
    /// Which of `metadata` the record gives, as bits.
    private var givenMetadata: UInt32 = 0
    /// Indexed by `NumberField.rawValue`.
    private var numbers = [Double](repeating: 0, count: NumberField.allCases.count)
    private var givenNumbers: UInt32 = 0
    /// The response's id that the request says it goes on from (OpenAI's responses).
    package internal(set) var previousRecordID: TextSlice?
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

    package subscript(field: MetadataField) -> TextSlice? {
        givenMetadata & (1 << UInt32(field.rawValue)) == 0 ? nil : metadata[field.rawValue]
    }

    package subscript(number field: NumberField) -> Double? {
        givenNumbers & (1 << UInt32(field.rawValue)) == 0 ? nil : numbers[field.rawValue]
    }

    mutating func reset() {
        texts.removeAll(keepingCapacity: true)
        turns.removeAll(keepingCapacity: true)
        systemTexts.removeAll(keepingCapacity: true)
        givenMetadata = 0
        givenNumbers = 0
        previousRecordID = nil
        timeMilliseconds = nil
        isMalformed = false
        fragment = nil
    }

    /// Keeps the first value that is given for a field; an empty one gives none.
    @inline(__always)
    mutating func set(_ field: MetadataField, _ slice: TextSlice?) {
        guard let slice, slice.count > 0, self[field] == nil else { return }
        metadata[field.rawValue] = slice
        givenMetadata |= 1 << UInt32(field.rawValue)
    }

    /// Keeps the first value that is given for a number.
    @inline(__always)
    mutating func set(_ field: NumberField, _ value: Double?) {
        guard let value, self[number: field] == nil else { return }
        numbers[field.rawValue] = value
        givenNumbers |= 1 << UInt32(field.rawValue)
    }

    /// Begins the turn that the texts added from now on belong to.
    mutating func beginTurn(index: Int) {
        turns.append(Turn(index: index, isHistory: false, texts: texts.count..<texts.count))
    }

    /// Adds a text to the turn that was begun last; nil is the raw text of no interaction.
    mutating func add(
        _ field: TextField?, _ slice: TextSlice, choice: Int = TurnText.sharedByAllChoices,
        part: Int = 0
    ) {
        guard slice.count > 0 else { return }
        if field == .system { return systemTexts.append(slice) }
        append(TurnText(field: field, choice: choice, slice: slice, part: part))
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

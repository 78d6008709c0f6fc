// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Walks one parsed record and says which of its strings was said by whom.
///
/// One extension a shape. Each reads into an interaction that is empty, and returns false when
/// the record is not of its shape.
struct ShapeReader {
    let tape: Tape
    /// Parses JSON inside a string; nil while such a text is being read.
    let nested: NestedDocument?
    let indexes: MemberIndexes

    /// Reads the record at `index` by the built-in shape, or the one that it is recognised as.
    func read(
        _ index: Int, as shape: BuiltInShape?, into interaction: inout Interaction
    ) -> Bool {
        indexes.release(to: 0)
        guard let exchange = exchange(index), let shape = shape ?? recognise(exchange) else {
            return false
        }
        switch shape {
        case .openAIChat: return readChat(exchange, into: &interaction)
        case .openAIResponses: return readResponses(exchange, into: &interaction)
        case .openAIBatch: return readBatch(exchange, into: &interaction)
        case .anthropic: return readAnthropic(exchange, into: &interaction)
        case .liteLLM: return readLiteLLM(exchange, into: &interaction)
        case .openTelemetry, .otlp:
            return readOpenTelemetry(exchange.root, into: &interaction)
        case .pairs: return readPair(exchange, into: &interaction)
        }
    }

    /// Reads a value that is no record of the shape: all its strings, as anyone's.
    func readUnknown(_ index: Int, into interaction: inout Interaction) {
        interaction.isMalformed = true
        interaction.beginTurn(index: 0)
        tape.forEachStringBelow(index) { interaction.add(nil, $0) }
    }

    /// Indexes the members of the object at `index`; nil when none stands there.
    func members(_ index: Int) -> Members? { indexes.index(tape, index) }

    func isList(_ value: Int?) -> Bool { value.map { tape.isArray($0) } ?? false }

    /// The string at a place that may be missing.
    @inline(__always)
    func string(_ value: Int?) -> TextSlice? { value.flatMap(tape.string) }

    /// The number at a place that may be missing, also when it is written as a string.
    @inline(__always)
    func number(_ value: Int?) -> Double? { value.flatMap(presentNumber) }

    private func presentNumber(_ value: Int) -> Double? {
        if let text = tape.string(value) { return RecordTime.decimal(tape.bytes(of: text)) }
        return tape.number(value)
    }

    /// The time at a place that may be missing, as a number or a text.
    func time(_ value: Int?) -> Int64? {
        guard let value else { return nil }
        if let text = tape.string(value) { return RecordTime.milliseconds(tape.bytes(of: text)) }
        return tape.number(value).flatMap(RecordTime.milliseconds)
    }

    /// Reads a value that may be JSON in a string: `body` gets a reader and the value to read.
    func withDocument(at value: Int, _ body: (ShapeReader, Int) -> Void) {
        if let text = tape.string(value), let inner = nested?.parse(tape.bytes(of: text)) {
            return body(ShapeReader(tape: inner, nested: nil, indexes: indexes), Tape.root)
        }
        body(self, value)
    }
}

/// Whose words are read, and of which answer.
struct Speech {
    var field: TextField
    var choice = TurnText.sharedByAllChoices
    var part = 0

    func `as`(_ field: TextField) -> Speech {
        Speech(field: field, choice: choice, part: part)
    }

    func part(_ part: Int) -> Speech { Speech(field: field, choice: choice, part: part) }
}

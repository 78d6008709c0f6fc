// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Reads log lines as interactions: JSON by simdjson, then the log's shape.
///
///     decoder.decode(line)
///     while decoder.next() { … decoder.interaction … }
///
/// Most lines hold one interaction; a line that is a list, or an OTLP document, may hold many,
/// or none. No line escapes: one that is no JSON, no UTF-8 or of another shape comes out as its
/// raw text, marked malformed. What is handed out lies in the decoder's buffers and is valid
/// until the next call of `next` or `decode`. One decoder for each thread.
///
/// - Complexity: One pass of simdjson over the line and one over its values; no allocation
///   once the buffers have grown to the longest line.
@safe
package final class InteractionDecoder {
    private let shape: RecordShape
    let rawText = RawText()
    private let nested: NestedDocument
    private let indexes = MemberIndexes()
    private let flatRecord = FlatRecord()
    /// What changes from line to line; behind pointers, since a class's own variables are checked
    /// for overlapping use at each access, and there are many for each text.
    private let parser: UnsafeMutablePointer<JSONParser>
    private let lineState: UnsafeMutablePointer<Line>
    private let interactionState: UnsafeMutablePointer<Interaction>

    /// The line's current interaction.
    package internal(set) var interaction: Interaction {
        unsafeAddress { unsafe UnsafePointer(interactionState) }
        unsafeMutableAddress { unsafe interactionState }
    }

    /// What is known of the line and of its current record.
    var line: Line {
        unsafeAddress { unsafe UnsafePointer(lineState) }
        unsafeMutableAddress { unsafe lineState }
    }

    struct Line {
        /// Nil for raw text.
        var tape: Tape?
        /// The records that are still to come, of a line that holds several.
        var cursor: RecordCursor?
        /// `interaction` was read and not handed out yet.
        var isWaiting = false
        /// The tape of the current record and where it stands in it; nil for raw text.
        var record: (tape: Tape, index: Int)?
        /// The parser holds more than is kept from line to line.
        var isLong = false
    }

    /// The tape of the current record and where it stands in it; nil for raw text.
    var record: (tape: Tape, index: Int)? { line.record }

    package init(shape: RecordShape) {
        self.shape = shape
        nested = NestedDocument(copyingTo: rawText)
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: JSONParser())
        unsafe lineState = .allocate(capacity: 1)
        unsafe lineState.initialize(to: Line())
        unsafe interactionState = .allocate(capacity: 1)
        unsafe interactionState.initialize(to: Interaction())
    }

    deinit {
        unsafe parser.deinitialize(count: 1).deallocate()
        unsafe lineState.deinitialize(count: 1).deallocate()
        unsafe interactionState.deinitialize(count: 1).deallocate()
    }

    /// Decodes one line, without its newline; `next` then steps through its interactions.
    ///
    /// - Parameter line: At least `LineBlock.paddingBytes` readable bytes must follow it, which
    ///   holds for every line of a block.
    package func decode(_ text: Span<UInt8>) {
        begin()
        guard let tape = unsafe parser.pointee.parse(text) else { return takeRaw(text) }
        if !isList(tape), read(tape, Tape.root) {
            line = Line(
                tape: tape, isWaiting: true, record: (tape, Tape.root), isLong: isLong(text))
        } else if let records = records(of: tape),
            records.isContainer || isAnyRecord(records, tape)
        {
            line = Line(tape: tape, cursor: records, isLong: isLong(text))
            flatRecord.begin()
        } else {
            // Also a list in which nothing is a record: it is some other list.
            takeRaw(text)
        }
    }

    /// Makes the line's next interaction the current one; false when there is none.
    package func next() -> Bool {
        if line.isWaiting {
            line.isWaiting = false
            return true
        }
        guard let tape = line.tape else { return false }
        while let place = line.cursor?.next() {
            if place.isOTLP {
                // Most spans of a trace are not a model's.
                guard tape.isGenAIRecord(place.record) else { continue }
                let flat = flatRecord.rewrite(place, of: tape)
                line.record = (flat, Tape.root)
                if read(flat, Tape.root) { return true }
            } else {
                line.record = (tape, place.record)
                if read(tape, place.record) { return true }
            }
            interaction.reset()
            reader(of: tape).readUnknown(place.record, into: &interaction)
            return true
        }
        return false
    }

    /// Takes a window of a line that is too long to parse, as raw text.
    package func decodeWindow(_ window: Span<UInt8>) {
        begin()
        takeRaw(window)
    }

    /// Gives back what a very long line took.
    private func begin() {
        if line.isLong {
            unsafe parser.pointee.shrink()
            nested.shrink()
            flatRecord.shrink()
        }
    }

    private func isLong(_ text: Span<UInt8>) -> Bool { text.count > JSONParser.keptTextBytes }

    /// Whether the line is made to hold several records, so that it is none itself.
    private func isList(_ tape: Tape) -> Bool {
        if case .mapped(let mapping) = shape, mapping.each != nil { return true }
        return tape.isArray(Tape.root)
    }

    /// The records of a line that may hold several; nil when it is no such line.
    private func records(of tape: Tape) -> RecordCursor? {
        switch shape {
        case .mapped(let mapping):
            guard let each = mapping.each else { break }
            return tape.value(at: each, from: Tape.root).flatMap {
                RecordCursor(tape, list: $0, isContainer: true)
            }
        case .automatic, .builtIn(.otlp):
            if let records = RecordCursor(otlp: tape) { return records }
        case .builtIn: break
        }
        return RecordCursor(tape, list: Tape.root, isContainer: false)
    }

    private func isAnyRecord(_ records: RecordCursor, _ tape: Tape) -> Bool {
        var records = records
        while let place = records.next() {
            if read(tape, place.record) { return true }
        }
        return false
    }

    private func reader(of tape: Tape) -> ShapeReader {
        ShapeReader(tape: tape, nested: nested, indexes: indexes)
    }

    /// Reads one record of the line by the shape; false when it has another.
    private func read(_ tape: Tape, _ index: Int) -> Bool {
        interaction.reset()
        rawText.clear()
        let reader = reader(of: tape)
        switch shape {
        case .automatic: return reader.read(index, as: nil, into: &interaction)
        case .builtIn(let shape): return reader.read(index, as: shape, into: &interaction)
        case .mapped(let mapping): return reader.readMapped(index, mapping, into: &interaction)
        }
    }

    private func takeRaw(_ text: Span<UInt8>) {
        line = Line(isWaiting: true, isLong: isLong(text))
        interaction.reset()
        interaction.isMalformed = true
        interaction.beginTurn(index: 0)
        rawText.clear()
        interaction.add(nil, rawText.append(unescaping: text))
    }

    /// The bytes of a slice of `interaction`; valid UTF-8.
    @_lifetime(borrow self)
    package func bytes(of slice: TextSlice) -> Span<UInt8> {
        let base =
            switch slice.buffer {
            case .record: unsafe line.tape.map { unsafe $0.strings } ?? UnsafePointer(rawText.base)
            case .copied: unsafe UnsafePointer(rawText.base)
            }
        let span = unsafe Span(_unsafeStart: base + slice.start, count: slice.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}

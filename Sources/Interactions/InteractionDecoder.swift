// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CSimdJSON

/// Reads log lines as interactions: JSON by simdjson, then the log's shape.
///
/// No line escapes: one that is no JSON, no UTF-8 or of another shape comes out as its raw
/// text, marked malformed. What is handed out lies in the decoder's buffers and is valid
/// until the next call of `decode`. One decoder for each thread.
///
/// - Complexity: One pass of simdjson over the line and one over its values; no allocation
///   once the buffers have grown to the longest line.
@safe
package final class InteractionDecoder {
    private let shape: RecordShape
    private var parser: OpaquePointer
    private var tape: Tape?
    private let rawText = RawText()
    private var parserIsLarge = false
    /// The record that was decoded last.
    package private(set) var interaction = Interaction()

    /// A line longer than this makes the parser's buffers be given back after it.
    private static let keptParserBytes = 4 << 20

    package init(shape: RecordShape) {
        self.shape = shape
        unsafe parser = Self.makeParser()
    }

    deinit { unsafe csimdjson_free(parser) }

    private static func makeParser() -> OpaquePointer {
        precondition(
            csimdjson_padding() <= LineBlock.paddingBytes,
            "simdjson wants \(csimdjson_padding()) bytes after a line")
        guard let parser = unsafe csimdjson_new() else { fatalError("no memory for a JSON parser") }
        return unsafe parser
    }

    /// Decodes one line, without its newline, into `interaction`.
    ///
    /// - Parameter line: At least `LineBlock.paddingBytes` readable bytes must follow it, which
    ///   holds for every line of a block.
    package func decode(_ line: Span<UInt8>) {
        interaction.reset()
        if parserIsLarge { renewParser() }
        if let tape = parse(line) {
            self.tape = tape
            let reader = ShapeReader(tape: tape)
            switch shape {
            case .openAIChat: reader.readChat(into: &interaction)
            case .mapped(let mapping): reader.readMapped(mapping, into: &interaction)
            }
        } else {
            interaction.isMalformed = true
        }
        if interaction.isMalformed { takeRaw(line) }
        parserIsLarge = line.count > Self.keptParserBytes
    }

    /// Takes a window of a line that is too long to parse, as raw text.
    package func decodeWindow(_ window: Span<UInt8>) {
        interaction.reset()
        takeRaw(window)
    }

    private func parse(_ line: Span<UInt8>) -> Tape? {
        var document = unsafe csimdjson_document()
        let status = unsafe line.withUnsafeBufferPointer { bytes -> Int32 in
            guard let base = bytes.baseAddress, bytes.count > 0 else { return -1 }
            return unsafe csimdjson_parse(parser, base, bytes.count, &document)
        }
        guard status == 0, let words = unsafe document.tape, let strings = unsafe document.strings
        else { return nil }
        return unsafe Tape(words: words, strings: strings)
    }

    private func takeRaw(_ line: Span<UInt8>) {
        tape = nil
        interaction.reset()
        interaction.isMalformed = true
        interaction.beginTurn(index: 0)
        rawText.clear()
        interaction.add(nil, rawText.append(unescaping: line))
    }

    /// Gives back what one very long line made the parser take: 13 bytes for each of its bytes.
    private func renewParser() {
        tape = nil
        unsafe csimdjson_free(parser)
        unsafe parser = Self.makeParser()
        parserIsLarge = false
    }

    /// The bytes of a slice of `interaction`; valid UTF-8.
    @_lifetime(borrow self)
    package func bytes(of slice: TextSlice) -> Span<UInt8> {
        let texts = unsafe tape.map { unsafe $0.strings } ?? UnsafePointer(rawText.base)
        let span = unsafe Span(_unsafeStart: texts + slice.start, count: slice.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Adds the strings that stand at a path of the record: one, or a list's.
    package func appendStrings(at path: JSONPointer, to slices: inout [TextSlice]) {
        guard let tape, let place = tape.resolve(path) else { return }
        tape.forEachStringOrElement(at: place) { slices.append($0) }
    }

    /// The number at a path of the record, or nil.
    package func number(at path: JSONPointer) -> Double? {
        guard let tape, let place = tape.resolve(path) else { return nil }
        return tape.number(place)
    }

    /// Whether something other than null stands at a path of the record.
    package func hasValue(at path: JSONPointer) -> Bool {
        guard let tape, let place = tape.resolve(path) else { return false }
        return tape.kind(place) != .null
    }

    /// The boolean at a path of the record, or nil.
    package func boolean(at path: JSONPointer) -> Bool? {
        guard let tape, let place = tape.resolve(path) else { return nil }
        switch tape.kind(place) {
        case .yes: return true
        case .no: return false
        default: return nil
        }
    }
}

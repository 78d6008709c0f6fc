// SPDX-License-Identifier: Apache-2.0

/// One record of an OTLP file, rewritten as plain JSON would be parsed.
///
///     {"key": "k", "value": {"stringValue": "v"}}  in a list  →  the member  "k": "v"
///     {"stringValue": "v"}                                    →  "v"
///
/// The result is a tape of its own whose strings are the line's, so every reader and every
/// path takes it as it takes a record that was written flat. The record's resource and scope
/// come along as its members `resource` and `scope`; they are rewritten once for all records
/// that share them.
///
/// - Complexity: One pass over the record; no allocation once the buffer has grown.
@safe
final class FlatRecord {
    private var words: UnsafeMutablePointer<UInt64>
    private var capacity = 1024
    private var count = 0
    /// The words up to here hold the resource and the scope named by `shared`.
    private var sharedCount = 0
    private var shared: (resource: Int?, scope: Int?)?
    /// More words than this are given back after a line.
    private static let keptWords = 1 << 19

    init() { unsafe words = .allocate(capacity: capacity) }

    deinit { unsafe words.deallocate() }

    /// Gives back what a very long line took.
    func shrink() {
        guard capacity > Self.keptWords else { return }
        unsafe words.deallocate()
        capacity = 1024
        unsafe words = .allocate(capacity: capacity)
    }

    /// Begins another line.
    func begin() { shared = nil }

    /// The record as a tape, valid until the next call.
    func rewrite(_ place: RecordCursor.Place, of tape: Tape) -> Tape {
        beginShared(place, tape)
        count = sharedCount
        tape.forEachPair(of: place.record) { key, value in
            append(tape.word(key))
            copy(value, of: tape)
        }
        close(Tape.root, as: UInt8(ascii: "}"), opened: UInt8(ascii: "{"))
        append(Self.word(UInt8(ascii: "r"), 0))
        unsafe words[0] = Self.word(UInt8(ascii: "r"), count)
        return unsafe Tape(words: words, strings: tape.strings)
    }

    /// Opens the object and puts the resource and the scope into it, unless they stand there.
    private func beginShared(_ place: RecordCursor.Place, _ tape: Tape) {
        if let shared, shared == (place.resource, place.scope) { return }
        count = 0
        append(0)
        append(0)
        for value in [place.resource, place.scope] {
            guard let value else { continue }
            append(tape.word(value - 1))
            copy(value, of: tape)
        }
        shared = (place.resource, place.scope)
        sharedCount = count
    }

    /// Appends a value, OTLP's own way of writing attributes and values undone.
    private func copy(_ value: Int, of tape: Tape) {
        switch tape.kind(value) {
        case .object:
            if let plain = tape.otlpValue(value) { return copyPlain(plain, of: tape) }
            let start = open()
            tape.forEachPair(of: value) { key, member in
                append(tape.word(key))
                copy(member, of: tape)
            }
            close(start, as: UInt8(ascii: "}"), opened: UInt8(ascii: "{"))
        case .array:
            tape.isKeyValueList(value) ? copyKeyValues(value, of: tape) : copyList(value, of: tape)
        default: copyScalar(value, of: tape)
        }
    }

    private func copyPlain(_ plain: Tape.OTLPValue, of tape: Tape) {
        switch plain {
        case .value(let value): copy(value, of: tape)
        case .integer(let value):
            guard let text = tape.string(value), let number = tape.integer(text) else {
                return copyScalar(value, of: tape)
            }
            append(Self.word(UInt8(ascii: "l"), 0))
            append(UInt64(bitPattern: number))
        case .null: append(Self.word(UInt8(ascii: "n"), 0))
        }
    }

    private func copyKeyValues(_ list: Int, of tape: Tape) {
        let start = open()
        tape.forEachElement(of: list) { element in
            guard let key = tape.member(.key, of: element) else { return }
            append(tape.word(key))
            if let value = tape.member(.value, of: element) {
                copy(value, of: tape)
            } else {
                append(Self.word(UInt8(ascii: "n"), 0))
            }
        }
        close(start, as: UInt8(ascii: "}"), opened: UInt8(ascii: "{"))
    }

    private func copyList(_ list: Int, of tape: Tape) {
        let start = open()
        tape.forEachElement(of: list) { copy($0, of: tape) }
        close(start, as: UInt8(ascii: "]"), opened: UInt8(ascii: "["))
    }

    private func copyScalar(_ value: Int, of tape: Tape) {
        for index in value..<tape.after(value) { append(tape.word(index)) }
    }

    private func open() -> Int {
        append(0)
        return count - 1
    }

    private func close(_ start: Int, as closing: UInt8, opened opening: UInt8) {
        append(Self.word(closing, start))
        unsafe words[start] = Self.word(opening, count)
    }

    private static func word(_ letter: UInt8, _ payload: Int) -> UInt64 {
        UInt64(letter) << 56 | UInt64(payload)
    }

    private func append(_ word: UInt64) {
        if count == capacity { grow() }
        unsafe words[count] = word
        count += 1
    }

    private func grow() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * capacity)
        unsafe larger.update(from: words, count: count)
        unsafe words.deallocate()
        unsafe words = larger
        capacity *= 2
    }
}

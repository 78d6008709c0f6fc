// SPDX-License-Identifier: Apache-2.0

/// simdjson's parse of one record, read in place.
///
/// The tape's layout (simdjson, doc/tape.md), a word being 64 bits, its top byte a letter:
///
///     r            root; the value follows at index 1
///     { } [ ]      low 32 bits of the opening word: the index after its end
///     "            low 56 bits: where the string lies: 4-byte length, then UTF-8 bytes
///     l u d        the next word is the number: signed, unsigned, double
///     t f n        true, false, null
///
/// Its strings lie in the parser's buffer, or, of a text inside a text, where they were copied
/// to; slices are told in the buffer that the decoder hands out.
///
/// - Complexity: Every accessor is O(1); stepping over a value of any size too.
@safe
struct Tape {
    let words: UnsafePointer<UInt64>
    /// The start of the buffer that slices are offsets of.
    let strings: UnsafePointer<UInt8>
    /// Where the parser's offset 0 lies in that buffer.
    private let origin: Int
    private let buffer: TextSlice.Buffer
    private let table = MemberTable.shared

    init(
        words: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, origin: Int = 0,
        buffer: TextSlice.Buffer = .record
    ) {
        unsafe self.words = words
        unsafe self.strings = strings
        self.origin = origin
        self.buffer = buffer
    }

    enum Kind { case object, array, string, integer, unsigned, double, yes, no, null, other }

    /// Where the record's value stands.
    static let root = 1

    @inline(__always)
    func word(_ index: Int) -> UInt64 { unsafe words[index] }
    @inline(__always)
    private func payload(_ index: Int) -> Int { Int(word(index) & 0x00ff_ffff_ffff_ffff) }

    /// What stands at the index, as the letter of the tape.
    @inline(__always)
    private func letter(_ index: Int) -> UInt8 { UInt8(word(index) >> 56) }

    @inline(__always)
    func isObject(_ index: Int) -> Bool { letter(index) == UInt8(ascii: "{") }

    @inline(__always)
    func isArray(_ index: Int) -> Bool { letter(index) == UInt8(ascii: "[") }

    func kind(_ index: Int) -> Kind {
        switch letter(index) {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "l"): .integer
        case UInt8(ascii: "u"): .unsigned
        case UInt8(ascii: "d"): .double
        case UInt8(ascii: "t"): .yes
        case UInt8(ascii: "f"): .no
        case UInt8(ascii: "n"): .null
        default: .other
        }
    }

    /// The index after the value at `index`.
    @inline(__always)
    func after(_ index: Int) -> Int {
        switch letter(index) {
        case UInt8(ascii: "\""): index &+ 1
        case UInt8(ascii: "{"), UInt8(ascii: "["): Int(word(index) & 0xffff_ffff)
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index &+ 2
        default: index &+ 1
        }
    }

    /// The string at `index`, or nil when something else stands there.
    @inline(__always)
    func string(_ index: Int) -> TextSlice? {
        guard letter(index) == UInt8(ascii: "\"") else { return nil }
        let offset = origin &+ payload(index)
        let length = unsafe UnsafeRawPointer(strings + offset).loadUnaligned(as: UInt32.self)
        return TextSlice(start: offset &+ 4, count: Int(length), buffer: buffer)
    }

    /// How many bytes of the parser's buffer the strings take.
    var stringsBytes: Int {
        let end = Int(word(0) & 0xffff_ffff)
        var total = 0
        var at = Self.root
        while at < end {
            switch kind(at) {
            case .string:
                // Its length, its bytes and the zero that the parser puts behind them; strings
                // lie in the order of the tape.
                total = string(at).map { $0.start - origin + $0.count + 1 } ?? total
                at += 1
            case .integer, .unsigned, .double: at += 2
            default: at += 1
            }
        }
        return total
    }

    /// The number at `index` as a double, or nil.
    func number(_ index: Int) -> Double? {
        switch kind(index) {
        case .integer: Double(Int64(bitPattern: word(index + 1)))
        case .unsigned: Double(word(index + 1))
        case .double: Double(bitPattern: word(index + 1))
        default: nil
        }
    }

    /// Calls `body` with each key and where its value stands; no calls when not an object.
    func forEachMember(of index: Int, _ body: (_ key: TextSlice, _ value: Int) -> Void) {
        guard isObject(index) else { return }
        let end = after(index) - 1
        var at = index + 1
        while at < end {
            guard let key = string(at) else { return }
            body(key, at + 1)
            at = after(at + 1)
        }
    }

    /// Calls `body` with where each key and its value stand; no calls when not an object.
    func forEachPair(of index: Int, _ body: (_ key: Int, _ value: Int) -> Void) {
        guard isObject(index) else { return }
        let end = after(index) - 1
        var at = index + 1
        while at < end {
            body(at, at + 1)
            at = after(at + 1)
        }
    }

    /// How many members an object has; 0 for what is none.
    func memberCount(of index: Int) -> Int {
        var count = 0
        forEachMember(of: index) { _, _ in count += 1 }
        return count
    }

    /// Calls `body` with where each element stands; no calls when not an array.
    func forEachElement(of index: Int, _ body: (_ element: Int) -> Void) {
        guard isArray(index) else { return }
        let end = after(index) - 1
        var at = index + 1
        while at < end {
            body(at)
            at = after(at)
        }
    }

    /// Calls `body` with the string at `index`, or with each string of the list there.
    func forEachStringOrElement(at index: Int, _ body: (TextSlice) -> Void) {
        if let text = string(index) { return body(text) }
        forEachElement(of: index) { element in
            if let text = string(element) { body(text) }
        }
    }

    /// Calls `body` with every string value below `index`, at any depth.
    ///
    /// Depth is bounded by the parser's own limit (simdjson: 1,024).
    func forEachStringBelow(_ index: Int, _ body: (TextSlice) -> Void) {
        switch kind(index) {
        case .string: if let text = string(index) { body(text) }
        case .array: forEachElement(of: index) { forEachStringBelow($0, body) }
        case .object: forEachMember(of: index) { _, value in forEachStringBelow(value, body) }
        default: break
        }
    }

    /// Whether the slice holds exactly `text`.
    func equals(_ slice: TextSlice, _ text: StaticString) -> Bool {
        guard slice.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<slice.count
        where unsafe strings[slice.start + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// The bytes of one of the tape's slices.
    @_lifetime(borrow self)
    func bytes(of slice: TextSlice) -> Span<UInt8> {
        let span = unsafe Span(_unsafeStart: strings + slice.start, count: slice.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The known name that a key is, or nil.
    func name(of key: TextSlice) -> MemberName? {
        unsafe table.name(of: strings + key.start, count: key.count)
    }

    /// The known name that the string at `index` is, or nil.
    func name(at index: Int) -> MemberName? { string(index).flatMap(name) }

    /// Whether the slice begins with `text`.
    func begins(_ slice: TextSlice, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard slice.count >= count else { return false }
        return equals(TextSlice(start: slice.start, count: count), text)
    }

    /// Whether the slice ends with `text`.
    func ends(_ slice: TextSlice, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard slice.count >= count else { return false }
        return equals(TextSlice(start: slice.start + slice.count - count, count: count), text)
    }

    /// Whether the slice holds exactly `bytes`.
    func equals(_ slice: TextSlice, _ bytes: [UInt8]) -> Bool {
        guard slice.count == bytes.count else { return false }
        for offset in 0..<slice.count where unsafe strings[slice.start + offset] != bytes[offset] {
            return false
        }
        return true
    }

    /// Whether `bytes` stand at `index` of the strings, whole before `end`; never when empty.
    func bytes(at index: Int, before end: Int, begin bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, index + bytes.count <= end else { return false }
        return equals(TextSlice(start: index, count: bytes.count), bytes)
    }

    /// The value of the object's member `name`, or nil.
    func member(_ name: MemberName, of index: Int) -> Int? {
        guard isObject(index) else { return nil }
        let end = after(index) - 1
        var at = index + 1
        while at < end, let key = string(at) {
            if self.name(of: key) == name { return at + 1 }
            at = after(at + 1)
        }
        return nil
    }
}

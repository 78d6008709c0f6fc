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
/// - Complexity: Every accessor is O(1); stepping over a value of any size too.
@safe
struct Tape {
    let words: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>

    enum Kind { case object, array, string, integer, unsigned, double, yes, no, null, other }

    /// Where the record's value stands.
    static let root = 1

    private func word(_ index: Int) -> UInt64 { unsafe words[index] }
    private func payload(_ index: Int) -> Int { Int(word(index) & 0x00ff_ffff_ffff_ffff) }

    func kind(_ index: Int) -> Kind {
        switch UInt8(word(index) >> 56) {
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
    func after(_ index: Int) -> Int {
        switch kind(index) {
        case .object, .array: Int(word(index) & 0xffff_ffff)
        case .integer, .unsigned, .double: index + 2
        default: index + 1
        }
    }

    /// The string at `index`, or nil when something else stands there.
    func string(_ index: Int) -> TextSlice? {
        guard kind(index) == .string else { return nil }
        let offset = payload(index)
        let length = unsafe UnsafeRawPointer(strings + offset).loadUnaligned(as: UInt32.self)
        return TextSlice(start: offset + 4, count: Int(length))
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
        guard kind(index) == .object else { return }
        let end = after(index) - 1
        var at = index + 1
        while at < end {
            guard let key = string(at) else { return }
            body(key, at + 1)
            at = after(at + 1)
        }
    }

    /// Calls `body` with where each element stands; no calls when not an array.
    func forEachElement(of index: Int, _ body: (_ element: Int) -> Void) {
        guard kind(index) == .array else { return }
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
    func member(_ name: StaticString, of index: Int) -> Int? {
        var found: Int?
        forEachMember(of: index) { key, value in
            if found == nil, equals(key, name) { found = value }
        }
        return found
    }
}

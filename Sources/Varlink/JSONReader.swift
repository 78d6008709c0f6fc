// SPDX-License-Identifier: Apache-2.0
internal import CSimdJSON

/// A text is no JSON, or none that is taken; the reason never holds any of the text.
struct JSONFault: Error, Equatable {
    let reason: String
}

/// Reads JSON texts with simdjson; the property of one thread.
///
/// simdjson checks the grammar and that all is UTF-8. Beyond that, values nested more than
/// ``depthMax`` deep and objects with a name twice are refused: readers disagree on which of the
/// two counts, and what was checked must be what is used.
@safe
struct JSONReader: ~Copyable {
    /// How deep arrays and objects may stand in each other.
    static let depthMax = 64
    /// The parser takes 13 bytes a byte of the longest text; after one longer than this it is
    /// made anew.
    private static let keptTextBytes = 64 << 10

    private var handle: OpaquePointer

    init() { unsafe handle = Self.make() }

    deinit { unsafe csimdjson_free(handle) }

    private static func make() -> OpaquePointer {
        guard let handle = unsafe csimdjson_new() else { fatalError("no memory for a JSON parser") }
        return unsafe handle
    }

    /// The text's value.
    ///
    /// - Complexity: Linear in the text, a copy of it included.
    mutating func read(_ text: [UInt8]) throws(JSONFault) -> JSONValue {
        guard !text.isEmpty else { throw JSONFault(reason: "an empty text") }
        let padded = text + [UInt8](repeating: 0, count: csimdjson_padding())
        defer {
            if text.count > Self.keptTextBytes {
                unsafe csimdjson_free(handle)
                unsafe handle = Self.make()
            }
        }
        var document = unsafe csimdjson_document()
        let status = unsafe padded.withUnsafeBufferPointer { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return -1 }
            return unsafe csimdjson_parse(handle, base, text.count, &document)
        }
        guard status == 0, let words = unsafe document.tape, let strings = unsafe document.strings
        else { throw JSONFault(reason: "not JSON in UTF-8") }
        var cursor = unsafe TapeCursor(words: words, strings: strings)
        return try cursor.value(depth: 0)
    }
}

/// Walks simdjson's tape (doc/tape.md) from its first value to its last.
@safe
private struct TapeCursor {
    let words: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>
    /// Past the root's word.
    var index = 1

    init(words: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>) {
        unsafe self.words = words
        unsafe self.strings = strings
    }

    private mutating func next() -> UInt64 {
        defer { index += 1 }
        return unsafe words[index]
    }

    private var letter: UInt8 { unsafe UInt8(words[index] >> 56) }

    mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        let kind = letter
        switch kind {
        case UInt8(ascii: "\""): return .string(string())
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < JSONReader.depthMax else {
                throw JSONFault(reason: "nested more than \(JSONReader.depthMax) deep")
            }
            index += 1
            return kind == UInt8(ascii: "{")
                ? .object(try members(depth: depth + 1)) : .array(try elements(depth: depth + 1))
        case UInt8(ascii: "l"):
            index += 1
            return .integer(Int64(bitPattern: next()))
        case UInt8(ascii: "u"):
            index += 1
            return .double(Double(next()))
        case UInt8(ascii: "d"):
            index += 1
            return .double(Double(bitPattern: next()))
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            index += 1
            return .bool(kind == UInt8(ascii: "t"))
        default:
            index += 1
            return .null
        }
    }

    private mutating func members(depth: Int) throws(JSONFault) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        while letter != UInt8(ascii: "}") {
            let name = string()
            guard members.updateValue(try value(depth: depth), forKey: name) == nil else {
                throw JSONFault(reason: "an object has a name twice")
            }
        }
        index += 1
        return members
    }

    private mutating func elements(depth: Int) throws(JSONFault) -> [JSONValue] {
        var elements: [JSONValue] = []
        while letter != UInt8(ascii: "]") { elements.append(try value(depth: depth)) }
        index += 1
        return elements
    }

    private mutating func string() -> String {
        let offset = Int(next() & 0x00ff_ffff_ffff_ffff)
        let start = unsafe strings + offset
        let count = unsafe Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start + 4, count: count), as: UTF8.self)
    }
}

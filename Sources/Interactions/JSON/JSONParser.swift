// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CSimdJSON

/// simdjson's parser and its buffers.
@safe
struct JSONParser: ~Copyable {
    private var handle: OpaquePointer
    private var longestBytes = 0

    /// A text longer than this makes the buffers be given back: they take 13 bytes for each of
    /// its bytes.
    static let keptTextBytes = 4 << 20

    init() { unsafe handle = Self.make() }

    deinit { unsafe csimdjson_free(handle) }

    private static func make() -> OpaquePointer {
        precondition(
            csimdjson_padding() <= LineBlock.paddingBytes,
            "simdjson wants \(csimdjson_padding()) bytes after a line")
        guard let handle = unsafe csimdjson_new() else { fatalError("no memory for a JSON parser") }
        return unsafe handle
    }

    /// The text's tape, valid until the next call; nil when the text is no JSON.
    ///
    /// - Parameter text: `LineBlock.paddingBytes` readable bytes must follow it.
    mutating func parse(_ text: Span<UInt8>) -> Tape? {
        longestBytes = max(longestBytes, text.count)
        var document = unsafe csimdjson_document()
        let status = unsafe text.withUnsafeBufferPointer { bytes -> Int32 in
            guard let base = bytes.baseAddress, bytes.count > 0 else { return -1 }
            return unsafe csimdjson_parse(handle, base, bytes.count, &document)
        }
        guard status == 0, let words = unsafe document.tape, let strings = unsafe document.strings
        else { return nil }
        return unsafe Tape(words: words, strings: strings)
    }

    /// Gives back what a very long text took; tapes are no longer valid.
    mutating func shrink() {
        guard longestBytes > Self.keptTextBytes else { return }
        unsafe csimdjson_free(handle)
        unsafe handle = Self.make()
        longestBytes = 0
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CSimdJSON

/// Parses JSON that stands inside a string of the record, one level deep.
///
/// The text is copied behind padding, as the parser needs it; the strings found are copied to
/// the decoder's own buffer, so that they outlive the next nested text. Memory is bounded by
/// the line: a nested text is never longer than it.
@safe
final class NestedDocument {
    private var parser: JSONParser
    private var text = LineBlock(capacity: NestedDocument.usualTextBytes)
    private let copies: RawText
    private static let usualTextBytes = 4096

    init(copyingTo copies: RawText) {
        parser = JSONParser()
        self.copies = copies
    }

    /// The text's tape, valid until the next text is parsed; nil when it is no JSON list or
    /// object.
    func parse(_ nested: Span<UInt8>) -> Tape? {
        guard let first = nested.firstSolidByte,
            first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
        else { return nil }
        text.truncate(to: 0)
        text.grow(to: nested.count)
        text.append(copying: nested)
        guard let tape = parser.parse(text.bytes) else { return nil }
        let copied = unsafe copies.append(tape.strings, count: tape.stringsBytes)
        return unsafe Tape(
            words: tape.words, strings: UnsafePointer(copies.base), origin: copied.start,
            buffer: .copied)
    }

    /// Gives back what a very long text took.
    func shrink() {
        parser.shrink()
        guard text.capacity > JSONParser.keptTextBytes else { return }
        text = LineBlock(capacity: Self.usualTextBytes)
    }
}

extension Span<UInt8> {
    /// The first byte that is no blank.
    fileprivate var firstSolidByte: UInt8? {
        for index in 0..<count where !self[index].isASCIISpace { return self[index] }
        return nil
    }
}

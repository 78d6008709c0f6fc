// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Decodes one file's bytes as they come, in whatever pieces.
///
/// The caller gives bytes of the file from `compressedOffset` on. That offset moves forward as
/// they are used, and back where damage makes the decoder look at bytes again; so it is read
/// anew after each call. Memory is bounded whatever the bytes are: output goes only where the
/// caller has room.
package protocol LogDecoder: AnyObject {
    /// Where in the file the next input begins.
    var compressedOffset: Int { get }
    /// No gzip member is open: a file that ends here is complete, or its damage was told.
    var isAtBoundary: Bool { get }
    /// Compressed bytes passed over because of damage.
    var lostBytes: Int { get }

    /// Decodes until the input is used up, the output is full, or something is to be told.
    ///
    /// With an empty input it gives what it still holds back. When it then gives nothing, all
    /// that was written so far has been decoded.
    func decode(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> DecodeEvent

    /// Says that the file is finished: what is undecided is decided with what is there.
    func finish()
}

/// What one call of the decoder came to.
package enum DecodeEvent: Sendable, Equatable {
    case progress
    /// A gzip member ended; its length and checksum are right.
    case memberEnd
    /// The member is damaged. What was decoded of it was given out; now the next is looked for.
    case damaged(DecodeDamage)
    /// A next member was found after passing over so many bytes.
    case resumed(skippedBytes: Int)
}

/// What is wrong with a file.
package enum DecodeDamage: Sendable, Equatable, CustomStringConvertible {
    case header
    case deflate
    case checksum
    case length
    case trailingBytes

    package var description: String {
        switch self {
        case .header: "a gzip member's header is damaged"
        case .deflate: "a gzip member's data are damaged"
        case .checksum: "a gzip member's checksum does not fit its data"
        case .length: "a gzip member's length does not fit its data"
        case .trailingBytes: "bytes that are no gzip member follow a gzip member"
        }
    }
}

/// A decoder for a file from its first byte on.
package func makeDecoder(format: LogFormat, inflater: Inflater) -> any LogDecoder {
    switch format {
    case .plain: PlainDecoder()
    case .gzip: GzipDecoder(inflater: inflater, startingAt: 0)
    }
}

/// Hands on a plain file's bytes as they are.
final class PlainDecoder: LogDecoder {
    private(set) var compressedOffset = 0
    let isAtBoundary = true
    let lostBytes = 0

    func decode(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> DecodeEvent {
        let count = min(input.count, output.freeCapacity)
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe input.withUnsafeBufferPointer { from in
                guard let source = from.baseAddress, let start = buffer.baseAddress else { return }
                unsafe (start + initialized).initialize(from: source, count: count)
            }
            initialized += count
        }
        compressedOffset += count
        return .progress
    }

    func finish() {}
}

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
    /// No member is open: a file that ends here is complete, or its damage was told.
    var isAtBoundary: Bool { get }
    /// Compressed bytes passed over because of damage, since decoding began.
    var lostBytes: Int { get }
    /// What the decoder holds, roughly.
    var memoryBytes: Int { get }

    /// Decodes until the input is used up, the output is full, or something is to be told.
    ///
    /// With an empty input it gives what it still holds back. When it then gives nothing, all
    /// that was written so far has been decoded.
    func decode(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> DecodeEvent

    /// Says that the file is finished: what is undecided is decided with what is there, and a
    /// member that is open is damaged.
    ///
    /// - Returns: Whether there is something to decode now. It is called until there is not.
    func finish() -> Bool

    /// The newest place from which decoding can begin without what stands before it, if there
    /// is a newer one than was taken last.
    ///
    /// There is one about every 4 MiB of the file, or every 32 MiB of what comes out of it, where
    /// the format has such places at all.
    func takeRestartPoint() -> RestartPoint?
}

/// What one call of the decoder came to.
package enum DecodeEvent: Sendable, Equatable {
    case progress
    /// A member ended; its length and checksum are right, as far as the format has them.
    case memberEnd
    /// The member is damaged. What was decoded of it was given out; now the next is looked for.
    case damaged(DecodeDamage)
    /// A next member was found after passing over so many bytes.
    case resumed(skippedBytes: Int)
}

/// What is wrong with a file.
package struct DecodeDamage: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Fault: Sendable {
        case header
        case data
        case checksum
        case length
        case trailingBytes
        /// The file ends inside.
        case unfinished
        /// zstd: the frame asks for more memory than ``ZstdFrameReader/windowLimitLog``.
        case window
        /// zstd: the frame was written with a dictionary, which no log has beside it.
        case dictionary
    }

    package let format: LogFormat
    package let fault: Fault

    package init(_ format: LogFormat, _ fault: Fault) {
        self.format = format
        self.fault = fault
    }

    package var description: String {
        let member = format == .zstd ? "zstd frame" : "gzip member"
        return switch fault {
        case .header: "a \(member)'s header is damaged"
        case .data: "a \(member)'s data are damaged"
        case .checksum: "a \(member)'s checksum does not fit its data"
        case .length: "a \(member)'s length does not fit its data"
        case .trailingBytes: "bytes that are no \(member) follow a \(member)"
        case .unfinished: "the file ends inside a \(member)"
        case .window: "a \(member) needs a window of more than 128 MiB"
        case .dictionary: "a \(member) needs a dictionary"
        }
    }
}

/// A decoder for a file from its first byte on.
package func makeDecoder(format: LogFormat, inflater: Inflater) -> any LogDecoder {
    switch format {
    case .plain: PlainDecoder(startingAt: 0)
    case .gzip: MemberDecoder(GzipMemberReader(inflater), startingAt: 0)
    case .zstd: MemberDecoder(ZstdFrameReader(), startingAt: 0)
    }
}

/// A decoder that goes on from a restart point of a file with the same bytes before it.
package func makeDecoder(at point: RestartPoint, inflater: Inflater) -> any LogDecoder {
    switch point.format {
    case .plain: PlainDecoder(startingAt: point.compressedOffset)
    case .gzip: MemberDecoder(GzipMemberReader(inflater), resumingAt: point)
    case .zstd: MemberDecoder(ZstdFrameReader(), resumingAt: point)
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Bytes
package import Decompression

/// A run of whole lines of one stream, or a window of a line that is too long.
package struct LineBatch: Sendable {
    package let block: LineBlock
    package let stream: StreamID
    /// The stream's first name: what it is called when no other began with the same line.
    package let root: StreamID
    package let path: String
    /// Where the block's first line begins in the decompressed stream.
    package let offset: Int
    /// The number of the block's first line, from 1.
    package let line: Int
    /// What to store once the block is evaluated; nil after
    /// a part of a line.
    package var checkpoint: StreamCheckpoint?
}

/// Bytes of a log that could not be read.
package struct CoverageGap: Sendable {
    package let stream: StreamID
    /// As in ``LineBatch``.
    package let root: StreamID
    package let path: String
    /// Where the loss stands in the decompressed stream.
    package let offset: Int
    /// The line at which it stands, from 1.
    package let line: Int
    package let lostCompressedBytes: Int
    package let reason: GapReason
}

/// Why bytes of a log could not be read.
package enum GapReason: Sendable, Equatable, CustomStringConvertible {
    case damaged(DecodeDamage)
    /// The file was cut or overwritten before all that it held was read, and no copy of it was
    /// found.
    case overwritten
    /// The file was removed before all that it held was read.
    case removed

    package var description: String {
        switch self {
        case .damaged(let damage): damage.description
        case .overwritten: "the file was cut or overwritten before its last bytes were read"
        case .removed: "the file was removed before its last bytes were read"
        }
    }
}

/// What the operator should know of a log file; never holds any of its text.
package enum TailNotice: Sendable, Equatable {
    case opened(path: String, stream: StreamID, offset: Int)
    case finished(path: String, offset: Int)
    case truncated(path: String)
    case cannotRead(path: String, reason: String)
    case isDirectory(path: String)
    case isNoRegularFile(path: String)
    case isNotWhatItsNameSays(path: String, suffix: String, format: LogFormat)
    case matchesNothing(pattern: String)

    /// Something is wrong, rather than news.
    package var isWarning: Bool {
        switch self {
        case .opened, .finished: false
        default: true
        }
    }
}

extension TailNotice: CustomStringConvertible {
    /// One line: what is the matter, with which file, and what to do.
    package var description: String {
        switch self {
        case .opened(let path, let stream, let offset):
            "\(path): reading stream \(stream.text.prefix(12)) from byte \(offset)"
        case .finished(let path, let offset):
            "\(path): gone, read to its end at byte \(offset)"
        case .truncated(let path):
            "\(path): was cut or overwritten in place; reading it as a new log. "
                + "Rotate by renaming to lose nothing that is written in between"
        case .cannotRead(let path, let reason):
            "\(path): cannot be read: \(reason); give the user that runs tocsin access to it"
        case .isDirectory(let path):
            "\(path): is a directory; name the files in it, as in \(path)/*.jsonl.gz"
        case .isNoRegularFile(let path):
            "\(path): is no regular file; name files that logs are written to"
        case .isNotWhatItsNameSays(let path, let suffix, let format):
            "\(path): does not hold what \(suffix) promises; reading it as \(format.text)"
        case .matchesNothing(let pattern):
            "\(pattern): matches no file yet; check the pattern if a log should be there"
        }
    }
}

/// Where the reader hands on what it reads, in order, one stream's parts after another.
///
/// Every call comes from the reader's thread and may block: that is the back pressure.
package protocol TailEvents: AnyObject {
    /// Takes a batch; false ends the reading.
    func lines(_ batch: LineBatch) -> Bool
    /// Takes a checkpoint without lines before it: the file was read further, or has grown.
    func checkpoint(_ checkpoint: StreamCheckpoint) -> Bool
    /// Takes a gap, in its place among the batches; false ends the reading.
    func gap(_ gap: CoverageGap) -> Bool
    /// Takes news of a stream, in its place among the batches; false ends the reading.
    func news(_ news: StreamNews) -> Bool
    func notice(_ notice: TailNotice)
    /// The reader makes progress: called between turns and while nothing is to be read.
    func alive()
    /// The place to resume from that was stored last with a checkpoint of the stream.
    func restart(of stream: StreamID) -> [UInt8]?
}

extension TailEvents {
    package func alive() {}
}

extension LogFormat {
    var text: String {
        switch self {
        case .plain: "plain text"
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }
}

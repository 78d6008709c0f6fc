// SPDX-License-Identifier: Apache-2.0

/// Which stream of lines a file holds a part of: a hash of its first line, 64 hexadecimal digits.
///
/// The file's name plays no part, so a rotated, moved or compressed file is the same stream.
package struct StreamID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }
}

/// How far a stream has been evaluated, with the proof that a file goes on from there.
package struct StreamCheckpoint: Sendable, Equatable {
    package var stream: StreamID
    /// The first stream that begins with the same line; mostly the stream itself.
    package var root: StreamID
    /// Decompressed bytes evaluated; the end of a line, or of what damage left of one.
    package var offset: Int
    /// Lines before `offset`.
    package var line: Int
    /// How many bytes before `offset` the guard covers: at most 1,024.
    package var guardBytes: Int
    /// SHA-256 of these bytes: a file that has others there is not this stream's continuation.
    package var guardDigest: [UInt8]
    /// The file when it was last read.
    package var file: FilePosition
    /// A newer place in the file from which decoding can begin, encoded by the module that
    /// reads files; nil while the one that was stored before stands.
    package var restart: [UInt8]?

    package init(
        stream: StreamID, root: StreamID, offset: Int, line: Int, guardBytes: Int,
        guardDigest: [UInt8], file: FilePosition, restart: [UInt8]? = nil
    ) {
        self.stream = stream
        self.root = root
        self.offset = offset
        self.line = line
        self.guardBytes = guardBytes
        self.guardDigest = guardDigest
        self.file = file
        self.restart = restart
    }
}

/// How much of a file had been read at some moment.
package struct FilePosition: Sendable, Equatable {
    /// The file's name then, for people; it identifies nothing.
    package var path: String
    /// Bytes of the file itself that were taken.
    package var readBytes: Int
    /// The file's size.
    package var sizeBytes: Int

    package init(path: String, readBytes: Int, sizeBytes: Int) {
        self.path = path
        self.readBytes = readBytes
        self.sizeBytes = sizeBytes
    }
}

/// A stream as the store knows it from before.
package struct KnownStream: Sendable, Equatable {
    package var checkpoint: StreamCheckpoint
    /// Since when no file holds the stream, in milliseconds since 1970; nil while one does.
    package var goneSince: Int?

    package init(_ checkpoint: StreamCheckpoint, goneSince: Int? = nil) {
        self.checkpoint = checkpoint
        self.goneSince = goneSince
    }
}

/// News of a stream's files.
package enum StreamNews: Sendable, Equatable {
    /// A file holds it again.
    case found(StreamID)
    /// No file holds it; since so many milliseconds after 1970.
    case gone(StreamID, since: Int)
    /// It has been gone for so long that its checkpoint is to be let go.
    case forgotten(StreamID)
}

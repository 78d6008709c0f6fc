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
    /// Decompressed bytes evaluated; always the end of a line, or of the last line of a file.
    package var offset: Int
    /// Lines before `offset`.
    package var line: Int
    /// How many bytes before `offset` the guard covers: at most 1,024.
    package var guardBytes: Int
    /// SHA-256 of these bytes: a file that has others there is not this stream's continuation.
    package var guardDigest: [UInt8]
    /// The file's name when it was last read, for people; it identifies nothing.
    package var path: String

    package init(
        stream: StreamID, offset: Int, line: Int, guardBytes: Int, guardDigest: [UInt8],
        path: String
    ) {
        self.stream = stream
        self.offset = offset
        self.line = line
        self.guardBytes = guardBytes
        self.guardDigest = guardDigest
        self.path = path
    }
}

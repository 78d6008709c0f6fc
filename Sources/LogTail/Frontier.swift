// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto

/// A place in a decompressed stream, with the last bytes before it.
///
/// These bytes are what a checkpoint's guard is made of: a file that holds others there does
/// not go on where we stopped.
struct Frontier {
    private(set) var offset = 0
    /// Lines before `offset`.
    private(set) var line = 0
    private var tail: [UInt8] = []

    /// Bytes that a guard covers, where the stream has as many.
    static let guardBytes = 1024

    /// The start of a stream.
    init() {}

    /// A place whose line is not known yet, after these bytes.
    init(offset: Int, tail: [UInt8]) {
        self.offset = offset
        self.tail = tail.suffix(Self.guardBytes)
    }

    /// Moves on over bytes that end `lines` lines.
    mutating func advance(over bytes: Span<UInt8>, lines: Int) {
        offset += bytes.count
        line += lines
        let kept = min(Self.guardBytes - min(bytes.count, Self.guardBytes), tail.count)
        tail.removeFirst(tail.count - kept)
        for index in max(0, bytes.count - Self.guardBytes)..<bytes.count {
            tail.append(bytes[index])
        }
    }

    /// Takes over the line number that a checkpoint knows.
    mutating func setLine(_ known: Int) { line = known }

    func checkpoint(
        of stream: StreamID, root: StreamID, in file: FilePosition
    ) -> StreamCheckpoint {
        StreamCheckpoint(
            stream: stream, root: root, offset: offset, line: line, guardBytes: tail.count,
            guardDigest: Array(SHA256.hash(data: tail)), file: file)
    }

    /// Whether the bytes before this place are those that the checkpoint saw there.
    func matches(_ checkpoint: StreamCheckpoint) -> Bool {
        offset == checkpoint.offset && checkpoint.guardBytes <= tail.count
            && Array(SHA256.hash(data: tail.suffix(checkpoint.guardBytes)))
                == checkpoint.guardDigest
    }
}

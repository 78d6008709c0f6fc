// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto

/// The streams that are known, how far each has been read, and which file is being read as it.
///
/// Several streams may begin with the same line (a constant header, a restarted test): they
/// are told apart by an ordinal that goes into the hash, the first of them having 0.
struct StreamTable {
    private var checkpoints: [StreamID: StreamCheckpoint] = [:]
    private var owners: [StreamID: Owner] = [:]

    /// The file that is being read as a stream.
    struct Owner {
        let file: FileIdentity
        /// All that it holds so far has been read.
        var isAtEnd: Bool
    }

    init(_ stored: [StreamCheckpoint]) {
        for checkpoint in stored { checkpoints[checkpoint.stream] = checkpoint }
    }

    /// The name of the `ordinal`-th stream that begins with a line.
    ///
    /// - Parameter firstLine: Without its newline; of a longer one the first 64 KiB.
    static func streamID(firstLine: Span<UInt8>, ordinal: Int) -> StreamID {
        var hash = SHA256()
        unsafe withUnsafeBytes(of: UInt64(ordinal).littleEndian) {
            unsafe hash.update(bufferPointer: $0)
        }
        unsafe firstLine.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return StreamID(hash.finalize().hexadecimal)
    }

    /// What is known of the streams that begin with a line, lowest offset first.
    func candidates(firstLine: Span<UInt8>) -> [StreamCheckpoint] {
        var found: [StreamCheckpoint] = []
        while let known = checkpoints[
            Self.streamID(firstLine: firstLine, ordinal: found.count)]
        {
            found.append(known)
        }
        return found.sorted { $0.offset < $1.offset }
    }

    /// A name for one more stream that begins with a line.
    func newStream(firstLine: Span<UInt8>) -> StreamID {
        var ordinal = 0
        while true {
            let stream = Self.streamID(firstLine: firstLine, ordinal: ordinal)
            if checkpoints[stream] == nil, owners[stream] == nil { return stream }
            ordinal += 1
        }
    }

    mutating func advance(to checkpoint: StreamCheckpoint) {
        checkpoints[checkpoint.stream] = checkpoint
    }

    func owner(of stream: StreamID) -> Owner? { owners[stream] }

    /// Makes the file the one that is read as the stream, in place of any other.
    mutating func own(_ stream: StreamID, by file: FileIdentity, isAtEnd: Bool) {
        owners[stream] = Owner(file: file, isAtEnd: isAtEnd)
    }

    mutating func release(_ stream: StreamID) { owners[stream] = nil }
}

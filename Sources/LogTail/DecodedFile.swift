// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression
internal import Glibc

/// Which file on disk a name leads to.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// An open log file as its decompressed bytes.
///
/// Knows nothing of lines or streams. The end of the file is never an error: more may come.
/// All numbers are bytes of the file itself unless they say otherwise.
final class DecodedFile {
    let identity: FileIdentity
    /// Told from the first bytes whenever decoding begins; nil until there are enough of them.
    private(set) var format: LogFormat?
    /// Bytes of the file that the decoder has taken.
    private(set) var rawOffset = 0
    private let descriptor: Int32
    private let inflater: Inflater
    private let buffer: RawBuffer
    private var decoder: (any LogDecoder)?
    private var isFinished = false
    /// Some bytes that were taken last, and where they end: to see when a file was overwritten
    /// behind our back.
    private var rawTail: [UInt8] = []
    private var rawTailEnd = 0
    /// How large the file was when it was last looked at.
    private var knownSize = 0
    private static let rawTailBytes = 64

    /// What came of one reading.
    enum Outcome {
        /// Bytes were added to the block, or the room in it is used up.
        case progress
        /// All that is written so far has been read.
        case endOfFile
        case damaged(DecodeDamage)
        /// After damage, so many bytes were passed over.
        case resumed(skippedBytes: Int)
    }

    /// Opens the file at `path`.
    ///
    /// - Throws: ``OpenFailure``.
    init(path: String, inflater: Inflater, buffer: RawBuffer) throws(OpenFailure) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard opened >= 0 else {
            throw errno == ENOENT ? .missing : .system(SystemError(errno))
        }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw status.st_mode & S_IFMT == S_IFDIR ? .directory : .notRegular
        }
        descriptor = opened
        identity = FileIdentity(status)
        self.inflater = inflater
        self.buffer = buffer
    }

    deinit { close(descriptor) }

    enum OpenFailure: Error {
        case missing
        case directory
        case notRegular
        case system(SystemError)
    }

    /// Whether no gzip member is open.
    var isAtBoundary: Bool { decoder?.isAtBoundary ?? true }
    /// Bytes passed over because of damage.
    var lostBytes: Int { decoder?.lostBytes ?? 0 }

    /// Goes back to the file's first byte.
    func rewind() {
        rawOffset = 0
        rawTail = []
        decoder = nil
    }

    /// Adds decompressed bytes to the block's free part, `limit` at most.
    ///
    /// - Throws: The errno of reading.
    func read(into block: LineBlock, atMost limit: Int = .max) throws(SystemError) -> Outcome {
        precondition(min(limit, block.freeBytes) > 0, "no room to read into")
        let buffer = buffer
        while true {
            var isEnd = false
            if buffer.bytes(from: rawOffset).count == 0 {
                rememberTail()
                isEnd = try buffer.fill(from: descriptor, at: rawOffset) == 0
            }
            guard let decoder = decoder ?? makeDecoder() else { return .endOfFile }
            let before = (rawOffset, block.count)
            let event = block.append(atMost: limit) { output in
                decoder.decode(buffer.bytes(from: rawOffset), into: &output)
            }
            rawOffset = decoder.compressedOffset
            switch event {
            case .damaged(let damage): return .damaged(damage)
            case .resumed(let skipped): return .resumed(skippedBytes: skipped)
            case .memberEnd: break
            case .progress:
                // Nothing came of it although all input was given: the rest is yet to be written.
                if isEnd, before == (rawOffset, block.count) {
                    guard isFinished, decoder.finish() else { return .endOfFile }
                }
            }
            // A return for each buffer even without output, so that a turn has an end.
            if block.count > before.1 || buffer.bytes(from: rawOffset).count == 0 {
                return .progress
            }
        }
    }

    /// Decides the format once enough bytes are there.
    private func makeDecoder() -> (any LogDecoder)? {
        let buffer = buffer
        let detected = LogFormat.detect(buffer.bytes(from: 0))
        guard let found = detected ?? (isFinished ? .plain : nil) else { return nil }
        format = found
        let made = Decompression.makeDecoder(format: found, inflater: inflater)
        decoder = made
        return made
    }

    /// Says that nothing will be added to the file: at its end the decoder gives out what it
    /// held back, and a file too short to tell its format is plain.
    func finish() { isFinished = true }

    /// Ends the file's turn at the shared buffer.
    func endTurn() {
        rememberTail()
        buffer.forget()
    }

    private func rememberTail() {
        let tail = buffer.copy(before: rawOffset, limit: Self.rawTailBytes)
        guard !tail.isEmpty else { return }
        rawTail = tail
        rawTailEnd = rawOffset
    }

    /// How the file compares with what was read of it.
    enum Change {
        case unchanged
        case grown
        /// It is shorter than what was read, or holds other bytes there.
        case replaced
    }

    /// Looks whether there is more to read, and whether it goes on from what was read.
    func change() -> Change {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return .unchanged }
        let size = Int(status.st_size)
        defer { knownSize = size }
        if size < rawOffset { return .replaced }
        if size != rawOffset, !rawTailStands { return .replaced }
        return size == knownSize ? .unchanged : .grown
    }

    private var rawTailStands: Bool {
        guard !rawTail.isEmpty else { return true }
        var found = [UInt8](repeating: 0, count: rawTail.count)
        let offset = off_t(rawTailEnd - rawTail.count)
        let count = unsafe found.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, $0.count, offset)
        }
        return count == rawTail.count && found == rawTail
    }
}

extension DecodedFile.OpenFailure {
    /// The failure as the operator is told of it.
    func notice(of path: String) -> TailNotice {
        switch self {
        case .missing: .cannotRead(path: path, reason: SystemError(ENOENT).text)
        case .directory: .isDirectory(path: path)
        case .notRegular: .isNoRegularFile(path: path)
        case .system(let error): .cannotRead(path: path, reason: error.text)
        }
    }
}

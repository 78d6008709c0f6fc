// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto
internal import Decompression
internal import Glibc

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
    private(set) var marks = FileMarks()
    /// The file when it was last looked at.
    private(set) var stamp: FileStamp
    /// Places to resume from that were not asked for yet, oldest first.
    private var restarts: [FileRestart] = []
    private static let keptRestarts = 4

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
        stamp = FileStamp(status)
        marks.extendHead(opened)
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

    /// Bytes passed over because of damage.
    var lostBytes: Int { decoder?.lostBytes ?? 0 }
    /// What is the matter with the file if it ends here, inside a member.
    var unfinished: DecodeDamage? {
        guard let decoder, let format, !decoder.isAtBoundary else { return nil }
        return DecodeDamage(format, .unfinished)
    }
    /// The file's size, as far as it is known.
    var sizeBytes: Int { max(stamp.sizeBytes, rawOffset) }
    /// What the file's decoder holds, roughly.
    var memoryBytes: Int { decoder?.memoryBytes ?? 0 }

    /// Goes back to the file's first byte.
    func rewind() {
        rawOffset = 0
        marks.setTail([], end: 0)
        decoder = nil
        restarts = []
    }

    // MARK: Restart points

    /// Goes to a place that was noted in this file, or in one of the same bytes.
    ///
    /// - Returns: False when this file is not so, or too short; then it stands where it was.
    func seek(to restart: FileRestart) -> Bool {
        let point = restart.point
        let guardStart = point.compressedOffset - restart.guardBytes
        guard LogFormat.detect(marks.firstBytes.span) == point.format,
            let bytes = RawBytes.read(descriptor, at: guardStart, count: restart.guardBytes),
            bytes.count == restart.guardBytes,
            Array(SHA256.hash(data: bytes)) == restart.guardDigest
        else { return false }
        format = point.format
        rawOffset = point.compressedOffset
        marks.setTail(bytes.suffix(FileMarks.tailBytes), end: rawOffset)
        restarts = []
        decoder = Decompression.makeDecoder(at: point, inflater: inflater)
        return true
    }

    /// Goes to a byte of a plain file; false when the file is not plain, or shorter.
    func seek(toPlainOffset offset: Int) -> Bool {
        guard LogFormat.detect(marks.firstBytes.span) == .plain, offset <= stamp.sizeBytes else {
            return false
        }
        rewind()
        format = .plain
        rawOffset = offset
        decoder = Decompression.makeDecoder(
            at: RestartPoint(plainOffset: offset), inflater: inflater)
        return true
    }

    /// The newest place from which the bytes after `offset` of the decompressed file can be
    /// had, if there is a newer one than was taken last.
    func takeRestart(upTo offset: Int) -> FileRestart? {
        guard
            let index = restarts.lastIndex(where: { $0.point.decompressedOffset <= offset })
        else { return nil }
        defer { restarts.removeFirst(index + 1) }
        return restarts[index]
    }

    private func noteRestart(_ point: RestartPoint) {
        let guardBytes = min(FileRestart.guardLimit, point.compressedOffset)
        guard
            let bytes = RawBytes.read(
                descriptor, at: point.compressedOffset - guardBytes, count: guardBytes),
            bytes.count == guardBytes
        else { return }
        if restarts.count == Self.keptRestarts { restarts.removeFirst() }
        restarts.append(
            FileRestart(
                point: point, guardBytes: guardBytes,
                guardDigest: Array(SHA256.hash(data: bytes))))
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
            if let point = decoder.takeRestartPoint() { noteRestart(point) }
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
        let tail = buffer.copy(before: rawOffset, limit: FileMarks.tailBytes)
        if !tail.isEmpty { marks.setTail(tail, end: rawOffset) }
    }

    /// How the file compares with what was read of it.
    enum Change {
        case unchanged
        case grown
        /// It is shorter than what was read, or holds other bytes there. Before, it was seen to
        /// be of this size.
        case replaced(formerBytes: Int)
    }

    /// Whether the file still holds its first bytes and those before the last that were read.
    ///
    /// Asked after reading and before what was read is believed: a file can be overwritten in
    /// the midst of it.
    var holdsWhatWasRead: Bool { marks.stand(in: descriptor) }

    /// Looks whether there is more to read, and whether it goes on from what was read.
    ///
    /// - Parameter isCertain: It is known to have changed, whatever its times say.
    func change(isCertain: Bool = false) -> Change {
        guard let now = FileStamp(descriptor: descriptor), isCertain || now != stamp else {
            return .unchanged
        }
        let formerBytes = stamp.sizeBytes
        stamp = now
        guard now.sizeBytes >= rawOffset, marks.stand(in: descriptor) else {
            marks = FileMarks()
            marks.extendHead(descriptor)
            return .replaced(formerBytes: formerBytes)
        }
        marks.extendHead(descriptor)
        return .grown
    }

    /// Whether this file, just opened, goes on from what was read of it before it was closed.
    func goesOn(from parked: ParkedFile) -> Bool {
        stamp.sizeBytes >= parked.readBytes && parked.marks.stand(in: descriptor)
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

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto

/// The streams that are known, how far each has been read, and which files hold it.
///
/// Several streams may begin with the same line (a constant header, a restarted test): they
/// are told apart by an ordinal that goes into the hash, the first of them having 0.
struct StreamTable {
    private var streams: [StreamID: KnownStream] = [:]
    /// The streams that begin with a line, by the first of them.
    private var families: [StreamID: Set<StreamID>] = [:]
    private var owners: [StreamID: Owner] = [:]
    /// Which files hold a stream, and which stream a file holds.
    private var files: [StreamID: Set<FileIdentity>] = [:]
    private var streamOfFile: [FileIdentity: StreamID] = [:]
    private var abandoned: [AbandonedTail] = []
    /// Files whose stream lost its owner: they may be what it goes on in.
    private var orphans: Set<FileIdentity> = []

    /// The file that is being read as a stream.
    struct Owner {
        let file: FileIdentity
        /// All that it holds so far has been read.
        var isAtEnd: Bool
    }

    init(_ known: [KnownStream]) {
        for stream in known {
            streams[stream.checkpoint.stream] = stream
            families[stream.checkpoint.root, default: []].insert(stream.checkpoint.stream)
        }
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
        let family = families[Self.streamID(firstLine: firstLine, ordinal: 0)] ?? []
        return family.compactMap { streams[$0]?.checkpoint }.sorted { $0.offset < $1.offset }
    }

    /// A name for one more stream that begins with a line; where the file was read before and
    /// gave no whole line yet, the one that it had.
    func newStream(firstLine: Span<UInt8>, in file: FileIdentity) -> StreamID {
        var ordinal = 0
        while true {
            let stream = Self.streamID(firstLine: firstLine, ordinal: ordinal)
            let isFree = owners[stream].map { $0.file == file } ?? true
            if streams[stream] == nil, isFree { return stream }
            ordinal += 1
        }
    }

    /// How far a stream was read; 0 for one that is not known.
    func offset(of stream: StreamID) -> Int { streams[stream]?.checkpoint.offset ?? 0 }

    mutating func advance(to checkpoint: StreamCheckpoint) {
        var kept = checkpoint
        // It is large, and the store has it.
        kept.restart = nil
        streams[checkpoint.stream] = KnownStream(kept)
        families[checkpoint.root, default: []].insert(checkpoint.stream)
    }

    // MARK: Who reads what

    func owner(of stream: StreamID) -> Owner? { owners[stream] }

    /// Makes the file the one that is read as the stream, in place of any other.
    mutating func own(_ stream: StreamID, by file: FileIdentity, isAtEnd: Bool) {
        owners[stream] = Owner(file: file, isAtEnd: isAtEnd)
    }

    /// The file no longer reads its stream: others that hold it are to look at it again.
    mutating func release(_ stream: StreamID, by file: FileIdentity) {
        guard owners[stream]?.file == file else { return }
        owners[stream] = nil
        orphans.formUnion(files[stream, default: []].subtracting([file]))
    }

    mutating func takeOrphans() -> Set<FileIdentity> {
        defer { orphans = [] }
        return orphans
    }

    // MARK: Which files hold what

    func stream(of file: FileIdentity) -> StreamID? { streamOfFile[file] }

    /// Notes that the file holds the stream.
    ///
    /// - Returns: What there is to tell of it.
    mutating func hold(_ stream: StreamID, in file: FileIdentity) -> StreamNews? {
        if streamOfFile[file] != stream {
            letGo(file)
            streamOfFile[file] = stream
            files[stream, default: []].insert(file)
        }
        guard streams[stream]?.goneSince != nil else { return nil }
        streams[stream]?.goneSince = nil
        return .found(stream)
    }

    /// The file is gone, or holds something else now.
    mutating func letGo(_ file: FileIdentity) {
        guard let stream = streamOfFile.removeValue(forKey: file) else { return }
        release(stream, by: file)
        files[stream]?.remove(file)
        if files[stream]?.isEmpty == true { files[stream] = nil }
    }

    /// Finds streams that no file holds any more, and those that none has held for `forget`.
    ///
    /// - Parameter now: Milliseconds since 1970.
    mutating func review(now: Int, forget: Duration) -> [StreamNews] {
        let forgetMilliseconds = Int(forget / .milliseconds(1))
        var news: [StreamNews] = []
        for (stream, known) in streams where files[stream] == nil {
            guard let since = known.goneSince else {
                streams[stream]?.goneSince = now
                news.append(.gone(stream, since: now))
                continue
            }
            guard now - since >= forgetMilliseconds else { continue }
            streams[stream] = nil
            families[known.checkpoint.root]?.remove(stream)
            if families[known.checkpoint.root]?.isEmpty == true {
                families[known.checkpoint.root] = nil
            }
            news.append(.forgotten(stream))
        }
        return news
    }

    // MARK: Tails that may be lost

    /// A gap after all that was read of a stream.
    func gap(
        of stream: StreamID, path: String, _ reason: GapReason, _ lostBytes: Int
    ) -> CoverageGap {
        let checkpoint = streams[stream]?.checkpoint
        return CoverageGap(
            stream: stream, root: checkpoint?.root ?? stream, path: path,
            offset: checkpoint?.offset ?? 0, line: (checkpoint?.line ?? 0) + 1,
            lostCompressedBytes: lostBytes, reason: reason)
    }

    /// The end of a file that was cut: what a copy of the file may hold as well.
    struct AbandonedTail {
        let stream: StreamID
        /// Where the stream stood, and how large the file was.
        let offset: Int
        let sizeBytes: Int
        /// The begin of a line that was read.
        var begunLine: LineBatch?
        /// What was seen to follow and was not read.
        var gap: CoverageGap?
        let deadline: TailInstant
    }

    /// Notes an end that a copy of the file may yet provide whole, until the deadline.
    mutating func abandon(_ tail: AbandonedTail) { abandoned.append(tail) }

    /// The ends that nothing has provided in their time.
    mutating func overdueTails(_ now: TailInstant) -> [AbandonedTail] {
        guard abandoned.contains(where: { $0.deadline <= now }) else { return [] }
        let overdue = abandoned.filter { $0.deadline <= now }
        abandoned.removeAll { $0.deadline <= now }
        return overdue.filter { tail in
            let root = tail.gap?.root ?? tail.begunLine?.root ?? tail.stream
            let relatives = families[root, default: []].union([tail.stream])
            return !relatives.contains { relative in
                guard let point = streams[relative]?.checkpoint else { return false }
                // What follows the last line may be no text: the end of a gzip member. A copy
                // that was found before a line of the file was read is a stream of its own.
                return point.file.readBytes >= tail.sizeBytes
                    || relative == tail.stream && point.offset > tail.offset
            }
        }
    }

    /// When the next loss is certain.
    var nextOverdue: TailInstant? { abandoned.map(\.deadline).min() }
}

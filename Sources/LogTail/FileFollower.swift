// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression
internal import Glibc

/// Follows one file from the moment it is found until it is finished.
///
///     searching ──► reading ──► finished
///        ▲  │ ▲        │
///        │  └─┼► shadow│ (another open file is being read as the same stream)
///        └────┴────────┘ (cut, overwritten, closed, or its twin is gone)
///
/// Its `path` is only for people: the file keeps its follower when it is renamed. A file at
/// rest may be closed (``park()``); when it changes it is opened again and goes on from its
/// stream's checkpoint.
final class FileFollower {
    var path: String {
        didSet { if path != oldValue { wasRenamed = true } }
    }
    /// It has another name than when it was read first: its writer has gone on to another file.
    var wasRenamed = false
    let identity: FileIdentity
    /// Since when no watched name has led to the file; nil while one does.
    ///
    /// A look at a folder can miss a file that is being renamed just then, so it takes the
    /// grace time, in which there are further looks, before the file is let go.
    var vanishedAt: TailInstant?
    /// The file while it is open.
    private(set) var file: DecodedFile?
    /// The file as it was when it was closed.
    private var parked: ParkedFile?
    /// Its size when a look at the folder last saw it.
    private var seenBytes = 0
    let context: TailContext
    var phase: Phase
    /// All that was written so far has been read, or is read elsewhere.
    private var isIdle = false
    /// When the file was last seen to change.
    private(set) var lastChange: TailInstant
    /// The file when it was found to hold nothing that its stream's owner has not.
    var shadowStamp: FileStamp?
    /// Where a record without its newline ended that was handed on.
    var lookedAtEnd: Int?
    /// Where the file ended inside a member when that was told.
    var toldUnfinishedAt: Int?
    /// Damage that reading has not got past.
    var openGap: GapStart?
    /// What the last checkpoint said of the file.
    var toldPosition: FilePosition?

    var events: any TailEvents { context.events }
    var timing: TailTiming { context.timing }

    /// When nothing more is to be expected of a file that has vanished; nil while it has not.
    var deadline: TailInstant? {
        vanishedAt.map { max(lastChange, $0) + timing.grace }
    }

    enum Phase {
        case searching(StreamSearch)
        case reading(StreamID, LineAssembler)
        /// All that it holds was read as this stream from another file.
        case shadow(StreamID)
    }

    /// Damage whose extent is not known yet.
    struct GapStart {
        let damage: DecodeDamage
        let lostBytesBefore: Int
        let frontier: Frontier
        let stream: StreamID
        let root: StreamID
    }

    /// What a turn left.
    enum TurnResult: Equatable {
        /// There is more to read at once.
        case more
        /// All is read; look again when the file changes, or at the given time.
        case idle(until: TailInstant?)
        /// The name leads to another file now, or to none: time to look at the folders.
        case moved
        /// Done with the file: it is to be let go.
        case finished
    }

    init(path: String, identity: FileIdentity, context: TailContext, now: TailInstant) {
        self.path = path
        self.identity = identity
        self.context = context
        phase = .searching(StreamSearch(scratch: context.searchScratch))
        lastChange = now
    }

    /// Follows a file that is open already.
    convenience init(
        path: String, open file: DecodedFile, context: TailContext, now: TailInstant
    ) {
        self.init(path: path, identity: file.identity, context: context, now: now)
        self.file = file
    }

    /// Notes what a look at the folder said of the file; whether it changed since it was read.
    func seen(_ stamp: FileStamp) -> Bool {
        seenBytes = stamp.sizeBytes
        return stamp != (file?.stamp ?? parked?.stamp)
    }

    /// Reads for one turn.
    ///
    /// - Throws: ``TailStopped`` when the receiver wants no more, ``SystemError`` or
    ///   ``DecodedFile/OpenFailure`` when the file cannot be read; after these the same turn
    ///   may be tried again.
    func turn(_ table: inout StreamTable, now: TailInstant) throws -> TurnResult {
        guard let file = try openFile(&table, now: now) else {
            guard let deadline else { return .moved }
            return now < deadline ? .idle(until: deadline) : try finishClosed(&table, now: now)
        }
        defer { file.endTurn() }
        try lookForChange(of: file, &table, isCertain: false, now: now)
        var result = TurnResult.more
        do {
            result = try work(on: file, &table, now: now)
        } catch TailStopped.fileWasReplaced {
            try lookForChange(of: file, &table, isCertain: true, now: now)
        }
        if case .idle = result { isIdle = true } else { isIdle = false }
        return result
    }

    private func lookForChange(
        of file: DecodedFile, _ table: inout StreamTable, isCertain: Bool, now: TailInstant
    ) throws {
        switch file.change(isCertain: isCertain) {
        case .replaced(let formerBytes):
            lastChange = now
            // Of what was read of a mixture nothing counts since the last batch.
            let readBytes = isCertain ? toldPosition?.readBytes ?? 0 : file.rawOffset
            try startAnew(
                file, &table, readBytes: readBytes, formerBytes: formerBytes, now: now)
        case .grown: lastChange = now
        case .unchanged: break
        }
    }

    /// Goes through the phases until one has used up the turn.
    ///
    /// A search that ends is followed by reading in the same turn: so every turn gets on, even
    /// where the file is closed after it.
    private func work(
        on file: DecodedFile, _ table: inout StreamTable, now: TailInstant
    ) throws -> TurnResult {
        while true {
            switch phase {
            case .searching(let search):
                if let result = try continueSearch(search, in: file, &table, now: now) {
                    return result
                }
            case .reading(let stream, let lines):
                if table.owner(of: stream)?.file == identity {
                    return try continueReading(stream, lines, from: file, &table, now: now)
                }
                shadowStamp = file.stamp
                phase = .shadow(stream)
            case .shadow(let stream):
                if table.owner(of: stream) != nil, file.stamp == shadowStamp {
                    return vanishedAt == nil ? .idle(until: nil) : .finished
                }
                searchAnew(file)
            }
        }
    }

    // MARK: Open and closed

    /// Whether the file can be closed and lose nothing but time.
    ///
    /// A long line of which a part was handed on, and a search that goes through a file from its
    /// start, would begin anew each time.
    var canPark: Bool {
        switch phase {
        case .searching: isIdle
        case .reading(_, let lines): isIdle || lines.begunBytes < Self.parkedLineBytes
        case .shadow: true
        }
    }

    private static let parkedLineBytes = 1 << 20

    /// Closes the file until it changes.
    func park() throws(TailStopped) {
        guard let file else { return }
        if isIdle, case .reading(_, let lines) = phase { try handOnBegunLine(lines) }
        parked = ParkedFile(file)
        self.file = nil
        phase = .searching(StreamSearch(scratch: context.searchScratch))
        openGap = nil
    }

    /// The open file; nil when its name leads elsewhere.
    private func openFile(
        _ table: inout StreamTable, now: TailInstant
    ) throws -> DecodedFile? {
        if let file { return file }
        guard vanishedAt == nil else { return nil }
        do throws(DecodedFile.OpenFailure) {
            let opened = try DecodedFile(
                path: path, inflater: context.inflater, buffer: context.buffer)
            guard opened.identity == identity else { return nil }
            file = opened
        } catch {
            if case .missing = error { return nil }
            throw error
        }
        if file?.stamp != parked?.stamp { lastChange = now }
        if let file, let parked, !file.goesOn(from: parked) {
            try startAnew(
                file, &table, readBytes: parked.readBytes,
                formerBytes: parked.stamp.sizeBytes, now: now)
        }
        parked = nil
        return file
    }

    /// Lets go of a file that vanished while it was closed.
    ///
    /// What was written to it last may be in a copy: a compressed one, for instance. Of a file
    /// that vanished before it was ever opened nothing is known that could be missed.
    private func finishClosed(
        _ table: inout StreamTable, now: TailInstant
    ) throws -> TurnResult {
        guard let parked, let stream = table.stream(of: identity) else { return .finished }
        if seenBytes > parked.readBytes {
            let lostBytes = seenBytes - parked.readBytes
            table.abandon(
                .init(
                    stream: stream, offset: table.offset(of: stream), sizeBytes: seenBytes,
                    gap: table.gap(of: stream, path: path, .removed, lostBytes),
                    deadline: now + timing.grace))
        } else if let damage = parked.unfinished {
            let gap = table.gap(of: stream, path: path, .damaged(damage), 0)
            guard events.gap(gap) else { throw TailStopped.byReceiver }
        }
        return .finished
    }

    func searchAnew(_ file: DecodedFile) {
        file.rewind()
        openGap = nil
        lookedAtEnd = nil
        phase = .searching(StreamSearch(scratch: context.searchScratch))
    }

    /// What was read of a file that was cut or overwritten is complete; the rest is another log.
    ///
    /// What had not been read of its last lines may be in a copy: `copytruncate` makes one.
    private func startAnew(
        _ file: DecodedFile, _ table: inout StreamTable, readBytes: Int, formerBytes: Int,
        now: TailInstant
    ) throws {
        events.notice(.truncated(path: path))
        if let stream = table.stream(of: identity) {
            var tail = StreamTable.AbandonedTail(
                stream: stream, offset: table.offset(of: stream), sizeBytes: formerBytes,
                deadline: now + timing.grace)
            if case .reading(_, let lines) = phase {
                if lines.frontier.offset == tail.offset {
                    tail.begunLine = lines.begunLine(path: path)
                }
                if lines.isInLongLine { try endStream(stream, lines, nil, &table) }
            }
            if formerBytes > readBytes {
                // What was read of a begun line counts too: all of the line is lost.
                let start = file.format == .plain ? min(readBytes, tail.offset) : readBytes
                tail.gap = table.gap(of: stream, path: path, .overwritten, formerBytes - start)
            }
            if tail.gap != nil || tail.begunLine != nil { table.abandon(tail) }
        }
        table.letGo(identity)
        toldPosition = nil
        searchAnew(file)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression

/// Follows one open file from the moment it is found until it is finished.
///
///     searching ──► reading ──► finished
///        ▲  │ ▲        │
///        │  └─┼► shadow│ (another open file is being read as the same stream)
///        └────┴────────┘ (cut, overwritten, or its twin is gone)
///
/// Its `path` is only for people: the file keeps its follower when it is renamed.
final class FileFollower {
    var path: String
    /// Since when no watched name has led to the file; nil while one does.
    ///
    /// A look at a folder can miss a file that is being renamed just then, so it takes the
    /// grace time, in which there are further looks, before the file is let go.
    var vanishedAt: TailInstant?
    let file: DecodedFile
    private let pool: BlockPool
    let events: any TailEvents
    let timing: TailTiming
    var phase: Phase
    /// When the file was last seen to change.
    private(set) var lastChange: TailInstant
    /// Where a record without its newline ended that was handed on.
    var lookedAtEnd: Int?
    /// Damage that reading has not got past.
    var openGap: GapStart?

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
        let root: StreamID
    }

    /// What a turn left.
    enum TurnResult: Equatable {
        /// There is more to read at once.
        case more
        /// All is read; look again when the file changes, or at the given time.
        case idle(until: TailInstant?)
        /// Done with the file: it is to be closed.
        case finished
    }

    init(
        path: String, file: DecodedFile, pool: BlockPool, events: any TailEvents,
        timing: TailTiming, now: TailInstant
    ) {
        self.path = path
        self.file = file
        self.pool = pool
        self.events = events
        self.timing = timing
        lastChange = now
        phase = .searching(StreamSearch())
    }

    /// Reads for one turn.
    ///
    /// - Throws: ``TailStopped`` when the receiver wants no more, ``SystemError`` when the file
    ///   cannot be read; after the latter the same turn may be tried again.
    func turn(_ table: inout StreamTable, now: TailInstant) throws -> TurnResult {
        defer { file.endTurn() }
        switch file.change() {
        case .replaced:
            lastChange = now
            try startAnew(&table)
        case .grown: lastChange = now
        case .unchanged: break
        }
        switch phase {
        case .searching(let search): return try continueSearch(search, &table, now: now)
        case .reading(let stream, let lines):
            guard table.owner(of: stream)?.file == file.identity else {
                phase = .shadow(stream)
                return .more
            }
            return try continueReading(stream, lines, &table, now: now)
        case .shadow(let stream):
            if lastChange == now || table.owner(of: stream) == nil {
                searchAnew()
                return .more
            }
            return vanishedAt == nil ? .idle(until: nil) : .finished
        }
    }

    private func searchAnew() {
        file.rewind()
        openGap = nil
        lookedAtEnd = nil
        phase = .searching(StreamSearch())
    }

    /// What is read of a file that was cut or overwritten is complete; the rest is another log.
    private func startAnew(_ table: inout StreamTable) throws {
        events.notice(.truncated(path: path))
        if case .reading(let stream, let lines) = phase {
            try endStream(stream, lines, &table, isReadable: false)
        }
        searchAnew()
    }

    // MARK: Searching

    private static let searchStepsPerTurn = 64

    private func continueSearch(
        _ current: StreamSearch, _ table: inout StreamTable, now: TailInstant
    ) throws -> TurnResult {
        var search = current
        let isGone = deadline.map { now >= $0 } ?? false
        if isGone { file.finish() }
        let isAtRest = isGone || now >= lastChange + timing.settle
        for _ in 0..<Self.searchStepsPerTurn {
            let answer = try search.step(
                in: file, table, isFinished: isGone, isAtRest: isAtRest)
            switch answer {
            case .more: continue
            case .undecided:
                phase = .searching(search)
                if isGone { return .finished }
                return .idle(until: isAtRest ? deadline : lastChange + timing.settle)
            case .isNew(let firstLine):
                let stream = table.newStream(firstLine: firstLine.span)
                beginReading(stream, firstLine: firstLine, at: Frontier(), &table)
                return .more
            case .goesOn(let checkpoint, let frontier, let firstLine):
                if let owner = table.owner(of: checkpoint.stream), owner.file != file.identity {
                    return try meet(owner, of: checkpoint.stream, &table)
                }
                beginReading(checkpoint.stream, firstLine: firstLine, at: frontier, &table)
                return .more
            }
        }
        phase = .searching(search)
        return .more
    }

    /// Decides between this file and another that is being read as the same stream.
    ///
    /// While the other one has more to read, or when this one has no more, there is nothing
    /// here that will not be read there. But where the other has ended and this one goes on,
    /// this one is the stream's continuation and takes its place.
    private func meet(
        _ owner: StreamTable.Owner, of stream: StreamID, _ table: inout StreamTable
    ) throws -> TurnResult {
        let probe = LineBlock(capacity: 1)
        while owner.isAtEnd, probe.count == 0 {
            if case .endOfFile = try file.read(into: probe) { break }
        }
        guard probe.count > 0 else {
            phase = .shadow(stream)
            return .idle(until: nil)
        }
        table.own(stream, by: file.identity, isAtEnd: false)
        searchAnew()
        return .more
    }

    private func beginReading(
        _ stream: StreamID, firstLine: [UInt8], at frontier: Frontier, _ table: inout StreamTable
    ) {
        table.own(stream, by: file.identity, isAtEnd: false)
        let root = StreamTable.streamID(firstLine: firstLine.span, ordinal: 0)
        phase = .reading(
            stream, LineAssembler(stream: stream, root: root, at: frontier, pool: pool))
        events.notice(.opened(path: path, stream: stream, offset: frontier.offset))
        if file.format == .plain, path.hasSuffix(".gz") { events.notice(.isNotGzip(path: path)) }
    }
}

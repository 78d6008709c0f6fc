// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression

/// Finds out which stream an open file holds, and where to go on in it.
///
///     first line ──► jumping ◄──► comparing ──► answer
///
/// First the file's first line is read: it says which checkpoints may be meant. Then each of
/// them, the furthest first, is tried from the restart point that was stored with it. Where
/// that does not serve, the file is decoded from its start up to their offsets. The one whose
/// guard stands at its place is the one. Works in steps, so that a large file does not hold up
/// the others.
struct StreamSearch {
    enum Answer {
        /// More can be read at once.
        case more
        /// What is written so far does not decide it: it ends before a checkpoint that may be
        /// meant, or inside the first line.
        case undecided
        /// The file stands at the checkpoint's place.
        case goesOn(StreamCheckpoint, Frontier)
        /// No checkpoint fits: to be read from its start.
        case isNew(firstLine: [UInt8])

        /// The search has ended.
        var isFound: Bool {
            switch self {
            case .more, .undecided: false
            case .goesOn, .isNew: true
            }
        }
    }

    /// What is known of the file from outside.
    struct Circumstances {
        /// Nothing more will be written, so a first line without a newline is one.
        var isFinished: Bool
        /// Nothing was written for a while, so a first record that only lacks its newline is
        /// one, and a file that ends before a checkpoint is not the checkpoint's.
        var isAtRest: Bool
    }

    private enum Phase {
        case firstLine
        /// Candidates to be tried from their restart points, the last first.
        case jumping([StreamCheckpoint])
        /// Candidates to be compared from where the file stands, the first first.
        case comparing([StreamCheckpoint], Origin)
    }

    /// From where the file is read while candidates are compared.
    private enum Origin {
        case start
        /// A restart point; these are to be tried after it.
        case restart(next: [StreamCheckpoint])
    }

    /// Bytes of the first line that count.
    static let firstLineBytes = 64 << 10

    private var phase = Phase.firstLine
    private var firstLine: [UInt8] = []
    private var frontier = Frontier()
    /// The furthest checkpoint that fitted so far.
    private var fitting: (checkpoint: StreamCheckpoint, frontier: Frontier)?
    /// Candidates without a place to jump to.
    private var remaining: [StreamCheckpoint] = []
    /// Holds nothing from one step to the next, so that all searches share it.
    private let scratch: LineBlock

    /// - Parameter scratch: Of ``firstLineBytes`` or more.
    init(scratch: LineBlock) { self.scratch = scratch }

    /// Goes on searching.
    mutating func step(
        in file: DecodedFile, _ table: StreamTable, _ events: any TailEvents,
        _ circumstances: Circumstances
    ) throws(SystemError) -> Answer {
        switch phase {
        case .firstLine: return try readFirstLine(of: file, table, circumstances)
        case .jumping(let targets): return jump(in: file, targets, events)
        case .comparing(let candidates, let origin):
            return try compare(file, with: candidates, origin, isAtRest: circumstances.isAtRest)
        }
    }

    private mutating func readFirstLine(
        of file: DecodedFile, _ table: StreamTable, _ circumstances: Circumstances
    ) throws(SystemError) -> Answer {
        scratch.truncate(to: 0)
        let isDamaged = try fillWithFirstLine(of: file)
        let newline = scratch.bytes.firstIndex(of: UInt8(ascii: "\n"))
        let isWhole =
            circumstances.isFinished
            ? file.rawOffset > 0
            : circumstances.isAtRest && (scratch.bytes.looksLikeRecord || isDamaged)
        let isDecided = newline != nil || scratch.freeBytes == 0 || isWhole
        guard isDecided else {
            // Begun anew when there is more: it is less than 64 KiB.
            restart(file)
            return .undecided
        }
        firstLine = scratch.bytes.extracting(..<(newline ?? scratch.count)).copied()
        // Of a file in which nothing can be read the damage is to be told: it is known by its
        // own bytes.
        if firstLine.isEmpty, isDamaged { firstLine = file.marks.firstBytes }
        restart(file)
        let candidates = table.candidates(firstLine: firstLine.span)
        guard !candidates.isEmpty else { return .isNew(firstLine: firstLine) }
        phase = .jumping(candidates)
        return .more
    }

    /// Reads up to the first newline, or to the end; whether there is damage on the way.
    private func fillWithFirstLine(of file: DecodedFile) throws(SystemError) -> Bool {
        var isDamaged = false
        while scratch.freeBytes > 0,
            scratch.bytes.firstIndex(of: UInt8(ascii: "\n")) == nil
        {
            switch try file.read(into: scratch) {
            case .endOfFile: return isDamaged
            case .damaged: isDamaged = true
            case .progress, .resumed: break
            }
        }
        return isDamaged
    }

    private mutating func restart(_ file: DecodedFile) {
        file.rewind()
        frontier = Frontier()
    }

    /// Goes to the place that was stored with the furthest candidate not yet tried.
    private mutating func jump(
        in file: DecodedFile, _ targets: [StreamCheckpoint], _ events: any TailEvents
    ) -> Answer {
        guard let target = targets.last else {
            guard !remaining.isEmpty else { return .isNew(firstLine: firstLine) }
            phase = .comparing(remaining.reversed(), .start)
            return .more
        }
        if file.seek(toPlainOffset: target.offset - target.guardBytes) {
            frontier = Frontier(offset: target.offset - target.guardBytes, tail: [])
        } else if let restart = events.restart(of: target.stream).flatMap(FileRestart.init),
            restart.point.decompressedOffset <= target.offset, file.seek(to: restart)
        {
            frontier = Frontier(
                offset: restart.point.decompressedOffset, tail: restart.point.history)
        } else {
            remaining.append(target)
            phase = .jumping(targets.dropLast())
            return .more
        }
        phase = .comparing([target], .restart(next: targets.dropLast()))
        return .more
    }

    private mutating func compare(
        _ file: DecodedFile, with candidates: [StreamCheckpoint], _ origin: Origin, isAtRest: Bool
    ) throws(SystemError) -> Answer {
        for candidate in candidates where frontier.matches(candidate) {
            var known = frontier
            known.setLine(candidate.line)
            fitting = (candidate, known)
        }
        guard let next = candidates.first(where: { $0.offset > frontier.offset }) else {
            return conclude(file, origin)
        }
        let scratch = scratch
        scratch.truncate(to: 0)
        let outcome = try file.read(into: scratch, atMost: next.offset - frontier.offset)
        frontier.advance(over: scratch.bytes, lines: 0)
        guard case .endOfFile = outcome else { return .more }
        return isAtRest ? conclude(file, origin) : .undecided
    }

    private mutating func conclude(_ file: DecodedFile, _ origin: Origin) -> Answer {
        guard let fitting else {
            restart(file)
            guard case .restart(let next) = origin else { return .isNew(firstLine: firstLine) }
            phase = .jumping(next)
            return .more
        }
        if fitting.frontier.offset == frontier.offset {
            return .goesOn(fitting.checkpoint, fitting.frontier)
        }
        // Read past it while looking for a further one: once more up to there, for it alone.
        restart(file)
        self.fitting = nil
        remaining = []
        phase = .jumping([fitting.checkpoint])
        return .more
    }
}

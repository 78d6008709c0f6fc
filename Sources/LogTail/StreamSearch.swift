// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Finds out which stream an open file holds, and where to go on in it.
///
/// First the file's first line is read: it says which checkpoints may be meant. Then the file
/// is inflated up to each of their offsets, and the one whose guard stands there is the one.
/// Works in steps, so that a large file does not hold up the others.
struct StreamSearch {
    enum Answer {
        /// More can be read at once.
        case more
        /// What is written so far does not decide it: it ends before a checkpoint that may be
        /// meant, or inside the first line.
        case undecided
        /// The file stands at the checkpoint's place.
        case goesOn(StreamCheckpoint, Frontier, firstLine: [UInt8])
        /// No checkpoint fits: to be read from its start.
        case isNew(firstLine: [UInt8])
    }

    private enum Phase {
        case firstLine
        case comparing(firstLine: [UInt8], candidates: [StreamCheckpoint])
    }

    /// Bytes of the first line that count.
    static let firstLineBytes = 64 << 10

    private var phase = Phase.firstLine
    private var frontier = Frontier()
    /// The furthest checkpoint that fitted so far.
    private var fitting: (checkpoint: StreamCheckpoint, frontier: Frontier)?
    private let scratch = LineBlock(capacity: firstLineBytes)

    /// Goes on searching.
    ///
    /// - Parameters:
    ///   - isFinished: Nothing more will be written, so a first line without a newline is one.
    ///   - isAtRest: Nothing was written for a while, so a first record that only lacks its
    ///     newline is one, and a file that ends before a checkpoint is not the checkpoint's.
    mutating func step(
        in file: DecodedFile, _ table: StreamTable, isFinished: Bool, isAtRest: Bool
    ) throws(SystemError) -> Answer {
        switch phase {
        case .firstLine:
            return try readFirstLine(
                of: file, table, isFinished: isFinished, isAtRest: isAtRest)
        case .comparing(let firstLine, let candidates):
            return try compare(
                file, with: candidates, firstLine: firstLine, isAtRest: isAtRest)
        }
    }

    private mutating func readFirstLine(
        of file: DecodedFile, _ table: StreamTable, isFinished: Bool, isAtRest: Bool
    ) throws(SystemError) -> Answer {
        try fillWithFirstLine(of: file)
        let newline = scratch.bytes.firstIndex(of: UInt8(ascii: "\n"))
        let isWhole = isFinished ? scratch.count > 0 : isAtRest && scratch.bytes.looksLikeRecord
        let isDecided = newline != nil || scratch.freeBytes == 0 || isWhole
        guard isDecided else {
            // Begun anew when there is more: it is less than 64 KiB.
            restart(file)
            return .undecided
        }
        let firstLine = scratch.bytes.extracting(..<(newline ?? scratch.count)).copied()
        restart(file)
        let candidates = table.candidates(firstLine: firstLine.span)
        guard !candidates.isEmpty else { return .isNew(firstLine: firstLine) }
        phase = .comparing(firstLine: firstLine, candidates: candidates)
        return .more
    }

    private func fillWithFirstLine(of file: DecodedFile) throws(SystemError) {
        while scratch.freeBytes > 0,
            scratch.bytes.firstIndex(of: UInt8(ascii: "\n")) == nil
        {
            if case .endOfFile = try file.read(into: scratch) { return }
        }
    }

    private func restart(_ file: DecodedFile) {
        file.rewind()
        scratch.truncate(to: 0)
    }

    private mutating func compare(
        _ file: DecodedFile, with candidates: [StreamCheckpoint], firstLine: [UInt8],
        isAtRest: Bool
    ) throws(SystemError) -> Answer {
        for candidate in candidates where frontier.matches(candidate) {
            var known = frontier
            known.setLine(candidate.line)
            fitting = (candidate, known)
        }
        guard let next = candidates.first(where: { $0.offset > frontier.offset }) else {
            return conclude(file, firstLine: firstLine)
        }
        let scratch = scratch
        scratch.truncate(to: 0)
        let outcome = try file.read(into: scratch, atMost: next.offset - frontier.offset)
        frontier.advance(over: scratch.bytes, lines: 0)
        scratch.truncate(to: 0)
        guard case .endOfFile = outcome else { return .more }
        return isAtRest ? conclude(file, firstLine: firstLine) : .undecided
    }

    private mutating func conclude(_ file: DecodedFile, firstLine: [UInt8]) -> Answer {
        guard let fitting else {
            restart(file)
            return .isNew(firstLine: firstLine)
        }
        if fitting.frontier.offset == frontier.offset {
            return .goesOn(fitting.checkpoint, fitting.frontier, firstLine: firstLine)
        }
        // Read past it while looking for a further one: once more up to there, for it alone.
        restart(file)
        frontier = Frontier()
        self.fitting = nil
        phase = .comparing(firstLine: firstLine, candidates: [fitting.checkpoint])
        return .more
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression

extension FileFollower {
    /// Decompressed or compressed bytes, whichever is more, after which the others have a turn.
    private static let turnBytes = 4 << 20

    /// Reads on, hands on the whole lines, and ends the stream when its file is finished.
    func continueReading(
        _ stream: StreamID, _ current: LineAssembler, _ table: inout StreamTable,
        now: TailInstant
    ) throws -> TurnResult {
        var lines = current
        let isAtEnd: Bool
        do {
            isAtEnd = try readLines(&lines, &table)
            try lines.flush(path: path) { batch throws(TailStopped) in
                try handOn(batch, &table)
            }
        } catch {
            phase = .reading(stream, lines)
            throw error
        }
        phase = .reading(stream, lines)
        guard isAtEnd else { return .more }
        try closeGap()
        table.own(stream, by: file.identity, isAtEnd: true)
        if let deadline, now >= deadline {
            try endStream(stream, lines, &table, isReadable: true)
            return .finished
        }
        return .idle(until: try lookAtBegunRecord(lines, now: now) ?? deadline)
    }

    /// Hands on a record at the end of a file at rest that only lacks its newline.
    ///
    /// No checkpoint goes with it: when its newline comes it is handed on again as a whole
    /// line, and its reports are known by their ids.
    ///
    /// - Returns: When to look again, if there is such a record and it may still be growing.
    private func lookAtBegunRecord(
        _ lines: LineAssembler, now: TailInstant
    ) throws(TailStopped) -> TailInstant? {
        guard lines.begunEnd != lookedAtEnd, let record = lines.begunRecord(path: path) else {
            return nil
        }
        let restAt = lastChange + timing.settle
        guard now >= restAt else { return restAt }
        lookedAtEnd = lines.begunEnd
        guard events.lines(record) else { throw TailStopped() }
        return nil
    }

    /// Reads until the turn or the file is at its end; whether it is the file.
    private func readLines(
        _ lines: inout LineAssembler, _ table: inout StreamTable
    ) throws -> Bool {
        let rawStart = file.rawOffset
        var producedBytes = 0
        while producedBytes < Self.turnBytes, file.rawOffset - rawStart < Self.turnBytes {
            let block = try lines.roomyBlock(path: path) { batch throws(TailStopped) in
                try handOn(batch, &table)
            }
            let start = block.count
            let outcome = try file.read(into: block)
            lines.added(from: start)
            producedBytes += block.count - start
            switch outcome {
            case .progress: break
            case .endOfFile: return true
            case .damaged(let damage):
                // What was read of the line that is cut off is evaluated as it is.
                try lines.flushAll(path: path) { batch throws(TailStopped) in
                    try handOn(batch, &table)
                }
                openGap = GapStart(
                    damage: damage, lostBytesBefore: file.lostBytes, frontier: lines.frontier,
                    root: lines.root)
            case .resumed: try closeGap()
            }
        }
        return false
    }

    private func handOn(
        _ batch: LineBatch, _ table: inout StreamTable
    ) throws(TailStopped) {
        guard events.lines(batch) else { throw TailStopped() }
        if let checkpoint = batch.checkpoint { table.advance(to: checkpoint) }
    }

    /// Reports the damage that reading has got past, or that nothing readable follows yet.
    private func closeGap() throws(TailStopped) {
        guard let gap = openGap else { return }
        openGap = nil
        let report = CoverageGap(
            root: gap.root, path: path, offset: gap.frontier.offset,
            line: gap.frontier.line + 1, lostCompressedBytes: file.lostBytes - gap.lostBytesBefore,
            reason: .damaged(gap.damage))
        guard events.gap(report) else { throw TailStopped() }
    }

    /// Hands on all that is left of a stream to which nothing will be added.
    ///
    /// - Parameter isReadable: Nothing in the file but its end is new; else it was overwritten,
    ///   and only what was read before counts.
    func endStream(
        _ stream: StreamID, _ current: LineAssembler, _ table: inout StreamTable,
        isReadable: Bool
    ) throws {
        var lines = current
        if isReadable {
            file.finish()
            while try !readLines(&lines, &table) {}
        }
        try lines.flushAll(path: path) { batch throws(TailStopped) in
            try handOn(batch, &table)
        }
        try closeGap()
        table.release(stream)
        phase = .shadow(stream)
        events.notice(.finished(path: path, offset: lines.frontier.offset))
    }
}

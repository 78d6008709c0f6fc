// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression

extension FileFollower {
    /// Decompressed or compressed bytes, whichever is more, after which the others have a turn.
    private static let turnBytes = 4 << 20

    /// Reads on, hands on the whole lines, and ends the stream when its file is finished.
    func continueReading(
        _ stream: StreamID, _ current: LineAssembler, from file: DecodedFile,
        _ table: inout StreamTable, now: TailInstant
    ) throws -> TurnResult {
        var lines = current
        let isAtEnd: Bool
        do {
            isAtEnd = try readLines(&lines, from: file, &table)
            try lines.flush(at: position(in: file)) { batch throws(TailStopped) in
                try handOn(batch, from: file, &table)
            }
        } catch {
            // Of a turn that read a mixture only what was handed on counts.
            if error as? TailStopped != .fileWasReplaced { phase = .reading(stream, lines) }
            throw error
        }
        phase = .reading(stream, lines)
        guard isAtEnd else { return .more }
        try closeGap(file)
        table.own(stream, by: identity, isAtEnd: true)
        if let deadline, now >= deadline {
            try endStream(stream, lines, file, &table)
            return .finished
        }
        try tellPosition(lines, in: file, &table)
        let waits = [
            try lookAtBegunLine(lines, now: now),
            try lookAtOpenMember(lines, in: file, now: now), deadline,
        ]
        return .idle(until: waits.compactMap { $0 }.min())
    }

    /// Tells of a renamed file at rest that ends inside a member; it is still read if it grows.
    ///
    /// - Returns: When to look again, if that may come to be told.
    private func lookAtOpenMember(
        _ lines: LineAssembler, in file: DecodedFile, now: TailInstant
    ) throws(TailStopped) -> TailInstant? {
        guard wasRenamed, toldUnfinishedAt != file.rawOffset, let damage = file.unfinished else {
            return nil
        }
        let restAt = lastChange + timing.abandon
        guard now >= restAt else { return restAt }
        toldUnfinishedAt = file.rawOffset
        let gap = CoverageGap(
            stream: lines.stream, root: lines.root, path: path, offset: lines.frontier.offset,
            line: lines.frontier.line + 1, lostCompressedBytes: 0, reason: .damaged(damage))
        guard events.gap(gap) else { throw .byReceiver }
        return nil
    }

    private func position(in file: DecodedFile) -> FilePosition {
        FilePosition(path: path, readBytes: file.rawOffset, sizeBytes: file.sizeBytes)
    }

    /// Tells how far the file was read where no lines came of the last of it.
    private func tellPosition(
        _ lines: LineAssembler, in file: DecodedFile, _ table: inout StreamTable
    ) throws(TailStopped) {
        let position = position(in: file)
        guard position != toldPosition, !lines.isInLongLine else { return }
        toldPosition = position
        var checkpoint = lines.checkpoint(in: position)
        table.advance(to: checkpoint)
        checkpoint.restart = file.takeRestart(upTo: checkpoint.offset)?.encoded
        guard events.checkpoint(checkpoint) else { throw TailStopped.byReceiver }
    }

    /// Hands on what stands at the end of a file at rest and only lacks its newline: soon when
    /// it reads like a whole record, else once the grace time has passed.
    ///
    /// No checkpoint goes with it: when its newline comes it is handed on again as a whole
    /// line, and its reports are known by their ids.
    ///
    /// - Returns: When to look again, if there is such a record and it may still be growing.
    private func lookAtBegunLine(
        _ lines: LineAssembler, now: TailInstant
    ) throws(TailStopped) -> TailInstant? {
        guard lines.begunEnd != lookedAtEnd, let record = lines.begunLine(path: path) else {
            return nil
        }
        let isWhole = record.block.bytes.looksLikeRecord
        let restAt = lastChange + (isWhole ? timing.settle : timing.grace)
        guard now >= restAt else { return restAt }
        try handOnBegunLine(lines)
        return nil
    }

    /// Hands on what was read of a line that has no newline yet, once.
    func handOnBegunLine(_ lines: LineAssembler) throws(TailStopped) {
        guard lines.begunEnd != lookedAtEnd, let record = lines.begunLine(path: path) else {
            return
        }
        lookedAtEnd = lines.begunEnd
        guard events.lines(record) else { throw .byReceiver }
    }

    /// Reads until the turn or the file is at its end; whether it is the file.
    private func readLines(
        _ lines: inout LineAssembler, from file: DecodedFile, _ table: inout StreamTable
    ) throws -> Bool {
        let rawStart = file.rawOffset
        var producedBytes = 0
        while producedBytes < Self.turnBytes, file.rawOffset - rawStart < Self.turnBytes {
            let block = try lines.roomyBlock(at: position(in: file)) {
                batch throws(TailStopped) in
                try handOn(batch, from: file, &table)
            }
            let start = block.count
            let lostBytesBefore = file.lostBytes
            let outcome = try file.read(into: block)
            lines.added(from: start)
            producedBytes += block.count - start
            switch outcome {
            case .progress: break
            case .endOfFile: return true
            case .damaged where !file.holdsWhatWasRead: throw TailStopped.fileWasReplaced
            case .damaged(let damage):
                // What was read of the line that is cut off is evaluated as it is.
                try lines.flushAll(at: position(in: file), isResumable: true) {
                    batch throws(TailStopped) in
                    try handOn(batch, from: file, &table)
                }
                // The gap is counted for a stream that the store knows.
                try tellPosition(lines, in: file, &table)
                openGap = GapStart(
                    damage: damage, lostBytesBefore: lostBytesBefore, frontier: lines.frontier,
                    stream: lines.stream, root: lines.root)
            case .resumed: try closeGap(file)
            }
        }
        return false
    }

    private func handOn(
        _ batch: LineBatch, from file: DecodedFile?, _ table: inout StreamTable
    ) throws(TailStopped) {
        if let file, !file.holdsWhatWasRead { throw .fileWasReplaced }
        var batch = batch
        if let checkpoint = batch.checkpoint {
            batch.checkpoint?.restart = file?.takeRestart(upTo: checkpoint.offset)?.encoded
            toldPosition = checkpoint.file
            table.advance(to: checkpoint)
        }
        guard events.lines(batch) else { throw TailStopped.byReceiver }
    }

    /// Reports the damage that reading has got past, or that nothing readable follows yet.
    private func closeGap(_ file: DecodedFile) throws(TailStopped) {
        guard let gap = openGap else { return }
        openGap = nil
        let report = CoverageGap(
            stream: gap.stream, root: gap.root, path: path, offset: gap.frontier.offset,
            line: gap.frontier.line + 1, lostCompressedBytes: file.lostBytes - gap.lostBytesBefore,
            reason: .damaged(gap.damage))
        guard events.gap(report) else { throw TailStopped.byReceiver }
    }

    /// Hands on all that is left of a stream to which nothing will be added.
    ///
    /// The last line may lack its newline. No checkpoint goes with it: where a copy of the file
    /// goes on, the line is read again from its begin.
    ///
    /// - Parameter file: Where to read on; nil when it was overwritten, and only what was read
    ///   before counts.
    func endStream(
        _ stream: StreamID, _ current: LineAssembler, _ file: DecodedFile?,
        _ table: inout StreamTable
    ) throws {
        var lines = current
        if let file {
            file.finish()
            while try !readLines(&lines, from: file, &table) {}
        }
        let position = file.map { self.position(in: $0) } ?? toldPosition
        try lines.flushAll(
            at: position ?? FilePosition(path: path, readBytes: 0, sizeBytes: 0),
            isResumable: false
        ) { batch throws(TailStopped) in
            try handOn(batch, from: file, &table)
        }
        if let file { try closeGap(file) }
        table.release(stream, by: identity)
        phase = .shadow(stream)
        events.notice(.finished(path: path, offset: lines.frontier.offset))
    }
}

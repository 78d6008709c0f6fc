// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression

extension FileFollower {
    private static let searchStepsPerTurn = 64

    /// Searches on; nil when it has ended and the next phase can go on at once.
    func continueSearch(
        _ current: StreamSearch, in file: DecodedFile, _ table: inout StreamTable,
        now: TailInstant
    ) throws -> TurnResult? {
        var search = current
        let isGone = deadline.map { now >= $0 } ?? false
        if isGone { file.finish() }
        let circumstances = StreamSearch.Circumstances(
            isFinished: isGone, isAtRest: isGone || now >= lastChange + timing.settle)
        for _ in 0..<Self.searchStepsPerTurn {
            let answer = try search.step(in: file, table, events, circumstances)
            guard !answer.isFound || file.holdsWhatWasRead else {
                throw TailStopped.fileWasReplaced
            }
            switch answer {
            case .more: continue
            case .undecided:
                phase = .searching(search)
                if isGone { return .finished }
                return .idle(
                    until: circumstances.isAtRest ? deadline : lastChange + timing.settle)
            case .isNew(let firstLine):
                let stream = table.newStream(firstLine: firstLine.span, in: identity)
                let root = StreamTable.streamID(firstLine: firstLine.span, ordinal: 0)
                try beginReading(stream, root: root, file, at: Frontier(), &table)
                return nil
            case .goesOn(let checkpoint, let frontier):
                let stream = checkpoint.stream
                if let owner = table.owner(of: stream), owner.file != identity {
                    return try meet(owner, of: stream, in: file, &table)
                }
                if checkpoint.file.path != path { wasRenamed = true }
                try beginReading(stream, root: checkpoint.root, file, at: frontier, &table)
                return nil
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
        _ owner: StreamTable.Owner, of stream: StreamID, in file: DecodedFile,
        _ table: inout StreamTable
    ) throws -> TurnResult? {
        try hold(stream, &table)
        let probe = LineBlock(capacity: 1)
        while owner.isAtEnd, probe.count == 0 {
            if case .endOfFile = try file.read(into: probe) { break }
        }
        guard probe.count > 0 else {
            shadowStamp = file.stamp
            phase = .shadow(stream)
            return .idle(until: nil)
        }
        table.own(stream, by: identity, isAtEnd: false)
        searchAnew(file)
        return nil
    }

    private func beginReading(
        _ stream: StreamID, root: StreamID, _ file: DecodedFile, at frontier: Frontier,
        _ table: inout StreamTable
    ) throws {
        try hold(stream, &table)
        let isReopened = table.owner(of: stream)?.file == identity
        table.own(stream, by: identity, isAtEnd: false)
        phase = .reading(
            stream, LineAssembler(stream: stream, root: root, at: frontier, pool: context.pool))
        guard !isReopened else { return }
        events.notice(.opened(path: path, stream: stream, offset: frontier.offset))
        if let format = file.format, let suffix = format.suffix(contradictedBy: path) {
            events.notice(.isNotWhatItsNameSays(path: path, suffix: suffix, format: format))
        }
    }

    private func hold(_ stream: StreamID, _ table: inout StreamTable) throws(TailStopped) {
        guard let news = table.hold(stream, in: identity) else { return }
        guard events.news(news) else { throw TailStopped.byReceiver }
    }
}

extension LogFormat {
    /// The ending of a name that promises another format than this.
    fileprivate func suffix(contradictedBy path: String) -> String? {
        let promised: [(String, LogFormat)] = [(".gz", .gzip), (".zst", .zstd)]
        return promised.first { path.hasSuffix($0.0) && $0.1 != self }?.0
    }
}

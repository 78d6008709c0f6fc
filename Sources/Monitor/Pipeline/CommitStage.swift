// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Foundation
internal import Logging
internal import Reports

/// Commits reports and checkpoints together, and waits out a full disk or a busy store.
///
/// A batch with reports is committed at once; checkpoints alone may wait a second, since
/// losing one only means to read a little again.
final class CommitStage {
    private let store: ReportStore
    private let queue: HandOver<EvaluatedItem>
    private let stopping: StopFlag
    private let board: StatusBoard
    private let logger: Logger
    private let debts: Debts
    private let signs: CanarySigns?
    /// Called after a commit that owes something new to a sink.
    private let onCommit: () -> Void

    /// Items that go into one transaction at most, and after the first that has a report:
    /// where there is always more to read, a report must not wait for the end of it. They are
    /// held in memory, and for as long as the store cannot take them.
    private static let itemsPerCommit = 64
    private static let itemsAfterReport = 8
    private static let reportsPerCommit = 512
    private static let checkpointDelaySeconds = 1.0
    private static let retrySeconds = 1.0

    init(
        _ store: ReportStore, _ queue: HandOver<EvaluatedItem>, owing debts: Debts,
        stopping: StopFlag, board: StatusBoard, signs: CanarySigns?, logger: Logger,
        onCommit: @escaping () -> Void
    ) {
        self.store = store
        self.queue = queue
        self.stopping = stopping
        self.board = board
        self.logger = logger
        self.debts = debts
        self.signs = signs
        self.onCommit = onCommit
    }

    /// Commits until the queue is closed and empty.
    ///
    /// - Throws: ``StoreError`` when the store fails in a way that waiting does not mend; what
    ///   was not committed is read again at the next start.
    func run() throws(StoreError) {
        var pending = PendingCommit()
        while true {
            switch queue.take(until: pending.deadline) {
            case .element(let item):
                pending.add(item, now: Date())
                if !pending.isFull { continue }
            case .timedOut: break
            case .ended:
                try commit(&pending)
                return
            }
            try commit(&pending)
        }
    }

    private struct PendingCommit {
        private(set) var reports: [PendingReport] = []
        private(set) var checkpoints: [StreamID: StreamCheckpoint] = [:]
        private(set) var counts: [StreamID: RecordCounts] = [:]
        private(set) var news: [StreamNews] = []
        private(set) var memory = EvaluationMemory()
        private(set) var itemCount = 0
        /// When to commit at the latest; nil while there is nothing. Reports do not wait for
        /// more, only for what is in the queue already.
        private(set) var deadline: Date?

        private var itemsSinceReport = 0

        var isEmpty: Bool { itemCount == 0 }
        var isFull: Bool {
            itemCount >= CommitStage.itemsPerCommit
                || itemsSinceReport > CommitStage.itemsAfterReport
                || reports.count >= CommitStage.reportsPerCommit
        }

        mutating func add(_ item: EvaluatedItem, now: Date) {
            if isEmpty { deadline = now + CommitStage.checkpointDelaySeconds }
            itemCount += 1
            reports += item.reports
            if !reports.isEmpty {
                deadline = now
                itemsSinceReport += 1
            }
            if var checkpoint = item.checkpoint {
                // A place to resume from stands until there is a newer one.
                checkpoint.restart =
                    checkpoint.restart ?? checkpoints[checkpoint.stream]?.restart
                checkpoints[checkpoint.stream] = checkpoint
                if item.counts.records > 0 {
                    counts[checkpoint.stream, default: RecordCounts()] += item.counts
                }
            }
            memory.add(item.memory)
            if let news = item.news {
                if case .forgotten(let stream) = news { checkpoints[stream] = nil }
                self.news.append(news)
            }
        }
    }

    private func commit(_ pending: inout PendingCommit) throws(StoreError) {
        guard !pending.isEmpty else { return }
        let batch = CommitBatch(
            reports: pending.reports, checkpoints: Array(pending.checkpoints.values),
            counts: pending.counts, news: pending.news, memory: pending.memory)
        let inserted = try commitWhenPossible(batch)
        signs?.stored(batch.reports)
        let told = batch.reports.filter { $0.report.kind != .canary }
        let toldCount = inserted - (batch.reports.count - told.count)
        if toldCount > 0 { board.noteStored(toldCount, last: told.last?.report) }
        let owesFindings = debts.findingsOf != nil && !batch.memory.findings.isEmpty
        if inserted > 0 || owesFindings { onCommit() }
        pending = PendingCommit()
    }

    /// Commits, trying again while the store cannot take it: the queues behind fill up and the
    /// reader waits, so nothing is lost.
    private func commitWhenPossible(_ batch: CommitBatch) throws(StoreError) -> Int {
        var isWaiting = false
        // Told to stop, it tries once more: there may be room by now.
        var isLastTry = false
        while true {
            queue.taker?.beat()
            do throws(StoreError) {
                let inserted = try store.commit(
                    batch, sinks: debts.sinks, findingsOf: debts.findingsOf)
                if isWaiting {
                    board.note(.store, nil)
                    logger.notice("reports can be stored again; going on")
                }
                return inserted
            } catch {
                guard error.isTransient, !isLastTry else { throw error }
                if !isWaiting {
                    board.note(.store, "\(error); reading waits until that is mended")
                    logger.error("\(error); reading waits until that is mended")
                }
                isWaiting = true
                isLastTry = stopping.wait(seconds: Self.retrySeconds)
            }
        }
    }
}

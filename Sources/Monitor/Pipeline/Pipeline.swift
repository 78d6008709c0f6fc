// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Foundation
internal import LogTail
internal import Logging
internal import Reports

/// The way of a record through the daemon: three threads and what lies between them.
///
///     reader ──lines──► evaluator ──reports, checkpoint──► committer ──► store
///
/// The hand-overs are bounded, so what the store cannot take makes the reader wait. Ending closes
/// them in this order, so all that was read is committed.
final class Pipeline {
    /// Batches between two threads; each is half a MiB, unless a line is longer.
    private static let queuedBatches = 4
    /// Reports that wait to be committed; an item counts as 16 of them at least.
    private static let queuedReports = 1024
    private static let leastReportsOfItem = 16

    private let read: HandOver<ReaderItem>
    private let evaluated: HandOver<EvaluatedItem>
    private let reader: LogReader
    private let stage: EvaluationStage
    private let commit: CommitStage
    private let stopping: StopFlag
    private let board: StatusBoard
    private let failure = FailureBox()

    private var readerThread: WorkerThread?
    private var evaluatorThread: WorkerThread?
    private var committerThread: WorkerThread?

    /// - Parameter onCommit: Called on the committer's thread when something new is owed.
    /// - Throws: ``StoreError`` when what is remembered cannot be read, or the fault of a rule.
    init(
        _ configuration: Configuration, _ rules: RuleSet, _ store: ReportStore,
        _ pseudonym: Pseudonym, owing debts: Debts, stopping: StopFlag, board: StatusBoard,
        signs: CanarySigns?, watchdog: Watchdog, logger: Logger, onCommit: @escaping () -> Void
    ) throws {
        self.stopping = stopping
        self.board = board
        let evaluating = watchdog.heartbeat("evaluate")
        read = HandOver(
            capacity: Self.queuedBatches, giver: watchdog.heartbeat("read"), taker: evaluating)
        evaluated = HandOver(
            capacity: Self.queuedReports,
            weigh: { max(Self.leastReportsOfItem, $0.reports.count) }, giver: evaluating,
            taker: watchdog.heartbeat("commit"))
        var timing = TailTiming()
        timing.forget = .seconds(86_400 * configuration.forgetDays)
        if let seconds = watchdog.pauseSeconds { timing.alive = .seconds(seconds) }
        let pool = BlockPool()
        stage = try EvaluationStage(
            rules, configuration.evaluation, pseudonym: pseudonym, pool: pool,
            keepsMemory: true, logger: logger)
        try stage.restore(from: store)
        let own = configuration.canary.map { _ in CanaryLog.pattern(in: configuration.state) }
        reader = LogReader(
            patterns: configuration.logs + (own.map { [$0] } ?? []),
            inflater: configuration.inflater,
            timing: timing, known: try store.streams(), pool: pool,
            events: ReaderEvents(read, logger, store: store))
        commit = CommitStage(
            store, evaluated, owing: debts, stopping: stopping, board: board,
            signs: signs, logger: logger, onCommit: onCommit)
    }

    var recordCount: Int { stage.recordCount }

    func start() {
        committerThread = startCommitter()
        evaluatorThread = startEvaluator()
        readerThread = WorkerThread("read") { [reader, read] in
            reader.run()
            read.close()
        }
    }

    /// Ends the threads in their order; what was read is committed.
    ///
    /// - Throws: Why the committer ended before it was told to.
    func stop() throws {
        stopping.raise()
        reader.stop()
        readerThread?.join()
        evaluatorThread?.join()
        committerThread?.join()
        if let error = failure.error { throw error }
    }

    /// Hands rules to the evaluator, and returns when it evaluates by them.
    ///
    /// - Returns: How; for another thread than this object's.
    func swapper() -> @Sendable (RuleSet) throws -> Bool {
        { [read] rules in
            let swapped = HandOver<Result<Void, any Error>>(capacity: 1)
            let isTaken = read.give(.rules(rules) { swapped.giveIfRoom($0) })
            guard isTaken else { return false }
            // When the daemon ends, the evaluator closes the queue without having taken it.
            while true {
                switch swapped.take(until: Date() + 0.5) {
                case .element(let result):
                    try result.get()
                    return true
                case .timedOut: if read.isFinished { return false }
                case .ended: return false
                }
            }
        }
    }

    private func startCommitter() -> WorkerThread {
        let work = Handed(commit)
        return WorkerThread("commit") { [failure, evaluated, reader] in
            do {
                try work.value.run()
            } catch {
                failure.set(error)
                // Unblocks the threads before this one, which then end too.
                evaluated.close()
                reader.stop()
                TerminationSignals.raise()
            }
        }
    }

    private func startEvaluator() -> WorkerThread {
        let work = Handed(stage)
        return WorkerThread("evaluate") { [read, evaluated, board] in
            let stage = work.value
            var progress = EvaluationProgress()
            evaluating: while true {
                let result: EvaluatedItem
                switch read.take(until: stage.deadline) {
                case .element(let item): result = stage.evaluate(item)
                case .timedOut: result = stage.tick()
                case .ended: break evaluating
                }
                progress.tell(board, of: stage)
                if !result.isEmpty, !evaluated.give(result) { break }
            }
            read.close()
            evaluated.close()
        }
    }
}

/// What of the evaluation the board was told.
private struct EvaluationProgress {
    private var records = 0
    private var malformed = 0
    private var bytes = 0

    mutating func tell(_ board: StatusBoard, of stage: EvaluationStage) {
        guard stage.decompressedBytes != bytes else { return }
        board.noteEvaluated(
            records: stage.recordCount - records, malformed: stage.malformedCount - malformed,
            decompressedBytes: stage.decompressedBytes - bytes)
        records = stage.recordCount
        malformed = stage.malformedCount
        bytes = stage.decompressedBytes
    }
}

/// Something handed to one thread, which alone uses it from then on.
private struct Handed<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// Why the committer ended, for the main thread to tell.
private final class FailureBox: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: (any Error)?

    var error: (any Error)? { lock.withLock { stored } }

    func set(_ error: any Error) { lock.withLock { stored = error } }
}

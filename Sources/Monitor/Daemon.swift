// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Foundation
internal import LogTail
internal import Logging
internal import Reports

/// Follows the configured logs until it is told to end: `tocsin run`.
///
///     reader ──lines──► evaluator ──reports, checkpoint──► committer ──► store
///                                                                          │
///                                              journal ◄── deliverer ◄─────┘
///
/// Four threads; the first two hand-overs are bounded, so what the store cannot take makes the
/// reader wait. Ending closes them in this order, so all that was read is committed.
package final class Daemon {
    private let configuration: Configuration
    private let logger: Logger
    private let failure = FailureBox()

    /// Batches between two threads; each is half a MiB, unless a line is longer.
    private static let queuedBatches = 4
    private static let queuedItems = 64

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        logger = Logger(label: "tocsin") { _ in LogOutput(level: .info) }
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: ``SettingsError``, ``RuleFaults`` or ``StoreError``: why it cannot start, or
    ///   cannot go on.
    package func run() throws {
        let signals = TerminationSignals()
        let rules = try RuleSet(
            paths: configuration.rules, placeholders: configuration.placeholders)
        for warning in rules.warnings { logger.warning("\(warning)") }
        let store = try ReportStore(directory: configuration.state)
        let pseudonym = try Pseudonym(directory: configuration.state)
        let known = try store.streams()

        var timing = TailTiming()
        timing.forget = .seconds(86_400 * configuration.forgetDays)
        let watchdog = Watchdog(logger: logger)
        if let seconds = watchdog.pauseSeconds { timing.alive = .seconds(seconds) }
        let evaluating = watchdog.heartbeat("evaluate")
        let pool = BlockPool()
        let read = HandOver<ReaderItem>(
            capacity: Self.queuedBatches, giver: watchdog.heartbeat("read"), taker: evaluating)
        let evaluated = HandOver<EvaluatedItem>(
            capacity: Self.queuedItems, giver: evaluating, taker: watchdog.heartbeat("commit"))
        let stage = try EvaluationStage(
            rules, configuration.evaluation, pseudonym: pseudonym, pool: pool,
            keepsMemory: true, logger: logger)
        try stage.restore(from: store)
        let reader = LogReader(
            patterns: configuration.logs, inflater: configuration.inflater,
            timing: timing, known: known, pool: pool,
            events: ReaderEvents(read, logger, store: store))
        let stopping = StopFlag()
        let delivery = startDelivery(from: store, watchdog.heartbeat("deliver"))
        let commit = CommitStage(store, evaluated, stopping: stopping, logger: logger) {
            delivery.wake()
        }

        let committer = startCommitter(commit, reader: reader, evaluated)
        let evaluator = Self.startEvaluator(stage, from: read, to: evaluated)
        let readerThread = WorkerThread("read") {
            reader.run()
            read.close()
        }
        let reloader = startReloader(to: read)
        logger.info("watching \(configuration.logs.joined(separator: ", ")) with \(rules.summary)")
        ServiceManager.ready(status: "watching with \(rules.summary)")
        let status = ServiceStatus(store: store)
        watchdog.start { status.line }

        signals.wait { reloader.request() }
        watchdog.stop()
        ServiceManager.stopping()
        stopping.raise()
        reader.stop()
        readerThread.join()
        evaluator.join()
        reloader.stop()
        committer.join()
        delivery.stop()
        logger.info("ended after \(stage.recordCount) records")
        if let error = failure.error { throw error }
    }

    private func startReloader(to read: HandOver<ReaderItem>) -> RuleReloader {
        let configuration = configuration
        return RuleReloader(logger: logger) {
            let rules = try RuleSet(
                paths: configuration.rules, placeholders: configuration.placeholders)
            let tests = try RuleTests(rules).run()
            guard tests.isSuccess else { throw SettingsError(tests.rendered()) }
            return rules
        } swap: { rules in
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

    private func startDelivery(
        from store: ReportStore, _ heartbeat: Heartbeat
    ) -> DeliveryThread {
        let logger = logger
        let sink = WatchedSink(
            sink: JournalSink(store: store.identifier), heartbeat: heartbeat)
        let loop = DeliveryLoop(store: store, sink: sink) { event in
            logger.log(level: event.isTrouble ? .warning : .notice, "\(event)")
        }
        return DeliveryThread(loop, aliveSeconds: heartbeat.pauseSeconds) { heartbeat.beat() }
    }

    private func startCommitter(
        _ commit: CommitStage, reader: LogReader, _ evaluated: HandOver<EvaluatedItem>
    ) -> WorkerThread {
        let failure = failure
        let work = Handed(commit)
        return WorkerThread("commit") {
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

    private static func startEvaluator(
        _ stage: EvaluationStage, from read: HandOver<ReaderItem>,
        to evaluated: HandOver<EvaluatedItem>
    ) -> WorkerThread {
        let work = Handed(stage)
        return WorkerThread("evaluate") {
            evaluating: while true {
                let result: EvaluatedItem
                switch read.take(until: work.value.deadline) {
                case .element(let item): result = work.value.evaluate(item)
                case .timedOut: result = work.value.tick()
                case .ended: break evaluating
                }
                if !result.isEmpty, !evaluated.give(result) { break }
            }
            read.close()
            evaluated.close()
        }
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

// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Logging
internal import Reports

/// Follows the configured logs until it is told to end: `tocsin run`.
///
///     pipeline ──reports, checkpoints──► store ◄──► control socket ◄──► consumers, operators
///                                        │   ▲
///             journal, stream ◄── deliveries └── upkeep
///
/// Starts in the order of ``run()`` and ends in the other: first what asks for work, then the
/// pipeline, which commits what was read, then what carries reports away.
package final class Daemon {
    private let configuration: Configuration
    private let logger: Logger
    private let board = StatusBoard()
    private let stopping = StopFlag()

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        logger = Logger(label: "tocsin") { _ in LogOutput(level: .info) }
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: ``SettingsError``, ``RuleFaults``, ``StoreError`` or another `OperatorError`: why
    ///   it cannot start, or cannot go on.
    package func run() throws {
        ProcessMemory.keepLittle()
        let signals = TerminationSignals()
        let rules = try RuleSet(
            paths: configuration.rules, placeholders: configuration.placeholders,
            hasCanary: configuration.canary != nil)
        for warning in rules.warnings { logger.warning("\(warning)") }
        board.noteRules(rules)

        let pseudonym = try Pseudonym(
            directory: configuration.state,
            credentials: ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"])
        let store = try ReportStore(
            directory: configuration.state,
            restarts: pseudonym.restartProtection(
                keepsExcerpts: configuration.evaluation.evidence.keepsExcerpts))
        let news = StoreNews()
        let watchdog = Watchdog(logger: logger)
        let canary = configuration.canary.map { CanaryThread($0, configuration.state, watchdog) }
        let deliveries = Deliveries(
            from: store, to: configuration.stream, host: Host.name, board: board,
            signs: canary?.signs, watchdog: watchdog, logger: logger)
        defer { deliveries.stop() }
        news.add(deliveries.waker())
        let pipeline = try Pipeline(
            configuration, rules, store, pseudonym, owing: deliveries.debts, stopping: stopping,
            board: board, signs: canary?.signs, watchdog: watchdog, logger: logger
        ) { news.tell() }

        let status = StatusReader(
            store: store, board: board, retention: configuration.retention,
            debts: deliveries.debts, canaryFolder: configuration.evaluation.canaryFolder,
            canary: configuration.canary)
        let reloader = makeReloader(swap: pipeline.swapper())
        let control = try ControlServer(
            path: configuration.socket,
            access: ControlAccess(
                responderGroup: configuration.responderGroup,
                operatorGroup: configuration.operatorGroup),
            store: store, status: status, reloader: reloader)
        news.add { [watchers = control.watchers] in watchers.ring() }
        let storing = storing(in: store, deliveries.debts, news)
        canary?.prepare(logger)
        pipeline.start()
        canary?.start(board: board, journal: JournalSink(store: store.identifier), logger, storing)
        let upkeep = startUpkeep(store, status, storing)
        ProcessMemory.giveBack()
        logger.info("watching \(configuration.logs.joined(separator: ", ")) with \(rules.summary)")
        ServiceManager.ready(status: "watching with \(rules.summary)")
        watchdog.start { ServiceStatus(reader: status).line }

        signals.wait { reloader.request() }
        watchdog.stop()
        ServiceManager.stopping()
        control.stop()
        canary?.stop()
        try pipeline.stop()
        reloader.stop()
        upkeep.join()
        logger.info("ended after \(pipeline.recordCount) records")
    }

    private func makeReloader(
        swap: @escaping @Sendable (RuleSet) throws -> Bool
    ) -> RuleReloader {
        let configuration = configuration
        let board = board
        let load = { @Sendable in
            let rules = try RuleSet(
                paths: configuration.rules, placeholders: configuration.placeholders,
                hasCanary: configuration.canary != nil, threads: 1)
            let tests = try RuleTests(rules).run()
            guard tests.isSuccess else { throw SettingsError(tests.rendered(showsPassed: false)) }
            return rules
        }
        return RuleReloader(logger: logger, load: load, swap: swap) { outcome in
            switch outcome {
            case .loaded(let rules): board.noteRules(rules)
            case .failed(let error): board.note(.rules, "\(error)")
            }
        }
    }

    /// Puts what the monitor says of itself into the queue; from any thread.
    private func storing(
        in store: ReportStore, _ debts: Debts, _ news: StoreNews
    ) -> @Sendable (Report) throws -> Void {
        {
            let alarm = PendingReport(report: $0, turnDigest: [], isHistory: false)
            let batch = CommitBatch(reports: [alarm])
            if try store.commit(batch, sinks: debts.sinks) > 0 { news.tell() }
        }
    }

    private func startUpkeep(
        _ store: ReportStore, _ status: StatusReader,
        _ storing: @escaping @Sendable (Report) throws -> Void
    ) -> WorkerThread {
        let alarms = AlarmBook(
            configuration.alarms, patterns: configuration.logs, logger: logger, raise: storing)
        let metrics = configuration.metricsFile.map { MetricsFile($0, logger) }
        let upkeep = Upkeep(store, status, alarms, metrics, stopping: stopping, logger: logger)
        return WorkerThread("upkeep") { upkeep.run() }
    }
}

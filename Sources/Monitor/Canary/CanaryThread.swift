// SPDX-License-Identifier: Apache-2.0
internal import Logging
internal import Reports

/// The thread on which the monitor tries itself, from before the others start to their end.
final class CanaryThread {
    /// At the end nobody waits longer for a journal that holds it up.
    private static let patienceSeconds = 2.0

    /// To be told by the other threads.
    let signs: CanarySigns
    private let settings: CanarySettings
    private let log: CanaryLog
    private let heartbeat: Heartbeat
    private var thread: WorkerThread?

    init(_ settings: CanarySettings, _ state: String, _ watchdog: Watchdog) {
        self.settings = settings
        heartbeat = watchdog.heartbeat("canary")
        signs = CanarySigns(heartbeat)
        log = CanaryLog(folder: CanaryLog.folder(in: state))
    }

    /// Begins the log before the reader looks for it; what fails is tried again with the record.
    func prepare(_ logger: Logger) {
        do throws(SettingsError) { try log.prepare() } catch { logger.warning("\(error)") }
    }

    func start(
        board: StatusBoard, journal: JournalSink, _ logger: Logger,
        _ store: @escaping @Sendable (Report) throws -> Void
    ) {
        let canary = Canary(
            settings, log, signs, board: board,
            alarm: CanaryAlarm(
                board: board, journal: journal, heartbeat: heartbeat, logger: logger, store: store))
        thread = WorkerThread("canary") { canary.run() }
    }

    func stop() {
        signs.inbox.close()
        _ = thread?.join(seconds: Self.patienceSeconds)
    }
}

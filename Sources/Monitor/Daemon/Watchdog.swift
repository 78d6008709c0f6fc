// SPDX-License-Identifier: Apache-2.0
internal import CSystemd
internal import Foundation
internal import Logging
internal import Synchronization

/// Tells systemd that the daemon is alive, for as long as each of its threads is, and how it fares.
///
/// `WATCHDOG=1` goes out four times or more in the interval that systemd set (`WatchdogSec=`),
/// unless a thread has been silent for a whole interval; then nothing does, and systemd kills the
/// process and starts it anew (sd_watchdog_enabled(3)). What was not committed is read again.
final class Watchdog: Sendable {
    /// systemd's interval; nil where it expects nothing.
    private let intervalSeconds: Double?
    private let heartbeats = Mutex<[Heartbeat]>([])
    private let stopping = StopFlag()
    private let thread = Mutex<WorkerThread?>(nil)
    private let logger: Logger

    /// Between two status lines at most.
    private static let statusSeconds = 15.0

    init(logger: Logger) {
        self.logger = logger
        var microseconds: UInt64 = 0
        let isExpected = unsafe sd_watchdog_enabled(0, &microseconds) > 0
        intervalSeconds = isExpected ? Double(microseconds) / 1e6 : nil
    }

    /// A thread's heartbeat, from now on watched.
    func heartbeat(_ name: String) -> Heartbeat {
        let made = Heartbeat(name, pauseSeconds: pauseSeconds)
        heartbeats.withLock { $0.append(made) }
        return made
    }

    /// How often a thread beats at least while it waits.
    var pauseSeconds: Double? { intervalSeconds.map { $0 / 3 } }

    /// Begins to feed systemd, once the threads run.
    ///
    /// - Parameter status: How the daemon fares, in a line; called as often.
    func start(status: @escaping @Sendable () -> String) {
        guard ServiceManager.isPresent else { return }
        let period = min(intervalSeconds.map { $0 / 4 } ?? .infinity, Self.statusSeconds)
        let started = WorkerThread("watchdog") { [self] in
            var told = ""
            var hungBefore = ""
            repeat {
                let hung = feed()
                if hung != hungBefore, !hung.isEmpty {
                    logger.critical(
                        "\(hung) hangs; systemd will end this process and start it anew")
                }
                hungBefore = hung
                let status = status()
                if status != told { ServiceManager.progress(status) }
                told = status
            } while !stopping.wait(seconds: period)
        }
        thread.withLock { $0 = started }
    }

    /// Feeds systemd unless a thread hangs; the names of those that do.
    private func feed() -> String {
        guard let intervalSeconds else { return "" }
        let hung = heartbeats.withLock { $0.filter { $0.silentSeconds > intervalSeconds } }
        if hung.isEmpty { ServiceManager.isAlive() }
        return hung.map { "the thread \($0.name)" }.joined(separator: ", ")
    }

    func stop() {
        stopping.raise()
        thread.withLock { $0.take() }?.join()
    }
}

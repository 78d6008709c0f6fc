// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The signals that end the daemon, taken in by waiting for them instead of by handlers.
struct TerminationSignals {
    private var signals = sigset_t()

    /// Keeps the signals from ending the process; to be called before any thread begins, since
    /// threads inherit the mask.
    init() {
        unsafe sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&signals, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for SIGTERM or SIGINT; `onHangUp` is called at each SIGHUP before.
    func wait(onHangUp: () -> Void) {
        var signals = signals
        while true {
            var received: Int32 = 0
            guard unsafe sigwait(&signals, &received) == 0 else { continue }
            guard received == SIGHUP else { return }
            onHangUp()
        }
    }

    /// Makes the wait return: a part of the daemon cannot go on.
    static func raise() { kill(getpid(), SIGTERM) }
}

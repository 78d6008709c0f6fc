// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// Ctrl-C during long work: the work ends where it is and shows what it has. A second one ends
/// the process at once.
enum Interruption {
    /// What a command ends with that was interrupted, as shells have it: 128 and the signal.
    static let status = 128 + SIGINT
    private static let flag = Atomic(false)

    static var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Takes the signal in from here on.
    static func watch() {
        // Made now: the handler may do no more than store.
        flag.store(false, ordering: .relaxed)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in
            Interruption.flag.store(true, ordering: .relaxed)
        }
        action.sa_flags = Int32(SA_RESTART) | Int32(bitPattern: UInt32(SA_RESETHAND))
        unsafe sigaction(SIGINT, &action, nil)
        // Whoever started the process may have kept the signal from it.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}

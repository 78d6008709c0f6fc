// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Logging
internal import Synchronization

/// Loads the rules anew when asked to, beside the evaluation, and hands them to it.
///
/// The new set is parsed, checked, its tests run, and compiled on a thread of its own; the
/// evaluator takes it between two batches. With any fault the old rules stay and the fault is
/// told. What asks meanwhile makes it load once more.
final class RuleReloader: Sendable {
    /// What is told of a reload: how it ended.
    enum Outcome: Sendable {
        case loaded(RuleSet)
        case failed(any Error)
    }

    private let waiting = ReloadWaiters()
    private let requests = HandOver<Void>(capacity: 1)
    private let thread: WorkerThread

    /// - Parameters:
    ///   - load: Makes the rule set; may take seconds.
    ///   - swap: Hands it to the evaluator and returns when it evaluates by it; false when the
    ///     daemon ends.
    ///   - tell: What became of each reload; called on the reloader's thread.
    init(
        logger: Logger, load: @escaping @Sendable () throws -> RuleSet,
        swap: @escaping @Sendable (RuleSet) throws -> Bool,
        tell: @escaping @Sendable (Outcome) -> Void
    ) {
        let requests = requests
        let waiting = waiting
        thread = WorkerThread("reload") {
            while case .element = requests.take() {
                // Who asks from here on is answered by the next round.
                let round = waiting.takeAll()
                var fault: (any Error)?
                ServiceManager.reloading()
                do {
                    let rules = try load()
                    for warning in rules.warnings { logger.warning("\(warning)") }
                    guard try swap(rules) else { throw DaemonEnding() }
                    logger.notice("reloaded: \(rules.summary)")
                    ServiceManager.ready(status: "watching with \(rules.summary)")
                    tell(.loaded(rules))
                } catch {
                    fault = error
                    if !(error is DaemonEnding) {
                        logger.error("\(error)\nthe rules are not reloaded; those of before stay")
                        ServiceManager.ready(
                            status: "the last reload failed; watching with the rules of before")
                        tell(.failed(error))
                    }
                }
                // Of the old rules, or of those that were refused, nothing is left.
                ProcessMemory.giveBack()
                for waiter in round { waiter.end(fault) }
            }
            for waiter in waiting.close() { waiter.end(DaemonEnding()) }
        }
    }

    /// Asks for a reload; one that is asked for already is enough.
    func request() { requests.giveIfRoom(()) }

    /// Asks for a reload and waits until it is done.
    ///
    /// - Throws: Why the rules of before stay.
    func reload() throws {
        guard let waiter = waiting.add() else { throw DaemonEnding() }
        request()
        try waiter.wait()
    }

    func stop() {
        requests.close()
        thread.join()
    }
}

/// Who waits for a reload that has not begun.
private final class ReloadWaiters: Sendable {
    /// One of them.
    final class Waiter: Sendable {
        private let ended = DispatchSemaphore(value: 0)
        private let fault = Mutex<(any Error)?>(nil)

        func end(_ error: (any Error)?) {
            fault.withLock { $0 = error }
            ended.signal()
        }

        func wait() throws {
            ended.wait()
            if let error = fault.withLock({ $0 }) { throw error }
        }
    }

    private struct State {
        var waiters: [Waiter] = []
        var isClosed = false
    }
    private let state = Mutex(State())

    /// Nil when there will be no reload any more.
    func add() -> Waiter? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            let waiter = Waiter()
            state.waiters.append(waiter)
            return waiter
        }
    }

    func takeAll() -> [Waiter] {
        state.withLock { state in
            defer { state.waiters.removeAll() }
            return state.waiters
        }
    }

    func close() -> [Waiter] {
        state.withLock { $0.isClosed = true }
        return takeAll()
    }
}

/// The daemon ends and does not begin anything any more.
private struct DaemonEnding: Error, CustomStringConvertible {
    var description: String { "the daemon is ending" }
}

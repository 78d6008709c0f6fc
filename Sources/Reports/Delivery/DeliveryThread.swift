// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Delivers what is due, a part at a time.
package protocol DeliveryRounds: Sendable {
    /// Does what is due, and says when the next is.
    ///
    /// - Parameter now: Milliseconds since 1970.
    func round(now: Int) -> DeliveryRound
}

/// A thread that runs a delivery loop: a round whenever one is due or asked for, else asleep.
///
/// It has a thread of its own, because a sink may block without limit and may not hold up
/// anything else.
package final class DeliveryThread: Sendable {
    private let loop: any DeliveryRounds
    /// Called between rounds, at least every so many seconds: the thread is alive.
    private let alive: @Sendable () -> Void
    private let aliveSeconds: Double?
    private let isStopping = Atomic(false)
    /// Set from a call of `wake` to the round that it causes, so that calls do not pile up.
    private let isWoken = Atomic(false)
    private let bell = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the thread. It keeps itself and the loop alive until ``stop(patience:)``.
    ///
    /// - Parameter aliveSeconds: The longest sleep between two calls of `alive`; nil for none.
    package init(
        _ loop: any DeliveryRounds, aliveSeconds: Double? = nil,
        alive: @escaping @Sendable () -> Void = {}
    ) {
        self.loop = loop
        self.alive = alive
        self.aliveSeconds = aliveSeconds
        let thread = Thread {
            // The kernel's name, which debuggers show; Thread's own reaches it only by chance.
            try? Data("deliver".utf8).write(to: URL(fileURLWithPath: "/proc/thread-self/comm"))
            self.run()
        }
        thread.start()
    }

    /// Has the outbox looked at soon; called after each commit, from any thread, never blocks.
    package func wake() {
        if !isWoken.exchange(true, ordering: .acquiringAndReleasing) { bell.signal() }
    }

    /// Ends the thread after the round that it is in.
    ///
    /// - Parameter patience: The most milliseconds to wait. A thread that a sink still blocks
    ///   after that is left to itself; what it does not get to note is found by the next process.
    /// - Returns: Whether the thread has ended.
    @discardableResult
    package func stop(patience: Int = 2_000) -> Bool {
        isStopping.store(true, ordering: .releasing)
        wake()
        guard ended.wait(timeout: .now() + .milliseconds(patience)) == .success else {
            return false
        }
        // For a second call.
        ended.signal()
        return true
    }

    private func run() {
        while !isStopping.load(ordering: .acquiring) {
            alive()
            // Before the round: what is committed during it rings again.
            isWoken.store(false, ordering: .releasing)
            let result = loop.round(now: Timestamp.now.milliseconds)
            sleep(until: result.nextAt)
        }
        ended.signal()
    }

    /// Sleeps until a round is due (ms since 1970; nil: when one is asked for), the bell rings, or
    /// it is time to say that the thread is alive.
    private func sleep(until nextAt: Int?) {
        while true {
            let pause = nextAt.map { Double($0 - Timestamp.now.milliseconds) / 1000 }
            if let pause, pause <= 0 { return }
            guard let seconds = [pause, aliveSeconds].compactMap({ $0 }).min() else {
                bell.wait()
                return
            }
            if bell.wait(timeout: .now() + seconds) == .success { return }
            alive()
        }
    }
}

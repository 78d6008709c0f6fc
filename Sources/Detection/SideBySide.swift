// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization

/// Makes some things on several threads, the caller's among them.
///
/// Not with Dispatch: the threads of its pool ask for priorities, which the service's sandbox
/// refuses with a line in the journal each time, and stay.
final class SideBySide<Made: Sendable>: Sendable {
    private struct State {
        var next = 0
        var made: [Int: Made] = [:]
    }

    private let count: Int
    private let make: @Sendable (Int) -> Made
    private let state = Mutex(State())

    private init(_ count: Int, _ make: @escaping @Sendable (Int) -> Made) {
        self.count = count
        self.make = make
    }

    /// What `make` gives for each number below `count`, in that order.
    ///
    /// - Parameter threads: At most; what is being made takes memory on each.
    static func make(
        _ count: Int, threads: Int, _ make: @escaping @Sendable (Int) -> Made
    ) -> [Made] {
        let maker = SideBySide(count, make)
        let others = max(min(count, threads) - 1, 0)
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<others {
            Thread {
                maker.work()
                ended.signal()
            }.start()
        }
        maker.work()
        for _ in 0..<others { ended.wait() }
        return maker.state.withLock { state in (0..<count).compactMap { state.made[$0] } }
    }

    private func work() {
        while let index = take() {
            let made = make(index)
            state.withLock { $0.made[index] = made }
        }
    }

    private func take() -> Int? {
        state.withLock { state in
            guard state.next < count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization

/// Makes some things on as many threads as there are processors, the caller's among them.
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
    static func make(_ count: Int, _ make: @escaping @Sendable (Int) -> Made) -> [Made] {
        let maker = SideBySide(count, make)
        let threads = max(min(count, ProcessInfo.processInfo.activeProcessorCount) - 1, 0)
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<threads {
            Thread {
                maker.work()
                ended.signal()
            }.start()
        }
        maker.work()
        for _ in 0..<threads { ended.wait() }
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

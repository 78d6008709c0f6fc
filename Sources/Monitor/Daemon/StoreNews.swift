// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Tells whoever carries reports on that the store has new ones.
final class StoreNews: Sendable {
    private let listeners = Mutex<[@Sendable () -> Void]>([])

    /// - Parameter listener: Called on the committing thread; must not block.
    func add(_ listener: @escaping @Sendable () -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    func tell() {
        for listener in listeners.withLock({ $0 }) { listener() }
    }
}

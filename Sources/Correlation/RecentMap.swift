// SPDX-License-Identifier: Apache-2.0

/// A bounded map that keeps what was used lately.
///
/// It holds two generations: what is used moves to the young one, and when that is half of the
/// limit, the old one is given up for it. So nothing has to be kept in an order.
struct RecentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let half: Int
    private(set) var forgottenCount = 0

    init(limit: Int) { half = max(limit / 2, 1) }

    subscript(key: Key) -> Value? { young[key] ?? old[key] }

    mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    func forEach(_ body: (Key, Value) -> Void) {
        for (key, value) in young { body(key, value) }
        for (key, value) in old { body(key, value) }
    }

    /// - Returns: What was given up for it.
    mutating func set(_ value: Value, for key: Key) -> [Key: Value] {
        old[key] = nil
        young[key] = value
        guard young.count > half else { return [:] }
        let given = old
        old = young
        young = [:]
        forgottenCount += given.count
        return given
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Something that ends at a time.
protocol Ending {
    /// The last time that is part of it; of several, of the one that ends first.
    var end: Int64 { get }
}

/// A bounded map of what ends sooner or later; what had to be given up for others is told.
struct ClosingMap<Key: Hashable & Sendable, Value: Ending & Sendable>: Sendable {
    private var values: RecentMap<Key, Value>
    private var endings = Schedule<Key>()
    private var givenUp: [(key: Key, value: Value)] = []
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        values = RecentMap(limit: limit)
    }

    var forgottenCount: Int { values.forgottenCount }

    subscript(key: Key) -> Value? { values[key] }

    mutating func set(_ value: Value, for key: Key) {
        let isKnown = values[key].map { $0.end <= value.end } ?? false
        givenUp += values.set(value, for: key).map { (key: $0.key, value: $0.value) }
        if !isKnown { endings.insert(key, at: value.end) }
        if endings.count > 4 * limit + 64 { scheduleAnew() }
    }

    /// Drops the endings of what is gone already.
    private mutating func scheduleAnew() {
        endings = Schedule()
        values.forEach { endings.insert($0, at: $1.end) }
    }

    /// Takes out what ended before a time, and what was given up.
    mutating func popEnded(before time: Int64) -> (key: Key, value: Value)? {
        if let given = givenUp.popLast() { return given }
        while let key = endings.pop(upTo: time - 1) {
            guard let value = values[key] else { continue }
            if value.end < time {
                values.remove(key)
                return (key: key, value: value)
            }
            endings.insert(key, at: value.end)
        }
        return nil
    }
}

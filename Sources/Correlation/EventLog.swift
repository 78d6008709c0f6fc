// SPDX-License-Identifier: Apache-2.0

/// The events that can still matter, by identity: doubles are found, and windows can be made
/// again under other rules.
struct EventLog {
    private struct Key: Hashable {
        let rule: Int
        let identity: String
    }

    private var items: [Key: WindowItem] = [:]
    private var expiries = Schedule<WindowItem>()
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var all: some Collection<WindowItem> { items.values }

    /// - Parameter expiry: The last time at which the event matters.
    /// - Returns: False if it is known already.
    mutating func add(_ item: WindowItem, expiry: Int64) -> Bool {
        let key = Key(rule: item.rule, identity: item.identity)
        guard items[key] == nil else { return false }
        items[key] = item
        expiries.insert(item, at: expiry)
        if items.count > limit, let oldest = expiries.popFirst() { remove(oldest) }
        return true
    }

    /// Forgets what mattered only before a time.
    mutating func expire(before time: Int64) {
        while let item = expiries.pop(upTo: time - 1) { remove(item) }
    }

    private mutating func remove(_ item: WindowItem) {
        items[Key(rule: item.rule, identity: item.identity)] = nil
    }
}

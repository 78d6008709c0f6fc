// SPDX-License-Identifier: Apache-2.0

/// The turns that a ``ConversationTable`` remembers, by their keys, in the order of coming.
///
/// Keys are hashes already, drawn with a secret: their high bits are the place to begin at.
///
///     entries: | key, owner, index | …   linear probing, five eighths full at most; key 0: free
///     order:   | key | …, | time | …     rings
///
/// - Complexity: Every operation is O(1), mostly one wait for memory; 51 bytes for each of
///   `capacity` turns from the start, so that a process that reads on does not grow.
struct ConversationTurns: ~Copyable {
    struct Turn: Equatable {
        /// The conversation's key, or the offset up to which a response was given out.
        var owner: UInt64
        var index: UInt32
    }

    private struct Entry {
        var key: UInt64 = 0
        var turn = Turn(owner: 0, index: 0)
    }

    private let capacity: Int
    private var entries: [Entry]
    private var orderedKeys: [UInt64]
    /// When each was remembered first, in seconds.
    private var orderedTimes: [UInt32]
    /// Where the rings begin.
    private var oldest = 0
    private(set) var count = 0

    init(capacity: Int) {
        precondition((1...1 << 28).contains(capacity), "room for \(capacity) turns")
        self.capacity = capacity
        entries = [Entry](repeating: Entry(), count: max(16, (8 * capacity + 4) / 5 + 1))
        orderedKeys = [UInt64](repeating: 0, count: capacity)
        orderedTimes = [UInt32](repeating: 0, count: capacity)
    }

    /// The turn of a key, or nil when it is not remembered.
    func find(_ key: UInt64) -> Turn? {
        let at = place(of: Self.stored(key))
        return entries[at].key == 0 ? nil : entries[at].turn
    }

    /// Remembers a turn; one that is known keeps its time, and its place in the order.
    mutating func put(_ key: UInt64, _ turn: Turn, time: UInt32) {
        let key = Self.stored(key)
        var at = place(of: key)
        if entries[at].key != 0 {
            entries[at].turn = turn
            return
        }
        if count == capacity {
            removeOldest()
            at = place(of: key)
        }
        entries[at] = Entry(key: key, turn: turn)
        append(key, time)
    }

    /// Forgets the turns that are older than `ageSeconds`.
    mutating func expire(at clock: UInt32, ageSeconds: UInt32) {
        while count > 0, Int(clock) - Int(orderedTimes[oldest]) > Int(ageSeconds) {
            removeOldest()
        }
    }

    /// Calls `body` with every turn, the oldest first.
    func forEach(_ body: (_ key: UInt64, _ turn: Turn, _ time: UInt32) -> Void) {
        for number in 0..<count {
            let at = ringPlace(number)
            body(orderedKeys[at], entries[place(of: orderedKeys[at])].turn, orderedTimes[at])
        }
    }

    // MARK: - The order

    private func ringPlace(_ number: Int) -> Int {
        let at = oldest + number
        return at < capacity ? at : at - capacity
    }

    private mutating func append(_ key: UInt64, _ time: UInt32) {
        let at = ringPlace(count)
        orderedKeys[at] = key
        orderedTimes[at] = time
        count += 1
    }

    private mutating func removeOldest() {
        remove(at: place(of: orderedKeys[oldest]))
        oldest = ringPlace(1)
        count -= 1
    }

    // MARK: - The places

    /// 0 means a free place, so that key goes under another one.
    private static func stored(_ key: UInt64) -> UInt64 { key == 0 ? 1 : key }

    private func home(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: key.multipliedFullWidth(by: UInt64(entries.count)).high)
    }

    private func next(_ at: Int) -> Int { at &+ 1 == entries.count ? 0 : at &+ 1 }

    /// Where the key is, or the free place where it would go.
    private func place(of key: UInt64) -> Int {
        var at = home(key)
        while entries[at].key != key, entries[at].key != 0 { at = next(at) }
        return at
    }

    /// Frees a place and moves what stands after it up, so that probing finds it still.
    private mutating func remove(at place: Int) {
        var hole = place
        var at = next(place)
        while entries[at].key != 0 {
            if distance(from: home(entries[at].key), to: at) >= distance(from: hole, to: at) {
                entries[hole] = entries[at]
                hole = at
            }
            at = next(at)
        }
        entries[hole].key = 0
    }

    private func distance(from start: Int, to end: Int) -> Int {
        end >= start ? end - start : end - start + entries.count
    }
}

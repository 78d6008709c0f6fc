// SPDX-License-Identifier: Apache-2.0

/// A hash table of bounded size that knows the order in which its entries were used last.
///
/// Keys are hashes already, drawn with a secret, so their low bits are the place to begin at.
///
///     index: | slot number + 1, low half of the key | 0 | ...   linear probing, half full at most
///     slots: | key, value, next older slot, next newer slot |   freed ones make a list of their own
///
/// - Complexity: Every operation is O(1), by the hash; memory grows with the entries up to
///   `capacity` and then no more. With a 16-byte value 48 bytes an entry at capacity.
struct RecencyTable<Value>: ~Copyable {
    private struct Slot {
        var key: UInt64
        var value: Value
        var older: UInt32
        var newer: UInt32
    }

    private static var none: UInt32 { .max }

    let capacity: Int
    private(set) var count = 0
    private var slots: [Slot] = []
    private var index = [UInt64](repeating: 0, count: 16)
    private var oldestSlot = Self.none
    private var newestSlot = Self.none
    /// The freed slots, linked by `newer`.
    private var freedSlot = Self.none
    /// What a freed slot holds.
    private let vacant: Value

    /// - Parameter capacity: Entries held at once, in `1 ... 2^28`.
    init(capacity: Int, vacant: Value) {
        precondition((1...1 << 28).contains(capacity), "a table for \(capacity) entries")
        self.capacity = capacity
        self.vacant = vacant
    }

    var isFull: Bool { count == capacity }

    /// The slot of `key`, valid until it is removed.
    func find(_ key: UInt64) -> Int? {
        let mask = index.count &- 1
        var at = Int(truncatingIfNeeded: key) & mask
        while true {
            let word = index[at]
            if word == 0 { return nil }
            if word >> 32 == key & 0xffff_ffff {
                let slot = Int(truncatingIfNeeded: word & 0xffff_ffff) &- 1
                if slots[slot].key == key { return slot }
            }
            at = (at &+ 1) & mask
        }
    }

    subscript(slot: Int) -> Value {
        get { slots[slot].value }
        _modify { yield &slots[slot].value }
    }

    func key(of slot: Int) -> UInt64 { slots[slot].key }

    /// The slot that was used least lately.
    var oldest: Int? { oldestSlot == Self.none ? nil : Int(oldestSlot) }

    /// The slot that was used next after `slot`.
    func next(newerThan slot: Int) -> Int? {
        let newer = slots[slot].newer
        return newer == Self.none ? nil : Int(newer)
    }

    /// Adds an entry as the newest; its key must not be there and the table not be full.
    @discardableResult
    mutating func insert(_ key: UInt64, _ value: Value) -> Int {
        precondition(count < capacity, "a table of \(capacity) entries is full")
        if 2 * (count + 1) > index.count { rebuildIndex(places: 2 * index.count) }
        let slot: UInt32
        let entry = Slot(key: key, value: value, older: Self.none, newer: Self.none)
        if freedSlot != Self.none {
            slot = freedSlot
            freedSlot = slots[Int(slot)].newer
            slots[Int(slot)] = entry
        } else {
            if slots.count == slots.capacity {
                slots.reserveCapacity(min(capacity, max(16, 2 * slots.count)))
            }
            slot = UInt32(slots.count)
            slots.append(entry)
        }
        count += 1
        enter(key, slot)
        linkAsNewest(slot)
        return Int(slot)
    }

    /// Makes the entry the newest.
    mutating func touch(_ slot: Int) {
        guard newestSlot != UInt32(slot) else { return }
        unlink(UInt32(slot))
        linkAsNewest(UInt32(slot))
    }

    mutating func remove(_ slot: Int) {
        leave(slots[slot].key, UInt32(slot))
        unlink(UInt32(slot))
        slots[slot].value = vacant
        slots[slot].newer = freedSlot
        freedSlot = UInt32(slot)
        count -= 1
    }

    // MARK: - The index

    private mutating func enter(_ key: UInt64, _ slot: UInt32) {
        let mask = index.count &- 1
        var at = Int(truncatingIfNeeded: key) & mask
        while index[at] != 0 { at = (at &+ 1) & mask }
        index[at] = key << 32 | UInt64(slot &+ 1)
    }

    /// Takes a slot's word out and moves those after it up, so that probing finds them still.
    private mutating func leave(_ key: UInt64, _ slot: UInt32) {
        let mask = index.count &- 1
        let word = key << 32 | UInt64(slot &+ 1)
        var hole = Int(truncatingIfNeeded: key) & mask
        while index[hole] != word { hole = (hole &+ 1) & mask }
        var at = (hole &+ 1) & mask
        while index[at] != 0 {
            let home = Int(truncatingIfNeeded: index[at] >> 32) & mask
            if (at &- home) & mask >= (at &- hole) & mask {
                index[hole] = index[at]
                hole = at
            }
            at = (at &+ 1) & mask
        }
        index[hole] = 0
    }

    private mutating func rebuildIndex(places: Int) {
        index = [UInt64](repeating: 0, count: places)
        var slot = oldestSlot
        while slot != Self.none {
            enter(slots[Int(slot)].key, slot)
            slot = slots[Int(slot)].newer
        }
    }

    // MARK: - The order of use

    private mutating func linkAsNewest(_ slot: UInt32) {
        slots[Int(slot)].older = newestSlot
        slots[Int(slot)].newer = Self.none
        if newestSlot == Self.none {
            oldestSlot = slot
        } else {
            slots[Int(newestSlot)].newer = slot
        }
        newestSlot = slot
    }

    private mutating func unlink(_ slot: UInt32) {
        let (older, newer) = (slots[Int(slot)].older, slots[Int(slot)].newer)
        if older == Self.none { oldestSlot = newer } else { slots[Int(older)].newer = newer }
        if newer == Self.none { newestSlot = older } else { slots[Int(newer)].older = older }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Finds the ``MemberName`` of a string by one hash and one comparison.
///
/// Open addressing over 1,024 one-byte slots; a name is compared by its length, its first and
/// its last eight bytes, and what lies between them.
///
/// Pointers into memory that is made once, is never changed and lives as long as the
/// process; so every thread may read it.
@safe
struct MemberTable: @unchecked Sendable {
    static let shared = MemberTable()

    private struct Entry {
        var first: UInt64
        var last: UInt64
        var start: Int
        var count: Int
        var name: MemberName
    }

    private static let slotBits: UInt64 = 10
    private static let emptySlot = UInt8.max
    private let slots: UnsafeMutablePointer<UInt8>
    private let entries: UnsafeMutablePointer<Entry>
    private let texts: UnsafeMutablePointer<UInt8>

    private init() {
        let names = MemberName.allCases
        let slotCount = 1 << Int(Self.slotBits)
        precondition(names.count < Int(Self.emptySlot), "\(names.count) names need wider slots")
        // Eight bytes are read at a time, so the last text needs some after it.
        let bytes = names.flatMap { Array($0.text.utf8) } + [UInt8](repeating: 0, count: 8)
        unsafe slots = .allocate(capacity: slotCount)
        unsafe slots.initialize(repeating: Self.emptySlot, count: slotCount)
        unsafe entries = .allocate(capacity: names.count)
        unsafe texts = .allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { unsafe (texts + index).initialize(to: byte) }
        var start = 0
        for (index, name) in names.enumerated() {
            let count = name.text.utf8.count
            let (first, last) = unsafe Self.ends(of: texts + start, count: count)
            unsafe (entries + index).initialize(
                to: Entry(first: first, last: last, start: start, count: count, name: name))
            var slot = Self.slot(first, last, count)
            while unsafe slots[slot] != Self.emptySlot { slot = (slot + 1) % slotCount }
            unsafe slots[slot] = UInt8(index)
            start += count
        }
    }

    /// The name that the `count` bytes at `text` are, or nil; eight bytes after `text` must be
    /// readable whatever the count.
    func name(of text: UnsafePointer<UInt8>, count: Int) -> MemberName? {
        guard count > 0 else { return nil }
        let (first, last) = unsafe Self.ends(of: text, count: count)
        var slot = Self.slot(first, last, count)
        while true {
            let index = unsafe slots[slot]
            guard index != Self.emptySlot else { return nil }
            let entry = unsafe entries[Int(index)]
            if entry.count == count, entry.first == first, entry.last == last,
                unsafe sameMiddle(text, entry)
            {
                return entry.name
            }
            slot = (slot &+ 1) & ((1 << Int(Self.slotBits)) &- 1)
        }
    }

    /// The first and the last eight bytes; of a shorter text all of it, twice.
    private static func ends(
        of text: UnsafePointer<UInt8>, count: Int
    ) -> (first: UInt64, last: UInt64) {
        let raw = unsafe UnsafeRawPointer(text)
        let first = unsafe UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
        guard count >= 8 else {
            let kept = first & ((1 << UInt64(count &* 8)) &- 1)
            return (kept, kept)
        }
        let last = unsafe raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        return (first, UInt64(littleEndian: last))
    }

    private static func slot(_ first: UInt64, _ last: UInt64, _ count: Int) -> Int {
        let mixed = (first ^ (last << 23 | last >> 41) ^ UInt64(count)) &* 0x9e37_79b9_7f4a_7c15
        return Int(mixed >> (64 - slotBits))
    }

    private func sameMiddle(_ text: UnsafePointer<UInt8>, _ entry: Entry) -> Bool {
        guard entry.count > 16 else { return true }
        for offset in 8..<(entry.count &- 8)
        where unsafe text[offset] != texts[entry.start &+ offset] {
            return false
        }
        return true
    }
}

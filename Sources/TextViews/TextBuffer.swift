// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A text being made: it grows, up to a limit, and knows what of it differs from its source.
@safe
final class TextBuffer {
    /// What stays allocated between texts.
    private static let keptBytes = 1 << 20

    private var base: UnsafeMutablePointer<UInt8>
    private var capacity = 4096
    private(set) var count = 0
    private var limitBytes = Int.max
    /// From the first to the last byte that differs; nil while all is as in the source.
    private(set) var changed: Range<Int>?

    init() { unsafe base = .allocate(capacity: capacity) }

    deinit { unsafe base.deallocate() }

    /// The text made so far.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeStart: base, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Whether something was left out since the limit was reached.
    var isFull: Bool { count >= limitBytes }

    /// Begins a new text of at most `limitBytes`.
    func begin(limitBytes: Int = .max) {
        count = 0
        changed = nil
        self.limitBytes = limitBytes
    }

    /// Lets `write` write all of a text of `newCount` bytes.
    func fill<Result>(_ newCount: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Result) -> Result {
        begin()
        reserve(newCount)
        count = newCount
        return unsafe write(base)
    }

    func append(_ byte: UInt8) {
        guard count < limitBytes else { return }
        if count == capacity { reserve(1) }
        unsafe base[count] = byte
        count &+= 1
    }

    func append(_ source: Span<UInt8>) {
        let room = min(source.count, limitBytes - count)
        reserve(room)
        unsafe source.withUnsafeBufferPointer { from in
            if let start = from.baseAddress { unsafe memcpy(base + count, start, room) }
        }
        count += room
    }

    /// Appends each byte as `map` changes it.
    @inline(__always)
    func append(_ source: Span<UInt8>, _ map: (UInt8) -> UInt8) {
        let start = count
        append(source)
        let added = unsafe UnsafeMutableBufferPointer(start: base + start, count: count - start)
        for index in added.indices { unsafe added[index] = unsafe map(added[index]) }
    }

    /// Takes back all from `newCount` on.
    func truncate(to newCount: Int) {
        precondition(newCount <= count, "cannot truncate \(count) bytes to \(newCount)")
        count = newCount
        if let old = changed, old.upperBound > count {
            changed = min(old.lowerBound, count)..<count
        }
    }

    /// Notes that what was appended from `start` on is not as in the source.
    func noteChange(from start: Int) {
        changed = min(changed?.lowerBound ?? start, start)..<count
    }

    /// Lets go of a character that the limit has cut.
    func endAtCharacter() {
        guard isFull else { return }
        var start = count
        while start > 0, count - start < 4 {
            start -= 1
            let byte = unsafe base[start]
            guard byte & 0xc0 != 0x80 else { continue }
            let whole = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
            if start + whole > count { truncate(to: start) }
            return
        }
    }

    /// Gives back the memory that one long text has taken.
    func shrink() {
        guard capacity > Self.keptBytes else { return }
        unsafe base.deallocate()
        capacity = 4096
        unsafe base = .allocate(capacity: capacity)
        begin()
    }

    private func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(count + more, 2 * capacity)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe memcpy(larger, base, count)
        unsafe base.deallocate()
        unsafe base = larger
    }
}

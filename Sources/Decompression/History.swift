// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// The last bytes that a decoder gave out: deflate's window, 32 KiB (RFC 1951, section 2).
@safe
final class History {
    static let windowBytes = 32 << 10
    private static let capacity = 2 * windowBytes
    private let base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init() { unsafe base = .allocate(capacity: Self.capacity) }

    deinit { unsafe base.deallocate() }

    var memoryBytes: Int { Self.capacity }

    /// Adds bytes; of many only the last are kept. Costs one copy of them, and now and then
    /// one of the window.
    func append(_ bytes: Span<UInt8>) {
        let added = bytes.extracting(last: Self.windowBytes)
        if count + added.count > Self.capacity {
            let kept = Self.windowBytes
            unsafe base.update(from: base + (count - kept), count: kept)
            count = kept
        }
        unsafe added.withUnsafeBufferPointer { from in
            guard let start = from.baseAddress else { return }
            unsafe (base + count).update(from: start, count: from.count)
        }
        count += added.count
    }

    func removeAll() { count = 0 }

    /// The last bytes, `limit` at most.
    func last(_ limit: Int) -> [UInt8] {
        let kept = min(limit, count, Self.windowBytes)
        return unsafe Array(UnsafeBufferPointer(start: base + (count - kept), count: kept))
    }
}

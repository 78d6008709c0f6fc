// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A stretch of decoded log bytes on its way from the reader to the evaluator.
///
///     | bytes handed on (whole lines)   | free            | padding |
///     0                             count          capacity
///
/// The bytes after `count` up to `capacity + paddingBytes` are always readable, which is
/// what the JSON parser needs to run past the end of the last line without a copy.
///
/// One thread owns a block at a time; handing it to another thread is the owner's promise
/// not to touch it again. That hand-over is why it may be sent.
@safe
package final class LineBlock: @unchecked Sendable {
    /// Readable bytes after the capacity; simdjson asks for 64 at most (its `SIMDJSON_PADDING`).
    package static let paddingBytes = 64

    /// What the bytes are.
    package enum Content: Sendable, Equatable {
        /// Whole lines, each with its newline; the last one of a finished file may lack it.
        case lines
        /// A window of one line longer than the limit; `isLast` holds its end. Windows overlap.
        case window(isLast: Bool)
    }

    package private(set) var capacity: Int
    package private(set) var count = 0
    package var content = Content.lines
    private var base: UnsafeMutablePointer<UInt8>

    package init(capacity: Int) {
        precondition(capacity > 0, "a line block of \(capacity) bytes")
        self.capacity = capacity
        unsafe base = Self.allocate(capacity)
    }

    deinit { unsafe base.deallocate() }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
        let whole = capacity + paddingBytes
        let base = UnsafeMutablePointer<UInt8>.allocate(capacity: whole)
        unsafe base.initialize(repeating: 0, count: whole)
        return unsafe base
    }

    package var freeBytes: Int { capacity - count }

    /// The bytes held.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeStart: base, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Lets `body` append to the free part, `limitBytes` at most.
    package func append<Result, Failure: Error>(
        atMost limitBytes: Int = .max,
        _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let room = min(limitBytes, freeBytes)
        let free = unsafe UnsafeMutableBufferPointer(start: base + count, count: room)
        var output = unsafe OutputSpan(buffer: free, initializedCount: 0)
        let result = try body(&output)
        count += unsafe output.finalize(for: free)
        return result
    }

    /// Appends `source`, which must fit the free part.
    package func append(copying source: Span<UInt8>) {
        precondition(source.count <= freeBytes, "\(source.count) bytes into \(freeBytes) free")
        unsafe source.withUnsafeBufferPointer { from in
            if let start = from.baseAddress { unsafe memcpy(base + count, start, from.count) }
        }
        count += source.count
    }

    /// Forgets all bytes from `newCount` on.
    package func truncate(to newCount: Int) {
        precondition(newCount <= count, "cannot truncate \(count) bytes to \(newCount)")
        count = newCount
    }

    /// Makes room for `newCapacity` bytes, keeping what is held.
    package func grow(to newCapacity: Int) {
        guard newCapacity > capacity else { return }
        let larger = unsafe Self.allocate(newCapacity)
        unsafe memcpy(larger, base, count)
        unsafe base.deallocate()
        unsafe base = larger
        capacity = newCapacity
    }
}

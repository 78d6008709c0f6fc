// SPDX-License-Identifier: Apache-2.0
internal import Glibc

extension Span<UInt8> {
    /// The index of the first `byte` at or after `start`, or nil.
    ///
    /// - Complexity: One `memchr`, no allocation.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0 && start <= count, "search from \(start) in \(count) bytes")
        return unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, start < bytes.count else { return nil }
            guard let found = unsafe memchr(base + start, Int32(byte), bytes.count - start) else {
                return nil
            }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    /// The index of the last `byte` at or after `start`, or nil.
    package func lastIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0 && start <= count, "search from \(start) in \(count) bytes")
        var index = count
        while index > start {
            index &-= 1
            if self[index] == byte { return index }
        }
        return nil
    }

    /// How many times `byte` occurs.
    ///
    /// - Complexity: A `memchr` for each: cheap where they are far apart, as line ends are.
    package func count(of byte: UInt8) -> Int {
        var total = 0
        var start = 0
        while let found = firstIndex(of: byte, from: start) {
            total += 1
            start = found + 1
        }
        return total
    }

    /// The bytes as an array of their own.
    package func copied() -> [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// The part without ASCII blanks and line ends on both sides.
    package var trimmed: Span<UInt8> {
        @_lifetime(copy self)
        get {
            var start = 0
            var end = count
            while start < end, self[start].isASCIISpace { start += 1 }
            while end > start, self[end - 1].isASCIISpace { end -= 1 }
            return extracting(start..<end)
        }
    }
}

extension UInt8 {
    /// Space, tab, newline, carriage return, vertical tab or form feed.
    package var isASCIISpace: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}

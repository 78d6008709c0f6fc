// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Glibc

/// The one buffer through which all files are read: only the file whose turn it is uses it.
@safe
final class RawBuffer {
    static let capacity = 256 << 10
    private let base: UnsafeMutablePointer<UInt8>
    /// File offset of the first byte held.
    private var fileOffset = 0
    private var count = 0

    init() { unsafe base = .allocate(capacity: Self.capacity) }

    deinit { unsafe base.deallocate() }

    /// Forgets what is held: another file's turn begins.
    func forget() { count = 0 }

    /// The bytes held from `offset` of the file on; empty when it lies outside.
    @_lifetime(borrow self)
    func bytes(from offset: Int) -> Span<UInt8> {
        let skipped = offset - fileOffset
        let inside = skipped >= 0 && skipped < count
        let span = unsafe Span(
            _unsafeStart: base + (inside ? skipped : 0), count: inside ? count - skipped : 0)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The last bytes held before `offset`, `limit` at most.
    func copy(before offset: Int, limit: Int) -> [UInt8] {
        let end = offset - fileOffset
        guard end > 0, end <= count else { return [] }
        return (max(0, end - limit)..<end).map { unsafe base[$0] }
    }

    /// Reads from the file at `offset`, in place of what is held; the bytes read, 0 at its end.
    ///
    /// - Throws: The errno of `pread(2)`.
    func fill(from descriptor: Int32, at offset: Int) throws(SystemError) -> Int {
        fileOffset = offset
        count = 0
        while true {
            let result = unsafe pread(descriptor, base, Self.capacity, off_t(offset))
            if result >= 0 {
                count = result
                return result
            }
            if errno != EINTR { throw SystemError(errno) }
        }
    }
}

/// A system call's errno.
struct SystemError: Error, Equatable {
    let code: Int32

    init(_ code: Int32) { self.code = code }

    /// The system's sentence for it.
    var text: String { unsafe String(cString: strerror(code)) }
}

// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Bytes that come in at one end and go out at the other; takes no memory when empty.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Takes the first bytes away.
    mutating func drop(_ count: Int) {
        start += count
        if start == bytes.count {
            self = ByteQueue()
        } else if start > bytes.count / 2 {
            // So each byte is moved once on average.
            bytes.removeSubrange(..<start)
            start = 0
        }
    }

    /// Takes the bytes before the first NUL and that NUL away; nil when there is none.
    ///
    /// - Parameter searched: How many bytes hold none, from an earlier call; kept up to date.
    mutating func takeMessage(searched: inout Int) -> [UInt8]? {
        let length = unsafe withBytes { queued -> Int? in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: queued[searched...])
            guard let base = rest.baseAddress, let end = unsafe memchr(base, 0, rest.count)
            else { return nil }
            return unsafe searched + (UnsafeRawPointer(end) - base)
        }
        guard let length else {
            searched = count
            return nil
        }
        let message = Array(bytes[start..<(start + length)])
        drop(message.count + 1)
        searched = 0
        return message
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { all in
            unsafe body(UnsafeRawBufferPointer(rebasing: all[start...]))
        }
    }
}

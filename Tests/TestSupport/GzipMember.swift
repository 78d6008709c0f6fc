// SPDX-License-Identifier: Apache-2.0
internal import CZlib

/// Writes one gzip member with zlib, piece by piece, as a server does that flushes its log.
@safe
package final class GzipMember {
    /// What zlib is told to do after a piece.
    package enum Flush: CaseIterable, Sendable {
        case none, sync, full, finish

        fileprivate var code: Int32 {
            switch self {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .full: Z_FULL_FLUSH
            case .finish: Z_FINISH
            }
        }
    }

    /// In one place for its life: zlib's state points back at it.
    private let stream: UnsafeMutablePointer<z_stream>

    package init(level: Int32 = 6) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe tocsin_deflateInit2(stream, level, 31)
        precondition(status == Z_OK, "no memory for deflating")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The compressed bytes that are due after `bytes`.
    package func write(_ bytes: [UInt8], _ flush: Flush) -> [UInt8] {
        var input = bytes
        var result: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 << 10)
        unsafe input.withUnsafeMutableBufferPointer { from in
            unsafe stream.pointee.next_in = from.baseAddress
            unsafe stream.pointee.avail_in = UInt32(from.count)
            while true {
                let produced = unsafe room.withUnsafeMutableBufferPointer { to in
                    unsafe stream.pointee.next_out = to.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(to.count)
                    _ = unsafe deflate(stream, flush.code)
                    return unsafe to.count - Int(stream.pointee.avail_out)
                }
                result += room[..<produced]
                if produced < room.count { break }
            }
        }
        return result
    }

    /// A whole member in one piece.
    package static func of(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
        GzipMember(level: level).write(bytes, .finish)
    }
}

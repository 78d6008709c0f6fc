// SPDX-License-Identifier: Apache-2.0
internal import CZstd

/// Writes zstd frames with libzstd, piece by piece, as a log shipper does that flushes its log.
@safe
package final class ZstdStream {
    /// What libzstd is told to do after a piece.
    package enum Flush: CaseIterable, Sendable {
        case none, flush, end

        fileprivate var directive: ZSTD_EndDirective {
            switch self {
            case .none: ZSTD_e_continue
            case .flush: ZSTD_e_flush
            case .end: ZSTD_e_end
            }
        }
    }

    private let context: OpaquePointer

    package init(level: Int32 = 3, hasChecksum: Bool = true, windowLog: Int32 = 0) {
        guard let made = unsafe ZSTD_createCCtx() else { preconditionFailure("no memory") }
        unsafe context = made
        for (parameter, value) in [
            (ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, hasChecksum ? 1 : 0),
            (ZSTD_c_windowLog, windowLog),
        ] {
            let result = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
            precondition(ZSTD_isError(result) == 0, "zstd refuses a parameter")
        }
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// The compressed bytes that are due after `bytes`.
    package func write(_ bytes: [UInt8], _ flush: Flush) -> [UInt8] {
        var result: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 << 10)
        unsafe bytes.withUnsafeBufferPointer { from in
            var source = unsafe ZSTD_inBuffer(src: from.baseAddress, size: from.count, pos: 0)
            while true {
                var left = 0
                let produced = unsafe room.withUnsafeMutableBufferPointer { to in
                    var target = unsafe ZSTD_outBuffer(
                        dst: to.baseAddress, size: to.count, pos: 0)
                    left = unsafe ZSTD_compressStream2(
                        context, &target, &source, flush.directive)
                    return unsafe target.pos
                }
                result += room[..<produced]
                let isDone = unsafe source.pos == source.size
                if isDone, flush == .none || left == 0 { return }
            }
        }
        return result
    }

    /// A whole frame in one piece, which then tells its content's size.
    package static func frame(
        of bytes: [UInt8], level: Int32 = 3, hasChecksum: Bool = true
    ) -> [UInt8] {
        ZstdStream(level: level, hasChecksum: hasChecksum).write(bytes, .end)
    }

    /// A frame that holds nothing of the log (RFC 8878, section 3.1.2).
    package static func skippableFrame(_ bytes: [UInt8], kind: UInt8 = 0) -> [UInt8] {
        let size = UInt32(bytes.count)
        return [0x50 + kind, 0x2a, 0x4d, 0x18]
            + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * UInt32($0))) } + bytes
    }
}

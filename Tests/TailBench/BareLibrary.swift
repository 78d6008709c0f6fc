// SPDX-License-Identifier: Apache-2.0
import CIgzip
import CZlib
import CZstd
import Decompression
import Glibc

/// A library that inflates a whole file by itself: its own framing, its own checksum, one output
/// buffer that is written again and again.
enum BareLibrary: String {
    case isal
    case zlib
    case zstd

    /// What LogTail is to use for the same file; nothing to choose for zstd.
    var inflater: Inflater { self == .zlib ? .zlib : .isal }

    /// Reads the file; the bytes that came out.
    func read(_ path: String) throws -> Int {
        let input = try RawInput(path: path)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 64)
        defer { output.deallocate() }
        switch self {
        case .isal: return try Self.readWithISAL(input, output)
        case .zlib: return try Self.readWithZlib(input, output)
        case .zstd: return try Self.readWithZstd(input, output)
        }
    }

    private static func readWithISAL(
        _ input: RawInput, _ output: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
        defer { state.deallocate() }
        isal_inflate_init(state)
        state.pointee.crc_flag = UInt32(ISAL_GZIP)
        var total = 0
        while state.pointee.block_state != ISAL_BLOCK_FINISH {
            if state.pointee.avail_in == 0 {
                let piece = try input.next()
                state.pointee.next_in = piece.bindMemory(to: UInt8.self).baseAddress
                state.pointee.avail_in = UInt32(piece.count)
            }
            state.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            state.pointee.avail_out = UInt32(output.count)
            let status = isal_inflate(state)
            guard status == ISAL_DECOMP_OK else { throw ReadingFailure("ISA-L says \(status)") }
            total += output.count - Int(state.pointee.avail_out)
        }
        return total
    }

    private static func readWithZlib(
        _ input: RawInput, _ output: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, 31, ZLIB_VERSION, size) == Z_OK else {
            throw ReadingFailure("zlib does not start")
        }
        defer { inflateEnd(stream) }
        var total = 0
        var status = Z_OK
        while status != Z_STREAM_END {
            if stream.pointee.avail_in == 0 {
                let piece = try input.next()
                stream.pointee.next_in = piece.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_in = UInt32(piece.count)
            }
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            status = inflate(stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END else {
                throw ReadingFailure("zlib says \(status)")
            }
            total += output.count - Int(stream.pointee.avail_out)
        }
        return total
    }

    private static func readWithZstd(
        _ input: RawInput, _ output: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        let stream = ZSTD_createDStream()
        defer { ZSTD_freeDStream(stream) }
        var from = ZSTD_inBuffer()
        var total = 0
        var isInFrame = true
        while isInFrame {
            if from.pos == from.size {
                let piece = try input.next()
                from = ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: 0)
            }
            var to = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let hint = ZSTD_decompressStream(stream, &to, &from)
            guard ZSTD_isError(hint) == 0 else {
                throw ReadingFailure("zstd says \(String(cString: ZSTD_getErrorName(hint)))")
            }
            total += to.pos
            isInFrame = hint != 0
        }
        return total
    }
}

/// A file in pieces of 256 KiB, by read(2).
final class RawInput {
    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 256 << 10, alignment: 64)

    init(path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            buffer.deallocate()
            throw ReadingFailure("\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// The next piece, in place of the one before; to be used while this object lives.
    func next() throws -> UnsafeMutableRawBufferPointer {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else { throw ReadingFailure("the file ends before its data do") }
        return UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CZlib

/// zlib's inflate.
@safe
final class ZlibInflater: RawInflater {
    /// In one place for its life: zlib's state points back at it.
    private let stream: UnsafeMutablePointer<z_stream>
    /// The last byte taken in: some of its bits may belong to the next block.
    private var lastByte: UInt8 = 0
    private var isAtBlock = false

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe tocsin_inflateInitRaw(stream)
        precondition(status == Z_OK, "no memory for inflating")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// zlib's own figure: 32 KiB of window, about 7 KiB of state (zlib.h, zconf.h).
    var memoryBytes: Int { 40 << 10 }

    func reset() {
        unsafe inflateReset(stream)
        isAtBlock = false
    }

    func resume(window: Span<UInt8>, pendingBits: UInt8, count: Int) {
        reset()
        let primed = unsafe inflatePrime(stream, Int32(count), Int32(pendingBits))
        let isTaken = unsafe window.withUnsafeBufferPointer {
            unsafe inflateSetDictionary(stream, $0.baseAddress, UInt32($0.count))
        }
        precondition(
            primed == Z_OK && (isTaken == Z_OK || window.isEmpty),
            "zlib takes a window when it was just reset")
    }

    var restAfterBlock: InflateRest? {
        guard isAtBlock else { return nil }
        let bitCount = unsafe Int(stream.pointee.data_type & 7)
        return InflateRest(
            wholeBytes: 0, bits: bitCount == 0 ? 0 : lastByte >> UInt8(8 - bitCount),
            bitCount: bitCount)
    }

    func inflate(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>, stopsAtBlock: Bool
    ) -> InflateStep {
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe input.withUnsafeBufferPointer { from in
                let room = buffer.count - initialized
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: from.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(from.count)
                unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + initialized }
                unsafe stream.pointee.avail_out = UInt32(room)
                let status = run(stopsAtBlock: stopsAtBlock)
                precondition(status != Z_MEM_ERROR, "no memory for inflating")
                initialized += unsafe room - Int(stream.pointee.avail_out)
                let consumed = unsafe from.count - Int(stream.pointee.avail_in)
                if consumed > 0 { lastByte = unsafe from[consumed - 1] }
                switch status {
                case Z_OK, Z_BUF_ERROR: return InflateStep(consumedBytes: consumed, status: .more)
                case Z_STREAM_END: return InflateStep(consumedBytes: consumed, status: .finished)
                default: return InflateStep(consumedBytes: consumed, status: .invalid)
                }
            }
        }
    }

    /// Calls zlib, which returns at each block's end (`Z_BLOCK`), until it has no more to do.
    private func run(stopsAtBlock: Bool) -> Int32 {
        while true {
            // Asked to go on without input, it would forget that it stands at a block.
            if unsafe isAtBlock && stream.pointee.avail_in == 0 { return Z_OK }
            let before = unsafe (stream.pointee.avail_in, stream.pointee.avail_out)
            let status = unsafe CZlib.inflate(stream, Z_BLOCK)
            let after = unsafe (stream.pointee.avail_in, stream.pointee.avail_out)
            // inflate() in zlib.h: 128 at a block's end, 64 with the last block's.
            isAtBlock = unsafe stream.pointee.data_type & 0xc0 == 0x80
            let isMoving = after != before
            if status != Z_OK || after.1 == 0 { return status }
            if stopsAtBlock && isAtBlock && isMoving { return status }
            let isLastBlockEnd = unsafe stream.pointee.data_type & 0xc0 == 0xc0
            if !isMoving && !isAtBlock && !isLastBlockEnd { return status }
        }
    }
}

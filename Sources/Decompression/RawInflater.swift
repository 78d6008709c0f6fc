// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CIgzip
internal import CZlib

/// Inflates raw deflate data (RFC 1951), which know their own end but nothing of gzip.
protocol RawInflater: AnyObject {
    /// Forgets all, for the next member.
    func reset()

    /// Inflates until the input is used up, the output is full, or the data end.
    func inflate(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> InflateStep
}

/// What one call of an inflater came to.
struct InflateStep {
    enum Status {
        case more
        case finished
        case invalid
    }

    /// Bytes of input used. At the end of the data it can be negative: bytes of earlier input
    /// turned out to lie after the end.
    var consumedBytes: Int
    var status: Status
}

/// ISA-L's inflate.
///
/// Where data are damaged, ISA-L may have put out some wrong bytes when it says so, and keeps
/// right ones back, both depending on how the input was cut (seen with 2.30). So its state is
/// saved before each call, some 90 KiB, and a call that fails is done again a byte at a time:
/// what comes out is then all that stands before the damage, however the input was cut.
@safe
final class IsalInflater: RawInflater {
    private let state: UnsafeMutablePointer<inflate_state>
    private let saved: UnsafeMutablePointer<inflate_state>

    init() {
        unsafe state = .allocate(capacity: 1)
        unsafe saved = .allocate(capacity: 1)
        reset()
    }

    deinit {
        unsafe state.deallocate()
        unsafe saved.deallocate()
    }

    func reset() {
        unsafe isal_inflate_init(state)
        unsafe state.pointee.crc_flag = UInt32(ISAL_DEFLATE)
    }

    func inflate(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> InflateStep {
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe input.withUnsafeBufferPointer { from in
                unsafe saved.update(from: state, count: 1)
                let before = initialized
                let step = unsafe run(from, buffer, &initialized)
                guard step.status == .invalid else { return step }
                unsafe state.update(from: saved, count: 1)
                initialized = before
                return unsafe runByteByByte(from, buffer, &initialized)
            }
        }
    }

    /// Inflates input of which some byte is known to be wrong, up to that byte.
    ///
    /// Before each byte it gives out what ISA-L holds back; where the room for that ends, it
    /// returns, and the call after it fails and comes here again.
    private func runByteByByte(
        _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>,
        _ initialized: inout Int
    ) -> InflateStep {
        let none = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        var step = unsafe run(none, output, &initialized)
        for index in 0..<input.count {
            if step.status != .more || initialized == output.count { return step }
            let before = initialized
            let byte = unsafe UnsafeBufferPointer(rebasing: input[index...index])
            step = unsafe run(byte, output, &initialized)
            if step.status == .invalid { initialized = before }
            step.consumedBytes += index
        }
        return step
    }

    private func run(
        _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>,
        _ initialized: inout Int
    ) -> InflateStep {
        let room = output.count - initialized
        unsafe state.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe state.pointee.avail_in = UInt32(input.count)
        unsafe state.pointee.next_out = output.baseAddress.map { unsafe $0 + initialized }
        unsafe state.pointee.avail_out = UInt32(room)
        var status: Int32
        // ISA-L can return with both input and room left, or hold output back in its own
        // buffer: it is called until it does nothing more.
        repeat {
            let before = unsafe (state.pointee.avail_in, state.pointee.avail_out)
            status = unsafe isal_inflate(state)
            let after = unsafe (state.pointee.avail_in, state.pointee.avail_out)
            if status != ISAL_DECOMP_OK || isFinished || after == before { break }
        } while true
        initialized += unsafe room - Int(state.pointee.avail_out)
        var step = InflateStep(
            consumedBytes: unsafe input.count - Int(state.pointee.avail_in), status: .more)
        if status < 0 || status == ISAL_NEED_DICT {
            step.status = .invalid
        } else if isFinished {
            // Whole bytes that it had read ahead into its bit buffer lie after the data's end.
            step.consumedBytes -= unsafe Int(state.pointee.read_in_length) / 8
            step.status = .finished
        }
        return step
    }

    /// All data were decoded and all output was given out.
    private var isFinished: Bool {
        unsafe state.pointee.block_state == ISAL_BLOCK_FINISH
    }
}

/// zlib's inflate.
@safe
final class ZlibInflater: RawInflater {
    /// In one place for its life: zlib's state points back at it.
    private let stream: UnsafeMutablePointer<z_stream>

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

    func reset() { unsafe inflateReset(stream) }

    func inflate(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> InflateStep {
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe input.withUnsafeBufferPointer { from in
                let room = buffer.count - initialized
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: from.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(from.count)
                unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + initialized }
                unsafe stream.pointee.avail_out = UInt32(room)
                let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                precondition(status != Z_MEM_ERROR, "no memory for inflating")
                initialized += unsafe room - Int(stream.pointee.avail_out)
                let consumed = unsafe from.count - Int(stream.pointee.avail_in)
                switch status {
                case Z_OK, Z_BUF_ERROR: return InflateStep(consumedBytes: consumed, status: .more)
                case Z_STREAM_END: return InflateStep(consumedBytes: consumed, status: .finished)
                default: return InflateStep(consumedBytes: consumed, status: .invalid)
                }
            }
        }
    }
}

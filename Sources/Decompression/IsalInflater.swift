// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CIgzip
internal import Synchronization

/// ISA-L's inflate.
///
/// Where data are damaged, ISA-L may have put out some wrong bytes when it says so, and keeps
/// right ones back, both depending on how the input was cut (seen with 2.30). So its state is
/// saved before each call, some 90 KiB, and a call that fails is done again a byte at a time:
/// what comes out is then all that stands before the damage, however the input was cut.
@safe
final class IsalInflater: RawInflater {
    private let state: UnsafeMutablePointer<inflate_state>

    /// ISA-L tells that a block has ended only when its input ends within the next block's
    /// header. So where a block's end is sought, input goes in pieces shorter than a header
    /// usually is (one with tables of its own takes 17 bits and up to 280 bytes).
    private static let pieceBytes = 48

    init() {
        unsafe state = .allocate(capacity: 1)
        reset()
    }

    deinit { unsafe state.deallocate() }

    var memoryBytes: Int { unsafe MemoryLayout<inflate_state>.size }

    func reset() {
        unsafe isal_inflate_init(state)
        unsafe state.pointee.crc_flag = UInt32(ISAL_DEFLATE)
    }

    func resume(window: Span<UInt8>, pendingBits: UInt8, count: Int) {
        reset()
        unsafe window.withUnsafeBufferPointer { from in
            guard let start = from.baseAddress else { return }
            let status = unsafe isal_inflate_set_dict(
                state, UnsafeMutablePointer(mutating: start), UInt32(from.count))
            precondition(status == COMP_OK, "ISA-L takes a window when it was just reset")
        }
        unsafe state.pointee.read_in = UInt64(pendingBits)
        unsafe state.pointee.read_in_length = Int32(count)
    }

    var restAfterBlock: InflateRest? {
        let block = unsafe state.pointee.block_state
        guard block == ISAL_BLOCK_NEW_HDR || block == ISAL_BLOCK_HDR, isDrained else { return nil }
        let bits = unsafe Int(state.pointee.read_in_length)
        let bitCount = bits % 8
        let value = unsafe UInt8(truncatingIfNeeded: state.pointee.read_in)
        return unsafe InflateRest(
            wholeBytes: Int(state.pointee.tmp_in_size) + bits / 8,
            bits: value & (1 << UInt8(bitCount) - 1), bitCount: bitCount)
    }

    func inflate(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>, stopsAtBlock: Bool
    ) -> InflateStep {
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe input.withUnsafeBufferPointer { from in
                let saved = SavedState.take()
                defer { SavedState.giveBack(saved) }
                unsafe tocsin_copyInflateState(state, saved.state)
                let before = initialized
                let step =
                    unsafe stopsAtBlock
                    ? runToBlock(from, buffer, &initialized) : run(from, buffer, &initialized)
                guard step.status == .invalid else { return step }
                unsafe tocsin_copyInflateState(saved.state, state)
                initialized = before
                return unsafe runByteByByte(from, buffer, &initialized)
            }
        }
    }

    private func runToBlock(
        _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>,
        _ initialized: inout Int
    ) -> InflateStep {
        var used = 0
        while true {
            let end = min(used + Self.pieceBytes, input.count)
            var step = unsafe run(
                UnsafeBufferPointer(rebasing: input[used..<end]), output, &initialized)
            used += step.consumedBytes
            let isStopped = step.status != .more || used != end || end == input.count
            if isStopped || initialized == output.count || restAfterBlock != nil {
                step.consumedBytes = used
                return step
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
            // Without room it would go on into its own buffer, and copy that out later.
            let isDone = after.1 == 0 || (after.0 == 0 && isDrained)
            if status != ISAL_DECOMP_OK || isFinished || isDone || after == before { break }
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

    /// All that was decoded was given out.
    private var isDrained: Bool {
        unsafe state.pointee.tmp_out_processed == state.pointee.tmp_out_valid
    }

    /// All data were decoded and all output was given out.
    private var isFinished: Bool {
        unsafe state.pointee.block_state == ISAL_BLOCK_FINISH
    }
}

/// Room for a copy of an inflater's state, of which each thread at work needs one.
@safe
private final class SavedState: @unchecked Sendable {
    let state: UnsafeMutablePointer<inflate_state>
    private static let free = Mutex<[SavedState]>([])

    private init() {
        unsafe state = .allocate(capacity: 1)
        unsafe isal_inflate_init(state)
    }

    deinit { unsafe state.deallocate() }

    static func take() -> SavedState { free.withLock { $0.popLast() } ?? SavedState() }

    static func giveBack(_ saved: SavedState) { free.withLock { $0.append(saved) } }
}

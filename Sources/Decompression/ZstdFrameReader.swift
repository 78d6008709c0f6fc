// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import CZstd

/// Decodes zstd frames, skippable ones too (RFC 8878), with libzstd, which verifies lengths and
/// checksums where a frame has them.
@safe
final class ZstdFrameReader: MemberReader {
    static var format: LogFormat { .zstd }
    static let signature = Signature([0x28...0x28, 0xb5...0xb5, 0x2f...0x2f, 0xfd...0xfd])
    /// Skippable frames, which hold nothing of the log (RFC 8878, section 3.1.2).
    static let skippableSignature = Signature([0x50...0x5f, 0x2a...0x2a, 0x4d...0x4d, 0x18...0x18])
    static var padding: UInt8? { nil }

    static func mayBegin(with byte: UInt8) -> Bool {
        [signature, skippableSignature].contains { $0.choices[0].contains(byte) }
    }

    /// A frame that wants a larger window is damage: what zstd(1) takes without being asked.
    static let windowLimitLog: Int32 = 27

    private let context: OpaquePointer
    private var framing = ZstdFraming()
    /// libzstd holds output back for which there was no room.
    private var holdsOutput = false

    init() {
        guard let made = unsafe ZSTD_createDCtx() else { preconditionFailure("no memory for zstd") }
        unsafe context = made
        unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLimitLog)
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    func makeAnother() -> ZstdFrameReader { ZstdFrameReader() }

    var memoryBytes: Int { unsafe ZSTD_sizeof_DCtx(context) }

    func begin() {
        unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        holdsOutput = false
        framing = ZstdFraming()
    }

    /// There are no restart points inside of frames; a forged one is damaged data.
    func resume(_ member: RestartPoint.OpenMember, at point: RestartPoint) { begin() }

    let blockBoundary: BlockBoundary? = nil

    /// Gives libzstd one part of the frame at a time: what comes out of damaged data is then
    /// all blocks before the damaged one, and the damage stands at its begin, however the input
    /// is cut.
    func read(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>, stopsAtBlock: Bool
    ) -> MemberStep {
        var used = 0
        while output.freeCapacity > 0, holdsOutput || used < input.count {
            let end = holdsOutput ? used : min(input.count, used + framing.wantedBytes)
            let piece = input.extracting(used..<end)
            let partStart = used - framing.takenBytes
            var consumed = 0
            let result = decompress(piece, &consumed, into: &output)
            if ZSTD_isError(result) != 0 {
                return MemberStep(
                    consumedBytes: partStart, status: .damaged(Self.fault(of: result)))
            }
            used += consumed
            framing.take(piece.extracting(first: consumed))
            if result == 0 { return MemberStep(consumedBytes: used, status: .ended) }
        }
        return MemberStep(consumedBytes: used, status: .more)
    }

    /// One call of libzstd; its result.
    ///
    /// - Parameter consumed: What it took: all of the piece, save a frame's last byte when there
    ///   was no room for all that came of it.
    private func decompress(
        _ piece: Span<UInt8>, _ consumed: inout Int, into output: inout OutputSpan<UInt8>
    ) -> Int {
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe piece.withUnsafeBufferPointer { from in
                var source = unsafe ZSTD_inBuffer(src: from.baseAddress, size: from.count, pos: 0)
                var target = unsafe ZSTD_outBuffer(
                    dst: buffer.baseAddress, size: buffer.count, pos: initialized)
                let result = unsafe ZSTD_decompressStream(context, &target, &source)
                initialized = unsafe target.pos
                holdsOutput = initialized == buffer.count
                consumed = unsafe source.pos
                return result
            }
        }
    }

    private static func fault(of result: Int) -> DecodeDamage.Fault {
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_checksum_wrong: .checksum
        case ZSTD_error_frameParameter_windowTooLarge: .window
        case ZSTD_error_dictionary_wrong: .dictionary
        case ZSTD_error_prefix_unknown, ZSTD_error_frameParameter_unsupported: .header
        default: .data
        }
    }
}

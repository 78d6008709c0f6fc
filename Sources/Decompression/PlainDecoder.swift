// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Hands on a plain file's bytes as they are.
final class PlainDecoder: LogDecoder {
    private(set) var compressedOffset: Int
    let isAtBoundary = true
    let lostBytes = 0
    let memoryBytes = 0

    init(startingAt offset: Int) { compressedOffset = offset }

    func decode(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> DecodeEvent {
        let count = min(input.count, output.freeCapacity)
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe input.withUnsafeBufferPointer { from in
                guard let source = from.baseAddress, let start = buffer.baseAddress else { return }
                unsafe (start + initialized).initialize(from: source, count: count)
            }
            initialized += count
        }
        compressedOffset += count
        return .progress
    }

    func finish() -> Bool { false }

    /// A plain file can be read from anywhere: no place needs to be remembered.
    func takeRestartPoint() -> RestartPoint? { nil }
}

// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport

@testable import Decompression

/// What a decoder makes of some bytes, given in pieces.
struct DecodedRun {
    private(set) var output: [UInt8] = []
    private(set) var events: [DecodeEvent] = []
    let decoder: any LogDecoder

    /// How the bytes are given.
    struct Pieces {
        /// Bytes of input at a time.
        var input: ClosedRange<Int>
        /// Room for output at a time.
        var room: ClosedRange<Int>

        static let whole = Pieces(input: 1 << 30...1 << 30, room: 64 << 10...64 << 10)
    }

    init(
        _ bytes: [UInt8], _ inflater: Inflater, pieces: Pieces = .whole, seed: UInt64 = 0,
        isFinished: Bool = true
    ) {
        var random = SeededGenerator(seed: seed)
        decoder = GzipDecoder(inflater: inflater, startingAt: 0)
        var hasFinished = !isFinished
        while true {
            let start = decoder.compressedOffset
            let end = min(bytes.count, start + Int.random(in: pieces.input, using: &random))
            let block = LineBlock(capacity: Int.random(in: pieces.room, using: &random))
            let event = block.append { output in
                decoder.decode(bytes.span.extracting(start..<end), into: &output)
            }
            output += block.bytes.copied()
            if event != .progress { events.append(event) }
            let isStuck =
                event == .progress && block.count == 0 && start == decoder.compressedOffset
            guard isStuck, end == bytes.count else { continue }
            if hasFinished { return }
            decoder.finish()
            hasFinished = true
        }
    }
}

/// Text that compresses like a log.
func sampleText(_ byteCount: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    let words = [
        "{\"role\":", "\"user\"", "content", "hello", "weather", "\n", " ", "é", "0123456789",
    ]
    var bytes: [UInt8] = []
    while bytes.count < byteCount {
        bytes += Array((words.randomElement(using: &random) ?? "").utf8)
        if Int.random(in: 0..<20, using: &random) == 0 {
            bytes.append(UInt8.random(in: 0...255, using: &random))
        }
    }
    return Array(bytes.prefix(byteCount))
}

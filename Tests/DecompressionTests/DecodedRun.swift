// SPDX-License-Identifier: Apache-2.0
import Bytes
import TestSupport

@testable import Decompression

/// What a decoder makes of some bytes, given in pieces.
struct DecodedRun {
    private(set) var output: [UInt8] = []
    private(set) var events: [DecodeEvent] = []
    private(set) var restartPoints: [RestartPoint] = []
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
        _ bytes: [UInt8], _ coding: Coding, pieces: Pieces = .whole, seed: UInt64 = 0,
        isFinished: Bool = true
    ) {
        self.init(
            bytes, by: coding.decoder(), pieces: pieces, seed: seed, isFinished: isFinished)
    }

    /// Decodes with a decoder that may stand anywhere.
    init(
        _ bytes: [UInt8], by decoder: any LogDecoder, pieces: Pieces = .whole, seed: UInt64 = 0,
        isFinished: Bool = true
    ) {
        var random = SeededGenerator(seed: seed)
        self.decoder = decoder
        while true {
            let start = decoder.compressedOffset
            let end = min(bytes.count, start + Int.random(in: pieces.input, using: &random))
            let block = LineBlock(capacity: Int.random(in: pieces.room, using: &random))
            let event = block.append { output in
                decoder.decode(bytes.span.extracting(start..<end), into: &output)
            }
            output += block.bytes.copied()
            if event != .progress { events.append(event) }
            if let point = decoder.takeRestartPoint() { restartPoints.append(point) }
            let isStuck =
                event == .progress && block.count == 0 && start == decoder.compressedOffset
            guard isStuck, end == bytes.count else { continue }
            if !isFinished || !decoder.finish() { return }
        }
    }
}

/// The formats that have members, gzip once by each inflater.
enum Coding: CaseIterable, Sendable {
    case isal
    case zlib
    case zstd

    var format: LogFormat { self == .zstd ? .zstd : .gzip }
    var inflater: Inflater { self == .zlib ? .zlib : .isal }

    /// A decoder from the first byte, with restart points as close as asked for.
    func decoder(restartIntervalBytes: Int = 1 << 20) -> any LogDecoder {
        switch self {
        case .isal, .zlib:
            MemberDecoder(
                GzipMemberReader(inflater), startingAt: 0,
                restartIntervalBytes: restartIntervalBytes)
        case .zstd:
            MemberDecoder(
                ZstdFrameReader(), startingAt: 0, restartIntervalBytes: restartIntervalBytes)
        }
    }

    /// One member.
    func member(of text: [UInt8], level: Int32 = 6) -> [UInt8] {
        self == .zstd
            ? ZstdStream.frame(of: text, level: level) : GzipMember.of(text, level: level)
    }
}

extension Coding {
    /// What a writer does after a piece; `.full` is gzip's flush that forgets the window.
    enum Flush: CaseIterable {
        case none, flush, full, end
    }

    /// Writes one member piece by piece.
    struct Writer {
        fileprivate let gzip: GzipMember?
        fileprivate let zstd: ZstdStream?

        func write(_ bytes: [UInt8], _ flush: Flush) -> [UInt8] {
            switch flush {
            case .none: (gzip?.write(bytes, .none) ?? []) + (zstd?.write(bytes, .none) ?? [])
            case .flush: (gzip?.write(bytes, .sync) ?? []) + (zstd?.write(bytes, .flush) ?? [])
            case .full: (gzip?.write(bytes, .full) ?? []) + (zstd?.write(bytes, .flush) ?? [])
            case .end: (gzip?.write(bytes, .finish) ?? []) + (zstd?.write(bytes, .end) ?? [])
            }
        }
    }

    func writer(level: Int32 = 6) -> Writer {
        self == .zstd
            ? Writer(gzip: nil, zstd: ZstdStream(level: level))
            : Writer(gzip: GzipMember(level: level), zstd: nil)
    }
}

/// A file of some members, flushed here and there, with what is in it.
struct SampleFile {
    private(set) var bytes: [UInt8] = []
    private(set) var text: [UInt8] = []
    let memberCount: Int

    init(
        _ coding: Coding, _ random: inout SeededGenerator, pieceBytes: ClosedRange<Int> = 0...9000
    ) {
        memberCount = Int.random(in: 1...4, using: &random)
        for _ in 0..<memberCount {
            let writer = coding.writer(
                level: Int32.random(in: (coding == .zstd ? 1 : 0)...9, using: &random))
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let piece = sampleText(
                    Int.random(in: pieceBytes, using: &random), seed: random.next())
                text += piece
                bytes += writer.write(
                    piece, [.none, .flush, .full].randomElement(using: &random) ?? .none)
            }
            bytes += writer.write([], .end)
            // Padding, as tape drives leave it.
            if coding != .zstd, Int.random(in: 0..<4, using: &random) == 0 { bytes += [0, 0, 0] }
        }
    }
}

/// Whether two texts are the same; said without either, which may be long.
func isSame(_ found: [UInt8], _ expected: [UInt8]) -> Bool { found == expected }

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

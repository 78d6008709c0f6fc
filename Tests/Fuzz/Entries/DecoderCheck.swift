// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression
internal import TestSupport

/// Decodes one input whole and in pieces, with each inflater, and compares what came out.
struct DecoderCheck {
    let format: LogFormat

    func fault(with input: FuzzInput) -> String? {
        var wholes: [DecoderRun] = []
        for inflater in Inflater.allCases {
            var whole = DecoderRun(format, inflater)
            if let fault = whole.decode(input.bytes, cut: nil) {
                return "\(inflater), whole: \(fault)"
            }
            wholes.append(whole)
        }
        for (inflater, whole) in zip(Inflater.allCases, wholes) {
            for cut in CutStyle.allCases {
                var pieces = DecoderRun(format, inflater)
                let choices = SeededGenerator(seed: input.seed)
                let fault = pieces.decode(input.bytes, cut: (cut, choices))
                if let fault = fault ?? pieces.difference(from: whole) {
                    return "\(inflater), cut in \(cut) pieces: \(fault)"
                }
            }
        }
        let undamaged = wholes.filter { !$0.isDamaged }
        for other in undamaged.dropFirst() {
            guard let difference = other.difference(from: undamaged[0]) else { continue }
            return "the inflaters disagree and none tells of damage: \(difference)"
        }
        return nil
    }
}

/// How large the pieces are in which input is given and room is made.
private enum CutStyle: CaseIterable {
    case tiny
    case small
    case mixed

    func size(_ choices: inout SeededGenerator) -> Int {
        switch self {
        case .tiny: Int.random(in: 1...3, using: &choices)
        case .small: Int.random(in: 1...100, using: &choices)
        case .mixed: 1 << Int.random(in: 0...16, using: &choices)
        }
    }

    /// Room is less often tiny: an input of a few bytes can give megabytes.
    func room(_ choices: inout SeededGenerator) -> Int { size(&choices) * 64 }
}

/// What a decoder made of an input.
private struct DecoderRun {
    private(set) var output: [UInt8] = []
    /// All that it told but progress, in order.
    private var events: [DecodeEvent] = []
    private let decoder: any LogDecoder
    /// More steps than this without an end are none that lead anywhere.
    private static let stepLimit = 50_000_000
    /// What ISA-L may hold back where the input ends inside a member, more or less by how it was
    /// cut (seen with 2.30, where codes are short, as Z_HUFFMAN_ONLY makes them).
    private static let heldBackBytes = 2

    private let isZstd: Bool

    init(_ format: LogFormat, _ inflater: Inflater) {
        isZstd = format == .zstd
        decoder = makeDecoder(format: format, inflater: inflater)
    }

    /// Whether a member was open at the end.
    private var isUnfinished: Bool {
        events.contains { event in
            if case .damaged(let damage) = event { damage.fault == .unfinished } else { false }
        }
    }

    var isDamaged: Bool {
        events.contains { event in
            if case .damaged = event { true } else { false }
        }
    }

    /// Decodes to the end, as a reader does that then learns that the file is finished; what
    /// went wrong, or nil.
    mutating func decode(_ bytes: [UInt8], cut: (CutStyle, SeededGenerator)?) -> String? {
        var choices = cut?.1 ?? SeededGenerator(seed: 0)
        for _ in 0..<Self.stepLimit {
            let start = decoder.compressedOffset
            guard (0...bytes.count).contains(start) else {
                return "offset \(start) of \(bytes.count) bytes"
            }
            let inputBytes = cut?.0.size(&choices) ?? bytes.count
            let roomBytes = cut?.0.room(&choices) ?? 64 << 10
            let pieceEnd = min(bytes.count, start + inputBytes)
            let block = LineBlock(capacity: roomBytes)
            let event = block.append { output in
                decoder.decode(bytes.span.extracting(start..<pieceEnd), into: &output)
            }
            if decoder.compressedOffset > pieceEnd {
                return "offset \(decoder.compressedOffset) with input up to \(pieceEnd)"
            }
            if !(0...bytes.count).contains(decoder.lostBytes) {
                return "\(decoder.lostBytes) bytes lost of \(bytes.count)"
            }
            output += block.bytes.copied()
            if event != .progress { events.append(event) }
            let isStuck =
                event == .progress && block.count == 0 && start == decoder.compressedOffset
            guard isStuck, pieceEnd == bytes.count else { continue }
            if !decoder.finish() {
                return start == bytes.count ? nil : "ended at \(start) of \(bytes.count) bytes"
            }
        }
        return "no end after \(Self.stepLimit) steps"
    }

    /// How this run differs from one that was given the same bytes, or nil.
    ///
    /// Whether a damaged block of zstd comes out, as something, is up to libzstd and the place in
    /// memory that it is read from (seen with 1.5.4); so there only the fact of damage counts.
    func difference(from other: DecoderRun) -> String? {
        if isZstd, isDamaged, other.isDamaged { return nil }
        if output != other.output {
            let common = zip(output, other.output).prefix { $0 == $1 }.count
            let isEarlierEnd = common == min(output.count, other.output.count)
            let missing = abs(output.count - other.output.count)
            if isEarlierEnd, missing <= Self.heldBackBytes, isUnfinished { return nil }
            return "\(output.count) bytes, not \(other.output.count); the first \(common) agree"
        }
        if events != other.events { return "told \(events), not \(other.events)" }
        let lost = (decoder.lostBytes, other.decoder.lostBytes)
        return lost.0 == lost.1 ? nil : "\(lost.0) bytes lost, not \(lost.1)"
    }
}

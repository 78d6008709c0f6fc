// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Decodes a file of gzip members, one after another, and finds its way after damage.
///
///     boundary ──► header ──► body ──► trailer ──► boundary
///                     └─────────┴─────────┴──► searching ──► trial ──► header
///                          (damage)                ▲───────────┘ (no member after all)
///
/// Zeros between members are padding, as gzip(1) takes them. After damage the bytes are looked
/// through again from the damaged member's second byte on, because damaged data may have been
/// inflated past the member's end. A header found is believed only when data inflate behind it.
final class GzipDecoder: LogDecoder {
    private(set) var compressedOffset: Int
    private let inflater: any RawInflater
    private let kind: Inflater
    private var state = State.boundary
    private var memberStart: Int
    private var crc: UInt32 = 0
    private var length: UInt32 = 0
    /// Where the damage was found that is being recovered from.
    private var damageOffset = 0
    /// Lost before that damage.
    private var settledLostBytes = 0

    private enum State {
        case boundary
        case header(GzipHeader)
        case body
        case trailer(GzipTrailer)
        /// So many bytes of a header's first three were just seen.
        case searching(matched: Int)
        case trial(GzipTrial)
    }

    init(inflater kind: Inflater, startingAt offset: Int) {
        self.kind = kind
        compressedOffset = offset
        memberStart = offset
        inflater =
            switch kind {
            case .isal: IsalInflater()
            case .zlib: ZlibInflater()
            }
    }

    var lostBytes: Int {
        switch state {
        case .searching, .trial: settledLostBytes + max(0, compressedOffset - damageOffset)
        case .boundary, .header, .body, .trailer: settledLostBytes
        }
    }

    var isAtBoundary: Bool {
        switch state {
        case .boundary, .searching: true
        case .header, .body, .trailer, .trial: false
        }
    }

    func decode(_ input: Span<UInt8>, into output: inout OutputSpan<UInt8>) -> DecodeEvent {
        let base = compressedOffset
        while true {
            let position = compressedOffset - base
            // Behind the input: bytes are needed that were given before.
            guard position >= 0, position <= input.count else { return .progress }
            let rest = input.extracting(position...)
            if let event = step(rest, into: &output) { return event }
        }
    }

    /// Does one state's part of the work; nil when the next state can go on at once.
    private func step(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>
    ) -> DecodeEvent? {
        switch state {
        case .boundary: passBoundary(input)
        case .header(let header): readHeader(header, input)
        case .body: inflateBody(input, into: &output)
        case .trailer(let trailer): readTrailer(trailer, input)
        case .searching(let matched): search(input, matched: matched)
        case .trial(let trial): goOn(trial, input)
        }
    }

    private func passBoundary(_ input: Span<UInt8>) -> DecodeEvent? {
        for index in 0..<input.count where input[index] != 0 {
            compressedOffset += index
            memberStart = compressedOffset
            guard input[index] == GzipHeader.magic[0] else { return damaged(.trailingBytes) }
            state = .header(GzipHeader())
            return nil
        }
        compressedOffset += input.count
        return .progress
    }

    private func readHeader(_ known: GzipHeader, _ input: Span<UInt8>) -> DecodeEvent? {
        var header = known
        for index in 0..<input.count {
            switch header.feed(input[index]) {
            case .more: continue
            case .invalid: return damaged(.header)
            case .complete:
                compressedOffset += index + 1
                inflater.reset()
                crc = 0
                length = 0
                state = .body
                return nil
            }
        }
        compressedOffset += input.count
        state = .header(header)
        return .progress
    }

    private func inflateBody(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>
    ) -> DecodeEvent? {
        guard output.freeCapacity > 0 else { return .progress }
        let before = output.count
        let result = inflater.inflate(input, into: &output)
        compressedOffset += result.consumedBytes
        crc = crc.updated(with: output.span.extracting(before...))
        length &+= UInt32(truncatingIfNeeded: output.count - before)
        switch result.status {
        case .more: return .progress
        case .invalid: return damaged(.deflate)
        case .finished:
            state = .trailer(GzipTrailer())
            return nil
        }
    }

    private func readTrailer(_ known: GzipTrailer, _ input: Span<UInt8>) -> DecodeEvent? {
        var trailer = known
        for index in 0..<input.count where trailer.feed(input[index]) {
            compressedOffset += index + 1
            if let damage = trailer.damage(crc: crc, length: length) { return damaged(damage) }
            state = .boundary
            return .memberEnd
        }
        compressedOffset += input.count
        state = .trailer(trailer)
        return .progress
    }

    // MARK: Damage

    private func damaged(_ damage: DecodeDamage) -> DecodeEvent {
        damageOffset = compressedOffset
        compressedOffset = memberStart + 1
        state = .searching(matched: 0)
        return .damaged(damage)
    }

    /// Looks for the first bytes of a header.
    private func search(_ input: Span<UInt8>, matched known: Int) -> DecodeEvent? {
        var matched = known
        var index = 0
        while index < input.count {
            if matched == 0 {
                guard let found = input.firstIndex(of: GzipHeader.magic[0], from: index) else {
                    break
                }
                index = found
            }
            if input[index] == GzipHeader.magic[matched] {
                matched += 1
            } else {
                matched = input[index] == GzipHeader.magic[0] ? 1 : 0
            }
            index += 1
            if matched == GzipHeader.magic.count {
                compressedOffset += index - matched
                state = .trial(GzipTrial(at: compressedOffset, inflater: kind))
                return nil
            }
        }
        compressedOffset += input.count
        state = .searching(matched: matched)
        return .progress
    }

    private func goOn(_ trial: GzipTrial, _ input: Span<UInt8>) -> DecodeEvent? {
        switch trial.decode(input) {
        case .undecided:
            compressedOffset = trial.offset
            return .progress
        case .passed: return resume(at: trial.start)
        case .failed:
            compressedOffset = trial.start + 1
            state = .searching(matched: 0)
            return nil
        }
    }

    private func resume(at start: Int) -> DecodeEvent {
        let skippedBytes = max(0, start - damageOffset)
        settledLostBytes += skippedBytes
        compressedOffset = start
        memberStart = start
        state = .header(GzipHeader())
        return .resumed(skippedBytes: skippedBytes)
    }

    /// A trial that nothing spoke against is believed when nothing more will come.
    func finish() {
        if case .trial(let trial) = state, trial.isPromising { trial.believe() }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Decodes a file of members, one after another, and finds its way after damage.
///
///     boundary ──► member ──► boundary
///        └───────────┴──► searching ──► trial ──► member
///              (damage,       ▲───────────┘ (no member after all)
///               or the end)
///
/// After damage the bytes are looked through again from the damaged member's second byte on,
/// because damaged data may have been decoded past the member's end. A beginning found is
/// believed only when data decode behind it.
final class MemberDecoder<Reader: MemberReader>: LogDecoder {
    private(set) var compressedOffset: Int
    private let reader: Reader
    private var state = State.boundary
    private var memberStart: Int
    /// Bytes decoded in all.
    private var decompressedOffset: Int
    /// Of these, before the open member.
    private var memberDecompressedStart: Int
    /// From where on the damaged member that is being recovered from counts as lost.
    private var damageOffset = 0
    /// Lost before that damage.
    private var settledLostBytes = 0
    private let history: History?
    private var schedule: RestartSchedule
    private var restartPoint: RestartPoint?

    private enum State {
        case boundary
        case member
        /// The open member will not go on.
        case abandoned
        /// So many bytes of a signature were just seen.
        case searching(matched: Int)
        case trial(MemberTrial<Reader>)
    }

    init(
        _ reader: Reader, startingAt offset: Int, offersRestartPoints: Bool = true,
        restartIntervalBytes: Int = RestartSchedule.usualIntervalBytes
    ) {
        self.reader = reader
        compressedOffset = offset
        memberStart = offset
        decompressedOffset = 0
        memberDecompressedStart = 0
        history = offersRestartPoints ? History() : nil
        schedule = RestartSchedule(
            compressedOffset: offset, decompressedOffset: 0, intervalBytes: restartIntervalBytes)
    }

    init(_ reader: Reader, resumingAt point: RestartPoint) {
        self.reader = reader
        compressedOffset = point.compressedOffset
        decompressedOffset = point.decompressedOffset
        memberStart = point.member?.start ?? point.compressedOffset
        memberDecompressedStart = point.decompressedOffset - (point.member?.windowBytes ?? 0)
        let history = History()
        history.append(point.history.span)
        self.history = history
        schedule = RestartSchedule(
            compressedOffset: point.compressedOffset,
            decompressedOffset: point.decompressedOffset)
        if let member = point.member {
            reader.resume(member, at: point)
            state = .member
        }
    }

    var memoryBytes: Int { reader.memoryBytes + (history?.memoryBytes ?? 0) }

    var lostBytes: Int {
        switch state {
        case .searching, .trial: settledLostBytes + max(0, compressedOffset - damageOffset)
        case .boundary, .member, .abandoned: settledLostBytes
        }
    }

    var isAtBoundary: Bool {
        switch state {
        case .boundary, .searching: true
        case .member, .abandoned, .trial: false
        }
    }

    func takeRestartPoint() -> RestartPoint? {
        defer { restartPoint = nil }
        return restartPoint
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
        case .member: readMember(input, into: &output)
        case .abandoned: damaged(.unfinished)
        case .searching(let matched): search(input, matched: matched)
        case .trial(let trial): goOn(trial, input)
        }
    }

    private func passBoundary(_ input: Span<UInt8>) -> DecodeEvent? {
        for index in 0..<input.count where input[index] != Reader.padding {
            compressedOffset += index
            beginMember(at: compressedOffset)
            return Reader.mayBegin(with: input[index]) ? nil : damaged(.trailingBytes)
        }
        compressedOffset += input.count
        return .progress
    }

    private func beginMember(at start: Int) {
        memberStart = start
        memberDecompressedStart = decompressedOffset
        reader.begin()
        state = .member
    }

    private func readMember(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>
    ) -> DecodeEvent? {
        let before = output.count
        let seeksRestart =
            history != nil
            && schedule.isDue(
                compressedOffset: compressedOffset, decompressedOffset: decompressedOffset)
        let step = reader.read(input, into: &output, stopsAtBlock: seeksRestart)
        compressedOffset += step.consumedBytes
        decompressedOffset += output.count - before
        if schedule.isNear(
            compressedOffset: compressedOffset, decompressedOffset: decompressedOffset)
        {
            history?.append(output.span.extracting(before...))
        }
        switch step.status {
        case .more:
            guard seeksRestart, offerRestartPoint(at: reader.blockBoundary) else {
                return .progress
            }
            return nil
        case .ended:
            state = .boundary
            if seeksRestart { offerRestartPointBetweenMembers() }
            return .memberEnd
        case .damaged(let fault): return damaged(fault)
        }
    }

    // MARK: Restart points

    /// Bytes kept where no window is needed: for the guard of a checkpoint that follows.
    private static var guardBytes: Int { 1 << 10 }

    private func offerRestartPoint(at boundary: BlockBoundary?) -> Bool {
        guard let history, let boundary else { return false }
        let windowBytes = min(
            decompressedOffset - memberDecompressedStart, History.windowBytes)
        guard history.count >= windowBytes else { return false }
        restartPoint = RestartPoint(
            format: Reader.format, compressedOffset: compressedOffset - boundary.wholeBytesBehind,
            pendingBits: boundary.pendingBits, pendingBitCount: boundary.pendingBitCount,
            decompressedOffset: decompressedOffset,
            member: .init(
                start: memberStart, crc: boundary.crc, length: boundary.length,
                windowBytes: windowBytes),
            history: history.last(max(windowBytes, Self.guardBytes)))
        tookRestartPoint()
        return true
    }

    private func offerRestartPointBetweenMembers() {
        guard let history else { return }
        restartPoint = RestartPoint(
            format: Reader.format, compressedOffset: compressedOffset,
            decompressedOffset: decompressedOffset, member: nil,
            history: history.last(Self.guardBytes))
        tookRestartPoint()
    }

    private func tookRestartPoint() {
        history?.removeAll()
        schedule.took(compressedOffset: compressedOffset, decompressedOffset: decompressedOffset)
    }

    // MARK: Damage

    private func damaged(_ fault: DecodeDamage.Fault) -> DecodeEvent {
        switch fault {
        // Which of its bytes is wrong is not known.
        case .checksum, .length: damageOffset = memberStart
        default: damageOffset = compressedOffset
        }
        compressedOffset = memberStart + 1
        state = .searching(matched: 0)
        return .damaged(DecodeDamage(Reader.format, fault))
    }

    /// Looks for a member's first bytes.
    private func search(_ input: Span<UInt8>, matched known: Int) -> DecodeEvent? {
        let signature = Reader.signature.choices
        var matched = known
        for index in 0..<input.count {
            if signature[matched].contains(input[index]) {
                matched += 1
                if matched < signature.count { continue }
                compressedOffset += index + 1 - matched
                state = .trial(MemberTrial(reader.makeAnother(), at: compressedOffset))
                return nil
            }
            if matched > 0 {
                // Once more from the byte after the one that seemed to begin it.
                compressedOffset += index + 1 - matched
                state = .searching(matched: 0)
                return nil
            }
        }
        compressedOffset += input.count
        state = .searching(matched: matched)
        return .progress
    }

    private func goOn(_ trial: MemberTrial<Reader>, _ input: Span<UInt8>) -> DecodeEvent? {
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
        // Damaged data were decoded beyond their member's end: none of it is to be trusted.
        let lostStart = start > damageOffset ? damageOffset : memberStart
        let skippedBytes = start - lostStart
        settledLostBytes += skippedBytes
        compressedOffset = start
        beginMember(at: start)
        return .resumed(skippedBytes: skippedBytes)
    }

    /// A trial that nothing spoke against is believed when nothing more will come; in an open
    /// member others are looked for, because damaged data may have been taken for its own.
    func finish() -> Bool {
        switch state {
        case .boundary, .abandoned, .searching: return false
        case .member: state = .abandoned
        case .trial(let trial) where trial.isPromising: trial.believe()
        case .trial(let trial):
            compressedOffset = trial.start + 1
            state = .searching(matched: 0)
        }
        return true
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Decodes gzip members (RFC 1952): header, deflate data, trailer.
final class GzipMemberReader: MemberReader {
    static var format: LogFormat { .gzip }
    /// The two bytes of gzip and the one method that there is.
    static let signature = Signature(exactly: GzipHeader.magic)
    /// Zeros between members, as tape drives leave them and gzip(1) takes them.
    static var padding: UInt8? { 0 }

    static func mayBegin(with byte: UInt8) -> Bool { byte == GzipHeader.magic[0] }

    private let kind: Inflater
    private let inflater: any RawInflater
    private var state = State.header(GzipHeader())
    private var crc: UInt32 = 0
    private var length: UInt32 = 0

    private enum State {
        case header(GzipHeader)
        case body
        case trailer(GzipTrailer)
    }

    init(_ kind: Inflater) {
        self.kind = kind
        inflater =
            switch kind {
            case .isal: IsalInflater()
            case .zlib: ZlibInflater()
            }
    }

    func makeAnother() -> GzipMemberReader { GzipMemberReader(kind) }

    var memoryBytes: Int { inflater.memoryBytes }

    func begin() { state = .header(GzipHeader()) }

    func resume(_ member: RestartPoint.OpenMember, at point: RestartPoint) {
        crc = member.crc
        length = member.length
        inflater.resume(
            window: point.history.span.extracting(last: member.windowBytes),
            pendingBits: point.pendingBits, count: point.pendingBitCount)
        state = .body
    }

    func read(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>, stopsAtBlock: Bool
    ) -> MemberStep {
        var used = 0
        while true {
            let rest = input.extracting(used...)
            let step =
                switch state {
                case .header(let header): readHeader(header, rest)
                case .body: inflateBody(rest, into: &output, stopsAtBlock: stopsAtBlock)
                case .trailer(let trailer): readTrailer(trailer, rest)
                }
            used += step.consumedBytes
            // A trailer can begin in bytes of earlier input: then those are given once more.
            guard case .next = step.status, used >= 0 else {
                return MemberStep(consumedBytes: used, status: step.status.ofMember)
            }
        }
    }

    /// What one part of a member came to.
    private struct PartStep {
        enum Status {
            case more
            /// The next part follows.
            case next
            case ended
            case damaged(DecodeDamage.Fault)

            var ofMember: MemberStep.Status {
                switch self {
                case .more, .next: .more
                case .ended: .ended
                case .damaged(let fault): .damaged(fault)
                }
            }
        }

        var consumedBytes: Int
        var status: Status
    }

    private func readHeader(_ known: GzipHeader, _ input: Span<UInt8>) -> PartStep {
        var header = known
        for index in 0..<input.count {
            switch header.feed(input[index]) {
            case .more: continue
            case .invalid: return PartStep(consumedBytes: index, status: .damaged(.header))
            case .complete:
                inflater.reset()
                crc = 0
                length = 0
                state = .body
                return PartStep(consumedBytes: index + 1, status: .next)
            }
        }
        state = .header(header)
        return PartStep(consumedBytes: input.count, status: .more)
    }

    private func inflateBody(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>, stopsAtBlock: Bool
    ) -> PartStep {
        guard output.freeCapacity > 0 else { return PartStep(consumedBytes: 0, status: .more) }
        let before = output.count
        let result = inflater.inflate(input, into: &output, stopsAtBlock: stopsAtBlock)
        crc = crc.updated(with: output.span.extracting(before...))
        length &+= UInt32(truncatingIfNeeded: output.count - before)
        switch result.status {
        case .more: return PartStep(consumedBytes: result.consumedBytes, status: .more)
        case .invalid:
            return PartStep(consumedBytes: result.consumedBytes, status: .damaged(.data))
        case .finished:
            state = .trailer(GzipTrailer())
            return PartStep(consumedBytes: result.consumedBytes, status: .next)
        }
    }

    private func readTrailer(_ known: GzipTrailer, _ input: Span<UInt8>) -> PartStep {
        var trailer = known
        for index in 0..<input.count where trailer.feed(input[index]) {
            let fault = trailer.fault(crc: crc, length: length)
            return PartStep(
                consumedBytes: index + 1, status: fault.map { .damaged($0) } ?? .ended)
        }
        state = .trailer(trailer)
        return PartStep(consumedBytes: input.count, status: .more)
    }

    var blockBoundary: BlockBoundary? {
        guard case .body = state, let rest = inflater.restAfterBlock else { return nil }
        return BlockBoundary(
            wholeBytesBehind: rest.wholeBytes, pendingBits: rest.bits,
            pendingBitCount: rest.bitCount, crc: crc, length: length)
    }
}

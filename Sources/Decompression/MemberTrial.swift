// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Finds out whether a member begins at an offset, by decoding it to nowhere.
///
/// Three bytes that look like a gzip header occur in any compressed data, once in 16 MiB; that
/// data also inflate behind them for kilobytes does not.
final class MemberTrial<Reader: MemberReader> {
    enum Verdict {
        case undecided
        case passed
        case failed
    }

    let start: Int
    private let decoder: MemberDecoder<Reader>
    private let scratch = LineBlock(capacity: 32 << 10)
    private var producedBytes = 0
    private var isBelieved = false
    /// So much of either without a fault, and it is a member.
    private static var enoughCompressedBytes: Int { 4 << 10 }
    private static var enoughProducedBytes: Int { 32 << 10 }

    init(_ reader: Reader, at start: Int) {
        self.start = start
        decoder = MemberDecoder(reader, startingAt: start, offersRestartPoints: false)
    }

    /// Where the next input begins.
    var offset: Int { decoder.compressedOffset }

    /// Something was decoded and nothing spoke against it.
    var isPromising: Bool { producedBytes > 0 }

    /// Ends the trial: nothing more will come.
    func believe() { isBelieved = true }

    /// Goes on with bytes of the file from ``offset`` on.
    func decode(_ input: Span<UInt8>) -> Verdict {
        if isBelieved { return .passed }
        var used = 0
        while true {
            let before = (decoder.compressedOffset, producedBytes)
            scratch.truncate(to: 0)
            let rest = input.extracting(used...)
            let event = scratch.append { decoder.decode(rest, into: &$0) }
            producedBytes += scratch.count
            used += decoder.compressedOffset - before.0
            switch event {
            case .memberEnd: return .passed
            case .damaged, .resumed: return .failed
            case .progress: break
            }
            if producedBytes >= Self.enoughProducedBytes
                || decoder.compressedOffset - start >= Self.enoughCompressedBytes
            {
                return .passed
            }
            let isStuck = before == (decoder.compressedOffset, producedBytes)
            guard !isStuck, used >= 0, used <= input.count else { return .undecided }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// Decodes one member after another: a gzip member, a zstd frame.
///
/// Knows nothing of what to do between members or after damage: that is ``MemberDecoder``'s.
protocol MemberReader: AnyObject {
    static var format: LogFormat { get }
    /// By which a member is found after damage.
    static var signature: Signature { get }
    /// What stands for nothing between members, if anything may.
    static var padding: UInt8? { get }

    static func mayBegin(with byte: UInt8) -> Bool

    var memoryBytes: Int { get }

    /// Another such reader, to try out whether a member begins somewhere.
    func makeAnother() -> Self

    /// Gets ready for a member's first byte.
    func begin()

    /// Gets ready for the bytes after a restart point inside a member.
    func resume(_ member: RestartPoint.OpenMember, at point: RestartPoint)

    /// Decodes until the input is used up, the output is full, or the member ends.
    ///
    /// - Parameter stopsAtBlock: Return soon after a place that ``blockBoundary`` can name.
    func read(
        _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>, stopsAtBlock: Bool
    ) -> MemberStep

    /// The place that was reached, if decoding can go on from there.
    var blockBoundary: BlockBoundary? { get }
}

/// What one call of a member reader came to.
struct MemberStep {
    enum Status {
        case more
        case ended
        case damaged(DecodeDamage.Fault)
    }

    /// Bytes of input used; negative where bytes of earlier input lie after the member's end.
    var consumedBytes: Int
    var status: Status
}

/// A place between two blocks of an open member.
struct BlockBoundary {
    /// Whole bytes of the input used so far that lie after it.
    var wholeBytesBehind: Int
    /// Bits after it in the byte before those, lowest first.
    var pendingBits: UInt8
    var pendingBitCount: Int
    var crc: UInt32
    var length: UInt32
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// How a log file is compressed; told by its first bytes, never by its name.
package enum LogFormat: UInt8, Sendable, CaseIterable {
    case plain
    case gzip
    case zstd

    /// The format of a file that begins so, or nil when there are too few bytes to tell.
    ///
    /// gzip begins with 1f 8b and the method 8, deflate (RFC 1952, section 2.3.1); zstd with a
    /// frame's or a skippable frame's magic number (RFC 8878, sections 3.1.1 and 3.1.2).
    package static func detect(_ prefix: Span<UInt8>) -> LogFormat? {
        guard prefix.count > 0 else { return nil }
        for (format, signature) in signatures {
            let seen = min(prefix.count, signature.byteCount)
            guard signature.matches(prefix.extracting(first: seen)) else { continue }
            return seen == signature.byteCount ? format : nil
        }
        return .plain
    }

    private static let signatures: [(LogFormat, Signature)] = [
        (.gzip, GzipMemberReader.signature), (.zstd, ZstdFrameReader.signature),
        (.zstd, ZstdFrameReader.skippableSignature),
    ]
}

/// The bytes that a member begins with: one of several choices at each place.
struct Signature {
    let choices: [ClosedRange<UInt8>]

    init(_ choices: [ClosedRange<UInt8>]) { self.choices = choices }

    init(exactly bytes: [UInt8]) { choices = bytes.map { $0...$0 } }

    var byteCount: Int { choices.count }

    /// Whether bytes, no more than ``byteCount``, are a beginning of it.
    func matches(_ bytes: Span<UInt8>) -> Bool {
        for index in 0..<bytes.count where !choices[index].contains(bytes[index]) { return false }
        return true
    }
}

/// What inflates gzip members.
package enum Inflater: String, Sendable, CaseIterable {
    /// Intel's ISA-L, about three times as fast.
    case isal
    case zlib
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// How a log file is compressed; told by its first bytes, never by its name.
package enum LogFormat: Sendable {
    case plain
    case gzip

    /// The format of a file that begins so, or nil when there are too few bytes to tell.
    ///
    /// gzip begins with 1f 8b and the method 8, deflate (RFC 1952, section 2.3.1).
    package static func detect(_ prefix: Span<UInt8>) -> LogFormat? {
        for (index, byte) in GzipHeader.magic.enumerated() {
            guard index < prefix.count else { return nil }
            if prefix[index] != byte { return .plain }
        }
        return .gzip
    }
}

/// What inflates gzip members.
package enum Inflater: String, Sendable, CaseIterable {
    /// Intel's ISA-L, about three times as fast.
    case isal
    case zlib
}

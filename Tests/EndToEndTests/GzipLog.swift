// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// A log written the way inference servers write theirs: gzip, flushed after each record.
final class GzipLog {
    private let file: FileHandle
    private var member: GzipMember?

    init(path: String) throws {
        file = try .appending(to: path)
    }

    /// Writes a line and flushes it, so that a reader can have it (zlib's Z_SYNC_FLUSH).
    func append(_ line: String) throws { try write(Array((line + "\n").utf8)) }

    /// Writes and flushes what may be only a part of a line.
    func write(_ bytes: [UInt8]) throws {
        let member = member ?? GzipMember()
        self.member = member
        try file.write(contentsOf: member.write(bytes, .sync))
    }

    /// Ends the gzip member; the next line begins another.
    func endMember() throws {
        guard let member else { return }
        try file.write(contentsOf: member.write([], .finish))
        self.member = nil
    }
}

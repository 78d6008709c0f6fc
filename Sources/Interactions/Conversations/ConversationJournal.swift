// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// One thing that a ``ConversationTable`` remembers.
struct ConversationJournalEntry: Equatable {
    enum Kind: UInt32 {
        /// A turn's conversation and index, or up to where a response was given out.
        case turn
        /// The same of a turn after which its conversation goes on.
        case newTurn
        /// A conversation's next index, without a turn.
        case nextIndex
        /// The time alone.
        case clock
    }

    var key: UInt64
    var owner: UInt64
    /// Below 2^30.
    var index: UInt32
    var kind: Kind
    /// Seconds since 1970.
    var time: UInt32
}

/// Why bytes are not restored; the table is unchanged.
package enum ConversationJournalError: Error, Equatable, CustomStringConvertible {
    /// Bytes are missing, changed, or were written under another secret.
    case damaged(bytes: Int)
    case unknownVersion(UInt8)

    package var description: String {
        switch self {
        case .damaged(let bytes):
            "cannot restore conversations from \(bytes) stored bytes: they are damaged or were"
                + " written under another secret; without them turns that are repeated are"
                + " evaluated again"
        case .unknownVersion(let version):
            "cannot restore conversations: their format version is \(version), this build reads"
                + " \(ConversationJournal.version); without them turns that are repeated are"
                + " evaluated again"
        }
    }
}

/// The bytes of a journal of a ``ConversationTable``, all numbers little-endian:
///
///     0   "TCJ"        3 bytes
///     3   version      1 byte: 1
///     4   entries      each 24 bytes, in the order of remembering:
///           0  key     8 bytes: of the turn, or of the response that was given out
///           8  owner   8 bytes: the conversation, or the offset of the response's line
///          16  word    4 bytes: index, or number in the line, in the low 30 bits; kind
///                              in the high 2
///          20  time    4 bytes: seconds since 1970
///     end checksum     8 bytes: KeyedHash under the table's secret of all bytes before
enum ConversationJournal {
    static let version: UInt8 = 1
    /// Of the whole memory a journal holds so many at most, so that storing and restoring it takes
    /// little memory beside it.
    static let compactedEntries = 8192
    private static let start = Array("TCJ".utf8) + [version]
    private static let entryBytes = 24
    private static let checksumBytes = 8

    static func encode(_ entries: [ConversationJournalEntry], secret: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(start.count + entries.count * entryBytes + checksumBytes)
        bytes += start
        for entry in entries {
            bytes.append(littleEndian: entry.key)
            bytes.append(littleEndian: entry.owner)
            bytes.append(littleEndian: entry.index | entry.kind.rawValue << 30)
            bytes.append(littleEndian: entry.time)
        }
        bytes.append(littleEndian: checksum(bytes.span, secret: secret))
        return bytes
    }

    static func decode(
        _ bytes: Span<UInt8>, secret: UInt64
    ) throws(ConversationJournalError) -> [ConversationJournalEntry] {
        let damaged = ConversationJournalError.damaged(bytes: bytes.count)
        let end = bytes.count - checksumBytes
        guard end >= start.count, (0..<3).allSatisfy({ bytes[$0] == start[$0] }) else {
            throw damaged
        }
        guard bytes[3] == version else { throw .unknownVersion(bytes[3]) }
        guard (end - start.count) % entryBytes == 0,
            number(bytes, at: end, bytes: 8) == checksum(bytes.extracting(0..<end), secret: secret)
        else { throw damaged }
        return stride(from: start.count, to: end, by: entryBytes).compactMap { at in
            let word = UInt32(number(bytes, at: at + 16, bytes: 4))
            // All four kinds that two bits can name are there.
            return ConversationJournalEntry.Kind(rawValue: word >> 30).map { kind in
                ConversationJournalEntry(
                    key: number(bytes, at: at, bytes: 8),
                    owner: number(bytes, at: at + 8, bytes: 8),
                    index: word & 0x3fff_ffff, kind: kind,
                    time: UInt32(number(bytes, at: at + 20, bytes: 4)))
            }
        }
    }

    private static func checksum(_ bytes: Span<UInt8>, secret: UInt64) -> UInt64 {
        var hash = KeyedHash(key: secret)
        hash.combine(bytes)
        return hash.finalize()
    }

    private static func number(_ bytes: Span<UInt8>, at start: Int, bytes count: Int) -> UInt64 {
        (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[start + $1]) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
    }
}

extension ConversationThreads {
    mutating func takeJournal() -> [UInt8] {
        guard !memory.journal.isEmpty else { return [] }
        defer { memory.journal.removeAll(keepingCapacity: true) }
        return ConversationJournal.encode(memory.journal, secret: secret)
    }

    func compacted() -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var part: [ConversationJournalEntry] = []
        part.reserveCapacity(ConversationJournal.compactedEntries)
        func endPart() {
            parts.append(ConversationJournal.encode(part, secret: secret))
            part.removeAll(keepingCapacity: true)
        }
        memory.forEachEntry { entry in
            part.append(entry)
            if part.count == ConversationJournal.compactedEntries { endPart() }
        }
        if !part.isEmpty { endPart() }
        return parts
    }

    mutating func restore(journal bytes: [UInt8]) throws(ConversationJournalError) {
        let entries = try ConversationJournal.decode(bytes.span, secret: secret)
        for entry in entries { memory.apply(entry) }
    }
}

extension ConversationMemory {
    /// Calls `body` with entries that make the same of an empty memory.
    fileprivate func forEachEntry(_ body: (ConversationJournalEntry) -> Void) {
        turns.forEach { key, turn, time in
            body(
                ConversationJournalEntry(
                    key: key, owner: turn.owner, index: turn.index, kind: .turn,
                    time: time))
        }
        var slot = nextIndices.oldest
        while let at = slot {
            body(
                ConversationJournalEntry(
                    key: 0, owner: nextIndices.key(of: at), index: nextIndices[at].index,
                    kind: .nextIndex, time: nextIndices[at].time))
            slot = nextIndices.next(newerThan: at)
        }
        body(ConversationJournalEntry(key: 0, owner: 0, index: 0, kind: .clock, time: clock))
    }
}

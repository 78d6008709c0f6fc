// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// What was found in texts that come again and again, as system texts do with every record.
///
/// Bounded: the text that was asked for least lately is forgotten first.
package struct RepeatedTexts: ~Copyable {
    private let secret: UInt64
    private var table: RecencyTable<[Int32]>
    /// A text in which more was found is not kept.
    package static let foundLimit = 4096

    /// - Parameters:
    ///   - secret: Of the keys; whoever can guess it could make one text pass for another.
    ///   - capacity: Texts remembered.
    package init(secret: UInt64, capacity: Int = 1024) {
        self.secret = secret
        table = RecencyTable(capacity: capacity, vacant: [])
    }

    package func key(of text: Span<UInt8>) -> UInt64 {
        var hash = KeyedHash(key: secret)
        hash.combine(text)
        return hash.finalize()
    }

    /// What was found in the text of this key, or nil when that is not known.
    package mutating func found(_ key: UInt64) -> [Int32]? {
        guard let slot = table.find(key) else { return nil }
        table.touch(slot)
        return table[slot]
    }

    /// Remembers what was found in the text of this key.
    package mutating func remember(_ key: UInt64, found: [Int32]) {
        if let slot = table.find(key) { table.remove(slot) }
        guard found.count <= Self.foundLimit else { return }
        if table.isFull, let oldest = table.oldest { table.remove(oldest) }
        table.insert(key, found)
    }

    /// Forgets everything, as when other rules look for other things.
    package mutating func removeAll() {
        table = RecencyTable(capacity: table.capacity, vacant: [])
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A fast 64-bit hash with a secret key, which no writer of logs knows: so none can choose texts
/// that collide.
///
/// Stable: the same key and parts give the same hash on every machine and in every version,
/// since hashes are stored. A test holds values of it. The construction is wyhash's, multiply
/// and fold:
///
///     state   = key, then fold(mix1, mix0)
///     fold(a, b): state = low ^ high of the 128-bit (a ^ mix0 ^ key) * (b ^ state)
///     a part  : of each whole 32 bytes fold(bytes 0-7, 8-15) and, in a second lane that begins
///               at the same state, fold(bytes 16-23, 24-31); if there were any, fold(second
///               lane, mix0). Then of whole 16 bytes fold(bytes 0-7, 8-15), and at last
///               fold(rest 0-7 ^ mix1, rest 8-15 ^ count), the rest filled up with zeros.
///               All little-endian
///     a number: fold(number, mix0)
///     the end : fold(bytes of all parts, mix1); the state is the hash
package struct KeyedHash: Sendable {
    private let key: UInt64
    private var state: UInt64
    private var totalBytes: UInt64 = 0

    private static let mix0: UInt64 = 0xa076_1d64_78bd_642f
    private static let mix1: UInt64 = 0xe703_7ed1_a0b4_28db

    package init(key: UInt64) {
        self.key = key
        state = key
        fold(Self.mix1, Self.mix0)
    }

    /// Mixes in one part; parts are told apart by their lengths.
    package mutating func combine(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { raw in
            var index = 0
            let count = raw.count
            if count >= 32 {
                // Two lanes, since each multiplication waits for the one before in its lane.
                var second = self
                while index &+ 32 <= count {
                    unsafe fold(Self.word(raw, at: index), Self.word(raw, at: index &+ 8))
                    unsafe second.fold(
                        Self.word(raw, at: index &+ 16), Self.word(raw, at: index &+ 24))
                    index &+= 32
                }
                fold(second.state, Self.mix0)
            }
            if index &+ 16 <= count {
                unsafe fold(Self.word(raw, at: index), Self.word(raw, at: index &+ 8))
                index &+= 16
            }
            let (low, high) = unsafe Self.rest(raw, from: index)
            fold(low ^ Self.mix1, high ^ UInt64(truncatingIfNeeded: count))
        }
        totalBytes &+= UInt64(truncatingIfNeeded: bytes.count)
    }

    /// The last bytes, fewer than 16, filled up with zeros; read by whole words where some stand
    /// before them.
    private static func rest(
        _ raw: UnsafeRawBufferPointer, from index: Int
    ) -> (low: UInt64, high: UInt64) {
        let rest = raw.count &- index
        if rest >= 8 {
            let low = unsafe word(raw, at: index)
            guard rest > 8 else { return (low, 0) }
            let shift = UInt64(truncatingIfNeeded: 8 &* (16 &- rest))
            return unsafe (low, word(raw, at: raw.count &- 8) &>> shift)
        }
        guard rest > 0 else { return (0, 0) }
        if raw.count >= 8 {
            let shift = UInt64(truncatingIfNeeded: 8 &* (8 &- rest))
            return unsafe (word(raw, at: raw.count &- 8) &>> shift, 0)
        }
        var low: UInt64 = 0
        for at in 0..<rest {
            low |= unsafe UInt64(raw[index &+ at]) &<< UInt64(truncatingIfNeeded: 8 &* at)
        }
        return (low, 0)
    }

    private static func word(_ raw: UnsafeRawBufferPointer, at index: Int) -> UInt64 {
        unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Mixes in one number.
    package mutating func combine(_ value: UInt64) { fold(value, Self.mix0) }

    private mutating func fold(_ low: UInt64, _ high: UInt64) {
        let product = (low ^ Self.mix0 ^ key).multipliedFullWidth(by: high ^ state)
        state = product.low ^ product.high
    }

    package consuming func finalize() -> UInt64 {
        fold(totalBytes, Self.mix1)
        return state
    }
}

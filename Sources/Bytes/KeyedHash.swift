// SPDX-License-Identifier: Apache-2.0

/// A fast 64-bit hash with a secret key, for sets that live in this process only.
///
/// Multiply-and-fold over 16-byte steps, the construction of wyhash. Not for anything
/// stored or compared across processes: the key is drawn anew for each, so that nobody who
/// writes into a log can choose texts that collide.
package struct KeyedHash: Sendable {
    private let key: UInt64
    private var state: UInt64
    private var totalBytes: UInt64 = 0

    private static let mix0: UInt64 = 0xa076_1d64_78bd_642f
    private static let mix1: UInt64 = 0xe703_7ed1_a0b4_28db

    package init(key: UInt64) {
        self.key = key
        state = key
    }

    /// Mixes in one part; parts are told apart by their lengths.
    package mutating func combine(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { raw in
            var index = 0
            let count = raw.count
            while index &+ 16 <= count {
                let low = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let high = unsafe raw.loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
                fold(low, high)
                index &+= 16
            }
            var low: UInt64 = 0
            var high: UInt64 = 0
            var shift: UInt64 = 0
            while index < count {
                let byte = unsafe UInt64(raw[index])
                if shift < 64 { low |= byte << shift } else { high |= byte << (shift &- 64) }
                shift &+= 8
                index &+= 1
            }
            fold(low ^ Self.mix1, high ^ UInt64(truncatingIfNeeded: count))
        }
        totalBytes &+= UInt64(truncatingIfNeeded: bytes.count)
    }

    /// Mixes in one small number.
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

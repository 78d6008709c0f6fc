// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Glibc

/// An address of the network: 4 bytes (IPv4) or 16 (IPv6), in network order.
struct NetworkAddress: Equatable {
    let bytes: [UInt8]

    /// Reads an address as inet_pton(3) does; nil when the text is none.
    init?(text: Span<UInt8>) {
        // The longest text of an address has 45 characters.
        guard text.count > 0, text.count <= 45 else { return nil }
        let string = String(decoding: text.copied(), as: UTF8.self)
        var four = in_addr()
        if unsafe inet_pton(AF_INET, string, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
            return
        }
        var sixteen = in6_addr()
        guard unsafe inet_pton(AF_INET6, string, &sixteen) == 1 else { return nil }
        bytes = unsafe withUnsafeBytes(of: sixteen) { unsafe Array($0) }
    }

    /// Whether the address begins with the network's bits.
    func isIn(_ network: [UInt8], prefixBits: Int) -> Bool {
        guard bytes.count == network.count else { return false }
        for index in 0..<bytes.count {
            let bits = min(8, max(0, prefixBits - 8 * index))
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
            if (bytes[index] ^ network[index]) & mask != 0 { return false }
        }
        return true
    }
}

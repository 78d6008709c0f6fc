// SPDX-License-Identifier: Apache-2.0

extension Network {
    /// Reads `10.0.0.0/8` or `2001:db8::/32`; without a prefix it is one address.
    ///
    /// - Throws: A problem that says what is wrong, also where bits after the prefix are set.
    init(_ text: String) throws(Problem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let example = "write an address and a prefix, as in `10.0.0.0/8` or `2001:db8::/32`"
        guard parts.count <= 2, let bytes = Self.bytes(of: parts[0]) else {
            throw .badNetwork(text, help: example)
        }
        var bits = bytes.count * 8
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(Self.isDigit),
                let number = Int(parts[1]), number <= bits
            else { throw .badNetwork(text, help: example) }
            bits = number
        }
        let masked = Self.masked(bytes, bits)
        guard masked == bytes else {
            throw .badNetwork(
                text,
                help: "bits after the prefix are set; write `\(Self.written(masked))/\(bits)`, or "
                    + "the address alone")
        }
        self.init(address: bytes, prefixBits: bits)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func masked(_ bytes: [UInt8], _ bits: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(8, max(0, bits - 8 * index))
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
    }

    private static func written(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map {
            String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16)
        }.joined(separator: ":")
    }

    private static func bytes(of text: Substring) -> [UInt8]? {
        text.contains(":") ? bytesOfVersion6(text) : bytesOfVersion4(text)
    }

    /// Four numbers of one to three digits, without leading zeros (some read these as octal).
    private static func bytesOfVersion4(_ text: Substring) -> [UInt8]? {
        let groups = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = groups.compactMap { group -> UInt8? in
            guard group.utf8.allSatisfy(isDigit), group == "0" || group.first != "0" else {
                return nil
            }
            return UInt8(group)
        }
        return groups.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Eight groups of up to four hexadecimal digits; `::` stands once for groups of zero, and
    /// the last two may be written as an address of version 4 (RFC 4291, section 2.2).
    private static func bytesOfVersion6(_ text: Substring) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        var sides: [[UInt8]] = []
        for half in halves {
            guard let side = half.isEmpty && halves.count == 2 ? [] : bytesOfGroups(half) else {
                return nil
            }
            sides.append(side)
        }
        if sides.count == 1 { return sides[0].count == 16 ? sides[0] : nil }
        let missing = 16 - sides[0].count - sides[1].count
        guard missing >= 2 else { return nil }
        return sides[0] + Array(repeating: 0, count: missing) + sides[1]
    }

    private static func bytesOfGroups(_ text: Substring) -> [UInt8]? {
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, group) in groups.enumerated() {
            if index == groups.count - 1, group.contains(".") {
                guard let tail = bytesOfVersion4(group) else { return nil }
                bytes += tail
            } else {
                guard (1...4).contains(group.utf8.count), group.allSatisfy(\.isHexDigit),
                    let number = UInt16(group, radix: 16)
                else { return nil }
                bytes += [UInt8(number >> 8), UInt8(number & 0xFF)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

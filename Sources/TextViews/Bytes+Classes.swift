// SPDX-License-Identifier: Apache-2.0

extension UInt8 {
    var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    var isLetterOrDigit: Bool { isLetter || isDigit }
    /// A space, a control character or a line end.
    var isBlank: Bool { self <= 0x20 }

    /// `*`, `_`, a backtick or `~`, with which Markdown marks words.
    var isEmphasis: Bool {
        switch self {
        case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "~"): true
        default: false
        }
    }

    /// The value of a hexadecimal digit.
    var hexadecimalValue: UInt8? {
        if isDigit { return self &- UInt8(ascii: "0") }
        let value = (self | 0x20) &- UInt8(ascii: "a")
        return value < 6 ? value &+ 10 : nil
    }
}

extension Span<UInt8> {
    /// The byte that two hexadecimal digits at `index` write.
    func hexadecimalPair(at index: Int) -> UInt8? {
        guard index + 1 < count, let high = self[index].hexadecimalValue,
            let low = self[index + 1].hexadecimalValue
        else { return nil }
        return high << 4 | low
    }

    /// Whether a letter or digit stands at `index`.
    func hasLetterOrDigit(at index: Int) -> Bool {
        index >= 0 && index < count && self[index].isLetterOrDigit
    }
}

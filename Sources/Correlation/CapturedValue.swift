// SPDX-License-Identifier: Apache-2.0

/// The value of a field that a correlation groups by or counts.
///
/// Whoever captures it makes actors pseudonyms and long texts hashes first: a value is held for
/// as long as a window lasts.
package enum CapturedValue: Sendable, Hashable {
    case text(String)
    case number(Double)

    /// What it is compared as: ASCII letters in lower case; nil for what is no value.
    var caseless: CapturedValue? {
        switch self {
        case .text(let text): .text(text.asciiLowercased)
        case .number(let number): number.isFinite ? self : nil
        }
    }

    /// What it adds to a sum: a finite number, also one written as a text in JSON's form.
    ///
    /// Numbers of 2^1000 and above count as none, so that no sum of a window overflows.
    var numeric: Double? {
        let number: Double
        switch self {
        case .number(let value): number = value
        case .text(let text):
            guard let value = JSONNumber.parse(text) else { return nil }
            number = value
        }
        return number.magnitude < 0x1p1000 ? number : nil
    }

    /// Its form in a report's identity: the kind, then the value.
    package var identityPart: String {
        switch self {
        case .text(let text): "t" + text
        case .number(let number): "n\(number)"
        }
    }
}

/// A field's value under the name that the rules call it by.
package struct CapturedField: Sendable, Equatable {
    package var name: String
    package var value: CapturedValue

    package init(name: String, value: CapturedValue) {
        self.name = name
        self.value = value
    }
}

extension [CapturedField] {
    /// Events carry few fields; looking through them is quicker than hashing.
    func value(of name: String) -> CapturedValue? {
        for field in self where field.name == name { return field.value }
        return nil
    }
}

extension String {
    /// As groups compare texts: Sigma's values have no case, and its backends fold ASCII's only.
    package var asciiLowercased: String {
        let isUpper: (UInt8) -> Bool = { $0 >= 0x41 && $0 <= 0x5A }
        guard utf8.contains(where: isUpper) else { return self }
        return String(decoding: utf8.map { isUpper($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

/// Numbers as RFC 8259 writes them, with white space around; anything else is no number.
enum JSONNumber {
    static func parse(_ text: String) -> Double? {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        var bytes = Substring(text).utf8
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        guard isNumber(bytes) else { return nil }
        return Double(Substring(bytes)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    private static func isNumber(_ text: Substring.UTF8View) -> Bool {
        var rest = text
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let whole = takeDigits(&rest)
        guard whole > 0, !startsWithZero || whole == 1 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard takeDigits(&rest) > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
                rest.removeFirst()
            }
            guard takeDigits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func takeDigits(_ text: inout Substring.UTF8View) -> Int {
        var count = 0
        while let first = text.first, first >= 0x30, first <= 0x39 {
            text.removeFirst()
            count += 1
        }
        return count
    }
}

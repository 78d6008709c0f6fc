// SPDX-License-Identifier: Apache-2.0

/// Cuts an interface definition into its words and signs.
struct InterfaceScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Goes to the next word or sign, over white space and comments.
    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                position += 1
            case UInt8(ascii: "#"):
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
                    position += 1
                }
            default: return
            }
        }
    }

    /// Whether nothing but space is left.
    mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == bytes.count
    }

    /// Takes the sign if it stands next.
    mutating func take(_ sign: String) -> Bool {
        skipSpace()
        guard bytes[position...].starts(with: sign.utf8) else { return false }
        position += sign.utf8.count
        return true
    }

    /// Takes the letters, digits and `_` that stand next, and signs of `others`; may be none.
    mutating func word(with others: String = "") -> String {
        skipSpace()
        let start = position
        while position < bytes.count, isWordPart(bytes[position], others) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func isWordPart(_ byte: UInt8, _ others: String) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_")
            || others.utf8.contains(byte)
    }

    /// What stands at a place, as an error message shows it.
    func shown(at place: Int) -> String {
        guard place < bytes.count else { return "the end" }
        let word = bytes[place...].prefix { isWordPart($0, "") }.prefix(40)
        let shown = word.isEmpty ? bytes[place...].prefix(1) : word
        guard shown.allSatisfy({ (0x20..<0x7f).contains($0) }) else {
            return "the byte \(bytes[place])"
        }
        return "'\(String(decoding: shown, as: UTF8.self))'"
    }

    /// A fault at a place, lines and columns counted from 1.
    func fault(at place: Int, _ problem: String) -> InterfaceFault {
        let before = bytes[..<place]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return InterfaceFault(line: line, column: place - lineStart + 1, problem: problem)
    }
}

extension UInt8 {
    var isASCIILetter: Bool { (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) }
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
}

/// The shapes of names (https://varlink.org/Interface-Definition, "Syntax").
enum InterfaceNames {
    /// `org.varlink.service`: two parts or more of letters, digits and inner hyphens.
    static func isInterface(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count >= 2, name.utf8.first?.isASCIILetter == true else { return false }
        return parts.allSatisfy { part in
            part.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
                && part.first.map { $0 != UInt8(ascii: "-") } == true
                && part.last != UInt8(ascii: "-")
        }
    }

    /// `GetInfo`: a capital, then letters and digits.
    static func isMember(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x41...0x5a).contains(first) else { return false }
        return name.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit }
    }

    /// `limit_bytes`: a letter, then letters, digits and single inner underlines.
    static func isField(_ name: String) -> Bool {
        guard name.utf8.first?.isASCIILetter == true, name.utf8.last != UInt8(ascii: "_") else {
            return false
        }
        return !name.contains("__")
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A place in a JSON text: a pointer (RFC 6901) such as `/request/messages/0/content`, or a
/// path of member names with dots between them, as rules write it.
package struct JSONPointer: Sendable, Equatable, Hashable {
    enum Steps: Sendable, Equatable, Hashable {
        /// Each a member's name or an element's number; one value at most stands there.
        case tokens([[UInt8]])
        /// Dots may also be part of names, and lists are entered: see ``Tape/visit``.
        case dotted([UInt8])
    }

    let steps: Steps

    /// Reads the pointer's text; nil unless it is empty or begins with `/`, and every `~` is
    /// followed by 0 or 1.
    package init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var tokens: [[UInt8]] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .dropFirst()
        {
            guard let token = Self.unescaped(Array(part)) else { return nil }
            tokens.append(token)
        }
        steps = .tokens(tokens)
    }

    /// A path of member names, as a rule writes it with dots.
    package init(dottedPath: String) { steps = .dotted(Array(dottedPath.utf8)) }

    /// One member of the record itself, whatever characters its name has.
    package init(memberNamed name: String) { steps = .tokens([Array(name.utf8)]) }

    private static func unescaped(_ token: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while index < token.count {
            if token[index] == UInt8(ascii: "~") {
                guard index + 1 < token.count else { return nil }
                switch token[index + 1] {
                case UInt8(ascii: "0"): result.append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): result.append(UInt8(ascii: "/"))
                default: return nil
                }
                index += 2
            } else {
                result.append(token[index])
                index += 1
            }
        }
        return result
    }
}

extension Tape {
    /// Where the pointer's `tokens` lead from the value at `root`, or nil when nothing stands
    /// there.
    func resolve(_ tokens: [[UInt8]], from root: Int) -> Int? {
        var at = root
        for token in tokens {
            let next =
                switch kind(at) {
                case .object: member(token, of: at)
                case .array: Self.elementNumber(token.span).flatMap { element($0, of: at) }
                default: Int?.none
                }
            guard let next else { return nil }
            at = next
        }
        return at
    }

    private func member(_ name: [UInt8], of index: Int) -> Int? {
        var found: Int?
        forEachMember(of: index) { key, value in
            if found == nil, equals(key, name) { found = value }
        }
        return found
    }

    /// The element of that number, or nil.
    func element(_ wanted: Int, of index: Int) -> Int? {
        var found: Int?
        var position = 0
        forEachElement(of: index) { element in
            if position == wanted { found = element }
            position += 1
        }
        return found
    }

    /// The number that the digits of a token write; nil when it is none.
    static func elementNumber(_ token: Span<UInt8>) -> Int? {
        guard (1...9).contains(token.count) else { return nil }
        var number = 0
        for index in 0..<token.count {
            guard (0x30...0x39).contains(token[index]) else { return nil }
            number = number * 10 + Int(token[index] - 0x30)
        }
        return number
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A place in a JSON text (RFC 6901), such as `/request/messages/0/content`.
package struct JSONPointer: Sendable, Equatable, Hashable {
    let tokens: [[UInt8]]

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
        self.tokens = tokens
    }

    /// A path of member names, as a rule writes it with dots.
    package init(dottedPath: String) {
        tokens = dottedPath.utf8.split(separator: UInt8(ascii: ".")).map(Array.init)
    }

    /// One member of the record itself, whatever characters its name has.
    package init(memberNamed name: String) { tokens = [Array(name.utf8)] }

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
    /// Where `pointer` leads from the record's value, or nil when nothing stands there.
    func resolve(_ pointer: JSONPointer) -> Int? {
        var at = Tape.root
        for token in pointer.tokens {
            switch kind(at) {
            case .object:
                guard let next = member(token, of: at) else { return nil }
                at = next
            case .array:
                guard let wanted = Int(String(decoding: token, as: UTF8.self)), wanted >= 0,
                    let next = element(wanted, of: at)
                else { return nil }
                at = next
            default: return nil
            }
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

    private func element(_ wanted: Int, of index: Int) -> Int? {
        var found: Int?
        var position = 0
        forEachElement(of: index) { element in
            if position == wanted { found = element }
            position += 1
        }
        return found
    }
}

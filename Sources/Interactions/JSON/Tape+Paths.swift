// SPDX-License-Identifier: Apache-2.0

/// Paths with dots, as rules write them.
extension Tape {
    /// Calls `body` with where each value stands to which `place` leads from the value at
    /// `root`, until it returns false; returns whether there is one.
    ///
    /// Of a path with dots, the longest member name that the rest of the path begins with is
    /// tried first, since names may have dots themselves; a shorter one only when the longer
    /// leads nowhere. A list on the way is entered: digits choose an element, any other name
    /// is looked for in each.
    ///
    /// - Complexity: No value is looked at twice for one length of name, so at most the
    ///   record's size times the dots of the path; no allocation.
    @discardableResult
    func visit(_ place: JSONPointer, from root: Int, _ body: (Int) -> Bool) -> Bool {
        switch place.steps {
        case .tokens(let tokens):
            guard let found = resolve(tokens, from: root) else { return false }
            _ = body(found)
            return true
        case .dotted(let path):
            var isWanted = true
            return visit(path.span, from: root, &isWanted, body)
        }
    }

    private func visit(
        _ path: Span<UInt8>, from index: Int, _ isWanted: inout Bool, _ body: (Int) -> Bool
    ) -> Bool {
        guard path.count > 0 else {
            isWanted = body(index)
            return true
        }
        switch kind(index) {
        case .object:
            var limit = path.count
            while let (length, value) = longestMember(of: index, beginning: path, atMost: limit) {
                let rest = path.extracting(min(length + 1, path.count)..<path.count)
                if visit(rest, from: value, &isWanted, body) { return true }
                limit = length - 1
            }
            return false
        case .array:
            let end = path.firstDot
            if let number = Self.elementNumber(path.extracting(0..<end)) {
                guard let element = element(number, of: index) else { return false }
                let rest = path.extracting(min(end + 1, path.count)..<path.count)
                return visit(rest, from: element, &isWanted, body)
            }
            return visitElements(path, of: index, &isWanted, body)
        default: return false
        }
    }

    private func visitElements(
        _ path: Span<UInt8>, of index: Int, _ isWanted: inout Bool, _ body: (Int) -> Bool
    ) -> Bool {
        let end = after(index) - 1
        var at = index + 1
        var isFound = false
        while at < end, isWanted {
            if visit(path, from: at, &isWanted, body) { isFound = true }
            at = after(at)
        }
        return isFound
    }

    /// The member with the longest name, of `limit` bytes at most, that is the path's beginning
    /// up to a dot or its end.
    private func longestMember(
        of index: Int, beginning path: Span<UInt8>, atMost limit: Int
    ) -> (length: Int, value: Int)? {
        let end = after(index) - 1
        var at = index + 1
        var found: (length: Int, value: Int)?
        while at < end, let key = string(at) {
            let length = key.count
            if length > found?.length ?? 0, length <= limit,
                length == path.count || path[length] == UInt8(ascii: "."), begins(path, key)
            {
                found = (length, at + 1)
            }
            at = after(at + 1)
        }
        return found
    }

    private func begins(_ path: Span<UInt8>, _ key: TextSlice) -> Bool {
        for offset in 0..<key.count where unsafe strings[key.start + offset] != path[offset] {
            return false
        }
        return true
    }

    /// The first value to which `place` leads.
    func value(at place: JSONPointer, from root: Int) -> Int? {
        var found: Int?
        visit(place, from: root) {
            found = $0
            return false
        }
        return found
    }
}

extension Span<UInt8> {
    /// Where the first dot stands, or the end.
    fileprivate var firstDot: Int {
        for index in 0..<count where self[index] == UInt8(ascii: ".") { return index }
        return count
    }
}

// SPDX-License-Identifier: Apache-2.0

/// How much text a YAML file would be with all aliases written out, before anything unfolds it.
///
/// Composing YAML compares a mapping's keys, and a key may be an alias of a list of aliases of
/// lists: a few lines then take hours. What an anchor marks ends before its first alias, so the
/// bytes between them, with the aliases there written out, are no less than it holds. Every
/// `&name` and `*name` counts, also in texts that only look so.
struct AliasBudget {
    private static let unfoldedBytesMax = 20_000_000

    private var unfoldedBytes = 0
    /// What `unfoldedBytes` was at an anchor without an alias so far.
    private var starts: [[UInt8]: Int] = [:]
    /// What an anchor with an alias holds at most.
    private var sizes: [[UInt8]: Int] = [:]

    /// How many bytes stand before the alias that is too much, or nil.
    static func excess(in text: String) -> Int? {
        var budget = AliasBudget()
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let mark = bytes[index]
            var end = index + 1
            if mark == UInt8(ascii: "&") || mark == UInt8(ascii: "*") {
                while end < bytes.count, isNamePart(bytes[end]) { end += 1 }
            }
            budget.unfoldedBytes += end - index
            if end > index + 1 {
                let name = Array(bytes[(index + 1)..<end])
                if mark == UInt8(ascii: "&") {
                    budget.starts[name] = budget.unfoldedBytes
                } else {
                    budget.unfold(name)
                    if budget.unfoldedBytes > unfoldedBytesMax { return index }
                }
            }
            index = end
        }
        return nil
    }

    private mutating func unfold(_ name: [UInt8]) {
        if let start = starts.removeValue(forKey: name) { sizes[name] = unfoldedBytes - start }
        unfoldedBytes += sizes[name] ?? 0
    }

    /// What libyaml takes for a part of an anchor's name.
    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

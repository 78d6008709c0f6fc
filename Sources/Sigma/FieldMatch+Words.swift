// SPDX-License-Identifier: Apache-2.0

extension MatchValue {
    /// What the value asks of a field, in words that follow the field's name: "contains `word`".
    package var words: String {
        switch self {
        case .string(let pattern): pattern.words
        case .regex(let pattern): "matches `/\(pattern.expression)/\(pattern.options)`"
        case .number(let number): "is \(number.written)"
        case .boolean(let flag): "is \(flag)"
        case .null: "is missing or null"
        case .exists(let flag): flag ? "is there" : "is not there"
        case .order(let ordering, let number): "is \(ordering.sign) \(number.written)"
        case .network(let network): "is an address of the network \(network.words)"
        case .field(let reference): reference.words
        case .datePart(let part, let ordering, let number):
            "has a \(part.rawValue) \(ordering.sign) \(number.written)"
        }
    }
}

extension StringPattern {
    fileprivate var words: String {
        let text = parts.map { part in
            switch part {
            case .literal(let text): text
            case .anyRun: "*"
            case .anyOne: "?"
            }
        }.joined()
        let verb =
            switch (anchoredStart, anchoredEnd) {
            case (true, true): "is"
            case (true, false): "starts with"
            case (false, true): "ends with"
            case (false, false): "contains"
            }
        return text.isEmpty ? "is empty" : "\(verb) `\(text)`\(isCased ? " in this case" : "")"
    }
}

extension RegexPattern {
    fileprivate var options: String {
        (isCaseless ? "i" : "") + (isMultiline ? "m" : "") + (dotMatchesNewline ? "s" : "")
    }
}

extension Ordering {
    /// As people write it.
    fileprivate var sign: String {
        switch self {
        case .less: "<"
        case .lessOrEqual: "≤"
        case .greater: ">"
        case .greaterOrEqual: "≥"
        case .equal: "="
        case .notEqual: "≠"
        }
    }
}

extension Network {
    fileprivate var words: String {
        guard address.count == 16 else {
            return address.map(String.init).joined(separator: ".") + "/\(prefixBits)"
        }
        let groups = stride(from: 0, to: 16, by: 2).map {
            String(Int(address[$0]) << 8 | Int(address[$0 + 1]), radix: 16)
        }
        return groups.joined(separator: ":") + "/\(prefixBits)"
    }
}

extension FieldReference {
    fileprivate var words: String {
        let verb =
            switch relation {
            case .equals: "is the same as"
            case .contains: "contains"
            case .startsWith: "starts with"
            case .endsWith: "ends with"
            }
        return "\(verb) the field `\(name)`\(isCased ? " in this case" : "")"
    }
}

extension Double {
    /// Whole numbers without a fraction, as rules write them.
    package var written: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}

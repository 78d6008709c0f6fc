// SPDX-License-Identifier: Apache-2.0
@testable import Sigma

extension Expression {
    /// The expression in one line, for tests.
    var described: String {
        switch self {
        case .and(let parts): "(\(parts.map(\.described).joined(separator: " and ")))"
        case .or(let parts): "(\(parts.map(\.described).joined(separator: " or ")))"
        case .not(let part): "not \(part.described)"
        case .named(_, let part): part.described
        case .match(let match): "\(match.field ?? "any")\(match.value.described)"
        }
    }
}

extension MatchValue {
    fileprivate var described: String {
        switch self {
        case .string(let pattern): return pattern.describedComparison
        case .regex(let regex):
            let options =
                (regex.isCaseless ? "i" : "") + (regex.dotMatchesNewline ? "s" : "")
                + (regex.isMultiline ? "m" : "")
            return "/\(regex.expression)/\(options)"
        case .number(let number): return "=\(number)"
        case .boolean(let flag): return "=\(flag)"
        case .null: return "=null"
        case .exists(let flag): return flag ? " exists" : " is missing"
        case .order(let ordering, let number): return " \(ordering.rawValue) \(number)"
        case .network(let network):
            return
                " in \(network.address.map(String.init).joined(separator: "."))/\(network.prefixBits)"
        case .field(let reference):
            return " \(reference.relation) \(reference.name)\(reference.isCased ? " cased" : "")"
        case .datePart(let part, let ordering, let number):
            return " \(part.rawValue) \(ordering.rawValue) \(number)"
        }
    }
}

extension StringPattern {
    fileprivate var describedComparison: String {
        let cased = isCased ? " cased" : ""
        if anchoredStart, anchoredEnd {
            return "=\(described(escaping: false).dropFirst().dropLast())\(cased)"
        }
        return "~\(described(escaping: false))\(cased)"
    }

    /// The pattern with `^` and `$` for its anchors; `{c}` is a literal wildcard or backslash.
    func described(escaping: Bool) -> String {
        let text = parts.map { part in
            switch part {
            case .anyRun: "*"
            case .anyOne: "?"
            case .literal(let text):
                text.map { escaping && "*?\\".contains($0) ? "{\($0)}" : "\($0)" }.joined()
            }
        }.joined()
        return (anchoredStart ? "^" : "") + text + (anchoredEnd ? "$" : "")
    }
}

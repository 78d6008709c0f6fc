// SPDX-License-Identifier: Apache-2.0
import TestSupport

/// A detection together with its meaning.
struct RandomDetection {
    /// One field compared with one value.
    struct Comparison: Hashable {
        let field: String
        let kind: String
        let value: String
    }

    /// Conditions as they are evaluated the plain way.
    indirect enum Condition {
        case compare(Comparison)
        case and(Condition, Condition)
        case or(Condition, Condition)
        case not(Condition)

        /// - Parameter flipped: Comparisons that count as the opposite of what they are.
        func holds(_ texts: [String: String], flipped: Set<Comparison> = []) -> Bool {
            switch self {
            case .and(let left, let right):
                return left.holds(texts, flipped: flipped) && right.holds(texts, flipped: flipped)
            case .or(let left, let right):
                return left.holds(texts, flipped: flipped) || right.holds(texts, flipped: flipped)
            case .not(let inner): return !inner.holds(texts, flipped: flipped)
            case .compare(let comparison):
                let holds = Self.matches(
                    texts[comparison.field] ?? "", comparison.kind, comparison.value)
                return holds != flipped.contains(comparison)
            }
        }

        private static func matches(_ text: String, _ kind: String, _ value: String) -> Bool {
            // An empty text is no text.
            guard !text.isEmpty else { return false }
            let pattern =
                switch kind {
                case "contains": "*\(value)*"
                case "startswith": "\(value)*"
                case "endswith": "*\(value)"
                default: value
                }
            return glob(Substring(pattern.lowercased()), Substring(text.lowercased()))
        }

        /// Wildcard matching by its definition.
        private static func glob(_ pattern: Substring, _ text: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return glob(pattern.dropFirst(), text)
                    || (!text.isEmpty && glob(pattern, text.dropFirst()))
            }
            guard let character = text.first, first == "?" || first == character else {
                return false
            }
            return glob(pattern.dropFirst(), text.dropFirst())
        }
    }

    let condition: Condition
    private(set) var yaml = ""
    /// What each selection compares, by its name.
    private(set) var comparisons: [String: Comparison] = [:]
    private static let alphabet = ["a", "b", "A", "é", ".", "(", " "]

    static func text(_ length: ClosedRange<Int>, _ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: length, using: &random))
            .map { _ in alphabet.randomElement(using: &random) ?? "a" }.joined()
    }

    init(_ random: inout SeededGenerator) {
        var selections: [(name: String, condition: Condition)] = []
        for index in 0..<Int.random(in: 1...4, using: &random) {
            let field = Bool.random(using: &random) ? "prompt" : "response"
            let kind =
                ["", "contains", "startswith", "endswith"].randomElement(using: &random) ?? ""
            var value = Self.text(1...3, &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                value += ["*", "?"].randomElement(using: &random) ?? ""
                value += Self.text(1...2, &random)
            }
            let name = "s\(index)"
            yaml += "\(name):\n  \(field)\(kind.isEmpty ? "" : "|\(kind)"): '\(value)'\n"
            let comparison = Comparison(field: field, kind: kind, value: value)
            comparisons[name] = comparison
            selections.append((name, .compare(comparison)))
        }
        var (text, meaning) = selections[0]
        for (name, condition) in selections.dropFirst() {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: (text, meaning) = ("(\(text)) and \(name)", .and(meaning, condition))
            case 1: (text, meaning) = ("(\(text)) or \(name)", .or(meaning, condition))
            case 2: (text, meaning) = ("not (\(text)) or \(name)", .or(.not(meaning), condition))
            default: (text, meaning) = ("(\(text)) and not \(name)", .and(meaning, .not(condition)))
            }
        }
        yaml += "condition: \(text)"
        condition = meaning
    }
}

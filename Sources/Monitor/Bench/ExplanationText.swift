// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Interactions
internal import Sigma

/// An explanation for people: the condition as a tree, each part true or false.
struct ExplanationText {
    private let explanations: [Explanation]
    private let rule: Rule

    init(_ explanations: [Explanation], of rule: Rule) {
        self.explanations = explanations
        self.rule = rule
    }

    var text: String {
        let heading = "\(rule.title) (\(rule.level.rawValue), \(rule.place))"
        return ([heading] + explanations.flatMap(lines)).joined(separator: "\n")
    }

    private func lines(of explanation: Explanation) -> [String] {
        let kind = [
            explanation.isHistory ? "history" : nil,
            explanation.isMalformed ? "malformed record" : nil,
        ].compactMap(\.self)
        let note = kind.isEmpty ? "" : " (\(kind.joined(separator: ", ")))"
        let verdict = explanation.isTrue ? "matches" : "does not match"
        var lines = ["", "line \(explanation.line), turn \(explanation.turn)\(note): \(verdict)"]
        for filter in explanation.condition.filters {
            let effect = filter.isTrue ? "lets it through" : "silences it"
            lines.append("filter `\(filter.title)`: \(effect)")
        }
        lines += Self.tree(explanation.condition, depth: 0)
        if !explanation.isTrue { lines += Self.changeLines(explanation.changes) }
        return lines
    }

    /// What would have to be otherwise, a line each.
    static func changeLines(_ changes: [NeededChange]) -> [String] {
        if changes.isEmpty { return ["it cannot match: no change of single parts would do"] }
        return ["it would match if:"] + changes.map { "  " + $0.words }
    }

    /// Where a condition that is true found what it asks for, a line each.
    static func matchLines(_ condition: ExplainedPart) -> [String] {
        let places = condition.matches(under: [])
        return ["it matches by:"] + places.prefix(8).map { "  " + $0 }
    }

    private static func tree(_ part: ExplainedPart, depth: Int) -> [String] {
        var words: [String] = []
        var part = part
        // A name and what it stands for are one line.
        while case .named(let name) = part.kind {
            words.append(name.words)
            part = part.parts[0]
        }
        let names = words.isEmpty ? "" : words.joined(separator: ": ") + ": "
        let mark = part.isTrue ? "true " : "false"
        let indent = String(repeating: "  ", count: depth)
        let line = "\(mark)  \(indent)\(names)\(part.words)"
        var shown = part.parts
        if case .oneOf = part.kind { shown = shown.filter(\.isTrue) }
        return [line] + shown.flatMap { tree($0, depth: depth + 1) }
    }
}

extension ExplainedPart {
    /// The part in words, without what it consists of.
    fileprivate var words: String {
        switch kind {
        case .all: return "all of"
        case .any: return "one of"
        case .not: return "not"
        case .named(let name): return name.words
        case .oneOf(let field):
            let held = parts.count { $0.isTrue }
            return "one of \(parts.count) values of \(field.fieldWords)"
                + (held == 0 ? ": none holds" : ": \(held) \(held == 1 ? "holds" : "hold")")
        case .comparison(let match):
            let asked = "\(match.field.fieldWords) \(match.value.words)"
            if let place { return "\(asked): \(place.words)" }
            if let value { return "\(asked): it is `\(value)`" }
            return asked
        }
    }

    /// The filters of the condition: titles, and whether they let the turn through.
    var filters: [(title: String, isTrue: Bool)] {
        if case .named(.filter(let title)) = kind { return [(title, isTrue)] }
        return parts.flatMap(\.filters)
    }
}

extension ExplainedPart {
    /// The comparisons that make it true, not those below a `not`, each with its names.
    fileprivate func matches(under names: [String]) -> [String] {
        guard isTrue else { return [] }
        switch kind {
        case .not: return []
        case .named(let name): return parts[0].matches(under: names + [name.words])
        case .comparison: return [(names + [words]).joined(separator: ": ")]
        case .all, .any, .oneOf: return parts.flatMap { $0.matches(under: names) }
        }
    }
}

extension Optional<String> {
    /// A field's name for people; nil stands for a keyword.
    var fieldWords: String { map { "`\($0)`" } ?? "any text" }
}

extension PartName {
    var words: String {
        switch self {
        case .selection(let name): name
        case .derived(let name): "\(name) (derived)"
        case .filter(let title): "filter `\(title)`"
        }
    }
}

extension MatchedPlace {
    /// Where it stands, with the words around it; the match between » and «.
    var words: String {
        let place =
            "in \(field?.name ?? "raw text"), \(view), bytes \(range.lowerBound)–\(range.upperBound)"
        return excerpt.map { "\(place): \($0.marked)" } ?? place
    }
}

extension Excerpt {
    /// The text with the match between » and «.
    var marked: String {
        let bytes = Array(text.utf8)
        func piece(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        let (before, after) = (piece(0..<match.lowerBound), piece(match.upperBound..<bytes.count))
        return "…\(before)»\(piece(match))«\(after)…"
    }
}

extension NeededChange {
    /// What the part would have to be, and why it is not.
    var words: String {
        let path = names.map(\.words).joined(separator: ": ")
        let field = comparisons[0].field.fieldWords
        let single = comparisons.count == 1 ? comparisons[0].value.words : nil
        let part = single.map { "\(field) \($0)" } ?? "one of its values for \(field)"
        let subject = path.isEmpty ? part : isWhole ? path : "\(path): \(part)"
        return "\(subject) were \(wanted): \(reason(field, single))"
    }

    private func reason(_ field: String, _ single: String?) -> String {
        guard wanted else {
            let shown = found.prefix(3).map { comparison, place in
                "\(field) \(comparison.value.words)" + (place.map { ", \($0.words)" } ?? holds)
            }
            let more = found.count > 3 ? "; and \(found.count - 3) more" : ""
            return shown.joined(separator: "; ") + more
        }
        var text =
            single.map { "it asks that \(field) \($0)" }
            ?? "none of its \(comparisons.count) values for \(field) holds"
        if let nearest {
            text += "; nearest: `\(nearest.value)`, of which `\(nearest.piece)` stands"
        }
        return text + holds
    }

    private var holds: String { value.map { "; it is `\($0)`" } ?? "" }
}

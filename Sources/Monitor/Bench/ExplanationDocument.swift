// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Interactions
internal import Sigma

/// An explanation for programs.
struct ExplanationDocument: Encodable {
    struct RuleName: Encodable {
        let id: String
        let title: String
        let level: String
        let file: String
        let line: Int

        init(_ rule: Rule) {
            id = rule.id
            title = rule.title
            level = rule.level.rawValue
            file = rule.location.file
            line = rule.location.line
        }
    }

    struct Turn: Encodable {
        let line: Int
        let turn: Int
        let history: Bool
        let malformed: Bool
        let matches: Bool
        let condition: Part
        let needed: [Change]
    }

    struct Part: Encodable {
        let kind: String
        var name: String?
        let holds: Bool
        var comparison: Comparison?
        var field: String?
        var place: Place?
        var value: String?
        var parts: [Part]?
    }

    struct Comparison: Encodable {
        let field: String?
        let asks: String
        let file: String
        let line: Int
        let column: Int

        init(_ match: FieldMatch) {
            field = match.field
            asks = match.value.words
            file = match.location.file
            line = match.location.line
            column = match.location.column
        }
    }

    struct Place: Encodable {
        let field: String?
        let view: String
        let start: Int
        let end: Int
        let excerpt: String?
        let matchStart: Int?
        let matchEnd: Int?

        init(_ place: MatchedPlace) {
            field = place.field?.name
            view = place.view
            start = place.range.lowerBound
            end = place.range.upperBound
            excerpt = place.excerpt?.text
            matchStart = place.excerpt?.match.lowerBound
            matchEnd = place.excerpt?.match.upperBound
        }
    }

    struct Change: Encodable {
        let names: [String]
        let wanted: Bool
        let comparisons: [Comparison]
        let places: [Place]
        let nearest: String?
        let nearestPiece: String?
        let value: String?
        let words: String
    }

    let rule: RuleName
    let turns: [Turn]

    init(_ explanations: [Explanation], _ rule: Rule) {
        self.rule = RuleName(rule)
        turns = explanations.map {
            Turn(
                line: $0.line, turn: $0.turn, history: $0.isHistory, malformed: $0.isMalformed,
                matches: $0.isTrue, condition: Part($0.condition),
                needed: $0.changes.map(Change.init))
        }
    }
}

extension ExplanationDocument.Part {
    init(_ part: ExplainedPart) {
        switch part.kind {
        case .all: self.init(kind: "all", holds: part.isTrue)
        case .any: self.init(kind: "any", holds: part.isTrue)
        case .not: self.init(kind: "not", holds: part.isTrue)
        case .named(.selection(let name)):
            self.init(kind: "selection", name: name, holds: part.isTrue)
        case .named(.derived(let name)):
            self.init(kind: "derived", name: name, holds: part.isTrue)
        case .named(.filter(let title)):
            self.init(kind: "filter", name: title, holds: part.isTrue)
        case .oneOf(let field): self.init(kind: "one_of", holds: part.isTrue, field: field)
        case .comparison(let match):
            self.init(kind: "comparison", holds: part.isTrue)
            comparison = ExplanationDocument.Comparison(match)
        }
        place = part.place.map(ExplanationDocument.Place.init)
        value = part.value
        if !part.parts.isEmpty { parts = part.parts.map { ExplanationDocument.Part($0) } }
    }
}

extension ExplanationDocument.Change {
    init(_ change: NeededChange) {
        names = change.names.map(\.words)
        wanted = change.wanted
        comparisons = change.comparisons.map(ExplanationDocument.Comparison.init)
        places = change.found.compactMap(\.place).map(ExplanationDocument.Place.init)
        nearest = change.nearest?.value
        nearestPiece = change.nearest?.piece
        value = change.value
        words = change.words
    }
}

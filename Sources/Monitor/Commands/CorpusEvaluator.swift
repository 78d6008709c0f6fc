// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Correlation
internal import Detection
internal import Evaluation
internal import Foundation
internal import Interactions
internal import Scores
internal import Sigma

/// Says what a rule set makes of the rows of a corpus, through the same evaluator that reads logs.
///
/// Each row is a conversation of its own. Correlations are left out: they are about several.
final class CorpusEvaluator {
    private let evaluator: Evaluator
    private let traits: [RuleTraits]
    private var scorers: [(table: ScoreTable, scorer: TextScorer)]
    private var lineNumber = 0

    /// - Throws: `PatternError` when there is no memory for scanning.
    init(_ rules: RuleSet) throws {
        var settings = Evaluator.Settings()
        settings.shape = .mapped(Self.mapping)
        settings.excerptBytes = 0
        // Rows have one turn, mostly, and begin with none.
        settings.conversations.turns = 1024
        settings.conversations.conversations = 1024
        evaluator = try Evaluator(rules.plan, settings)
        traits = rules.plan.rules.map { rule in
            RuleTraits(rule, isSilent: rules.correlations.isSilent(rule.id))
        }
        scorers = rules.models.flatMap(\.tables).map { ($0, TextScorer($0)) }
    }

    /// By score field, what rules ask it to be at least.
    static func thresholds(of rules: RuleSet) -> [String: [Double]] {
        var thresholds: [String: Set<Double>] = [:]
        for rule in rules.plan.rules {
            rule.condition.forEachMatch { match in
                guard let field = match.field, ScoreField(name: field) != nil,
                    case .order(let ordering, let value) = match.value,
                    [.greater, .greaterOrEqual].contains(ordering)
                else { return }
                thresholds[field, default: []].insert(value)
            }
        }
        return thresholds.mapValues { $0.sorted() }
    }

    func outcome(of row: LabelledRow) throws -> RowOutcome {
        var lines: [UInt8] = []
        for turn in row.turns {
            lines.append(contentsOf: try JSONSerialization.data(withJSONObject: turn))
            lines.append(UInt8(ascii: "\n"))
        }
        let block = LineBlock(capacity: lines.count)
        block.append(copying: lines.span)
        lineNumber += 1
        var findings: [Finding] = []
        evaluator.evaluate(
            block, at: BlockPlace(stream: 0, offset: 0, line: lineNumber, now: 0),
            into: &findings)
        var fired: [RowOutcome.Fired] = []
        for rule in Set(findings.map(\.rule)).sorted() {
            let traits = traits[rule]
            // A label about an answer says nothing of what was asked.
            guard !traits.isSilent, row.role != .response || traits.isAboutResponses else {
                continue
            }
            fired.append(
                RowOutcome.Fired(
                    rule: traits.title, categories: traits.categories,
                    isOfScores: traits.isOfScores))
        }
        return RowOutcome(row: row, fired: fired, scores: scores(of: row))
    }

    private func scores(of row: LabelledRow) -> [String: Double] {
        var scores: [String: Double] = [:]
        for index in scorers.indices {
            let table = scorers[index].table
            guard row.isAbout(table.side) else { continue }
            scorers[index].scorer.begin()
            for text in table.side == .request ? row.prompts : row.responses {
                let bytes = Array(text.utf8)
                scorers[index].scorer.add(bytes.span)
            }
            for (place, category) in table.categories.enumerated() {
                let name = ScoreField(side: table.side, category: category.name).name
                scores[name] = scorers[index].scorer.score(ofCategory: place)
            }
        }
        return scores
    }

    /// A row's turns stand under the fields' own names.
    private static let mapping: RecordMapping = {
        var mapping = RecordMapping()
        mapping.texts = TextField.allCases.map { ($0, JSONPointer(memberNamed: $0.name)) }
        return mapping
    }()
}

/// What evaluation needs to know of a rule.
private struct RuleTraits {
    let title: String
    let categories: [String]
    let isOfScores: Bool
    let isAboutResponses: Bool
    /// It raises nothing itself: only correlations look at it.
    let isSilent: Bool

    init(_ rule: Rule, isSilent: Bool) {
        self.isSilent = isSilent
        title = rule.title
        categories = rule.tags.compactMap { tag -> String? in
            guard tag.hasPrefix("risk.") else { return nil }
            return String(tag.dropFirst("risk.".count).replacing("-", with: "_"))
        }
        let fields = rule.condition.fieldNames
        isOfScores = fields.contains { ScoreField(name: $0) != nil }
        isAboutResponses = fields.contains {
            ScoreField(name: $0)?.side == .response
                || [TextField.response.name, TextField.reasoning.name].contains($0)
        }
    }
}

extension LabelledRow {
    /// Each prompt with its answer, as a record; what comes before a prompt belongs to it.
    fileprivate var turns: [[String: String]] {
        var turns: [[String: String]] = []
        var turn: [String: String] = [:]
        for message in messages {
            let field: TextField =
                switch message.role {
                case "user": .prompt
                case "system": .system
                case "tool": .toolResult
                default: .response
                }
            if turn[field.name] != nil || field == .prompt && turn[TextField.response.name] != nil {
                turns.append(turn)
                turn = [:]
            }
            turn[field.name] = message.content
        }
        return turns + [turn]
    }
}

extension Sigma.Expression {
    /// Calls `body` with each comparison.
    fileprivate func forEachMatch(_ body: (FieldMatch) -> Void) {
        switch self {
        case .and(let parts), .or(let parts): for part in parts { part.forEachMatch(body) }
        case .not(let part), .named(_, let part): part.forEachMatch(body)
        case .match(let match): body(match)
        }
    }
}

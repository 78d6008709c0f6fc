// SPDX-License-Identifier: Apache-2.0
internal import Interactions
internal import Scores
internal import TextViews

/// What models make of the turn at hand; worked out once a turn and side, and only when asked.
///
/// A text is scored as it is written and in each of its views; the highest counts, over all
/// texts of the side and all their windows.
final class TurnScores {
    private let fields: [(field: ScoreField, table: Int, place: Int)]
    private let sides: [ScoredSide]
    private var scorers: [TextScorer]
    /// By table, whether it was asked in this turn.
    private var isScored: [Bool]
    private let views: TextViews

    init(_ tables: [ScoreTable], views: TextViews) {
        fields = tables.enumerated().flatMap { index, table in
            table.categories.enumerated().map { place, category in
                (ScoreField(side: table.side, category: category.name), index, place)
            }
        }
        sides = tables.map(\.side)
        scorers = tables.map(TextScorer.init)
        isScored = Array(repeating: false, count: tables.count)
        self.views = views
    }

    /// Begins a turn of which nothing is scored yet.
    func begin() {
        for index in isScored.indices { isScored[index] = false }
    }

    /// The probability that a category has of the turn's texts; nil where none has a word.
    func value(
        _ field: ScoreField, of turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) -> Double? {
        guard let known = fields.first(where: { $0.field == field }) else { return nil }
        if !isScored[known.table] { score(known.table, turn, decoder) }
        return scorers[known.table].score(ofCategory: known.place)
    }

    private func score(
        _ table: Int, _ turn: EvaluatedTurn, _ decoder: InteractionDecoder
    ) {
        isScored[table] = true
        scorers[table].begin()
        for index in turn.turn.texts {
            let text = decoder.interaction.texts[index]
            // Raw text might be anyone's.
            guard text.field.map(sides[table].holds) ?? true else { continue }
            let bytes = decoder.bytes(of: text.slice)
            scorers[table].add(bytes)
            views.forEachDerived(of: bytes) { _, derived in scorers[table].add(derived) }
        }
    }
}

extension TurnScores {
    /// The piece of the turn's texts that scores highest, for the rare turn that a rule matched.
    ///
    /// - Parameter pieceBytes: How long a piece is; they overlap by half.
    func mostTelling(
        _ field: ScoreField, of turn: EvaluatedTurn, _ decoder: InteractionDecoder,
        pieceBytes: Int
    ) -> ScoredPiece? {
        guard let known = fields.first(where: { $0.field == field }) else { return nil }
        var best: (score: Double, piece: ScoredPiece)?
        var scorer = scorers[known.table]
        func look(_ text: Span<UInt8>, _ textField: TextField?, _ view: View) {
            var start = 0
            repeat {
                let end = min(start + pieceBytes, text.count)
                scorer.begin()
                scorer.add(text.extracting(start..<end))
                if let score = scorer.score(ofCategory: known.place), score > best?.score ?? -1 {
                    let excerpt = ExcerptCutter.excerpt(
                        of: text, match: start..<end, limitBytes: pieceBytes)
                    best = (score, ScoredPiece(field: textField, view: view, excerpt: excerpt))
                }
                start += pieceBytes / 2
            } while start + pieceBytes / 2 < text.count
        }
        for index in turn.turn.texts {
            let text = decoder.interaction.texts[index]
            guard text.field.map(sides[known.table].holds) ?? true else { continue }
            let bytes = decoder.bytes(of: text.slice)
            look(bytes, text.field, .written)
            views.forEachDerived(of: bytes) { look($1, text.field, $0) }
        }
        return best?.piece
    }
}

/// Where a score comes from.
struct ScoredPiece {
    /// Nil for raw text.
    let field: TextField?
    let view: View
    let excerpt: Excerpt
}

extension ScoredSide {
    /// Whether a field's texts are this side's.
    fileprivate func holds(_ field: TextField) -> Bool {
        switch self {
        case .request: field == .prompt
        case .response: field == .response || field == .reasoning
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What the rules made of one row of a corpus.
package struct RowOutcome: Sendable {
    /// A rule that raised a finding and is about what the row's label is about.
    package struct Fired: Sendable {
        package let rule: String
        package let categories: [String]
        /// It compares a score; any other is of the pattern layer.
        package let isOfScores: Bool

        package init(rule: String, categories: [String], isOfScores: Bool) {
            self.rule = rule
            self.categories = categories
            self.isOfScores = isOfScores
        }
    }

    package let row: LabelledRow
    package let fired: [Fired]
    /// By field, such as `score.cyber`, of the sides that the label is about.
    package let scores: [String: Double]

    package init(row: LabelledRow, fired: [Fired], scores: [String: Double]) {
        self.row = row
        self.fired = fired
        self.scores = scores
    }

    /// Whether a layer caught a hazard of this row's category, or of any where it names none.
    func isCaught(byScores: Bool, category: String?) -> Bool {
        fired.contains { fired in
            fired.isOfScores == byScores
                && (category.map(fired.categories.contains) ?? true)
        }
    }
}

/// Which rules of a layer, or of both, caught how many rows.
package struct LayerShares: Codable, Sendable, Equatable {
    package let patterns: Share
    package let scores: Share
    /// Caught by one at least.
    package let together: Share
    /// Caught by both.
    package let both: Int

    /// - Parameter category: Only its rules count; nil for all rules.
    init(_ outcomes: [RowOutcome], category: String?) {
        var counts = (patterns: 0, scores: 0, together: 0, both: 0)
        for outcome in outcomes {
            let patterns = outcome.isCaught(byScores: false, category: category)
            let scores = outcome.isCaught(byScores: true, category: category)
            counts.patterns += patterns ? 1 : 0
            counts.scores += scores ? 1 : 0
            counts.together += patterns || scores ? 1 : 0
            counts.both += patterns && scores ? 1 : 0
        }
        patterns = Share(counts.patterns, of: outcomes.count)
        scores = Share(counts.scores, of: outcomes.count)
        together = Share(counts.together, of: outcomes.count)
        both = counts.both
    }

    var recapture: Recapture? {
        guard both > 0 else { return nil }
        return Recapture(patterns: patterns.count, scores: scores.count, both: both)
    }
}

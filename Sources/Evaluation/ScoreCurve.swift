// SPDX-License-Identifier: Apache-2.0

/// How one score tells the hazards of its category from all that is none.
package struct ScoreCurve: Codable, Sendable {
    /// At a threshold: what is caught of the hazards, and what of all that is caught is one.
    package struct Point: Codable, Sendable {
        package let threshold: Double
        package let recall: Double
        package let precision: Double
        package let benign: Double
        package let hardBenign: Double
    }

    package let field: String
    package let category: String
    package let hazards: Int
    /// Numbers of rows by score, in ``bins`` equal steps of its logit.
    package let hazardBins: [Int]
    package let hardBenignBins: [Int]
    package let benignBins: [Int]
    package let points: [Point]
    /// What rules compare the score with.
    package let thresholds: [Double]

    package static let bins = 40
    /// Logits from -8 to 8: from 0.03 % to 99.97 %.
    package static let logitLimit = 8.0

    /// One curve for each score that some row has.
    static func curves(
        of outcomes: [RowOutcome], thresholds: [String: [Double]]
    ) -> [ScoreCurve] {
        Set(outcomes.flatMap(\.scores.keys)).sorted().compactMap { field in
            ScoreCurve(field, outcomes, thresholds: thresholds[field] ?? [])
        }
    }

    private init?(_ field: String, _ outcomes: [RowOutcome], thresholds: [Double]) {
        let category = String(field.split(separator: ".").last ?? "")
        var hazards: [Double] = []
        var hard: [Double] = []
        var benign: [Double] = []
        for outcome in outcomes {
            guard let score = outcome.scores[field] else { continue }
            switch outcome.row.label {
            case .hazard where outcome.row.category == category: hazards.append(score)
            case .hazard: break
            case .hardBenign: hard.append(score)
            case .benign: benign.append(score)
            }
        }
        guard !hazards.isEmpty else { return nil }
        self.field = field
        self.category = category
        self.hazards = hazards.count
        self.thresholds = thresholds.sorted()
        hazardBins = Self.histogram(hazards)
        hardBenignBins = Self.histogram(hard)
        benignBins = Self.histogram(benign)
        let steps = (0...Self.bins * 2).map { step in
            let logit = (Double(step) / Double(Self.bins) - 1) * Self.logitLimit
            return logistic(logit)
        }
        let sorted = (hazards.sorted(), hard.sorted(), benign.sorted())
        points = (steps + thresholds).sorted().map { threshold in
            let caught = sorted.0.countAtLeast(threshold)
            let wrong = (sorted.1.countAtLeast(threshold), sorted.2.countAtLeast(threshold))
            let all = caught + wrong.0 + wrong.1
            return Point(
                threshold: threshold.rounded4,
                recall: (Double(caught) / Double(hazards.count)).rounded4,
                precision: all == 0 ? 1 : (Double(caught) / Double(all)).rounded4,
                benign: benign.isEmpty ? 0 : Double(wrong.1) / Double(benign.count),
                hardBenign: hard.isEmpty ? 0 : Double(wrong.0) / Double(hard.count))
        }
    }

    private static func histogram(_ scores: [Double]) -> [Int] {
        var counts = Array(repeating: 0, count: bins)
        for score in scores {
            let place = (logit(score) / logitLimit + 1) / 2 * Double(bins)
            counts[min(max(Int(place), 0), bins - 1)] += 1
        }
        return counts
    }
}

extension [Double] {
    /// How many of these, in rising order, are at least `threshold`.
    fileprivate func countAtLeast(_ threshold: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < threshold { low = middle + 1 } else { high = middle }
        }
        return count - low
    }
}

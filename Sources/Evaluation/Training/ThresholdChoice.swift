// SPDX-License-Identifier: Apache-2.0

/// The thresholds that rules are to compare one category's score with, chosen on the scores of
/// training rows by models that had not seen them.
struct ThresholdChoice {
    /// The rows of the category.
    private(set) var hazards: [Double] = []
    /// Ordinary rows.
    private(set) var benign: [Double] = []
    /// Rows that look near this category.
    private(set) var hardBenign: [Double] = []

    /// Of ordinary rows so many may reach a score that a rule compares alone, …
    static let benignAlone = 0.0005
    /// … or beside a word that the rule asks for too.
    static let benignJoined = 0.01
    /// Of the rows that look near a category so many may reach its score.
    static let hardBenignShare = 0.042
    /// Ordinary rows are of more kinds than those that are trained on: a score that is compared
    /// alone has to be so much above theirs, in its logit.
    static let margin = 1.5

    static let description =
        "of unseen training rows (five-fold) at most \(benignAlone) of the benign reach a "
        + "threshold `alone`, after \(margin) was added to its logit, \(benignJoined) one "
        + "`joined` to a word, and \(hardBenignShare) of the category's hard_benign either"

    mutating func add(_ score: Double, of label: LabelledRow.Label) {
        switch label {
        case .hazard: hazards.append(score)
        case .hardBenign: hardBenign.append(score)
        case .benign: benign.append(score)
        }
    }

    var thresholds: ModelRecord.Thresholds {
        let hard = Self.least(reachedBy: Self.hardBenignShare, of: hardBenign)
        let alone = logistic(
            logit(Self.least(reachedBy: Self.benignAlone, of: benign)) + Self.margin)
        let joined = Self.least(reachedBy: Self.benignJoined, of: benign)
        func point(_ threshold: Double) -> ModelRecord.Threshold {
            // Up to four places, so that what is written in a rule is as strict.
            let value = min((threshold * 10_000).rounded(.up) / 10_000, 0.9999)
            let caught = Double(hazards.count { $0 >= value })
            return ModelRecord.Threshold(
                value: value,
                recall: hazards.isEmpty ? 0 : (caught / Double(hazards.count)).rounded4)
        }
        return ModelRecord.Thresholds(
            alone: point(max(alone, hard)), joined: point(max(joined, hard)))
    }

    /// What only `share` of the scores are above; 0 where there are none.
    private static func least(reachedBy share: Double, of scores: [Double]) -> Double {
        let place = Int(share * Double(scores.count))
        return place < scores.count ? scores.sorted(by: >)[place] : 0
    }
}

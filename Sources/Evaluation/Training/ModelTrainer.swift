// SPDX-License-Identifier: Apache-2.0
package import Scores

/// Makes a model of labelled rows: `tocsin train`.
///
/// Deterministic: the same rows in the same order give the same bytes.
package struct ModelTrainer {
    private let rows: [LabelledRow]

    package init(_ rows: [LabelledRow]) { self.rows = rows }

    /// How far the training is.
    package struct Step: Sendable {
        package let name: String
        package let fraction: Double
    }

    /// - Throws: ``CorpusError`` when the rows teach nothing.
    package func train(progress: (Step) -> Void) throws -> ScoreModel {
        let seen = TrainedTexts(of: rows)
        var tables: [ScoreTable] = []
        var sides: [ModelRecord.Side] = []
        for (number, side) in ScoredSide.allCases.enumerated() {
            func tell(_ name: String, _ fraction: Double) {
                let share = 1 / Double(ScoredSide.allCases.count)
                progress(
                    Step(
                        name: "\(side.rawValue): \(name)",
                        fraction: share * (Double(number) + fraction)))
            }
            tell("features", 0)
            let trainer = SideTrainer(side, rows, seen: seen)
            guard !trainer.set.categories.isEmpty else { continue }
            guard trainer.set.categories.count <= ScoreTable.categoriesMax else {
                throw CorpusError(
                    "the rows have \(trainer.set.categories.count) categories; "
                        + "a model has \(ScoreTable.categoriesMax) at most")
            }
            let margins = trainer.unseenMargins { fold in
                tell("calibration", 0.1 + 0.06 * Double(fold))
            }
            let calibrations = trainer.calibrations(margins)
            tell("weights", 0.4)
            let table = trainer.table(trainer.trained(), calibrations)
            let measures = HeldOutMeasures(trainer, table)
            let sources = measures.sources
            var left: [String: LogisticSolver] = [:]
            for (index, source) in sources.enumerated() {
                tell(
                    "without \(source)", 0.45 + 0.55 * Double(index) / Double(sources.count))
                left[source] = trainer.trained { $0.source == source }
            }
            tables.append(table)
            sides.append(
                measures.record(
                    leftOut: left, advice: trainer.advice(margins, calibrations)))
        }
        guard !tables.isEmpty else {
            throw CorpusError(
                "no category has 10 hazard rows that may be trained on "
                    + "(licence MIT, Apache-2.0 or CC-BY, and in the training part)")
        }
        let record = ModelRecord(settings: Self.settings, sides: sides)
        return ScoreModel(about: try record.json, tables: tables)
    }

    private static let settings = ModelRecord.Settings(
        features: TextFeatures.description,
        learner: "logistic regression, L2, dual coordinate descent; benign rows weigh "
            + "\(SideTrainer.benignWeight); no source outweighs the others",
        split: RowSplit.description,
        calibration: "five-fold, to a mix in which \(Calibration.prior) of the texts are hazards",
        thresholds: ThresholdChoice.description, gate: GateChoice.description,
        scores: "of a text its highest window; request: prompts; response: responses and reasoning")
}

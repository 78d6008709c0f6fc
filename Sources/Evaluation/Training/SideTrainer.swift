// SPDX-License-Identifier: Apache-2.0
internal import Scores

/// Trains the categories of one side, and measures them on what they were not trained on.
struct SideTrainer {
    let set: ExampleSet
    private let rows: [LabelledRow]
    /// Indices into the set's texts.
    private let training: [Int]
    let heldOut: [Int]
    /// The rows that are held out and have a text on this side.
    let heldOutRows: [LabelledRow]

    /// What ordinary texts count for, for each that counts for one: to raise nothing on them
    /// comes first.
    static let benignWeight = 4.0
    /// A long text has many windows without a hazard; it teaches as much as so many short ones.
    static let windowsCountedMax = 8.0

    init(_ side: ScoredSide, _ rows: [LabelledRow], seen: TrainedTexts) {
        let set = ExampleSet(
            side, rows, categories: LabelledRow.categories(on: side, rows))
        self.set = set
        self.rows = rows
        let isHeldOut = rows.map { !$0.isTrainedOn && !seen.contains($0) }
        training = set.texts.indices.filter { rows[set.texts[$0].row].isTrainedOn }
        heldOut = set.texts.indices.filter { isHeldOut[set.texts[$0].row] }
        heldOutRows = zip(rows, isHeldOut).filter { $1 && $0.isAbout(side) }.map(\.0)
    }

    func row(_ text: Int) -> LabelledRow { rows[set.texts[text].row] }

    /// What is trained on: a row once, however many texts it has.
    var trainingRows: [LabelledRow] { Set(training.map { set.texts[$0].row }).map { rows[$0] } }

    /// Trains on the training part without what `isLeftOut` says.
    func trained(without isLeftOut: (LabelledRow) -> Bool = { _ in false }) -> LogisticSolver {
        let texts = training.filter { !isLeftOut(row($0)) }
        let factors = sourceFactors(texts)
        var examples: [LogisticSolver.Example] = []
        for index in texts {
            let text = set.texts[index]
            let row = row(index)
            let count = Double(text.windows.count)
            var costs = SIMD8<Double>.zero
            for place in set.categories.indices {
                if text.signs[place] > 0 {
                    costs[place] = (factors[row.source]?[place] ?? 1) / count
                } else if text.signs[place] < 0 {
                    let weight = row.label == .benign ? Self.benignWeight : 1
                    costs[place] = weight * min(count, Self.windowsCountedMax) / count
                }
            }
            for window in text.windows {
                examples.append(
                    LogisticSolver.Example(window: window, signs: text.signs, costs: costs))
            }
        }
        var solver = LogisticSolver(set, examples)
        solver.run()
        return solver
    }

    /// By source and category, what a hazard counts for: no source outweighs all others
    /// together, however many rows it has.
    private func sourceFactors(_ texts: [Int]) -> [String: SIMD8<Double>] {
        var counts: [String: SIMD8<Double>] = [:]
        for index in texts {
            let hazards = set.texts[index].signs.replacing(
                with: 0, where: set.texts[index].signs .< 0)
            counts[row(index).source, default: .zero] += hazards
        }
        let total = counts.values.reduce(SIMD8<Double>.zero, +)
        return counts.mapValues { count in
            let others = total - count
            var factor = SIMD8<Double>(repeating: 1)
            for place in set.categories.indices
            where others[place] > 0 && others[place] < count[place] {
                factor[place] = others[place] / count[place]
            }
            return factor
        }
    }

    /// By training text, its margins from a model that had not seen it.
    func unseenMargins(progress: (Int) -> Void) -> [Int: SIMD8<Double>] {
        var margins: [Int: SIMD8<Double>] = [:]
        for fold in 0..<RowSplit.folds {
            progress(fold)
            let solver = trained { RowSplit.fold(id: $0.id) == fold }
            for index in training where RowSplit.fold(id: row(index).id) == fold {
                margins[index] = solver.margins(of: set.texts[index])
            }
        }
        return margins
    }

    /// One calibration a category, fitted to margins of unseen texts.
    func calibrations(_ margins: [Int: SIMD8<Double>]) -> [Calibration] {
        set.categories.indices.map { place in
            Calibration(
                training.compactMap { index in
                    let sign = set.texts[index].signs[place]
                    guard sign != 0, let margin = margins[index] else { return nil }
                    return (margin[place], sign > 0)
                })
        }
    }

    /// What rules on each category's score are to hold.
    func advice(
        _ margins: [Int: SIMD8<Double>], _ calibrations: [Calibration]
    ) -> [ModelRecord.Advice] {
        // A row's score is that of its highest text.
        var highest: [Int: SIMD8<Double>] = [:]
        for index in training {
            guard let margins = margins[index] else { continue }
            let row = set.texts[index].row
            highest[row] = pointwiseMax(highest[row] ?? margins, margins)
        }
        let scored = highest.sorted { $0.key < $1.key }.map {
            (row: rows[$0.key], margins: $0.value)
        }
        return set.categories.indices.map { place in
            var choice = ThresholdChoice()
            var gate = GateChoice(side: set.side)
            let own = scored.filter { row, _ in
                row.label == .benign || row.category == set.categories[place]
            }.map { row, margins in
                (row: row, score: calibrations[place].probability(margins[place]))
            }
            for (row, score) in own { choice.add(score, of: row.label) }
            let thresholds = choice.thresholds
            for (row, score) in own {
                if row.label == .benign { gate.addBenign(row) }
                if row.label == .hazard, score >= thresholds.alone.value { gate.addHazard(row) }
            }
            return ModelRecord.Advice(thresholds: thresholds, gate: gate.gate)
        }
    }

    /// The weights in one byte each, with what turns their sums into calibrated logits.
    func table(_ solver: LogisticSolver, _ calibrations: [Calibration]) -> ScoreTable {
        var rows = Array(repeating: SIMD8<Int8>.zero, count: TextFeatures.bucketCount)
        var categories: [ScoreTable.Category] = []
        for (place, name) in set.categories.enumerated() {
            let weights = solver.weights.prefix(TextFeatures.bucketCount).map { $0[place] }
            let largest = weights.reduce(0) { max($0, abs($1)) }
            let unit = largest > 0 ? largest / 127 : 1
            for (bucket, weight) in weights.enumerated() {
                rows[bucket][place] = Int8((weight / unit).rounded())
            }
            let bias = solver.weights[TextFeatures.bucketCount][place] * LogisticSolver.biasValue
            let calibration = calibrations[place]
            categories.append(
                ScoreTable.Category(
                    name: name,
                    scale: Float(calibration.slope * unit * ExampleSet.vectorLength),
                    bias: Float(calibration.slope * bias + calibration.offset)))
        }
        return ScoreTable(side: set.side, categories: categories, rows: rows)
    }
}

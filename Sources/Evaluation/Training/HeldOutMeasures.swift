// SPDX-License-Identifier: Apache-2.0
internal import Scores

/// How a side's table does on what it was not trained on.
struct HeldOutMeasures {
    private let trainer: SideTrainer
    /// By held-out row.
    private let scores: [SIMD8<Double>]

    static let thresholds = [0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]

    /// Scores as a daemon does: by the table's bytes.
    init(_ trainer: SideTrainer, _ table: ScoreTable) {
        self.trainer = trainer
        var scorer = TextScorer(table)
        scores = trainer.heldOutRows.map { row in
            scorer.begin()
            for text in row.texts(on: table.side) {
                let bytes = Array(text.utf8)
                scorer.add(bytes.span)
            }
            var scores = SIMD8<Double>.zero
            for place in table.categories.indices {
                scores[place] = scorer.score(ofCategory: place) ?? 0
            }
            return scores
        }
    }

    /// The sources that have a hazard among the training rows.
    var sources: [String] {
        Set(trainer.trainingRows.filter { $0.label == .hazard }.map(\.source)).sorted()
    }

    func record(
        leftOut: [String: LogisticSolver], advice: [ModelRecord.Advice]
    ) -> ModelRecord.Side {
        ModelRecord.Side(
            name: trainer.set.side.rawValue, sources: trainedSources,
            categories: trainer.set.categories.indices.map {
                category($0, leftOut, advice[$0])
            })
    }

    private var trainedSources: [ModelRecord.Source] {
        var sources: [String: ModelRecord.Source] = [:]
        for row in trainer.trainingRows {
            let kind = row.label == .hazard ? row.category ?? "" : row.label.rawValue
            var source =
                sources[row.source]
                ?? ModelRecord.Source(source: row.source, licences: [], rows: [:])
            source.rows[kind, default: 0] += 1
            if !source.licences.contains(row.licence) { source.licences.append(row.licence) }
            sources[row.source] = source
        }
        return sources.values.sorted { $0.source < $1.source }
    }

    private func category(
        _ place: Int, _ leftOut: [String: LogisticSolver], _ advice: ModelRecord.Advice
    ) -> ModelRecord.Category {
        let name = trainer.set.categories[place]
        var positives: [Double] = []
        var benign: [Double] = []
        var hardBenign: [Double] = []
        for (row, scores) in zip(trainer.heldOutRows, scores) {
            switch row.label {
            case .benign: benign.append(scores[place])
            case .hardBenign: hardBenign.append(scores[place])
            case .hazard where row.category == name:
                positives.append(scores[place])
            case .hazard: break
            }
        }
        func share(_ scores: [Double], _ threshold: Double) -> Double? {
            guard !scores.isEmpty else { return nil }
            return (Double(scores.count { $0 >= threshold }) / Double(scores.count)).rounded4
        }
        let points = Self.thresholds.map { threshold in
            let caught = Double(positives.count { $0 >= threshold })
            let wrong = Double((benign + hardBenign).count { $0 >= threshold })
            return ModelRecord.Point(
                threshold: threshold, recall: share(positives, threshold) ?? 0,
                precision: caught + wrong > 0 ? (caught / (caught + wrong)).rounded4 : nil,
                falsePositivesBenign: share(benign, threshold),
                falsePositivesHardBenign: share(hardBenign, threshold))
        }
        return ModelRecord.Category(
            name: name,
            trainedOn: trainer.trainingRows.count { $0.label == .hazard && $0.category == name },
            heldOut: positives.count, heldOutBenign: benign.count,
            heldOutHardBenign: hardBenign.count, advice: advice, points: points,
            leaveOneSourceOut: sources.compactMap { source in
                leftOut[source].flatMap { recall(of: source, place, $0) }
            })
    }

    /// What a model that saw nothing of a source finds of its hazards.
    private func recall(
        of source: String, _ place: Int, _ solver: LogisticSolver
    ) -> ModelRecord.SourceRecall? {
        func margins(_ indices: [Int]) -> [Double] {
            indices.map { solver.margins(of: trainer.set.texts[$0])[place] }
        }
        let own = trainer.set.texts.indices.filter {
            trainer.row($0).source == source && trainer.set.texts[$0].signs[place] > 0
        }
        guard !own.isEmpty else { return nil }
        let benign = margins(trainer.heldOut.filter { trainer.row($0).label == .benign })
            .sorted(by: >)
        guard !benign.isEmpty else { return nil }
        let threshold = benign[min(benign.count / 1000, benign.count - 1)]
        let caught = margins(own).count { $0 > threshold }
        return ModelRecord.SourceRecall(
            source: source, rows: own.count, threshold: threshold.rounded4,
            recall: (Double(caught) / Double(own.count)).rounded4)
    }
}

extension Double {
    /// To four places: what figures are told with.
    var rounded4: Double { (self * 10_000).rounded() / 10_000 }
}

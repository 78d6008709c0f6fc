// SPDX-License-Identifier: Apache-2.0
internal import Evaluation
internal import Foundation
internal import Scores

/// `tocsin train`: makes a model of labelled rows.
package struct TrainCommand {
    private let reader: CorpusReader
    private let output: String

    package init(corpus: [String], output: String) {
        reader = CorpusReader(paths: corpus)
        self.output = output
    }

    /// Trains, writes the model, and prints what it came to. Nothing is written before all is
    /// done, so stopping it leaves what was there.
    package func run() throws {
        let rows = try reader.rowsWithProgress()
        let bar = WorkProgress(total: 1000, unit: .steps(rateOf: nil))
        let model = try ModelTrainer(rows).train {
            bar.show(Int($0.fraction * 1000), of: $0.name)
        }
        bar.clear()
        let bytes = model.fileBytes
        try AtomicFile.write(bytes, to: output)
        print(try Self.summary(of: model, bytes: bytes.count, path: output))
    }

    private static func summary(
        of model: ScoreModel, bytes: Int, path: String
    ) throws -> String {
        var lines = ["\(path): \(bytes) bytes"]
        for side in try ModelRecord(model).sides {
            let head = [
                side.name.padded(to: 16), "trained on", "held out", "at 0.5: recall", "benign",
                "hard benign",
            ]
            lines.append(head.joined(separator: "  "))
            for category in side.categories {
                guard let point = category.points.first(where: { $0.threshold == 0.5 }) else {
                    continue
                }
                let cells = [
                    category.name.padded(to: 16), "\(category.trainedOn)".leftPadded(to: 10),
                    "\(category.heldOut)".leftPadded(to: 8),
                    percent(point.recall).leftPadded(to: 14),
                    percent(point.falsePositivesBenign).leftPadded(to: 6),
                    percent(point.falsePositivesHardBenign).leftPadded(to: 11),
                ]
                lines.append(cells.joined(separator: "  "))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ share: Double?) -> String {
        share.map { String(format: "%.2f%%", $0 * 100) } ?? "-"
    }
}

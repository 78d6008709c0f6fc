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
                side.name.padded(to: 16), "trained on", "held out", "rule alone at", "recall",
                "joined at", "recall",
            ]
            lines.append(head.joined(separator: "  "))
            for category in side.categories {
                let thresholds = category.advice.thresholds
                let (alone, joined) = (thresholds.alone, thresholds.joined)
                let cells = [
                    category.name.padded(to: 16), "\(category.trainedOn)".leftPadded(to: 10),
                    "\(category.heldOut)".leftPadded(to: 8),
                    "\(alone.value)".leftPadded(to: 13), percent(alone.recall),
                    "\(joined.value)".leftPadded(to: 9), percent(joined.recall),
                ]
                lines.append(cells.joined(separator: "  "))
                let gate = category.advice.gate
                lines.append(
                    "  a word of \(percent(gate.hazards)) of those hazards, "
                        + "\(percent(gate.benign)) of benign rows: "
                        + gate.words.joined(separator: " "))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ share: Double) -> String {
        String(format: "%5.1f%%", share * 100)
    }
}

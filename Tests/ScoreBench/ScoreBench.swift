// SPDX-License-Identifier: Apache-2.0
import Foundation
import Scores

/// Measures what scoring costs: `scorebench MODEL TEXT`, the best of nine rounds on one thread.
///
/// The text is scored in pieces of a record's usual size, as a daemon does.
@main
struct ScoreBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            FileHandle.standardError.write(Data("scorebench MODEL TEXT\n".utf8))
            exit(64)
        }
        let model = try ScoreModel(fileBytes: [UInt8](bytes(of: arguments[1])))
        let text = [UInt8](try bytes(of: arguments[2]))
        for table in model.tables {
            var scorer = TextScorer(table)
            var best = Duration.seconds(3600)
            var sum: Float = 0
            for _ in 0..<9 {
                sum = 0
                best = min(
                    best,
                    ContinuousClock().measure {
                        for start in stride(from: 0, to: text.count, by: pieceBytes) {
                            scorer.begin()
                            let end = min(start + pieceBytes, text.count)
                            scorer.add(text.span.extracting(start..<end))
                            sum += scorer.logits[0]
                        }
                    })
            }
            let seconds =
                Double(best.components.seconds) + Double(best.components.attoseconds) / 1e18
            print(
                String(
                    format: "%@: %.0f MB/s (%.1f MB, %d categories, sum of logits %.2f)",
                    table.side.rawValue, Double(text.count) / seconds / 1e6,
                    Double(text.count) / 1e6, table.categories.count, sum))
        }
    }

    private static let pieceBytes = 2048

    private static func bytes(of path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }
}

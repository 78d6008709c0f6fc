// SPDX-License-Identifier: Apache-2.0
import Foundation
import Scores

/// Measures what scoring costs: `scorebench MODEL TEXT`, the best of nine rounds on one thread, in
/// the thread's own time, so that a busy machine matters less.
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
            var best = Double.infinity
            var sum: Float = 0
            for _ in 0..<9 {
                sum = 0
                let begin = threadSeconds
                for start in stride(from: 0, to: text.count, by: pieceBytes) {
                    scorer.begin()
                    scorer.add(
                        text.span.extracting(start..<min(start + pieceBytes, text.count)))
                    sum += scorer.logits[0]
                }
                best = min(best, threadSeconds - begin)
            }
            print(
                String(
                    format: "%@: %.0f MB/s (%.1f MB, %d categories, sum of logits %.2f)",
                    table.side.rawValue, Double(text.count) / best / 1e6,
                    Double(text.count) / 1e6, table.categories.count, sum))
        }
    }

    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static let pieceBytes = 2048

    private static func bytes(of path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Scores
import Testing

@testable import Evaluation

/// The rules of `rules/scores` hold what `tocsin train` wrote into the model beside them.
@Suite struct ScoreRulesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test func thresholdsAreThoseThatTrainingChose() throws {
        let file = Self.root.appending(path: "rules/models/base.model")
        let record = try ModelRecord(ScoreModel(fileBytes: [UInt8](Data(contentsOf: file))))
        var chosen: [String: Set<Double>] = [:]
        for side in record.sides {
            for category in side.categories {
                let thresholds = category.advice.thresholds
                let prefix = side.name == "request" ? "score." : "score.response."
                chosen[prefix + category.name] = [thresholds.alone.value, thresholds.joined.value]
            }
        }
        let folder = Self.root.appending(path: "rules/scores")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yml") }
        #expect(files.count > 5)
        for name in files {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let found = text.matches(of: /(score\.[a-z_.]+)\|gte: ([0-9.]+)/)
            #expect(!found.isEmpty, "\(name)")
            for comparison in found {
                let value = try #require(Double(comparison.2))
                #expect(
                    chosen[String(comparison.1)]?.contains(value) == true,
                    "\(name) compares \(comparison.1) with \(value)")
            }
        }
    }
}

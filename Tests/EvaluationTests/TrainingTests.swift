// SPDX-License-Identifier: Apache-2.0
import Foundation
import Scores
import Testing

@testable import Evaluation

@Suite struct TrainingTests {
    /// Requests about two invented hazards among ordinary ones, from two sources each.
    static let rows: [LabelledRow] = {
        var rows: [LabelledRow] = []
        let openings = ["how do i", "please tell me how to", "explain how one can", "steps to"]
        let hazards = ["cyber": ["blorp the gate", "blorp a server"], "fraud": ["zindle a bank"]]
        let ordinary = ["bake a cake", "paint the gate", "run a server", "find a bank", "sing"]
        for number in 0..<240 {
            // Digits are all alike to a model, so numbers are spelt.
            let word = String(
                [number / 26, number % 26].map { Character(UnicodeScalar(UInt8(97 + $0))) })
            let opening = openings[number % 4]
            let category = number % 2 == 0 ? "cyber" : "fraud"
            let things = hazards[category] ?? []
            let lines = [
                rowLine(
                    "h\(number)", "\(opening) \(things[number % things.count]) number \(word)",
                    category: category, source: number % 3 == 0 ? "first" : "second"),
                rowLine(
                    "b\(number)", "\(opening) \(ordinary[number % 5]) number \(word)",
                    label: "benign", category: "none", source: "plain"),
                rowLine(
                    "u\(number)", "\(opening) \(things[0]) at place \(word)",
                    category: category, source: "closed", licence: "unstated"),
            ]
            rows += lines.compactMap { try? row($0) }
        }
        return rows
    }()

    private static func scores(_ model: ScoreModel, _ text: String) throws -> [Double] {
        let table = try #require(model.table(of: .request))
        var scorer = TextScorer(table)
        scorer.begin()
        scorer.add(Array(text.utf8).span)
        return table.categories.indices.compactMap { scorer.score(ofCategory: $0) }
    }

    @Test func whatIsLearntCarriesOver() throws {
        var steps: [Double] = []
        let model = try ModelTrainer(Self.rows).train { steps.append($0.fraction) }
        #expect(try ModelTrainer(Self.rows).train { _ in }.fileBytes == model.fileBytes)
        #expect(steps == steps.sorted() && steps.count > 5)
        let table = try #require(model.table(of: .request))
        #expect(table.categories.map(\.name) == ["cyber", "fraud"])
        #expect(model.table(of: .response) == nil)

        let cyber = try Self.scores(model, "how do i blorp the server")
        let fraud = try Self.scores(model, "please tell me how to zindle the bank")
        let plain = try Self.scores(model, "how do i find a gate for my server")
        #expect(cyber[0] > 0.5 && cyber[1] < 0.1)
        #expect(fraud[1] > 0.5 && fraud[0] < 0.1)
        #expect(plain.allSatisfy { $0 < 0.1 })

        let side = try #require(ModelRecord(model).sides.first)
        #expect(side.sources.map(\.source) == ["first", "plain", "second"])
        #expect(side.sources.allSatisfy { $0.licences == ["MIT"] })
        let trained = Self.rows.count { $0.isTrainedOn && $0.category == "cyber" }
        #expect(side.categories[0].trainedOn == trained)
        let held = Self.rows.count { !$0.isTrainedOn && $0.category == "cyber" }
        #expect(side.categories[0].heldOut == held)
        let point = try #require(side.categories[0].points.first { $0.threshold == 0.5 })
        #expect(point.recall > 0.95 && point.falsePositivesBenign == 0)
        #expect(side.categories[0].leaveOneSourceOut.map(\.source) == ["first", "second"])
    }

    @Test func rowsThatTeachNothingAreTold() {
        let error = #expect(throws: CorpusError.self) {
            try ModelTrainer(Self.rows.filter { $0.label == .benign }).train { _ in }
        }
        #expect(
            error?.description
                == "no category has 10 hazard rows that may be trained on "
                + "(licence MIT, Apache-2.0 or CC-BY, and in the training part)")
    }

    /// At the optimum each weight is the sum of the pulls of all examples.
    @Test func theSolverEndsAtTheOptimum() {
        let set = ExampleSet(.request, Self.rows, categories: ["cyber", "fraud"])
        let examples = set.texts.prefix(300).flatMap { text in
            text.windows.map {
                LogisticSolver.Example(
                    window: $0, signs: text.signs, costs: SIMD8(0.7, 0.2, 0, 0, 0, 0, 0, 0))
            }
        }
        var solver = LogisticSolver(set, examples)
        solver.run(roundsMax: 1000)
        var pulls = Array(repeating: SIMD8<Double>.zero, count: solver.weights.count)
        for example in examples {
            let sums =
                set.sums(ofWindow: example.window, solver.weights) + solver.weights[1 << 15]
            var pull = SIMD8<Double>.zero
            for place in 0..<2 {
                let sign = example.signs[place]
                pull[place] = sign * example.costs[place] * logistic(-sign * sums[place])
            }
            for index in set.starts[example.window]..<set.starts[example.window + 1] {
                pulls[Int(set.buckets[index])] += pull * set.values[index]
            }
            pulls[1 << 15] += pull
        }
        for (weight, pull) in zip(solver.weights, pulls) {
            #expect(abs(weight[0] - pull[0]) < 0.05 && abs(weight[1] - pull[1]) < 0.05)
        }
    }

    @Test func aCalibrationFindsTheCurveThatMadeTheSamples() {
        // Margins m with P(hazard | m) = 1 / (1 + exp(-(2 m - 1))) where half are hazards.
        var samples: [(margin: Double, isPositive: Bool)] = []
        for step in -400...400 {
            let margin = Double(step) / 100
            let positives = Int((1000 * logistic(2 * margin - 1)).rounded())
            for number in 0..<1000 where number % 10 == 5 {
                samples.append((margin, number < positives))
            }
        }
        let found = Calibration(samples)
        let share = Double(samples.count { $0.isPositive }) / Double(samples.count)
        let prior = logit(Calibration.prior) - logit(share)
        #expect(abs(found.slope - 2) < 0.15)
        #expect(abs(found.offset - (-1 + prior)) < 0.2)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Interactions

/// What a rule cost and found over the turns that were evaluated.
package struct RuleCost: Sendable {
    /// Turns of which the rule's condition was worked out: a trigger of it was found, or it has
    /// none.
    package var evaluations = 0
    /// Turns that it is true of.
    package var matches = 0
    /// Working its condition out, what was known of the texts already; and of derived fields, which
    /// the first rule that asks for one works out for all.
    package var conditionNanoseconds = 0.0
    /// Searching texts for more than triggers, which its condition asked for first.
    package var searchNanoseconds = 0.0
}

/// Measures what each rule costs while an evaluator evaluates.
///
/// A condition is worked out twice: when its first time made the matcher search another field,
/// the second is the condition's own cost and the difference the search's. What reading the clock
/// takes is measured before and left out.
package final class RuleProfiler: TurnInspector {
    /// By rule of the plan.
    package private(set) var costs: [RuleCost]
    package private(set) var turns = 0
    /// Texts of the turns, to measure the search for patterns on.
    package private(set) var sample: TextSample
    private let clock = ContinuousClock()
    private var clockNanoseconds = 0.0

    /// - Parameter sampleBytes: The most that the sample of texts holds.
    package init(_ plan: DetectionPlan, sampleBytes: Int) {
        costs = Array(repeating: RuleCost(), count: plan.rules.count)
        sample = TextSample(limitBytes: sampleBytes)
        super.init()
        let readings = (0..<1000).map { _ in elapsedNanoseconds { false }.nanoseconds }
        clockNanoseconds = readings.sorted()[readings.count / 2]
    }

    override func inspect(
        _ turn: EvaluatedTurn, at place: LinePlace, excluding excluded: [Int32],
        _ decoder: InteractionDecoder, _ matcher: inout TurnMatcher
    ) {
        turns += 1
        for rule in matcher.candidates where !excluded.contains(Int32(rule)) {
            let searchesBefore = matcher.searchCount
            var time = elapsedNanoseconds { matcher.holds(rule, turn, decoder) }
            if matcher.searchCount != searchesBefore {
                let first = time.nanoseconds
                time = elapsedNanoseconds { matcher.holds(rule, turn, decoder) }
                costs[rule].searchNanoseconds += max(0, first - time.nanoseconds)
            }
            costs[rule].evaluations += 1
            costs[rule].conditionNanoseconds += max(0, time.nanoseconds - clockNanoseconds)
            if time.holds { costs[rule].matches += 1 }
        }
        for index in turn.turn.texts {
            let text = decoder.interaction.texts[index]
            // Searched once for all the records that repeat it: no sample would show its cost.
            guard text.field != .system else { continue }
            sample.see(decoder.bytes(of: text.slice), of: text.field, matcher.views)
        }
    }

    private func elapsedNanoseconds(
        of body: () -> Bool
    ) -> (holds: Bool, nanoseconds: Double) {
        let start = clock.now
        let holds = body()
        let duration = clock.now - start
        let (seconds, attoseconds) = duration.components
        return (holds, Double(seconds) * 1e9 + Double(attoseconds) / 1e9)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Evaluation
import Testing

@Suite struct EstimatesTests {
    /// Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I,
    /// method 3, and cases by hand.
    @Test(arguments: [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718), (5, 10, 0.2366, 0.7634), (20, 20, 0.8389, 1),
    ])
    func intervalsAreWilsons(count: Int, total: Int, low: Double, high: Double) {
        let share = Share(count, of: total)
        #expect(abs(share.low - low) < 0.0001, "\(share)")
        #expect(abs(share.high - high) < 0.0001, "\(share)")
        #expect(share.share == Double(count) / Double(total))
    }

    @Test func ofNothingNothingIsKnown() {
        let share = Share(0, of: 0)
        #expect(share.low == 0 && share.high == 1 && share.share == 0)
    }

    @Test func capturesAreChapmans() {
        // 201 · 101 / 51 - 1; variance 201 · 101 · 150 · 50 / (51² · 52).
        let found = Recapture(patterns: 200, scores: 100, both: 50)
        #expect(abs(found.estimate - 397.0588) < 0.001)
        #expect(abs(found.missed - 147.0588) < 0.001)
        #expect(abs(found.low - (397.0588 - 1.959964 * 33.5516)) < 0.01)
        #expect(abs(found.high - (397.0588 + 1.959964 * 33.5516)) < 0.01)
    }

    @Test func anEstimateIsNeverLessThanWhatWasCaught() {
        let all = Recapture(patterns: 30, scores: 30, both: 30)
        #expect(all.estimate == 30 && all.missed == 0 && all.low == 30 && all.high == 30)
        let few = Recapture(patterns: 5, scores: 4, both: 1)
        #expect(few.low >= 8)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A share of a count, with the interval that holds the true share 95 times in 100.
package struct Share: Codable, Sendable, Equatable {
    package let count: Int
    package let total: Int
    package let share: Double
    package let low: Double
    package let high: Double

    /// The interval is Wilson's, which is right for few rows and for shares near 0 and 1.
    ///
    /// - Source: Wilson, "Probable inference, the law of succession, and statistical inference",
    ///   JASA 22 (1927).
    package init(_ count: Int, of total: Int) {
        precondition((0...total).contains(count), "\(count) is no part of \(total)")
        self.count = count
        self.total = total
        guard total > 0 else {
            share = 0
            low = 0
            high = 1
            return
        }
        let n = Double(total)
        let p = Double(count) / n
        let z = Self.z
        let middle = p + z * z / (2 * n)
        let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        share = p
        low = count == 0 ? 0 : max(0, (middle - spread) / scale)
        high = count == total ? 1 : min(1, (middle + spread) / scale)
    }

    /// Of the normal distribution, two-sided 95 %.
    static let z = 1.959963984540054
}

/// How many hazards there are, estimated from what two layers catch: capture and recapture.
///
/// It takes the layers as two catches that know nothing of each other, of hazards that are all
/// as easy to catch. Layers that look at the same words are not so: then they catch the same
/// ones, and what both miss is more than estimated. So it is a least number.
package struct Recapture: Codable, Sendable, Equatable {
    package let patterns: Int
    package let scores: Int
    package let both: Int
    /// Hazards in all.
    package let estimate: Double
    package let low: Double
    package let high: Double
    /// Of them, those that neither layer caught.
    package let missed: Double

    /// - Source: Chapman, "Some properties of the hypergeometric distribution with applications
    ///   to zoological sample censuses" (1951); the variance is Seber's (1970).
    package init(patterns: Int, scores: Int, both: Int) {
        precondition(both <= min(patterns, scores), "\(both) is more than each layer's own")
        self.patterns = patterns
        self.scores = scores
        self.both = both
        let (n, k, m) = (Double(patterns), Double(scores), Double(both))
        let caught = n + k - m
        estimate = (n + 1) * (k + 1) / (m + 1) - 1
        let variance =
            (n + 1) * (k + 1) * (n - m) * (k - m) / ((m + 1) * (m + 1) * (m + 2))
        low = max(caught, estimate - Share.z * variance.squareRoot())
        high = max(caught, estimate + Share.z * variance.squareRoot())
        missed = max(0, estimate - caught)
    }

    package static let assumptions =
        "Chapman's estimate takes the two layers as independent and all hazards as equally easy "
        + "to catch. Layers that look at the same words agree too often, so what both miss is at "
        + "least as much as it says."
}

/// The probability of a logit.
func logistic(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

/// The logit of a probability, bounded where it is 0 or 1.
func logit(_ probability: Double) -> Double {
    let bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return log(bounded / (1 - bounded))
}

// SPDX-License-Identifier: Apache-2.0

/// Turns margins into probabilities: 1 / (1 + exp(-(slope * margin + offset))).
///
/// - Source: Platt, "Probabilistic outputs for support vector machines" (1999).
struct Calibration: Equatable {
    var slope: Double
    var offset: Double

    /// Of so many texts one is of the category: what a probability is relative to.
    static let prior = 0.01

    /// Fits the two numbers to margins of texts that the model was not trained on.
    ///
    /// - Parameter samples: Each with whether it is of the category; both kinds occur.
    init(_ samples: [(margin: Double, isPositive: Bool)]) {
        let positives = Double(samples.count { $0.isPositive })
        let negatives = Double(samples.count) - positives
        slope = 1
        offset = 0
        guard positives > 0, negatives > 0 else { return }
        // Newton's method on a convex cost, damped; the ridge keeps separable samples finite.
        for _ in 0..<100 {
            var g0 = 0.0
            var g1 = 1e-4 * (slope - 1)
            var h00 = 1e-9
            var h01 = 0.0
            var h11 = 1e-4
            for sample in samples {
                let weight =
                    sample.isPositive ? Self.prior / positives : (1 - Self.prior) / negatives
                let p = probability(sample.margin)
                let error = weight * (p - (sample.isPositive ? 1 : 0))
                let curve = weight * p * (1 - p)
                g0 += error
                g1 += error * sample.margin
                h00 += curve
                h01 += curve * sample.margin
                h11 += curve * sample.margin * sample.margin
            }
            let determinant = h00 * h11 - h01 * h01
            guard determinant > 0 else { break }
            let step0 = (h11 * g0 - h01 * g1) / determinant
            let step1 = (h00 * g1 - h01 * g0) / determinant
            let damping = min(1, 2 / max(abs(step0), abs(step1), 1e-12))
            offset -= damping * step0
            slope -= damping * step1
            if max(abs(step0), abs(step1)) < 1e-9 { break }
        }
        // A model that is worse than none would turn its scores over.
        slope = max(slope, 1e-3)
    }

    func probability(_ margin: Double) -> Double { logistic(slope * margin + offset) }
}

// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Scores

/// Logistic regression with an L2 penalty, for up to eight categories at once, by dual
/// coordinate descent.
///
/// It has no learning rate to choose, and every run takes the same steps: the order is shuffled
/// by a generator of its own.
///
/// - Source: Yu, Huang, Lin, "Dual coordinate descent methods for logistic regression and
///   maximum entropy models", Machine Learning 85 (2011), algorithm 5.
struct LogisticSolver {
    /// By bucket, and at last the bias.
    private(set) var weights: [SIMD8<Double>]
    private let set: ExampleSet
    private let examples: [Example]
    /// By example, how much of each category's cost is used, and how much is left.
    private var used: [SIMD8<Double>]
    private var left: [SIMD8<Double>]

    /// One window to learn from.
    struct Example {
        var window: Int
        var signs: SIMD8<Double>
        /// By category, what an error costs; 0 where it says nothing.
        var costs: SIMD8<Double>
    }

    static let biasValue: Double = 1

    init(_ set: ExampleSet, _ examples: [Example]) {
        self.set = set
        self.examples = examples
        weights = Array(repeating: .zero, count: TextFeatures.bucketCount + 1)
        used = []
        left = []
        for example in examples {
            let start = pointwiseMin(example.costs * 0.001, SIMD8(repeating: 1e-8))
            used.append(start)
            left.append(example.costs - start)
            add(example.signs * start, ofWindow: example.window)
        }
    }

    /// Goes over all examples until a round changes little, `roundsMax` times at most.
    mutating func run(roundsMax: Int = 60) {
        var order = Array(examples.indices)
        var random = SplitMix(state: 0x746f_6373_696e)
        var tolerance = 1e-2
        for _ in 0..<roundsMax {
            random.shuffle(&order)
            var violation = 0.0
            for index in order { violation = max(violation, improve(index, tolerance)) }
            if violation < 0.1 { break }
            tolerance = max(tolerance * 0.5, 1e-8)
        }
    }

    /// Minimises the dual in one example's variables; returns how far they were off.
    private mutating func improve(_ index: Int, _ tolerance: Double) -> Double {
        let example = examples[index]
        let square = set.squares[example.window] + Self.biasValue * Self.biasValue
        let sums =
            set.sums(ofWindow: example.window, weights)
            + weights[TextFeatures.bucketCount] * Self.biasValue
        var change = SIMD8<Double>.zero
        var violation = 0.0
        for place in set.categories.indices where example.costs[place] > 0 {
            let slope = example.signs[place] * sums[place]
            let step = OneVariable(
                square: square, slope: slope, cost: example.costs[place],
                used: used[index][place], left: left[index][place]
            ).minimised(tolerance)
            violation = max(violation, step.violation)
            change[place] = example.signs[place] * (step.used - used[index][place])
            used[index][place] = step.used
            left[index][place] = step.left
        }
        if change != .zero { add(change, ofWindow: example.window) }
        return violation
    }

    private mutating func add(_ change: SIMD8<Double>, ofWindow window: Int) {
        for index in set.starts[window]..<set.starts[window + 1] {
            weights[Int(set.buckets[index])] += change * set.values[index]
        }
        weights[TextFeatures.bucketCount] += change * Self.biasValue
    }

    /// What a text is worth in each category: its highest window.
    func margins(of text: ExampleSet.Text) -> SIMD8<Double> {
        var highest = SIMD8<Double>(repeating: -.infinity)
        for window in text.windows {
            highest = pointwiseMax(highest, set.sums(ofWindow: window, weights))
        }
        return highest + weights[TextFeatures.bucketCount] * Self.biasValue
    }
}

/// One variable of the dual: z log z + (C - z) log(C - z) + a/2 (z - z0)² + b (z - z0).
private struct OneVariable {
    let square: Double
    let slope: Double
    let cost: Double
    let used: Double
    let left: Double

    /// Newton's steps from the nearer end of 0 ... C, where z is exact.
    func minimised(_ tolerance: Double) -> (used: Double, left: Double, violation: Double) {
        let isMirrored = 0.5 * square * (left - used) + slope < 0
        let start = isMirrored ? left : used
        let slope = isMirrored ? -slope : slope
        var z = start
        if cost - z < 0.5 * cost { z *= 0.1 }
        func gradient() -> Double { square * (z - start) + slope + log(z / (cost - z)) }
        var gradient0 = gradient()
        let violation = abs(gradient0)
        var steps = 0
        while steps < 100, abs(gradient0) >= tolerance {
            let next = z - gradient0 / (square + cost / (cost - z) / z)
            z = next <= 0 ? z * 0.1 : next
            gradient0 = gradient()
            steps += 1
        }
        guard steps > 0 else { return (used, left, violation) }
        return isMirrored ? (cost - z, z, violation) : (z, cost - z, violation)
    }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix {
    var state: UInt64

    /// Fisher and Yates' shuffle, written out: the library's may change.
    mutating func shuffle(_ order: inout [Int]) {
        for index in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(index, Int(next() % UInt64(index + 1)))
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z &>> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z &>> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z &>> 31
    }
}

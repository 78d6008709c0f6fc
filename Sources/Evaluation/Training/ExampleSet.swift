// SPDX-License-Identifier: Apache-2.0
package import Scores

/// The texts of one side of a corpus as feature vectors, with what each is an example of.
///
/// A window's vector has 8 / sqrt(n) for each of its n features, so that short and long windows
/// weigh alike; the factor sets what the regularisation costs.
struct ExampleSet {
    static let vectorLength: Double = 8

    /// One text of a row.
    struct Text {
        let row: Int
        /// Its windows in `starts`.
        let windows: Range<Int>
        /// By category: 1 it is of it, -1 it is not, 0 it says nothing about it.
        let signs: SIMD8<Double>
    }

    let side: ScoredSide
    let categories: [String]
    private(set) var texts: [Text] = []
    /// Where each window's features begin; one more than there are windows.
    private(set) var starts = [0]
    /// Each bucket once a window, in their order.
    private(set) var buckets: [UInt16] = []
    private(set) var values: [Double] = []
    /// By window, the sum of its squared values.
    private(set) var squares: [Double] = []

    /// - Parameter rows: All rows; those that say nothing of this side are left out.
    init(_ side: ScoredSide, _ rows: [LabelledRow], categories: [String]) {
        self.side = side
        self.categories = categories
        for (index, row) in rows.enumerated() {
            guard let signs = row.signs(on: side, categories) else { continue }
            for text in row.examples(on: side) {
                let first = starts.count - 1
                let bytes = Array(text.utf8)
                for window in TextFeatures.windows(of: bytes.span) { append(window) }
                guard starts.count - 1 > first else { continue }
                texts.append(Text(row: index, windows: first..<starts.count - 1, signs: signs))
            }
        }
    }

    private mutating func append(_ window: [UInt16]) {
        let value = Self.vectorLength / Double(window.count).squareRoot()
        var square = 0.0
        let sorted = window.sorted()
        var index = 0
        while index < sorted.count {
            var count = 1
            while index + count < sorted.count, sorted[index + count] == sorted[index] {
                count += 1
            }
            buckets.append(sorted[index])
            values.append(value * Double(count))
            square += values[values.count - 1] * values[values.count - 1]
            index += count
        }
        squares.append(square)
        starts.append(buckets.count)
    }

    /// A window's sums with the weights, bias excluded.
    func sums(ofWindow window: Int, _ weights: [SIMD8<Double>]) -> SIMD8<Double> {
        var sum = SIMD8<Double>.zero
        for index in starts[window]..<starts[window + 1] {
            sum += weights[Int(buckets[index])] * values[index]
        }
        return sum
    }
}

extension LabelledRow {
    /// The row's texts on one side.
    func texts(on side: ScoredSide) -> [String] { side == .request ? prompts : responses }

    /// Whether its label is about this side, and it has a text of it.
    package func isAbout(_ side: ScoredSide) -> Bool {
        role != (side == .request ? .response : .prompt) && !texts(on: side).isEmpty
    }

    /// The texts that are examples of one side. Where nothing is a hazard, what was asked and
    /// what was answered tell alike how people write of a subject.
    func examples(on side: ScoredSide) -> [String] {
        label == .hazard || role == .response ? texts(on: side) : prompts + responses
    }

    /// What the row is an example of, by category; nil when it says nothing of this side.
    ///
    /// A request for one hazard is no example of the others. What a model says of itself is
    /// often of several categories at once, of which its publisher names one: there the others
    /// are left open.
    fileprivate func signs(on side: ScoredSide, _ categories: [String]) -> SIMD8<Double>? {
        if label != .benign, !isAbout(side) { return nil }
        var signs = SIMD8<Double>.zero
        for (index, name) in categories.enumerated() {
            signs[index] =
                if label != .hazard { -1 } else if name == category { 1 } else {
                    side == .request ? -1 : 0
                }
        }
        return signs
    }

    /// The categories that rows which may be trained on are hazards of.
    static func categories(on side: ScoredSide, _ rows: [LabelledRow]) -> [String] {
        var counts: [String: Int] = [:]
        for row in rows where row.label == .hazard && row.isTrainedOn {
            guard row.isAbout(side) else { continue }
            counts[row.category ?? "", default: 0] += 1
        }
        // Fewer teach nothing but themselves.
        return counts.filter { $0.value >= 10 }.keys.sorted()
    }
}

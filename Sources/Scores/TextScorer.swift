// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Scores texts by one table: the highest window of all that was added since `begin`.
///
/// - Complexity: Linear in the text, some cycles a byte; allocates nothing.
package struct TextScorer: Sendable {
    private let table: ScoreTable
    private var highest = Self.none

    private static let none = SIMD8<Float>(repeating: -.infinity)

    package init(_ table: ScoreTable) { self.table = table }

    /// Forgets all texts that were added.
    package mutating func begin() { highest = Self.none }

    /// Whether a text with a word in it was added.
    package var hasScores: Bool { highest[0] > -.infinity }

    /// The probability of a category by its place in the table; nil when nothing was scored.
    package func score(ofCategory index: Int) -> Double? {
        guard hasScores else { return nil }
        return 1 / (1 + exp(-Double(highest[index])))
    }

    /// The logits of all categories, -infinity while nothing was scored.
    package var logits: SIMD8<Float> { highest }

    package mutating func add(_ text: Span<UInt8>) {
        var window = Window()
        var best = highest
        let scales = table.scales
        let biases = table.biases
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe TextFeatures.folding.withUnsafeBufferPointer { folding in
                unsafe table.rows.withUnsafeBufferPointer { rows in
                    guard let folding = folding.baseAddress,
                        let rows = rows.baseAddress
                    else { return }
                    unsafe TextFeatures.forEach(
                        of: bytes, folding: folding,
                        feature: { bucket in window.add(unsafe rows[bucket]) },
                        wordEnd: { window.endWord() },
                        blockEnd: {
                            best = pointwiseMax(best, window.logits(scales, biases))
                            window.endBlock()
                        })
                }
            }
        }
        if window.holdsBegunBlock { best = pointwiseMax(best, window.logits(scales, biases)) }
        highest = best
    }
}

/// The sums of the block before and of the one at hand.
private struct Window {
    /// Of the last words; 16 bits hold what ``featuresMax`` features can come to.
    private var part = SIMD8<Int16>.zero
    private var partCount = 0
    private var block = SIMD8<Int32>.zero
    private var blockCount = 0
    private var before = SIMD8<Int32>.zero
    private var beforeCount = 0

    /// 128 × 250 is less than 2^15.
    private static let featuresMax = 250

    @inline(__always)
    mutating func add(_ row: SIMD8<Int8>) {
        part &+= SIMD8<Int16>(truncatingIfNeeded: row)
        partCount &+= 1
    }

    /// A word more may pass the limit: what was added goes where there is room.
    @inline(__always)
    mutating func endWord() {
        if partCount > Self.featuresMax &- TextFeatures.featuresPerWordMax { flush() }
    }

    var holdsBegunBlock: Bool { partCount + blockCount > 0 }

    @inline(__always)
    private mutating func flush() {
        block &+= SIMD8<Int32>(truncatingIfNeeded: part)
        blockCount &+= partCount
        part = .zero
        partCount = 0
    }

    /// The logits of the window that ends here.
    @inline(__always)
    mutating func logits(_ scales: SIMD8<Float>, _ biases: SIMD8<Float>) -> SIMD8<Float> {
        flush()
        let sums = SIMD8<Float>(before &+ block)
        let norm = Float(beforeCount &+ blockCount).squareRoot()
        return biases + scales * (sums / norm)
    }

    @inline(__always)
    mutating func endBlock() {
        before = block
        beforeCount = blockCount
        block = .zero
        blockCount = 0
    }
}

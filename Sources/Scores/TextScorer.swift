// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Scores texts by one table: the highest window of all that was added since `begin`.
///
/// - Complexity: Linear in the text, some cycles a byte; allocates nothing after `init`.
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
        var best = highest
        let scales = table.scales
        let biases = table.biases
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe table.rows.withUnsafeBufferPointer { rows in
                guard let rows = rows.baseAddress else { return }
                var window = unsafe Window(rows: rows)
                unsafe WordReader.forEachWord(of: bytes) { word in
                    window.add(word)
                    guard window.holdsWholeBlock else { return }
                    best = pointwiseMax(best, window.logits(scales, biases))
                    window.endBlock()
                }
                guard window.holdsBegunBlock else { return }
                best = pointwiseMax(best, window.logits(scales, biases))
            }
        }
        highest = best
    }
}

/// The sums of the block before and of the one at hand.
@safe private struct Window {
    private let rows: UnsafePointer<SIMD8<Int8>>
    /// The hash of the word before.
    private var before: UInt64 = 0
    private var block = SIMD8<Int32>.zero
    private var blockWords = 0
    private var blockBefore = SIMD8<Int32>.zero
    private var wordsBefore = 0

    init(rows: UnsafePointer<SIMD8<Int8>>) { unsafe self.rows = rows }

    @inline(__always)
    mutating func add(_ word: Word) {
        let hash = word.hash
        var sums = SIMD8<Int16>.zero
        TextFeatures.forEach(of: word, hash: hash, before: before) {
            unsafe sums &+= SIMD8<Int16>(truncatingIfNeeded: rows[$0])
        }
        block &+= SIMD8<Int32>(truncatingIfNeeded: sums)
        blockWords &+= 1
        before = hash
    }

    @inline(__always)
    var holdsWholeBlock: Bool { blockWords == TextFeatures.wordsPerBlock }
    var holdsBegunBlock: Bool { blockWords > 0 }

    /// The logits of the window that ends here.
    @inline(__always)
    func logits(_ scales: SIMD8<Float>, _ biases: SIMD8<Float>) -> SIMD8<Float> {
        let sums = SIMD8<Float>(blockBefore &+ block)
        let features = TextFeatures.featuresPerWord &* (wordsBefore &+ blockWords)
        return biases + scales * (sums / Float(features).squareRoot())
    }

    @inline(__always)
    mutating func endBlock() {
        blockBefore = block
        wordsBefore = blockWords
        block = .zero
        blockWords = 0
    }
}

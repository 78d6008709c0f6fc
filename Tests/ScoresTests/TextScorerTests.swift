// SPDX-License-Identifier: Apache-2.0
import Scores
import Testing

@Suite struct TextScorerTests {
    /// Weights that no two buckets share, so that a wrong bucket shows.
    static let table = ScoreTable(
        side: .request,
        categories: (0..<5).map {
            ScoreTable.Category(name: "c\($0)", scale: 0.5 + Float($0), bias: -Float($0))
        },
        rows: {
            var random = Seeded(7)
            return (0..<TextFeatures.bucketCount).map { _ in
                var row = SIMD8<Int8>.zero
                for place in 0..<5 { row[place] = Int8.random(in: -128...127, using: &random) }
                return row
            }
        }())

    static func logits(_ texts: [[UInt8]]) -> SIMD8<Float> {
        var scorer = TextScorer(table)
        scorer.begin()
        for text in texts { scorer.add(text.span) }
        return scorer.logits
    }

    @Test func scoresAreThoseOfAPlainImplementation() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var random = Seeded(seed)
            let text = random.text(bytesMax: seed % 5 == 0 ? 20_000 : 900)
            let expected = PlainScorer(Self.table).logits(text)
            let found = Self.logits([text])
            for place in 0..<5 {
                #expect(
                    expected[place] == found[place]
                        || abs(expected[place] - found[place]) < 1e-3,
                    "seed \(seed), category \(place): \(expected[place]), found \(found[place])")
            }
        }
    }

    @Test func wordsAtTheEdgesOfBlocksAreScoredAsEverywhere() {
        for words in [1, 2, 63, 64, 65, 127, 128, 129, 200] {
            for length in [1, 2, 3, 23, 24, 25, 48, 49] {
                let word = String(repeating: "q", count: length)
                for end in ["", " "] {
                    let text = Array(
                        (Array(repeating: word, count: words).joined(separator: " ") + end).utf8)
                    let expected = PlainScorer(Self.table).logits(text)
                    let found = Self.logits([text])
                    #expect(
                        abs(expected[0] - found[0]) < 1e-3,
                        "\(words) words of \(length) letters: \(expected[0]), found \(found[0])")
                }
            }
        }
    }

    @Test func wordsAtTheEdgesOfPiecesAreScoredAsEverywhere() {
        // Texts are read in pieces of 1024 bytes: words end before, at and behind each edge.
        for length in [1, 5, 23, 24, 25, 70] {
            for shift in 0..<(length + 2) {
                let word = String(repeating: "q", count: length - 1) + "\u{e9} "
                let text = Array(
                    (String(repeating: "-", count: shift)
                        + String(repeating: word, count: 2200 / length)).utf8)
                let expected = PlainScorer(Self.table).logits(text)
                let found = Self.logits([text])
                #expect(
                    abs(expected[0] - found[0]) < 1e-3,
                    "words of \(length) letters behind \(shift) signs")
            }
        }
    }

    @Test func severalTextsScoreAsTheHighestOfThem() {
        var random = Seeded(11)
        let texts = (0..<6).map { _ in random.text(bytesMax: 600) }
        let highest = texts.map { Self.logits([$0]) }
            .reduce(SIMD8<Float>(repeating: -.infinity), pointwiseMax)
        #expect(Self.logits(texts) == highest)
    }

    @Test func aPieceOfALongTextIsNotDrowned() {
        let piece = Array("unlike all that stands around this piece of the text ".utf8)
        let filler = Array(String(repeating: "some words which go on ", count: 2000).utf8)
        // The same window, wherever whole blocks of filler stand before it.
        let padding = Array(String(repeating: "some words which go on ", count: 128).utf8)
        // Only what the piece is made of weighs anything.
        var rows = Array(repeating: SIMD8<Int8>.zero, count: TextFeatures.bucketCount)
        for bucket in TextFeatures.windows(of: piece.span).joined() { rows[Int(bucket)][0] = 100 }
        let category = ScoreTable.Category(name: "piece", scale: 1, bias: 0)
        let table = ScoreTable(side: .request, categories: [category], rows: rows)
        func logit(_ text: [UInt8]) -> Float {
            var scorer = TextScorer(table)
            scorer.add(text.span)
            return scorer.logits[0]
        }
        let near = logit(padding + piece + filler)
        #expect(near == logit(padding + padding + padding + padding + piece + filler))
        #expect(near > 2 * logit(filler))
    }

    @Test func caseAndDigitsAndPunctuationChangeNothing() {
        let written = Array("how to make 500 grams, of it?".utf8)
        for other in ["HOW TO MAKE 317 GRAMS OF IT", "How to... make 500\ngrams (of it)"] {
            #expect(Self.logits([Array(other.utf8)]) == Self.logits([written]))
        }
    }

    @Test func whatHasNoWordHasNoScore() {
        for text in ["", " ", "\n\t ...!?", "\0\0\0"] {
            var scorer = TextScorer(Self.table)
            scorer.begin()
            scorer.add(Array(text.utf8).span)
            #expect(!scorer.hasScores)
            #expect(scorer.score(ofCategory: 0) == nil)
        }
    }

    @Test func hostileTextsNeitherTrapNorOverflow() {
        let largest = ScoreTable(
            side: .request, categories: [ScoreTable.Category(name: "c", scale: 1, bias: 0)],
            rows: Array(
                repeating: SIMD8<Int8>(repeating: -128), count: TextFeatures.bucketCount))
        let texts: [[UInt8]] = [
            Array(repeating: 0xff, count: 1 << 20), Array(repeating: UInt8(ascii: "a"), count: 99),
            (0..<4096).map { UInt8(truncatingIfNeeded: $0) },
            Array(String(repeating: "a ", count: 1 << 18).utf8),
            Array(String(repeating: "abcdefghijklmnopqrstuvwx ", count: 4000).utf8),
        ]
        for text in texts {
            var scorer = TextScorer(largest)
            scorer.begin()
            scorer.add(text.span)
            let expected = PlainScorer(largest).logits(text)
            #expect(abs(scorer.logits[0] - expected[0]) < abs(expected[0]) * 1e-5)
        }
    }
}

/// The same scores the slow way: words cut out as strings of bytes, windows summed anew.
struct PlainScorer {
    let table: ScoreTable

    init(_ table: ScoreTable) { self.table = table }

    func logits(_ text: [UInt8]) -> [Float] {
        let words = Self.words(text)
        var highest = Array(repeating: -Float.infinity, count: 8)
        for start in stride(from: 0, to: words.count, by: 64) {
            let window = max(0, start - 64)..<min(words.count, start + 64)
            let buckets = window.flatMap { Self.buckets(words, at: $0) }
            for (place, category) in table.categories.enumerated() {
                let sum = buckets.reduce(0) { $0 + Int(table.rows[$1][place]) }
                let logit =
                    category.bias
                    + category.scale * (Float(sum) / Float(buckets.count).squareRoot())
                highest[place] = max(highest[place], logit)
            }
        }
        return highest
    }

    static func words(_ text: [UInt8]) -> [[UInt8]] {
        let folded = text.map { byte -> UInt8 in
            switch Character(UnicodeScalar(byte)) {
            case "A"..."Z" where byte < 0x80: byte + 32
            case "a"..."z" where byte < 0x80: byte
            case "0"..."9" where byte < 0x80: UInt8(ascii: "0")
            default: byte >= 0x80 ? byte : 0
            }
        }
        return folded.split(separator: 0).flatMap { run in
            stride(from: 0, to: run.count, by: 24).map {
                Array(run.dropFirst($0).prefix(24))
            }
        }
    }

    static func buckets(_ words: [[UInt8]], at index: Int) -> [Int] {
        func lane(_ word: ArraySlice<UInt8>) -> UInt64 {
            word.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        func hash(_ word: [UInt8]) -> UInt64 {
            let factors: [UInt64] = [
                0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9,
            ]
            let product = factors.enumerated().reduce(UInt64(0)) { hash, factor in
                hash ^ lane(word.dropFirst(8 * factor.offset).prefix(8)) &* factor.element
            }
            return product ^ (product >> 29)
        }
        func bucket(_ value: UInt64, _ factor: UInt64) -> Int { Int((value &* factor) >> 49) }
        let word = words[index]
        let before = index >= 1 ? hash(words[index - 1]) : 0
        return [
            bucket(hash(word), 0xd6e8_feb8_6659_fd93),
            bucket(lane(word.prefix(4)), 0x9fb2_1c65_1e98_df25),
            bucket(lane(word.prefix(6)), 0xd1b5_4a32_d192_ed03),
            bucket(lane(word.suffix(4)), 0x8cb9_2ba7_2f3d_8dd7),
            bucket(hash(word) &+ before &* 3, 0xa076_1d64_78bd_642f),
        ]
    }
}

/// A generator whose seed is told when a test fails.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// Mostly words of letters; also digits, signs, and any byte at all.
    mutating func text(bytesMax: Int) -> [UInt8] {
        var text: [UInt8] = []
        let count = Int.random(in: 0...bytesMax, using: &self)
        while text.count < count {
            switch UInt8.random(in: 0..<20, using: &self) {
            case 0: text.append(UInt8.random(in: 0...255, using: &self))
            case 1: text.append(contentsOf: "-42.".utf8)
            case 2: text.append(contentsOf: String(repeating: "long", count: 15).utf8)
            default:
                let letters = Int.random(in: 1...9, using: &self)
                for _ in 0..<letters { text.append(UInt8.random(in: 65...90, using: &self)) }
            }
            if Bool.random(using: &self) { text.append(0x20) }
        }
        return text
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Sigma

/// Finds which of some values a turn's texts come nearest to: the one of which the longest share
/// stands in a text in one piece.
struct NearestSearch {
    /// How much of a text is looked at.
    static let textBytes = 4096
    /// Bytes that are compared with each other at most, over all values.
    private static let comparedMax = 8_000_000
    /// A share that says something.
    private static let leastShare = 0.4
    private let texts: [[UInt8]]

    init(_ texts: [[UInt8]]) { self.texts = texts.map { $0.map(\.lowercased) } }

    /// The nearest value; nil when all are far, or are no plain texts.
    func nearest(of comparisons: [FieldMatch]) -> NearestText? {
        var compared = 0
        var best: (share: Double, nearest: NearestText)?
        for comparison in comparisons {
            guard let value = comparison.longestLiteral else { continue }
            let bytes = Array(value.utf8)
            let lowercased = bytes.map(\.lowercased)
            for text in texts {
                compared += text.count * bytes.count
                guard compared <= Self.comparedMax else { return best?.nearest }
                let range = Self.longestPiece(of: lowercased, in: text)
                let share = Double(range.count) / Double(max(bytes.count, 1))
                guard share >= Self.leastShare, share > best?.share ?? 0 else { continue }
                let piece = String(decoding: bytes[range], as: UTF8.self)
                best = (share, NearestText(value: value, piece: piece))
            }
        }
        return best?.nearest
    }

    /// Where in `value` its longest piece lies that stands in `text`.
    ///
    /// - Complexity: Each byte of the one is compared with each of the other.
    private static func longestPiece(of value: [UInt8], in text: [UInt8]) -> Range<Int> {
        var best = 0..<0
        // By byte of the value: how long the piece is that ends there and here in the text.
        var lengths = [Int](repeating: 0, count: value.count + 1)
        for byte in text {
            var diagonal = 0
            for index in value.indices {
                let above = lengths[index + 1]
                lengths[index + 1] = value[index] == byte ? diagonal + 1 : 0
                diagonal = above
                if lengths[index + 1] > best.count {
                    best = (index + 1 - lengths[index + 1])..<(index + 1)
                }
            }
        }
        return best
    }
}

extension FieldMatch {
    /// The longest piece of a text value that has no wildcard.
    fileprivate var longestLiteral: String? {
        guard case .string(let pattern) = value else { return nil }
        return pattern.parts.compactMap { part in
            if case .literal(let text) = part { text } else { nil }
        }.max { $0.utf8.count < $1.utf8.count }
    }
}

extension UInt8 {
    fileprivate var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}

// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import PatternScan

/// Finds where a matched pattern begins and cuts a bounded excerpt around it.
///
/// The one-pass scan only tells where a pattern ends; its start is worked out here, for the
/// rare turn that a rule matched, by a database made for that pattern when first needed.
final class ExcerptCutter {
    private let patterns: [Pattern]
    let limitBytes: Int
    /// By pattern; holds nil for a pattern whose start Vectorscan cannot tell.
    private var locators: [Int: PatternScanner?] = [:]

    init(patterns: [Pattern], limitBytes: Int) {
        self.patterns = patterns
        self.limitBytes = limitBytes
    }

    /// The excerpt around the pattern's first match in the text; nil when the limit is 0.
    func cut(_ text: Span<UInt8>, around pattern: Int, endingAt end: Int) -> Excerpt? {
        guard limitBytes > 0 else { return nil }
        let start = start(of: pattern, in: text, endingAt: end)
        return Self.excerpt(of: text, match: start..<end, limitBytes: limitBytes)
    }

    /// Where a match begins that ends at `end`.
    func start(of pattern: Int, in text: Span<UInt8>, endingAt end: Int) -> Int {
        guard let locator = locator(of: pattern) else { return max(0, end - 1) }
        // A match that ends where the scan said so begins before it: the rest is not needed.
        locator.scan(text.extracting(0..<end))
        return locator.hits.filter { $0.end == end }.map(\.start).min() ?? max(0, end - 1)
    }

    private func locator(of pattern: Int) -> PatternScanner? {
        if let known = locators[pattern] { return known }
        let made = try? PatternScanner(PatternDatabase(locating: patterns[pattern]))
        locators[pattern] = .some(made)
        return made
    }

    /// Cuts at most `limitBytes` bytes so that the match stands in the middle.
    static func excerpt(of text: Span<UInt8>, match: Range<Int>, limitBytes: Int) -> Excerpt {
        let spare = max(0, limitBytes - match.count)
        var start = max(0, match.lowerBound - spare / 2)
        var end = min(text.count, start + limitBytes)
        start = max(0, min(start, end - limitBytes))
        while start < end, text[start] & 0xc0 == 0x80 { start += 1 }
        while end > start, end < text.count, text[end] & 0xc0 == 0x80 { end -= 1 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end - start)
        for index in start..<end {
            let byte = text[index]
            bytes.append(byte < 0x20 || byte == 0x7f ? 0x20 : byte)
        }
        let lower = min(max(match.lowerBound, start), end) - start
        let upper = max(lower, min(match.upperBound, end) - start)
        return Excerpt(text: String(decoding: bytes, as: UTF8.self), match: lower..<upper)
    }
}

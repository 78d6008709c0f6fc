// SPDX-License-Identifier: Apache-2.0

/// Derives from a text the forms that it may be meant to be read in.
///
///     text ─ signs ─┬─ folded ─┬─ joined
///                   │          └─ decoded ─ (the same again, three deep)
///                   ├─ joined
///                   └─ decoded ─ (the same again, three deep)
///
/// One pass over a text looks for signs; without one nothing is derived. A text of up to 1 KiB
/// is derived whole, of a longer one the regions around its signs, so that every literal of at
/// most ``literalBytes`` bytes that the whole derived text would hold, and that touches
/// something that differs, stands in one of them. A region may begin or end inside a word.
///
/// All that is derived from one text is at most four times as long as it, and 64 KiB; what
/// would be more is left out. Half of that is for what encodings in encodings hold, so that
/// they cannot use up what the text itself needs. Derived texts are valid UTF-8 where the text is.
///
/// One thread at a time; buffers are reused, and given back when one text made them large.
package final class TextViews {
    /// The longest literal that is sure to be found across what differs and what does not.
    package static let literalBytes = 256
    /// How many encodings in one another are read.
    package static let depth = 3

    private let enabled: ViewSet
    private let signs: Signs
    /// Those of `signs` that are of encodings.
    private let decodingSigns: Signs
    private let levels: [Level]
    private let first: Level
    /// What may still be derived from the text itself.
    private var remainingBytes = 0
    /// What may still be derived from what was decoded.
    private var remainingNestedBytes = 0

    package init(_ enabled: ViewSet = .all) {
        self.enabled = enabled
        var signs: Signs = []
        if enabled.contains(.folded) { signs.formUnion(.folding) }
        if enabled.contains(.joined) { signs.formUnion(.joining) }
        decodingSigns = Encoding.allCases.filter { enabled.contains(ViewSet($0)) }
            .reduce(into: []) { $0.formUnion(.decoding($1)) }
        self.signs = signs.union(decodingSigns)
        levels = (0...Self.depth).map { _ in Level() }
        first = levels[0]
    }

    /// Calls `body` with each derived text and the view that it is; not with the text itself.
    ///
    /// - Parameter text: Valid UTF-8.
    /// - Complexity: Linear in the text; one pass where nothing is derived.
    package func forEachDerived(
        of text: Span<UInt8>, _ body: (View, Span<UInt8>) -> Void
    ) {
        guard !signs.isEmpty else { return }
        first.signs.read(text)
        // Most texts end here.
        guard !first.signs.all.isDisjoint(with: signs) else { return }
        remainingBytes = 2 * text.count + 32_768
        remainingNestedBytes = remainingBytes
        derive(text, Source(depth: 0), body)
        if text.count > SignMap.wholeBytes { levels.forEach { $0.shrink() } }
    }

    /// Derives from `text`, whose signs its level has read.
    private func derive(
        _ text: Span<UInt8>, _ source: Source, _ body: (View, Span<UInt8>) -> Void
    ) {
        let level = levels[source.depth]
        guard !level.signs.all.isDisjoint(with: signs) else { return }
        // What was encoded is surely meant to be read otherwise: it comes before there is no room.
        decode(text, level.signs, source, body)
        if enabled.contains(.folded) { fold(text, source, body) }
        join(text, level.signs, source, body)
    }

    private func fold(
        _ text: Span<UInt8>, _ source: Source, _ body: (View, Span<UInt8>) -> Void
    ) {
        let level = levels[source.depth]
        forEachRegion(of: text, level.signs, .folding, source) { region in
            let folded = level.folded
            folded.begin(limitBytes: remaining(source))
            Folding.fold(region, into: folded)
            guard folded.changed != nil else { return }
            emit(.folded, folded.bytes, source, body)
            level.foldedSigns.read(folded.bytes)
            decode(folded.bytes, level.foldedSigns, source, body)
            join(folded.bytes, level.foldedSigns, source, body)
        }
    }

    private func join(
        _ text: Span<UInt8>, _ map: SignMap, _ source: Source,
        _ body: (View, Span<UInt8>) -> Void
    ) {
        guard enabled.contains(.joined) else { return }
        forEachRegion(of: text, map, .joining, source) { region in join(region, source, body) }
    }

    private func decode(
        _ text: Span<UInt8>, _ map: SignMap, _ source: Source,
        _ body: (View, Span<UInt8>) -> Void
    ) {
        guard source.depth < Self.depth, !map.all.isDisjoint(with: decodingSigns) else { return }
        for encoding in Encoding.allCases where enabled.contains(ViewSet(encoding)) {
            // Twice rotated a text is what it was.
            if encoding == .rot13, source.innermost == .rot13 { continue }
            forEachRegion(of: text, map, .decoding(encoding), source) { region in
                decode(region, encoding, source, body)
            }
        }
    }

    private func join(
        _ text: Span<UInt8>, _ source: Source, _ body: (View, Span<UInt8>) -> Void
    ) {
        let spaced = levels[source.depth].spaced
        let joined = levels[source.depth].joined
        spaced.begin(limitBytes: remaining(source))
        SpacedLetters.join(text, into: spaced)
        var hasOne = false
        for one in [UInt8(ascii: "i"), UInt8(ascii: "l")] {
            guard one == UInt8(ascii: "i") || hasOne else { return }
            joined.begin(limitBytes: remaining(source))
            hasOne = LeetWords.read(spaced.bytes, one: one, into: joined)
            guard spaced.changed != nil || joined.changed != nil else { return }
            emit(.joined, joined.bytes, source, body)
        }
    }

    private func decode(
        _ text: Span<UInt8>, _ encoding: Encoding, _ source: Source,
        _ body: (View, Span<UInt8>) -> Void
    ) {
        let decoded = levels[source.depth].decoded
        decoded.begin(limitBytes: remaining(source))
        switch encoding {
        case .base64: Base64Decoding.decode(text, into: decoded)
        case .hex: HexDecoding.decode(text, into: decoded)
        case .percent: PercentDecoding.decode(text, into: decoded)
        case .escape: EscapeDecoding.decode(text, into: decoded)
        case .rot13: Rot13Decoding.decode(text, into: decoded)
        }
        guard let changed = decoded.changed else { return }
        emit(.decoded(encoding), decoded.bytes, source, body)
        let inner = decoded.bytes.extracting(words(around: changed, in: decoded.bytes))
        let next = Source(
            encoding: source.encoding ?? encoding, innermost: encoding, depth: source.depth + 1)
        levels[next.depth].signs.read(inner)
        derive(inner, next, body)
    }

    /// What was decoded, with the words that it begins and ends in.
    private func words(around changed: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        var start = changed.lowerBound
        var end = changed.upperBound
        while start > 0, !text[start - 1].isBlank { start -= 1 }
        while end < text.count, !text[end].isBlank { end += 1 }
        return start..<end
    }

    private func emit(
        _ view: View, _ text: Span<UInt8>, _ source: Source, _ body: (View, Span<UInt8>) -> Void
    ) {
        if source.depth == 0 {
            remainingBytes -= text.count
        } else {
            remainingNestedBytes -= text.count
        }
        body(source.encoding.map { .decoded($0) } ?? view, text)
    }

    private func remaining(_ source: Source) -> Int {
        source.depth == 0 ? remainingBytes : remainingNestedBytes
    }

    /// Calls `body` with each region of `text` that has one of `signs`, while there is room.
    private func forEachRegion(
        of text: Span<UInt8>, _ map: SignMap, _ signs: Signs, _ source: Source,
        _ body: (Span<UInt8>) -> Void
    ) {
        var start = 0
        while remaining(source) > 0, let region = map.region(of: signs, from: start, in: text) {
            body(text.extracting(region))
            start = region.upperBound
        }
    }
}

/// Where a text that is derived from comes from.
private struct Source {
    /// The outermost encoding it was decoded from.
    var encoding: Encoding?
    /// The one that it was decoded from at last.
    var innermost: Encoding?
    /// In how many encodings it was.
    var depth: Int
}

/// What deriving from a text at one depth needs.
private final class Level {
    let signs = SignMap()
    let folded = TextBuffer()
    let foldedSigns = SignMap()
    let spaced = TextBuffer()
    let joined = TextBuffer()
    let decoded = TextBuffer()

    func shrink() {
        signs.shrink()
        foldedSigns.shrink()
        for buffer in [folded, spaced, joined, decoded] { buffer.shrink() }
    }
}

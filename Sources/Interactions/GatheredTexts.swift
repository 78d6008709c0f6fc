// SPDX-License-Identifier: Apache-2.0
internal import Bytes

/// The texts and the metadata of one turn, copied out of the decoder piece by piece.
///
/// All bytes lie in one buffer in the order of coming. Pieces of one text that do not follow
/// each other there are chained, so that many texts that take turns cost no more than one.
///
///     bytes: | He | {"a | llo | ":1} |     runs: 0 → 2, 1 → 3
///
/// - Complexity: Taking and giving out are linear in the bytes; a cleared one takes its next
///   turn without allocating.
final class GatheredTexts {
    /// The choice, the field and the part as one number, whose order is that of the texts.
    private struct Key: Hashable, Comparable {
        let rawValue: UInt64

        init(choice: Int, field: TextField?, part: Int) {
            let field = UInt64(field.map { $0.rawValue + 1 } ?? 0)
            let part = UInt64(min(max(part, 0), (1 << 36) - 1))
            rawValue = UInt64(choice + 1) << 40 | field << 36 | part
        }

        var choice: Int { Int(rawValue >> 40) - 1 }
        var field: TextField? { TextField(rawValue: Int(rawValue >> 36 & 0xf) - 1) }
        var part: Int { Int(rawValue & (1 << 36 - 1)) }

        static func < (left: Key, right: Key) -> Bool { left.rawValue < right.rawValue }
    }

    private struct Run {
        var start: Int
        var count: Int
        /// The run of the same text that comes next; -1 for none.
        var next = -1
    }

    private struct Text {
        var key: Key
        var firstRun: Int
        var lastRun: Int
        var count: Int
    }

    private var bytes: [UInt8] = []
    private var runs: [Run] = []
    private var texts: [Text] = []
    private var places: [Key: Int] = [:]
    /// The text that was added to last.
    private var last = -1
    /// Indexed by `MetadataField.rawValue`; empty where nothing is given.
    private var metadata = [[UInt8]](repeating: [], count: MetadataField.allCases.count)
    private var metadataBytes = 0
    private var numbers = [Double?](repeating: nil, count: NumberField.allCases.count)
    private(set) var timeMilliseconds: Int64?

    /// What a run and a text cost beside their bytes.
    private static let runBytes = 24
    private static let textBytes = 64
    /// A buffer larger than this is not kept for the next turn.
    private static let keptBytes = 64 << 10

    var byteCount: Int { bytes.count }
    var textCount: Int { texts.count }

    /// Bytes of memory that what was taken needs.
    var cost: Int {
        bytes.count + metadataBytes + runs.count * Self.runBytes + texts.count * Self.textBytes
    }

    /// What some texts of the decoder's interaction will cost.
    static func cost(of taken: Range<Int>, _ interaction: Interaction) -> Int {
        taken.reduce(0) { $0 + interaction.texts[$1].slice.count + runBytes + textBytes }
    }

    func clear() {
        clearTexts()
        if bytes.capacity > Self.keptBytes {
            bytes = []
            runs = []
            texts = []
            places = [:]
            for field in metadata.indices { metadata[field] = [] }
        }
        for field in metadata.indices { metadata[field].removeAll(keepingCapacity: true) }
        metadataBytes = 0
        for field in numbers.indices { numbers[field] = nil }
        timeMilliseconds = nil
    }

    func clearTexts() {
        bytes.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        last = -1
    }

    // MARK: - Taking

    /// Adds some texts of the decoder's interaction, each to the text that it is a piece of;
    /// or, where they are no pieces, each as a text of its own.
    func append(_ taken: Range<Int>, arePieces: Bool, of decoder: InteractionDecoder) {
        for index in taken {
            let text = decoder.interaction.texts[index]
            let key = Key(
                choice: text.choice, field: text.field, part: arePieces ? text.part : index)
            append(decoder.bytes(of: text.slice), to: key)
        }
    }

    private func append(_ piece: Span<UInt8>, to key: Key) {
        let start = bytes.count
        bytes.append(piece)
        if last >= 0, texts[last].key == key {
            texts[last].count += piece.count
            runs[texts[last].lastRun].count += piece.count
            return
        }
        runs.append(Run(start: start, count: piece.count))
        let run = runs.count - 1
        if let known = places[key] {
            last = known
            runs[texts[known].lastRun].next = run
            texts[known].lastRun = run
            texts[known].count += piece.count
        } else {
            last = texts.count
            places[key] = last
            texts.append(Text(key: key, firstRun: run, lastRun: run, count: piece.count))
        }
    }

    /// Takes what the decoder's record says of itself. The first word counts; but the reason of
    /// the end and the counts of tokens are the latest, which stand for the whole.
    func takeMetadata(of decoder: InteractionDecoder) {
        for field in MetadataField.allCases {
            guard let slice = decoder.interaction[field] else { continue }
            let at = field.rawValue
            guard metadata[at].isEmpty || field == .finishReasons else { continue }
            metadataBytes += slice.count - metadata[at].count
            metadata[at].removeAll(keepingCapacity: true)
            metadata[at].append(decoder.bytes(of: slice))
        }
        for field in NumberField.allCases {
            if let value = decoder.interaction[number: field] { numbers[field.rawValue] = value }
        }
        if timeMilliseconds == nil { timeMilliseconds = decoder.interaction.timeMilliseconds }
    }

    /// Goes on from texts that have become too long: with the same metadata, and with the end of
    /// each text, so that what lies across the border is found.
    func goOn(from whole: GatheredTexts, repeatingBytes limit: Int) {
        for (place, text) in whole.texts.enumerated() {
            var skipped = max(0, text.count - limit)
            whole.forEachRun(of: place) { run in
                let cut = min(skipped, run.count)
                skipped -= cut
                if cut < run.count { append(run.extracting(characterAt: cut), to: text.key) }
            }
        }
        metadata = whole.metadata
        metadataBytes = whole.metadataBytes
        numbers = whole.numbers
        timeMilliseconds = whole.timeMilliseconds
    }

    // MARK: - Giving out

    /// Adds the texts, in the order of their keys, and the metadata to an interaction that has
    /// begun a turn; what it has already stands.
    func write(into interaction: inout Interaction, copyingTo rawText: RawText) {
        for place in texts.indices.sorted(by: { texts[$0].key < texts[$1].key }) {
            let key = texts[place].key
            var whole = TextSlice(start: 0, count: 0, buffer: .copied)
            forEachRun(of: place) { run in
                let slice = rawText.append(run)
                if whole.count == 0 { whole.start = slice.start }
                whole.count += slice.count
            }
            interaction.add(key.field, whole, choice: key.choice)
        }
        for field in MetadataField.allCases where !metadata[field.rawValue].isEmpty {
            let value = metadata[field.rawValue]
            interaction.set(field, rawText.append(value.span))
        }
        for field in NumberField.allCases { interaction.set(field, numbers[field.rawValue]) }
        if interaction.timeMilliseconds == nil { interaction.timeMilliseconds = timeMilliseconds }
    }

    private func forEachRun(of place: Int, _ body: (Span<UInt8>) -> Void) {
        var at = texts[place].firstRun
        while at >= 0 {
            body(bytes.span.extracting(runs[at].start..<(runs[at].start + runs[at].count)))
            at = runs[at].next
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension RawText {
    fileprivate func append(_ bytes: Span<UInt8>) -> TextSlice {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                return TextSlice(start: 0, count: 0, buffer: .copied)
            }
            return unsafe append(base, count: buffer.count)
        }
    }
}

extension Span<UInt8> {
    /// From the first whole character at or after `start` on; the span holds UTF-8.
    @_lifetime(copy self)
    fileprivate func extracting(characterAt start: Int) -> Span<UInt8> {
        var start = start
        while start < count, self[start] & 0xc0 == 0x80 { start += 1 }
        return extracting(start..<count)
    }
}

// SPDX-License-Identifier: Apache-2.0
import TextViews

/// What was derived from one text: the views in order, each with its text.
struct Derived {
    var texts: [(view: View, bytes: [UInt8])] = []

    init(_ text: [UInt8], _ enabled: ViewSet = .all, views: TextViews? = nil) {
        (views ?? TextViews(enabled)).forEachDerived(of: text.span) { view, derived in
            texts.append((view, derived.withUnsafeBufferPointer { Array($0) }))
        }
    }

    init(_ text: String, _ enabled: ViewSet = .all) { self.init(Array(text.utf8), enabled) }

    var bytes: Int { texts.reduce(0) { $0 + $1.bytes.count } }

    var names: Set<String> { Set(texts.map(\.view.name)) }

    /// The texts of one view.
    func texts(_ view: View) -> [String] {
        texts.filter { $0.view == view }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// The views that hold `phrase`, whatever its case.
    func views(holding phrase: String) -> Set<View> {
        Set(texts.filter { contains($0.bytes, phrase) }.map(\.view))
    }
}

/// Whether `text` holds the ASCII `phrase`, whatever its case: as the pattern database looks.
func contains(_ text: [UInt8], _ phrase: String) -> Bool {
    func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }
    let wanted = phrase.utf8.map(lower)
    guard text.count >= wanted.count else { return false }
    return (0...(text.count - wanted.count)).contains { start in
        wanted.indices.allSatisfy { lower(text[start + $0]) == wanted[$0] }
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CTextScan

/// Why a block of 64 bytes deserves a closer look.
struct Signs: OptionSet {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ sign: Int) { rawValue = UInt8(truncatingIfNeeded: sign) }

    static let high = Signs(CTEXTSCAN_HIGH)
    static let emphasis = Signs(CTEXTSCAN_EMPHASIS)
    static let leet = Signs(CTEXTSCAN_LEET)
    static let spaced = Signs(CTEXTSCAN_SPACED)
    static let run = Signs(CTEXTSCAN_RUN)
    static let escape = Signs(CTEXTSCAN_ESCAPE)
    static let pairs = Signs(CTEXTSCAN_PAIRS)
    static let rot13 = Signs(CTEXTSCAN_ROT13)

    /// What makes a text worth folding.
    static let folding: Signs = [.high, .emphasis]
    /// What makes a text worth joining.
    static let joining: Signs = [.leet, .spaced]

    /// What makes a text worth decoding.
    static func decoding(_ encoding: Encoding) -> Signs {
        switch encoding {
        case .base64: .run
        case .hex: [.run, .pairs]
        case .percent, .escape: .escape
        case .rot13: .rot13
        }
    }
}

/// The signs of one text, a byte for each block of 64, and the regions around them.
@safe
final class SignMap {
    static let blockBytes = 64
    /// Texts up to here are derived whole.
    static let wholeBytes = 1024
    /// What a region holds on both sides of the blocks that have a sign: the longest literal
    /// that a view promises to find, and the part of a sign that lies in the block before.
    static let contextBytes = TextViews.literalBytes + 2 * blockBytes

    private let map = TextBuffer()
    private var textBytes = 0
    /// All signs of the text.
    private(set) var all: Signs = []

    /// Reads `text` once.
    func read(_ text: Span<UInt8>) {
        textBytes = text.count
        let blocks = (text.count + Self.blockBytes - 1) / Self.blockBytes
        let seen = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe map.fill(blocks) { signs in
                unsafe ctextscan_signs(bytes.baseAddress, bytes.count, signs)
            }
        }
        all = Signs(rawValue: UInt8(truncatingIfNeeded: seen))
    }

    /// The next region after `start` in which one of `signs` stands, its ends at characters.
    func region(of signs: Signs, from start: Int, in text: Span<UInt8>) -> Range<Int>? {
        guard !all.isDisjoint(with: signs), start < textBytes else { return nil }
        if textBytes <= Self.wholeBytes { return start == 0 ? 0..<textBytes : nil }
        guard let first = block(of: signs, from: start / Self.blockBytes) else { return nil }
        var last = first
        let reach = 2 * Self.contextBytes / Self.blockBytes
        while let next = block(of: signs, from: last + 1, upTo: last + 1 + reach) { last = next }
        var from = max(first * Self.blockBytes - Self.contextBytes, 0)
        var end = min((last + 1) * Self.blockBytes + Self.contextBytes, textBytes)
        while from > 0, text[from] & 0xc0 == 0x80 { from -= 1 }
        while end < textBytes, text[end] & 0xc0 == 0x80 { end += 1 }
        return from..<end
    }

    private func block(of signs: Signs, from first: Int, upTo limit: Int = .max) -> Int? {
        let map = map
        let blocks = map.bytes
        var index = first
        let end = min(limit, blocks.count)
        while index < end {
            if blocks[index] & signs.rawValue != 0 { return index }
            index &+= 1
        }
        return nil
    }

    func shrink() { map.shrink() }
}

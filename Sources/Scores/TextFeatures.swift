// SPDX-License-Identifier: Apache-2.0

/// The features that a text is scored by: hashed words, pairs of words, and letters inside words.
///
/// A text is read once, byte by byte. Letters are folded to lower case and every digit is `0`;
/// a byte of other than ASCII counts as a letter, every other byte ends a word. For each word,
/// with a blank set before and behind it:
///
///     " malware "  →  letters   " mal" "malw" "alwa" "lwar" "ware" "are "
///                     word      "malware"
///                     pairs     "malware" with the word before, and with the one before that
///
/// Each is hashed to a *bucket*; what falls into one bucket counts as the same. A word of more
/// than 24 bytes is cut, so that texts without blanks have words too. Words come in *blocks* of
/// 64, and what is scored is a *window*: a block with the one before it, if there is one. So a
/// short piece of a long text is not drowned by the rest: a text's score is its highest window's.
///
/// - Source: hashing trick, Weinberger et al., "Feature Hashing for Large Scale Multitask
///   Learning" (2009).
package enum TextFeatures {
    /// How many buckets there are, as a power of two: rows of eight bytes each stay in the
    /// second-level cache.
    package static let bucketBits = 15
    package static let bucketCount = 1 << bucketBits
    package static let wordsPerBlock = 64
    static let wordBytesMax = 24
    /// What one word may give: its letters, itself and its pairs.
    static let featuresPerWordMax = wordBytesMax + 2

    /// What the features are, as a model file says it.
    package static let description =
        "letters-4, words, pairs, pairs over a word; 2^15 buckets; windows of 2 blocks of 64 words"

    /// By byte: what it counts as; 0 ends a word.
    static let folding: [UInt8] = (0...255).map { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...: byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt8(ascii: "0")
        default: 0
        }
    }

    private static let blank = UInt32(UInt8(ascii: " "))

    /// Calls `feature` with the bucket of each feature, `wordEnd` after each word's, and
    /// `blockEnd` after each whole block's.
    ///
    /// - Complexity: Linear; no allocation.
    @inline(__always)
    static func forEach(
        of text: UnsafeBufferPointer<UInt8>, folding: UnsafePointer<UInt8>,
        feature: (Int) -> Void, wordEnd: () -> Void, blockEnd: () -> Void
    ) {
        var letters = blank
        var word: UInt64 = 0
        var before: UInt64 = 0
        var beforeThat: UInt64 = 0
        var length = 0
        var words = 0
        var index = 0
        let count = text.count
        // One step more than there are bytes: the text's end ends a word.
        while index <= count {
            let byte = unsafe index < count ? folding[Int(text[index])] : 0
            if byte != 0, length < wordBytesMax {
                word = (word ^ UInt64(byte)) &* wordFactor
                letters = letters &<< 8 | UInt32(byte)
                length &+= 1
                index &+= 1
                if length >= 3 { feature(bucket(letters: letters)) }
                continue
            }
            // A word that is cut goes on as another with the same byte.
            if byte == 0 { index &+= 1 }
            guard length > 0 else { continue }
            if length >= 2 { feature(bucket(letters: letters &<< 8 | blank)) }
            let hash = mixed(word)
            feature(bucket(hash &* singleFactor))
            if before != 0 { feature(bucket((hash &+ before &* 3) &* pairFactor)) }
            if beforeThat != 0 {
                feature(bucket((hash &+ beforeThat &* 5) &* distantPairFactor))
            }
            wordEnd()
            beforeThat = before
            before = hash
            letters = blank
            word = 0
            length = 0
            words &+= 1
            if words == wordsPerBlock {
                words = 0
                blockEnd()
            }
        }
    }

    private static let wordFactor: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let singleFactor: UInt64 = 0xd6e8_feb8_6659_fd93
    private static let pairFactor: UInt64 = 0xa076_1d64_78bd_642f
    private static let distantPairFactor: UInt64 = 0xe703_7ed1_a0b4_28db
    private static let letterFactor: UInt32 = 0x85eb_ca6b

    /// A word's hash with its high bits' weight brought down; the last letters else count little.
    @inline(__always)
    private static func mixed(_ hash: UInt64) -> UInt64 { hash ^ hash &>> 29 }

    /// The high bits of a product depend on all of its factors' bits.
    @inline(__always)
    private static func bucket(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash &>> UInt64(64 - bucketBits))
    }

    @inline(__always)
    private static func bucket(letters: UInt32) -> Int {
        Int(truncatingIfNeeded: (letters &* letterFactor) &>> UInt32(32 - bucketBits))
    }
}

extension TextFeatures {
    /// The windows of a text, each as the buckets of its features: what a model is trained on.
    ///
    /// As many as there are blocks, since each holds a block and the one before it.
    package static func windows(of text: Span<UInt8>) -> [[UInt16]] {
        var blocks: [[UInt16]] = []
        var block: [UInt16] = []
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe folding.withUnsafeBufferPointer { table in
                guard let table = table.baseAddress else { return }
                unsafe forEach(
                    of: bytes, folding: table,
                    feature: { block.append(UInt16($0)) }, wordEnd: {},
                    blockEnd: {
                        blocks.append(block)
                        block.removeAll()
                    })
            }
        }
        if !block.isEmpty { blocks.append(block) }
        return blocks.indices.map { $0 == 0 ? blocks[0] : blocks[$0 - 1] + blocks[$0] }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The features that a text is scored by: hashed words, their beginnings and endings, and pairs
/// of words. Of each word that ``WordReader`` cuts:
///
///     "malware"  →  word        "malware"
///                   beginnings  "malw" "malwar"
///                   ending      "ware"
///                   pair        "malware" with the word before
///
/// So many of every word, whatever its length: scoring takes the same steps for any text. Each is
/// hashed to a *bucket*; what falls into one bucket counts as the same. Words come in *blocks* of
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
    static let featuresPerWord = 5

    /// What the features are, as a model file says it.
    package static let description =
        "words, their first 4 and 6 and last 4 letters, pairs; 2^15 buckets; "
        + "windows of 2 blocks of 64 words"

    /// Calls `feature` with the bucket of each feature of a word.
    ///
    /// - Parameter before: The hash of the word before; 0 for a text's first.
    @inline(__always)
    static func forEach(of word: Word, hash: UInt64, before: UInt64, _ feature: (Int) -> Void) {
        feature(bucket(hash &* 0xd6e8_feb8_6659_fd93))
        feature(bucket((word.first & 0xffff_ffff) &* 0x9fb2_1c65_1e98_df25))
        feature(bucket((word.first & 0xffff_ffff_ffff) &* 0xd1b5_4a32_d192_ed03))
        feature(bucket(UInt64(word.ending) &* 0x8cb9_2ba7_2f3d_8dd7))
        feature(bucket((hash &+ before &* 3) &* 0xa076_1d64_78bd_642f))
    }

    /// The high bits of a product depend on all of its factors' bits.
    @inline(__always)
    private static func bucket(_ product: UInt64) -> Int {
        Int(truncatingIfNeeded: product &>> UInt64(64 - bucketBits))
    }
}

extension TextFeatures {
    /// The windows of a text, each as the buckets of its features: what a model is trained on.
    ///
    /// As many as there are blocks, since each holds a block and the one before it.
    package static func windows(of text: Span<UInt8>) -> [[UInt16]] {
        var blocks: [[UInt16]] = []
        var before: UInt64 = 0
        var words = 0
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe WordReader.forEachWord(of: bytes) { word in
                if words % wordsPerBlock == 0 { blocks.append([]) }
                words += 1
                let hash = word.hash
                forEach(of: word, hash: hash, before: before) {
                    blocks[blocks.count - 1].append(UInt16($0))
                }
                before = hash
            }
        }
        return blocks.indices.map { $0 == 0 ? blocks[0] : blocks[$0 - 1] + blocks[$0] }
    }
}

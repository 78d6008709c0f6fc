// SPDX-License-Identifier: Apache-2.0

/// A word of a text as it is scored: folded, of 24 bytes at most.
struct Word {
    /// The word's bytes, the first lowest; those after its last are 0.
    let first: UInt64
    let second: UInt64
    let third: UInt64
    /// Its last four bytes, as far as it has them.
    let ending: UInt32

    static let bytesMax = 24

    /// Words of eight bytes or fewer never share a hash; longer ones hardly.
    @inline(__always)
    var hash: UInt64 {
        let product =
            (first &* 0x9e37_79b9_7f4a_7c15) ^ (second &* 0xc2b2_ae3d_27d4_eb4f)
            ^ (third &* 0x1656_67b1_9e37_79f9)
        // The low bits, on which few bytes bear, get the high ones' weight.
        return product ^ (product &>> 29)
    }
}

// SPDX-License-Identifier: Apache-2.0
// What a text may hold that a plain reading misses, told for each 64 bytes of it in one pass;
// and what a character stands for.
#ifndef CTEXTSCAN_H
#define CTEXTSCAN_H
#include <stddef.h>
#include <stdint.h>

/// Why a block of 64 bytes deserves a closer look. A sign belongs to the block in which it ends.
enum {
    /// A byte that is not ASCII.
    CTEXTSCAN_HIGH = 1,
    /// `*`, `_`, a backtick or `~` between two letters.
    CTEXTSCAN_EMPHASIS = 2,
    /// A digit or sign that stands for a letter, within, before or after letters.
    CTEXTSCAN_LEET = 4,
    /// Three letters or figures in a row that stand alone, apart by the same byte.
    CTEXTSCAN_SPACED = 8,
    /// Twenty-three bytes of ASCII without a blank.
    CTEXTSCAN_RUN = 16,
    /// `%` with two hexadecimal digits, `\x`, `\u`, `&#`.
    CTEXTSCAN_ESCAPE = 32,
    /// Pairs of hexadecimal digits apart by blanks.
    CTEXTSCAN_PAIRS = 64,
    /// Letters as English has them after ROT13.
    CTEXTSCAN_ROT13 = 128,
};

/// Writes one byte of signs for each 64 bytes of `text`, the last ones included.
///
/// `signs` must have room for (`length` + 63) / 64 bytes.
/// Returns all signs that were seen.
unsigned ctextscan_signs(const uint8_t *_Nullable text, size_t length, uint8_t *_Nullable signs);

/// The same, to the last sign, without what only some processors can do.
unsigned ctextscan_signs_portably(const uint8_t *_Nullable text, size_t length,
                                  uint8_t *_Nullable signs);

/// All that there is to be seen, by a close look everywhere, which the others take only where a
/// first look says so.
unsigned ctextscan_signs_closely(const uint8_t *_Nullable text, size_t length,
                                 uint8_t *_Nullable signs);

/// Writes what each byte of `text` counts as in a word: letters in lower case, `0` for every digit,
/// bytes of other than ASCII as they are, and 0 for all others, which end a word; and of each 64
/// bytes one bit a byte that is not 0, the first byte's lowest.
///
/// `folded` must have room for `length` bytes rounded up to 64, `words` for a 64th of that.
void ctextscan_fold_words(const uint8_t *_Nonnull text, size_t length, uint8_t *_Nonnull folded,
                          uint64_t *_Nonnull words);

extern const uint16_t ctextscan_fold_stage1[];
extern const uint16_t ctextscan_fold_stage2[];
extern const uint8_t ctextscan_fold_strings[];

/// What folding does with a character: one of these, or the offset of a string plus
/// `CTEXTSCAN_FOLD_STRING`, or below 128 the ASCII character that it stands for.
enum {
    CTEXTSCAN_FOLD_KEEP = 0xffff,
    /// Nothing is to be seen of it.
    CTEXTSCAN_FOLD_REMOVE = 0xfffe,
    /// It combines with the character before it.
    CTEXTSCAN_FOLD_MARK = 0xfffd,
    CTEXTSCAN_FOLD_STRING = 128,
};

/// What folding does with `character`, which is a Unicode scalar value.
static inline uint16_t ctextscan_fold(uint32_t character) {
    if (character >= 0x20000) {
        // Plane 2 has compatibility ideographs only; plane 14 tags and variation selectors.
        if (character - 0xe0000 >= 0x1000) return CTEXTSCAN_FOLD_KEEP;
        if (character - 0xe0020 < 0x5f) return (uint16_t)(character - 0xe0000);
        return CTEXTSCAN_FOLD_REMOVE;
    }
    return ctextscan_fold_stage2[ctextscan_fold_stage1[character >> 6] * 64 + (character & 63)];
}

/// The UTF-8 string at an offset: its length in one byte, then its bytes.
static inline const uint8_t *_Nonnull ctextscan_fold_string(uint16_t entry) {
    return ctextscan_fold_strings + (entry - CTEXTSCAN_FOLD_STRING);
}
#endif

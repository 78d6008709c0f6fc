// SPDX-License-Identifier: Apache-2.0
// A first look at 64 bytes, in as few steps as possible: mostly there is nothing.
//
// Written twice, as the classes are, for the same outcome. It may take plain text for a sign. It overlooks figures at the end of a word, and pairs of
// digits none of which ends in a letter, where nothing else in the text is odd.
#ifndef CTEXTSCAN_QUIET_H
#define CTEXTSCAN_QUIET_H
#include "classes.h"
// What the block before left: its last bits where they go on, since to join two words of bits
// takes some processors long.
typedef struct {
    uint64_t odd1;             // the last one of odd bytes
    uint64_t word1, word2;     // the last one and two of letters and odd bytes
    uint64_t single2, single4; // the last of the bytes behind single ones of these
    unsigned no_blank1;        // whether its last eight bytes held no blank
} first_look;

// What one look at 64 bytes tells.
typedef struct {
    uint64_t letter, odd;
    unsigned weight;   // how much the letters look like ROT13's
    unsigned no_blank; // each bit: eight bytes without a blank
    unsigned high;     // not 0: a byte from 0x80
    unsigned escape;   // not 0: one of % &
} looked;

enum { ROT13_WEIGHT = 64 + 4 };

typedef looked looker(const uint8_t *window);

// What is to be seen at once of the 64 bytes at `window`, less the first `skipped` of them:
// nothing, bytes from 0x80, or what deserves a closer look.
static inline __attribute__((always_inline)) unsigned
look_at(const uint8_t *window, unsigned skipped, first_look *look, looker *looks) {
    looked now = looks(window);
    uint64_t letter = now.letter >> skipped;
    uint64_t odd = now.odd >> skipped;
    uint64_t odd_then_letter = (odd << 1 | look->odd1) & letter;
    uint64_t word = letter | odd;
    uint64_t single = ~word & (word << 1 | look->word1) & ~(word << 2 | look->word2);
    uint64_t three = single & (single << 2 | look->single2) & (single << 4 | look->single4);
    unsigned runs = now.no_blank << 1 | look->no_blank1;
    runs &= runs >> 1;
    look->odd1 = odd >> 63;
    look->word1 = word >> 63;
    look->word2 = word >> 62;
    look->single2 = single >> 62;
    look->single4 = single >> 60;
    look->no_blank1 = now.no_blank >> 7;
    unsigned closer =
        (now.escape | runs) || (odd_then_letter | three) || now.weight >= ROT13_WEIGHT;
    return closer << 1 | (now.high != 0);
}

static inline __attribute__((always_inline)) looked look_portably(const uint8_t *window) {
    looked now = {0};
    uint64_t high = 0, blank = 0, heavy = 0, light = 0;
    for (int at = 0; at < 64; at += 16) {
        bytes16 byte;
        memcpy(&byte, window + at, sizeof byte);
        bytes16 low = byte & 15;
        chosen16 letter = (bytes16)((byte | 0x20) - 'a') < 26;
        chosen16 odd = ((bytes16)(byte - '0') < 10) | (byte == '!') | (byte == '$') |
                       (byte == '*') | (byte == '@') | (byte == '`') | (byte == '\\') |
                       (byte == '^') | (byte == '_') | (byte == '|') | (byte == '~') |
                       (byte == 0x7f);
        chosen16 escape = (byte == '%') | (byte == '&');
        chosen16 is_heavy = (low == 2) | (low == 6) | (low == 7) | (low == 10);
        chosen16 is_light = (low == 3) | (low == 4) | (low == 9) | (low == 13) | (low == 15);
        now.letter |= mask_of(letter) << at;
        now.odd |= mask_of(odd) << at;
        now.escape |= (unsigned)mask_of(escape);
        high |= mask_of(byte >= 0x80) << at;
        blank |= mask_of((byte <= 0x20) | (byte >= 0x80)) << at;
        heavy |= mask_of(is_heavy) << at;
        light |= mask_of(is_light) << at;
    }
    for (int eight = 0; eight < 8; eight++)
        now.no_blank |= (unsigned)((blank >> 8 * eight & 0xff) == 0) << eight;
    now.high = high != 0;
    // As `rot13_weights` has them.
    now.weight = (unsigned)(__builtin_popcountll(~high & ~light) +
                            __builtin_popcountll(~high & heavy));
    return now;
}

#if defined(__x86_64__)
// The bits by which the tables tell what a byte is.
enum {
    ODD_3 = 1,   // digits
    ODD_2 = 2,   // ! $ *
    ODD_46 = 4,  // @ `
    ODD_57 = 8,  // _ | ~
    ESCAPES = 128 // % &; a backslash is odd before the letter that makes it an escape
};
static const uint8_t first_by_low_half[16] = {
    [0x0] = ODD_3 | ODD_46, [0x1] = ODD_3 | ODD_2, [0x2] = ODD_3,
    [0x3] = ODD_3,          [0x4] = ODD_3 | ODD_2, [0x5] = ODD_3 | ESCAPES,
    [0x6] = ODD_3 | ESCAPES, [0x7] = ODD_3,        [0x8] = ODD_3,
    [0x9] = ODD_3,          [0xa] = ODD_2,         [0xc] = ODD_57,
    [0xe] = ODD_57,         [0xf] = ODD_57,
};
static const uint8_t first_by_high_half[16] = {
    [0x2] = ODD_2 | ESCAPES, [0x3] = ODD_3, [0x4] = ODD_46,
    [0x5] = ODD_57, [0x6] = ODD_46, [0x7] = ODD_57,
};
// By the low half, which two letters share: what ROT13 makes frequent counts two, what it makes
// rare nothing, all else one.
static const uint8_t rot13_weights[16] = {1, 1, 2, 0, 0, 1, 2, 2, 1, 0, 2, 1, 1, 0, 1, 0};

static inline AVX2 __attribute__((always_inline)) looked look_avx2(const uint8_t *window) {
    __m256i weights = _mm256_setzero_si256(), seen = weights, kinds = weights;
    const __m256i zero = weights, nibble = _mm256_set1_epi8(15);
    // A byte from 0x80 keeps its highest bit, and is nothing in any table.
    const __m256i low_bits = _mm256_set1_epi8((char)0x8f);
    uint32_t letters[2], odds[2];
    looked now = {0};
    for (int half = 0; half < 2; half++) {
        __m256i byte = _mm256_loadu_si256((const __m256i *)(window + 32 * half));
        __m256i low = _mm256_and_si256(byte, low_bits);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(byte, 4), nibble);
        __m256i found = _mm256_and_si256(_mm256_shuffle_epi8(table_of(first_by_low_half), low),
                                         _mm256_shuffle_epi8(table_of(first_by_high_half), high));
        __m256i lower = _mm256_or_si256(byte, _mm256_set1_epi8(0x20));
        __m256i letter = _mm256_cmpgt_epi8(_mm256_add_epi8(lower, _mm256_set1_epi8(127 - 'z')),
                                           _mm256_set1_epi8(127 - 26));
        __m256i blank = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), byte);
        weights = _mm256_add_epi64(
            weights, _mm256_sad_epu8(_mm256_shuffle_epi8(table_of(rot13_weights), low), zero));
        seen = _mm256_or_si256(seen, byte);
        kinds = _mm256_or_si256(kinds, found);
        letters[half] = (uint32_t)_mm256_movemask_epi8(letter);
        odds[half] = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(found, zero));
        now.no_blank |= (unsigned)_mm256_movemask_pd(
                        _mm256_castsi256_pd(_mm256_cmpeq_epi64(blank, zero)))
                    << (4 * half);
    }
    __m128i sums = _mm_add_epi64(_mm256_castsi256_si128(weights),
                                 _mm256_extracti128_si256(weights, 1));
    now.weight = (unsigned)_mm_cvtsi128_si32(sums) + (unsigned)_mm_extract_epi16(sums, 4);
    // Both show in the highest bit.
    unsigned rare = (unsigned)_mm256_movemask_epi8(_mm256_or_si256(seen, kinds));
    now.high = rare ? (unsigned)_mm256_movemask_epi8(seen) : 0;
    now.escape = rare ? (unsigned)_mm256_movemask_epi8(kinds) : 0;
    now.letter = (uint64_t)letters[1] << 32 | letters[0];
    now.odd = (uint64_t)odds[1] << 32 | odds[0];
    return now;
}
#endif
#endif

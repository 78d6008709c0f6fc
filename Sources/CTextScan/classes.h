// SPDX-License-Identifier: Apache-2.0
// Which of 64 bytes are of which class: one bit a byte, the first byte lowest.
//
// Written twice. With AVX2 a class is looked up by both halves of a byte: a byte is of the class
// when the entries of its halves share a bit. Elsewhere bytes are compared, in vectors of
// whatever width the compiler has.
#ifndef CTEXTSCAN_CLASSES_H
#define CTEXTSCAN_CLASSES_H
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef struct {
    uint64_t letter;
    uint64_t blank;    // up to 0x20, or from 0x80: no run of an encoding goes over it
    uint64_t high;     // from 0x80
    uint64_t figure;   // 0 1 3 4 5 7 8 9 @ $, which stand for letters anywhere in a word
    uint64_t odd;      // figures, ! | and * _ ` ~ ^: what hides a word when it stands within
    uint64_t escape;   // % & backslash
    uint64_t rotated;  // g v b q j z f: what ROT13 makes frequent in English
    uint64_t plain;    // t i o d w m s: what ROT13 makes rare
} classes;

typedef uint8_t bytes16 __attribute__((ext_vector_type(16)));
typedef char chosen16 __attribute__((ext_vector_type(16)));
typedef _Bool bits16 __attribute__((ext_vector_type(16)));

static inline __attribute__((always_inline)) uint64_t mask_of(chosen16 chosen) {
    bits16 bits = __builtin_convertvector(chosen != 0, bits16);
    uint16_t mask;
    memcpy(&mask, &bits, sizeof mask);
    return mask;
}

static inline __attribute__((always_inline)) classes classify_portably(const uint8_t *text) {
    classes found = {0};
    for (int at = 0; at < 64; at += 16) {
        bytes16 byte;
        memcpy(&byte, text + at, sizeof byte);
        bytes16 lower = byte | 0x20;
        chosen16 letter = (bytes16)(lower - 'a') < 26;
        chosen16 figure = (((bytes16)(byte - '0') < 10) & (byte != '2') & (byte != '6')) |
                          (byte == '@') | (byte == '$');
        chosen16 mark = (byte == '!') | (byte == '|') | (byte == '*') | (byte == '_') |
                        (byte == '`') | (byte == '~') | (byte == '^') | (byte == 0x7f);
        chosen16 escape = (byte == '%') | (byte == '&') | (byte == '\\');
        chosen16 rotated = (lower == 'g') | (lower == 'v') | (lower == 'b') | (lower == 'q') |
                           (lower == 'j') | (lower == 'z') | (lower == 'f');
        chosen16 plain = (lower == 't') | (lower == 'i') | (lower == 'o') | (lower == 'd') |
                         (lower == 'w') | (lower == 'm') | (lower == 's');
        found.letter |= mask_of(letter) << at;
        found.blank |= mask_of((byte <= 0x20) | (byte >= 0x80)) << at;
        found.high |= mask_of(byte >= 0x80) << at;
        found.figure |= mask_of(figure) << at;
        found.odd |= mask_of(figure | mark) << at;
        found.escape |= mask_of(escape) << at;
        found.rotated |= mask_of(rotated & letter) << at;
        found.plain |= mask_of(plain & letter) << at;
    }
    return found;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt")))

// The bits by which the tables of both halves tell what a byte is.
enum {
    FIGURE_3 = 1,  // a figure of the bytes 0x3.
    FIGURE_2 = 2,  // $
    FIGURE_4 = 4,  // @
    SIGN_2 = 8,    // ! *
    SIGN_7 = 16,   // |
    SIGN_567 = 32, // _ ` ~ ^ and delete; the other bytes of these halves are letters
    ESCAPE_2 = 128 // % &
};

static inline AVX2 __attribute__((always_inline)) __m256i table_of(const uint8_t entries[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)entries));
}

static const uint8_t by_low_half[16] = {
    [0x0] = FIGURE_3 | FIGURE_4 | SIGN_567, [0x1] = FIGURE_3 | SIGN_2,
    [0x3] = FIGURE_3,            [0x4] = FIGURE_3 | FIGURE_2,
    [0x5] = FIGURE_3 | ESCAPE_2, [0x6] = ESCAPE_2,
    [0x7] = FIGURE_3,            [0x8] = FIGURE_3,
    [0x9] = FIGURE_3,            [0xa] = SIGN_2,
    [0xc] = SIGN_7,              [0xe] = SIGN_567,
    [0xf] = SIGN_567,
};
static const uint8_t by_high_half[16] = {
    [0x2] = FIGURE_2 | SIGN_2 | ESCAPE_2, [0x3] = FIGURE_3, [0x4] = FIGURE_4,
    [0x5] = SIGN_567, [0x6] = SIGN_567, [0x7] = SIGN_567 | SIGN_7,
};
// By the low half of a letter: 0x40 where ROT13 makes it frequent, 0x80 where rare.
static const uint8_t rot13_a_to_o[16] = {
    ['b' & 15] = 0x40, ['f' & 15] = 0x40, ['g' & 15] = 0x40, ['j' & 15] = 0x40,
    ['d' & 15] = 0x80, ['i' & 15] = 0x80, ['m' & 15] = 0x80, ['o' & 15] = 0x80,
};
static const uint8_t rot13_p_to_z[16] = {
    ['q' & 15] = 0x40, ['v' & 15] = 0x40, ['z' & 15] = 0x40,
    ['s' & 15] = 0x80, ['t' & 15] = 0x80, ['w' & 15] = 0x80,
};

typedef struct {
    uint32_t letter, blank, high, figure, odd, escape, rotated, plain;
} half_classes;

static inline AVX2 __attribute__((always_inline)) half_classes classify_half(const uint8_t *text) {
    __m256i byte = _mm256_loadu_si256((const __m256i *)text);
    __m256i nibble = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
    __m256i low = _mm256_and_si256(byte, nibble);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(byte, 4), nibble);
    __m256i found = _mm256_and_si256(_mm256_shuffle_epi8(table_of(by_low_half), low),
                                     _mm256_shuffle_epi8(table_of(by_high_half), high));
    __m256i lower = _mm256_or_si256(byte, _mm256_set1_epi8(0x20));
    // Letters become the greatest 26 signed bytes.
    __m256i letter = _mm256_cmpgt_epi8(_mm256_add_epi8(lower, _mm256_set1_epi8(127 - 'z')),
                                       _mm256_set1_epi8(127 - 26));
    __m256i odd = _mm256_cmpgt_epi8(found, zero);
    __m256i figure = _mm256_cmpgt_epi8(
        _mm256_and_si256(found, _mm256_set1_epi8(FIGURE_2 | FIGURE_3 | FIGURE_4)), zero);
    __m256i escape =
        _mm256_or_si256(found, _mm256_cmpeq_epi8(byte, _mm256_set1_epi8('\\')));
    // The bit 0x10 tells p to z from a to o; it becomes the one that the choice looks at.
    __m256i weight = _mm256_blendv_epi8(_mm256_shuffle_epi8(table_of(rot13_a_to_o), low),
                                        _mm256_shuffle_epi8(table_of(rot13_p_to_z), low),
                                        _mm256_slli_epi16(byte, 3));
    half_classes half;
    half.high = (uint32_t)_mm256_movemask_epi8(byte);
    half.letter = (uint32_t)_mm256_movemask_epi8(letter);
    half.blank = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), byte));
    half.odd = (uint32_t)_mm256_movemask_epi8(odd);
    half.figure = (uint32_t)_mm256_movemask_epi8(figure);
    half.escape = (uint32_t)_mm256_movemask_epi8(escape);
    half.plain = (uint32_t)_mm256_movemask_epi8(weight);
    half.rotated = (uint32_t)_mm256_movemask_epi8(_mm256_add_epi8(weight, weight));
    return half;
}

static inline AVX2 __attribute__((always_inline)) classes classify_avx2(const uint8_t *text) {
    half_classes first = classify_half(text), second = classify_half(text + 32);
#define WHOLE(field) ((uint64_t)second.field << 32 | first.field)
    classes found;
    found.letter = WHOLE(letter);
    found.high = WHOLE(high);
    found.blank = WHOLE(blank);
    found.figure = WHOLE(figure);
    found.odd = WHOLE(odd) & ~found.letter;
    found.escape = WHOLE(escape);
    found.rotated = WHOLE(rotated) & found.letter;
    found.plain = WHOLE(plain) & found.letter;
#undef WHOLE
    return found;
}
#endif
#endif

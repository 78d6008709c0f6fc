// SPDX-License-Identifier: Apache-2.0
#include "ctextscan.h"

#include "classes.h"
#include "quiet.h"

// By how many letters a stretch of 64 bytes must look rotated rather than plain.
enum { ROT13_LEAD = 5, RUN_BYTES = 23 };

// What the block before left, so that a sign may lie across two blocks.
typedef struct {
    classes before;
    uint64_t inner_carry;   // an odd run that began behind a letter goes on
    uint64_t leading_carry; // a run of figures that began behind a blank goes on
    uint64_t leading_ends;
    uint64_t single; // the bytes behind single letters or figures
    unsigned run_bytes;     // without a blank, at the block's end
} carried;

typedef struct {
    const uint8_t *text;
    size_t length;
} whole;

static inline __attribute__((always_inline)) uint64_t back(uint64_t now, uint64_t before, int by) {
    return now << by | before >> (64 - by);
}

static inline int is_hexadecimal(uint8_t byte) {
    uint8_t lower = byte | 0x20;
    return (uint8_t)(byte - '0') < 10 || (uint8_t)(lower - 'a') < 6;
}

static inline int is_letter(uint8_t byte) { return (uint8_t)((byte | 0x20) - 'a') < 26; }

// Whether `%6f`, `\x6f`, `\u006f` or `&#` stands at `at`.
static int is_escape(whole text, size_t at) {
    if (at + 2 >= text.length) return 0;
    const uint8_t *byte = text.text + at;
    if (byte[0] == '%') return is_hexadecimal(byte[1]) && is_hexadecimal(byte[2]);
    if (byte[0] == '&') return byte[1] == '#';
    return byte[0] == '\\' && (byte[1] == 'x' || byte[1] == 'u') &&
           (is_hexadecimal(byte[2]) || byte[2] == '{');
}

static __attribute__((noinline)) unsigned confirm_escapes(whole text, size_t at, uint64_t mask) {
    for (; mask; mask &= mask - 1)
        if (is_escape(text, at + (size_t)__builtin_ctzll(mask))) return CTEXTSCAN_ESCAPE;
    return 0;
}

// Each bit: the byte behind the third of three single letters or figures.
static __attribute__((noinline)) unsigned confirm_spaced(whole text, size_t at, uint64_t mask) {
    for (; mask; mask &= mask - 1) {
        size_t end = at + (size_t)__builtin_ctzll(mask);
        const uint8_t *third = text.text + end - 1;
        if (third[-1] == third[-3] && (is_letter(third[0]) || is_letter(third[-2]) || is_letter(third[-4])))
            return CTEXTSCAN_SPACED;
    }
    return 0;
}

// Each bit: a letter behind odd bytes behind a letter.
static __attribute__((noinline)) unsigned kinds_of_inner(whole text, size_t at, uint64_t mask) {
    unsigned signs = 0;
    for (; mask; mask &= mask - 1) {
        uint8_t byte = text.text[at + (size_t)__builtin_ctzll(mask) - 1];
        signs |= byte == '*' || byte == '_' || byte == '`' || byte == '~' ? CTEXTSCAN_EMPHASIS
                                                                          : CTEXTSCAN_LEET;
    }
    return signs;
}

// Each bit: the blank behind three words of as many bytes.
static __attribute__((noinline)) unsigned confirm_pairs(whole text, size_t at, uint64_t mask,
                                                        size_t word_bytes) {
    for (; mask; mask &= mask - 1) {
        size_t end = at + (size_t)__builtin_ctzll(mask);
        if (end > text.length || end + 1 < 3 * (word_bytes + 1)) continue;
        int words = 0;
        while (words < 3 && is_hexadecimal(text.text[end - 1]) &&
               is_hexadecimal(text.text[end - 2]) &&
               (word_bytes == 2 || text.text[end - 3] == 'x')) {
            words++;
            end -= word_bytes + 1;
        }
        if (words == 3) return CTEXTSCAN_PAIRS;
    }
    return 0;
}

static inline __attribute__((always_inline)) unsigned has_long_run(uint64_t blank,
                                                                   carried *carry) {
    if (blank == 0) {
        carry->run_bytes += 64;
        return CTEXTSCAN_RUN;
    }
    unsigned leading = carry->run_bytes + (unsigned)__builtin_ctzll(blank);
    carry->run_bytes = (unsigned)__builtin_clzll(blank);
    uint64_t by4 = ~blank & ~blank << 1;
    by4 &= by4 << 2;
    uint64_t by16 = by4 & by4 << 4;
    by16 &= by16 << 8;
    return leading >= RUN_BYTES || (by16 & by4 << 16) ? CTEXTSCAN_RUN : 0;
}

static inline __attribute__((always_inline)) unsigned is_rotated(classes now, classes before) {
    int lead = __builtin_popcountll(now.rotated) - __builtin_popcountll(now.plain);
    int across = __builtin_popcountll(back(now.rotated, before.rotated, 32)) -
                 __builtin_popcountll(back(now.plain, before.plain, 32));
    return lead >= ROT13_LEAD || across >= ROT13_LEAD ? CTEXTSCAN_ROT13 : 0;
}

// Letters behind odd bytes behind a letter, or three behind figures behind a blank; figures
// behind three letters.
static inline __attribute__((always_inline)) unsigned odd_words(classes now, carried *carry,
                                                                whole text, size_t at) {
    classes before = carry->before;
    uint64_t letter1 = back(now.letter, before.letter, 1);
    uint64_t letter2 = back(now.letter, before.letter, 2);
    uint64_t letter3 = back(now.letter, before.letter, 3);
    unsigned signs = 0;

    // Adding to a run of bits moves a bit behind its end.
    unsigned long long sum, whole_sum;
    unsigned over = __builtin_uaddll_overflow(now.odd & letter1, now.odd, &sum);
    over |= __builtin_uaddll_overflow(sum, carry->inner_carry, &whole_sum);
    carry->inner_carry = over;
    uint64_t inner = whole_sum & ~now.odd & now.letter;
    if (__builtin_expect(inner != 0, 0)) signs |= kinds_of_inner(text, at, inner);

    uint64_t behind_blank = now.figure & back(now.blank, before.blank, 1);
    over = __builtin_uaddll_overflow(behind_blank, now.figure, &sum);
    over |= __builtin_uaddll_overflow(sum, carry->leading_carry, &whole_sum);
    carry->leading_carry = over;
    uint64_t ends = whole_sum & ~now.figure & now.letter;
    uint64_t leading = back(ends, carry->leading_ends, 2) & letter1 & now.letter;
    carry->leading_ends = ends;
    uint64_t trailing = now.figure & letter1 & letter2 & letter3;
    return leading | trailing ? signs | CTEXTSCAN_LEET : signs;
}

static inline __attribute__((always_inline)) unsigned signs_of_block(classes now, carried *carry,
                                                                     whole text, size_t at) {
    classes before = carry->before;
    unsigned signs = now.high ? CTEXTSCAN_HIGH : 0;
    signs |= has_long_run(now.blank, carry);
    signs |= is_rotated(now, before);
    signs |= odd_words(now, carry, text, at);
    if (__builtin_expect(now.escape != 0, 0)) signs |= confirm_escapes(text, at, now.escape);

    // The bytes behind single letters or figures; three of them two bytes apart.
    uint64_t word = now.letter | now.figure, word_before = before.letter | before.figure;
    uint64_t single = ~word & back(word, word_before, 1) & ~back(word, word_before, 2);
    uint64_t spaced = single & back(single, carry->single, 2) & back(single, carry->single, 4);
    carry->single = single;
    if (__builtin_expect(spaced != 0, 0)) signs |= confirm_spaced(text, at, spaced);

    uint64_t word_ends = now.blank & ~back(now.blank, before.blank, 1);
    uint64_t pairs =
        word_ends & back(now.blank, before.blank, 3) & back(now.blank, before.blank, 6);
    if (__builtin_expect(pairs != 0, 0)) signs |= confirm_pairs(text, at, pairs, 2);
    uint64_t prefixed =
        word_ends & back(now.blank, before.blank, 5) & back(now.blank, before.blank, 10);
    if (__builtin_expect(prefixed != 0, 0)) signs |= confirm_pairs(text, at, prefixed, 4);
    carry->before = now;
    return signs;
}

typedef classes classifier(const uint8_t *text);

// The signs of the blocks from `from` to `to`, which is where a block or the text ends.
static inline __attribute__((always_inline)) unsigned scan(whole text, size_t from, size_t to,
                                                           uint8_t *signs,
                                                           classifier *classify) {
    carried carry = {.before.blank = ~0ull};
    if (from > 0) {
        // What the block before leaves, for a sign that began there.
        (void)signs_of_block(classify(text.text + from - 64), &carry, text, from - 64);
    }
    unsigned all = 0;
    size_t at = from;
    for (; at + 64 <= to; at += 64)
        all |= signs[at / 64] =
            (uint8_t)signs_of_block(classify(text.text + at), &carry, text, at);
    if (at < to) {
        // What is missing to a block is blank.
        uint8_t last[64] = {0};
        memcpy(last, text.text + at, to - at);
        all |= signs[at / 64] = (uint8_t)signs_of_block(classify(last), &carry, text, at);
    }
    return all;
}

// How much is looked at closely where a first look is not quiet.
enum { GROUP_BYTES = 128 };

typedef unsigned group_scan(whole text, size_t from, size_t to, uint8_t *signs);

// The first look at what is left of the text at `at`.
static inline __attribute__((always_inline)) unsigned look_at_last(whole text, size_t at,
                                                                   first_look *look,
                                                                   looker *looks) {
    size_t end = text.length;
    if (end >= 64) return look_at(text.text + end - 64, (unsigned)(at + 64 - end), look, looks);
    uint8_t only[64] = {0};
    memcpy(only, text.text, end);
    return look_at(only, 0, look, looks);
}

static inline __attribute__((always_inline)) unsigned look_through(whole text, uint8_t *signs,
                                                                   looker *looks,
                                                                   group_scan *scan_group) {
    first_look look = {0};
    unsigned all = 0, last = 0;
    for (size_t from = 0; from < text.length; from += GROUP_BYTES) {
        size_t to = from + GROUP_BYTES < text.length ? from + GROUP_BYTES : text.length;
        size_t at = from;
        // What the last block of the group before began may end here.
        unsigned seen = last & ~(unsigned)CTEXTSCAN_HIGH;
        for (; at + 64 <= to; at += 64)
            seen |= last = signs[at / 64] = (uint8_t)look_at(text.text + at, 0, &look, looks);
        if (at < to)
            seen |= last = signs[at / 64] = (uint8_t)look_at_last(text, at, &look, looks);
        // Characters that are not ASCII are all that there is to know.
        all |= seen & (unsigned)~CTEXTSCAN_HIGH ? scan_group(text, from, to, signs) : seen;
    }
    return all;
}

static __attribute__((noinline)) unsigned scan_group(whole text, size_t from, size_t to,
                                                     uint8_t *signs) {
    return scan(text, from, to, signs, classify_portably);
}

unsigned ctextscan_signs_portably(const uint8_t *text, size_t length, uint8_t *signs) {
    return look_through((whole){text, length}, signs, look_portably, scan_group);
}

unsigned ctextscan_signs_closely(const uint8_t *text, size_t length, uint8_t *signs) {
    return scan((whole){text, length}, 0, length, signs, classify_portably);
}

#if defined(__x86_64__)
static AVX2 __attribute__((noinline)) unsigned scan_group_avx2(whole text, size_t from, size_t to,
                                                               uint8_t *signs) {
    return scan(text, from, to, signs, classify_avx2);
}

static AVX2 unsigned signs_avx2(whole text, uint8_t *signs) {
    return look_through(text, signs, look_avx2, scan_group_avx2);
}
#endif

unsigned ctextscan_signs(const uint8_t *text, size_t length, uint8_t *signs) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        return signs_avx2((whole){text, length}, signs);
#endif
    return ctextscan_signs_portably(text, length, signs);
}

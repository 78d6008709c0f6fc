// SPDX-License-Identifier: Apache-2.0
#include "ctextscan.h"

#include "classes.h"

// Folds 64 bytes, and tells which of them are of a word.
static inline __attribute__((always_inline)) uint64_t fold_block(const uint8_t *text,
                                                                 uint8_t *folded) {
    uint64_t words = 0;
    for (int at = 0; at < 64; at += 16) {
        bytes16 byte;
        memcpy(&byte, text + at, sizeof byte);
        bytes16 lower = byte | 0x20;
        bytes16 letter = (bytes16)((bytes16)(lower - 'a') < 26);
        bytes16 digit = (bytes16)((bytes16)(byte - '0') < 10);
        bytes16 high = (bytes16)(byte >= 0x80);
        bytes16 whole = (lower & letter) | ('0' & digit) | (byte & high);
        memcpy(folded + at, &whole, sizeof whole);
        words |= mask_of((chosen16)(letter | digit | high)) << at;
    }
    return words;
}

void ctextscan_fold_words(const uint8_t *text, size_t length, uint8_t *folded, uint64_t *words) {
    size_t at = 0;
    for (; at + 64 <= length; at += 64) words[at / 64] = fold_block(text + at, folded + at);
    if (at < length) {
        uint8_t last[64] = {0};
        memcpy(last, text + at, length - at);
        words[at / 64] = fold_block(last, folded + at);
    }
}

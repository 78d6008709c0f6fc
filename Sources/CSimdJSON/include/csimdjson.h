// SPDX-License-Identifier: Apache-2.0
// A C face for simdjson's DOM parser: C++ stays in one file, Swift reads the tape itself.
//
// The tape (simdjson doc/tape.md) is an array of 64-bit words, one or two a value: the top
// byte says what the value is, the rest is its payload. Strings lie unescaped in a second
// buffer, each after its 4-byte length. Reading it from Swift costs no call a value.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct csimdjson_parser csimdjson_parser;

/// What one parse made; valid until the next parse with the same parser, or its end.
typedef struct {
    const uint64_t *_Nullable tape;
    const uint8_t *_Nullable strings;
} csimdjson_document;

/// How many readable bytes must follow the text that is parsed.
size_t csimdjson_padding(void);

/// Makes a parser whose buffers grow with the longest text parsed; NULL without memory.
csimdjson_parser *_Nullable csimdjson_new(void);
void csimdjson_free(csimdjson_parser *_Nonnull parser);

/// Parses one JSON text of `length` bytes; 0, or simdjson's error code.
int csimdjson_parse(csimdjson_parser *_Nonnull parser, const uint8_t *_Nonnull text,
                    size_t length, csimdjson_document *_Nonnull document);

#ifdef __cplusplus
}
#endif
#endif

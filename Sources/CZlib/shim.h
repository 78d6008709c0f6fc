#include <zlib.h>

// zlib's initializers are macros, which Swift does not see.

/// Raw deflate data, no header: `inflateInit2` with the largest window (zlib.h, windowBits -15).
static inline int tocsin_inflateInitRaw(z_streamp stream) { return inflateInit2(stream, -MAX_WBITS); }

/// `deflateInit2` with the default strategy; `windowBits` 31 writes gzip, -15 raw data.
static inline int tocsin_deflateInit2(z_streamp stream, int level, int windowBits) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
}

#include <isa-l.h>
#include <stddef.h>
#include <string.h>

/// Copies a state; of its output buffer, which comes last and is most of it, only what is in use.
/// In C because Swift does not see a field of that size.
static inline void tocsin_copyInflateState(const struct inflate_state *from, struct inflate_state *to) {
    memcpy(to, from, offsetof(struct inflate_state, tmp_out_buffer) + (size_t)from->tmp_out_valid);
}

// Where an access goes, as memory.c and follow.c see it.
#ifndef VY__PTX_TARGET_H
#define VY__PTX_TARGET_H

#include "backend/cuda/emit/emit.h"

enum { VY__PTX_MAX_OFFSET = 1 << 16 }; // folded into an access

// What an access is made to.
typedef struct vy__ptx_target {
  const char *space;      // "global", "shared", "local"
  bool narrow;            // addresses are 32 bits
  uint32_t stride, field; // bytes
  vy_type stored;
  uint64_t length;    // elements, of what is no buffer
  vy__reg length_reg; // of a buffer
} vy__ptx_target;

// *base: a register or symbol.
vy__ptx_target vy__ptx_target_of(const vy__ptx *p, const vy__value *v,
                                 vy__reg *base);
static inline bool vy__ptx_is_wide(const vy__ptx *p, uint32_t index) {
  return vy__type_bits((vy_type)p->ir->values[index].type) == 64;
}
// The index of access `value` without the constant that its address may have
// added instead: *more, in bytes.
uint32_t vy__ptx_split(vy__ptx *p, uint32_t value, const vy__ptx_target *t,
                       int64_t *more);
vy__reg vy__ptx_address(vy__ptx *p, const vy__ptx_target *t, vy__reg base,
                        uint32_t index);
// Of memory that nothing writes?
bool vy__ptx_is_constant(const vy__ptx *p, const vy__value *v);

// ---- follow.c

// The address, whatever of it is constant being added to *offset. Copies of a
// loop's body go by that of the first one.
vy__reg vy__ptx_follow(vy__ptx *p, uint32_t value, const vy__ptx_target *t,
                       vy__reg base, uint32_t index, int64_t *offset);
// Load `value` from a row, with all that four copies load of every field;
// false: it is none.
bool vy__ptx_load_row(vy__ptx *p, uint32_t value);

#endif

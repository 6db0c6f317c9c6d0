// What the collectives share.
//
// Groups of up to 32 lanes are one warp and need no memory. Larger ones pass
// results between warps through `scratch`. It has two halves: a collective
// writes to the half that the one before did not use, meets once, and reads.
// A lane that writes to a half has met all others in the collective between,
// so that all have read what was there before; nobody needs to meet twice.
#ifndef VY__PTX_COLLECTIVE_H
#define VY__PTX_COLLECTIVE_H

#include "backend/cuda/emit/emit.h"

static inline uint32_t vy__ptx_warps(const vy__ptx *p) {
  return (p->group_size + 31) / 32;
}

// The lanes of the warp, for `.sync` instructions.
vy__reg vy__ptx_members(const vy__ptx *p);
void vy__ptx_meet(vy__ptx *p);
// Address (b32) of the half that is free now.
vy__reg vy__ptx_next_half(vy__ptx *p);
// Operand `v`, of a number type, in a register; `missing` from lanes that have
// ended.
vy__reg vy__ptx_given(vy__ptx *p, uint32_t v, uint64_t missing);
// d = `a` of another lane. `how` is a mode of shfl, `b` and `c` its operands.
void vy__ptx_shfl(vy__ptx *p, const char *how, vy_type type, const char *d,
                  const char *a, const char *b, uint32_t c);
// "b32" or "b64".
const char *vy__ptx_bits(vy_type type);

void vy__ptx_reduce(vy__ptx *p, uint32_t value);
void vy__ptx_scan(vy__ptx *p, uint32_t value);
void vy__ptx_rank(vy__ptx *p, uint32_t value);

#endif

// The ways of collectives. The lanes of a range bring their operands vector by
// vector (`take`), then the result is made; a way has its share in either.
#ifndef VY__EMIT_COLLECTIVE_H
#define VY__EMIT_COLLECTIVE_H

#include "backend/collective.h"
#include "backend/cpu/emit/flow.h"

enum { VY__MAX_GROUP_LEVELS = 11 }; // 2^10 lanes at most

static inline uint32_t vy__collective_lanes(const vy__flow *f) {
  const uint32_t *g = f->e->program->group_size;
  return g[0] * g[1] * g[2];
}
// The lanes of the vector at hand that are in the group, <W x i1>; NULL: all.
LLVMValueRef vy__collective_here(vy__flow *f);
// Put the vector at hand of an array at scratch offset `memory`.
void vy__collective_put(vy__flow *f, LLVMValueRef x, uint32_t memory);
LLVMValueRef vy__shuffle(vy__flow *f, LLVMValueRef a, LLVMValueRef b,
                         const uint32_t *lanes, uint32_t count);

// ---- fold.c

void vy__fold_open(vy__flow *f, const vy__value *v);
void vy__fold_take(vy__flow *f, const vy__value *v);
LLVMValueRef vy__fold_result(vy__flow *f, const vy__value *v);

// ---- tree.c

// Of the operands in memory.
LLVMValueRef vy__tree_sum(vy__flow *f, const vy__value *v);
void vy__tree_scan_take(vy__flow *f, uint32_t value);
void vy__tree_scan_finish(vy__flow *f, uint32_t value);

#endif

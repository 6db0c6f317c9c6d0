// Memory: what an access names, and the pieces its emission is made of.
#ifndef VY__EMIT_MEMORY_H
#define VY__EMIT_MEMORY_H

#include "backend/cpu/emit/flow.h"

// Where the scalars of an access lie: element i at base + i * stride.
typedef struct vy__place {
  LLVMValueRef base;   // of the field in element 0
  LLVMValueRef start;  // of element 0
  LLVMValueRef length; // elements, i64
  uint64_t known;      // the length, when it is a constant
  bool is_known;
  bool is_private; // element i of lane j at base + (i * W + j) * bytes
  bool by_group;   // seen by this call alone
  uint32_t param;  // buffers
  uint32_t stride; // bytes
  uint32_t bytes;  // of the scalar
  uint32_t field;  // bytes from start to base
  vy_type stored;
} vy__place;

vy__place vy__place_of(vy__flow *f, const vy__value *v);

// What may be relied on at an access: all its indices are inside; or, for
// each lane that runs, its own.
bool vy__all_inside(vy__flow *f, uint32_t value);
bool vy__own_inside(vy__flow *f, uint32_t value);

// Does the target load and store some lanes of a vector of such words?
bool vy__has_masked(const vy__flow *f, const vy__place *p);
// Are the lanes that run those that are inside, so that a masked access of a
// window needs no check?
bool vy__mask_is_proof(vy__flow *f, const vy__place *p, uint32_t value);

// i1 or <W x i1>: is the index inside? `lanes` 1 or W.
LLVMValueRef vy__inside(vy__flow *f, const vy__place *p, vy_type type,
                        LLVMValueRef index, uint32_t lanes);
// i1: are `count` elements from `first` on inside, none of them wrapped?
LLVMValueRef vy__window_inside(vy__flow *f, const vy__place *p, vy_type type,
                               LLVMValueRef first, uint32_t count);

// Address of an element; the type of its scalar, as stored.
LLVMValueRef vy__element_at(vy__flow *f, const vy__place *p,
                            LLVMValueRef index64);
LLVMTypeRef vy__word_of(vy__flow *f, const vy__place *p);
// Of the window that the lanes access, all inside, from index `first` on.
LLVMValueRef vy__window_at(vy__flow *f, uint32_t value, const vy__place *p,
                           vy_type type, LLVMValueRef first);
// Do the lanes' accesses make up a window of consecutive elements?
bool vy__is_window(const vy__flow *f, const vy__place *p,
                   const vy__lane_value *index);

// <W x word>: what the lanes' own pointers point to, loaded one by one.
LLVMValueRef vy__load_each(vy__flow *f, LLVMTypeRef word,
                           LLVMValueRef pointers);

// For strict bounds: report the lanes that run where `ok` does not hold, of an
// access at one index or at one a lane.
void vy__report_even(vy__flow *f, uint32_t value, LLVMValueRef ok,
                     LLVMValueRef index64, const vy__place *p, vy_type type);
void vy__report_lanes(vy__flow *f, uint32_t value, LLVMValueRef ok,
                      LLVMValueRef index, const vy__place *p, vy_type type);

// Lanes of first + lane * stride one by one, where some may be outside; raw.
LLVMValueRef vy__window_slowly(vy__flow *f, const vy__place *p, vy_type type,
                               LLVMValueRef first, int64_t stride);

// ---- strided.c: loads whose lanes are a few words apart

bool vy__is_strided(const vy__flow *f, const vy__place *p,
                    const vy__lane_value *index);
LLVMValueRef vy__load_strided(vy__flow *f, uint32_t value, const vy__place *p,
                              vy_type type, const vy__lane_value *index);

// ---- ahead.c

// Before load `value` of `size` bytes from `at` on: what lies behind them, if
// groups to come are likely to read it.
void vy__fetch_ahead(vy__flow *f, uint32_t value, LLVMValueRef at,
                     uint32_t size);

// ---- table.c: small constant tables

void vy__load_table(vy__flow *f, uint32_t value, const vy__place *p,
                    vy_type type, LLVMValueRef index);

// ---- packed.c: stores whose lanes close up

// Is the index of value `index` that of such a store?
bool vy__closes_up(vy__flow *f, const vy__place *p, uint32_t index);
// Store the lanes that run, if they are exactly those that were counted and
// all have an element. What follows, up to a jump to the block returned, is
// for all other cases.
LLVMBasicBlockRef vy__store_closed_up(vy__flow *f, const vy__place *p,
                                      uint32_t index, LLVMValueRef raw);

// A loop over the lanes whose bits are set in i32 `bits`.
typedef struct vy__lane_loop {
  LLVMBasicBlockRef body, done;
  LLVMValueRef slot, bits;
  LLVMValueRef lane; // i64
} vy__lane_loop;
void vy__lanes_begin(vy__flow *f, vy__lane_loop *l, LLVMValueRef bits);
void vy__lanes_end(vy__flow *f, vy__lane_loop *l);

// Vectors on the stack, for access by a lane number.
LLVMValueRef vy__park(vy__flow *f, LLVMValueRef vector);
LLVMValueRef vy__parked(vy__flow *f, LLVMValueRef slot, LLVMTypeRef element,
                        LLVMValueRef lane);
LLVMValueRef vy__parked_at(vy__flow *f, LLVMValueRef slot, LLVMTypeRef element,
                           LLVMValueRef lane);

#endif

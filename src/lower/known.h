// What control says of values: conditions that hold where a statement stands,
// and what follows from them for the intervals of values and for indices
// against the length of a buffer.
#ifndef VY__LOWER_KNOWN_H
#define VY__LOWER_KNOWN_H

#include "lower/pass.h"

#define VY__KNOWN_SCALAR (VY__NONE - 1)

// One thing known of a value.
typedef struct vy__relation {
  uint32_t value;    // a core
  uint32_t param;    // VY__NONE: value in [lo, hi]; VY__KNOWN_SCALAR: value +
                     // lo < the scalar parameter hi; a vy__size_root
  vy__wide lo, hi;   // else: value + lo < len(param); hi unused
  uint32_t times;    // and value * times + lo < len(param); 0: not so
  uint32_t previous; // of the same core; VY__NONE: none
} vy__relation;

typedef struct vy__known {
  const vy_program *program;
  const vy_allocator *alloc;
  vy__interval *range; // by value: from operands and leaves alone
  vy__interval *sure;  // likewise, for lanes that are not here too
  uint32_t *core;      // by value: one that is always the same number
  uint32_t *newest;    // by core: its newest relation
  uint32_t *table;     // finds equal values
  uint32_t table_size;
  uint32_t length[2][VY__MAX_PARAMS]; // a LEN and a LEN64 of each buffer
  uint32_t ids[2][3];                 // a LANE and a GROUP_ID of each dimension
  uint64_t fixed[VY__MAX_PARAMS];     // length given as a number; else 0
  vy__relation *relations;
  size_t count, capacity;
  bool failed; // out of memory
} vy__known;

bool vy__known_begin(vy__known *k, const vy_program *p);
void vy__known_end(vy__known *k);

// `condition` is `truth` from here on, until vy__known_forget(mark) with the
// count before.
void vy__known_assume(vy__known *k, uint32_t condition, bool truth);
// The loop's variable is between its bounds.
void vy__known_loop(vy__known *k, const vy__stmt *loop);
void vy__known_forget(vy__known *k, size_t mark);

// The interval of a value here.
vy__interval vy__known_range(const vy__known *k, uint32_t id);
// x as y + n, where that sum is known not to wrap here.
uint32_t vy__known_peel(const vy__known *k, uint32_t id, vy__wide *n);
// Is value + more < the scalar parameter for sure here?
bool vy__known_under(const vy__known *k, uint32_t id, vy__wide more,
                     uint32_t param);
// Is value + (bytes - 1) < len(param) for sure here, value not negative?
bool vy__known_below(const vy__known *k, uint32_t id, uint32_t param,
                     uint32_t bytes);
// Is index `id`, which `a` bounds, and bytes - 1 more, below len(param) for
// sure here? By what is said of numbers against len(param) / n.
bool vy__known_whole(const vy__known *k, uint32_t id, const vy__affine *a,
                     uint32_t param, uint32_t bytes);
// Is index `id` below len(param) for sure here? By what is said of rows and
// columns against the factors of the length.
bool vy__known_in_matrix(const vy__known *k, uint32_t id, uint32_t param);

#endif

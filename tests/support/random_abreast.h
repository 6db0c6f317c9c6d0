// Inside random_abreast.c and random_abreast_values.c: a program being made.
#ifndef TESTS_RANDOM_ABREAST_H
#define TESTS_RANDOM_ABREAST_H

#include "support/random_gen.h"

enum { SOURCES = 3, TARGETS = 2, FAR = 18, FEW = 16, FRESH = 6 };

typedef struct typed {
  vy_type type;
  vy_val v;
} typed;

typedef struct plan {
  gen *g;
  vy_builder *b;
  vy_scalar n, m, k, i;
  vy_buf in[SOURCES], out[TARGETS], few, bytes, count;
  vy_type in_types[SOURCES], out_types[TARGETS];
  bool update[TARGETS];
  vy_arr table;
  uint32_t dimensions, width, height; // of rows; 0: n, m
  bool open;                          // `at` is there, whatever conditions say
  vy_val x, y, at;
  vy_val own[TARGETS];    // the lane's element of each
  uint32_t before, after; // elements around `at` that are there
  bool rows;              // so are those above and below
  bool stored;
  uint32_t left;      // accesses
  typed fresh[FRESH]; // what must show in what is stored
  uint32_t fresh_count;
} plan;

static inline bool chance(plan *p, uint32_t percent) {
  return gen_chance(p->g, percent);
}
static inline uint32_t below(plan *p, uint32_t n) { return gen_below(p->g, n); }
static inline vy_val number(plan *p, uint32_t n) { return vy_u32(p->b, n); }

static inline vy_val keep(plan *p, vy_type t, vy_val v) {
  if (p->fresh_count < FRESH)
    p->fresh[p->fresh_count++] = (typed){t, v};
  return gen_keep(p->g, t, v);
}

// a + b, in one order or the other; v + by, in one of its spellings.
vy_val abreast_sum(plan *p, vy_val a, vy_val b);
vy_val abreast_moved(plan *p, vy_val v, int32_t by);

// A value of type `to` from one of type `from`; any of those that are there;
// computed from such; compared in some way.
vy_val abreast_converted(plan *p, vy_type to, vy_type from, vy_val v);
vy_val abreast_some(plan *p, vy_type t);
vy_val abreast_mixed(plan *p, vy_type t, uint32_t depth);
vy_val abreast_compared(plan *p, vy_val a, vy_val b);

// Some load, most of all near `at`, if there are any left; what all lanes have
// in common; by what was loaded. These two as a u32.
void abreast_load(plan *p);
void abreast_load_window(plan *p);
vy_val abreast_load_alike(plan *p);
vy_val abreast_load_far(plan *p, bool used_again);

#endif

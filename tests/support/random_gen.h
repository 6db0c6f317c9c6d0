// Inside the generator of random programs: its state, and what its files
// offer one another.
#ifndef TESTS_RANDOM_GEN_H
#define TESTS_RANDOM_GEN_H

#include <string.h>

#include "support/numbers.h"
#include "support/random_program.h"

enum { TYPES = VY_TYPE_F64 + 1, POOL = 24, VARS = 10, WRITTEN = 3 };

typedef struct pool {
  vy_val at[POOL];
  uint32_t count;
} pool;

typedef struct gen {
  vy_builder *b;
  uint64_t rng;
  uint32_t features, left; // statements
  bool groups;
  uint32_t dimensions, group;
  pool pools[TYPES];
  vy_var vars[VARS];
  vy_type var_types[VARS];
  uint32_t var_count;
  vy_scalar n, k, f, q, g;
  vy_buf x, h, bytes, fixed, own[WRITTEN], own_bytes, acc;
  vy_buf parts; // of RANDOM_WINDOWS
  vy_type h_type, own_types[WRITTEN], part_types[3];
  uint32_t scales[WRITTEN], offsets[WRITTEN];
  vy_arr table, shared, counts;
  vy_type table_type, shared_type;
  uint32_t depth, loops;
  bool uniform; // may collectives stand here?
  bool jumps;   // may the innermost loop be left early?
} gen;

static inline uint32_t gen_below(gen *g, uint32_t n) {
  return (uint32_t)(numbers_next(&g->rng) % n);
}
static inline bool gen_chance(gen *g, uint32_t percent) {
  return gen_below(g, 100) < percent;
}

static inline bool gen_is_float(vy_type t) {
  return t == VY_TYPE_F32 || t == VY_TYPE_F64;
}
static inline bool gen_is_wide(vy_type t) {
  return t == VY_TYPE_I64 || t == VY_TYPE_U64 || t == VY_TYPE_F64;
}

static inline vy_type gen_type(gen *g, bool with_bool) {
  for (;;) {
    vy_type t = (vy_type)(1 + gen_below(g, TYPES - 1));
    if ((t == VY_TYPE_BOOL && !with_bool) ||
        (gen_is_float(t) && !(g->features & RANDOM_FLOATS)) ||
        (gen_is_wide(t) && !(g->features & RANDOM_WIDE)))
      continue;
    return gen_chance(g, 30) ? VY_TYPE_U32 : t;
  }
}

static inline vy_type gen_int(gen *g) {
  vy_type t = (vy_type)(VY_TYPE_I32 + gen_below(g, 4));
  return gen_is_wide(t) && !(g->features & RANDOM_WIDE) ? VY_TYPE_U32 : t;
}

static inline vy_val gen_op(gen *g, vy_op o, vy_val a, vy_val b) {
  return vy_build_op(g->b, o, a, b, vy_none());
}

static inline vy_val gen_keep(gen *g, vy_type t, vy_val v) {
  pool *p = &g->pools[t];
  if (p->count < POOL)
    p->at[p->count++] = v;
  else
    p->at[gen_below(g, POOL)] = v;
  return v;
}

// ---- values

vy_val gen_expr(gen *g, vy_type t, uint32_t depth);
// An index that is often inside, of any integer type.
vy_val gen_index(gen *g, uint32_t depth);
// The same for all lanes of a group.
vy_val gen_uniform(gen *g);
vy_type gen_loaded(vy_type stored); // type of a loaded element
// The lane's number over the whole domain.
vy_val gen_lane(gen *g);

// ---- memory of the lane's own

vy_val gen_own_index(gen *g, uint32_t which);
void gen_store_own(gen *g);
void gen_load_own(gen *g);
void gen_atomic(gen *g);

// ---- statements

// What a block makes is forgotten at its end, with what a full pool overwrote
// meanwhile.
typedef struct gen_scope {
  pool pools[TYPES];
  uint32_t loops;
  bool uniform, jumps;
} gen_scope;

static inline gen_scope gen_enter(gen *g) {
  gen_scope s = {.loops = g->loops, .uniform = g->uniform, .jumps = g->jumps};
  memcpy(s.pools, g->pools, sizeof s.pools);
  g->depth++;
  return s;
}

static inline void gen_leave(gen *g, const gen_scope *s) {
  memcpy(g->pools, s->pools, sizeof s->pools);
  g->depth--;
  g->loops = s->loops;
  g->uniform = s->uniform;
  g->jumps = s->jumps;
}

void gen_statements(gen *g, uint32_t most);
// Accesses at the very ends of their memory, under the conditions that keep
// them inside, or nearly do.
void gen_edge(gen *g);
// A private array at constant indices.
void gen_registers(gen *g);
// Four neighbours of the buffer of fixed length, together; stores to all four
// elements of the lane's own in the first written buffer.
vy_val gen_four(gen *g, uint32_t depth);
void gen_store_four(gen *g);
// A condition that loads four, others as the counter counts.
vy_val gen_go_on(gen *g, vy_val counter);
// What lanes side by side access side by side.
void gen_windows(gen *g);
void gen_parts(gen *g); // a parameter for it
// The whole of a program of RANDOM_ABREAST, its parameters and domain too.
void gen_abreast(gen *g);

#endif

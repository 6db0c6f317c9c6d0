// The generator. Values made so far wait in pools by type, so that they are
// used again; what a block made is forgotten at its end. Races are avoided by
// construction: a lane touches written buffers only at elements of its own,
// group arrays change only between barriers, atomics commute and their
// results are not used.
#include "support/random_program.h"

#include <stdio.h>
#include <string.h>

#include "support/numbers.h"

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
  vy_buf x, h, bytes, own[WRITTEN], own_bytes, acc;
  vy_type h_type, own_types[WRITTEN];
  uint32_t scales[WRITTEN], offsets[WRITTEN];
  vy_arr table, shared, counts;
  vy_type table_type, shared_type;
  uint32_t depth, loops;
  bool uniform; // may collectives stand here?
  bool jumps;   // may the innermost loop be left early?
} gen;

static uint32_t below(gen *g, uint32_t n) {
  return (uint32_t)(numbers_next(&g->rng) % n);
}
static bool chance(gen *g, uint32_t percent) { return below(g, 100) < percent; }

static bool is_float(vy_type t) { return t == VY_TYPE_F32 || t == VY_TYPE_F64; }
static bool is_wide(vy_type t) {
  return t == VY_TYPE_I64 || t == VY_TYPE_U64 || t == VY_TYPE_F64;
}

static vy_type some_type(gen *g, bool with_bool) {
  for (;;) {
    vy_type t = (vy_type)(1 + below(g, TYPES - 1));
    if ((t == VY_TYPE_BOOL && !with_bool) ||
        (is_float(t) && !(g->features & RANDOM_FLOATS)) ||
        (is_wide(t) && !(g->features & RANDOM_WIDE)))
      continue;
    return chance(g, 30) ? VY_TYPE_U32 : t;
  }
}

static vy_type some_int(gen *g) {
  vy_type t = (vy_type)(VY_TYPE_I32 + below(g, 4));
  return is_wide(t) && !(g->features & RANDOM_WIDE) ? VY_TYPE_U32 : t;
}

static vy_val op(gen *g, vy_op o, vy_val a, vy_val b) {
  return vy_build_op(g->b, o, a, b, vy_none());
}

static vy_val keep(gen *g, vy_type t, vy_val v) {
  pool *p = &g->pools[t];
  if (p->count < POOL)
    p->at[p->count++] = v;
  else
    p->at[below(g, POOL)] = v;
  return v;
}

// ---- values

static uint64_t literal_bits(gen *g, vy_type t) {
  static const uint64_t ints[] = {0, 1, 2, 3, 4, 7, 8, 31, 64, 255, 256};
  static const double floats[] = {0.0, 1.0, -1.0, 2.0, 0.5, 3.25, 1e30, 1e-40};
  if (t == VY_TYPE_BOOL)
    return below(g, 2);
  uint64_t v = ints[below(g, sizeof ints / sizeof *ints)];
  if (is_float(t)) {
    double d = floats[below(g, sizeof floats / sizeof *floats)];
    float s = (float)d;
    uint32_t half;
    memcpy(&half, &s, 4);
    memcpy(&v, &d, 8);
    v = t == VY_TYPE_F32 ? half : v;
    if (chance(g, 20)) // minus zero among them
      v ^= t == VY_TYPE_F32 ? UINT64_C(1) << 31 : UINT64_C(1) << 63;
    return v;
  }
  if (chance(g, 15))
    v = numbers_next(&g->rng);
  if (chance(g, 20))
    v = ~v;
  if (chance(g, 10))
    v = UINT64_C(1) << below(g, 64);
  return is_wide(t) ? v : (uint32_t)v;
}

static vy_val expr(gen *g, vy_type t, uint32_t depth);

static vy_val leaf_u32(gen *g) {
  static const vy_op ids[] = {VY_OP_LANE, VY_OP_NUM_LANES, VY_OP_LOCAL,
                              VY_OP_GROUP_ID, VY_OP_NUM_GROUPS};
  uint32_t d = below(g, g->dimensions);
  switch (below(g, 4)) {
  case 0:
    return vy_build_scalar(g->b, g->n);
  case 1:
    return vy_build_len(g->b, chance(g, 50) ? g->x : g->own[0]);
  default:
    return vy_build_id(g->b, ids[below(g, g->groups ? 5 : 2)], d);
  }
}

static vy_val leaf(gen *g, vy_type t) {
  pool *p = &g->pools[t];
  if (p->count && chance(g, 60))
    return p->at[below(g, p->count)];
  if (chance(g, 50)) {
    if (t == VY_TYPE_U32)
      return leaf_u32(g);
    if (t == VY_TYPE_I32)
      return vy_build_scalar(g->b, g->k);
    if (t == VY_TYPE_F32)
      return vy_build_scalar(g->b, g->f);
    if (t == VY_TYPE_U64)
      return chance(g, 70) ? vy_build_scalar(g->b, g->q)
                           : vy_build_len64(g->b, g->h);
    if (t == VY_TYPE_F64)
      return vy_build_scalar(g->b, g->g);
  }
  return vy_build_literal(g->b, t, literal_bits(g, t));
}

// An index that is often inside, of any integer type.
static vy_val index_of(gen *g, uint32_t depth) {
  vy_type t = chance(g, 60) ? VY_TYPE_U32 : some_int(g);
  vy_val v = expr(g, t, depth);
  vy_val c = vy_build_literal(g->b, t, below(g, 40) + 1);
  switch (below(g, 6)) {
  case 0:
    return op(g, VY_OP_AND, v, vy_build_literal(g->b, t, 15));
  case 1:
    return op(g, VY_OP_REM, v, c);
  case 2:
    return vy_build_literal(g->b, t, below(g, 40));
  case 3:
    v = vy_build_convert(g->b, t, vy_build_id(g->b, VY_OP_LANE, 0));
    return chance(g, 50) ? v
                         : op(g, chance(g, 70) ? VY_OP_ADD : VY_OP_SUB, v, c);
  case 4:
    return op(g, VY_OP_MIN, v, c);
  default:
    return v;
  }
}

static vy_type stored_value_type(vy_type t) {
  if (t == VY_TYPE_I8 || t == VY_TYPE_I16)
    return VY_TYPE_I32;
  if (t == VY_TYPE_U8 || t == VY_TYPE_U16)
    return VY_TYPE_U32;
  return t == VY_TYPE_F16 || t == VY_TYPE_BF16 ? VY_TYPE_F32 : t;
}

// A pure load of this type; {0}: there is none.
static vy_val pure_load(gen *g, vy_type t, uint32_t depth) {
  uint32_t which = below(g, 4);
  if (which == 0 && stored_value_type(g->h_type) == t)
    return vy_build_load(g->b, g->h, 0, index_of(g, depth));
  if (which == 1 && stored_value_type(g->table_type) == t &&
      g->features & RANDOM_ARRAYS)
    return vy_build_read(g->b, g->table, index_of(g, depth));
  if (which == 2 && t == VY_TYPE_U64)
    return vy_build_load_bytes(g->b, VY_OP_LOAD_U64, g->bytes,
                               index_of(g, depth));
  if (t != VY_TYPE_U32)
    return vy_none();
  if (which == 2)
    return vy_build_load_bytes(g->b,
                               chance(g, 50) ? VY_OP_LOAD_U16 : VY_OP_LOAD_U32,
                               g->bytes, index_of(g, depth));
  return vy_build_load(g->b, g->x, 0, index_of(g, depth));
}

static vy_val bool_expr(gen *g, uint32_t depth) {
  static const vy_op logic[] = {VY_OP_AND, VY_OP_OR, VY_OP_XOR, VY_OP_EQ,
                                VY_OP_NE};
  static const vy_op tests[] = {VY_OP_ISNAN, VY_OP_ISINF, VY_OP_ISFINITE,
                                VY_OP_SIGNBIT};
  vy_type t = some_type(g, false);
  if (is_float(t) && chance(g, 30))
    return op(g, tests[below(g, 4)], expr(g, t, depth - 1), vy_none());
  if (chance(g, 70)) {
    vy_val a = expr(g, t, depth - 1);
    vy_val b = chance(g, 10) ? a : expr(g, t, depth - 1);
    return op(g, (vy_op)(VY_OP_EQ + below(g, 6)), a, b);
  }
  vy_val a = expr(g, VY_TYPE_BOOL, depth - 1);
  if (chance(g, 25))
    return op(g, VY_OP_NOT, a, vy_none());
  return op(g, logic[below(g, 5)], a,
            chance(g, 10) ? a : expr(g, VY_TYPE_BOOL, depth - 1));
}

static vy_val int_expr(gen *g, vy_type t, uint32_t depth) {
  static const vy_op binary[] = {
      VY_OP_ADD, VY_OP_SUB,      VY_OP_MUL,     VY_OP_DIV,     VY_OP_REM,
      VY_OP_MIN, VY_OP_MAX,      VY_OP_AND,     VY_OP_OR,      VY_OP_XOR,
      VY_OP_ADD, VY_OP_MUL_HIGH, VY_OP_ADD_SAT, VY_OP_SUB_SAT, VY_OP_MUL};
  static const vy_op unary[] = {VY_OP_NEG, VY_OP_ABS,       VY_OP_NOT,
                                VY_OP_CLZ, VY_OP_CTZ,       VY_OP_POPCOUNT,
                                VY_OP_NOT, VY_OP_BYTE_SWAP, VY_OP_REVERSE_BITS};
  vy_val a = expr(g, t, depth - 1);
  if (chance(g, 15))
    return op(g, unary[below(g, 9)], a, vy_none());
  if (chance(g, 15)) {
    vy_type by = chance(g, 70) ? t : some_int(g);
    vy_val amount = chance(g, 60) ? vy_build_literal(g->b, by, below(g, 70))
                                  : expr(g, by, depth - 1);
    return op(g, (vy_op)(VY_OP_SHL + below(g, 4)), a, amount);
  }
  if ((t == VY_TYPE_U32 || t == VY_TYPE_U64) && chance(g, 5)) {
    vy_type from = chance(g, 50) ? t : (vy_type)(t - 1); // i32, i64
    return op(g, VY_OP_ABS_DIFF, expr(g, from, depth - 1),
              expr(g, from, depth - 1));
  }
  vy_val b = chance(g, 8)    ? a
             : chance(g, 35) ? vy_build_literal(g->b, t, literal_bits(g, t))
                             : expr(g, t, depth - 1);
  return chance(g, 20) ? op(g, binary[below(g, 15)], b, a)
                       : op(g, binary[below(g, 15)], a, b);
}

static vy_val float_expr(gen *g, vy_type t, uint32_t depth) {
  static const vy_op binary[] = {VY_OP_ADD, VY_OP_SUB,     VY_OP_MUL,
                                 VY_OP_DIV, VY_OP_MIN,     VY_OP_MAX,
                                 VY_OP_REM, VY_OP_COPYSIGN};
  static const vy_op unary[] = {VY_OP_NEG,   VY_OP_ABS,  VY_OP_SQRT,
                                VY_OP_FLOOR, VY_OP_CEIL, VY_OP_TRUNC,
                                VY_OP_NEG,   VY_OP_ABS,  VY_OP_ROUND_EVEN};
  vy_val a = expr(g, t, depth - 1);
  if (chance(g, 30))
    return op(g, unary[below(g, 9)], a, vy_none());
  vy_val b = chance(g, 8)    ? a
             : chance(g, 35) ? vy_build_literal(g->b, t, literal_bits(g, t))
                             : expr(g, t, depth - 1);
  if (chance(g, 10))
    return vy_build_op(g->b, VY_OP_FMA, a, b, expr(g, t, depth - 1));
  return chance(g, 30) ? op(g, binary[below(g, 8)], b, a)
                       : op(g, binary[below(g, 8)], a, b);
}

static vy_val some_bitcast(gen *g, vy_type t, uint32_t depth) {
  for (int i = 0; i < 20; i++) { // without wide types there may be none
    vy_type from = some_type(g, false);
    if (is_wide(from) == is_wide(t))
      return vy_build_bitcast(g->b, t, expr(g, from, depth - 1));
  }
  return leaf(g, t);
}

static vy_val expr(gen *g, vy_type t, uint32_t depth) {
  if (!depth || chance(g, 15))
    return leaf(g, t);
  if (chance(g, 8)) {
    vy_val c = expr(g, VY_TYPE_BOOL, depth - 1), a = expr(g, t, depth - 1);
    return vy_select(g->b, c, a, chance(g, 10) ? a : expr(g, t, depth - 1));
  }
  if (chance(g, 12))
    return vy_build_convert(g->b, t, expr(g, some_type(g, true), depth - 1));
  if (t == VY_TYPE_BOOL)
    return bool_expr(g, depth);
  if (chance(g, 3))
    return some_bitcast(g, t, depth);
  if (chance(g, 12)) {
    vy_val v = pure_load(g, t, depth - 1);
    if (v.id)
      return v;
  }
  return is_float(t) ? float_expr(g, t, depth) : int_expr(g, t, depth);
}

// The same for all lanes of a group.
static vy_val uniform_u32(gen *g) {
  switch (below(g, 3)) {
  case 0:
    return vy_build_scalar(g->b, g->n);
  case 1:
    return g->groups ? vy_build_id(g->b, VY_OP_GROUP_ID, 0)
                     : vy_build_len(g->b, g->x);
  default:
    return vy_u32(g->b, below(g, 9));
  }
}

// ---- memory

// The lane's number over the whole domain.
static vy_val linear_lane(gen *g) {
  vy_val v = vy_build_id(g->b, VY_OP_LANE, 0);
  if (g->dimensions == 2)
    v = vy_add(g->b, v,
               vy_mul(g->b, vy_build_id(g->b, VY_OP_LANE, 1),
                      vy_build_id(g->b, VY_OP_NUM_LANES, 0)));
  return v;
}

// Element scale * lane + offset + extra of a written buffer, where extra is
// below scale: nobody else's. Several spellings; with a large offset the
// last lanes, or with a negative one the first, are outside.
static vy_val own_index(gen *g, uint32_t which) {
  uint32_t scale = g->scales[which];
  uint32_t offset = g->offsets[which] + below(g, scale);
  vy_val v = linear_lane(g);
  vy_type t = chance(g, 70) ? VY_TYPE_U32 : some_int(g);
  if (t != VY_TYPE_U32)
    v = vy_build_convert(g->b, t, v);
  bool shift = scale > 1 && !(scale & (scale - 1)) && chance(g, 50);
  if (shift)
    v = vy_shl(g->b, v, vy_u32(g->b, scale == 2 ? 1 : 2));
  else if (scale > 1 || chance(g, 20))
    v = vy_mul(g->b, v, vy_build_literal(g->b, t, scale));
  uint64_t add = t == VY_TYPE_I64 || t == VY_TYPE_U64
                     ? (uint64_t)(int64_t)(int32_t)offset
                     : offset;
  return add || chance(g, 20) ? vy_add(g->b, v, vy_build_literal(g->b, t, add))
                              : v;
}

static void store_own(gen *g) {
  if (chance(g, 15)) { // eight bytes for each lane
    vy_val at = vy_mul(g->b, linear_lane(g), vy_u32(g->b, 8));
    uint32_t size = 2u << below(g, 3);
    at = vy_add(g->b, at, vy_u32(g->b, below(g, 9 - size)));
    vy_op o = size == 2   ? VY_OP_STORE_U16
              : size == 4 ? VY_OP_STORE_U32
                          : VY_OP_STORE_U64;
    vy_type t = size == 8 ? VY_TYPE_U64 : VY_TYPE_U32;
    vy_build_store_bytes(g->b, o, g->own_bytes, at, expr(g, t, 2));
    return;
  }
  uint32_t which = below(g, WRITTEN);
  vy_type t = stored_value_type(g->own_types[which]);
  vy_build_store(g->b, g->own[which], 0, own_index(g, which), expr(g, t, 3));
}

static void load_own(gen *g) {
  uint32_t which = below(g, WRITTEN);
  vy_type t = stored_value_type(g->own_types[which]);
  keep(g, t, vy_build_load(g->b, g->own[which], 0, own_index(g, which)));
}

static void atomic(gen *g) {
  vy_val at = index_of(g, 1), v = expr(g, VY_TYPE_U32, 2);
  vy_build_atomic(g->b, VY_OP_ATOMIC_ADD, g->acc, at, v, vy_none());
}

// ---- statements

static void statements(gen *g, uint32_t most);

typedef struct scope {
  uint32_t counts[TYPES], loops;
  bool uniform, jumps;
} scope;

static scope enter(gen *g) {
  scope s = {.loops = g->loops, .uniform = g->uniform, .jumps = g->jumps};
  for (int t = 0; t < TYPES; t++)
    s.counts[t] = g->pools[t].count;
  g->depth++;
  return s;
}

// A full pool overwrites at random; what was there before is then forgotten
// too.
static void leave(gen *g, const scope *s, const pool before[TYPES]) {
  for (int t = 0; t < TYPES; t++)
    g->pools[t] = before[t];
  g->depth--;
  g->loops = s->loops;
  g->uniform = s->uniform;
  g->jumps = s->jumps;
}

static void branch(gen *g) {
  bool same = g->uniform && chance(g, 50);
  vy_val c = same ? op(g, (vy_op)(VY_OP_EQ + below(g, 6)), uniform_u32(g),
                       uniform_u32(g))
                  : expr(g, VY_TYPE_BOOL, 2);
  pool before[TYPES];
  memcpy(before, g->pools, sizeof before);
  scope s = enter(g);
  g->uniform = g->uniform && same;
  vy_build_if(g->b, c);
  statements(g, 3);
  if (chance(g, 50)) {
    vy_build_else(g->b);
    memcpy(g->pools, before, sizeof before);
    statements(g, 3);
  }
  vy_build_end(g->b);
  leave(g, &s, before);
}

static void guarded(gen *g) { // if (i < len(x)) ... x[i]
  vy_val i = chance(g, 50) ? linear_lane(g) : expr(g, VY_TYPE_U32, 1);
  vy_val n = vy_build_len(g->b, g->x);
  vy_val c = chance(g, 50) ? op(g, VY_OP_LT, i, n) : op(g, VY_OP_GT, n, i);
  pool before[TYPES];
  memcpy(before, g->pools, sizeof before);
  scope s = enter(g);
  g->uniform = false;
  vy_build_if(g->b, c);
  keep(g, VY_TYPE_U32, vy_build_load(g->b, g->x, 0, i));
  statements(g, 2);
  vy_build_end(g->b);
  leave(g, &s, before);
}

static vy_val bound(gen *g, vy_type t, bool same) {
  if (same || chance(g, 40))
    return vy_build_literal(g->b, t, below(g, 9));
  vy_val seven = vy_build_literal(g->b, t, 7);
  return op(g, VY_OP_AND, expr(g, t, 1), seven);
}

static void loop_for(gen *g) {
  bool same = g->uniform && chance(g, 60);
  vy_type t = same ? VY_TYPE_U32 : some_int(g);
  vy_val lo = bound(g, t, same), hi = bound(g, t, same);
  vy_val step = vy_build_literal(g->b, t, chance(g, 80) ? 1 : below(g, 4));
  if (chance(g, 10)) { // close to the end of the type
    uint64_t top = is_wide(t) ? UINT64_MAX : UINT32_MAX;
    top = t == VY_TYPE_I32 || t == VY_TYPE_I64 ? top >> 1 : top;
    lo = vy_build_literal(g->b, t, top - below(g, 6));
    hi = vy_build_literal(g->b, t, top);
    step = vy_build_literal(g->b, t, below(g, 4));
  }
  pool before[TYPES];
  memcpy(before, g->pools, sizeof before);
  scope s = enter(g);
  g->loops++;
  g->uniform = same;
  g->jumps = !same;
  keep(g, t, vy_build_for(g->b, lo, hi, step));
  statements(g, 3);
  vy_build_end(g->b);
  leave(g, &s, before);
}

static void loop_while(gen *g) {
  vy_var counter = vy_builder_var(g->b, VY_TYPE_U32);
  vy_build_set(g->b, counter, vy_u32(g->b, 0));
  vy_val most = bound(g, VY_TYPE_U32, false);
  pool before[TYPES];
  memcpy(before, g->pools, sizeof before);
  scope s = enter(g);
  g->loops++;
  g->uniform = false;
  vy_build_while(g->b);
  vy_val c = vy_build_get(g->b, counter);
  vy_val go = vy_lt(g->b, c, most);
  if (chance(g, 30))
    go = vy_and(g->b, go, expr(g, VY_TYPE_BOOL, 1));
  vy_build_while_condition(g->b, go);
  vy_build_set(g->b, counter, vy_add(g->b, c, vy_u32(g->b, 1)));
  keep(g, VY_TYPE_U32, c);
  g->jumps = true;
  statements(g, 3);
  vy_build_end(g->b);
  leave(g, &s, before);
}

static void block(gen *g) {
  pool before[TYPES];
  memcpy(before, g->pools, sizeof before);
  scope s = enter(g);
  g->uniform = g->jumps = false;
  vy_build_block(g->b);
  statements(g, 2);
  vy_build_if(g->b, expr(g, VY_TYPE_BOOL, 2));
  vy_build_leave(g->b);
  vy_build_end(g->b);
  statements(g, 2);
  vy_build_end(g->b);
  leave(g, &s, before);
}

static void jump(gen *g) {
  vy_build_if(g->b, expr(g, VY_TYPE_BOOL, 2));
  if (!g->groups && chance(g, 20))
    vy_build_return(g->b);
  else if (chance(g, 50))
    vy_build_break(g->b);
  else
    vy_build_continue(g->b);
  vy_build_end(g->b);
}

static void private_array(gen *g) {
  vy_type t = chance(g, 70) ? VY_TYPE_U32 : VY_TYPE_I16;
  vy_arr a = vy_builder_private_array(g->b, t, vy_size_literal(g->b, 16));
  vy_type v = stored_value_type(t);
  for (uint32_t i = 1 + below(g, 3); i-- > 0;)
    vy_build_write(g->b, a, index_of(g, 2), expr(g, v, 2));
  keep(g, v, vy_build_read(g->b, a, index_of(g, 2)));
}

static void meet(gen *g) {
  static const vy_op ops[] = {
      VY_OP_GROUP_REDUCE_ADD,    VY_OP_GROUP_REDUCE_MIN,
      VY_OP_GROUP_REDUCE_MAX,    VY_OP_GROUP_SCAN_INCL_ADD,
      VY_OP_GROUP_SCAN_EXCL_ADD, VY_OP_GROUP_BROADCAST,
      VY_OP_GROUP_SHUFFLE,       VY_OP_GROUP_REDUCE_AND,
      VY_OP_GROUP_REDUCE_OR,     VY_OP_GROUP_REDUCE_XOR};
  switch (below(g, 6)) {
  case 0: { // an exchange through group memory
    vy_type t = stored_value_type(g->shared_type);
    vy_val at = vy_build_id(g->b, VY_OP_LOCAL, 0);
    if (g->dimensions == 2)
      at = vy_add(g->b, at,
                  vy_mul(g->b, vy_build_id(g->b, VY_OP_LOCAL, 1),
                         vy_build_id(g->b, VY_OP_GROUP_SIZE, 0)));
    vy_build_write(g->b, g->shared, at, expr(g, t, 2));
    vy_build_barrier(g->b);
    keep(g, t, vy_build_read(g->b, g->shared, index_of(g, 2)));
    vy_build_barrier(g->b);
    return;
  }
  case 1:
    if (!(g->features & RANDOM_ATOMICS))
      return;
    vy_build_array_atomic(g->b, VY_OP_ATOMIC_ADD, g->counts, index_of(g, 1),
                          expr(g, VY_TYPE_U32, 1), vy_none());
    vy_build_barrier(g->b);
    keep(g, VY_TYPE_U32, vy_build_read(g->b, g->counts, index_of(g, 1)));
    vy_build_barrier(g->b);
    return;
  case 2:
    keep(g, VY_TYPE_BOOL,
         vy_build_collective(g->b,
                             chance(g, 50) ? VY_OP_GROUP_ANY : VY_OP_GROUP_ALL,
                             expr(g, VY_TYPE_BOOL, 2), vy_none()));
    return;
  case 3:
    keep(g, VY_TYPE_U32,
         chance(g, 50)
             ? vy_build_collective(g->b, VY_OP_GROUP_BALLOT,
                                   expr(g, VY_TYPE_BOOL, 2), vy_none())
             : vy_build_rank(g->b, expr(g, VY_TYPE_U32, 2), 1 + below(g, 8)));
    return;
  default: {
    vy_op o = ops[below(g, 10)];
    vy_type t = o >= VY_OP_GROUP_REDUCE_AND && o <= VY_OP_GROUP_REDUCE_XOR
                    ? some_int(g)
                    : some_type(g, false);
    vy_val i = o == VY_OP_GROUP_BROADCAST ? uniform_u32(g)
               : o == VY_OP_GROUP_SHUFFLE ? index_of(g, 1)
                                          : vy_none();
    keep(g, t, vy_build_collective(g->b, o, expr(g, t, 2), i));
  }
  }
}

static void statement(gen *g) {
  uint32_t v = below(g, g->var_count);
  bool deep = g->depth >= 4, loops = g->features & RANDOM_LOOPS;
  switch (below(g, 16)) {
  case 0:
  case 1:
    vy_build_set(g->b, g->vars[v], expr(g, g->var_types[v], 3));
    return;
  case 2:
  case 3:
    keep(g, g->var_types[v], vy_build_get(g->b, g->vars[v]));
    return;
  case 4: {
    vy_type t = some_type(g, true);
    keep(g, t, expr(g, t, 3));
    return;
  }
  case 5:
  case 6:
    store_own(g);
    return;
  case 7:
    load_own(g);
    return;
  case 8:
    if (!deep)
      branch(g);
    return;
  case 9:
    if (!deep)
      guarded(g);
    return;
  case 10:
    if (!deep && loops && g->loops < 2)
      loop_for(g);
    return;
  case 11:
    if (!deep && loops && g->loops < 2)
      loop_while(g);
    return;
  case 12:
    if (g->jumps && loops && g->loops && chance(g, 50))
      jump(g);
    else if (!deep)
      block(g);
    return;
  case 13:
    if (g->features & RANDOM_ARRAYS)
      private_array(g);
    return;
  case 14:
    if (g->features & RANDOM_ATOMICS)
      atomic(g);
    return;
  default:
    if (g->uniform && g->groups)
      meet(g);
    return;
  }
}

static void statements(gen *g, uint32_t most) {
  for (uint32_t i = 1 + below(g, most); i-- > 0 && g->left;) {
    g->left--;
    statement(g);
  }
}

// ---- the whole

static void parameters(gen *g) {
  static const vy_type stored[] = {VY_TYPE_I8,  VY_TYPE_U8,  VY_TYPE_I16,
                                   VY_TYPE_U16, VY_TYPE_U32, VY_TYPE_I32,
                                   VY_TYPE_U64, VY_TYPE_I64, VY_TYPE_F32,
                                   VY_TYPE_F64, VY_TYPE_F16, VY_TYPE_BF16};
  // Floats and wide types come last and are left out by counting less.
  uint32_t kinds = g->features & RANDOM_FLOATS ? 12
                   : g->features & RANDOM_WIDE ? 8
                                               : 6;
  vy_builder *b = g->b;
  g->n = vy_builder_scalar(b, vy_str_c("n"), VY_TYPE_U32);
  g->k = vy_builder_scalar(b, vy_str_c("k"), VY_TYPE_I32);
  g->f = vy_builder_scalar(b, vy_str_c("f"), VY_TYPE_F32);
  g->q = vy_builder_scalar(b, vy_str_c("q"), VY_TYPE_U64);
  g->g = vy_builder_scalar(b, vy_str_c("g"), VY_TYPE_F64);
  g->x = vy_builder_buffer(b, vy_str_c("x"), VY_ACCESS_READ, VY_TYPE_U32);
  g->h_type = stored[below(g, kinds)];
  g->h = vy_builder_buffer(b, vy_str_c("h"), VY_ACCESS_READ, g->h_type);
  g->bytes = vy_builder_buffer(b, vy_str_c("c"), VY_ACCESS_READ, VY_TYPE_U8);
  static const char *const names[WRITTEN] = {"y", "z", "w"};
  for (uint32_t i = 0; i < WRITTEN; i++) {
    vy_type t = i ? stored[below(g, kinds)] : VY_TYPE_U32;
    g->own_types[i] = t;
    g->own[i] = vy_builder_buffer(
        b, vy_str_c(names[i]), i == 1 ? VY_ACCESS_WRITE : VY_ACCESS_UPDATE, t);
    g->scales[i] = 1 + below(g, 4);
    g->offsets[i] = chance(g, 60) ? 0 : (uint32_t)(below(g, 8) - 4);
  }
  if (chance(g, 50))
    vy_builder_set_length(b, g->own[1], vy_size_len(b, g->x));
  g->own_bytes =
      vy_builder_buffer(b, vy_str_c("d"), VY_ACCESS_UPDATE, VY_TYPE_U8);
  g->acc = vy_builder_buffer(b, vy_str_c("a"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  uint64_t bits[16];
  g->table_type = stored[below(g, kinds)];
  for (uint32_t i = 0; i < 16; i++) {
    static const uint8_t widths[] = {8, 8, 16, 16, 32, 32, 64, 64, 0, 0, 0, 0};
    uint32_t width = 0;
    for (uint32_t k = 0; k < 12; k++)
      width = stored[k] == g->table_type ? widths[k] : width;
    bits[i] = numbers_next(&g->rng);
    bits[i] = width == 64 ? bits[i] : bits[i] & ((UINT64_C(1) << width) - 1);
  }
  if (g->features & RANDOM_ARRAYS)
    g->table = vy_builder_table(b, g->table_type, bits, 16);
}

static void domain(gen *g) {
  static const uint32_t sizes[] = {1, 4, 7, 16, 32, 48};
  vy_builder *b = g->b;
  g->dimensions = chance(g, 75) ? 1 : 2;
  g->groups = g->features & RANDOM_GROUPS && chance(g, 50);
  g->group = sizes[below(g, 6)];
  vy_size second = vy_size_literal(b, 1 + below(g, 3));
  vy_size group[2] = {vy_size_literal(b, g->group),
                      vy_size_literal(b, 1 + below(g, 2))};
  vy_size n = chance(g, 50) ? vy_size_scalar(b, g->n) : vy_size_len(b, g->x);
  vy_size lanes[2] = {n, second};
  if (g->groups) {
    vy_size groups[2] = {vy_size_literal(b, 1 + below(g, 3)), second};
    vy_builder_groups(b, g->dimensions, groups);
    vy_builder_group(b, g->dimensions, group);
    g->shared_type = chance(g, 70) ? VY_TYPE_U32 : VY_TYPE_I16;
    g->shared = vy_builder_group_array(b, g->shared_type,
                                       vy_size_literal(b, 30 + below(g, 70)));
    g->counts = vy_builder_group_array(b, VY_TYPE_U32, vy_size_literal(b, 16));
  } else {
    vy_builder_lanes(b, g->dimensions, lanes);
  }
}

// What the variables hold shows in the first written buffer.
static void show_variables(gen *g) {
  vy_val sum = vy_u32(g->b, 0);
  for (uint32_t i = 0; i < g->var_count; i++) {
    vy_val v = vy_build_get(g->b, g->vars[i]);
    vy_type t = g->var_types[i];
    if (is_float(t))
      v = vy_build_bitcast(g->b, t == VY_TYPE_F32 ? VY_TYPE_U32 : VY_TYPE_U64,
                           v);
    if (t != VY_TYPE_F32)
      v = vy_build_convert(g->b, VY_TYPE_U32, v);
    sum = vy_add(g->b, vy_mul(g->b, sum, vy_u32(g->b, 31)), v);
  }
  vy_build_store(g->b, g->own[0], 0, own_index(g, 0), sum);
}

static void body(gen *g) {
  g->var_count = VARS;
  for (uint32_t i = 0; i < VARS; i++) {
    g->var_types[i] = some_type(g, true);
    g->vars[i] = vy_builder_var(g->b, g->var_types[i]);
  }
  g->uniform = true;
  while (g->left) {
    g->left--;
    statement(g);
  }
  if (chance(g, 80))
    show_variables(g);
}

bool random_program(vy_context *context, uint64_t seed,
                    const random_options *options, vy_program **out) {
  random_options o = options ? *options : (random_options){0, 0};
  gen g = {.rng = seed ^ 0x5eed, .features = o.features, .left = o.size};
  if (!g.features)
    g.features = RANDOM_ALL;
  if (!g.left)
    g.left = 40;
  vy_diag records[4];
  char text[2048];
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = 4;
  diags.text = text;
  diags.text_capacity = sizeof text;
  if (vy_builder_create(context, vy_str_c("p"), &g.b, NULL) != VY_OK)
    return false;
  parameters(&g);
  domain(&g);
  body(&g);
  vy_status status = vy_builder_finish(g.b, out, &diags);
  vy_builder_release(g.b);
  for (uint32_t i = 0; status != VY_OK && i < diags.count; i++)
    fprintf(stderr, "random program %llu: VY%04u %.*s\n",
            (unsigned long long)seed, records[i].code,
            (int)records[i].message.size, records[i].message.data);
  return status == VY_OK;
}

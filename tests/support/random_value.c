// Random values, and accesses to memory that is the lane's own.
#include "support/random_gen.h"

static uint64_t literal_bits(gen *g, vy_type t) {
  static const uint64_t ints[] = {0, 1, 2, 3, 4, 7, 8, 31, 64, 255, 256};
  static const double floats[] = {0.0, 1.0, -1.0, 2.0, 0.5, 3.25, 1e30, 1e-40};
  if (t == VY_TYPE_BOOL)
    return gen_below(g, 2);
  uint64_t v = ints[gen_below(g, sizeof ints / sizeof *ints)];
  if (gen_is_float(t)) {
    double d = floats[gen_below(g, sizeof floats / sizeof *floats)];
    float s = (float)d;
    uint32_t half;
    memcpy(&half, &s, 4);
    memcpy(&v, &d, 8);
    v = t == VY_TYPE_F32 ? half : v;
    if (gen_chance(g, 20)) // minus zero among them
      v ^= t == VY_TYPE_F32 ? UINT64_C(1) << 31 : UINT64_C(1) << 63;
    return v;
  }
  if (gen_chance(g, 15))
    v = numbers_next(&g->rng);
  if (gen_chance(g, 20))
    v = ~v;
  if (gen_chance(g, 10))
    v = UINT64_C(1) << gen_below(g, 64);
  return gen_is_wide(t) ? v : (uint32_t)v;
}

static vy_val leaf_u32(gen *g) {
  static const vy_op ids[] = {VY_OP_LANE, VY_OP_NUM_LANES, VY_OP_LOCAL,
                              VY_OP_GROUP_ID, VY_OP_NUM_GROUPS};
  uint32_t d = gen_below(g, g->dimensions);
  switch (gen_below(g, 4)) {
  case 0:
    return vy_build_scalar(g->b, g->n);
  case 1:
    return vy_build_len(g->b, gen_chance(g, 50) ? g->x : g->own[0]);
  default:
    return vy_build_id(g->b, ids[gen_below(g, g->groups ? 5 : 2)], d);
  }
}

static vy_val leaf(gen *g, vy_type t) {
  pool *p = &g->pools[t];
  if (p->count && gen_chance(g, 60))
    return p->at[gen_below(g, p->count)];
  if (gen_chance(g, 50)) {
    if (t == VY_TYPE_U32)
      return leaf_u32(g);
    if (t == VY_TYPE_I32)
      return vy_build_scalar(g->b, g->k);
    if (t == VY_TYPE_F32)
      return vy_build_scalar(g->b, g->f);
    if (t == VY_TYPE_U64)
      return gen_chance(g, 70) ? vy_build_scalar(g->b, g->q)
                               : vy_build_len64(g->b, g->h);
    if (t == VY_TYPE_F64)
      return vy_build_scalar(g->b, g->g);
  }
  return vy_build_literal(g->b, t, literal_bits(g, t));
}

// An index that is often inside, of any integer type.
vy_val gen_index(gen *g, uint32_t depth) {
  vy_type t = gen_chance(g, 60) ? VY_TYPE_U32 : gen_int(g);
  vy_val v = gen_expr(g, t, depth);
  vy_val c = vy_build_literal(g->b, t, gen_below(g, 40) + 1);
  switch (gen_below(g, 6)) {
  case 0:
    return gen_op(g, VY_OP_AND, v, vy_build_literal(g->b, t, 15));
  case 1:
    return gen_op(g, VY_OP_REM, v, c);
  case 2:
    return vy_build_literal(g->b, t, gen_below(g, 40));
  case 3:
    v = vy_build_convert(g->b, t, vy_build_id(g->b, VY_OP_LANE, 0));
    return gen_chance(g, 50)
               ? v
               : gen_op(g, gen_chance(g, 70) ? VY_OP_ADD : VY_OP_SUB, v, c);
  case 4:
    return gen_op(g, VY_OP_MIN, v, c);
  default:
    return v;
  }
}

vy_type gen_loaded(vy_type t) {
  if (t == VY_TYPE_I8 || t == VY_TYPE_I16)
    return VY_TYPE_I32;
  if (t == VY_TYPE_U8 || t == VY_TYPE_U16)
    return VY_TYPE_U32;
  return t == VY_TYPE_F16 || t == VY_TYPE_BF16 ? VY_TYPE_F32 : t;
}

// A pure load of this type; {0}: there is none.
static vy_val pure_load(gen *g, vy_type t, uint32_t depth) {
  uint32_t which = gen_below(g, 4);
  if (which == 0 && gen_loaded(g->h_type) == t)
    return vy_build_load(g->b, g->h, 0, gen_index(g, depth));
  if (which == 1 && gen_loaded(g->table_type) == t &&
      g->features & RANDOM_ARRAYS)
    return vy_build_read(g->b, g->table, gen_index(g, depth));
  if (which == 2 && t == VY_TYPE_U64)
    return vy_build_load_bytes(g->b, VY_OP_LOAD_U64, g->bytes,
                               gen_index(g, depth));
  if (t != VY_TYPE_U32)
    return vy_none();
  if (which == 2)
    return vy_build_load_bytes(
        g->b, gen_chance(g, 50) ? VY_OP_LOAD_U16 : VY_OP_LOAD_U32, g->bytes,
        gen_index(g, depth));
  return vy_build_load(g->b, g->x, 0, gen_index(g, depth));
}

static vy_val bool_expr(gen *g, uint32_t depth) {
  static const vy_op logic[] = {VY_OP_AND, VY_OP_OR, VY_OP_XOR, VY_OP_EQ,
                                VY_OP_NE};
  static const vy_op tests[] = {VY_OP_ISNAN, VY_OP_ISINF, VY_OP_ISFINITE,
                                VY_OP_SIGNBIT};
  vy_type t = gen_type(g, false);
  if (gen_is_float(t) && gen_chance(g, 30))
    return gen_op(g, tests[gen_below(g, 4)], gen_expr(g, t, depth - 1),
                  vy_none());
  if (gen_chance(g, 70)) {
    vy_val a = gen_expr(g, t, depth - 1);
    vy_val b = gen_chance(g, 10) ? a : gen_expr(g, t, depth - 1);
    return gen_op(g, (vy_op)(VY_OP_EQ + gen_below(g, 6)), a, b);
  }
  vy_val a = gen_expr(g, VY_TYPE_BOOL, depth - 1);
  if (gen_chance(g, 25))
    return gen_op(g, VY_OP_NOT, a, vy_none());
  return gen_op(g, logic[gen_below(g, 5)], a,
                gen_chance(g, 10) ? a : gen_expr(g, VY_TYPE_BOOL, depth - 1));
}

static vy_val int_expr(gen *g, vy_type t, uint32_t depth) {
  static const vy_op binary[] = {
      VY_OP_ADD, VY_OP_SUB,      VY_OP_MUL,     VY_OP_DIV,     VY_OP_REM,
      VY_OP_MIN, VY_OP_MAX,      VY_OP_AND,     VY_OP_OR,      VY_OP_XOR,
      VY_OP_ADD, VY_OP_MUL_HIGH, VY_OP_ADD_SAT, VY_OP_SUB_SAT, VY_OP_MUL};
  static const vy_op unary[] = {VY_OP_NEG, VY_OP_ABS,       VY_OP_NOT,
                                VY_OP_CLZ, VY_OP_CTZ,       VY_OP_POPCOUNT,
                                VY_OP_NOT, VY_OP_BYTE_SWAP, VY_OP_REVERSE_BITS};
  vy_val a = gen_expr(g, t, depth - 1);
  if (gen_chance(g, 15))
    return gen_op(g, unary[gen_below(g, 9)], a, vy_none());
  if (gen_chance(g, 15)) {
    vy_type by = gen_chance(g, 70) ? t : gen_int(g);
    vy_val amount = gen_chance(g, 60)
                        ? vy_build_literal(g->b, by, gen_below(g, 70))
                        : gen_expr(g, by, depth - 1);
    return gen_op(g, (vy_op)(VY_OP_SHL + gen_below(g, 4)), a, amount);
  }
  if ((t == VY_TYPE_U32 || t == VY_TYPE_U64) && gen_chance(g, 5)) {
    vy_type from = gen_chance(g, 50) ? t : (vy_type)(t - 1); // i32, i64
    return gen_op(g, VY_OP_ABS_DIFF, gen_expr(g, from, depth - 1),
                  gen_expr(g, from, depth - 1));
  }
  vy_val b = gen_chance(g, 8)    ? a
             : gen_chance(g, 35) ? vy_build_literal(g->b, t, literal_bits(g, t))
                                 : gen_expr(g, t, depth - 1);
  return gen_chance(g, 20) ? gen_op(g, binary[gen_below(g, 15)], b, a)
                           : gen_op(g, binary[gen_below(g, 15)], a, b);
}

static vy_val float_expr(gen *g, vy_type t, uint32_t depth) {
  static const vy_op binary[] = {VY_OP_ADD, VY_OP_SUB,     VY_OP_MUL,
                                 VY_OP_DIV, VY_OP_MIN,     VY_OP_MAX,
                                 VY_OP_REM, VY_OP_COPYSIGN};
  static const vy_op unary[] = {VY_OP_NEG,   VY_OP_ABS,  VY_OP_SQRT,
                                VY_OP_FLOOR, VY_OP_CEIL, VY_OP_TRUNC,
                                VY_OP_NEG,   VY_OP_ABS,  VY_OP_ROUND_EVEN};
  vy_val a = gen_expr(g, t, depth - 1);
  if (gen_chance(g, 30))
    return gen_op(g, unary[gen_below(g, 9)], a, vy_none());
  vy_val b = gen_chance(g, 8)    ? a
             : gen_chance(g, 35) ? vy_build_literal(g->b, t, literal_bits(g, t))
                                 : gen_expr(g, t, depth - 1);
  if (gen_chance(g, 10))
    return vy_build_op(g->b, VY_OP_FMA, a, b, gen_expr(g, t, depth - 1));
  return gen_chance(g, 30) ? gen_op(g, binary[gen_below(g, 8)], b, a)
                           : gen_op(g, binary[gen_below(g, 8)], a, b);
}

static vy_val some_bitcast(gen *g, vy_type t, uint32_t depth) {
  for (int i = 0; i < 20; i++) { // without wide types there may be none
    vy_type from = gen_type(g, false);
    if (gen_is_wide(from) == gen_is_wide(t))
      return vy_build_bitcast(g->b, t, gen_expr(g, from, depth - 1));
  }
  return leaf(g, t);
}

vy_val gen_expr(gen *g, vy_type t, uint32_t depth) {
  if (!depth || gen_chance(g, 15))
    return leaf(g, t);
  if (gen_chance(g, 8)) {
    vy_val c = gen_expr(g, VY_TYPE_BOOL, depth - 1),
           a = gen_expr(g, t, depth - 1);
    return vy_select(g->b, c, a,
                     gen_chance(g, 10) ? a : gen_expr(g, t, depth - 1));
  }
  if (gen_chance(g, 12))
    return vy_build_convert(g->b, t, gen_expr(g, gen_type(g, true), depth - 1));
  if (t == VY_TYPE_BOOL)
    return bool_expr(g, depth);
  if (gen_chance(g, 3))
    return some_bitcast(g, t, depth);
  if (gen_chance(g, 12)) {
    vy_val v = pure_load(g, t, depth - 1);
    if (v.id)
      return v;
  }
  return gen_is_float(t) ? float_expr(g, t, depth) : int_expr(g, t, depth);
}

// The same for all lanes of a group.
vy_val gen_uniform(gen *g) {
  switch (gen_below(g, 3)) {
  case 0:
    return vy_build_scalar(g->b, g->n);
  case 1:
    return g->groups ? vy_build_id(g->b, VY_OP_GROUP_ID, 0)
                     : vy_build_len(g->b, g->x);
  default:
    return vy_u32(g->b, gen_below(g, 9));
  }
}

// ---- memory

// The lane's number over the whole domain.
vy_val gen_lane(gen *g) {
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
vy_val gen_own_index(gen *g, uint32_t which) {
  uint32_t scale = g->scales[which];
  uint32_t offset = g->offsets[which] + gen_below(g, scale);
  vy_val v = gen_lane(g);
  vy_type t = gen_chance(g, 70) ? VY_TYPE_U32 : gen_int(g);
  if (t != VY_TYPE_U32)
    v = vy_build_convert(g->b, t, v);
  bool shift = scale > 1 && !(scale & (scale - 1)) && gen_chance(g, 50);
  if (shift)
    v = vy_shl(g->b, v, vy_u32(g->b, scale == 2 ? 1 : 2));
  else if (scale > 1 || gen_chance(g, 20))
    v = vy_mul(g->b, v, vy_build_literal(g->b, t, scale));
  uint64_t add = t == VY_TYPE_I64 || t == VY_TYPE_U64
                     ? (uint64_t)(int64_t)(int32_t)offset
                     : offset;
  return add || gen_chance(g, 20)
             ? vy_add(g->b, v, vy_build_literal(g->b, t, add))
             : v;
}

void gen_store_own(gen *g) {
  if (gen_chance(g, 15)) { // eight bytes for each lane
    vy_val at = vy_mul(g->b, gen_lane(g), vy_u32(g->b, 8));
    uint32_t size = 2u << gen_below(g, 3);
    at = vy_add(g->b, at, vy_u32(g->b, gen_below(g, 9 - size)));
    vy_op o = size == 2   ? VY_OP_STORE_U16
              : size == 4 ? VY_OP_STORE_U32
                          : VY_OP_STORE_U64;
    vy_type t = size == 8 ? VY_TYPE_U64 : VY_TYPE_U32;
    vy_build_store_bytes(g->b, o, g->own_bytes, at, gen_expr(g, t, 2));
    return;
  }
  uint32_t which = gen_below(g, WRITTEN);
  vy_type t = gen_loaded(g->own_types[which]);
  vy_build_store(g->b, g->own[which], 0, gen_own_index(g, which),
                 gen_expr(g, t, 3));
}

void gen_load_own(gen *g) {
  uint32_t which = gen_below(g, WRITTEN);
  vy_type t = gen_loaded(g->own_types[which]);
  gen_keep(g, t,
           vy_build_load(g->b, g->own[which], 0, gen_own_index(g, which)));
}

void gen_atomic(gen *g) {
  vy_val at = gen_index(g, 1), v = gen_expr(g, VY_TYPE_U32, 2);
  vy_build_atomic(g->b, VY_OP_ATOMIC_ADD, g->acc, at, v, vy_none());
}

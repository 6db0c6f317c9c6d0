// Values and loads of the programs of random_abreast.c.
#include "support/random_abreast.h"

// a + b, in one order or the other.
vy_val abreast_sum(plan *p, vy_val a, vy_val b) {
  return chance(p, 25) ? vy_add(p->b, b, a) : vy_add(p->b, a, b);
}

// v + by, in one of its spellings.
vy_val abreast_moved(plan *p, vy_val v, int32_t by) {
  if (!by)
    return v;
  if (by < 0 && chance(p, 80))
    return vy_sub(p->b, v, number(p, (uint32_t)-by));
  return abreast_sum(p, v, number(p, (uint32_t)by));
}

// ---- values

vy_val abreast_converted(plan *p, vy_type to, vy_type from, vy_val v) {
  if (to == from)
    return v;
  if (gen_is_wide(to) == gen_is_wide(from) && chance(p, 20))
    return vy_build_bitcast(p->b, to, v);
  return vy_build_convert(p->b, to, v);
}

vy_val abreast_some(plan *p, vy_type t) {
  vy_type from = t;
  for (uint32_t i = 0; i < 8 && !p->g->pools[from].count; i++)
    from = (vy_type)(VY_TYPE_I32 + below(p, 6));
  pool *q = &p->g->pools[from];
  if (q->count && chance(p, 80))
    return abreast_converted(p, t, from, q->at[below(p, q->count)]);
  if (chance(p, 40))
    return abreast_converted(p, t, VY_TYPE_U32, chance(p, 50) ? p->x : p->at);
  if (chance(p, 30))
    return abreast_converted(p, t, VY_TYPE_I32, vy_build_scalar(p->b, p->i));
  return abreast_converted(p, t, VY_TYPE_U32, number(p, below(p, 40)));
}

// By a constant too, which is no division then.
static vy_val divided(plan *p, vy_type t, vy_val a, vy_val b) {
  if (chance(p, 60))
    b = abreast_converted(p, t, VY_TYPE_U32, number(p, 1 + below(p, 40)));
  return gen_op(p->g, chance(p, 50) ? VY_OP_DIV : VY_OP_REM, a, b);
}

vy_val abreast_mixed(plan *p, vy_type t, uint32_t depth) {
  static const vy_op any[] = {VY_OP_ADD, VY_OP_SUB, VY_OP_MUL, VY_OP_MIN,
                              VY_OP_MAX};
  static const vy_op ints[] = {VY_OP_XOR,     VY_OP_AND,     VY_OP_OR,
                               VY_OP_SHL,     VY_OP_SHR,     VY_OP_MUL_HIGH,
                               VY_OP_ADD_SAT, VY_OP_SUB_SAT, VY_OP_ROTATE_LEFT};
  if (!depth)
    return abreast_some(p, t);
  vy_val a = abreast_mixed(p, t, depth - 1), c = abreast_mixed(p, t, depth - 1);
  if (chance(p, 5))
    return divided(p, t, a, c);
  if (gen_is_float(t) && chance(p, 10))
    return vy_fma(p->b, a, c, abreast_some(p, t));
  if (gen_is_float(t) || chance(p, 60))
    return gen_op(p->g, any[below(p, 5)], a, c);
  return gen_op(p->g, ints[below(p, 9)], a, c);
}

vy_val abreast_compared(plan *p, vy_val a, vy_val b) {
  return gen_op(p->g, (vy_op)(VY_OP_EQ + below(p, 6)), a, b);
}

// ---- loads

static int32_t some_way(plan *p, uint32_t before, uint32_t after) {
  static const int32_t ways[] = {0, 0, 0, 1, -1, 1, -1, 2, -2, 3, 4, -4, 5};
  int32_t by =
      chance(p, 75) ? ways[below(p, 13)] : (int32_t)below(p, 2 * FAR) - FAR;
  if (chance(p, 2))
    return by;
  return by < -(int32_t)before || by > (int32_t)after ? 0 : by;
}

static vy_val loaded(plan *p, uint32_t i, vy_val at) {
  return keep(p, gen_loaded(p->in_types[i]),
              vy_build_load(p->b, p->in[i], 0, at));
}

static void load_near(plan *p) {
  uint32_t i = chance(p, 60) ? 0 : below(p, SOURCES);
  vy_val at = p->at;
  if (p->dimensions == 1 && chance(p, 20)) {
    (void)loaded(p, i, p->x);
    return;
  }
  if (p->rows && chance(p, 40)) {
    vy_val w = p->width ? number(p, p->width) : vy_build_scalar(p->b, p->n);
    at = chance(p, 50) ? vy_add(p->b, at, w) : vy_sub(p->b, at, w);
  }
  (void)loaded(p, i, abreast_moved(p, at, some_way(p, p->before, p->after)));
}

// Some neighbours of one buffer, in some order.
void abreast_load_window(plan *p) {
  uint32_t i = below(p, SOURCES), room = p->before + p->after + 1;
  uint32_t first = below(p, room), by = 1 + below(p, 2);
  for (uint32_t k = 2 + below(p, 3); k-- > 0 && p->left > 1; p->left--) {
    int32_t d = (int32_t)((first + k * by) % (room < 6 ? room : 6));
    (void)loaded(p, i, abreast_moved(p, p->at, d - (int32_t)p->before));
  }
}

// What all lanes have in common.
vy_val abreast_load_alike(plan *p) {
  vy_val at =
      chance(p, 50) ? number(p, below(p, FEW)) : vy_build_scalar(p->b, p->k);
  uint32_t i = below(p, SOURCES);
  if (chance(p, 25))
    return abreast_converted(p, VY_TYPE_U32, gen_loaded(p->in_types[i]),
                             loaded(p, i, at));
  return keep(p, VY_TYPE_U32,
              chance(p, 50) ? vy_build_read(p->b, p->table, at)
                            : vy_build_load(p->b, p->few, 0, at));
}

vy_val abreast_load_far(plan *p, bool used_again) {
  if (!p->fresh_count)
    return abreast_load_alike(p);
  typed f = p->fresh[below(p, p->fresh_count)];
  vy_val at = abreast_converted(p, VY_TYPE_U32, f.type, f.v);
  at = chance(p, 70) ? vy_and(p->b, at, number(p, 31))
                     : vy_rem(p->b, at, number(p, 1 + below(p, 50)));
  uint32_t i = below(p, SOURCES);
  bool constant = chance(p, 30);
  vy_type t = constant ? VY_TYPE_U32 : gen_loaded(p->in_types[i]);
  vy_val v = constant ? vy_build_read(p->b, p->table, at)
                      : vy_build_load(p->b, p->in[i], 0, at);
  if (used_again)
    keep(p, t, v);
  return abreast_converted(p, VY_TYPE_U32, t, v);
}

// Words of a byte buffer, where lanes lie four bytes apart or fewer.
static void load_bytes(plan *p) {
  vy_val at = vy_shl(p->b, p->x, number(p, below(p, 3)));
  at = abreast_moved(p, at, (int32_t)below(p, 6));
  vy_type t = chance(p, 30) ? VY_TYPE_U64 : VY_TYPE_U32;
  vy_op o = t == VY_TYPE_U64 ? VY_OP_LOAD_U64
            : chance(p, 50)  ? VY_OP_LOAD_U32
                             : VY_OP_LOAD_U16;
  keep(p, t, vy_build_load_bytes(p->b, o, p->bytes, at));
}

static void load_own(plan *p) {
  uint32_t i = below(p, TARGETS);
  if (p->update[i] || p->stored)
    keep(p, gen_loaded(p->out_types[i]),
         vy_build_load(p->b, p->out[i], 0, p->own[i]));
}

void abreast_load(plan *p) {
  if (!p->left)
    return;
  p->left--;
  switch (below(p, p->open || chance(p, 5) ? 14 : 3)) {
  case 0:
    (void)abreast_load_alike(p);
    return;
  case 1:
    (void)abreast_load_far(p, true);
    return;
  case 2:
    if (p->open || chance(p, 40))
      load_bytes(p);
    else
      (void)abreast_load_alike(p);
    return;
  case 3:
  case 4:
  case 5:
    load_own(p);
    return;
  default:
    load_near(p);
    return;
  }
}

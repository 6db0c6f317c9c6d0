// Elements by fours, one by one, as programs name them that devices may access
// as one: at an index that for sure is a multiple of four, in any order, with
// other things between them.
#include "support/random_gen.h"

static vy_val times_four(gen *g, vy_type t, vy_val v) {
  if (gen_chance(g, 50))
    return gen_op(g, VY_OP_SHL, v, vy_u32(g->b, 2));
  return gen_op(g, VY_OP_MUL, v, vy_build_literal(g->b, t, 4));
}

// Four numbers below four, mostly all of them.
static void some_order(gen *g, uint32_t order[4]) {
  uint32_t first = gen_below(g, 4), by = gen_chance(g, 50) ? 1 : 3;
  for (uint32_t k = 0; k < 4; k++)
    order[k] = (first + k * by) % 4;
  if (gen_chance(g, 10))
    order[gen_below(g, 4)] = gen_below(g, 6);
}

static vy_val four(gen *g, vy_type t, vy_val at_four) {
  static const vy_op ops[] = {VY_OP_ADD, VY_OP_XOR, VY_OP_SUB, VY_OP_MAX};
  uint32_t most = RANDOM_FIXED / 4 - 1, order[4];
  vy_val i = gen_op(g, VY_OP_AND, at_four, vy_build_literal(g->b, t, most));
  vy_val base = times_four(g, t, i), sum = vy_u32(g->b, gen_below(g, 9));
  some_order(g, order);
  for (uint32_t k = 0; k < 4; k++) {
    vy_val at = base;
    if (order[k] || gen_chance(g, 30))
      at = gen_op(g, VY_OP_ADD, base, vy_build_literal(g->b, t, order[k]));
    sum = gen_op(g, ops[gen_below(g, 4)], sum,
                 vy_build_load(g->b, g->fixed, 0, at));
    if (gen_chance(g, 10))
      gen_keep(g, VY_TYPE_U32, sum);
  }
  return sum;
}

vy_val gen_four(gen *g, uint32_t depth) {
  vy_type t = gen_chance(g, 70) ? VY_TYPE_U32 : VY_TYPE_I32;
  return four(g, t, gen_expr(g, t, depth));
}

vy_val gen_go_on(gen *g, vy_val counter) {
  vy_val i = gen_chance(g, 60) ? vy_add(g->b, counter, gen_lane(g))
                               : gen_expr(g, VY_TYPE_U32, 2);
  vy_val sum = four(g, VY_TYPE_U32, i);
  if (gen_chance(g, 70)) // mostly
    return vy_ne(g->b, vy_and(g->b, sum, vy_u32(g->b, 7)),
                 vy_u32(g->b, gen_below(g, 8)));
  return vy_gt(g->b, sum, gen_expr(g, VY_TYPE_U32, 1));
}

void gen_store_four(gen *g) {
  uint32_t order[4];
  vy_val base = times_four(g, VY_TYPE_U32, gen_lane(g));
  some_order(g, order);
  for (uint32_t k = 0; k < 4; k++) {
    vy_val v = gen_expr(g, VY_TYPE_U32, 2);
    if (gen_chance(g, 20)) {
      vy_build_set(g->b, g->vars[0], gen_expr(g, g->var_types[0], 1));
      gen_keep(g, g->var_types[0], vy_build_get(g->b, g->vars[0]));
    }
    vy_build_store(g->b, g->own[0], 0,
                   gen_op(g, VY_OP_ADD, base, vy_u32(g->b, order[k] & 3)), v);
  }
}

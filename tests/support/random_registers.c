// Private arrays that lowering may keep in variables: at constant indices, and
// in short loops at the index.
#include "support/random_gen.h"

// What elements of `a` do for a while, at index `i` and at constants.
static void use_register(gen *g, vy_arr a, vy_type index, vy_val i, vy_type v) {
  if (gen_chance(g, 50))
    vy_build_write(g->b, a, vy_u32(g->b, gen_below(g, 9)), gen_expr(g, v, 1));
  vy_val at = gen_op(g, gen_chance(g, 70) ? VY_OP_ADD : VY_OP_XOR, i,
                     vy_build_literal(g->b, index, gen_below(g, 3)));
  if (gen_chance(g, 60))
    gen_keep(g, v, vy_build_read(g->b, a, at));
  vy_build_write(g->b, a, gen_chance(g, 60) ? i : at, gen_expr(g, v, 2));
}

static void fill_registers(gen *g, vy_arr a, vy_type v) {
  vy_type t = gen_int(g);
  bool down = (t == VY_TYPE_I32 || t == VY_TYPE_I64) && gen_chance(g, 20);
  uint64_t low = ~(uint64_t)gen_below(g, 6);
  low = gen_is_wide(t) ? low : (uint32_t)low;
  vy_val lo = vy_build_literal(g->b, t, down ? low : 0);
  gen_scope s = gen_enter(g);
  g->loops++;
  g->uniform = false;
  g->jumps = gen_chance(g, 20);
  vy_val i = vy_build_for(g->b, lo, vy_build_literal(g->b, t, gen_below(g, 10)),
                          vy_build_literal(g->b, t, 1 + gen_below(g, 3)));
  gen_keep(g, t, i);
  use_register(g, a, t, i, v);
  if (gen_chance(g, 50))
    gen_statements(g, 2);
  if (gen_chance(g, 30)) { // under a condition
    vy_build_if(g->b, gen_expr(g, VY_TYPE_BOOL, 1));
    use_register(g, a, t, i, v);
    vy_build_end(g->b);
    memcpy(g->pools, s.pools, sizeof s.pools);
  }
  vy_build_end(g->b);
  gen_leave(g, &s);
}

void gen_registers(gen *g) {
  vy_type t = gen_type(g, false);
  if (gen_chance(g, 40))
    t = (vy_type)(VY_TYPE_I8 +
                  gen_below(g, g->features & RANDOM_FLOATS ? 6 : 4));
  vy_type v = gen_loaded(t);
  vy_arr a = vy_builder_private_array(
      g->b, t, vy_size_literal(g->b, 1 + gen_below(g, 8)));
  for (uint32_t k = gen_below(g, 3); k-- > 0;)
    vy_build_write(g->b, a, vy_u32(g->b, gen_below(g, 9)), gen_expr(g, v, 2));
  for (uint32_t k = gen_below(g, 3);
       k-- > 0 && g->depth < 4 && g->loops < 2 && g->features & RANDOM_LOOPS;)
    fill_registers(g, a, v);
  if (gen_chance(g, 10))
    vy_build_write(g->b, a, gen_index(g, 2), gen_expr(g, v, 2));
  for (uint32_t k = 1 + gen_below(g, 3); k-- > 0;)
    gen_keep(g, v, vy_build_read(g->b, a, vy_u32(g->b, gen_below(g, 9))));
}

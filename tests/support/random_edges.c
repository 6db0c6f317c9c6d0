// Accesses at the ends of their memory: an index, a condition around it that
// keeps it inside or misses that by one, and both ways round.
#include "support/random_gen.h"

// Memory of 16 elements, or a buffer with its length.
typedef struct memory {
  vy_arr array;
  bool is_buffer;
  vy_type type; // of what a load gives
} memory;

static memory some_memory(gen *g) {
  memory m = {.is_buffer = gen_chance(g, 40), .type = VY_TYPE_U32};
  if (m.is_buffer)
    return m;
  m.array = g->table;
  m.type = gen_loaded(g->table_type);
  if (!(g->features & RANDOM_ARRAYS) || gen_chance(g, 50)) {
    m.array =
        vy_builder_private_array(g->b, VY_TYPE_U32, vy_size_literal(g->b, 16));
    m.type = VY_TYPE_U32;
    vy_build_write(g->b, m.array, vy_u32(g->b, 15), gen_lane(g));
  }
  return m;
}

static void load(gen *g, const memory *m, vy_val index) {
  gen_keep(g, m->type,
           m->is_buffer ? vy_build_load(g->b, g->x, 0, index)
                        : vy_build_read(g->b, m->array, index));
}

// A small number, often just what the memory's end is compared with.
static vy_val small(gen *g, vy_type t) {
  vy_val v;
  if (gen_chance(g, 40))
    v = vy_build_convert(g->b, t, gen_lane(g));
  else
    v = gen_op(g, VY_OP_REM, gen_expr(g, t, 1), vy_build_literal(g->b, t, 19));
  if (gen_chance(g, 30))
    v = gen_op(g, gen_chance(g, 50) ? VY_OP_ADD : VY_OP_SUB, v,
               vy_build_literal(g->b, t, gen_below(g, 3)));
  return v;
}

// The end of the memory, or one beside it.
static vy_val end_of(gen *g, const memory *m, vy_type t) {
  vy_val v = vy_build_literal(g->b, t, 15 + gen_below(g, 3));
  if (!m->is_buffer)
    return v;
  v = vy_build_convert(g->b, t, vy_build_len(g->b, g->x));
  if (gen_chance(g, 15))
    v = gen_op(g, VY_OP_ADD, v, vy_build_literal(g->b, t, 1));
  if (gen_chance(g, 15))
    v = gen_op(g, VY_OP_MIN, v, small(g, t));
  return v;
}

static vy_val moved(gen *g, vy_type t, vy_val v) {
  if (gen_chance(g, 50))
    return v;
  return gen_op(g, gen_chance(g, 50) ? VY_OP_ADD : VY_OP_SUB, v,
                vy_build_literal(g->b, t, gen_below(g, 3)));
}

// i < end or its opposite, in one of many spellings; a signed i, mostly, is
// not negative either.
static vy_val condition(gen *g, const memory *m, vy_type t, vy_val i,
                        bool inside) {
  static const vy_op in[] = {VY_OP_LT, VY_OP_LE, VY_OP_GT, VY_OP_NE};
  static const vy_op out[] = {VY_OP_GE, VY_OP_GT, VY_OP_LE, VY_OP_EQ};
  uint32_t which = gen_chance(g, 70) ? 0 : gen_below(g, 4);
  vy_val end = end_of(g, m, t), c;
  if (which == 0 && gen_chance(g, 30)) // turned round
    c = gen_op(g, inside ? VY_OP_GT : VY_OP_LE, end, i);
  else
    c = gen_op(g, inside ? in[which] : out[which], i, end);
  if (gen_chance(g, 15)) // said twice the other way
    c = vy_not(g->b, vy_not(g->b, c));
  if ((t == VY_TYPE_I32 || t == VY_TYPE_I64) && gen_chance(g, 80)) {
    vy_val zero = vy_build_literal(g->b, t, 0);
    vy_val sign = gen_op(g, inside ? VY_OP_GE : VY_OP_LT, i, zero);
    c = gen_op(g, inside ? VY_OP_AND : VY_OP_OR, c, sign);
  }
  return c;
}

// if (inside) access, or if (outside) .. else access.
static void under_condition(gen *g, const memory *m, vy_type t) {
  vy_val i = small(g, t);
  bool inside = gen_chance(g, 60);
  vy_val c = condition(g, m, t, gen_chance(g, 70) ? i : moved(g, t, i), inside);
  gen_scope s = gen_enter(g);
  g->uniform = false;
  vy_build_if(g->b, c);
  if (!inside)
    vy_build_else(g->b);
  load(g, m, moved(g, t, i));
  if (gen_chance(g, 30))
    gen_statements(g, 1);
  vy_build_end(g->b);
  gen_leave(g, &s);
}

// if (outside) leave the block; access.
static void past_a_jump(gen *g, const memory *m, vy_type t) {
  vy_val i = small(g, t);
  gen_scope s = gen_enter(g);
  g->uniform = g->jumps = false;
  vy_build_block(g->b);
  bool outside = gen_chance(g, 80);
  vy_build_if(g->b, condition(g, m, t, i, !outside));
  if (!outside && gen_chance(g, 80))
    vy_build_else(g->b);
  if (gen_chance(g, 90))
    vy_build_leave(g->b);
  vy_build_end(g->b);
  load(g, m, moved(g, t, i));
  vy_build_end(g->b);
  gen_leave(g, &s);
}

static void in_a_loop(gen *g, const memory *m, vy_type t) {
  vy_val lo = vy_build_literal(g->b, t, gen_below(g, 3));
  vy_val step = vy_build_literal(g->b, t, 1 + gen_below(g, 5));
  vy_val end = end_of(g, m, t);
  gen_scope s = gen_enter(g);
  g->uniform = g->jumps = false;
  g->loops++;
  load(g, m, moved(g, t, vy_build_for(g->b, lo, end, step)));
  if (gen_chance(g, 30))
    gen_statements(g, 1);
  vy_build_end(g->b);
  gen_leave(g, &s);
}

// The index itself keeps inside.
static void by_itself(gen *g, const memory *m, vy_type t) {
  static const vy_op ops[] = {VY_OP_AND, VY_OP_REM, VY_OP_MIN, VY_OP_OR,
                              VY_OP_XOR};
  vy_val i = gen_chance(g, 50) ? small(g, t) : gen_expr(g, t, 1);
  vy_val c = vy_build_literal(g->b, t, 14 + gen_below(g, 4));
  if (gen_chance(g, 20))
    i = gen_op(g, VY_OP_SHR, i, vy_u32(g->b, 26 + gen_below(g, 5)));
  else
    i = gen_op(g, ops[gen_below(g, gen_chance(g, 80) ? 3 : 5)], i, c);
  load(g, m, moved(g, t, i));
}

void gen_edge(gen *g) {
  vy_type t = gen_chance(g, 60) ? VY_TYPE_U32 : gen_int(g);
  memory m = some_memory(g);
  switch (gen_below(g, 4)) {
  case 0:
    under_condition(g, &m, t);
    break;
  case 1:
    past_a_jump(g, &m, t);
    break;
  case 2:
    if (g->loops < 2 && g->features & RANDOM_LOOPS)
      in_a_loop(g, &m, t);
    break;
  default:
    by_itself(g, &m, t);
    break;
  }
}

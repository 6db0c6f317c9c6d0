// The generator. Values made so far wait in pools by type, so that they are
// used again; what a block made is forgotten at its end. Races are avoided by
// construction: a lane touches written buffers only at elements of its own,
// group arrays change only between barriers, atomics commute and their
// results are not used.
#include "support/random_program.h"

#include <stdio.h>

#include "support/random_gen.h"

// ---- statements

static void branch(gen *g) {
  bool same = g->uniform && gen_chance(g, 50);
  vy_val c = same ? gen_op(g, (vy_op)(VY_OP_EQ + gen_below(g, 6)),
                           gen_uniform(g), gen_uniform(g))
                  : gen_expr(g, VY_TYPE_BOOL, 2);
  gen_scope s = gen_enter(g);
  g->uniform = g->uniform && same;
  vy_build_if(g->b, c);
  gen_statements(g, 3);
  if (gen_chance(g, 50)) {
    vy_build_else(g->b);
    memcpy(g->pools, s.pools, sizeof s.pools);
    gen_statements(g, 3);
  }
  vy_build_end(g->b);
  gen_leave(g, &s);
}

static void guarded(gen *g) { // if (i < len(x)) ... x[i]
  vy_val i = gen_chance(g, 50) ? gen_lane(g) : gen_expr(g, VY_TYPE_U32, 1);
  vy_val n = vy_build_len(g->b, g->x);
  vy_val c =
      gen_chance(g, 50) ? gen_op(g, VY_OP_LT, i, n) : gen_op(g, VY_OP_GT, n, i);
  gen_scope s = gen_enter(g);
  g->uniform = false;
  vy_build_if(g->b, c);
  gen_keep(g, VY_TYPE_U32, vy_build_load(g->b, g->x, 0, i));
  gen_statements(g, 2);
  vy_build_end(g->b);
  gen_leave(g, &s);
}

static vy_val bound(gen *g, vy_type t, bool same) {
  if (same || gen_chance(g, 40))
    return vy_build_literal(g->b, t, gen_below(g, 9));
  vy_val seven = vy_build_literal(g->b, t, 7);
  return gen_op(g, VY_OP_AND, gen_expr(g, t, 1), seven);
}

static void loop_for(gen *g) {
  bool same = g->uniform && gen_chance(g, 60);
  vy_type t = same ? VY_TYPE_U32 : gen_int(g);
  vy_val lo = bound(g, t, same), hi = bound(g, t, same);
  vy_val step =
      vy_build_literal(g->b, t, gen_chance(g, 80) ? 1 : gen_below(g, 4));
  if (gen_chance(g, 10)) { // close to the end of the type
    uint64_t top = gen_is_wide(t) ? UINT64_MAX : UINT32_MAX;
    top = t == VY_TYPE_I32 || t == VY_TYPE_I64 ? top >> 1 : top;
    lo = vy_build_literal(g->b, t, top - gen_below(g, 6));
    hi = vy_build_literal(g->b, t, top);
    step = vy_build_literal(g->b, t, gen_below(g, 4));
  }
  gen_scope s = gen_enter(g);
  g->loops++;
  g->uniform = same;
  g->jumps = !same;
  gen_keep(g, t, vy_build_for(g->b, lo, hi, step));
  gen_statements(g, 3);
  vy_build_end(g->b);
  gen_leave(g, &s);
}

static void loop_while(gen *g) {
  vy_var counter = vy_builder_var(g->b, VY_TYPE_U32);
  vy_build_set(g->b, counter, vy_u32(g->b, 0));
  vy_val most = bound(g, VY_TYPE_U32, false);
  gen_scope s = gen_enter(g);
  g->loops++;
  g->uniform = false;
  vy_build_while(g->b);
  vy_val c = vy_build_get(g->b, counter);
  vy_val go = vy_lt(g->b, c, most);
  if (gen_chance(g, 30))
    go = vy_and(g->b, go, gen_expr(g, VY_TYPE_BOOL, 1));
  if (g->features & RANDOM_NEIGHBOURS && gen_chance(g, 80))
    go = vy_and(g->b, go, gen_go_on(g, c));
  vy_build_while_condition(g->b, go);
  vy_build_set(g->b, counter, vy_add(g->b, c, vy_u32(g->b, 1)));
  gen_keep(g, VY_TYPE_U32, c);
  g->jumps = true;
  gen_statements(g, 3);
  vy_build_end(g->b);
  gen_leave(g, &s);
}

static void block(gen *g) {
  gen_scope s = gen_enter(g);
  g->uniform = g->jumps = false;
  vy_build_block(g->b);
  gen_statements(g, 2);
  vy_build_if(g->b, gen_expr(g, VY_TYPE_BOOL, 2));
  vy_build_leave(g->b);
  vy_build_end(g->b);
  gen_statements(g, 2);
  vy_build_end(g->b);
  gen_leave(g, &s);
}

static void jump(gen *g) {
  vy_build_if(g->b, gen_expr(g, VY_TYPE_BOOL, 2));
  if (!g->groups && gen_chance(g, 20))
    vy_build_return(g->b);
  else if (gen_chance(g, 50))
    vy_build_break(g->b);
  else
    vy_build_continue(g->b);
  vy_build_end(g->b);
}

static void private_array(gen *g) {
  vy_type t = gen_chance(g, 70) ? VY_TYPE_U32 : VY_TYPE_I16;
  vy_arr a = vy_builder_private_array(g->b, t, vy_size_literal(g->b, 16));
  vy_type v = gen_loaded(t);
  for (uint32_t i = 1 + gen_below(g, 3); i-- > 0;)
    vy_build_write(g->b, a, gen_index(g, 2), gen_expr(g, v, 2));
  gen_keep(g, v, vy_build_read(g->b, a, gen_index(g, 2)));
}

static void meet(gen *g) {
  static const vy_op ops[] = {
      VY_OP_GROUP_REDUCE_ADD,    VY_OP_GROUP_REDUCE_MIN,
      VY_OP_GROUP_REDUCE_MAX,    VY_OP_GROUP_SCAN_INCL_ADD,
      VY_OP_GROUP_SCAN_EXCL_ADD, VY_OP_GROUP_BROADCAST,
      VY_OP_GROUP_SHUFFLE,       VY_OP_GROUP_REDUCE_AND,
      VY_OP_GROUP_REDUCE_OR,     VY_OP_GROUP_REDUCE_XOR};
  switch (gen_below(g, 6)) {
  case 0: { // an exchange through group memory
    vy_type t = gen_loaded(g->shared_type);
    vy_val at = vy_build_id(g->b, VY_OP_LOCAL, 0);
    if (g->dimensions == 2)
      at = vy_add(g->b, at,
                  vy_mul(g->b, vy_build_id(g->b, VY_OP_LOCAL, 1),
                         vy_build_id(g->b, VY_OP_GROUP_SIZE, 0)));
    vy_build_write(g->b, g->shared, at, gen_expr(g, t, 2));
    vy_build_barrier(g->b);
    gen_keep(g, t, vy_build_read(g->b, g->shared, gen_index(g, 2)));
    vy_build_barrier(g->b);
    return;
  }
  case 1:
    if (!(g->features & RANDOM_ATOMICS))
      return;
    vy_build_array_atomic(g->b, VY_OP_ATOMIC_ADD, g->counts, gen_index(g, 1),
                          gen_expr(g, VY_TYPE_U32, 1), vy_none());
    vy_build_barrier(g->b);
    gen_keep(g, VY_TYPE_U32, vy_build_read(g->b, g->counts, gen_index(g, 1)));
    vy_build_barrier(g->b);
    return;
  case 2:
    gen_keep(g, VY_TYPE_BOOL,
             vy_build_collective(
                 g->b, gen_chance(g, 50) ? VY_OP_GROUP_ANY : VY_OP_GROUP_ALL,
                 gen_expr(g, VY_TYPE_BOOL, 2), vy_none()));
    return;
  case 3:
    gen_keep(g, VY_TYPE_U32,
             gen_chance(g, 50)
                 ? vy_build_collective(g->b, VY_OP_GROUP_BALLOT,
                                       gen_expr(g, VY_TYPE_BOOL, 2), vy_none())
                 : vy_build_rank(g->b, gen_expr(g, VY_TYPE_U32, 2),
                                 1 + gen_below(g, 8)));
    return;
  default: {
    vy_op o = ops[gen_below(g, 10)];
    vy_type t = o >= VY_OP_GROUP_REDUCE_AND && o <= VY_OP_GROUP_REDUCE_XOR
                    ? gen_int(g)
                    : gen_type(g, false);
    vy_val i = o == VY_OP_GROUP_BROADCAST ? gen_uniform(g)
               : o == VY_OP_GROUP_SHUFFLE ? gen_index(g, 1)
                                          : vy_none();
    gen_keep(g, t, vy_build_collective(g->b, o, gen_expr(g, t, 2), i));
  }
  }
}

static void statement(gen *g) {
  uint32_t v = gen_below(g, g->var_count);
  bool deep = g->depth >= 4, loops = g->features & RANDOM_LOOPS;
  uint32_t windows = !(g->features & RANDOM_WINDOWS)            ? 0
                     : (g->features & RANDOM_ALL) == RANDOM_ALL ? 4
                                                                : 18;
  switch (gen_below(g, 18 + windows)) {
  case 0:
  case 1:
    vy_build_set(g->b, g->vars[v], gen_expr(g, g->var_types[v], 3));
    return;
  case 2:
  case 3:
    if (g->features & RANDOM_NEIGHBOURS && gen_chance(g, 60))
      gen_keep(g, VY_TYPE_U32, gen_four(g, 2));
    else
      gen_keep(g, g->var_types[v], vy_build_get(g->b, g->vars[v]));
    return;
  case 4: {
    vy_type t = gen_type(g, true);
    gen_keep(g, t, gen_expr(g, t, 3));
    return;
  }
  case 5:
  case 6:
    if (g->features & RANDOM_NEIGHBOURS && gen_chance(g, 50))
      gen_store_four(g);
    else
      gen_store_own(g);
    return;
  case 7:
    gen_load_own(g);
    return;
  case 8:
    if (!deep && loops && g->loops < 2 && g->features & RANDOM_NEIGHBOURS)
      loop_while(g);
    else if (!deep)
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
    if (g->jumps && loops && g->loops && gen_chance(g, 50))
      jump(g);
    else if (!deep)
      block(g);
    return;
  case 13:
    if (g->features & RANDOM_REGISTERS && gen_chance(g, 60))
      gen_registers(g);
    else if (g->features & RANDOM_ARRAYS)
      private_array(g);
    return;
  case 14:
    if (g->features & RANDOM_ATOMICS)
      gen_atomic(g);
    return;
  case 15:
  case 16:
    if (!deep)
      gen_edge(g);
    return;
  case 17:
    if (g->uniform && g->groups)
      meet(g);
    return;
  default:
    if (!deep)
      gen_windows(g);
    return;
  }
}

void gen_statements(gen *g, uint32_t most) {
  for (uint32_t i = 1 + gen_below(g, most); i-- > 0 && g->left;) {
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
  g->h_type = stored[gen_below(g, kinds)];
  g->h = vy_builder_buffer(b, vy_str_c("h"), VY_ACCESS_READ, g->h_type);
  g->bytes = vy_builder_buffer(b, vy_str_c("c"), VY_ACCESS_READ, VY_TYPE_U8);
  static const char *const names[WRITTEN] = {"y", "z", "w"};
  for (uint32_t i = 0; i < WRITTEN; i++) {
    vy_type t = i ? stored[gen_below(g, kinds)] : VY_TYPE_U32;
    g->own_types[i] = t;
    g->own[i] = vy_builder_buffer(
        b, vy_str_c(names[i]), i == 1 ? VY_ACCESS_WRITE : VY_ACCESS_UPDATE, t);
    g->scales[i] = 1 + gen_below(g, 4);
    g->offsets[i] = gen_chance(g, 60) ? 0 : (uint32_t)(gen_below(g, 8) - 4);
  }
  if (gen_chance(g, 50))
    vy_builder_set_length(b, g->own[1], vy_size_len(b, g->x));
  if (g->features & RANDOM_NEIGHBOURS) {
    g->scales[0] = 4;
    g->offsets[0] = 0;
  }
  if (g->features & (RANDOM_NEIGHBOURS | RANDOM_WINDOWS)) {
    g->fixed = vy_builder_buffer(b, vy_str_c("e"), VY_ACCESS_READ, VY_TYPE_U32);
    vy_builder_set_length(b, g->fixed, vy_size_literal(b, RANDOM_FIXED));
  }
  g->own_bytes =
      vy_builder_buffer(b, vy_str_c("d"), VY_ACCESS_UPDATE, VY_TYPE_U8);
  g->acc = vy_builder_buffer(b, vy_str_c("a"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  if (g->features & RANDOM_WINDOWS)
    gen_parts(g);
  uint64_t bits[16];
  g->table_type = stored[gen_below(g, kinds)];
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
  g->dimensions = gen_chance(g, 75) ? 1 : 2;
  g->groups = g->features & RANDOM_GROUPS && gen_chance(g, 50);
  g->group = sizes[gen_below(g, 6)];
  vy_size second = vy_size_literal(b, 1 + gen_below(g, 3));
  vy_size group[2] = {vy_size_literal(b, g->group),
                      vy_size_literal(b, 1 + gen_below(g, 2))};
  vy_size n =
      gen_chance(g, 50) ? vy_size_scalar(b, g->n) : vy_size_len(b, g->x);
  vy_size lanes[2] = {n, second};
  if (g->groups) {
    vy_size groups[2] = {vy_size_literal(b, 1 + gen_below(g, 3)), second};
    vy_builder_groups(b, g->dimensions, groups);
    vy_builder_group(b, g->dimensions, group);
    g->shared_type = gen_chance(g, 70) ? VY_TYPE_U32 : VY_TYPE_I16;
    g->shared = vy_builder_group_array(
        b, g->shared_type, vy_size_literal(b, 30 + gen_below(g, 70)));
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
    if (gen_is_float(t))
      v = vy_build_bitcast(g->b, t == VY_TYPE_F32 ? VY_TYPE_U32 : VY_TYPE_U64,
                           v);
    if (t != VY_TYPE_F32)
      v = vy_build_convert(g->b, VY_TYPE_U32, v);
    sum = vy_add(g->b, vy_mul(g->b, sum, vy_u32(g->b, 31)), v);
  }
  vy_build_store(g->b, g->own[0], 0, gen_own_index(g, 0), sum);
}

static void body(gen *g) {
  g->var_count = VARS;
  for (uint32_t i = 0; i < VARS; i++) {
    g->var_types[i] = gen_type(g, true);
    g->vars[i] = vy_builder_var(g->b, g->var_types[i]);
  }
  g->uniform = true;
  while (g->left) {
    g->left--;
    statement(g);
  }
  if (gen_chance(g, 80))
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
  if (g.features & RANDOM_ABREAST) {
    gen_abreast(&g);
  } else {
    parameters(&g);
    domain(&g);
    body(&g);
  }
  vy_status status = vy_builder_finish(g.b, out, &diags);
  vy_builder_release(g.b);
  for (uint32_t i = 0; status != VY_OK && i < diags.count; i++)
    fprintf(stderr, "random program %llu: VY%04u %.*s\n",
            (unsigned long long)seed, records[i].code,
            (int)records[i].message.size, records[i].message.data);
  return status == VY_OK;
}

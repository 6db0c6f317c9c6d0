// What lanes side by side access side by side: several elements a lane,
// neighbours along a row, walks through a buffer, counting into a group's
// array; with the conditions that keep them inside, or nearly do. Native code
// goes special ways for all of that.
#include "support/random_gen.h"

static vy_val number(gen *g, vy_type t, uint64_t v) {
  return vy_build_literal(g->b, t, v);
}

static vy_val shuffled(gen *g, vy_op o, vy_val a, vy_val b) {
  return gen_chance(g, 20) ? gen_op(g, o, b, a) : gen_op(g, o, a, b);
}

static vy_type index_type(gen *g) {
  return gen_chance(g, 60) ? VY_TYPE_U32 : gen_int(g);
}

static vy_type wide_of(vy_type t) {
  return t == VY_TYPE_I32 ? VY_TYPE_I64 : VY_TYPE_U64;
}

static uint64_t largest(vy_type t) {
  uint64_t top = gen_is_wide(t) ? UINT64_MAX : UINT32_MAX;
  return t == VY_TYPE_I32 || t == VY_TYPE_I64 ? top >> 1 : top;
}

// Numbers that follow one another from lane to lane.
static vy_val row(gen *g) {
  vy_val v = vy_build_id(g->b, VY_OP_LANE, 0);
  if (!g->groups || gen_chance(g, 50))
    return v;
  v = vy_build_id(g->b, VY_OP_LOCAL, 0);
  if (gen_chance(g, 60)) {
    static const uint32_t apart[] = {1, 8, 32, 48};
    vy_val by = gen_chance(g, 50) ? vy_u32(g->b, apart[gen_below(g, 4)])
                                  : vy_build_id(g->b, VY_OP_GROUP_SIZE, 0);
    vy_val start =
        gen_op(g, VY_OP_MUL, vy_build_id(g->b, VY_OP_GROUP_ID, 0), by);
    v = shuffled(g, VY_OP_ADD, v, start);
  }
  return v;
}

// The same for all lanes of a row or group, and small, mostly.
static vy_val start(gen *g) {
  if (g->dimensions == 2 && gen_chance(g, 40))
    return gen_op(g, VY_OP_MUL, vy_build_id(g->b, VY_OP_LANE, 1),
                  gen_chance(g, 50) ? vy_build_id(g->b, VY_OP_NUM_LANES, 0)
                                    : vy_u32(g->b, gen_below(g, 40)));
  return gen_op(g, VY_OP_AND, gen_uniform(g), vy_u32(g->b, 3));
}

// A few elements to and fro; `percent`: by a number, else by what lanes share.
static vy_val moved(gen *g, vy_type t, vy_val v, uint32_t percent) {
  if (gen_chance(g, 40))
    return v;
  vy_val by = gen_chance(g, percent) ? number(g, t, gen_below(g, 6))
                                     : vy_build_convert(g->b, t, start(g));
  if (gen_chance(g, 5)) // to where it wraps
    by = number(g, t, largest(t) - gen_below(g, 40));
  return gen_op(g, gen_chance(g, 60) ? VY_OP_ADD : VY_OP_SUB, v, by);
}

// ---- what is read

// A buffer of structs of three fields, as C lays them out.
void gen_parts(gen *g) {
  static const vy_type types[] = {VY_TYPE_U32, VY_TYPE_I32, VY_TYPE_U16,
                                  VY_TYPE_I8};
  static const uint32_t sizes[] = {4, 4, 2, 1};
  vy_build_field fields[3];
  uint32_t at = 0, most = 1;
  for (uint32_t i = 0; i < 3; i++) {
    uint32_t k = gen_chance(g, 60) ? 0 : gen_below(g, 4), size = sizes[k];
    at = (at + size - 1) / size * size;
    fields[i] = (vy_build_field){.offset = at, .type = types[k]};
    g->part_types[i] = types[k];
    at += size;
    most = size > most ? size : most;
  }
  g->parts = vy_builder_struct_buffer(g->b, vy_str_c("s"), VY_ACCESS_READ,
                                      (at + most - 1) / most * most, fields, 3);
}

typedef struct source {
  vy_buf buffer;
  uint32_t field;
  vy_type type; // of what a load gives
} source;

static source some_source(gen *g) {
  uint32_t field = gen_below(g, 3);
  if (gen_chance(g, 40))
    return (source){g->x, 0, VY_TYPE_U32};
  if (gen_chance(g, 30))
    return (source){g->fixed, 0, VY_TYPE_U32};
  if (gen_chance(g, 50))
    return (source){g->h, 0, gen_loaded(g->h_type)};
  return (source){g->parts, field, gen_loaded(g->part_types[field])};
}

static vy_val length(gen *g, const source *s, vy_type t) {
  return vy_build_convert(g->b, t, vy_build_len(g->b, s->buffer));
}

static vy_val load(gen *g, const source *s, vy_val at) {
  return gen_keep(g, s->type, vy_build_load(g->b, s->buffer, s->field, at));
}

// A load whose result is part of what `sum` shows in the end.
static vy_val add(gen *g, const source *s, vy_val sum, vy_val at) {
  vy_val v = load(g, s, at);
  if (!sum.id)
    return v;
  return gen_op(g, gen_chance(g, 80) ? VY_OP_SUB : VY_OP_MAX, v, sum);
}

static void show(gen *g, const source *s, vy_val sum) {
  if (!sum.id)
    return;
  if (gen_is_float(s->type))
    sum = vy_build_bitcast(
        g->b, s->type == VY_TYPE_F32 ? VY_TYPE_U32 : VY_TYPE_U64, sum);
  vy_build_store(g->b, g->own[0], 0, gen_own_index(g, 0),
                 vy_build_convert(g->b, VY_TYPE_U32, sum));
}

// `small` < `large`, or its opposite, in one of many spellings.
static vy_val below(gen *g, vy_val small, vy_val large) {
  switch (gen_below(g, 8)) {
  case 0:
    return gen_op(g, VY_OP_GT, large, small);
  case 1:
    return vy_not(g->b, gen_op(g, VY_OP_GE, small, large));
  case 2:
    return gen_op(g, VY_OP_LE, small, large);
  case 3:
    return gen_op(g, VY_OP_NE, small, large);
  default:
    return gen_op(g, VY_OP_LT, small, large);
  }
}

// ---- several elements a lane

// What keeps each * i + (each - 1) inside, or might seem to.
static vy_val whole(gen *g, const source *s, vy_type t, vy_val i, vy_val base,
                    uint32_t each) {
  vy_val n = length(g, s, t);
  uint32_t more =
      each - 1 - (gen_chance(g, 15) && each > 1) + gen_chance(g, 15);
  switch (gen_below(g, 4)) {
  case 0: // the number of whole pieces
    n = vy_build_len(g->b, s->buffer);
    n = each && !(each & (each - 1)) && gen_chance(g, 50)
            ? vy_shr(g->b, n, vy_u32(g->b, (uint32_t)__builtin_ctz(each)))
            : vy_div(g->b, n, vy_u32(g->b, each));
    return below(g, i, vy_build_convert(g->b, t, n));
  case 1:
    return below(g, i, vy_build_convert(g->b, t, vy_build_scalar(g->b, g->n)));
  case 2: // without wrapping
    if (g->features & RANDOM_WIDE && !gen_is_wide(t)) {
      vy_type w = wide_of(t);
      return below(
          g, vy_add(g->b, vy_build_convert(g->b, w, base), number(g, w, more)),
          vy_build_convert(g->b, w, n));
    }
    // fall through
  default:
    return below(g, vy_add(g->b, base, number(g, t, more)), n);
  }
}

static void several(gen *g) {
  static const uint32_t many[] = {2, 2, 3, 4, 4, 5, 6, 8, 16};
  uint32_t each = many[gen_below(g, 9)];
  source s = some_source(g);
  vy_type t = index_type(g);
  vy_val i = vy_build_convert(g->b, t, row(g)), base;
  if (!(each & (each - 1)) && gen_chance(g, 50))
    base = vy_shl(g->b, i, vy_u32(g->b, (uint32_t)__builtin_ctz(each)));
  else
    base = shuffled(g, VY_OP_MUL, i, number(g, t, each));
  base = moved(g, t, base, 20);
  bool guarded = gen_chance(g, 70);
  vy_val c = whole(g, &s, t, i, base, each);
  if ((t == VY_TYPE_I32 || t == VY_TYPE_I64) && gen_chance(g, 50))
    c = shuffled(g, VY_OP_AND, c, gen_op(g, VY_OP_GE, base, number(g, t, 0)));
  gen_scope scope = gen_enter(g);
  g->uniform = g->uniform && !guarded;
  if (guarded)
    vy_build_if(g->b, c);
  uint32_t turn = gen_below(g, each);
  vy_val sum = vy_none();
  for (uint32_t k = 0; k < each; k++) {
    uint32_t at = gen_chance(g, 70) ? each - 1 - k : (k + turn) % each;
    if (gen_chance(g, 75))
      sum = add(g, &s, sum, shuffled(g, VY_OP_ADD, base, number(g, t, at)));
  }
  show(g, &s, sum);
  if (guarded)
    vy_build_end(g->b);
  if (guarded)
    gen_leave(g, &scope);
  else
    g->depth--;
}

// All words of an own element's piece, in some order.
static void store_several(gen *g) {
  uint32_t which = gen_below(g, WRITTEN), scale = g->scales[which];
  vy_type t = index_type(g), v = gen_loaded(g->own_types[which]);
  vy_val base = vy_build_convert(g->b, t, gen_lane(g));
  base = gen_op(g, VY_OP_MUL, base, number(g, t, scale));
  uint64_t offset = (uint64_t)(int64_t)(int32_t)g->offsets[which];
  if (offset)
    base = vy_add(g->b, base,
                  number(g, t, gen_is_wide(t) ? offset : (uint32_t)offset));
  source s = {g->own[which], 0, v};
  bool guarded = gen_chance(g, 60);
  vy_val c = whole(g, &s, t, vy_build_convert(g->b, t, row(g)), base, scale);
  gen_scope scope = gen_enter(g);
  g->uniform = g->uniform && !guarded;
  if (guarded)
    vy_build_if(g->b, c);
  uint32_t turn = gen_chance(g, 50) ? 0 : gen_below(g, scale);
  for (uint32_t k = 0; k < scale; k++)
    if (gen_chance(g, 95)) {
      vy_val at = number(g, t, (k + turn) % scale);
      vy_val x = gen_expr(g, v, 2);
      vy_build_store(g->b, g->own[which], 0, vy_add(g->b, base, at), x);
    }
  if (guarded)
    vy_build_end(g->b);
  if (guarded)
    gen_leave(g, &scope);
  else
    g->depth--;
}

// ---- neighbours along a row

static vy_val edge(gen *g, const source *s, vy_type t, vy_val i) {
  static const vy_op ops[] = {VY_OP_EQ, VY_OP_NE, VY_OP_LT,
                              VY_OP_LE, VY_OP_GT, VY_OP_GE};
  vy_val n = length(g, s, t);
  switch (gen_below(g, 6)) {
  case 0:
    n = number(g, t, 0);
    break;
  case 1:
    n = vy_build_convert(g->b, t, vy_build_scalar(g->b, g->n));
    break;
  case 2:
    n = vy_sub(g->b, n, number(g, t, gen_below(g, 3)));
    break;
  case 3:
    i = vy_add(g->b, i, number(g, t, gen_below(g, 3)));
    break;
  case 4:
    n = number(g, t,
               gen_chance(g, 80) ? gen_below(g, 70)
                                 : largest(t) - gen_below(g, 9));
    break;
  default:
    break;
  }
  return shuffled(g, ops[gen_below(g, 6)], i, n);
}

static void neighbours(gen *g) {
  source s = some_source(g);
  vy_type t = index_type(g);
  vy_val i = moved(g, t, vy_build_convert(g->b, t, row(g)), 50);
  uint32_t count = 1 + gen_below(g, 3);
  for (uint32_t k = 0; k < count; k++) {
    vy_val c = edge(g, &s, t, i);
    if (gen_chance(g, 40)) {
      vy_val d = edge(g, &s, t, i);
      c = gen_op(g, gen_chance(g, 70) ? VY_OP_AND : VY_OP_OR, c, d);
    }
    gen_scope scope = gen_enter(g);
    g->uniform = false;
    vy_build_if(g->b, c);
    vy_val sum = load(g, &s, moved(g, t, i, 70));
    sum = add(g, &s, sum, moved(g, t, i, 70));
    show(g, &s, sum);
    if (gen_chance(g, 50)) {
      vy_build_else(g->b);
      memcpy(g->pools, scope.pools, sizeof g->pools);
      show(g, &s, load(g, &s, moved(g, t, i, 70)));
    }
    if (gen_chance(g, 20) && g->depth < 4)
      gen_statements(g, 2);
    vy_build_end(g->b);
    gen_leave(g, &scope);
    if (gen_chance(g, 30))
      show(g, &s, load(g, &s, moved(g, t, i, 70)));
  }
}

// ---- loops of all lanes

static void open_walk(gen *g) {
  vy_val trips = gen_chance(g, 60)
                     ? vy_u32(g->b, gen_below(g, 5))
                     : gen_op(g, VY_OP_AND, gen_uniform(g), vy_u32(g->b, 7));
  vy_val i = vy_build_for(g->b, vy_u32(g->b, 0), trips,
                          vy_u32(g->b, 1 + gen_chance(g, 20)));
  gen_keep(g, VY_TYPE_U32, i);
  g->loops++;
  g->jumps = false;
  source s = some_source(g);
  vy_val by = gen_chance(g, 50) && g->groups
                  ? vy_build_id(g->b, VY_OP_GROUP_SIZE, 0)
                  : vy_u32(g->b, gen_below(g, 20));
  vy_val at = vy_add(g->b, vy_mul(g->b, i, by), row(g));
  vy_val sum = load(g, &s, at);
  if (gen_chance(g, 30)) {
    vy_val c = below(g, at, length(g, &s, VY_TYPE_U32));
    gen_scope scope = gen_enter(g);
    vy_build_if(g->b, c);
    show(g, &s, add(g, &s, sum, at));
    vy_build_end(g->b);
    gen_leave(g, &scope);
  }
}

static void walk(gen *g) {
  gen_scope scope = gen_enter(g);
  open_walk(g);
  gen_store_own(g);
  vy_build_end(g->b);
  gen_leave(g, &scope);
}

// A loop that does nothing but combine into an array, which is read then.
static void count(gen *g) {
  static const vy_op ops[] = {
      VY_OP_ATOMIC_ADD, VY_OP_ATOMIC_SUB, VY_OP_ATOMIC_MIN, VY_OP_ATOMIC_MAX,
      VY_OP_ATOMIC_AND, VY_OP_ATOMIC_OR,  VY_OP_ATOMIC_XOR};
  vy_op o = ops[gen_below(g, 7)];
  gen_scope scope = gen_enter(g);
  open_walk(g);
  vy_val at =
      gen_chance(g, 60)
          ? gen_op(g, VY_OP_AND, gen_expr(g, VY_TYPE_U32, 1), vy_u32(g->b, 15))
          : gen_index(g, 1);
  (void)vy_build_array_atomic(g->b, o, g->counts, at,
                              gen_expr(g, VY_TYPE_U32, 1), vy_none());
  vy_build_end(g->b);
  gen_leave(g, &scope);
  vy_build_barrier(g->b);
  gen_keep(g, VY_TYPE_U32, vy_build_read(g->b, g->counts, gen_index(g, 1)));
  vy_build_barrier(g->b);
}

void gen_windows(gen *g) {
  switch (gen_below(g, 5)) {
  case 0:
    several(g);
    return;
  case 1:
    store_several(g);
    return;
  case 2:
    if (g->loops < 2 && g->uniform)
      walk(g);
    return;
  case 3:
    if (g->loops < 2 && g->uniform && g->groups && g->features & RANDOM_ATOMICS)
      count(g);
    return;
  default:
    neighbours(g);
    return;
  }
}

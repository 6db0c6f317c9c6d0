// Programs as simple as those of which a thread of a GPU takes several lanes
// abreast: a few loads of neighbouring elements, little computed, a store or
// two, under conditions on where the lane is; at each place such a program may
// do what undoes that, and what only one lane after another may do.
//
// A lane stores to its own element, `at`, only. What it loads is `at` and what
// lies around it, as far as the conditions around say that it is there, and a
// little further now and then.
#include "support/random_abreast.h"

// ---- what is there

static vy_type some_type(plan *p, bool narrow) {
  static const vy_type types[] = {VY_TYPE_U32,  VY_TYPE_F32, VY_TYPE_I32,
                                  VY_TYPE_F64,  VY_TYPE_U64, VY_TYPE_I64,
                                  VY_TYPE_U8,   VY_TYPE_I8,  VY_TYPE_U16,
                                  VY_TYPE_BF16, VY_TYPE_I16, VY_TYPE_F16};
  if (chance(p, 50))
    return types[below(p, 2)];
  return types[below(p, narrow ? 12 : 6)];
}

static void parameters(plan *p) {
  static const char *const in[] = {"a", "b", "c"}, *const out[] = {"y", "z"};
  vy_builder *b = p->b;
  p->n = vy_builder_scalar(b, vy_str_c("n"), VY_TYPE_U32);
  p->m = vy_builder_scalar(b, vy_str_c("m"), VY_TYPE_U32);
  p->k = vy_builder_scalar(b, vy_str_c("k"), VY_TYPE_U32);
  p->i = vy_builder_scalar(b, vy_str_c("i"), VY_TYPE_I32);
  for (uint32_t i = 0; i < SOURCES; i++) {
    p->in_types[i] = some_type(p, true);
    p->in[i] =
        vy_builder_buffer(b, vy_str_c(in[i]), VY_ACCESS_READ, p->in_types[i]);
  }
  for (uint32_t i = 0; i < TARGETS; i++) {
    p->update[i] = chance(p, 50);
    p->out_types[i] = some_type(p, chance(p, 35));
    p->out[i] = vy_builder_buffer(
        b, vy_str_c(out[i]), p->update[i] ? VY_ACCESS_UPDATE : VY_ACCESS_WRITE,
        p->out_types[i]);
  }
  p->few = vy_builder_buffer(b, vy_str_c("e"), VY_ACCESS_READ, VY_TYPE_U32);
  vy_builder_set_length(b, p->few, vy_size_literal(b, FEW));
  p->bytes = vy_builder_buffer(b, vy_str_c("d"), VY_ACCESS_READ, VY_TYPE_U8);
  p->count = vy_builder_buffer(b, vy_str_c("h"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  vy_builder_set_length(b, p->count, vy_size_literal(b, FEW));
  uint64_t bits[FEW];
  for (uint32_t i = 0; i < FEW; i++)
    bits[i] = numbers_next(&p->g->rng) & UINT32_MAX;
  p->table = vy_builder_table(b, VY_TYPE_U32, bits, FEW);
}

static vy_size size_sum(plan *p, vy_size a, uint32_t more) {
  return more ? vy_size_op(p->b, VY_OP_ADD, a,
                           vy_size_literal(p->b, (int64_t)more))
              : a;
}

// Mostly one length for all.
static void lengths(plan *p, vy_size length, bool first) {
  for (uint32_t i = !first; i < SOURCES; i++)
    if (chance(p, 98))
      vy_builder_set_length(
          p->b, p->in[i],
          size_sum(p, length, chance(p, 97) ? 0 : below(p, FAR)));
  for (uint32_t i = 0; i < TARGETS; i++)
    if (chance(p, 98))
      vy_builder_set_length(p->b, p->out[i],
                            size_sum(p, length, chance(p, 98) ? 0 : 3));
}

static void domain(plan *p) {
  vy_builder *b = p->b;
  vy_size n = vy_size_scalar(b, p->n), m = vy_size_scalar(b, p->m);
  uint32_t kind = below(p, 10);
  p->dimensions = kind < 5 ? 1 : kind < 9 ? 2 : 3;
  p->x = vy_build_id(b, VY_OP_LANE, 0);
  if (p->dimensions == 1) {
    bool own = chance(p, 85);
    vy_size all = own ? vy_size_len(b, p->in[0]) : n;
    lengths(p, all, !own);
    all = size_sum(p, all, chance(p, 92) ? 0 : below(p, 9));
    vy_builder_lanes(b, 1, &all);
    return;
  }
  p->width = p->dimensions == 2 && chance(p, 75) ? 0 : 1 + below(p, 70);
  vy_size w = p->width ? vy_size_literal(b, p->width) : n;
  vy_size z = vy_size_literal(b, 2);
  if (p->dimensions == 3) {
    p->height = 1 + below(p, 5);
    m = vy_size_literal(b, p->height);
  }
  vy_size area = vy_size_op(b, VY_OP_MUL, w, m);
  if (p->dimensions == 3)
    area = vy_size_op(b, VY_OP_MUL, area, z);
  lengths(p, area, true);
  vy_size all[3] = {w, m, z};
  vy_builder_lanes(b, p->dimensions, all);
}

// The lane's own elements.
static void find_place(plan *p) {
  vy_builder *b = p->b;
  if (p->dimensions == 1) {
    int32_t by = chance(p, 70) ? 0 : (int32_t)below(p, FAR);
    p->open = by == 0;
    p->at = abreast_moved(p, p->x, by);
    if (chance(p, 25)) {
      p->at = abreast_sum(p, p->x, vy_build_scalar(b, p->k));
      p->open = false;
    }
    p->own[0] = p->at;
    p->own[1] = chance(p, 70) ? p->x : p->at;
    return;
  }
  p->open = p->width > 0;
  vy_val w = p->width ? number(p, p->width) : vy_build_scalar(b, p->n);
  p->y = vy_build_id(b, VY_OP_LANE, 1);
  vy_val row = p->y;
  if (p->dimensions == 3)
    row = abreast_sum(
        p, row, vy_mul(b, vy_build_id(b, VY_OP_LANE, 2), number(p, p->height)));
  row = chance(p, 20) ? vy_mul(b, w, row) : vy_mul(b, row, w);
  p->own[0] = p->own[1] = p->at = abreast_sum(p, row, p->x);
}

static void store(plan *p) {
  uint32_t i = below(p, TARGETS);
  vy_type t = gen_loaded(p->out_types[i]);
  vy_val v = abreast_mixed(p, t, 1 + below(p, 2));
  if (chance(p, 5))
    v = vy_build_literal(p->b, t, below(p, 9));
  else
    for (uint32_t k = 0; k < p->fresh_count; k++)
      v = gen_op(p->g, chance(p, 70) ? VY_OP_SUB : VY_OP_MAX, v,
                 abreast_converted(p, t, p->fresh[k].type, p->fresh[k].v));
  if (p->left)
    p->left--;
  vy_build_store(p->b, p->out[i], 0, p->own[i], v);
  p->stored = true;
}

// ---- conditions

static vy_val some_condition(plan *p) {
  vy_type t = (vy_type)(VY_TYPE_I32 + below(p, 6));
  switch (below(p, 8)) {
  case 0: // alike
    return abreast_compared(p, vy_build_scalar(p->b, p->k),
                            number(p, below(p, 12)));
  case 1:
    return abreast_compared(p, abreast_load_alike(p), number(p, below(p, 40)));
  case 2: // where the lane is
  case 3:
    return abreast_compared(p, chance(p, 50) ? p->x : p->at,
                            chance(p, 50) ? number(p, below(p, 90))
                                          : vy_build_scalar(p->b, p->n));
  case 4: { // loads that only some need
    vy_val first = abreast_compared(p, abreast_some(p, t), abreast_some(p, t));
    vy_val then = abreast_compared(p, abreast_load_far(p, false),
                                   number(p, below(p, 40)));
    p->left -= p->left > 0;
    return gen_op(p->g, chance(p, 60) ? VY_OP_AND : VY_OP_OR, first, then);
  }
  default:
    return abreast_compared(p, abreast_some(p, t), abreast_some(p, t));
  }
}

// What says that elements around `at` are there.
static vy_val border(plan *p, uint32_t before, uint32_t after) {
  vy_builder *b = p->b;
  vy_val end = p->width ? number(p, p->width) : vy_build_scalar(b, p->n);
  if (p->dimensions == 1)
    end = vy_build_len(b, p->in[0]);
  vy_val inner = p->dimensions == 1 ? p->at : p->x;
  vy_val c = vy_lt(b, abreast_moved(p, inner, (int32_t)after), end);
  if (after && chance(p, 30))
    c = vy_lt(b, inner, vy_sub(b, end, number(p, after)));
  if (after && chance(p, 90)) { // or the sum might have wrapped
    vy_val d = vy_lt(b, inner, end);
    c = chance(p, 85) ? vy_and(b, d, c) : vy_and(b, c, d);
  }
  if (before)
    c = vy_and(b,
               chance(p, 50) ? vy_ge(b, inner, number(p, before))
                             : vy_gt(b, inner, number(p, before - 1)),
               c);
  if (p->dimensions == 1)
    return c;
  vy_val m = p->height ? number(p, p->height) : vy_build_scalar(b, p->m);
  if (p->dimensions == 2 && chance(p, 30)) {
    p->rows = true;
    c = vy_and(b, c, vy_gt(b, p->y, number(p, 0)));
    if (chance(p, 50))
      return vy_and(b, c, vy_lt(b, abreast_moved(p, p->y, 1), m));
    c = vy_and(b, c, vy_lt(b, p->y, vy_sub(b, m, number(p, 1))));
  }
  return vy_and(b, c, vy_lt(b, p->y, m));
}

// ---- statements

typedef struct scope {
  gen_scope gen;
  uint32_t fresh_count;
} scope;

static scope enter(plan *p) { return (scope){gen_enter(p->g), p->fresh_count}; }

static void again(plan *p, const scope *s) { // the other arm
  memcpy(p->g->pools, s->gen.pools, sizeof s->gen.pools);
  p->fresh_count = s->fresh_count;
}

static void leave(plan *p, const scope *s) {
  gen_leave(p->g, &s->gen);
  p->fresh_count = s->fresh_count;
}

// An arm that changes a variable, and loads for it.
static void set_in_arms(plan *p) {
  vy_type t = (vy_type)(VY_TYPE_I32 + below(p, 6));
  vy_var v = vy_builder_var(p->b, t);
  if (chance(p, 80))
    vy_build_set(p->b, v, abreast_some(p, t));
  vy_val c = some_condition(p);
  scope s = enter(p);
  vy_build_if(p->b, c);
  for (uint32_t i = below(p, 3); i-- > 0;)
    if (chance(p, 30))
      (void)abreast_load_alike(p);
    else
      abreast_load(p);
  vy_build_set(p->b, v, abreast_mixed(p, t, 1));
  if (chance(p, 40)) {
    vy_build_else(p->b);
    again(p, &s);
    if (chance(p, 20))
      abreast_load(p);
    vy_build_set(p->b, v, abreast_mixed(p, t, 1));
  }
  vy_build_end(p->b);
  leave(p, &s);
  keep(p, t, vy_build_get(p->b, v));
}

static void choose(plan *p) {
  vy_type t = (vy_type)(VY_TYPE_I32 + below(p, 6));
  vy_val c = some_condition(p), a = abreast_some(p, t), b = abreast_some(p, t);
  keep(p, t, vy_select(p->b, c, a, b));
}

// For lanes that are not like most.
static void something_else(plan *p) {
  switch (below(p, 6)) {
  case 0:
    (void)vy_build_atomic(p->b, VY_OP_ATOMIC_ADD, p->count,
                          number(p, below(p, FEW + 1)),
                          abreast_some(p, VY_TYPE_U32), vy_none());
    return;
  case 1: {
    vy_var v = vy_builder_var(p->b, VY_TYPE_U32);
    vy_val trips = vy_and(p->b, abreast_some(p, VY_TYPE_U32), number(p, 7));
    scope s = enter(p);
    vy_val i = vy_build_for(p->b, number(p, 0), trips, number(p, 1));
    keep(p, VY_TYPE_U32, i);
    vy_val x = vy_build_load(p->b, p->few, 0, i);
    vy_build_set(p->b, v, vy_sub(p->b, x, vy_build_get(p->b, v)));
    vy_build_end(p->b);
    leave(p, &s);
    keep(p, VY_TYPE_U32, vy_build_get(p->b, v));
    store(p);
    return;
  }
  case 2:
    if (chance(p, 50))
      store(p);
    vy_build_return(p->b);
    return;
  default:
    store(p);
    return;
  }
}

static void statements(plan *p, uint32_t depth);

// Most lanes one way, some the other.
static void part(plan *p, uint32_t depth) {
  bool small = chance(p, 20), turned = !small && chance(p, 20);
  bool both = !small && (turned || chance(p, 90));
  uint32_t before = p->before, after = p->after;
  bool rows = p->rows, stored = p->stored;
  uint32_t least = p->width ? 85 : 40;
  uint32_t less = chance(p, least) ? 0 : 1 + below(p, chance(p, 70) ? 2 : FAR);
  uint32_t more = chance(p, least) ? 0 : 1 + below(p, chance(p, 70) ? 2 : FAR);
  vy_val c =
      chance(p, 85) || !p->before ? border(p, less, more) : some_condition(p);
  if (chance(p, 10))
    c = vy_and(p->b, c, some_condition(p));
  scope s = enter(p);
  vy_build_if(p->b, turned ? vy_not(p->b, c) : c);
  if (turned) {
    p->rows = rows;
    something_else(p);
    vy_build_else(p->b);
    again(p, &s);
    p->stored = stored;
  }
  bool open = p->open;
  p->open = true;
  p->before = less > before ? less : before;
  p->after = more > after ? more : after;
  if (small) {
    abreast_load(p);
    store(p);
  } else {
    statements(p, depth + 1);
  }
  p->open = open;
  p->before = before;
  p->after = after;
  p->rows = rows;
  if (both && !turned) {
    vy_build_else(p->b);
    again(p, &s);
    p->stored = stored;
    something_else(p);
  }
  vy_build_end(p->b);
  leave(p, &s);
  p->stored = false; // not for sure
}

// Lanes at the border end here.
static void end_some(plan *p) {
  uint32_t less = chance(p, 60) ? 0 : 1 + below(p, 3);
  uint32_t more = chance(p, 60) ? 0 : 1 + below(p, 3);
  vy_val c = border(p, less, more);
  scope s = enter(p);
  vy_build_if(p->b, vy_not(p->b, c));
  if (chance(p, 30))
    something_else(p);
  vy_build_return(p->b);
  vy_build_end(p->b);
  leave(p, &s);
  p->stored = false;
  p->open = true;
  p->before = less > p->before ? less : p->before;
  p->after = more > p->after ? more : p->after;
}

static void statements(plan *p, uint32_t depth) {
  if (!depth && chance(p, 20))
    end_some(p);
  if (p->before + p->after && chance(p, 50))
    abreast_load_window(p);
  for (uint32_t i = 1 + below(p, 3); i-- > 0;)
    abreast_load(p);
  for (uint32_t i = below(p, 3); i-- > 0;)
    if (chance(p, 60))
      set_in_arms(p);
    else
      choose(p);
  bool parts = depth < 2 && chance(p, depth ? 15 : p->open ? 60 : 95);
  if (parts)
    part(p, depth);
  if (parts && !p->open && chance(p, 95))
    return;
  if (!parts || chance(p, 25))
    store(p);
  for (uint32_t i = below(p, 3); i-- > 0 && p->left > 1;) {
    abreast_load(p);
    if (chance(p, 60))
      store(p);
  }
  if (depth < 2 && chance(p, 8))
    part(p, depth); // after what cannot be done again
}

void gen_abreast(gen *g) {
  plan p = {.g = g, .b = g->b, .left = 4 + gen_below(g, 8)};
  parameters(&p);
  domain(&p);
  find_place(&p);
  statements(&p, 0);
}

// See operations.h.
#include "support/operations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ir/ir.h"

const char *const position_names[POSITIONS] = {
    "lane", "masked", "loop", "uniform", "left", "right", "scalar"};

// ---- the list

static const vy_type value_types[] = {VY_TYPE_BOOL, VY_TYPE_I32, VY_TYPE_U32,
                                      VY_TYPE_I64,  VY_TYPE_U64, VY_TYPE_F32,
                                      VY_TYPE_F64};
enum { TYPES = sizeof value_types / sizeof *value_types };

typedef struct list {
  operation *out;
  size_t count, room;
} list;

static void add(list *l, uint32_t op, vy_type a, vy_type b, vy_type c,
                vy_type result) {
  operation *o = &l->out[l->count++];
  assert_true(l->count <= l->room);
  *o = (operation){
      (vy_op)op, vy__op_row(op)->operands, {a, b, c}, {a, b, c}, result};
  if (vy__op_row(op)->sig == VY__SIG_SHIFT)
    o->source[1] = VY_TYPE_U64;
}

static void add_row(list *l, uint32_t op, const vy__op_info *row, vy_type t) {
  const vy_type none = VY_TYPE_NONE, b = row->operands > 1 ? t : none,
                c = row->operands > 2 ? t : none;
  switch ((vy__sig)row->sig) {
  case VY__SIG_TEST:
  case VY__SIG_CMP:
    add(l, op, t, b, c, VY_TYPE_BOOL);
    break;
  case VY__SIG_ABSDIFF:
    add(l, op, t, t, none,
        t == VY_TYPE_I32   ? VY_TYPE_U32
        : t == VY_TYPE_I64 ? VY_TYPE_U64
                           : t);
    break;
  case VY__SIG_SELECT:
    add(l, op, VY_TYPE_BOOL, t, t, t);
    break;
  case VY__SIG_SHIFT:
    for (int i = 0; i < TYPES; i++)
      if (vy__is_int(value_types[i]))
        add(l, op, t, value_types[i], none, t);
    break;
  case VY__SIG_CONVERT:
  case VY__SIG_BITCAST:
    for (int i = 0; i < TYPES; i++)
      if (row->sig == VY__SIG_CONVERT ||
          (row->types >> value_types[i] & 1 &&
           vy__type_bits(t) == vy__type_bits(value_types[i])))
        add(l, op, t, none, none, value_types[i]);
    break;
  default:
    add(l, op, t, b, c, t);
  }
}

bool operations_same_sources(const operation *a, const operation *b) {
  return a->operands == b->operands &&
         !memcmp(a->source, b->source, sizeof a->source);
}

size_t operations_all(operation *out, size_t room) {
  list l = {out, 0, room};
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++) {
    const vy__op_info *row = vy__op_row(op);
    if (!row->name || row->effect != VY__EFFECT_PURE || !row->operands)
      continue;
    for (int t = 0; t < TYPES; t++)
      if (row->types >> value_types[t] & 1)
        add_row(&l, op, row, value_types[t]);
  }
  for (size_t i = 0; i < l.count; i++) // bring those alike together
    for (size_t j = i + 1, at = i + 1; j < l.count; j++)
      if (operations_same_sources(&out[i], &out[j])) {
        const operation moved = out[j];
        memmove(&out[at + 1], &out[at], (j - at) * sizeof *out);
        out[at++] = moved;
      }
  return l.count;
}

size_t operations_alike(const operation *at, size_t count) {
  size_t n = 1;
  while (n < count && operations_same_sources(&at[0], &at[n]))
    n++;
  return n;
}

const char *operation_name(const operation *o) {
  return vy__op_row(o->op)->name;
}

// ---- programs

enum { MAX_OPERATIONS = 128 };

typedef struct making {
  vy_builder *b;
  const operation *at;
  size_t count;
  vy_scalar scalars[3];
  vy_buf in[3];
  vy_buf out[VY_TYPE_F64 + 1];
  bool has_out[VY_TYPE_F64 + 1];
  uint32_t place[MAX_OPERATIONS]; // among those of one result type
  uint32_t literal;               // operand that is one; 3: none
  uint64_t bits;
  vy_val operands[3]; // of the source types
} making;

static vy_type stored(vy_type t) { return t == VY_TYPE_BOOL ? VY_TYPE_U32 : t; }

static void declare(making *m, position position) {
  static const char *const names[] = {"a", "b", "c"};
  static const char *const outs[] = {"",     "y_b",  "y_i", "y_u",
                                     "y_il", "y_ul", "y_f", "y_d"};
  uint32_t places[VY_TYPE_F64 + 1] = {0};
  for (uint32_t i = 0; i < m->at->operands; i++)
    if (position == POSITION_SCALAR)
      m->scalars[i] =
          vy_builder_scalar(m->b, vy_str_c(names[i]), stored(m->at->source[i]));
    else
      m->in[i] = vy_builder_buffer(m->b, vy_str_c(names[i]), VY_ACCESS_READ,
                                   stored(m->at->source[i]));
  assert_true(m->count <= MAX_OPERATIONS);
  for (size_t k = 0; k < m->count; k++) {
    const vy_type r = m->at[k].result;
    if (!m->has_out[r])
      m->out[r] = vy_builder_buffer(m->b, vy_str_c(outs[r]), VY_ACCESS_WRITE,
                                    stored(r));
    m->has_out[r] = true;
    m->place[k] = places[r]++;
  }
}

static vy_val source(making *m, uint32_t i, vy_val index) {
  const vy_type t = m->at->source[i];
  if (m->literal == i)
    return vy_build_literal(m->b, t, m->bits);
  vy_val v = m->scalars[i].id ? vy_build_scalar(m->b, m->scalars[i])
                              : vy_build_load(m->b, m->in[i], 0, index);
  return t == VY_TYPE_BOOL ? vy_ne(m->b, v, vy_u32(m->b, 0)) : v;
}

static void sources(making *m, vy_val a, vy_val others) {
  for (uint32_t i = 0; i < m->at->operands; i++)
    m->operands[i] = source(m, i, i ? others : a);
}

static vy_val apply_to(making *m, size_t k, vy_val first) {
  const operation *o = &m->at[k];
  vy_val v[3] = {first, m->operands[1], m->operands[2]};
  if (o->types[1] != o->source[1])
    v[1] = vy_build_convert(m->b, o->types[1], v[1]);
  if (o->op == VY_OP_CONVERT)
    return vy_build_convert(m->b, o->result, v[0]);
  if (o->op == VY_OP_BITCAST)
    return vy_build_bitcast(m->b, o->result, v[0]);
  return vy_build_op(m->b, o->op, v[0], o->operands > 1 ? v[1] : vy_none(),
                     o->operands > 2 ? v[2] : vy_none());
}

static vy_val apply(making *m, size_t k) {
  return apply_to(m, k, m->operands[0]);
}

// y[k * stride + offset]
static void store(making *m, size_t k, vy_val v, vy_val stride, vy_val offset) {
  const vy_type r = m->at[k].result;
  vy_val index =
      vy_add(m->b, vy_mul(m->b, vy_u32(m->b, m->place[k]), stride), offset);
  if (r == VY_TYPE_BOOL)
    v = vy_build_convert(m->b, VY_TYPE_U32, v);
  vy_build_store(m->b, m->out[r], 0, index, v);
}

static void store_all(making *m, vy_val stride, vy_val offset, bool backwards) {
  for (size_t k = 0; k < m->count; k++) {
    const size_t at = backwards ? m->count - 1 - k : k;
    store(m, at, apply(m, at), stride, offset);
  }
}

static void by_lane(making *m, position position) {
  vy_builder *b = m->b;
  vy_size n = vy_size_len(b, m->in[0]);
  vy_builder_lanes(b, 1, &n);
  vy_val lane = vy_lane(b), all = vy_build_id(b, VY_OP_NUM_LANES, 0);
  sources(m, lane, lane);
  if (position == POSITION_LANE) {
    store_all(m, all, lane, false);
    return;
  }
  vy_val third = vy_rem(b, lane, vy_u32(b, 3));
  vy_build_if(b, vy_eq(b, third, vy_u32(b, 0)));
  store_all(m, all, lane, false);
  vy_build_else(b);
  vy_build_if(b, vy_eq(b, third, vy_u32(b, 1)));
  store_all(m, all, lane, true);
  vy_build_end(b);
  vy_build_end(b);
}

static void in_loop(making *m) {
  vy_builder *b = m->b;
  vy_size n = vy_size_len(b, m->in[0]);
  vy_builder_lanes(b, 1, &n);
  vy_val lane = vy_lane(b), all = vy_build_id(b, VY_OP_NUM_LANES, 0);
  vy_val first = source(m, 0, lane);
  vy_var sums[MAX_OPERATIONS];
  for (size_t k = 0; k < m->count; k++)
    if (m->at[k].result == m->at->source[0]) {
      sums[k] = vy_builder_var(b, m->at[k].result);
      vy_build_set(b, sums[k], first);
    }
  vy_val i = vy_build_for(b, vy_u32(b, 0), vy_rem(b, lane, vy_u32(b, 4)),
                          vy_u32(b, 1));
  vy_val at = vy_rem(b, vy_add(b, lane, vy_mul(b, i, vy_u32(b, 7))), all);
  sources(m, at, at);
  for (size_t k = 0; k < m->count; k++)
    if (m->at[k].result == m->at->source[0])
      vy_build_set(b, sums[k], apply_to(m, k, vy_build_get(b, sums[k])));
    else
      store(m, k, apply(m, k), all, lane);
  vy_build_end(b);
  for (size_t k = 0; k < m->count; k++)
    if (m->at[k].result == m->at->source[0])
      store(m, k, vy_build_get(b, sums[k]), all, lane);
}

static void all_tuples(making *m) {
  vy_builder *b = m->b;
  vy_size lanes = vy_size_literal(b, POSITION_UNIFORM_LANES);
  vy_builder_lanes(b, 1, &lanes);
  vy_val n = vy_build_len(b, m->in[0]), w = vy_u32(b, POSITION_UNIFORM_LANES);
  vy_val i = vy_build_for(b, vy_u32(b, 0), n, vy_u32(b, 1));
  sources(m, i, i);
  store_all(m, vy_mul(b, n, w), vy_add(b, vy_mul(b, i, w), vy_lane(b)), false);
  vy_build_end(b);
}

static void one_varies(making *m, position position) {
  vy_builder *b = m->b;
  const int lanes_of = position == POSITION_RIGHT;
  vy_size n = vy_size_len(b, m->in[lanes_of]);
  vy_builder_lanes(b, 1, &n);
  vy_val lane = vy_lane(b), all = vy_build_id(b, VY_OP_NUM_LANES, 0);
  vy_val m_ = vy_build_len(b, m->in[!lanes_of]);
  vy_val i = vy_build_for(b, vy_u32(b, 0), m_, vy_u32(b, 1));
  if (position == POSITION_LEFT)
    sources(m, lane, i);
  else
    sources(m, i, lane);
  store_all(m, vy_mul(b, m_, all), vy_add(b, vy_mul(b, i, all), lane), false);
  vy_build_end(b);
}

static void of_scalars(making *m) {
  vy_size lanes = vy_size_literal(m->b, POSITION_SCALAR_LANES);
  vy_builder_lanes(m->b, 1, &lanes);
  sources(m, vy_none(), vy_none());
  store_all(m, vy_u32(m->b, POSITION_SCALAR_LANES), vy_lane(m->b), false);
}

static vy_program *build(vy_context *context, const operation *at, size_t count,
                         position position, uint32_t literal, uint64_t bits) {
  making m = {.at = at, .count = count, .literal = literal, .bits = bits};
  vy_program *p = NULL;
  assert_int_equal(
      vy_builder_create(context, vy_str_c("operations"), &m.b, NULL), VY_OK);
  declare(&m, position);
  switch (position) {
  case POSITION_LOOP:
    in_loop(&m);
    break;
  case POSITION_UNIFORM:
    all_tuples(&m);
    break;
  case POSITION_LEFT:
  case POSITION_RIGHT:
    one_varies(&m, position);
    break;
  case POSITION_SCALAR:
    of_scalars(&m);
    break;
  default:
    by_lane(&m, position);
  }
  assert_int_equal(vy_builder_finish(m.b, &p, NULL), VY_OK);
  vy_builder_release(m.b);
  return p;
}

vy_program *operations_program(vy_context *context, const operation *at,
                               size_t count, position position) {
  return build(context, at, count, position, 3, 0);
}

vy_program *operations_literal(vy_context *context, const operation *at,
                               size_t count, uint32_t where, uint64_t bits) {
  return build(context, at, count, POSITION_LANE, where, bits);
}

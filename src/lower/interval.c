// Intervals of integer values, one step at a time: from those of its operands
// to that of a value. Everything is computed as numbers of 128 bits; what
// then does not fit the type, wrapped as a whole or not, is any value.
#include "lower/pass.h"

#include "semantics/semantics.h"

vy__interval vy__interval_of(vy_type type) {
  if (type == VY_TYPE_BOOL)
    return (vy__interval){0, 1};
  uint32_t bits = vy__type_bits(type);
  if (!vy__is_signed(type))
    return (vy__interval){0, ((vy__wide)1 << bits) - 1};
  return (vy__interval){-((vy__wide)1 << (bits - 1)),
                        ((vy__wide)1 << (bits - 1)) - 1};
}

static vy__wide number(vy_type type, uint64_t bits) {
  if (type == VY_TYPE_I32)
    return (int32_t)(uint32_t)bits;
  return type == VY_TYPE_I64 ? (vy__wide)(int64_t)bits : (vy__wide)bits;
}

// [lo, hi] modulo 2^n, if that is one interval again.
static vy__interval wrapped(vy_type type, vy__wide lo, vy__wide hi) {
  vy__interval all = vy__interval_of(type);
  vy__wide size = all.hi - all.lo + 1;
  if (hi - lo >= size)
    return all;
  vy__wide sizes = (lo - all.lo) / size;
  if ((lo - all.lo) % size < 0)
    sizes--;
  lo -= sizes * size;
  hi -= sizes * size;
  return hi <= all.hi ? (vy__interval){lo, hi} : all;
}

static vy__wide least(vy__wide a, vy__wide b) { return a < b ? a : b; }
static vy__wide most(vy__wide a, vy__wide b) { return a > b ? a : b; }

static vy__interval join(vy__interval a, vy__interval b) {
  return (vy__interval){least(a.lo, b.lo), most(a.hi, b.hi)};
}

// Products of 64-bit numbers fit 128 bits, but for u64 by u64.
static vy__interval multiply(vy_type type, vy__interval a, vy__interval b) {
  vy__interval all = vy__interval_of(type);
  vy__wide corners[4], x[2] = {a.lo, a.hi}, y[2] = {b.lo, b.hi};
  for (int i = 0; i < 4; i++)
    if (__builtin_mul_overflow(x[i & 1], y[i >> 1], &corners[i]))
      return all;
  vy__interval r = {corners[0], corners[0]};
  for (int i = 1; i < 4; i++)
    r = join(r, (vy__interval){corners[i], corners[i]});
  return vy__inside(r, all) ? r : all;
}

// Up to the next power of two less one.
static vy__wide filled(vy__wide x) {
  vy__wide m = 0;
  while (m < x)
    m = m * 2 + 1;
  return m;
}

static vy__interval bits_of(uint32_t op, vy_type type, vy__interval a,
                            vy__interval b) {
  if (type == VY_TYPE_BOOL)
    return (vy__interval){0, 1};
  if (op == VY__OP_AND && (a.lo >= 0 || b.lo >= 0)) {
    if (a.lo < 0)
      return (vy__interval){0, b.hi};
    return (vy__interval){0, b.lo < 0 ? a.hi : least(a.hi, b.hi)};
  }
  if (a.lo < 0 || b.lo < 0 || op == VY__OP_AND)
    return vy__interval_of(type);
  vy__wide lo = op == VY__OP_OR ? most(a.lo, b.lo) : 0;
  return (vy__interval){lo, filled(most(a.hi, b.hi))};
}

static vy__interval divided(vy_type type, vy__interval a, vy__interval b) {
  if (a.lo < 0 || b.lo <= 0)
    return vy__interval_of(type);
  return (vy__interval){a.lo / b.hi, a.hi / b.lo};
}

// x % 0 is x; the sign is that of x.
static vy__interval remainder_of(vy_type type, vy__interval a, vy__interval b) {
  vy__wide m = most(b.hi, -b.lo) - 1; // the largest |result| when b is not 0
  if (b.lo <= 0 && b.hi >= 0)
    m = most(m, most(a.hi, -a.lo));
  vy__interval r = {a.lo < 0 ? most(a.lo, -m) : 0,
                    a.hi > 0 ? least(a.hi, m) : 0};
  return vy__inside(r, vy__interval_of(type)) ? r : vy__interval_of(type);
}

static vy__interval shifted(uint32_t op, vy_type type, vy__interval a,
                            vy__interval by, bool by_const) {
  vy__interval all = vy__interval_of(type);
  if (!by_const) // at most what it was, for x >= 0
    return op == VY__OP_SHR && a.lo >= 0 ? (vy__interval){0, a.hi} : all;
  uint64_t n = vy__shift_amount(type, (uint64_t)by.lo);
  if (op == VY__OP_SHR)
    return (vy__interval){a.lo >> n, a.hi >> n};
  vy__wide scale = (vy__wide)1 << n;
  return op == VY__OP_SHL ? multiply(type, a, (vy__interval){scale, scale})
                          : all;
}

static vy__interval converted(vy_type from, vy_type to, vy__interval a) {
  vy__interval all = vy__interval_of(to);
  if (!vy__is_int(from) && from != VY_TYPE_BOOL)
    return all;
  if (to == VY_TYPE_BOOL)
    return (vy__interval){a.lo > 0 || a.hi < 0, a.lo != 0 || a.hi != 0};
  if (vy__inside(a, all))
    return a;
  return wrapped(to, a.lo, a.hi);
}

// ---- leaves and memory

static vy__interval length_of(const vy_program *p, uint32_t param,
                              vy_type type) {
  vy__size_env none = {0};
  uint64_t n;
  uint32_t node = p->ir.params[param].length;
  if (node != VY__NONE && vy__size_eval(&p->ir, node, &none, &n) == VY__SIZE_OK)
    return (vy__interval){n, n};
  vy__interval r = vy__interval_of(type);
  if (type == VY_TYPE_U64)
    r.hi = INT64_MAX;
  return r;
}

static vy__interval id_of(const vy_program *p, const vy__value *v) {
  vy__interval r = vy__interval_of(VY_TYPE_U32);
  if (v->op == VY__OP_LOCAL)
    return (vy__interval){0, p->group_size[v->ref] - 1};
  if (v->op == VY__OP_GROUP_SIZE)
    return (vy__interval){p->group_size[v->ref], p->group_size[v->ref]};
  // A dimension has at most 2^32 - 1 lanes, and a lane that runs is one.
  if (v->op == VY__OP_NUM_LANES || v->op == VY__OP_NUM_GROUPS)
    r.lo = 1;
  else
    r.hi--;
  if (v->ref >= p->ir.dimensions)
    r.lo = r.hi = v->op == VY__OP_NUM_LANES || v->op == VY__OP_NUM_GROUPS;
  return r;
}

// The elements of a small table; a load outside gives zero.
static vy__interval table_of(const vy__ir *ir, const vy__value *v) {
  const vy__table *t = &ir->tables[v->ref];
  vy__interval r = {0, 0};
  for (uint32_t k = 0; k < t->count; k++) {
    vy__wide x = number(
        (vy_type)v->type,
        vy__load_convert((vy_type)t->type, ir->table_bits[t->first + k]));
    r = join(r, (vy__interval){x, x});
  }
  return r;
}

static vy__interval loaded(const vy_program *p, const vy__value *v) {
  const vy__ir *ir = &p->ir;
  uint32_t stored = VY_TYPE_NONE;
  if (v->op == VY__OP_LOAD_U16)
    return (vy__interval){0, UINT16_MAX};
  if (v->op != VY__OP_LOAD)
    return vy__interval_of((vy_type)v->type);
  if (v->space == VY__SPACE_TABLE && ir->tables[v->ref].count <= 256)
    return table_of(ir, v);
  if (v->space == VY__SPACE_TABLE)
    stored = ir->tables[v->ref].type;
  else if (v->space == VY__SPACE_BUFFER)
    stored = ir->fields[ir->params[v->ref].first_field + v->field].type;
  else if (v->space == VY__SPACE_GROUP)
    stored = ir->groups[v->ref].type;
  else if (v->space == VY__SPACE_PRIVATE)
    stored = ir->privates[v->ref].type;
  switch (stored) {
  case VY_TYPE_U8:
    return (vy__interval){0, UINT8_MAX};
  case VY_TYPE_U16:
    return (vy__interval){0, UINT16_MAX};
  case VY_TYPE_I8:
    return (vy__interval){INT8_MIN, INT8_MAX};
  case VY_TYPE_I16:
    return (vy__interval){INT16_MIN, INT16_MAX};
  default:
    return vy__interval_of((vy_type)v->type);
  }
}

static vy__interval binary(const vy__value *v, vy__interval a, vy__interval b) {
  vy_type t = (vy_type)v->type;
  switch (v->op) {
  case VY__OP_ADD:
    return wrapped(t, a.lo + b.lo, a.hi + b.hi);
  case VY__OP_SUB:
    return wrapped(t, a.lo - b.hi, a.hi - b.lo);
  case VY__OP_MUL:
    return multiply(t, a, b);
  case VY__OP_DIV:
    return divided(t, a, b);
  case VY__OP_REM:
    return remainder_of(t, a, b);
  case VY__OP_MIN:
    return (vy__interval){least(a.lo, b.lo), least(a.hi, b.hi)};
  case VY__OP_MAX:
    return (vy__interval){most(a.lo, b.lo), most(a.hi, b.hi)};
  case VY__OP_AND:
  case VY__OP_OR:
  case VY__OP_XOR:
    return bits_of(v->op, t, a, b);
  default:
    return vy__interval_of(t);
  }
}

static vy__interval unary(const vy__value *v, vy_type from, vy__interval a) {
  vy_type t = (vy_type)v->type;
  switch (v->op) {
  case VY__OP_CLZ:
  case VY__OP_CTZ:
  case VY__OP_POPCOUNT:
    return (vy__interval){0, vy__type_bits(from)};
  case VY__OP_NEG:
    return wrapped(t, -a.hi, -a.lo);
  case VY__OP_ABS:
    return a.lo >= 0 ? a : vy__interval_of(t);
  default:
    return vy__interval_of(t);
  }
}

vy__interval vy__interval_step(const vy_program *p, uint32_t id,
                               const vy__interval at[3], bool sure) {
  const vy__ir *ir = &p->ir;
  const vy__value *v = &ir->values[id];
  const vy__op_info *row = vy__op_row(v->op);
  vy_type t = (vy_type)v->type;
  if (!vy__is_int(t) && t != VY_TYPE_BOOL)
    return (vy__interval){0, 0}; // nobody asks
  bool pure = row->effect == VY__EFFECT_PURE;
  switch ((vy__sig)row->sig) {
  case VY__SIG_CONST:
    return (vy__interval){number(t, v->imm), number(t, v->imm)};
  case VY__SIG_LEN32:
  case VY__SIG_LEN64:
    return length_of(p, v->ref, t);
  case VY__SIG_ID:
    return id_of(p, v);
  case VY__SIG_LOAD:
  case VY__SIG_BYTES_LOAD32:
    return sure ? vy__interval_of(t) : loaded(p, v);
  case VY__SIG_UN:
    if (pure)
      return unary(v, (vy_type)ir->values[v->a[0]].type, at[0]);
    break;
  case VY__SIG_BIN:
    if (pure && vy__is_int((vy_type)ir->values[v->a[0]].type))
      return binary(v, at[0], at[1]);
    break;
  case VY__SIG_SHIFT:
    return shifted(v->op, t, at[0], at[1],
                   ir->values[v->a[1]].op == VY__OP_CONST);
  case VY__SIG_SELECT:
    return join(at[1], at[2]);
  case VY__SIG_RANK:
    if (!sure)
      return (vy__interval){
          0, p->group_size[0] * p->group_size[1] * p->group_size[2] - 1};
    break;
  case VY__SIG_CONVERT:
    return converted((vy_type)ir->values[v->a[0]].type, t, at[0]);
  default:
    break;
  }
  return vy__interval_of(t);
}

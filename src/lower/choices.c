// What comparisons, choices and conversions simplify to.
#include "lower/algebra.h"

// ---- comparisons

static vy__op mirrored(uint32_t op) { // a op b is b mirrored(op) a
  switch (op) {
  case VY__OP_LT:
    return VY__OP_GT;
  case VY__OP_LE:
    return VY__OP_GE;
  case VY__OP_GT:
    return VY__OP_LT;
  case VY__OP_GE:
    return VY__OP_LE;
  default:
    return (vy__op)op; // EQ, NE
  }
}

// !(a op b). Of unordered floats only EQ and NE are opposites.
static vy__op opposite(uint32_t op, vy_type type) {
  if (op == VY__OP_EQ)
    return VY__OP_NE;
  if (op == VY__OP_NE)
    return VY__OP_EQ;
  if (vy__is_float(type))
    return VY__OP_INVALID;
  switch (op) {
  case VY__OP_LT:
    return VY__OP_GE;
  case VY__OP_LE:
    return VY__OP_GT;
  case VY__OP_GT:
    return VY__OP_LE;
  case VY__OP_GE:
    return VY__OP_LT;
  default:
    return VY__OP_INVALID;
  }
}

static uint32_t fold_bool_equal(vy__fold *f) {
  uint64_t c;
  if (f->type != VY_TYPE_BOOL || !is_const(f, f->v.a[1], &c))
    return VY__NONE;
  if ((f->v.op == VY__OP_EQ) == (c == 1))
    return f->v.a[0];
  return add(f, vy__op1(VY__OP_NOT, VY_TYPE_BOOL, f->v.a[0]));
}

uint32_t vy__fold_compare(vy__fold *f) {
  uint64_t c, d;
  uint32_t x = f->v.a[0], y = f->v.a[1], op = f->v.op;
  if (is_const(f, x, &c) && !is_const(f, y, &d))
    return become(f, vy__op2(mirrored(op), VY_TYPE_BOOL, y, x));
  bool strict = op == VY__OP_LT || op == VY__OP_GT;
  if (x == y && strict) // a NaN is not less either
    return constant(f, VY_TYPE_BOOL, 0);
  if (x == y && !vy__is_float(f->type))
    return constant(f, VY_TYPE_BOOL, op != VY__OP_NE);
  if (is_unsigned(f->type) && is_bits(f, y, 0) &&
      (op == VY__OP_LT || op == VY__OP_GE))
    return constant(f, VY_TYPE_BOOL, op == VY__OP_GE);
  if (op == VY__OP_EQ || op == VY__OP_NE)
    return fold_bool_equal(f);
  return VY__NONE;
}

uint32_t vy__fold_not(vy__fold *f) {
  const vy__value *x = value(f, f->v.a[0]);
  if (x->op == VY__OP_NOT)
    return x->a[0];
  if (vy__op_row(x->op)->sig != VY__SIG_CMP)
    return VY__NONE;
  vy__op op = opposite(x->op, type_of(f, x->a[0]));
  if (op == VY__OP_INVALID)
    return VY__NONE;
  return become(f, vy__op2(op, VY_TYPE_BOOL, x->a[0], x->a[1]));
}

// ---- selection and conversion

// An arm that is itself selected by the condition is what it is there.
static bool skip_choice(vy__fold *f, uint32_t arm) {
  const vy__value *x = value(f, f->v.a[arm]);
  bool same = x->op == VY__OP_SELECT && x->a[0] == f->v.a[0];
  if (same)
    f->v.a[arm] = x->a[arm];
  return same;
}

uint32_t vy__fold_select(vy__fold *f) {
  uint32_t c = f->v.a[0], x = f->v.a[1], y = f->v.a[2];
  uint64_t bits;
  if (is_const(f, c, &bits))
    return bits ? x : y;
  if (x == y)
    return x;
  if (is_op(f, c, VY__OP_NOT)) {
    f->v.a[0] = value(f, c)->a[0];
    f->v.a[1] = y;
    f->v.a[2] = x;
    return VY__NONE;
  }
  if (skip_choice(f, 1) || skip_choice(f, 2))
    return VY__NONE;
  if (f->v.type != VY_TYPE_BOOL)
    return VY__NONE;
  if (is_bits(f, x, 1) || x == c) // c ? true : y
    return become(f, vy__op2(VY__OP_OR, VY_TYPE_BOOL, c, y));
  if (is_bits(f, y, 0) || y == c) // c ? x : false
    return become(f, vy__op2(VY__OP_AND, VY_TYPE_BOOL, c, x));
  return VY__NONE;
}

// to(mid(x)) is to(x) when `mid` keeps what `to` looks at.
static bool passes_through(vy_type from, vy_type mid, vy_type to) {
  if (from == VY_TYPE_BOOL) // 0 and 1 are exact in every type
    return true;
  uint32_t a = vy__type_bits(from), b = vy__type_bits(mid),
           c = vy__type_bits(to);
  if (vy__is_int(from) && vy__is_int(mid) && vy__is_int(to))
    // Only low bits that both have, or extended by `from` already in `mid`.
    return (c <= a && c <= b) || (b == 64 && c == 64);
  // f64 holds every f32, i32 and u32.
  if (mid == VY_TYPE_F64 && from == to && a == 32)
    return true;
  return false;
}

uint32_t vy__fold_convert(vy__fold *f) {
  vy_type to = (vy_type)f->v.type;
  if (f->type == to)
    return f->v.a[0];
  const vy__value *x = value(f, f->v.a[0]);
  if (x->op != VY__OP_CONVERT ||
      !passes_through(type_of(f, x->a[0]), f->type, to))
    return VY__NONE;
  return become(f, vy__op1(VY__OP_CONVERT, to, x->a[0]));
}

uint32_t vy__fold_bitcast(vy__fold *f) {
  vy_type to = (vy_type)f->v.type;
  if (f->type == to) // a NaN that it makes canonical is seen as that anyway
    return f->v.a[0];
  if (vy__is_int(f->type) && vy__is_int(to)) // of one width: the same bits
    return become(f, vy__op1(VY__OP_CONVERT, to, f->v.a[0]));
  return VY__NONE;
}

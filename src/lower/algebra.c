// What a single value simplifies to, looking at its operands. Every rule
// holds for every bit pattern; of NaNs only that they are NaNs can be
// observed (language: one NaN, canonical where it is seen), so a rule for
// floats may change a NaN's sign and payload but nothing else.
#include "lower/algebra.h"

// ---- everything constant

static bool evaluate(const vy__fold *f, uint64_t *bits) {
  const vy__op_info *row = vy__op_row(f->v.op);
  uint64_t c[3] = {0};
  if (row->effect != VY__EFFECT_PURE || row->operands == 0)
    return false;
  for (uint32_t k = 0; k < row->operands; k++)
    if (!is_const(f, f->v.a[k], &c[k]))
      return false;
  if (row->sig == VY__SIG_SHIFT)
    c[1] = vy__shift_amount(f->type, c[1]);
  if (!vy__evaluator((vy__op)f->v.op, f->type, (vy_type)f->v.type))
    return false;
  *bits = vy__evaluate((vy__op)f->v.op, f->type, (vy_type)f->v.type, c[0], c[1],
                       c[2]);
  *bits = vy__canonical((vy_type)f->v.type, *bits);
  return true;
}

// ---- floats

static uint64_t float_bits(vy_type t, uint64_t f32, uint64_t f64) {
  return t == VY_TYPE_F32 ? f32 : f64;
}

// x * 1, x / 1: exact, so rounding changes nothing. x * -1, x / -1: likewise
// exact, and the sign of zeros and infinities flips as NEG flips it.
static uint32_t fold_float_scale(vy__fold *f) {
  uint64_t one = float_bits(f->type, 0x3f800000, 0x3ff0000000000000);
  uint64_t sign = float_bits(f->type, 0x80000000, 0x8000000000000000);
  if (is_bits(f, f->v.a[1], one))
    return f->v.a[0];
  if (is_bits(f, f->v.a[1], one | sign))
    return add(f, vy__op1(VY__OP_NEG, f->type, f->v.a[0]));
  return VY__NONE;
}

// x + -0 and x - +0 are x for every x: -0 + -0 and -0 - +0 are -0, +0 + -0
// and +0 - +0 are +0 when rounding to nearest. (x + +0 is not: -0 becomes
// +0.) x + -y is x - y, and x - -y is x + y: IEEE defines subtraction so.
static uint32_t fold_float_sum(vy__fold *f) {
  bool sum = f->v.op == VY__OP_ADD;
  uint64_t sign = float_bits(f->type, 0x80000000, 0x8000000000000000);
  uint32_t y = f->v.a[1];
  if (is_bits(f, y, sum ? sign : 0))
    return f->v.a[0];
  if (is_op(f, y, VY__OP_NEG))
    return become(f, vy__op2(sum ? VY__OP_SUB : VY__OP_ADD, f->type, f->v.a[0],
                             value(f, y)->a[0]));
  return VY__NONE;
}

static uint32_t fold_float(vy__fold *f) {
  switch (f->v.op) {
  case VY__OP_ADD:
  case VY__OP_SUB:
    return fold_float_sum(f);
  case VY__OP_MUL:
  case VY__OP_DIV:
    return fold_float_scale(f);
  case VY__OP_MIN: // of x and x: x, and a NaN stays one
  case VY__OP_MAX:
  case VY__OP_COPYSIGN: // x with its own sign; a NaN x stays one
    return f->v.a[0] == f->v.a[1] ? f->v.a[0] : VY__NONE;
  case VY__OP_ABS: // the sign does not matter
    if (is_op(f, f->v.a[0], VY__OP_NEG))
      return become(f, vy__op1(VY__OP_ABS, f->type, value(f, f->v.a[0])->a[0]));
    return VY__NONE;
  default:
    return VY__NONE;
  }
}

// ---- one look

static uint32_t fold_unary(vy__fold *f) {
  const vy__value *x = value(f, f->v.a[0]);
  const vy__op_info *row = vy__op_row(f->v.op);
  if (row->laws & VY__LAW_IDEM && x->op == f->v.op)
    return f->v.a[0];
  if (f->v.op == VY__OP_NEG && x->op == VY__OP_NEG)
    return x->a[0];
  if (f->v.op == VY__OP_NOT)
    return vy__fold_not(f);
  return vy__is_float(f->type) ? fold_float(f) : VY__NONE;
}

static uint32_t fold_binary(vy__fold *f) {
  return vy__is_float(f->type) ? fold_float(f) : vy__fold_integers(f);
}

static uint32_t look(vy__fold *f) {
  switch ((vy__sig)vy__op_row(f->v.op)->sig) {
  case VY__SIG_UN:
    return fold_unary(f);
  case VY__SIG_BIN:
    return fold_binary(f);
  case VY__SIG_ABSDIFF:
    return f->v.a[0] == f->v.a[1] ? constant(f, (vy_type)f->v.type, 0)
                                  : VY__NONE;
  case VY__SIG_SHIFT:
    return vy__fold_shift(f);
  case VY__SIG_CMP:
    return vy__fold_compare(f);
  case VY__SIG_SELECT:
    return vy__fold_select(f);
  case VY__SIG_CONVERT:
    return vy__fold_convert(f);
  case VY__SIG_BITCAST:
    return vy__fold_bitcast(f);
  default:
    return VY__NONE;
  }
}

static bool same_value(const vy__value *a, const vy__value *b) {
  return a->op == b->op && a->type == b->type && a->a[0] == b->a[0] &&
         a->a[1] == b->a[1] && a->a[2] == b->a[2];
}

static void refresh(vy__fold *f) {
  const vy__op_info *row = vy__op_row(f->v.op);
  uint64_t c;
  f->type = type_of(f, f->v.a[row->sig == VY__SIG_SELECT ? 1 : 0]);
  if (row->laws & VY__LAW_COMM && is_const(f, f->v.a[0], &c) &&
      !is_const(f, f->v.a[1], &c)) {
    uint32_t x = f->v.a[0];
    f->v.a[0] = f->v.a[1];
    f->v.a[1] = x;
  }
}

// A rule that changes the value only ever makes it smaller or moves a
// constant to the right, so this ends; the bound is for rules to come.
uint32_t vy__fold_make(vy__rewrite *r, vy__value v, uint32_t from) {
  vy__fold f = {.r = r, .v = v, .from = from};
  const vy__op_info *row = vy__op_row(v.op);
  if (r->failed)
    return VY__NONE;
  for (int rounds = 0; rounds < 8 && row->effect == VY__EFFECT_PURE &&
                       row->operands && v.op != VY__OP_INVALID;
       rounds++) {
    uint64_t bits;
    refresh(&f);
    if (evaluate(&f, &bits))
      return constant(&f, (vy_type)f.v.type, bits);
    vy__value before = f.v;
    uint32_t same = look(&f);
    if (r->failed || same != VY__NONE)
      return same;
    if (same_value(&before, &f.v))
      break;
  }
  return vy__rewrite_add(r, &f.v, from);
}

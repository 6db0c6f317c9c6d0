// What operations on integers and bools simplify to: they wrap, or work bit by
// bit, so that most of algebra holds.
#include "lower/algebra.h"

// (x op c) op d is x op (c op d) for these: they wrap, or work bit by bit.
static uint32_t reassociate(vy__fold *f) {
  uint32_t inner = f->v.a[0];
  uint64_t c, d;
  if (!is_op(f, inner, (vy__op)f->v.op) || !is_const(f, f->v.a[1], &d) ||
      !is_const(f, value(f, inner)->a[1], &c))
    return VY__NONE;
  uint64_t both =
      vy__evaluate((vy__op)f->v.op, f->type, (vy_type)f->v.type, c, d, 0);
  uint32_t x = value(f, inner)->a[0];
  return add(f, vy__op2((vy__op)f->v.op, (vy_type)f->v.type, x,
                        constant(f, (vy_type)f->v.type, both)));
}

static uint32_t fold_add(vy__fold *f) {
  if (is_bits(f, f->v.a[1], 0))
    return f->v.a[0];
  return reassociate(f);
}

static uint32_t fold_sub(vy__fold *f) {
  uint64_t c;
  uint32_t x = f->v.a[0], y = f->v.a[1];
  if (x == y)
    return constant(f, f->type, 0);
  if (is_bits(f, x, 0)) // 0 - y is -y, both modulo 2^n
    return add(f, vy__op1(VY__OP_NEG, f->type, y));
  if (!is_const(f, y, &c))
    return VY__NONE;
  uint64_t minus = vy__evaluate(VY__OP_NEG, f->type, f->type, c, 0, 0);
  return add(f, vy__op2(VY__OP_ADD, f->type, x, constant(f, f->type, minus)));
}

static uint32_t fold_mul(vy__fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  if (is_bits(f, c, 0))
    return c;
  if (is_bits(f, c, 1))
    return x;
  if (is_bits(f, c, vy__all_ones(f->type)))
    return add(f, vy__op1(VY__OP_NEG, f->type, x));
  return reassociate(f);
}

static uint32_t fold_div(vy__fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  uint64_t ones = vy__all_ones(f->type);
  if (is_bits(f, c, 1))
    return x;
  if (is_bits(f, c, 0)) // all ones, whatever x
    return constant(f, f->type, ones);
  if (vy__is_signed(f->type) && is_bits(f, c, ones)) // MIN / -1 is MIN: -MIN
    return add(f, vy__op1(VY__OP_NEG, f->type, x));
  return VY__NONE;
}

static uint32_t fold_rem(vy__fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  if (is_bits(f, c, 1) || x == c || // 0 % 0 is 0 too
      (vy__is_signed(f->type) && is_bits(f, c, vy__all_ones(f->type))))
    return constant(f, f->type, 0);
  return is_bits(f, c, 0) ? x : VY__NONE; // x % 0 is x
}

static uint32_t fold_bits(vy__fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  uint64_t ones = vy__all_ones(f->type);
  bool zero = is_bits(f, c, 0), all = is_bits(f, c, ones);
  switch (f->v.op) {
  case VY__OP_AND:
    if (x == c || all)
      return x;
    if (zero)
      return c;
    break;
  case VY__OP_OR:
    if (x == c || zero)
      return x;
    if (all)
      return c;
    break;
  default: // XOR
    if (x == c)
      return constant(f, f->type, 0);
    if (zero)
      return x;
    if (all)
      return add(f, vy__op1(VY__OP_NOT, f->type, x));
    break;
  }
  return reassociate(f);
}

// Two shifts by constants in one direction are one; past the width nothing
// (or, for signed right shifts, the sign) is left. The inner amount is
// already reduced, both are below the width.
static uint32_t fold_shift_twice(vy__fold *f, uint64_t amount) {
  uint32_t inner = f->v.a[0];
  uint64_t before;
  if (!is_op(f, inner, (vy__op)f->v.op) ||
      (f->v.op != VY__OP_SHL && f->v.op != VY__OP_SHR) ||
      !is_const(f, value(f, inner)->a[1], &before))
    return VY__NONE;
  uint32_t width = vy__type_bits(f->type), x = value(f, inner)->a[0];
  uint64_t sum = vy__shift_amount(f->type, before) + amount;
  if (sum >= width && !(f->v.op == VY__OP_SHR && vy__is_signed(f->type)))
    return constant(f, f->type, 0);
  if (sum >= width)
    sum = width - 1;
  vy_type by = type_of(f, f->v.a[1]);
  return add(f, vy__op2((vy__op)f->v.op, f->type, x, constant(f, by, sum)));
}

uint32_t vy__fold_shift(vy__fold *f) {
  uint32_t by = f->v.a[1];
  uint64_t amount, mask, most = vy__type_bits(f->type) - 1;
  if (!is_const(f, by, &amount)) {
    // The amount is masked anyway.
    if (is_op(f, by, VY__OP_AND) && is_const(f, value(f, by)->a[1], &mask) &&
        (mask & most) == most)
      return add(
          f, vy__op2((vy__op)f->v.op, f->type, f->v.a[0], value(f, by)->a[0]));
    return VY__NONE;
  }
  uint64_t reduced = vy__shift_amount(f->type, amount);
  if (!reduced)
    return f->v.a[0];
  if (reduced != amount)
    return add(f, vy__op2((vy__op)f->v.op, f->type, f->v.a[0],
                          constant(f, type_of(f, by), reduced)));
  return fold_shift_twice(f, reduced);
}

static uint32_t fold_saturating(vy__fold *f) {
  if (is_bits(f, f->v.a[1], 0))
    return f->v.a[0];
  if (f->v.op == VY__OP_SUB_SAT && f->v.a[0] == f->v.a[1])
    return constant(f, f->type, 0);
  return VY__NONE;
}

static uint32_t fold_int_extreme(vy__fold *f) { // MIN, MAX
  uint32_t x = f->v.a[0], c = f->v.a[1];
  if (x == c)
    return x;
  if (is_unsigned(f->type) && is_bits(f, c, 0))
    return f->v.op == VY__OP_MIN ? c : x;
  return VY__NONE;
}

uint32_t vy__fold_integers(vy__fold *f) {
  switch (f->v.op) {
  case VY__OP_ADD:
    return fold_add(f);
  case VY__OP_SUB:
    return fold_sub(f);
  case VY__OP_MUL:
    return fold_mul(f);
  case VY__OP_DIV:
    return fold_div(f);
  case VY__OP_REM:
    return fold_rem(f);
  case VY__OP_AND:
  case VY__OP_OR:
  case VY__OP_XOR:
    return fold_bits(f);
  case VY__OP_MIN:
  case VY__OP_MAX:
    return fold_int_extreme(f);
  case VY__OP_ADD_SAT:
  case VY__OP_SUB_SAT:
    return fold_saturating(f);
  case VY__OP_MUL_HIGH:
    return is_bits(f, f->v.a[1], 0) ? f->v.a[1] : VY__NONE;
  default:
    return VY__NONE;
  }
}

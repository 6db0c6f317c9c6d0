// Integer operations that LLVM's instructions do not cover for all operands,
// or not well for vectors.
#include "backend/cpu/emit/ops.h"

static uint32_t bits_of(const vy__op_call *c) { return vy__type_bits(c->type); }

static LLVMValueRef number(const vy__op_call *c, uint64_t value) {
  return vy__llvm_int(c->e, bits_of(c), value, c->lanes);
}

static LLVMValueRef equals(const vy__op_call *c, LLVMValueRef x,
                           uint64_t value) {
  return LLVMBuildICmp(c->e->builder, LLVMIntEQ, x, number(c, value), "");
}

// ---- division

// Vectors of 32-bit integers divide as doubles, which hold them exactly, and
// x86 has no integer division of vectors. With n = floor(a/b) for magnitudes
// a and b, b > 0: the rounded quotient is not below n, which is a double; and
// a/b <= (n+1) - 1/b = (n+1)(1 - 1/(b(n+1))) with b(n+1) <= a+b < 2^33, so an
// error of 2^-53 of it does not reach n+1. Adding 1.5*2^52 then puts it, as
// two's complement, into the low bits of the pattern: MIN/-1 gives MIN.
// Division by zero gives something.
static LLVMValueRef quotient32(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  LLVMTypeRef wide = vy__llvm_type(c->e, VY_TYPE_F64, c->lanes);
  LLVMValueRef x[2];
  for (int i = 0; i < 2; i++)
    x[i] = vy__is_signed(c->type) ? LLVMBuildSIToFP(b, c->a[i], wide, "")
                                  : LLVMBuildUIToFP(b, c->a[i], wide, "");
  LLVMValueRef q = LLVMBuildFDiv(b, x[0], x[1], "");
  q = vy__llvm_intrinsic(c->e, "llvm.trunc", &wide, 1, &q, 1);
  q = LLVMBuildFAdd(
      b, q, vy__llvm_const(c->e, VY_TYPE_F64, 0x4338000000000000, c->lanes),
      "");
  q = vy__llvm_bits(c->e, VY_TYPE_F64, c->lanes, q);
  return LLVMBuildTrunc(b, q, vy__llvm_ints(c->e, 32, c->lanes), "");
}

// A constant divisor becomes multiplications in LLVM.
static bool by_double(const vy__op_call *c) {
  return c->lanes > 1 && bits_of(c) == 32 && !LLVMIsConstant(c->a[1]);
}

// The divisor with 1 in place of 0, and of -1 where signed.
static LLVMValueRef divisor(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  LLVMValueRef bad = equals(c, c->a[1], 0);
  if (vy__is_signed(c->type))
    bad = LLVMBuildOr(b, bad, equals(c, c->a[1], UINT64_MAX), "");
  return LLVMBuildSelect(b, bad, number(c, 1), c->a[1], "");
}

LLVMValueRef vy__lower_div(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  LLVMValueRef q;
  if (by_double(c)) {
    q = quotient32(c);
  } else if (!vy__is_signed(c->type)) {
    q = LLVMBuildUDiv(b, c->a[0], divisor(c), "");
  } else {
    q = LLVMBuildSDiv(b, c->a[0], divisor(c), "");
    q = LLVMBuildSelect(b, equals(c, c->a[1], UINT64_MAX),
                        LLVMBuildNeg(b, c->a[0], ""), q, "");
  }
  return LLVMBuildSelect(b, equals(c, c->a[1], 0), number(c, UINT64_MAX), q,
                         "");
}

LLVMValueRef vy__lower_rem(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  if (by_double(c)) // x - q*0 is x, whatever q is
    return LLVMBuildSub(b, c->a[0], LLVMBuildMul(b, quotient32(c), c->a[1], ""),
                        "");
  LLVMValueRef r = vy__is_signed(c->type)
                       ? LLVMBuildSRem(b, c->a[0], divisor(c), "")
                       : LLVMBuildURem(b, c->a[0], divisor(c), "");
  return LLVMBuildSelect(b, equals(c, c->a[1], 0), c->a[0], r, "");
}

// ---- products

// The upper half of 64-bit products of vectors, from 32-bit halves: no sum
// below exceeds (2^32-1)^2 + 2(2^32-1) = 2^64-1.
static LLVMValueRef high_of_halves(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  LLVMValueRef low[2], high[2], half = number(c, 32),
                                mask = number(c, UINT32_MAX);
  for (int i = 0; i < 2; i++) {
    low[i] = LLVMBuildAnd(b, c->a[i], mask, "");
    high[i] = LLVMBuildLShr(b, c->a[i], half, "");
  }
  LLVMValueRef carry = LLVMBuildMul(b, low[0], low[1], "");
  carry = LLVMBuildLShr(b, carry, half, "");
  LLVMValueRef t = LLVMBuildMul(b, high[0], low[1], "");
  t = LLVMBuildAdd(b, t, carry, "");
  LLVMValueRef u = LLVMBuildMul(b, low[0], high[1], "");
  u = LLVMBuildAdd(b, u, LLVMBuildAnd(b, t, mask, ""), "");
  LLVMValueRef top = LLVMBuildMul(b, high[0], high[1], "");
  top = LLVMBuildAdd(b, top, LLVMBuildLShr(b, t, half, ""), "");
  return LLVMBuildAdd(b, top, LLVMBuildLShr(b, u, half, ""), "");
}

// A negative operand read as unsigned is 2^64 too large.
static LLVMValueRef less_if_negative(const vy__op_call *c, LLVMValueRef high,
                                     LLVMValueRef x, LLVMValueRef other) {
  LLVMBuilderRef b = c->e->builder;
  LLVMValueRef sign = LLVMBuildAShr(b, x, number(c, 63), "");
  return LLVMBuildSub(b, high, LLVMBuildAnd(b, sign, other, ""), "");
}

LLVMValueRef vy__lower_mul_high(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  const uint32_t bits = bits_of(c);
  const bool is_signed = vy__is_signed(c->type);
  if (bits == 64 && c->lanes > 1) {
    LLVMValueRef high = high_of_halves(c);
    if (!is_signed)
      return high;
    high = less_if_negative(c, high, c->a[0], c->a[1]);
    return less_if_negative(c, high, c->a[1], c->a[0]);
  }
  LLVMTypeRef wide = vy__llvm_ints(c->e, 2 * bits, c->lanes);
  LLVMValueRef x = LLVMBuildIntCast2(b, c->a[0], wide, is_signed, "");
  LLVMValueRef y = LLVMBuildIntCast2(b, c->a[1], wide, is_signed, "");
  x = LLVMBuildMul(b, x, y, "");
  x = LLVMBuildLShr(b, x, vy__llvm_int(c->e, 2 * bits, bits, c->lanes), "");
  return LLVMBuildTrunc(b, x, LLVMTypeOf(c->a[0]), "");
}

// ---- distances

// An intrinsic with a flag: whether its corner (MIN, zero) is poison; it
// never is.
static LLVMValueRef flagged(const vy__op_call *c, const char *name) {
  LLVMTypeRef type = LLVMTypeOf(c->a[0]);
  LLVMValueRef args[] = {c->a[0], vy__llvm_int(c->e, 1, 0, 1)};
  return vy__llvm_intrinsic(c->e, name, &type, 1, args, 2);
}

LLVMValueRef vy__lower_abs(const vy__op_call *c) {
  return flagged(c, "llvm.abs");
}

LLVMValueRef vy__lower_zeros(const vy__op_call *c) {
  return flagged(c, c->row->name);
}

LLVMValueRef vy__lower_abs_diff(const vy__op_call *c) {
  LLVMTypeRef type = LLVMTypeOf(c->a[0]);
  const bool is_signed = vy__is_signed(c->type);
  LLVMValueRef args[] = {c->a[0], c->a[1]};
  LLVMValueRef high = vy__llvm_intrinsic(
      c->e, is_signed ? "llvm.smax" : "llvm.umax", &type, 1, args, 2);
  LLVMValueRef low = vy__llvm_intrinsic(
      c->e, is_signed ? "llvm.smin" : "llvm.umin", &type, 1, args, 2);
  return LLVMBuildSub(c->e->builder, high, low, "");
}

// ---- shifts

static LLVMValueRef amount(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  LLVMValueRef n =
      LLVMBuildIntCast2(b, c->a[1], LLVMTypeOf(c->a[0]), false, "");
  return LLVMBuildAnd(b, n, number(c, bits_of(c) - 1), "");
}

LLVMValueRef vy__lower_shift(const vy__op_call *c) {
  return LLVMBuildBinOp(c->e->builder, (LLVMOpcode)c->row->code, c->a[0],
                        amount(c), "");
}

LLVMValueRef vy__lower_rotate(const vy__op_call *c) {
  LLVMTypeRef type = LLVMTypeOf(c->a[0]);
  LLVMValueRef args[] = {c->a[0], c->a[0], amount(c)};
  return vy__llvm_intrinsic(c->e, c->row->name, &type, 1, args, 3);
}

// Conversions between value types. LLVM's own give poison out of range, and
// what has no instruction it takes apart into lanes; both are avoided here.
#include "backend/cpu/emit/ops.h"

static LLVMTypeRef target(const vy__op_call *c) {
  return vy__llvm_type(c->e, c->to, c->lanes);
}

LLVMValueRef vy__lower_bitcast(const vy__op_call *c) {
  LLVMValueRef bits = vy__is_float(c->type)
                          ? vy__llvm_canonical(c->e, c->type, c->lanes, c->a[0])
                          : c->a[0];
  return LLVMBuildBitCast(c->e->builder, bits, target(c), "");
}

static const uint64_t ones[] = {
    [VY_TYPE_F32] = 0x3f800000, [VY_TYPE_F64] = 0x3ff0000000000000};

LLVMValueRef vy__lower_from_bool(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  if (!vy__is_float(c->to))
    return LLVMBuildIntCast2(b, c->a[0], target(c), false, "");
  return LLVMBuildSelect(b, c->a[0],
                         vy__llvm_const(c->e, c->to, ones[c->to], c->lanes),
                         LLVMConstNull(target(c)), "");
}

// ---- integers to floats

static LLVMValueRef int64(const vy__op_call *c, uint64_t value) {
  return vy__llvm_int(c->e, 64, value, c->lanes);
}
static LLVMValueRef f64(const vy__op_call *c, uint64_t bits) {
  return vy__llvm_const(c->e, VY_TYPE_F64, bits, c->lanes);
}

// 64-bit integers to doubles without an instruction: the upper half, placed
// in the pattern of 2^84 (a signed one plus 2^31), less that and 2^52, is
// exact; adding the lower half, placed in 2^52, rounds once.
static LLVMValueRef long_to_f64(const vy__op_call *c, LLVMValueRef x) {
  LLVMBuilderRef b = c->e->builder;
  const bool is_signed = vy__is_signed(c->type);
  LLVMValueRef low = LLVMBuildAnd(b, x, int64(c, UINT32_MAX), "");
  low = LLVMBuildOr(b, low, int64(c, 0x4330000000000000), "");
  LLVMValueRef high = LLVMBuildLShr(b, x, int64(c, 32), "");
  high = LLVMBuildXor(
      b, high, int64(c, 0x4530000000000000 | (is_signed ? 1u << 31 : 0)), "");
  low = vy__llvm_from_bits(c->e, VY_TYPE_F64, c->lanes, low);
  high = vy__llvm_from_bits(c->e, VY_TYPE_F64, c->lanes, high);
  // 2^84 + 2^52, and with 2^63.
  high = LLVMBuildFSub(
      b, high, f64(c, is_signed ? 0x4530000080100000 : 0x4530000000100000), "");
  return LLVMBuildFAdd(b, high, low, "");
}

// To single precision through doubles: from 2^53 on, the lower 11 bits are
// first jammed into the one above them, so that the double is exact and, its
// last bit far below the one that f32 keeps, rounds as the integer would.
static LLVMValueRef long_to_f32(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  LLVMValueRef x = c->a[0], rest = int64(c, 0x7ff);
  LLVMValueRef lost = LLVMBuildAnd(b, x, rest, "");
  // Carries into bit 11 when not 0.
  lost = LLVMBuildAnd(b, LLVMBuildAdd(b, lost, rest, ""), int64(c, 0x800), "");
  LLVMValueRef jammed = LLVMBuildAnd(b, x, int64(c, ~UINT64_C(0x7ff)), "");
  jammed = LLVMBuildOr(b, jammed, lost, "");
  // |x| < 2^53: adding that leaves an unsigned number below 2^54.
  const bool is_signed = vy__is_signed(c->type);
  LLVMValueRef place =
      is_signed ? LLVMBuildAdd(b, x, int64(c, UINT64_C(1) << 53), "") : x;
  LLVMValueRef small = LLVMBuildICmp(
      b, LLVMIntEQ, LLVMBuildLShr(b, place, int64(c, is_signed ? 54 : 53), ""),
      int64(c, 0), "");
  x = LLVMBuildSelect(b, small, x, jammed, "");
  return LLVMBuildFPTrunc(b, long_to_f64(c, x), target(c), "");
}

LLVMValueRef vy__lower_from_int(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  const bool is_signed = vy__is_signed(c->type);
  if (c->to == VY_TYPE_BOOL)
    return LLVMBuildIsNotNull(b, c->a[0], "");
  if (!vy__is_float(c->to))
    return LLVMBuildIntCast2(b, c->a[0], target(c), is_signed, "");
  if (vy__type_bits(c->type) == 64 && c->lanes > 1 &&
      c->e->isa < VY__ISA_AVX512)
    return c->to == VY_TYPE_F64 ? long_to_f64(c, c->a[0]) : long_to_f32(c);
  return is_signed ? LLVMBuildSIToFP(b, c->a[0], target(c), "")
                   : LLVMBuildUIToFP(b, c->a[0], target(c), "");
}

// ---- floats to integers

// The pattern of 2^n.
static LLVMValueRef power(const vy__op_call *c, uint32_t n, bool neg) {
  const bool f32 = c->type == VY_TYPE_F32;
  const uint64_t field = (f32 ? UINT64_C(127) : UINT64_C(1023)) + n;
  const uint64_t sign = (uint64_t)neg << (f32 ? 31 : 63);
  return vy__llvm_const(c->e, c->type, sign | field << (f32 ? 23 : 52),
                        c->lanes);
}

static LLVMValueRef pick(const vy__op_call *c, LLVMRealPredicate p,
                         LLVMValueRef x, LLVMValueRef y) {
  LLVMBuilderRef b = c->e->builder;
  return LLVMBuildSelect(b, LLVMBuildFCmp(b, p, x, y, ""), x, y, "");
}

static LLVMValueRef truncated(const vy__op_call *c, LLVMValueRef x) {
  return vy__is_signed(c->to)
             ? LLVMBuildFPToSI(c->e->builder, x, target(c), "")
             : LLVMBuildFPToUI(c->e->builder, x, target(c), "");
}

// NaN to 0, once held in range; unsigned ones are there already.
static LLVMValueRef nan_to_zero(const vy__op_call *c, LLVMValueRef x) {
  return vy__is_signed(c->to)
             ? LLVMBuildSelect(c->e->builder, vy__llvm_is_nan(c->e, c->a[0]),
                               LLVMConstNull(LLVMTypeOf(x)), x, "")
             : x;
}

// From below, operands are held at the lowest integer, where NaNs go too.
// From above, at the highest one where it is a float; else what LLVM's
// instruction does with them is not used.
static LLVMValueRef to_int(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  const uint32_t bits = vy__type_bits(c->to);
  const bool is_signed = vy__is_signed(c->to);
  LLVMValueRef x = c->a[0];
  LLVMValueRef low =
      is_signed ? power(c, bits - 1, true) : LLVMConstNull(LLVMTypeOf(x));
  LLVMValueRef held = pick(c, LLVMRealOGT, x, low);
  if (bits == 32 && c->type == VY_TYPE_F64) {
    held = pick(c, LLVMRealOLT, held,
                f64(c, is_signed ? 0x41dfffffffc00000 : 0x41efffffffe00000));
    return truncated(c, nan_to_zero(c, held));
  }
  LLVMValueRef above =
      LLVMBuildFCmp(b, LLVMRealOGE, x, power(c, bits - is_signed, false), "");
  LLVMValueRef most =
      vy__llvm_int(c->e, bits, UINT64_MAX >> (64 - bits + is_signed), c->lanes);
  return nan_to_zero(c,
                     LLVMBuildSelect(b, above, most, truncated(c, held), ""));
}

LLVMValueRef vy__lower_from_float(const vy__op_call *c) {
  LLVMBuilderRef b = c->e->builder;
  LLVMValueRef x = c->a[0];
  if (c->to == VY_TYPE_BOOL)
    return LLVMBuildFCmp(b, LLVMRealUNE, x, LLVMConstNull(LLVMTypeOf(x)), "");
  if (!vy__is_float(c->to))
    return to_int(c);
  if (c->to == c->type)
    return x;
  return c->to == VY_TYPE_F64 ? LLVMBuildFPExt(b, x, target(c), "")
                              : LLVMBuildFPTrunc(b, x, target(c), "");
}

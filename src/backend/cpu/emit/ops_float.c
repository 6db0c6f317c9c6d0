// Float operations that LLVM's instructions do not cover as the language has
// them. What a NaN looks like inside never matters (language.md: NaN).
#include <math.h>

#include "backend/cpu/emit/ops.h"

LLVMValueRef vy__lower_fneg(const vy__op_call *c) {
  return LLVMBuildFNeg(c->e->builder, c->a[0], "");
}

// ---- calls of the runtime

// The helpers of f32 and f64 stand side by side; rows name the former.
_Static_assert(offsetof(vy__kernel_helpers, fma64) ==
                       offsetof(vy__kernel_helpers, fma32) + sizeof(void *) &&
                   offsetof(vy__kernel_helpers, rem64) ==
                       offsetof(vy__kernel_helpers, rem32) + sizeof(void *),
               "helpers of f32 and f64");

static LLVMTypeRef pointer(vy__emit *e) {
  return LLVMPointerTypeInContext(e->context, 0);
}

// The pointer at `offset` from `base`, which nobody changes during a call.
static LLVMValueRef pointer_at(vy__emit *e, LLVMValueRef base, size_t offset) {
  static const char name[] = "invariant.load";
  LLVMValueRef place = vy__llvm_int(e, 64, offset, 1);
  place =
      LLVMBuildGEP2(e->builder, vy__llvm_ints(e, 8, 1), base, &place, 1, "");
  LLVMValueRef load = LLVMBuildLoad2(e->builder, pointer(e), place, "");
  LLVMMetadataRef none = LLVMMDNodeInContext2(e->context, NULL, 0);
  LLVMSetMetadata(load,
                  LLVMGetMDKindIDInContext(e->context, name, sizeof name - 1),
                  LLVMMetadataAsValue(e->context, none));
  return load;
}

// Helpers are functions of their operands: equal calls are one.
static void mark_pure(vy__emit *e, LLVMValueRef call) {
  static const char *const names[] = {"memory", "nounwind", "willreturn"};
  for (size_t i = 0; i < VY__COUNT(names); i++) {
    const unsigned kind =
        LLVMGetEnumAttributeKindForName(names[i], strlen(names[i]));
    LLVMAddCallSiteAttribute(call,
                             (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                             LLVMCreateEnumAttribute(e->context, kind, 0));
  }
}

static LLVMValueRef lane_of(const vy__op_call *c, LLVMValueRef v, uint32_t i) {
  return c->lanes == 1
             ? v
             : LLVMBuildExtractElement(c->e->builder, v,
                                       vy__llvm_int(c->e, 32, i, 1), "");
}

// A call for each lane; absent operands are 0.
LLVMValueRef vy__lower_helper(const vy__op_call *c) {
  vy__emit *e = c->e;
  LLVMBuilderRef b = e->builder;
  LLVMTypeRef i64 = vy__llvm_ints(e, 64, 1), params[] = {i64, i64, i64};
  LLVMTypeRef type = LLVMFunctionType(i64, params, 3, false);
  const size_t offset =
      c->row->code + (c->type == VY_TYPE_F64 ? sizeof(void *) : 0);
  LLVMValueRef fn = pointer_at(e, e->args, offsetof(vy__kernel_args, helpers));
  fn = pointer_at(e, fn, offset);
  e->uses_helpers = true;
  LLVMValueRef out = LLVMGetPoison(vy__llvm_type(e, c->type, c->lanes));
  for (uint32_t i = 0; i < c->lanes; i++) {
    LLVMValueRef args[3];
    for (int k = 0; k < 3; k++) {
      args[k] = vy__llvm_int(e, 64, 0, 1);
      if (c->a[k]) {
        args[k] = vy__llvm_bits(e, c->type, 1, lane_of(c, c->a[k], i));
        args[k] = LLVMBuildIntCast2(b, args[k], i64, false, "");
      }
    }
    LLVMValueRef r = LLVMBuildCall2(b, type, fn, args, 3, "");
    mark_pure(e, r);
    r = LLVMBuildIntCast2(b, r, vy__llvm_ints(e, vy__type_bits(c->type), 1),
                          false, "");
    r = vy__llvm_from_bits(e, c->type, 1, r);
    out = c->lanes == 1 ? r
                        : LLVMBuildInsertElement(b, out, r,
                                                 vy__llvm_int(e, 32, i, 1), "");
  }
  return out;
}

// A f32 fma through doubles: the product is exact, the sum s is off by exactly
// e (Knuth's two-sum). Where e is not 0, s is made the one of its two
// neighbouring doubles that is odd, and so rounds to f32 as the exact sum
// would: the bits that f32 drops, at least 29, hold more than its halfway bit.
static LLVMValueRef fma_f32(const vy__op_call *c) {
  vy__emit *e = c->e;
  LLVMBuilderRef b = e->builder;
  LLVMTypeRef wide = vy__llvm_type(e, VY_TYPE_F64, c->lanes);
  LLVMValueRef one = vy__llvm_int(e, 64, 1, c->lanes), x[3];
  for (int i = 0; i < 3; i++)
    x[i] = LLVMBuildFPExt(b, c->a[i], wide, "");
  LLVMValueRef p = LLVMBuildFMul(b, x[0], x[1], "");
  LLVMValueRef s = LLVMBuildFAdd(b, p, x[2], "");
  LLVMValueRef added = LLVMBuildFSub(b, s, p, "");
  LLVMValueRef error =
      LLVMBuildFAdd(b, LLVMBuildFSub(b, p, LLVMBuildFSub(b, s, added, ""), ""),
                    LLVMBuildFSub(b, x[2], added, ""), "");
  // Towards e: away from zero when of one sign, else towards it.
  LLVMValueRef bits = vy__llvm_bits(e, VY_TYPE_F64, c->lanes, s);
  LLVMValueRef step =
      LLVMBuildXor(b, bits, vy__llvm_bits(e, VY_TYPE_F64, c->lanes, error), "");
  step = LLVMBuildAShr(b, step, vy__llvm_int(e, 64, 63, c->lanes), "");
  step = LLVMBuildOr(b, step, one, "");
  LLVMValueRef even = LLVMBuildIsNull(b, LLVMBuildAnd(b, bits, one, ""), "");
  LLVMValueRef off =
      LLVMBuildFCmp(b, LLVMRealONE, error, LLVMConstNull(wide), "");
  step = LLVMBuildSelect(b, LLVMBuildAnd(b, even, off, ""), step,
                         LLVMConstNull(LLVMTypeOf(step)), "");
  s = vy__llvm_from_bits(e, VY_TYPE_F64, c->lanes,
                         LLVMBuildAdd(b, bits, step, ""));
  return LLVMBuildFPTrunc(b, s, LLVMTypeOf(c->a[0]), "");
}

// LLVM would call the C library where there is no instruction.
LLVMValueRef vy__lower_fma(const vy__op_call *c) {
  if (c->e->isa < VY__ISA_AVX2)
    return c->type == VY_TYPE_F32 ? fma_f32(c) : vy__lower_helper(c);
  LLVMTypeRef type = LLVMTypeOf(c->a[0]);
  LLVMValueRef args[] = {c->a[0], c->a[1], c->a[2]};
  return vy__llvm_intrinsic(c->e, "llvm.fma", &type, 1, args, 3);
}

// ---- min and max

// The x86 instruction is "x < y ? x : y": y when either is NaN or both are
// zero. That is right for a constant y none of whose lanes is NaN or the zero
// that must lose: +0 in min, -0 in max.
static bool is_easy(const vy__op_call *c, LLVMValueRef y) {
  const bool min = c->row->code == LLVMRealOLT;
  for (uint32_t i = 0; LLVMIsConstant(y) && i < c->lanes; i++) {
    LLVMValueRef lane = c->lanes == 1 ? y : LLVMGetAggregateElement(y, i);
    if (!lane || !LLVMIsAConstantFP(lane))
      return false;
    LLVMBool loses;
    const double value = LLVMConstRealGetDouble(lane, &loses);
    if (value != value || (value == 0 && min == !signbit(value)))
      return false;
  }
  return LLVMIsConstant(y);
}

// Equal operands differ in the sign of zero only, which or, and settle.
LLVMValueRef vy__lower_extreme(const vy__op_call *c) {
  vy__emit *e = c->e;
  LLVMBuilderRef b = e->builder;
  const LLVMRealPredicate before = (LLVMRealPredicate)c->row->code;
  const bool swap = is_easy(c, c->a[0]);
  LLVMValueRef x = c->a[swap], y = c->a[!swap];
  LLVMValueRef first = LLVMBuildFCmp(b, before, x, y, "");
  LLVMValueRef r = LLVMBuildSelect(b, first, x, y, "");
  if (swap || is_easy(c, y))
    return r;
  LLVMValueRef both =
      LLVMBuildBinOp(b, before == LLVMRealOLT ? LLVMOr : LLVMAnd,
                     vy__llvm_bits(e, c->type, c->lanes, x),
                     vy__llvm_bits(e, c->type, c->lanes, y), "");
  r = LLVMBuildSelect(b, LLVMBuildFCmp(b, LLVMRealOEQ, x, y, ""),
                      vy__llvm_from_bits(e, c->type, c->lanes, both), r, "");
  return LLVMBuildSelect(b, vy__llvm_is_nan(e, y), x, r, "");
}

// ---- signs and classes

LLVMValueRef vy__lower_copysign(const vy__op_call *c) {
  LLVMTypeRef type = LLVMTypeOf(c->a[0]);
  LLVMValueRef sign =
      LLVMBuildSelect(c->e->builder, vy__llvm_is_nan(c->e, c->a[1]),
                      LLVMConstNull(type), c->a[1], "");
  LLVMValueRef args[] = {c->a[0], sign};
  return vy__llvm_intrinsic(c->e, "llvm.copysign", &type, 1, args, 2);
}

LLVMValueRef vy__lower_is_nan(const vy__op_call *c) {
  return vy__llvm_is_nan(c->e, c->a[0]);
}

static const uint64_t infinities[] = {
    [VY_TYPE_F32] = 0x7f800000, [VY_TYPE_F64] = 0x7ff0000000000000};

LLVMValueRef vy__lower_magnitude(const vy__op_call *c) {
  LLVMTypeRef type = LLVMTypeOf(c->a[0]);
  LLVMValueRef x = c->a[0];
  x = vy__llvm_intrinsic(c->e, "llvm.fabs", &type, 1, &x, 1);
  LLVMValueRef inf =
      vy__llvm_const(c->e, c->type, infinities[c->type], c->lanes);
  return LLVMBuildFCmp(c->e->builder, (LLVMRealPredicate)c->row->code, x, inf,
                       "");
}

// As signed integers, negative numbers are those up to minus infinity, and
// NaNs of that sign lie between it and zero.
LLVMValueRef vy__lower_signbit(const vy__op_call *c) {
  const uint32_t bits = vy__type_bits(c->type);
  const uint64_t last = infinities[c->type] | UINT64_C(1) << (bits - 1);
  return LLVMBuildICmp(c->e->builder, LLVMIntSLE,
                       vy__llvm_bits(c->e, c->type, c->lanes, c->a[0]),
                       vy__llvm_int(c->e, bits, last, c->lanes), "");
}

// Types, constants and intrinsics of LLVM, as the program's values need them.
#include "backend/cpu/emit/ops.h"
#include "semantics/semantics.h"

enum { MAX_LANES = 64 };

static LLVMTypeRef widened(LLVMTypeRef scalar, uint32_t lanes) {
  return lanes == 1 ? scalar : LLVMVectorType(scalar, lanes);
}

LLVMTypeRef vy__llvm_ints(vy__emit *e, uint32_t bits, uint32_t lanes) {
  return widened(LLVMIntTypeInContext(e->context, bits), lanes);
}

LLVMTypeRef vy__llvm_type(vy__emit *e, vy_type type, uint32_t lanes) {
  const vy_type value = vy__value_type(type);
  if (value == VY_TYPE_F32)
    return widened(LLVMFloatTypeInContext(e->context), lanes);
  if (value == VY_TYPE_F64)
    return widened(LLVMDoubleTypeInContext(e->context), lanes);
  return vy__llvm_ints(e, vy__type_bits(value), lanes);
}

LLVMTypeRef vy__llvm_stored(vy__emit *e, vy_type type, uint32_t lanes) {
  return vy__llvm_ints(e, 8 * vy__type_bytes(type), lanes);
}

static LLVMValueRef splat(LLVMValueRef scalar, uint32_t lanes) {
  LLVMValueRef all[MAX_LANES];
  if (lanes == 1)
    return scalar;
  for (uint32_t i = 0; i < lanes && i < MAX_LANES; i++)
    all[i] = scalar;
  return LLVMConstVector(all, lanes < MAX_LANES ? lanes : MAX_LANES);
}

LLVMValueRef vy__llvm_int(vy__emit *e, uint32_t bits, uint64_t value,
                          uint32_t lanes) {
  return splat(LLVMConstInt(vy__llvm_ints(e, bits, 1), value, false), lanes);
}

LLVMValueRef vy__llvm_const(vy__emit *e, vy_type type, uint64_t bits,
                            uint32_t lanes) {
  const uint32_t width = vy__type_bits(vy__value_type(type));
  LLVMValueRef scalar = LLVMConstInt(vy__llvm_ints(e, width, 1), bits, false);
  return splat(LLVMConstBitCast(scalar, vy__llvm_type(e, type, 1)), lanes);
}

LLVMValueRef vy__llvm_bits(vy__emit *e, vy_type type, uint32_t lanes,
                           LLVMValueRef value) {
  return LLVMBuildBitCast(e->builder, value,
                          vy__llvm_ints(e, vy__type_bits(type), lanes), "");
}

LLVMValueRef vy__llvm_from_bits(vy__emit *e, vy_type type, uint32_t lanes,
                                LLVMValueRef bits) {
  return LLVMBuildBitCast(e->builder, bits, vy__llvm_type(e, type, lanes), "");
}

LLVMValueRef vy__llvm_is_nan(vy__emit *e, LLVMValueRef value) {
  return LLVMBuildFCmp(e->builder, LLVMRealUNO, value, value, "");
}

LLVMValueRef vy__llvm_canonical(vy__emit *e, vy_type type, uint32_t lanes,
                                LLVMValueRef value) {
  // Any NaN's pattern would do here: it comes out as the observable one.
  const uint64_t nan =
      vy__canonical(type, UINT64_MAX >> (64 - vy__type_bits(type)));
  return LLVMBuildSelect(e->builder, vy__llvm_is_nan(e, value),
                         vy__llvm_int(e, vy__type_bits(type), nan, lanes),
                         vy__llvm_bits(e, type, lanes, value), "");
}

LLVMValueRef vy__llvm_intrinsic(vy__emit *e, const char *name,
                                LLVMTypeRef *types, uint32_t type_count,
                                LLVMValueRef *args, uint32_t arg_count) {
  const unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
  LLVMValueRef fn =
      LLVMGetIntrinsicDeclaration(e->module, id, types, type_count);
  LLVMTypeRef type = LLVMIntrinsicGetType(e->context, id, types, type_count);
  return LLVMBuildCall2(e->builder, type, fn, args, arg_count, "");
}

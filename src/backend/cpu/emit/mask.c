// Execution masks. They are kept as wide as the values they choose between,
// so that the target's blends and mask moves take them as they are.
#include "backend/cpu/emit/flow.h"

LLVMTypeRef vy__mask_type(vy__flow *f) {
  return vy__vector_of(f, LLVMIntTypeInContext(f->e->context, f->mask_bits));
}

LLVMValueRef vy__mask_none(vy__flow *f) {
  return LLVMConstNull(vy__mask_type(f));
}

LLVMValueRef vy__mask_full(vy__flow *f, LLVMValueRef mask) {
  return mask ? mask : LLVMConstAllOnes(vy__mask_type(f));
}

LLVMValueRef vy__mask_of_bool(vy__flow *f, LLVMValueRef vector) {
  if (f->mask_bits == 1)
    return vector;
  return LLVMBuildSExt(f->e->builder, vector, vy__mask_type(f), "");
}

LLVMValueRef vy__mask_of_value(vy__flow *f, uint32_t value) {
  return vy__mask_of_bool(f, vy__flow_vector(f, value));
}

LLVMValueRef vy__mask_bool(vy__flow *f, LLVMValueRef mask) {
  mask = vy__mask_full(f, mask);
  if (f->mask_bits == 1)
    return mask;
  return LLVMBuildICmp(f->e->builder, LLVMIntSLT, mask, vy__mask_none(f), "");
}

LLVMValueRef vy__mask_and(vy__flow *f, LLVMValueRef a, LLVMValueRef b) {
  if (!a || !b)
    return a ? a : b;
  return LLVMBuildAnd(f->e->builder, a, b, "");
}

LLVMValueRef vy__mask_or(vy__flow *f, LLVMValueRef a, LLVMValueRef b) {
  if (!a || !b)
    return NULL;
  return LLVMBuildOr(f->e->builder, a, b, "");
}

LLVMValueRef vy__mask_without(vy__flow *f, LLVMValueRef a, LLVMValueRef b) {
  if (!b)
    return vy__mask_none(f);
  LLVMValueRef rest = LLVMBuildNot(f->e->builder, b, "");
  return a ? LLVMBuildAnd(f->e->builder, a, rest, "") : rest;
}

LLVMValueRef vy__bool_bits(vy__flow *f, LLVMValueRef vector) {
  LLVMTypeRef word = LLVMIntTypeInContext(f->e->context, f->e->width);
  LLVMValueRef bits = LLVMBuildBitCast(f->e->builder, vector, word, "");
  return LLVMBuildZExt(f->e->builder, bits, vy__t32(f), "");
}

LLVMValueRef vy__mask_bits(vy__flow *f, LLVMValueRef mask) {
  return vy__bool_bits(f, vy__mask_bool(f, mask));
}

LLVMValueRef vy__mask_any(vy__flow *f, LLVMValueRef mask) {
  LLVMTypeRef word = LLVMIntTypeInContext(f->e->context, f->e->width);
  LLVMValueRef bits =
      LLVMBuildBitCast(f->e->builder, vy__mask_bool(f, mask), word, "");
  return LLVMBuildICmp(f->e->builder, LLVMIntNE, bits, LLVMConstNull(word), "");
}

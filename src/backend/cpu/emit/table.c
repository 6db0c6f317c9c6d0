// Lookups in small constant tables, which stay in vector registers: the
// target's permutations take each lane's word.
#include "backend/cpu/emit/memory.h"

// Elements as 32-bit words, as a load converts them.
static bool is_word(vy_type type) {
  return type == VY_TYPE_U32 || type == VY_TYPE_I32 || type == VY_TYPE_F32 ||
         type == VY_TYPE_U16 || type == VY_TYPE_U8;
}

bool vy__table_fits(const vy__emit *e, uint32_t width, const vy__value *v) {
  if (v->op != VY__OP_LOAD || v->space != VY__SPACE_TABLE)
    return false;
  const vy__table *t = &e->ir->tables[v->ref];
  bool permutes = (width == 8 && e->isa >= VY__ISA_AVX2) ||
                  (width == 16 && e->isa >= VY__ISA_AVX512);
  return permutes && is_word((vy_type)t->type) && t->count &&
         t->count <= 2 * width;
}

// Words [from, from + W) of the table, zeros behind its end.
static LLVMValueRef words(vy__flow *f, const vy__table *t, uint32_t from) {
  LLVMValueRef v[16];
  for (uint32_t j = 0; j < f->e->width; j++)
    v[j] = vy__i32(
        f, from + j < t->count ? f->ir->table_bits[t->first + from + j] : 0);
  return LLVMConstVector(v, f->e->width);
}

static LLVMValueRef permute(vy__flow *f, LLVMValueRef table,
                            LLVMValueRef index) {
  LLVMValueRef args[] = {table, index};
  return vy__llvm_intrinsic(f->e,
                            f->e->width == 16 ? "llvm.x86.avx512.permvar.si.512"
                                              : "llvm.x86.avx2.permd",
                            NULL, 0, args, 2);
}

// From two vectors, by one bit more of the index.
static LLVMValueRef permute_two(vy__flow *f, LLVMValueRef low,
                                LLVMValueRef high, LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width;
  if (f->e->isa >= VY__ISA_AVX512) {
    LLVMValueRef args[] = {low, index, high};
    return vy__llvm_intrinsic(f->e,
                              w == 16 ? "llvm.x86.avx512.vpermi2var.d.512"
                                      : "llvm.x86.avx512.vpermi2var.d.256",
                              NULL, 0, args, 3);
  }
  LLVMValueRef bit = LLVMBuildAnd(b, index, vy__splat(b, vy__i32(f, w), w), "");
  bit = LLVMBuildICmp(b, LLVMIntNE, bit, LLVMConstNull(LLVMTypeOf(bit)), "");
  return LLVMBuildSelect(b, bit, permute(f, high, index),
                         permute(f, low, index), "");
}

void vy__load_table(vy__flow *f, uint32_t value, const vy__place *p,
                    vy_type type, LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  const vy__value *v = &f->ir->values[value];
  const vy__table *t = &f->ir->tables[v->ref];
  LLVMTypeRef narrow = vy__vector_of(f, vy__t32(f));
  LLVMValueRef ok = NULL, at = index;
  if (!vy__all_inside(f, value)) {
    ok = vy__inside(f, p, type, index, f->e->width);
    if (f->strict)
      vy__report_lanes(f, value, ok, index, p, type);
  }
  if (vy__type_bits(type) == 64)
    at = LLVMBuildTrunc(b, at, narrow, "");
  LLVMValueRef low = words(f, t, 0);
  LLVMValueRef x = t->count <= f->e->width
                       ? permute(f, low, at)
                       : permute_two(f, low, words(f, t, f->e->width), at);
  if (ok)
    x = LLVMBuildSelect(b, ok, x, LLVMConstNull(narrow), "");
  LLVMTypeRef result = vy__llvm_type(f->e, (vy_type)v->type, f->e->width);
  vy__flow_set_vector(f, value, LLVMBuildBitCast(b, x, result, ""));
}

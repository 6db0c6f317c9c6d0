// Stores that close up what some lanes keep: `to[start + scan] = x` under the
// condition that the scan counts. The lanes that run then write consecutive
// elements: their values are moved together and stored at once.
#include "backend/cpu/emit/memory.h"

// The scan that is (part of) the index: it counts in this vector, and what is
// added to it is the same for all lanes. VY__NONE: there is none.
static uint32_t scan_of(vy__flow *f, uint32_t index, uint32_t *start) {
  const vy__value *v = &f->ir->values[index];
  *start = VY__NONE;
  if (vy__scan_bits(f, index))
    return index;
  for (uint32_t k = 0; k < 2 && v->op == VY__OP_ADD; k++) {
    *start = v->a[1 - k];
    if (vy__scan_bits(f, v->a[k]) && vy__is_even(vy__flow_get(f, *start)))
      return v->a[k];
  }
  return VY__NONE;
}

bool vy__closes_up(vy__flow *f, const vy__place *p, uint32_t index) {
  bool can = (f->e->width == 8 && f->e->isa >= VY__ISA_AVX2) ||
             (f->e->width == 16 && f->e->isa >= VY__ISA_AVX512);
  uint32_t start;
  return can && p->bytes == 4 && p->stride == 4 && !p->is_private &&
         !f->strict && scan_of(f, index, &start) != VY__NONE;
}

// Numbers of the lanes whose bits are set, in order, as <8 x i32>.
static LLVMValueRef set_lanes(vy__flow *f, LLVMValueRef bits) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef wide = LLVMBuildZExt(b, bits, vy__t64(f), "");
  LLVMValueRef spread[] = {wide, vy__i64(f, UINT64_C(0x0101010101010101))};
  LLVMValueRef bytes =
      vy__llvm_intrinsic(f->e, "llvm.x86.bmi.pdep.64", NULL, 0, spread, 2);
  bytes = LLVMBuildMul(b, bytes, vy__i64(f, 255), "");
  LLVMValueRef take[] = {vy__i64(f, UINT64_C(0x0706050403020100)), bytes};
  LLVMValueRef lanes =
      vy__llvm_intrinsic(f->e, "llvm.x86.bmi.pext.64", NULL, 0, take, 2);
  lanes = LLVMBuildBitCast(b, lanes, LLVMVectorType(vy__t8(f), 8), "");
  return LLVMBuildZExt(b, lanes, LLVMVectorType(vy__t32(f), 8), "");
}

// The words of the lanes in `bits` first, in order.
static LLVMValueRef close_up(vy__flow *f, LLVMValueRef x, LLVMValueRef bits) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef t = LLVMTypeOf(x);
  if (f->e->isa >= VY__ISA_AVX512) {
    LLVMTypeRef word = LLVMIntTypeInContext(f->e->context, f->e->width);
    LLVMValueRef mask = LLVMBuildTrunc(b, bits, word, "");
    mask = LLVMBuildBitCast(b, mask, vy__vector_of(f, vy__t1(f)), "");
    LLVMValueRef args[] = {x, LLVMConstNull(t), mask};
    return vy__llvm_intrinsic(f->e, "llvm.x86.avx512.mask.compress", &t, 1,
                              args, 3);
  }
  LLVMValueRef args[] = {x, set_lanes(f, bits)};
  return vy__llvm_intrinsic(f->e, "llvm.x86.avx2.permd", NULL, 0, args, 2);
}

static void store_first(vy__flow *f, LLVMValueRef x, LLVMValueRef at,
                        LLVMValueRef count) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef there = LLVMBuildICmp(b, LLVMIntULT, vy__iota(f, vy__t32(f), 1),
                                     vy__splat(b, count, f->e->width), "");
  LLVMTypeRef types[] = {LLVMTypeOf(x), vy__tptr(f)};
  LLVMValueRef args[] = {x, at, vy__i32(f, 1), there};
  (void)vy__llvm_intrinsic(f->e, "llvm.masked.store", types, 2, args, 4);
}

// i1: are elements [first, first + count) there, as lanes name them?
static LLVMValueRef all_there(vy__flow *f, const vy__place *p, vy_type type,
                              LLVMValueRef first64, LLVMValueRef count) {
  LLVMBuilderRef b = f->e->builder;
  uint64_t names = UINT64_C(1) << (vy__is_signed(type) ? 31 : 32);
  LLVMValueRef most = vy__i64(f, names);
  LLVMValueRef few = LLVMBuildICmp(f->entry, LLVMIntULT, p->length, most, "");
  most = LLVMBuildSelect(f->entry, few, p->length, most, "");
  LLVMValueRef left = LLVMBuildSub(b, most, first64, "");
  count = LLVMBuildZExt(b, count, vy__t64(f), "");
  return LLVMBuildAnd(b, LLVMBuildICmp(b, LLVMIntULE, first64, most, ""),
                      LLVMBuildICmp(b, LLVMIntULE, count, left, ""), "");
}

LLVMBasicBlockRef vy__store_closed_up(vy__flow *f, const vy__place *p,
                                      uint32_t index, LLVMValueRef raw) {
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)f->ir->values[index].type;
  uint32_t start, scan = scan_of(f, index, &start);
  LLVMTypeRef t = vy__t32(f);
  LLVMBasicBlockRef some = vy__flow_block(f, "close_up"),
                    side = vy__flow_block(f, "side_by_side"),
                    apart = vy__flow_block(f, "apart"),
                    done = vy__flow_block(f, "stored");
  LLVMValueRef bits = vy__mask_bits(f, f->mask);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, bits, vy__i32(f, 0), ""), some,
                  done);
  LLVMPositionBuilderAtEnd(b, some);
  LLVMValueRef first = vy__scan_before(f, scan);
  if (start != VY__NONE)
    first = LLVMBuildAdd(b, first, vy__flow_scalar(f, start), "");
  first = vy__index64(f, type, first);
  LLVMValueRef count = vy__llvm_intrinsic(f->e, "llvm.ctpop", &t, 1, &bits, 1);
  LLVMValueRef ok =
      LLVMBuildICmp(b, LLVMIntEQ, bits, vy__scan_bits(f, scan), "");
  ok = LLVMBuildAnd(b, ok, all_there(f, p, type, first, count), "");
  LLVMBuildCondBr(b, ok, side, apart);
  LLVMPositionBuilderAtEnd(b, side);
  store_first(f, close_up(f, raw, bits), vy__element_at(f, p, first), count);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, apart);
  return done;
}

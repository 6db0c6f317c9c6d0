// Elements in memory to values and back. f16 is the hardware's where that has
// it; else, like bf16, integer arithmetic that rounds once to nearest even.
#include "backend/cpu/emit/ops.h"
#include "semantics/semantics.h"

// Everything below works on i32 of so many lanes.
typedef struct word {
  vy__emit *e;
  LLVMBuilderRef b;
  uint32_t lanes;
} word;

static LLVMValueRef num(const word *w, uint32_t value) {
  return vy__llvm_int(w->e, 32, value, w->lanes);
}
static LLVMValueRef and32(const word *w, LLVMValueRef x, uint32_t y) {
  return LLVMBuildAnd(w->b, x, num(w, y), "");
}
static LLVMValueRef add32(const word *w, LLVMValueRef x, uint32_t y) {
  return LLVMBuildAdd(w->b, x, num(w, y), "");
}
static LLVMValueRef shl32(const word *w, LLVMValueRef x, uint32_t n) {
  return LLVMBuildShl(w->b, x, num(w, n), "");
}
static LLVMValueRef shr32(const word *w, LLVMValueRef x, uint32_t n) {
  return LLVMBuildLShr(w->b, x, num(w, n), "");
}
// x >= y, both below 2^31.
static LLVMValueRef from32(const word *w, LLVMValueRef x, uint32_t y) {
  return LLVMBuildICmp(w->b, LLVMIntSGE, x, num(w, y), "");
}
static LLVMValueRef choose(const word *w, LLVMValueRef c, LLVMValueRef x,
                           LLVMValueRef y) {
  return LLVMBuildSelect(w->b, c, x, y, "");
}
static LLVMValueRef f32_of(const word *w, LLVMValueRef bits) {
  return vy__llvm_from_bits(w->e, VY_TYPE_F32, w->lanes, bits);
}
static LLVMValueRef bits_of(const word *w, LLVMValueRef value) {
  return vy__llvm_bits(w->e, VY_TYPE_F32, w->lanes, value);
}
static LLVMValueRef f32_const(const word *w, uint32_t bits) {
  return vy__llvm_const(w->e, VY_TYPE_F32, bits, w->lanes);
}

// ---- f16

static LLVMTypeRef halves(const word *w) {
  LLVMTypeRef half = LLVMHalfTypeInContext(w->e->context);
  return w->lanes == 1 ? half : LLVMVectorType(half, w->lanes);
}

static bool has_f16c(const word *w) { return w->e->isa >= VY__ISA_AVX2; }

// Moving the fields leaves the exponent 112 too low, twice that for infinity
// and NaN; a subnormal gets an implicit bit, which is 2^-14, and loses it.
static LLVMValueRef load_f16(const word *w, LLVMValueRef stored) {
  LLVMTypeRef i32 = vy__llvm_ints(w->e, 32, w->lanes);
  if (has_f16c(w))
    return LLVMBuildFPExt(w->b, LLVMBuildBitCast(w->b, stored, halves(w), ""),
                          vy__llvm_type(w->e, VY_TYPE_F32, w->lanes), "");
  LLVMValueRef x = LLVMBuildZExt(w->b, stored, i32, "");
  LLVMValueRef sign = shl32(w, and32(w, x, 0x8000), 16);
  LLVMValueRef magnitude = and32(w, x, 0x7fff);
  LLVMValueRef moved = add32(w, shl32(w, magnitude, 13), 112u << 23);
  LLVMValueRef special = add32(w, moved, 112u << 23);
  LLVMValueRef tiny = f32_of(w, add32(w, moved, 1u << 23));
  tiny = LLVMBuildFSub(w->b, tiny, f32_const(w, 113u << 23), "");
  LLVMValueRef r = choose(w, from32(w, magnitude, 0x7c00), special, moved);
  r = choose(w, from32(w, magnitude, 0x0400), r, bits_of(w, tiny));
  return f32_of(w, LLVMBuildOr(w->b, r, sign, ""));
}

// The magnitude in f16's pattern. Subnormals: the last bit of 0.5 is that of
// f16's subnormals, so adding 0.5 rounds there. Else: add just less than half
// of what is cut off, and one more when the last bit kept is odd; the carry
// takes 65520 and more to infinity.
static LLVMValueRef round_f16(const word *w, LLVMValueRef x) {
  LLVMValueRef tiny =
      LLVMBuildFAdd(w->b, f32_of(w, x), f32_const(w, 0x3f000000), "");
  tiny = add32(w, bits_of(w, tiny), -0x3f000000u);
  LLVMValueRef odd = and32(w, shr32(w, x, 13), 1);
  LLVMValueRef r = add32(w, x, 0xfff - (112u << 23));
  r = shr32(w, LLVMBuildAdd(w->b, r, odd, ""), 13);
  r = choose(w, from32(w, x, 113u << 23), r, tiny);
  return choose(w, from32(w, x, 143u << 23), num(w, 0x7c00), r);
}

static LLVMValueRef store_f16(const word *w, LLVMValueRef value) {
  LLVMTypeRef i16 = vy__llvm_ints(w->e, 16, w->lanes);
  LLVMValueRef r;
  if (has_f16c(w)) {
    r = LLVMBuildFPTrunc(w->b, value, halves(w), "");
    r = LLVMBuildBitCast(w->b, r, i16, "");
  } else {
    LLVMValueRef x = bits_of(w, value);
    r = round_f16(w, and32(w, x, 0x7fffffff));
    r = LLVMBuildOr(w->b, r, and32(w, shr32(w, x, 16), 0x8000), "");
    r = LLVMBuildTrunc(w->b, r, i16, "");
  }
  return choose(w, vy__llvm_is_nan(w->e, value),
                vy__llvm_int(w->e, 16, 0x7e00, w->lanes), r);
}

// ---- bf16: the upper half of f32

static LLVMValueRef load_bf16(const word *w, LLVMValueRef stored) {
  LLVMTypeRef i32 = vy__llvm_ints(w->e, 32, w->lanes);
  return f32_of(w, shl32(w, LLVMBuildZExt(w->b, stored, i32, ""), 16));
}

static LLVMValueRef store_bf16(const word *w, LLVMValueRef value) {
  LLVMValueRef x = bits_of(w, value);
  LLVMValueRef odd = and32(w, shr32(w, x, 16), 1);
  LLVMValueRef r = LLVMBuildAdd(w->b, add32(w, x, 0x7fff), odd, "");
  r = choose(w, vy__llvm_is_nan(w->e, value), num(w, 0x7fc0), shr32(w, r, 16));
  return LLVMBuildTrunc(w->b, r, vy__llvm_ints(w->e, 16, w->lanes), "");
}

// ---- any element

LLVMValueRef vy__emit_load_convert(vy__emit *e, vy_type type, uint32_t lanes,
                                   LLVMValueRef stored) {
  const word w = {e, e->builder, lanes};
  LLVMTypeRef to = vy__llvm_type(e, type, lanes);
  if (type == VY_TYPE_F16)
    return load_f16(&w, stored);
  if (type == VY_TYPE_BF16)
    return load_bf16(&w, stored);
  if (vy__is_float(type))
    return LLVMBuildBitCast(e->builder, stored, to, "");
  return LLVMBuildIntCast2(e->builder, stored, to,
                           vy__type_kind(type) == VY__KIND_I, "");
}

LLVMValueRef vy__emit_store_convert(vy__emit *e, vy_type type, uint32_t lanes,
                                    LLVMValueRef value) {
  const word w = {e, e->builder, lanes};
  if (type == VY_TYPE_F16)
    return store_f16(&w, value);
  if (type == VY_TYPE_BF16)
    return store_bf16(&w, value);
  if (vy__is_float(type))
    return vy__llvm_canonical(e, type, lanes, value);
  return LLVMBuildIntCast2(e->builder, value, vy__llvm_stored(e, type, lanes),
                           false, "");
}

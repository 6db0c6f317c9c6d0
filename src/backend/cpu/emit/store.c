// Stores of elements, by the shape of the index as for loads. What is outside
// is left out; so are the lanes that do not run.
#include "backend/cpu/emit/memory.h"

// Lanes of `bits` one by one; the index of a lane is its own or first + lane.
static void store_slowly(vy__flow *f, const vy__place *p, vy_type type,
                         LLVMValueRef bits, LLVMValueRef first,
                         LLVMValueRef index, LLVMValueRef raw, bool check) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef word = vy__word_of(f, p);
  LLVMTypeRef t =
      first ? LLVMTypeOf(first) : LLVMGetElementType(LLVMTypeOf(index));
  LLVMValueRef values = vy__park(f, raw);
  LLVMValueRef indices = first ? NULL : vy__park(f, index);
  vy__lane_loop l;
  vy__lanes_begin(f, &l, bits);
  LLVMValueRef i =
      first ? LLVMBuildAdd(b, first, LLVMBuildIntCast2(b, l.lane, t, 0, ""), "")
            : vy__parked(f, indices, t, l.lane);
  LLVMBasicBlockRef in = vy__flow_block(f, "inside"),
                    next = vy__flow_block(f, "next");
  if (check)
    vy__flow_mostly(f,
                    LLVMBuildCondBr(b, vy__inside(f, p, type, i, 1), in, next));
  else
    LLVMBuildBr(b, in);
  LLVMPositionBuilderAtEnd(b, in);
  LLVMValueRef at = vy__index64(f, type, i);
  if (p->is_private) {
    at = LLVMBuildMul(b, at, vy__i64(f, f->e->width), "");
    at = LLVMBuildAdd(b, at, l.lane, "");
  }
  vy__store_raw(f, vy__parked(f, values, word, l.lane),
                vy__element_at(f, p, at), 1);
  LLVMBuildBr(b, next);
  LLVMPositionBuilderAtEnd(b, next);
  vy__lanes_end(f, &l);
}

static void store_masked(vy__flow *f, LLVMValueRef raw, LLVMValueRef at) {
  LLVMTypeRef types[] = {LLVMTypeOf(raw), vy__tptr(f)};
  LLVMValueRef args[] = {raw, at, vy__i32(f, 1), vy__mask_bool(f, f->mask)};
  (void)vy__llvm_intrinsic(f->e, "llvm.masked.store", types, 2, args, 4);
}

static void store_in_window(vy__flow *f, uint32_t value, const vy__place *p,
                            LLVMValueRef raw, vy_type type,
                            LLVMValueRef first) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef at = vy__window_at(f, value, p, type, first);
  if (!f->mask) {
    vy__store_raw(f, raw, at, 1);
    return;
  }
  if (vy__has_masked(f, p)) {
    store_masked(f, raw, at);
    return;
  }
  LLVMValueRef bits = vy__mask_bits(f, f->mask);
  uint64_t full = (UINT64_C(1) << f->e->width) - 1;
  LLVMBasicBlockRef all = vy__flow_block(f, "all"),
                    some = vy__flow_block(f, "some"),
                    join = vy__flow_block(f, "stored");
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, bits, vy__i32(f, full), ""),
                  all, some);
  LLVMPositionBuilderAtEnd(b, all);
  vy__store_raw(f, raw, at, 1);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, some);
  store_slowly(f, p, type, bits, first, NULL, raw, false);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, join);
}

static void store_window(vy__flow *f, uint32_t value, const vy__place *p,
                         LLVMValueRef raw, vy_type type, LLVMValueRef first) {
  LLVMBuilderRef b = f->e->builder;
  if (vy__all_inside(f, value) || vy__mask_is_proof(f, p, value)) {
    store_in_window(f, value, p, raw, type, first);
    return;
  }
  LLVMBasicBlockRef in = vy__flow_block(f, "window"),
                    out = vy__flow_block(f, "edge"),
                    join = vy__flow_block(f, "stored");
  LLVMBuildCondBr(b, vy__window_inside(f, p, type, first, f->e->width), in,
                  out);
  LLVMPositionBuilderAtEnd(b, in);
  store_in_window(f, value, p, raw, type, first);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, out);
  store_slowly(f, p, type, vy__mask_bits(f, f->mask), first, NULL, raw, true);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, join);
}

// All lanes that run write one place, with one value.
static void store_even(vy__flow *f, uint32_t value, const vy__place *p,
                       LLVMValueRef raw, vy_type type, LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef go =
      vy__own_inside(f, value) ? NULL : vy__inside(f, p, type, index, 1);
  if (f->strict)
    vy__report_even(f, value, go, vy__index64(f, type, index), p, type);
  if (f->mask) {
    LLVMValueRef any = vy__mask_any(f, f->mask);
    go = go ? LLVMBuildAnd(b, go, any, "") : any;
  }
  LLVMBasicBlockRef in = vy__flow_block(f, "inside"),
                    join = vy__flow_block(f, "stored");
  if (go)
    vy__flow_mostly(f, LLVMBuildCondBr(b, go, in, join));
  else
    LLVMBuildBr(b, in);
  LLVMPositionBuilderAtEnd(b, in);
  vy__store_raw(f, raw, vy__element_at(f, p, vy__index64(f, type, index)), 1);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, join);
}

// Lane j's copy of one element of a private array.
static void store_private_even(vy__flow *f, uint32_t value, const vy__place *p,
                               LLVMValueRef raw, vy_type type,
                               LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef ok =
      vy__own_inside(f, value) ? NULL : vy__inside(f, p, type, index, 1);
  LLVMValueRef i = vy__index64(f, type, index);
  if (f->strict)
    vy__report_even(f, value, ok, i, p, type);
  LLVMBasicBlockRef in = vy__flow_block(f, "inside"),
                    join = vy__flow_block(f, "stored");
  if (ok)
    vy__flow_mostly(f, LLVMBuildCondBr(b, ok, in, join));
  else if (f->mask) // a proof may rest on some lane running
    LLVMBuildCondBr(b, vy__mask_any(f, f->mask), in, join);
  else
    LLVMBuildBr(b, in);
  LLVMPositionBuilderAtEnd(b, in);
  i = LLVMBuildMul(b, i, vy__i64(f, f->e->width), "");
  LLVMValueRef at = vy__element_at(f, p, i);
  if (f->mask)
    raw = LLVMBuildSelect(b, vy__mask_bool(f, f->mask), raw,
                          vy__load_raw(f, LLVMTypeOf(raw), at, p->bytes), "");
  vy__store_raw(f, raw, at, p->bytes);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, join);
}

static void store_any(vy__flow *f, uint32_t value, const vy__place *p,
                      LLVMValueRef raw, vy_type type, uint32_t index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMBasicBlockRef done = NULL;
  if (vy__closes_up(f, p, index))
    done = vy__store_closed_up(f, p, index, raw);
  LLVMValueRef bits = vy__mask_bits(f, f->mask);
  LLVMValueRef at = vy__flow_vector(f, index);
  if (!vy__own_inside(f, value)) {
    LLVMValueRef ok = vy__inside(f, p, type, at, f->e->width);
    if (f->strict)
      vy__report_lanes(f, value, ok, at, p, type);
    bits = LLVMBuildAnd(b, bits, vy__bool_bits(f, ok), "");
  }
  store_slowly(f, p, type, bits, NULL, at, raw, false);
  if (!done)
    return;
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
}

void vy__flow_store(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  vy__lane_value *index = vy__flow_get(f, v->a[0]);
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  vy__place p = vy__place_of(f, v);
  bool even = vy__is_even(index);
  if (even && !p.is_private && vy__is_even(vy__flow_get(f, v->a[1]))) {
    LLVMValueRef one =
        vy__emit_store_convert(f->e, p.stored, 1, vy__flow_scalar(f, v->a[1]));
    store_even(f, value, &p, one, type, index->scalar);
    return;
  }
  LLVMValueRef raw = vy__emit_store_convert(f->e, p.stored, f->e->width,
                                            vy__flow_vector(f, v->a[1]));
  index = vy__flow_get(f, v->a[0]);
  if (even && p.is_private)
    store_private_even(f, value, &p, raw, type, index->scalar);
  else if (vy__is_window(f, &p, index))
    store_window(f, value, &p, raw, type, index->scalar);
  else
    store_any(f, value, &p, raw, type, v->a[0]);
}

void vy__flow_zero_private(vy__flow *f, uint32_t array) {
  vy__value v = {.space = VY__SPACE_PRIVATE, .ref = array};
  vy__place p = vy__place_of(f, &v);
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef slot = vy__flow_alloca(f, vy__t64(f), "i");
  LLVMBasicBlockRef body = vy__flow_block(f, "zero"),
                    done = vy__flow_block(f, "zeroed");
  if (p.known == 0)
    return;
  LLVMBuildStore(b, vy__i64(f, 0), slot);
  LLVMBuildBr(b, body);
  LLVMPositionBuilderAtEnd(b, body);
  LLVMValueRef i = LLVMBuildLoad2(b, vy__t64(f), slot, "");
  LLVMValueRef at = vy__ptr_add(
      f, p.base,
      LLVMBuildMul(b, i, vy__i64(f, (uint64_t)p.bytes * f->e->width), ""));
  LLVMTypeRef words = vy__vector_of(f, vy__word_of(f, &p));
  LLVMValueRef zero = LLVMConstNull(words);
  if (f->mask)
    zero = LLVMBuildSelect(b, vy__mask_bool(f, f->mask), zero,
                           vy__load_raw(f, words, at, p.bytes), "");
  vy__store_raw(f, zero, at, p.bytes);
  i = LLVMBuildAdd(b, i, vy__i64(f, 1), "");
  LLVMBuildStore(b, i, slot);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, i, p.length, ""), body, done);
  LLVMPositionBuilderAtEnd(b, done);
}

// Loads of elements. By the shape of the index: one place for all lanes, a
// window of consecutive elements, words a few apart, or anything (gathered).
// Whatever is outside is read at element 0, which is always there, and
// replaced by 0.
#include "backend/cpu/emit/memory.h"

// ---- lanes one at a time

void vy__lanes_begin(vy__flow *f, vy__lane_loop *l, LLVMValueRef bits) {
  LLVMBuilderRef b = f->e->builder;
  l->slot = vy__flow_alloca(f, vy__t32(f), "bits");
  l->body = vy__flow_block(f, "lane");
  l->done = vy__flow_block(f, "lanes_done");
  LLVMBuildStore(b, bits, l->slot);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, bits, vy__i32(f, 0), ""),
                  l->body, l->done);
  LLVMPositionBuilderAtEnd(b, l->body);
  l->bits = LLVMBuildLoad2(b, vy__t32(f), l->slot, "");
  LLVMTypeRef t = vy__t32(f);
  LLVMValueRef args[] = {l->bits, LLVMConstInt(vy__t1(f), 1, 0)};
  LLVMValueRef n = vy__llvm_intrinsic(f->e, "llvm.cttz", &t, 1, args, 2);
  l->lane = LLVMBuildZExt(b, n, vy__t64(f), "");
}

void vy__lanes_end(vy__flow *f, vy__lane_loop *l) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef less = LLVMBuildSub(b, l->bits, vy__i32(f, 1), "");
  LLVMValueRef rest = LLVMBuildAnd(b, l->bits, less, "");
  LLVMBuildStore(b, rest, l->slot);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, rest, vy__i32(f, 0), ""),
                  l->body, l->done);
  LLVMPositionBuilderAtEnd(b, l->done);
}

LLVMValueRef vy__park(vy__flow *f, LLVMValueRef vector) {
  LLVMValueRef slot = vy__flow_alloca(f, LLVMTypeOf(vector), "parked");
  LLVMBuildStore(f->e->builder, vector, slot);
  return slot;
}

LLVMValueRef vy__parked_at(vy__flow *f, LLVMValueRef slot, LLVMTypeRef element,
                           LLVMValueRef lane) {
  return LLVMBuildGEP2(f->e->builder, element, slot, &lane, 1, "");
}

LLVMValueRef vy__parked(vy__flow *f, LLVMValueRef slot, LLVMTypeRef element,
                        LLVMValueRef lane) {
  return LLVMBuildLoad2(f->e->builder, element,
                        vy__parked_at(f, slot, element, lane), "");
}

// ---- addresses

LLVMValueRef vy__element_at(vy__flow *f, const vy__place *p,
                            LLVMValueRef index64) {
  LLVMValueRef bytes =
      LLVMBuildMul(f->e->builder, index64, vy__i64(f, p->stride), "");
  return vy__ptr_add(f, p->base, bytes);
}

LLVMTypeRef vy__word_of(vy__flow *f, const vy__place *p) {
  return LLVMIntTypeInContext(f->e->context, 8 * p->bytes);
}

// Make byte offsets of 31 bits one of the launch facts.
static bool small_offsets(vy__flow *f, const vy__place *p) {
  if (p->is_known)
    return p->known * p->stride < UINT64_C(1) << 31;
  if (!f->fast)
    return false;
  f->used_facts = true;
  if (!f->small[p->param]) {
    f->small[p->param] = true;
    LLVMValueRef most = vy__i64(f, (UINT64_C(1) << 31) / p->stride);
    LLVMValueRef c = LLVMBuildICmp(f->entry, LLVMIntULT, p->length, most, "");
    f->all = LLVMBuildAnd(f->entry, f->all, c, "");
  }
  return true;
}

// <W x ptr> of elements whose indices are all inside.
static LLVMValueRef addresses(vy__flow *f, const vy__place *p, vy_type type,
                              LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef wide = vy__vector_of(f, vy__t64(f));
  LLVMValueRef base = p->base, i;
  if (vy__type_bits(type) == 32)
    i = small_offsets(f, p) ? LLVMBuildSExt(b, index, wide, "")
                            : LLVMBuildZExt(b, index, wide, "");
  else
    i = index;
  LLVMTypeRef unit = vy__t8(f);
  if (p->stride == 2 || p->stride == 4 || p->stride == 8)
    unit = LLVMIntTypeInContext(f->e->context, 8 * p->stride);
  else if (p->stride != 1 && vy__type_bits(type) == 32 && small_offsets(f, p))
    i = LLVMBuildSExt(
        b,
        LLVMBuildMul(b, index, vy__splat(b, vy__i32(f, p->stride), f->e->width),
                     ""),
        wide, "");
  else if (p->stride != 1)
    i = LLVMBuildMul(b, i, vy__splat(b, vy__i64(f, p->stride), f->e->width),
                     "");
  return LLVMBuildGEP2(b, unit, base, &i, 1, "");
}

// ---- loads

static LLVMValueRef zero_unless(vy__flow *f, LLVMValueRef ok, LLVMValueRef v) {
  return LLVMBuildSelect(f->e->builder, ok, v, LLVMConstNull(LLVMTypeOf(v)),
                         "");
}

void vy__report_even(vy__flow *f, uint32_t value, LLVMValueRef ok,
                     LLVMValueRef index64, const vy__place *p, vy_type type) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef bits =
      LLVMBuildSelect(b, ok, vy__i32(f, 0), vy__mask_bits(f, f->mask), "");
  vy__report_bounds(f, value, bits, vy__splat(b, index64, f->e->width),
                    p->length, vy__is_signed(type));
}

void vy__report_lanes(vy__flow *f, uint32_t value, LLVMValueRef ok,
                      LLVMValueRef index, const vy__place *p, vy_type type) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef good = vy__bool_bits(f, ok);
  LLVMValueRef bad =
      LLVMBuildAnd(b, vy__mask_bits(f, f->mask), LLVMBuildNot(b, good, ""), "");
  vy__report_bounds(f, value, bad, vy__index64(f, type, index), p->length,
                    vy__is_signed(type));
}

// One lane's own load. The branch, which is nearly always foreseen, keeps the
// check out of chains in which one load's result leads to the next.
static void load_alone(vy__flow *f, uint32_t value, const vy__place *p,
                       vy_type type, LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef word = vy__word_of(f, p);
  LLVMBasicBlockRef from = LLVMGetInsertBlock(b),
                    in = vy__flow_block(f, "inside"),
                    done = vy__flow_block(f, "loaded");
  vy__flow_mostly(
      f, LLVMBuildCondBr(b, vy__inside(f, p, type, index, 1), in, done));
  LLVMPositionBuilderAtEnd(b, in);
  LLVMValueRef x = vy__load_raw(
      f, word, vy__element_at(f, p, vy__index64(f, type, index)), 1);
  x = vy__emit_load_convert(f->e, p->stored, 1, x);
  in = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
  LLVMTypeRef t = LLVMTypeOf(x);
  LLVMValueRef phi = LLVMBuildPhi(b, t, "");
  LLVMAddIncoming(phi, (LLVMValueRef[]){x, LLVMConstNull(t)},
                  (LLVMBasicBlockRef[]){in, from}, 2);
  vy__flow_set_scalar(f, value, phi); // zero bits are zero in all types
}

// All lanes read one place.
static void load_even(vy__flow *f, uint32_t value, const vy__place *p,
                      vy_type type, LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef at = vy__index64(f, type, index), ok = NULL;
  uint32_t lanes = p->is_private ? f->e->width : 1;
  if (!vy__all_inside(f, value)) {
    ok = vy__inside(f, p, type, index, 1);
    if (f->strict)
      vy__report_even(f, value, ok, at, p, type);
    at = LLVMBuildSelect(b, ok, at, vy__i64(f, 0), "");
  }
  if (p->is_private)
    at = LLVMBuildMul(b, at, vy__i64(f, lanes), "");
  LLVMTypeRef word = vy__word_of(f, p);
  LLVMValueRef raw =
      vy__load_raw(f, lanes > 1 ? vy__vector_of(f, word) : word,
                   vy__element_at(f, p, at), p->is_private ? p->bytes : 1);
  if (ok)
    raw = zero_unless(f, ok, raw);
  LLVMValueRef x = vy__emit_load_convert(f->e, p->stored, lanes, raw);
  if (lanes > 1)
    vy__flow_set_vector(f, value, x);
  else
    vy__flow_set_scalar(f, value, x);
}

LLVMValueRef vy__window_slowly(vy__flow *f, const vy__place *p, vy_type type,
                               LLVMValueRef first, int64_t stride) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef word = vy__word_of(f, p), t = LLVMTypeOf(first);
  LLVMValueRef out = vy__flow_alloca(f, vy__vector_of(f, word), "window");
  vy__lane_loop l;
  vy__lanes_begin(f, &l, vy__i32(f, (UINT64_C(1) << f->e->width) - 1));
  LLVMValueRef j = LLVMBuildIntCast2(b, l.lane, t, 0, "");
  j = LLVMBuildMul(b, j, LLVMConstInt(t, (uint64_t)stride, 0), "");
  LLVMValueRef index = LLVMBuildAdd(b, first, j, "");
  LLVMValueRef ok = vy__inside(f, p, type, index, 1);
  LLVMValueRef at =
      LLVMBuildSelect(b, ok, vy__index64(f, type, index), vy__i64(f, 0), "");
  LLVMValueRef x = vy__load_raw(f, word, vy__element_at(f, p, at), 1);
  LLVMBuildStore(b, zero_unless(f, ok, x), vy__parked_at(f, out, word, l.lane));
  vy__lanes_end(f, &l);
  return LLVMBuildLoad2(b, vy__vector_of(f, word), out, "");
}

static LLVMValueRef load_masked(vy__flow *f, LLVMTypeRef words,
                                LLVMValueRef at) {
  LLVMTypeRef types[] = {words, vy__tptr(f)};
  LLVMValueRef args[] = {at, vy__i32(f, 1), vy__mask_bool(f, f->mask),
                         LLVMConstNull(words)};
  return vy__llvm_intrinsic(f->e, "llvm.masked.load", types, 2, args, 4);
}

static void load_window(vy__flow *f, uint32_t value, const vy__place *p,
                        vy_type type, LLVMValueRef first) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef words = vy__vector_of(f, vy__word_of(f, p));
  LLVMValueRef at;
  bool all = vy__all_inside(f, value);
  bool masked = !all && vy__mask_is_proof(f, p, value);
  if (all || masked) {
    at = vy__window_at(f, value, p, type, first);
  } else {
    LLVMBasicBlockRef in = vy__flow_block(f, "window"),
                      out = vy__flow_block(f, "edge"),
                      join = vy__flow_block(f, "loaded");
    LLVMBuildCondBr(b, vy__window_inside(f, p, type, first, f->e->width), in,
                    out);
    LLVMPositionBuilderAtEnd(b, in);
    LLVMValueRef quick = vy__element_at(f, p, vy__index64(f, type, first));
    LLVMBuildBr(b, join);
    LLVMPositionBuilderAtEnd(b, out);
    LLVMValueRef slow = vy__park(f, vy__window_slowly(f, p, type, first, 1));
    out = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, join);
    LLVMPositionBuilderAtEnd(b, join);
    at = LLVMBuildPhi(b, vy__tptr(f), "");
    LLVMAddIncoming(at, (LLVMValueRef[]){quick, slow},
                    (LLVMBasicBlockRef[]){in, out}, 2);
  }
  if (all)
    vy__fetch_ahead(f, value, at, f->e->width * p->bytes);
  LLVMValueRef raw =
      masked ? load_masked(f, words, at) : vy__load_raw(f, words, at, 1);
  vy__lane_value out = {
      .vector = vy__emit_load_convert(f->e, p->stored, f->e->width, raw)};
  const vy__value *v = &f->ir->values[value];
  if (v->space == VY__SPACE_BUFFER && !vy__is_ordered(f->ir, v)) {
    out.words = at;
    out.stored = p->stored;
  }
  vy__flow_set(f, value, out);
}

LLVMValueRef vy__load_each(vy__flow *f, LLVMTypeRef word,
                           LLVMValueRef pointers) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef out = LLVMGetPoison(vy__vector_of(f, word));
  for (uint32_t j = 0; j < f->e->width; j++) {
    LLVMValueRef at = LLVMBuildExtractElement(b, pointers, vy__i32(f, j), "");
    out = LLVMBuildInsertElement(b, out, vy__load_raw(f, word, at, 1),
                                 vy__i32(f, j), "");
  }
  return out;
}

// From the lanes of `mask` (NULL: all), others get zeros. No target gathers
// words of 8 and 16 bits.
static LLVMValueRef gather(vy__flow *f, const vy__place *p,
                           LLVMValueRef pointers, LLVMValueRef mask) {
  if (p->bytes < 4)
    return vy__load_each(f, vy__word_of(f, p), pointers);
  LLVMTypeRef words = vy__vector_of(f, vy__word_of(f, p));
  LLVMTypeRef types[] = {words, LLVMTypeOf(pointers)};
  LLVMValueRef args[] = {pointers, vy__i32(f, 1),
                         mask ? vy__mask_bool(f, mask)
                              : LLVMConstAllOnes(vy__vector_of(f, vy__t1(f))),
                         LLVMConstNull(words)};
  return vy__llvm_intrinsic(f->e, "llvm.masked.gather", types, 2, args, 4);
}

static LLVMValueRef private_addresses(vy__flow *f, const vy__place *p,
                                      vy_type type, LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef wide = vy__vector_of(f, vy__t64(f));
  uint32_t w = f->e->width;
  LLVMValueRef i =
      vy__type_bits(type) == 32 ? LLVMBuildZExt(b, index, wide, "") : index;
  i = LLVMBuildMul(b, i, vy__splat(b, vy__i64(f, w), w), "");
  i = LLVMBuildAdd(b, i, vy__iota(f, vy__t64(f), 1), "");
  return LLVMBuildGEP2(b, vy__word_of(f, p), p->base, &i, 1, "");
}

static void load_any(vy__flow *f, uint32_t value, const vy__place *p,
                     vy_type type, LLVMValueRef index) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef ok = NULL, mask = NULL;
  bool masks = f->e->isa >= VY__ISA_AVX2 && f->e->width > 1 && p->bytes >= 4;
  if (vy__all_inside(f, value)) {
  } else if (masks && f->mask && vy__own_inside(f, value)) {
    mask = f->mask;
  } else {
    ok = vy__inside(f, p, type, index, f->e->width);
    if (f->strict)
      vy__report_lanes(f, value, ok, index, p, type);
    index = zero_unless(f, ok, index);
  }
  LLVMValueRef at = p->is_private ? private_addresses(f, p, type, index)
                                  : addresses(f, p, type, index);
  LLVMValueRef raw = gather(f, p, at, mask);
  if (ok)
    raw = LLVMBuildSelect(b, ok, raw, LLVMConstNull(LLVMTypeOf(raw)), "");
  vy__flow_set_vector(f, value,
                      vy__emit_load_convert(f->e, p->stored, f->e->width, raw));
}

bool vy__is_window(const vy__flow *f, const vy__place *p,
                   const vy__lane_value *index) {
  return index->scalar && index->stride == 1 && p->stride == p->bytes &&
         !p->is_private && !f->strict;
}

void vy__flow_load(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  vy__lane_value *index = vy__flow_get(f, v->a[0]);
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  vy__place p = vy__place_of(f, v);
  if (f->e->width == 1 && !f->strict && !p.is_private &&
      !vy__all_inside(f, value))
    load_alone(f, value, &p, type, index->scalar);
  else if (vy__is_even(index))
    load_even(f, value, &p, type, index->scalar);
  else if (vy__is_window(f, &p, index))
    load_window(f, value, &p, type, index->scalar);
  else if (vy__is_strided(f, &p, index))
    vy__flow_set_vector(
        f, value,
        vy__emit_load_convert(f->e, p.stored, f->e->width,
                              vy__load_strided(f, value, &p, type, index)));
  else if (vy__table_fits(f->e, f->e->width, v))
    vy__load_table(f, value, &p, type, vy__flow_vector(f, v->a[0]));
  else
    load_any(f, value, &p, type, vy__flow_vector(f, v->a[0]));
}

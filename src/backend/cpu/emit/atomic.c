// Atomics: lane after lane. Group memory is seen by one thread only, so its
// atomics are plain. Lanes that combine into one place, with nobody asking
// for the old values, do it as one.
#include "backend/cpu/emit/memory.h"

typedef struct atomic_row {
  uint8_t plain; // vy__op that combines the old value and the operand
  uint8_t is;    // LLVMAtomicRMWBinOp for unsigned types
  uint8_t is_signed;
} atomic_row;

static const atomic_row rows[VY__OP_LIMIT] = {
    [VY__OP_ATOMIC_ADD] = {VY__OP_ADD, LLVMAtomicRMWBinOpAdd,
                           LLVMAtomicRMWBinOpAdd},
    [VY__OP_ATOMIC_SUB] = {VY__OP_SUB, LLVMAtomicRMWBinOpSub,
                           LLVMAtomicRMWBinOpSub},
    [VY__OP_ATOMIC_MIN] = {VY__OP_MIN, LLVMAtomicRMWBinOpUMin,
                           LLVMAtomicRMWBinOpMin},
    [VY__OP_ATOMIC_MAX] = {VY__OP_MAX, LLVMAtomicRMWBinOpUMax,
                           LLVMAtomicRMWBinOpMax},
    [VY__OP_ATOMIC_AND] = {VY__OP_AND, LLVMAtomicRMWBinOpAnd,
                           LLVMAtomicRMWBinOpAnd},
    [VY__OP_ATOMIC_OR] = {VY__OP_OR, LLVMAtomicRMWBinOpOr,
                          LLVMAtomicRMWBinOpOr},
    [VY__OP_ATOMIC_XOR] = {VY__OP_XOR, LLVMAtomicRMWBinOpXor,
                           LLVMAtomicRMWBinOpXor},
    [VY__OP_ATOMIC_EXCHANGE] = {VY__OP_INVALID, LLVMAtomicRMWBinOpXchg,
                                LLVMAtomicRMWBinOpXchg},
};

typedef struct atomic {
  vy__flow *f;
  const vy__value *v;
  vy__place place;
  vy_type type; // of the element
} atomic;

static LLVMValueRef load_one(const atomic *a, LLVMValueRef at) {
  LLVMValueRef x = LLVMBuildLoad2(a->f->e->builder,
                                  vy__llvm_type(a->f->e, a->type, 1), at, "");
  LLVMSetAlignment(x, a->place.bytes);
  if (!a->place.by_group)
    LLVMSetOrdering(x, LLVMAtomicOrderingMonotonic);
  return x;
}

static void store_one(const atomic *a, LLVMValueRef x, LLVMValueRef at) {
  LLVMValueRef s = LLVMBuildStore(a->f->e->builder, x, at);
  LLVMSetAlignment(s, a->place.bytes);
  if (!a->place.by_group)
    LLVMSetOrdering(s, LLVMAtomicOrderingMonotonic);
}

static LLVMValueRef swap_one(const atomic *a, LLVMValueRef at,
                             LLVMValueRef expect, LLVMValueRef x) {
  LLVMBuilderRef b = a->f->e->builder;
  if (a->place.by_group) {
    LLVMValueRef old = load_one(a, at);
    LLVMValueRef same = LLVMBuildICmp(b, LLVMIntEQ, old, expect, "");
    store_one(a, LLVMBuildSelect(b, same, x, old, ""), at);
    return old;
  }
  LLVMValueRef pair =
      LLVMBuildAtomicCmpXchg(b, at, expect, x, LLVMAtomicOrderingMonotonic,
                             LLVMAtomicOrderingMonotonic, 0);
  return LLVMBuildExtractValue(b, pair, 0, "");
}

static LLVMValueRef apply_one(const atomic *a, LLVMValueRef at,
                              LLVMValueRef x) {
  const atomic_row *row = &rows[a->v->op];
  LLVMBuilderRef b = a->f->e->builder;
  if (a->place.by_group) {
    LLVMValueRef old = load_one(a, at);
    if (row->plain != VY__OP_INVALID)
      x = vy__emit_op(a->f->e, (vy__op)row->plain, a->type, 1, old, x);
    store_one(a, x, at);
    return old;
  }
  bool is_signed = vy__is_signed(a->type);
  return LLVMBuildAtomicRMW(
      b, (LLVMAtomicRMWBinOp)(is_signed ? row->is_signed : row->is), at, x,
      LLVMAtomicOrderingMonotonic, 0);
}

// One lane's; the old value, or NULL.
static LLVMValueRef do_one(const atomic *a, LLVMValueRef at, LLVMValueRef x,
                           LLVMValueRef y) {
  switch (a->v->op) {
  case VY__OP_ATOMIC_LOAD:
    return load_one(a, at);
  case VY__OP_ATOMIC_STORE:
    store_one(a, x, at);
    return NULL;
  case VY__OP_ATOMIC_COMPARE_EXCHANGE:
    return swap_one(a, at, x, y);
  default:
    return apply_one(a, at, x);
  }
}

static LLVMValueRef address(const atomic *a, LLVMValueRef index64) {
  LLVMValueRef bytes = LLVMBuildMul(a->f->e->builder, index64,
                                    vy__i64(a->f, a->place.stride), "");
  return vy__ptr_add(a->f, a->place.base, bytes);
}

// ---- all into one place

static const char *reduction(uint32_t op, bool is_signed) {
  switch (op) {
  case VY__OP_ATOMIC_ADD:
  case VY__OP_ATOMIC_SUB:
    return "llvm.vector.reduce.add";
  case VY__OP_ATOMIC_AND:
    return "llvm.vector.reduce.and";
  case VY__OP_ATOMIC_OR:
    return "llvm.vector.reduce.or";
  case VY__OP_ATOMIC_XOR:
    return "llvm.vector.reduce.xor";
  case VY__OP_ATOMIC_MIN:
    return is_signed ? "llvm.vector.reduce.smin" : "llvm.vector.reduce.umin";
  case VY__OP_ATOMIC_MAX:
    return is_signed ? "llvm.vector.reduce.smax" : "llvm.vector.reduce.umax";
  default:
    return NULL;
  }
}

static void do_together(const atomic *a, LLVMValueRef bits,
                        LLVMValueRef index) {
  vy__flow *f = a->f;
  LLVMBuilderRef b = f->e->builder;
  LLVMBasicBlockRef some = vy__flow_block(f, "some"),
                    done = vy__flow_block(f, "combined");
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, bits, vy__i32(f, 0), ""), some,
                  done);
  LLVMPositionBuilderAtEnd(b, some);
  LLVMValueRef x = vy__flow_vector(f, a->v->a[1]);
  vy__op plain = (vy__op)rows[a->v->op].plain;
  if (f->mask)
    x = LLVMBuildSelect(b, vy__mask_bool(f, f->mask), x,
                        vy__llvm_const(f->e, a->type,
                                       vy__fold_identity(plain, a->type),
                                       f->e->width),
                        "");
  LLVMTypeRef t = LLVMTypeOf(x);
  x = vy__llvm_intrinsic(f->e, reduction(a->v->op, vy__is_signed(a->type)), &t,
                         1, &x, 1);
  (void)apply_one(a, address(a, index), x);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
}

// ---- one after another

static LLVMValueRef inside_bits(const atomic *a, uint32_t value) {
  vy__flow *f = a->f;
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef bits = vy__mask_bits(f, f->mask);
  vy_type type = (vy_type)f->ir->values[a->v->a[0]].type;
  vy__lane_value *index = vy__flow_get(f, a->v->a[0]);
  if (vy__own_inside(f, value))
    return bits;
  LLVMValueRef good;
  if (vy__is_even(index)) {
    LLVMValueRef ok = vy__inside(f, &a->place, type, index->scalar, 1);
    good = LLVMBuildSelect(b, ok, vy__i32(f, UINT32_MAX), vy__i32(f, 0), "");
  } else {
    good = vy__bool_bits(f, vy__inside(f, &a->place, type,
                                       vy__flow_vector(f, a->v->a[0]),
                                       f->e->width));
  }
  if (f->strict)
    vy__report_bounds(f, value,
                      LLVMBuildAnd(b, bits, LLVMBuildNot(b, good, ""), ""),
                      vy__index64(f, type, vy__flow_vector(f, a->v->a[0])),
                      a->place.length, vy__is_signed(type));
  return LLVMBuildAnd(b, bits, good, "");
}

static LLVMValueRef parked_operand(const atomic *a, uint32_t k) {
  return a->v->a[k] == VY__NONE
             ? NULL
             : vy__park(a->f, vy__flow_vector(a->f, a->v->a[k]));
}

static void do_in_turn(const atomic *a, uint32_t value, LLVMValueRef bits) {
  vy__flow *f = a->f;
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef t = vy__llvm_type(f->e, a->type, 1);
  vy_type type = (vy_type)f->ir->values[a->v->a[0]].type;
  bool has_result = a->v->type != VY_TYPE_NONE;
  LLVMValueRef out =
      has_result ? vy__park(f, LLVMConstNull(vy__vector_of(f, t))) : NULL;
  LLVMValueRef indices =
      vy__park(f, vy__index64(f, type, vy__flow_vector(f, a->v->a[0])));
  LLVMValueRef xs = parked_operand(a, 1), ys = parked_operand(a, 2);
  vy__lane_loop l;
  vy__lanes_begin(f, &l, bits);
  LLVMValueRef at = address(a, vy__parked(f, indices, vy__t64(f), l.lane));
  LLVMValueRef old = do_one(a, at, xs ? vy__parked(f, xs, t, l.lane) : NULL,
                            ys ? vy__parked(f, ys, t, l.lane) : NULL);
  if (old)
    LLVMBuildStore(b, old, vy__parked_at(f, out, t, l.lane));
  vy__lanes_end(f, &l);
  if (has_result)
    vy__flow_set_vector(f, value,
                        LLVMBuildLoad2(b, vy__vector_of(f, t), out, ""));
}

void vy__flow_atomic(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  atomic a = {.f = f, .v = v, .place = vy__place_of(f, v)};
  a.type = a.place.stored;
  LLVMValueRef bits = inside_bits(&a, value);
  vy__lane_value *index = vy__flow_get(f, v->a[0]);
  bool wanted = f->uses[value] != 0;
  if (!wanted && vy__is_even(index) &&
      reduction(v->op, vy__is_signed(a.type))) {
    vy_type type = (vy_type)f->ir->values[v->a[0]].type;
    do_together(&a, bits, vy__index64(f, type, index->scalar));
    vy__flow_set_vector(
        f, value,
        LLVMConstNull(vy__vector_of(f, vy__llvm_type(f->e, a.type, 1))));
    return;
  }
  do_in_turn(&a, value, bits);
}

// Atomics: lane after lane. Group memory is seen by one thread only, and so is
// everything while a launch runs in one call, so that its atomics are plain.
// Lanes that combine into one place, with nobody asking for the old values, do
// it as one.
#include "backend/cpu/emit/memory.h"
#include "semantics/semantics.h"

// How an operation is applied to memory, and how lanes' operands are gathered
// for it, on unsigned types and on signed ones.
typedef struct atomic_row {
  uint8_t is, is_signed; // LLVMAtomicRMWBinOp
  const char *gather, *gather_signed;
} atomic_row;

static const atomic_row rows[VY__OP_LIMIT] = {
    [VY__OP_NONE] = {LLVMAtomicRMWBinOpXchg, LLVMAtomicRMWBinOpXchg, NULL,
                     NULL},
    [VY__OP_ADD] = {LLVMAtomicRMWBinOpAdd, LLVMAtomicRMWBinOpAdd,
                    "llvm.vector.reduce.add", "llvm.vector.reduce.add"},
    [VY__OP_SUB] = {LLVMAtomicRMWBinOpSub, LLVMAtomicRMWBinOpSub,
                    "llvm.vector.reduce.add", "llvm.vector.reduce.add"},
    [VY__OP_MIN] = {LLVMAtomicRMWBinOpUMin, LLVMAtomicRMWBinOpMin,
                    "llvm.vector.reduce.umin", "llvm.vector.reduce.smin"},
    [VY__OP_MAX] = {LLVMAtomicRMWBinOpUMax, LLVMAtomicRMWBinOpMax,
                    "llvm.vector.reduce.umax", "llvm.vector.reduce.smax"},
    [VY__OP_AND] = {LLVMAtomicRMWBinOpAnd, LLVMAtomicRMWBinOpAnd,
                    "llvm.vector.reduce.and", "llvm.vector.reduce.and"},
    [VY__OP_OR] = {LLVMAtomicRMWBinOpOr, LLVMAtomicRMWBinOpOr,
                   "llvm.vector.reduce.or", "llvm.vector.reduce.or"},
    [VY__OP_XOR] = {LLVMAtomicRMWBinOpXor, LLVMAtomicRMWBinOpXor,
                    "llvm.vector.reduce.xor", "llvm.vector.reduce.xor"},
};

typedef struct atomic {
  vy__flow *f;
  const vy__value *v;
  vy__place place;
  vy_type type; // of the element
  bool plain;   // nobody else can be there
} atomic;

static LLVMValueRef load_one(const atomic *a, LLVMValueRef at) {
  LLVMValueRef x = LLVMBuildLoad2(a->f->e->builder,
                                  vy__llvm_type(a->f->e, a->type, 1), at, "");
  LLVMSetAlignment(x, a->place.bytes);
  if (!a->plain)
    LLVMSetOrdering(x, LLVMAtomicOrderingMonotonic);
  return x;
}

static void store_one(const atomic *a, LLVMValueRef x, LLVMValueRef at) {
  LLVMValueRef s = LLVMBuildStore(a->f->e->builder, x, at);
  LLVMSetAlignment(s, a->place.bytes);
  if (!a->plain)
    LLVMSetOrdering(s, LLVMAtomicOrderingMonotonic);
}

static LLVMValueRef swap_one(const atomic *a, LLVMValueRef at,
                             LLVMValueRef expect, LLVMValueRef x) {
  LLVMBuilderRef b = a->f->e->builder;
  if (a->plain) {
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
  vy__op op = vy__op_applies(a->v->op);
  const atomic_row *row = &rows[op];
  LLVMBuilderRef b = a->f->e->builder;
  if (a->plain) {
    LLVMValueRef old = load_one(a, at);
    if (op != VY__OP_NONE)
      x = vy__emit_op(a->f->e, op, a->type, 1, old, x);
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
  vy__op op = vy__op_applies(a->v->op);
  if (f->mask)
    x = LLVMBuildSelect(
        b, vy__mask_bool(f, f->mask), x,
        vy__llvm_const(f->e, a->type,
                       vy__identity(vy__op_gathers(a->v->op), a->type),
                       f->e->width),
        "");
  LLVMTypeRef t = LLVMTypeOf(x);
  x = vy__llvm_intrinsic(
      f->e, vy__is_signed(a->type) ? rows[op].gather_signed : rows[op].gather,
      &t, 1, &x, 1);
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

// Through all lanes of `bits`; the old values, or NULL.
static LLVMValueRef in_turn(const atomic *a, LLVMValueRef bits) {
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
  return has_result ? LLVMBuildLoad2(b, vy__vector_of(f, t), out, "") : NULL;
}

static LLVMValueRef lane_of(const atomic *a, uint32_t k, uint32_t lane) {
  vy__flow *f = a->f;
  uint32_t value = a->v->a[k];
  if (value == VY__NONE)
    return NULL;
  if (vy__is_even(vy__flow_get(f, value)))
    return vy__flow_scalar(f, value);
  return LLVMBuildExtractElement(f->e->builder, vy__flow_vector(f, value),
                                 vy__i32(f, lane), "");
}

// All lanes, each in its own instructions; nobody wants the old values.
// Indices that are not to be had lane by lane go through memory: counting at
// indices taken out of a vector register takes ten times as long on AMD's
// Zen 4. (Volatile, or LLVM would take the memory away.)
static void all_at_once(const atomic *all) {
  atomic one = *all, *a = &one;
  vy__flow *f = a->f;
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)f->ir->values[a->v->a[0]].type;
  LLVMTypeRef t = vy__llvm_type(f->e, type, 1);
  LLVMValueRef slot = NULL;
  bool again = a->place.is_known && vy__is_below(f, a->v->a[0], a->place.known);
  for (uint32_t j = 0; j < f->e->width; j++) {
    LLVMValueRef index = again ? vy__flow_lane(f, a->v->a[0], j) : NULL;
    if (!index) {
      if (!slot) {
        LLVMValueRef indices = vy__flow_vector(f, a->v->a[0]);
        slot = vy__flow_alloca(f, LLVMTypeOf(indices), "indices");
        LLVMSetVolatile(LLVMBuildStore(b, indices, slot), 1);
      }
      index = vy__parked(f, slot, t, vy__i64(f, j));
      LLVMSetVolatile(index, 1);
    }
    index = vy__index64(f, type, index);
    LLVMValueRef own = vy__copy_for(f, a->v, j);
    one.place.base = own ? own : all->place.base;
    (void)do_one(a, address(a, index), lane_of(a, 1, j), lane_of(a, 2, j));
  }
}

static LLVMValueRef one_lane(const atomic *a, LLVMValueRef bits) {
  vy__flow *f = a->f;
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)f->ir->values[a->v->a[0]].type;
  LLVMBasicBlockRef from = LLVMGetInsertBlock(b),
                    in = vy__flow_block(f, "inside"),
                    done = vy__flow_block(f, "atomic_done");
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, bits, vy__i32(f, 0), ""), in,
                  done);
  LLVMPositionBuilderAtEnd(b, in);
  LLVMValueRef index = vy__index64(f, type, lane_of(a, 0, 0));
  LLVMValueRef old =
      do_one(a, address(a, index), lane_of(a, 1, 0), lane_of(a, 2, 0));
  in = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
  if (!old)
    return NULL;
  LLVMValueRef none = LLVMConstNull(LLVMTypeOf(old));
  LLVMValueRef phi = LLVMBuildPhi(b, LLVMTypeOf(old), "");
  LLVMAddIncoming(phi, (LLVMValueRef[]){old, none},
                  (LLVMBasicBlockRef[]){in, from}, 2);
  return phi;
}

static LLVMValueRef unwanted(const atomic *a) {
  vy__flow *f = a->f;
  return a->v->type == VY_TYPE_NONE
             ? NULL
             : LLVMConstNull(vy__vector_of(f, vy__llvm_type(f->e, a->type, 1)));
}

// `sure`: all lanes run and are inside.
static LLVMValueRef each_lane(const atomic *a, LLVMValueRef bits, bool wanted,
                              bool sure) {
  vy__flow *f = a->f;
  LLVMBuilderRef b = f->e->builder;
  if (f->e->width == 1)
    return one_lane(a, bits);
  if (wanted)
    return in_turn(a, bits);
  if (sure) {
    all_at_once(a);
    return unwanted(a);
  }
  LLVMBasicBlockRef all = vy__flow_block(f, "all"),
                    some = vy__flow_block(f, "some"),
                    done = vy__flow_block(f, "atomics_done");
  uint64_t full = (UINT64_C(1) << f->e->width) - 1;
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, bits, vy__i32(f, full), ""),
                  all, some);
  LLVMPositionBuilderAtEnd(b, all);
  all_at_once(a);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, some);
  (void)in_turn(a, bits);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
  return unwanted(a);
}

// Without company the memory needs no lock: once this way, once that.
static LLVMValueRef alone_or_not(atomic *a, LLVMValueRef bits, bool wanted,
                                 bool sure) {
  vy__flow *f = a->f;
  LLVMBuilderRef b = f->e->builder;
  if (a->plain)
    return each_lane(a, bits, wanted, sure);
  LLVMBasicBlockRef alone = vy__flow_block(f, "alone"),
                    others = vy__flow_block(f, "with_others"),
                    done = vy__flow_block(f, "both");
  LLVMBuildCondBr(b, vy__flow_alone(f), alone, others);
  LLVMPositionBuilderAtEnd(b, alone);
  a->plain = true;
  LLVMValueRef x = each_lane(a, bits, wanted, sure);
  alone = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, others);
  a->plain = false;
  LLVMValueRef y = each_lane(a, bits, wanted, sure);
  others = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
  if (!x)
    return NULL;
  LLVMValueRef phi = LLVMBuildPhi(b, LLVMTypeOf(x), "");
  LLVMAddIncoming(phi, (LLVMValueRef[]){x, y},
                  (LLVMBasicBlockRef[]){alone, others}, 2);
  return phi;
}

// What is used in both ways must be made before they part.
static void make_operands(const atomic *a) {
  for (uint32_t k = 0; k < 3; k++)
    if (a->v->a[k] != VY__NONE)
      (void)vy__flow_vector(a->f, a->v->a[k]);
}

void vy__flow_atomic(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  atomic a = {.f = f, .v = v, .place = vy__place_of(f, v)};
  a.type = a.place.stored;
  a.plain = a.place.by_group;
  LLVMValueRef bits = inside_bits(&a, value);
  vy__lane_value *index = vy__flow_get(f, v->a[0]);
  bool wanted = f->uses[value] != 0 || v->op == VY__OP_ATOMIC_LOAD;
  if (!wanted && f->e->width > 1 && vy__is_even(index) &&
      vy__op_applies(v->op) != VY__OP_NONE) {
    vy_type type = (vy_type)f->ir->values[v->a[0]].type;
    do_together(&a, bits, vy__index64(f, type, index->scalar));
    vy__flow_set_vector(f, value, unwanted(&a));
    return;
  }
  make_operands(&a);
  bool sure = !f->mask && vy__own_inside(f, value);
  LLVMValueRef x = alone_or_not(&a, bits, wanted, sure);
  if (x)
    vy__flow_set_vector(f, value, x);
}

// Collectives that go along with the lanes: each vector is combined with what
// the vectors before it left, while it is in a register. Only where any order
// gives the same bits.
#include "backend/cpu/emit/collective.h"

uint64_t vy__fold_identity(vy__op op, vy_type type) {
  bool wide = vy__type_bits(type) == 64;
  uint64_t ones = wide ? UINT64_MAX : UINT32_MAX;
  uint64_t top = UINT64_C(1) << (vy__type_bits(type) - 1);
  if (op == VY__OP_AND)
    return ones;
  if (op != VY__OP_MIN && op != VY__OP_MAX)
    return 0;
  if (vy__is_float(type)) // the number wins over NaN
    return wide ? UINT64_C(0x7ff8000000000000) : UINT64_C(0x7fc00000);
  if (op == VY__OP_MIN)
    return vy__is_signed(type) ? top - 1 : ones;
  return vy__is_signed(type) ? top : 0;
}

static bool is_vote(uint32_t op) {
  return op == VY__OP_GROUP_ANY || op == VY__OP_GROUP_ALL;
}

static LLVMValueRef neutral(vy__flow *f, const vy__value *v) {
  if (v->op == VY__OP_GROUP_ANY)
    return vy__mask_none(f);
  if (v->op == VY__OP_GROUP_ALL)
    return LLVMConstAllOnes(vy__mask_type(f));
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  vy__op op = vy__collective_combines((vy__op)v->op);
  return vy__llvm_const(f->e, type, vy__fold_identity(op, type), f->e->width);
}

void vy__fold_open(vy__flow *f, const vy__value *v) {
  LLVMValueRef x = neutral(f, v);
  f->so_far = vy__flow_alloca(f, LLVMTypeOf(x), "so_far");
  LLVMBuildStore(f->e->builder, x, f->so_far);
}

// ---- one result for all

void vy__fold_take(vy__flow *f, const vy__value *v) {
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  LLVMValueRef x = is_vote(v->op) ? vy__mask_of_value(f, v->a[0])
                                  : vy__flow_vector(f, v->a[0]);
  LLVMValueRef here = vy__collective_here(f);
  if (here)
    x = LLVMBuildSelect(b, here, x, neutral(f, v), "");
  LLVMValueRef old = LLVMBuildLoad2(b, LLVMTypeOf(x), f->so_far, "");
  if (v->op == VY__OP_GROUP_ANY)
    x = LLVMBuildOr(b, old, x, "");
  else if (v->op == VY__OP_GROUP_ALL)
    x = LLVMBuildAnd(b, old, x, "");
  else
    x = vy__emit_op(f->e, vy__collective_combines((vy__op)v->op), type,
                    f->e->width, old, x);
  LLVMBuildStore(b, x, f->so_far);
}

static LLVMValueRef half(vy__flow *f, LLVMValueRef x, uint32_t from,
                         uint32_t count) {
  uint32_t lanes[32];
  if (count == 1)
    return LLVMBuildExtractElement(f->e->builder, x, vy__i32(f, from), "");
  for (uint32_t j = 0; j < count; j++)
    lanes[j] = from + j;
  return vy__shuffle(f, x, x, lanes, count);
}

static LLVMValueRef across(vy__flow *f, const vy__value *v, LLVMValueRef x) {
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  vy__op op = vy__collective_combines((vy__op)v->op);
  for (uint32_t n = f->e->width / 2; n; n /= 2)
    x = vy__emit_op(f->e, op, type, n, half(f, x, 0, n), half(f, x, n, n));
  return x;
}

LLVMValueRef vy__fold_result(vy__flow *f, const vy__value *v) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef t = LLVMGetAllocatedType(f->so_far);
  LLVMValueRef x = LLVMBuildLoad2(b, t, f->so_far, "");
  if (v->op == VY__OP_GROUP_ANY)
    return vy__mask_any(f, x);
  if (v->op == VY__OP_GROUP_ALL)
    return LLVMBuildNot(b, vy__mask_any(f, LLVMBuildNot(b, x, "")), "");
  return across(f, v, x);
}

// ---- sums of integers up to each lane

void vy__fold_scan(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width, lanes[64];
  LLVMValueRef x = vy__flow_vector(f, v->a[0]), sum = x;
  for (uint32_t d = 1; d < w; d *= 2) { // lane w of the shuffle is a zero
    for (uint32_t j = 0; j < w; j++)
      lanes[j] = j & d ? (j & ~(2 * d - 1)) + d - 1 : w;
    sum = LLVMBuildAdd(
        b, sum, vy__shuffle(f, sum, LLVMConstNull(LLVMTypeOf(sum)), lanes, w),
        "");
  }
  LLVMValueRef before = LLVMBuildLoad2(b, LLVMTypeOf(x), f->so_far, "");
  sum = LLVMBuildAdd(b, sum, before, "");
  for (uint32_t j = 0; j < w; j++)
    lanes[j] = w - 1;
  LLVMBuildStore(b, vy__shuffle(f, sum, sum, lanes, w), f->so_far);
  if (v->op == VY__OP_GROUP_SCAN_EXCL_ADD)
    sum = LLVMBuildSub(b, sum, x, "");
  vy__collective_put(f, sum, f->spill[value]);
}

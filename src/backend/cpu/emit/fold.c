// Collectives that go along with the lanes: each vector is combined with what
// the vectors before it left, while it is in a register. Only where any order
// gives the same bits.
#include "backend/cpu/emit/collective.h"

static bool is_vote(uint32_t op) {
  return op == VY__OP_GROUP_ANY || op == VY__OP_GROUP_ALL;
}

static LLVMValueRef neutral(vy__flow *f, const vy__value *v) {
  if (v->op == VY__OP_GROUP_ANY)
    return vy__mask_none(f);
  if (v->op == VY__OP_GROUP_ALL)
    return LLVMConstAllOnes(vy__mask_type(f));
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  vy__op op = vy__op_applies(v->op);
  return vy__llvm_const(f->e, type, vy__identity(op, type), f->e->width);
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
    x = vy__emit_op(f->e, vy__op_applies(v->op), type, f->e->width, old, x);
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
  vy__op op = vy__op_applies(v->op);
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

// ---- sums of integers up to each lane, on its way

bool vy__goes_along(const vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  return (v->op == VY__OP_GROUP_SCAN_INCL_ADD ||
          v->op == VY__OP_GROUP_SCAN_EXCL_ADD) &&
         vy__is_int((vy_type)v->type) && !f->budgeted;
}

// Of what is the scan the count of lanes? VY__NONE: it is none.
static uint32_t counted(const vy__flow *f, const vy__value *v) {
  const vy__value *x = &f->ir->values[v->a[0]];
  bool is_bool =
      x->op == VY__OP_CONVERT && f->ir->values[x->a[0]].type == VY_TYPE_BOOL;
  return is_bool && vy__type_bits((vy_type)v->type) == 32 &&
                 !vy__is_kept(f, v->a[0])
             ? x->a[0]
             : VY__NONE;
}

void vy__scan_open(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  LLVMTypeRef t = counted(f, v) != VY__NONE
                      ? vy__t32(f)
                      : vy__llvm_type(f->e, (vy_type)v->type, f->e->width);
  f->scans[value].passed = vy__flow_alloca(f, t, "passed");
  LLVMBuildStore(f->e->builder, LLVMConstNull(t), f->scans[value].passed);
}

// Up to each lane, within the vector.
static LLVMValueRef sums(vy__flow *f, LLVMValueRef x) {
  uint32_t w = f->e->width, lanes[64];
  for (uint32_t d = 1; d < w; d *= 2) { // lane w of the shuffle is a zero
    for (uint32_t j = 0; j < w; j++)
      lanes[j] = j & d ? (j & ~(2 * d - 1)) + d - 1 : w;
    x = LLVMBuildAdd(f->e->builder, x,
                     vy__shuffle(f, x, LLVMConstNull(LLVMTypeOf(x)), lanes, w),
                     "");
  }
  return x;
}

// The number of lanes goes from vector to vector as a scalar.
static LLVMValueRef before_lanes(vy__flow *f, vy__scan *s, uint32_t counted) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef t = vy__t32(f);
  s->bits = vy__mask_bits(f, vy__mask_of_value(f, counted));
  s->before = LLVMBuildLoad2(b, t, s->passed, "");
  LLVMValueRef n = vy__llvm_intrinsic(f->e, "llvm.ctpop", &t, 1, &s->bits, 1);
  LLVMBuildStore(b, LLVMBuildAdd(b, s->before, n, ""), s->passed);
  return vy__splat(b, s->before, f->e->width);
}

static LLVMValueRef before_words(vy__flow *f, const vy__scan *s,
                                 LLVMValueRef sum) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width, lanes[64];
  LLVMValueRef before = LLVMBuildLoad2(b, LLVMTypeOf(sum), s->passed, "");
  for (uint32_t j = 0; j < w; j++)
    lanes[j] = w - 1;
  LLVMValueRef all = LLVMBuildAdd(b, sum, before, "");
  LLVMBuildStore(b, vy__shuffle(f, all, all, lanes, w), s->passed);
  return before;
}

void vy__scan_along(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  LLVMBuilderRef b = f->e->builder;
  vy__scan *s = &f->scans[value];
  s->stamp = f->stamp;
  LLVMValueRef x = vy__flow_vector(f, v->a[0]), sum = sums(f, x);
  uint32_t of = counted(f, v);
  LLVMValueRef before =
      of != VY__NONE ? before_lanes(f, s, of) : before_words(f, s, sum);
  sum = LLVMBuildAdd(b, sum, before, "");
  if (v->op == VY__OP_GROUP_SCAN_EXCL_ADD)
    sum = LLVMBuildSub(b, sum, x, "");
  vy__flow_set_vector(f, value, sum);
}

// In a later range its result is, and nothing else.
static bool is_at_hand(const vy__flow *f, uint32_t value) {
  return f->ir->values[value].op == VY__OP_GROUP_SCAN_EXCL_ADD &&
         f->scans[value].stamp == f->stamp;
}

LLVMValueRef vy__scan_bits(const vy__flow *f, uint32_t value) {
  return is_at_hand(f, value) ? f->scans[value].bits : NULL;
}

LLVMValueRef vy__scan_before(const vy__flow *f, uint32_t value) {
  return f->scans[value].before;
}

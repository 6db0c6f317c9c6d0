// Sums of floats, by the trees of the language. Levels within a vector go from
// lane to lane, the others take whole vectors; which additions there are does
// not depend on the width.
#include "backend/cpu/emit/collective.h"

// ---- one sum: pairs at distance 1, 2, 4, ...

typedef struct tree {
  vy__flow *f;
  LLVMTypeRef type; // of a vector
  uint32_t memory;
  uint32_t bytes; // of a vector
} tree;

static uint32_t halved(uint32_t n, uint32_t times) {
  while (times--)
    n = (n + 1) / 2;
  return n;
}

// The sums of neighbours among the first `count` lanes of `low`, `high`, which
// are one array; the last one alone where count is odd.
static LLVMValueRef pairs(vy__flow *f, LLVMValueRef low, LLVMValueRef high,
                          uint32_t count, uint32_t lanes) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t even[64] = {0}, odd[64] = {0};
  LLVMValueRef alone[64];
  for (uint32_t j = 0; j < lanes; j++) {
    even[j] = 2 * j;
    odd[j] = 2 * j + 1;
    alone[j] = LLVMConstInt(vy__t1(f), 2 * j + 1 == count, 0);
  }
  LLVMValueRef x = vy__shuffle(f, low, high, even, lanes);
  LLVMValueRef y = vy__shuffle(f, low, high, odd, lanes);
  LLVMValueRef sum = LLVMBuildFAdd(b, x, y, "");
  if (count % 2 == 0 || count >= 2 * lanes)
    return sum;
  return LLVMBuildSelect(b, LLVMConstVector(alone, lanes), x, sum, "");
}

// Vector `k` of the array that is left after `level` levels.
static LLVMValueRef node(const tree *t, uint32_t level, uint32_t k) {
  vy__flow *f = t->f;
  uint32_t w = f->e->width;
  if (!level)
    return vy__load_raw(
        f, t->type,
        vy__scratch(f, f->e->builder, t->memory + (uint64_t)k * t->bytes), 4);
  uint32_t count = halved(vy__collective_lanes(f), level - 1);
  if (2 * k * w >= count)
    return LLVMGetPoison(t->type);
  LLVMValueRef low = node(t, level - 1, 2 * k);
  LLVMValueRef high = (2 * k + 1) * w < count ? node(t, level - 1, 2 * k + 1)
                                              : LLVMGetPoison(t->type);
  return pairs(f, low, high, count - 2 * k * w, w);
}

LLVMValueRef vy__tree_sum(vy__flow *f, const vy__value *v) {
  vy_type type = (vy_type)v->type;
  uint32_t w = f->e->width, level = 0, lanes = w;
  tree t = {f, vy__llvm_type(f->e, type, w), f->operand_memory,
            w * vy__type_bytes(type)};
  uint32_t count = vy__collective_lanes(f);
  for (; count > w; count = halved(count, 1))
    level++;
  LLVMValueRef x = node(&t, level, 0);
  for (; count > 1; count = halved(count, 1)) {
    lanes = lanes > 2 ? lanes / 2 : 2;
    x = pairs(f, x, LLVMGetPoison(LLVMTypeOf(x)), count, lanes);
  }
  return LLVMBuildExtractElement(f->e->builder, x, vy__i32(f, 0), "");
}

// ---- sums up to each lane: lanes with bit d take the sum of the d before

void vy__tree_scan_take(vy__flow *f, uint32_t value) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef x = vy__flow_vector(f, f->ir->values[value].a[0]);
  uint32_t w = f->e->width, lanes[64];
  LLVMValueRef takes[64];
  for (uint32_t d = 1; d < w; d *= 2) {
    for (uint32_t j = 0; j < w; j++) {
      lanes[j] = j & d ? (j & ~(2 * d - 1)) + d - 1 : j;
      takes[j] = LLVMConstInt(vy__t1(f), (j & d) != 0, 0);
    }
    LLVMValueRef sum = LLVMBuildFAdd(b, vy__shuffle(f, x, x, lanes, w), x, "");
    x = LLVMBuildSelect(b, LLVMConstVector(takes, w), sum, x, "");
  }
  vy__collective_put(f, x, f->spill[value]);
}

static LLVMValueRef one_later(vy__flow *f, LLVMValueRef before,
                              LLVMValueRef x) {
  uint32_t w = f->e->width, lanes[64];
  for (uint32_t j = 0; j < w; j++)
    lanes[j] = w - 1 + j;
  return vy__shuffle(f, before, x, lanes, w);
}

// The levels between vectors. left[l]: the last sum of the left neighbours of
// the blocks at hand, 2^l vectors each.
void vy__tree_scan_finish(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)v->type;
  uint32_t w = f->e->width, last[64];
  uint64_t bytes = w * (uint64_t)vy__type_bytes(type);
  LLVMTypeRef t = vy__llvm_type(f->e, type, w);
  LLVMValueRef left[VY__MAX_GROUP_LEVELS] = {NULL}, before = LLVMConstNull(t);
  for (uint32_t j = 0; j < w; j++)
    last[j] = w - 1;
  for (uint32_t k = 0; k < f->vectors; k++) {
    LLVMValueRef at = vy__scratch(f, b, f->spill[value] + k * bytes);
    LLVMValueRef x = vy__load_raw(f, t, at, 4);
    for (uint32_t l = 0; 1u << l < f->vectors; l++) {
      if (k >> l & 1)
        x = LLVMBuildFAdd(b, left[l], x, "");
      else if ((k & ((1u << l) - 1)) == (1u << l) - 1)
        left[l] = vy__shuffle(f, x, x, last, w);
    }
    bool is_before = v->op == VY__OP_GROUP_SCAN_EXCL_ADD;
    if (is_before || k)
      vy__store_raw(f, is_before ? one_later(f, before, x) : x, at, 4);
    before = x;
  }
}

// Values of u32 as sums of multiples, exactly, modulo 2^32. Where an upper
// bound is enough, affine.c has one for more operations.
#include "lower/pass.h"

enum { DEEPEST = 5 }; // sums and products of one another

static const vy__linear none = {0};

static bool add_part(vy__linear *sum, uint32_t value, uint32_t times) {
  for (uint32_t k = 0; k < sum->count; k++)
    if (sum->parts[k].value == value) {
      sum->parts[k].times += times;
      return true;
    }
  if (sum->count == VY__MOST_PARTS)
    return false;
  sum->parts[sum->count++] = (vy__part){value, times};
  return true;
}

// Of a product of `v` and a constant: the constant.
static bool factor(const vy__ir *ir, const vy__value *v, uint32_t *by) {
  if (v->op != VY__OP_MUL && v->op != VY__OP_SHL)
    return false;
  const vy__value *c = &ir->values[v->a[1]]; // where algebra.c puts it
  bool shifts = v->op == VY__OP_SHL;
  *by = shifts ? UINT32_C(1) << (c->imm & 31) : (uint32_t)c->imm;
  return c->op == VY__OP_CONST;
}

// Add times * value `id`.
static bool add(const vy__ir *ir, uint32_t id, uint32_t times, int depth,
                vy__linear *sum) {
  const vy__value *v = &ir->values[id];
  uint32_t by;
  if (v->op == VY__OP_CONST) {
    sum->constant += times * (uint32_t)v->imm;
    return true;
  }
  if (depth && v->op == VY__OP_ADD)
    return add(ir, v->a[0], times, depth - 1, sum) &&
           add(ir, v->a[1], times, depth - 1, sum);
  if (depth && factor(ir, v, &by))
    return add(ir, v->a[0], times * by, depth - 1, sum);
  return add_part(sum, id, times);
}

bool vy__linear_of(const vy__ir *ir, uint32_t id, vy__linear *out) {
  *out = none;
  return ir->values[id].type == VY_TYPE_U32 && add(ir, id, 1, DEEPEST, out);
}

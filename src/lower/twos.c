// Powers of two that divide values.
#include "lower/lower.h"

enum { DEEPEST = 8, ALL = 32 };

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint32_t twos(const vy__ir *ir, uint32_t v, vy__twos_of *more,
                     const void *data, uint32_t depth) {
  const vy__value *x = &ir->values[v];
  uint32_t told = more ? more(data, v) : 0;
  if (x->op == VY__OP_CONST && vy__is_int((vy_type)x->type))
    return x->imm ? smaller((uint32_t)__builtin_ctzll(x->imm), ALL) : ALL;
  bool looks = x->op == VY__OP_ADD || x->op == VY__OP_SUB ||
               x->op == VY__OP_MUL || x->op == VY__OP_SHL;
  if (told || !looks || depth == 0 || !vy__is_int((vy_type)x->type))
    return told;
  const vy__value *y = &ir->values[x->a[1]];
  uint32_t a = twos(ir, x->a[0], more, data, depth - 1);
  if (x->op == VY__OP_SHL) // shifts count modulo the width
    return y->op == VY__OP_CONST ? smaller(a + (uint32_t)(y->imm & 31), ALL)
                                 : a;
  uint32_t b = twos(ir, x->a[1], more, data, depth - 1);
  return x->op == VY__OP_MUL ? smaller(a + b, ALL) : smaller(a, b);
}

uint32_t vy__twos(const vy__ir *ir, uint32_t v, vy__twos_of *more,
                  const void *data) {
  return twos(ir, v, more, data, DEEPEST);
}

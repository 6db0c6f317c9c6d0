// The table of evaluators, generated from ops.def: every row of it names its
// functions, so a row without them does not compile.
#include "semantics/eval.h"

enum { TYPES = VY_TYPE_F64 + 1 }; // value types are the first ones

static const vy__eval_fn eval_table[VY__OP_LIMIT][TYPES] = {
#define ENTRY(id, type) [VY__OP_##id][VY_TYPE_##type] = vy__eval_##id##_##type,
#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  VY__EACH_EVAL(ENTRY, id, sig, types, effect)
#include "ir/ops.def"
#undef OP
#undef ENTRY
};

static const vy__eval_fn convert_table[TYPES][TYPES] = {
#define ENTRY(from, to)                                                        \
  [VY_TYPE_##from][VY_TYPE_##to] = vy__eval_CONVERT_##from##_##to,
    VY__EACH_CONVERT(ENTRY)
#undef ENTRY
};

static const vy__eval_fn bitcast_table[TYPES][TYPES] = {
#define ENTRY(from, to)                                                        \
  [VY_TYPE_##from][VY_TYPE_##to] = vy__eval_BITCAST_##from##_##to,
    VY__EACH_BITCAST(ENTRY)
#undef ENTRY
};

vy__eval_fn vy__evaluator(vy__op op, vy_type type, vy_type to) {
  if ((uint32_t)op >= VY__OP_LIMIT || (uint32_t)type >= TYPES)
    return NULL;
  if (op != VY__OP_CONVERT && op != VY__OP_BITCAST)
    return eval_table[op][type];
  if ((uint32_t)to >= TYPES)
    return NULL;
  return op == VY__OP_CONVERT ? convert_table[type][to]
                              : bitcast_table[type][to];
}

uint64_t vy__evaluate(vy__op op, vy_type type, vy_type to, uint64_t a,
                      uint64_t b, uint64_t c) {
  vy__eval_fn fn = vy__evaluator(op, type, to);
  return fn ? fn(a, b, c) : 0;
}

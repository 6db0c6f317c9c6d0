// One lane's value by itself. Where lanes are taken one by one, a value that
// comes from consecutive memory is read there again, lane by lane: processors
// are slow to take lanes out of vector registers, or to load parts of what
// they have just stored.
#include "backend/cpu/emit/memory.h"

enum { DEPTH = 4 };

static bool is_reachable(vy__flow *f, uint32_t value, int depth) {
  const vy__value *v = &f->ir->values[value];
  const vy__lane_value *known = vy__flow_get(f, value);
  if (vy__is_even(known) || known->words)
    return true;
  if (!depth || vy__op_row(v->op)->cost != VY__COST_SIMPLE ||
      !vy__is_int((vy_type)v->type) || f->stamps[value] != f->stamp ||
      vy__is_kept(f, value))
    return false;
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++)
    if (!vy__is_int((vy_type)f->ir->values[v->a[k]].type) ||
        !is_reachable(f, v->a[k], depth - 1))
      return false;
  return true;
}

static LLVMValueRef make(vy__flow *f, uint32_t value, uint32_t lane) {
  const vy__value *v = &f->ir->values[value];
  const vy__lane_value *known = vy__flow_get(f, value);
  LLVMValueRef a[3] = {NULL, NULL, NULL};
  vy_type types[3] = {VY_TYPE_NONE, VY_TYPE_NONE, VY_TYPE_NONE};
  if (vy__is_even(known))
    return known->scalar;
  if (known->words) {
    uint32_t bytes = vy__type_bytes(known->stored);
    LLVMTypeRef word = LLVMIntTypeInContext(f->e->context, 8 * bytes);
    LLVMValueRef at =
        vy__ptr_add(f, known->words, vy__i64(f, (uint64_t)lane * bytes));
    return vy__emit_load_convert(f->e, known->stored, 1,
                                 vy__load_raw(f, word, at, 1));
  }
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++) {
    types[k] = (vy_type)f->ir->values[v->a[k]].type;
    a[k] = make(f, v->a[k], lane);
  }
  return vy__emit_pure(f->e, v, types, 1, a);
}

LLVMValueRef vy__flow_lane(vy__flow *f, uint32_t value, uint32_t lane) {
  return is_reachable(f, value, DEPTH) ? make(f, value, lane) : NULL;
}

static bool const_below(const vy__flow *f, uint32_t value, uint64_t n) {
  const vy__value *v = &f->ir->values[value];
  return v->op == VY__OP_CONST && v->imm < n;
}

bool vy__is_below(const vy__flow *f, uint32_t value, uint64_t n) {
  const vy__value *v = &f->ir->values[value];
  if (v->op == VY__OP_AND)
    return const_below(f, v->a[0], n) || const_below(f, v->a[1], n);
  return const_below(f, value, n);
}

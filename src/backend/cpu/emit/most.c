// The most that unsigned values can be, as far as a glance tells: constants,
// numbers within a group, indices of loops with such ends, and sums and
// products of those. Where nothing can wrap, LLVM may take additions of
// constants into addresses.
#include "backend/cpu/emit/flow.h"

enum { UNKNOWN = 0 }; // else the most, + 1

static uint64_t limit(uint64_t most) {
  return most < UINT32_MAX ? most + 1 : UNKNOWN;
}

static uint64_t least_of(uint64_t a, uint64_t b) {
  return !a ? b : !b || a < b ? a : b;
}

// Of operands whose limits are `a` and `b`.
static uint64_t combined(const vy__flow *f, const vy__value *v, uint64_t a,
                         uint64_t b) {
  const vy__value *by = v->a[1] == VY__NONE ? NULL : &f->ir->values[v->a[1]];
  if (v->op == VY__OP_AND || v->op == VY__OP_MIN)
    return least_of(a, b);
  if (v->op == VY__OP_REM)
    return b > 1 && by->op == VY__OP_CONST ? limit(b - 2) : UNKNOWN;
  if (!a || !b)
    return UNKNOWN;
  switch (v->op) {
  case VY__OP_ADD:
    return limit(a - 1 + (b - 1));
  case VY__OP_MUL:
    return limit((a - 1) * (b - 1));
  case VY__OP_SHL:
    return by->op == VY__OP_CONST && by->imm < 32 ? limit((a - 1) << by->imm)
                                                  : UNKNOWN;
  case VY__OP_SHR:
    return a;
  default:
    return UNKNOWN;
  }
}

static uint64_t limit_of(const vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  if (v->type != VY_TYPE_U32)
    return UNKNOWN;
  switch (v->op) {
  case VY__OP_CONST:
    return limit(v->imm);
  case VY__OP_LOCAL:
    return limit(f->e->program->group_size[v->ref] - 1);
  case VY__OP_LOOP_INDEX: // below its loop's end
    return f->most[value] > 1 ? f->most[value] - 1 : UNKNOWN;
  default:
    break;
  }
  if (vy__op_row(v->op)->effect != VY__EFFECT_PURE || v->a[0] == VY__NONE ||
      v->a[1] == VY__NONE)
    return UNKNOWN;
  return combined(f, v, f->most[v->a[0]], f->most[v->a[1]]);
}

// Operands stand before what uses them, and a loop's end before its index.
void vy__flow_find_most(vy__flow *f) {
  for (uint32_t i = 0; i < f->ir->stmt_count; i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind == VY__STMT_FOR)
      f->loop_end[s->a] = s->c + 1;
  }
  for (uint32_t v = 0; v < f->ir->value_count; v++) {
    uint32_t end = f->loop_end[v];
    if (end && end - 1 < v)
      f->most[v] = f->most[end - 1];
    f->most[v] = limit_of(f, v);
  }
}

void vy__flow_never_wraps(const vy__flow *f, uint32_t value, LLVMValueRef x) {
  const vy__value *v = &f->ir->values[value];
  bool wraps =
      v->op != VY__OP_ADD && v->op != VY__OP_MUL && v->op != VY__OP_SHL;
  if (!wraps && f->most[value] && LLVMIsABinaryOperator(x) &&
      (LLVMGetInstructionOpcode(x) == LLVMAdd ||
       LLVMGetInstructionOpcode(x) == LLVMMul ||
       LLVMGetInstructionOpcode(x) == LLVMShl))
    LLVMSetNUW(x, 1);
}

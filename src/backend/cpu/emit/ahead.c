// Memory that groups read one after another is fetched ahead. Where lanes meet,
// a group is a stretch of code of its own: what it does with what it has read
// leaves the processor little room to look ahead by itself.
#include "backend/cpu/emit/memory.h"

enum {
  LINE = 64,    // bytes that are fetched at once
  AHEAD = 1536, // bytes
  DEPTH = 8,    // operands looked through
};

// Does it grow from group to group, being a sum of their ids and of what all
// have alike?
static bool grows(const vy__flow *f, uint32_t value, int depth) {
  const vy__value *v = &f->ir->values[value];
  if (v->op == VY__OP_LANE || v->op == VY__OP_GROUP_ID)
    return true;
  if (!depth || (v->op != VY__OP_ADD && v->op != VY__OP_MUL &&
                 v->op != VY__OP_SHL && v->op != VY__OP_CONVERT))
    return false;
  for (uint32_t k = 0; k < 2 && v->a[k] != VY__NONE; k++)
    if (grows(f, v->a[k], depth - 1))
      return true;
  return false;
}

static bool is_constant(const vy__flow *f, uint32_t value) {
  return f->ir->values[value].op == VY__OP_CONST;
}

// In a loop that the same memory may be read in again and again? Not in one of
// so many trips and no other number.
static bool in_loop(const vy__flow *f, uint32_t stmt) {
  for (uint32_t i = f->facts[stmt].parent; i != VY__NONE;
       i = f->facts[i].parent) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind == VY__STMT_WHILE ||
        (s->kind == VY__STMT_FOR &&
         !(is_constant(f, s->b) && is_constant(f, s->c))))
      return true;
  }
  return false;
}

void vy__fetch_ahead(vy__flow *f, uint32_t value, LLVMValueRef at,
                     uint32_t size) {
  const vy__value *v = &f->ir->values[value];
  LLVMTypeRef t = vy__tptr(f);
  if (!f->meets || f->ir->dimensions != 1 || v->space != VY__SPACE_BUFFER ||
      vy__is_ordered(f->ir, v) || size < LINE / 2 ||
      !vy__scheduled(&f->schedule, value) ||
      in_loop(f, f->schedule.place[value]) || !grows(f, v->a[0], DEPTH))
    return;
  for (uint32_t line = 0; line < size; line += LINE) {
    LLVMValueRef to = vy__ptr_add(f, at, vy__i64(f, AHEAD + line));
    LLVMValueRef args[] = {to, vy__i32(f, 0), vy__i32(f, 3), vy__i32(f, 1)};
    (void)vy__llvm_intrinsic(f->e, "llvm.prefetch", &t, 1, args, 4);
  }
}

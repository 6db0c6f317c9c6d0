// Memory that groups, or the rounds of a group's loop, read one after another
// is fetched ahead. Where lanes meet, a group is a stretch of code of its own:
// what it does with what it has read leaves the processor little room to look
// ahead by itself.
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

// By how much `value` grows with value `of`, or from lane to lane if that is
// NONE; false when that is no constant.
static bool rate(const vy__flow *f, uint32_t value, uint32_t of, int depth,
                 uint64_t *out) {
  const vy__value *v = &f->ir->values[value];
  uint64_t a = 0, b = 0;
  *out = 0;
  if (of == VY__NONE ? v->op == VY__OP_LANE || v->op == VY__OP_LOCAL
                     : value == of) {
    *out = 1;
    return true;
  }
  uint32_t effect = vy__op_row(v->op)->effect;
  if (effect == VY__EFFECT_LEAF)
    return true;
  if (effect != VY__EFFECT_PURE || !depth ||
      !rate(f, v->a[0], of, depth - 1, &a) ||
      (v->a[1] != VY__NONE && !rate(f, v->a[1], of, depth - 1, &b)) ||
      (v->a[2] != VY__NONE && (!rate(f, v->a[2], of, depth - 1, out) || *out)))
    return false;
  const bool by = v->a[1] != VY__NONE && is_constant(f, v->a[1]);
  uint64_t n = by ? f->ir->values[v->a[1]].imm : 0;
  if (v->op == VY__OP_ADD)
    *out = a + b;
  else if (by && v->op == VY__OP_MUL)
    *out = a * n;
  else if (by && v->op == VY__OP_SHL && n < 32)
    *out = a << n;
  else
    return !a && !b;
  return true;
}

// From round to round of loop `s`, by what the lanes of a group read at once?
static bool goes_on(const vy__flow *f, const vy__stmt *s, uint32_t index) {
  uint64_t lane, round;
  return is_constant(f, s->d) && rate(f, index, VY__NONE, DEPTH, &lane) &&
         rate(f, index, s->a, DEPTH, &round) && lane &&
         round * f->ir->values[s->d].imm == lane * f->e->program->group_size[0];
}

// Does a loop store to buffers as well? Then it waits for those, and what it
// reads is there by then anyway.
static bool stores(const vy__flow *f, uint32_t loop) {
  for (uint32_t i = loop + 1; i < vy__flow_after(f, loop); i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind == VY__STMT_EXEC && f->ir->values[s->a].op == VY__OP_STORE &&
        f->ir->values[s->a].space == VY__SPACE_BUFFER)
      return true;
  }
  return false;
}

// Is what is read at `stmt` read once, one after another? Not in a loop that
// the same memory may be read in again and again. In one of so many trips and
// no other number it is not, nor where each round goes on behind what the one
// before it has read.
static bool reads_on(const vy__flow *f, uint32_t stmt, uint32_t index) {
  bool on = grows(f, index, DEPTH);
  for (uint32_t i = f->facts[stmt].parent; i != VY__NONE;
       i = f->facts[i].parent) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind == VY__STMT_WHILE)
      return false;
    if (s->kind != VY__STMT_FOR ||
        (is_constant(f, s->b) && is_constant(f, s->c)))
      continue;
    if (!goes_on(f, s, index) || stores(f, i))
      return false;
    on = true;
  }
  return on;
}

void vy__fetch_ahead(vy__flow *f, uint32_t value, LLVMValueRef at,
                     uint32_t size) {
  const vy__value *v = &f->ir->values[value];
  LLVMTypeRef t = vy__tptr(f);
  if (!f->meets || f->ir->dimensions != 1 || v->space != VY__SPACE_BUFFER ||
      vy__is_ordered(f->ir, v) || size < LINE / 2 ||
      !vy__scheduled(&f->schedule, value) ||
      !reads_on(f, f->schedule.place[value], v->a[0]))
    return;
  for (uint32_t line = 0; line < size; line += LINE) {
    LLVMValueRef to = vy__ptr_add(f, at, vy__i64(f, AHEAD + line));
    LLVMValueRef args[] = {to, vy__i32(f, 0), vy__i32(f, 3), vy__i32(f, 1)};
    (void)vy__llvm_intrinsic(f->e, "llvm.prefetch", &t, 1, args, 4);
  }
}

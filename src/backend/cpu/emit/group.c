// Groups whose lanes meet. The statements that hold a barrier or collective,
// and jumps of the whole group out of such, run once for the group; what lies
// between becomes ranges, run for each vector of lanes. Planning goes the same
// way through the program as emitting, so that ranges come in one order.
#include "backend/cpu/emit/control.h"
#include "backend/cpu/emit/split.h"

static bool group_list(vy__flow *f, uint32_t from, uint32_t to);

static void range_before(vy__flow *f, uint32_t from, uint32_t to, bool needs) {
  if (from == to && !needs)
    return;
  bool entered = vy__split_enter(f, from, to);
  vy__flow_range(f, from, to, &f->ranges[f->next_range++]);
  vy__split_leave(f, entered);
}

// The linear numbers of the first lanes, for what the whole group reports.
static void first_lanes(vy__flow *f) {
  LLVMBuilderRef b = f->e->builder;
  if (!f->strict && !f->budgeted)
    return;
  LLVMValueRef sum = vy__i64(f, 0);
  for (uint32_t d = 3; d-- > 0;) {
    LLVMValueRef first =
        LLVMBuildMul(b, LLVMBuildZExt(b, f->group[d], vy__t64(f), ""),
                     vy__i64(f, f->e->program->group_size[d]), "");
    sum = LLVMBuildAdd(b, LLVMBuildMul(b, sum, vy__flow_lanes(f, d), ""), first,
                       "");
  }
  LLVMValueRef all = vy__splat(b, sum, f->e->width);
  all = LLVMBuildAdd(b, all, vy__iota(f, vy__t64(f), 1), "");
  LLVMBuildStore(b, all, f->linear_slot);
}

// A value of the whole group, computed here.
static void make_own(vy__flow *f, uint32_t stmt, const uint32_t *values,
                     uint32_t count) {
  f->stamp++;
  f->mask = NULL;
  first_lanes(f);
  vy__schedule_range(&f->schedule, stmt, stmt, values, count, f->stays);
  vy__flow_make_at(f, stmt);
  vy__split_end(f);
}

static LLVMValueRef condition(vy__flow *f, uint32_t stmt) {
  uint32_t value = f->ir->stmts[stmt].a;
  make_own(f, stmt, &value, 1);
  return vy__flow_scalar(f, value);
}

static bool own_if(vy__flow *f, uint32_t i) {
  uint32_t middle = f->e->program->match[i], end = vy__flow_after(f, i) - 1;
  LLVMBasicBlockRef yes = vy__flow_block(f, "group_then"),
                    no = vy__flow_block(f, "group_else"),
                    join = vy__flow_block(f, "group_endif");
  LLVMBuildCondBr(f->e->builder, condition(f, i), yes, no);
  start(f, yes);
  bool comes_out = group_list(f, i + 1, middle);
  if (comes_out)
    LLVMBuildBr(f->e->builder, join);
  start(f, no);
  if (middle == end || group_list(f, middle + 1, end)) {
    LLVMBuildBr(f->e->builder, join);
    comes_out = true;
  }
  start(f, join);
  if (!comes_out)
    LLVMBuildUnreachable(f->e->builder);
  return comes_out;
}

static void open_own(vy__flow *f, vy__frame *frame, uint32_t i, uint32_t kind) {
  *frame = (vy__frame){.up = f->frame,
                       .kind = kind,
                       .stmt = i,
                       .uniform = true,
                       .exit = vy__flow_block(f, "group_done"),
                       .latch = vy__flow_block(f, "group_latch"),
                       .keeps = f->facts[i].memory != VY__NONE,
                       .memory = f->facts[i].memory};
  f->frame = frame;
}

static void nobody_off(vy__flow *f, const vy__frame *frame) {
  if (frame->keeps)
    vy__scratch_zero(f, frame->memory, 8 * f->e->width * f->vectors);
}

// All end when the group runs out of its budget.
static void own_tick(vy__flow *f, const vy__frame *frame) {
  LLVMBuilderRef b = f->e->builder;
  if (!f->budgeted)
    return;
  LLVMBasicBlockRef out = vy__flow_block(f, "budget"),
                    on = vy__flow_block(f, "on");
  LLVMValueRef n = LLVMBuildLoad2(b, vy__t64(f), f->group_ticks, "");
  n = LLVMBuildAdd(b, n, vy__i64(f, 1), "");
  LLVMBuildStore(b, n, f->group_ticks);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntUGT, n, f->budget, ""), out, on);
  start(f, out);
  first_lanes(f);
  vy__report_budget(f, frame->stmt, vy__i32(f, 1));
  vy__frame *body = f->frame;
  while (body->up)
    body = body->up;
  LLVMBuildBr(b, body->exit);
  start(f, on);
}

static void own_while(vy__flow *f, uint32_t i) {
  uint32_t cond = f->e->program->match[i], end = vy__flow_after(f, i) - 1;
  vy__frame frame;
  open_own(f, &frame, i, VY__FRAME_LOOP);
  vy__copies_open(f, i);
  LLVMBasicBlockRef head = vy__flow_block(f, "group_while"),
                    body = vy__flow_block(f, "group_body");
  LLVMBuildBr(f->e->builder, head);
  start(f, head);
  nobody_off(f, &frame);
  if (group_list(f, i + 1, cond))
    LLVMBuildCondBr(f->e->builder, condition(f, cond), body, frame.exit);
  start(f, body);
  if (group_list(f, cond + 1, end))
    LLVMBuildBr(f->e->builder, frame.latch);
  start(f, frame.latch);
  own_tick(f, &frame);
  LLVMBuildBr(f->e->builder, head);
  f->frame = frame.up;
  start(f, frame.exit);
  vy__copies_close(f, i);
}

static void own_for(vy__flow *f, uint32_t i) {
  const vy__stmt *t = &f->ir->stmts[i];
  uint32_t bounds[] = {t->b, t->c, t->d};
  vy__frame frame;
  vy__for s = {0};
  LLVMValueRef some;
  make_own(f, i, bounds, 3);
  (void)vy__for_enter(f, &s, t, &some);
  vy__copies_open(f, i);
  open_own(f, &frame, i, VY__FRAME_LOOP);
  LLVMBasicBlockRef body = vy__flow_block(f, "group_for");
  LLVMBuildCondBr(f->e->builder, some, body, frame.exit);
  start(f, body);
  nobody_off(f, &frame);
  f->shared[t->a] = vy__for_index(f, &s);
  if (group_list(f, i + 1, vy__flow_after(f, i) - 1))
    LLVMBuildBr(f->e->builder, frame.latch);
  start(f, frame.latch);
  own_tick(f, &frame);
  LLVMBuildCondBr(f->e->builder, vy__for_next(f, &s), body, frame.exit);
  f->frame = frame.up;
  start(f, frame.exit);
  vy__copies_close(f, i);
}

static void own_block(vy__flow *f, uint32_t i) {
  vy__frame frame;
  open_own(f, &frame, i, VY__FRAME_BLOCK);
  nobody_off(f, &frame);
  if (group_list(f, i + 1, vy__flow_after(f, i) - 1))
    LLVMBuildBr(f->e->builder, frame.exit);
  f->frame = frame.up;
  LLVMDeleteBasicBlock(frame.latch);
  start(f, frame.exit);
}

static bool own_jump(vy__flow *f, uint32_t kind) {
  vy__frame *t = target(f, kind);
  LLVMBuildBr(f->e->builder, kind == VY__STMT_CONTINUE ? t->latch : t->exit);
  return false;
}

static bool own_stmt(vy__flow *f, uint32_t i) {
  uint32_t kind = f->ir->stmts[i].kind;
  switch ((vy__stmt_kind)kind) {
  case VY__STMT_EXEC:
    vy__flow_collective(f, f->ir->stmts[i].a);
    return true;
  case VY__STMT_IF:
    return own_if(f, i);
  case VY__STMT_WHILE:
    own_while(f, i);
    return true;
  case VY__STMT_FOR:
    own_for(f, i);
    return true;
  case VY__STMT_BLOCK:
    own_block(f, i);
    return true;
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
    return own_jump(f, kind);
  case VY__STMT_ELSE:
  case VY__STMT_COND:
  case VY__STMT_END:
  case VY__STMT_ARRAY:
    break;
  }
  return true;
}

// Ranges that no control reaches are passed over, to stay in step.
static void pass_over(vy__flow *f, uint32_t to) {
  while (f->next_range < f->range_count && f->ranges[f->next_range].from < to)
    f->next_range++;
}

static bool group_list(vy__flow *f, uint32_t from, uint32_t to) {
  uint32_t begin = from;
  for (uint32_t i = from; i < to; i = vy__flow_after(f, i)) {
    if (!f->facts[i].group_level)
      continue;
    range_before(f, begin, i, vy__meeting_has_operands(f, i));
    begin = vy__flow_after(f, i);
    bool entered = vy__split_enter(f, i, begin);
    bool comes_out = own_stmt(f, i);
    vy__split_leave(f, entered);
    if (!comes_out) {
      vy__split_end(f);
      pass_over(f, to);
      return false;
    }
  }
  range_before(f, begin, to, false);
  vy__split_end(f);
  return true;
}

static void open_group(vy__flow *f, LLVMValueRef group) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef rest = group;
  for (uint32_t d = 0; d < 3; d++) {
    LLVMValueRef n = vy__flow_groups(f, d);
    bool last = d + 1 >= f->ir->dimensions;
    LLVMValueRef at = d >= f->ir->dimensions ? vy__i64(f, 0)
                      : last                 ? rest
                                             : LLVMBuildURem(b, rest, n, "");
    f->group[d] = LLVMBuildTrunc(b, at, vy__t32(f), "");
    if (!last)
      rest = LLVMBuildUDiv(b, rest, n, "");
  }
}

static void zero_vars(vy__flow *f) {
  LLVMBuilderRef b = f->e->builder;
  for (uint32_t i = 0; i < f->ir->var_count; i++)
    if (f->vars[i].used && f->vars[i].uniform)
      LLVMBuildStore(
          b, LLVMConstNull(vy__llvm_type(f->e, (vy_type)f->ir->vars[i], 1)),
          f->vars[i].slot);
  if (f->budgeted)
    LLVMBuildStore(b, vy__i64(f, 0), f->group_ticks);
}

void vy__flow_group(vy__flow *f, LLVMValueRef group) {
  uint32_t size = (f->e->program->group_memory_bytes + 63) & ~63u;
  open_group(f, group);
  vy__scratch_zero(f, 0, size);
  f->mask = NULL;
  if (!f->meets) {
    f->frame = NULL;
    vy__flow_range(f, 0, f->ir->stmt_count, NULL);
    return;
  }
  vy__scratch_zero(f, f->keep_memory, f->keep_size);
  zero_vars(f);
  vy__frame body = {.kind = VY__FRAME_BODY,
                    .exit = vy__flow_block(f, "group_end")};
  f->frame = &body;
  f->next_range = 0;
  if (group_list(f, 0, f->ir->stmt_count))
    LLVMBuildBr(f->e->builder, body.exit);
  start(f, body.exit);
  f->frame = NULL;
}

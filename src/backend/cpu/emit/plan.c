// Planning groups whose lanes meet. The statements that hold a barrier or
// collective, and jumps of the whole group out of such, run once for the
// group; what lies between becomes ranges. Emitting (group.c) goes the same
// way through the program, so that ranges come in one order.
#include "backend/cpu/emit/flow.h"

static bool is_meeting(const vy__flow *f, uint32_t stmt) {
  const vy__stmt *s = &f->ir->stmts[stmt];
  if (s->kind != VY__STMT_EXEC || vy__goes_along(f, s->a))
    return false;
  uint32_t effect = vy__op_row(f->ir->values[s->a].op)->effect;
  return effect == VY__EFFECT_COLLECTIVE || effect == VY__EFFECT_SYNC;
}

// Does the loop at `stmt` go through a buffer and leave lanes' variables be?
static bool only_walks(const vy__flow *f, uint32_t stmt) {
  bool walks = false;
  for (uint32_t i = stmt + 1; i < vy__flow_after(f, stmt) - 1; i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind == VY__STMT_RETURN || s->kind == VY__STMT_LEAVE)
      return false;
    if (s->kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = &f->ir->values[s->a];
    if (v->op == VY__OP_VAR_SET && !f->vars[v->ref].uniform)
      return false;
    walks = walks || !vy__op_is_variable(v->op);
  }
  return walks;
}

// Such a loop is better the group's own: all lanes make a trip before the
// next one, and so read memory in its order.
static void mark_walks(const vy__flow *f, uint8_t *level) {
  for (uint32_t i = 0; i < f->ir->stmt_count; i++)
    if (f->ir->stmts[i].kind == VY__STMT_FOR && vy__flow_uniform_loop(f, i) &&
        only_walks(f, i))
      level[i] = 1;
}

static void mark(const vy__flow *f, uint8_t *level) {
  for (uint32_t i = 0; i < f->ir->stmt_count; i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    uint32_t parent = f->facts[i].parent;
    if (is_meeting(f, i))
      level[i] = 1;
    else if (s->kind == VY__STMT_EXEC && vy__goes_along(f, s->a) &&
             parent != VY__NONE)
      level[parent] = 1; // all vectors before the next trip
  }
  if (!f->strict && !f->budgeted)
    mark_walks(f, level);
}

static bool find_group_level(vy__flow *f) {
  uint32_t n = f->ir->stmt_count;
  uint8_t *level = vy__calloc(f->e->job->alloc, (size_t)n + 1, 1);
  if (!level)
    return false;
  mark(f, level);
  vy__group_level(f->e->program, level);
  for (uint32_t i = 0; i < n; i++)
    f->facts[i].group_level = level[i];
  vy__free(f->e->job->alloc, level, (size_t)n + 1);
  return true;
}

// ---- planning

static uint32_t take_scratch(vy__flow *f, uint64_t size) {
  uint32_t at = f->scratch_size;
  size = (size + 63) & ~(uint64_t)63;
  if (size > INT32_MAX - (uint64_t)at) { // nobody has that much for each call
    f->e->oom = true;
    return 0;
  }
  f->scratch_size += (uint32_t)size;
  return at;
}

static bool is_divergent_ordered(const vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  return vy__is_ordered(f->ir, v) && v->type != VY_TYPE_NONE &&
         !f->e->program->value_uniform[value];
}

static void want(vy__flow *f, uint32_t value, uint32_t range) {
  if (value != VY__NONE && f->spill[value] == VY__NONE && vy__is_kept(f, value))
    f->spill[value] = 0;
  if (value == VY__NONE || !is_divergent_ordered(f, value) ||
      f->ir->values[value].op == VY__OP_LOOP_INDEX ||
      f->range_of[value] == range || f->spill[value] != VY__NONE)
    return;
  f->spill[value] = 0; // placed below
}

static void want_operands(vy__flow *f, uint32_t value, uint32_t range) {
  for (uint32_t k = 0; k < 3; k++)
    want(f, f->ir->values[value].a[k], range);
}

// Does the group come to `stmt` more than once?
static bool is_repeated(const vy__flow *f, uint32_t stmt) {
  for (uint32_t p = f->facts[stmt].parent; p != VY__NONE;
       p = f->facts[p].parent)
    if (f->facts[p].group_level && (f->ir->stmts[p].kind == VY__STMT_WHILE ||
                                    f->ir->stmts[p].kind == VY__STMT_FOR))
      return true;
  return false;
}

// `at_top`: of the range; `first_for_all`: no lane comes to a later use but
// through this one.
static void use_var(vy__flow *f, uint32_t stmt, uint32_t range, bool at_top,
                    bool first_for_all) {
  const vy__value *v = &f->ir->values[f->ir->stmts[stmt].a];
  vy__var_slot *var = &f->vars[v->ref];
  bool is_get = v->op == VY__OP_VAR_GET;
  if (var->range == VY__NONE) { // seen first here
    var->range = range;
    var->zeroed = is_get || !first_for_all;
    var->kept = (is_get || !at_top) && is_repeated(f, stmt);
  } else if (var->range != range) {
    var->kept = true;
  }
}

static void plan_stmt(vy__flow *f, uint32_t i, uint32_t range, bool at_top) {
  const vy__stmt *s = &f->ir->stmts[i];
  if (s->kind == VY__STMT_EXEC) {
    const vy__value *v = &f->ir->values[s->a];
    f->range_of[s->a] = range;
    want_operands(f, s->a, range);
    if (vy__op_is_variable(v->op))
      use_var(f, i, range, at_top,
              f->facts[i].parent == VY__NONE && !f->budgeted);
  } else if (s->kind == VY__STMT_IF || s->kind == VY__STMT_COND) {
    want(f, s->a, range);
  } else if (s->kind == VY__STMT_FOR) {
    want(f, s->b, range);
    want(f, s->c, range);
    want(f, s->d, range);
  }
}

static void plan_range(vy__flow *f, uint32_t from, uint32_t to,
                       uint32_t meeting) {
  uint32_t r = f->range_count++;
  vy__range *range = &f->ranges[r];
  *range = (vy__range){.from = from,
                       .to = to,
                       .first = f->need_count,
                       .block = f->schedule.in[from < to ? from : to]};
  f->range_now = r;
  if (meeting != VY__NONE) {
    const vy__value *v = &f->ir->values[f->ir->stmts[meeting].a];
    for (uint32_t k = 0; k < 2 && v->a[k] != VY__NONE; k++)
      f->needs[f->need_count++] = v->a[k];
    range->count = f->need_count - range->first;
  }
  for (uint32_t i = from; i < to; i++)
    plan_stmt(f, i, r, f->facts[i].parent == f->facts[from].parent);
  vy__schedule_range(&f->schedule, from, to, f->needs + range->first,
                     range->count, f->stays);
  for (uint32_t k = 0; k < f->schedule.order_count; k++)
    want_operands(f, f->schedule.order[k], r);
  for (uint32_t k = 0; k < range->count; k++)
    want(f, f->needs[range->first + k], r);
  vy__keep_made(f, r);
  f->range_now = VY__NONE;
}

static void plan_list(vy__flow *f, uint32_t from, uint32_t to);

static void plan_own(vy__flow *f, uint32_t i) {
  const vy__stmt *s = &f->ir->stmts[i];
  const uint32_t *match = f->e->program->match;
  uint32_t depth_memory = 8 * f->e->width * f->vectors;
  bool is_loop = s->kind == VY__STMT_WHILE || s->kind == VY__STMT_FOR;
  if ((is_loop && f->facts[i].continued) ||
      (s->kind == VY__STMT_BLOCK && f->facts[i].left))
    f->facts[i].memory = take_scratch(f, depth_memory);
  uint32_t end = vy__flow_after(f, i) - 1;
  if (s->kind == VY__STMT_IF) {
    plan_list(f, i + 1, match[i]);
    if (match[i] != end)
      plan_list(f, match[i] + 1, end);
  } else if (s->kind == VY__STMT_WHILE) {
    plan_list(f, i + 1, match[i]);
    plan_list(f, match[i] + 1, end);
  } else if (s->kind == VY__STMT_FOR || s->kind == VY__STMT_BLOCK) {
    plan_list(f, i + 1, end);
  }
}

// Are operands of the meeting at `i` to be put where it finds them?
bool vy__meeting_has_operands(const vy__flow *f, uint32_t i) {
  return is_meeting(f, i) && f->ir->values[f->ir->stmts[i].a].a[0] != VY__NONE;
}

static void plan_list(vy__flow *f, uint32_t from, uint32_t to) {
  uint32_t start = from;
  for (uint32_t i = from; i < to; i = vy__flow_after(f, i)) {
    if (!f->facts[i].group_level)
      continue;
    if (start < i || vy__meeting_has_operands(f, i))
      plan_range(f, start, i, vy__meeting_has_operands(f, i) ? i : VY__NONE);
    plan_own(f, i);
    start = vy__flow_after(f, i);
  }
  if (start < to)
    plan_range(f, start, to, VY__NONE);
}

static void place_kept(vy__flow *f) {
  uint64_t vectors = (uint64_t)f->e->width * f->vectors;
  f->keep_memory = f->scratch_size;
  for (uint32_t i = 0; i < f->ir->var_count; i++)
    if (f->vars[i].kept && !f->vars[i].uniform && f->vars[i].zeroed)
      f->vars[i].memory = take_scratch(f, 8 * vectors);
  if (f->alive)
    f->ended_memory = take_scratch(f, 8 * vectors);
  if (f->budgeted)
    f->ticks_memory = take_scratch(f, 8 * vectors);
  f->keep_size = f->scratch_size - f->keep_memory;
  for (uint32_t i = 0; i < f->ir->var_count; i++)
    if (f->vars[i].kept && !f->vars[i].uniform && !f->vars[i].zeroed)
      f->vars[i].memory = take_scratch(f, 8 * vectors);
  for (uint32_t v = 0; v < f->ir->value_count; v++)
    if (f->spill[v] != VY__NONE)
      f->spill[v] = take_scratch(f, 8 * vectors);
  f->operand_memory = take_scratch(f, 8 * vectors);
  f->index_memory = take_scratch(f, 8 * vectors);
  f->bits_memory = take_scratch(f, vectors / 8 + 8);
  if (f->e->program->private_bytes)
    f->private_memory =
        take_scratch(f, (uint64_t)f->e->program->private_bytes * vectors);
}

bool vy__flow_group_plan(vy__flow *f) {
  const vy_allocator *a = f->e->job->alloc;
  uint32_t n = f->ir->value_count, s = f->ir->stmt_count;
  f->spill = vy__alloc(a, (n + 1) * sizeof(uint32_t));
  f->range_of = vy__alloc(a, (n + 1) * sizeof(uint32_t));
  f->ranges = vy__calloc(a, (size_t)s + 1, sizeof *f->ranges);
  f->needs = vy__calloc(a, 2 * (size_t)s + 1, sizeof *f->needs);
  if (!f->spill || !f->range_of || !f->ranges || !f->needs)
    return false;
  memset(f->spill, 0xff, (n + 1) * sizeof(uint32_t));
  memset(f->range_of, 0xff, (n + 1) * sizeof(uint32_t));
  if (!vy__keep_plan(f) || !find_group_level(f))
    return false;
  plan_list(f, 0, s);
  for (uint32_t i = 0; i < s; i++) // results that lanes read afterwards
    if (is_meeting(f, i))
      want(f, f->ir->stmts[i].a, VY__NONE - 1);
  place_kept(f);
  return true;
}

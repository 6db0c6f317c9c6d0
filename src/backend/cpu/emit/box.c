// What holds for all lanes of a group at once. Numbers of lanes, and sums and
// products of them and of what the group shares, are largest in the last lane,
// so one look at the largest says that a comparison with a bound holds for all
// lanes, or that every lane's index is inside a buffer. Where all that can be
// said so of a range holds, as it does but for groups at the edges, the range
// runs without those checks; else with them.
#include "backend/cpu/emit/memory.h"

enum { MOST_DEPTH = 24, MOST_FACTS = 16 };

static const vy__value *value_at(const vy__flow *f, uint32_t v) {
  return &f->ir->values[v];
}

static LLVMValueRef wide(vy__flow *f, LLVMValueRef x) {
  return LLVMBuildZExt(f->e->builder, x, vy__t64(f), "");
}

// The sum or product `x` of parts below 2^32, if it is below 2^32 as well.
static LLVMValueRef fitting(vy__flow *f, LLVMValueRef x) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef fits =
      LLVMBuildICmp(b, LLVMIntULE, x, vy__i64(f, UINT32_MAX), "");
  f->box.good = LLVMBuildAnd(b, f->box.good, fits, "");
  return x;
}

static LLVMValueRef most_of(vy__flow *f, uint32_t id, int depth);

static LLVMValueRef most_of_leaf(vy__flow *f, uint32_t id) {
  const vy__value *v = value_at(f, id);
  LLVMBuilderRef b = f->e->builder;
  uint64_t size = f->e->program->group_size[v->ref % 3];
  switch (v->op) {
  case VY__OP_LOCAL:
    return vy__i64(f, size - 1);
  case VY__OP_GROUP_ID:
    return wide(f, f->group[v->ref]);
  case VY__OP_LANE:
    return LLVMBuildAdd(
        b, LLVMBuildMul(b, wide(f, f->group[v->ref]), vy__i64(f, size), ""),
        vy__i64(f, size - 1), "");
  default:
    return NULL;
  }
}

static LLVMValueRef most_of_pure(vy__flow *f, const vy__value *v, int depth) {
  LLVMBuilderRef b = f->e->builder;
  if (v->op != VY__OP_ADD && v->op != VY__OP_MUL && v->op != VY__OP_SHL)
    return NULL;
  bool shift = v->op == VY__OP_SHL;
  uint64_t by = value_at(f, v->a[1])->imm;
  if (shift && (value_at(f, v->a[1])->op != VY__OP_CONST || by > 31))
    return NULL;
  LLVMValueRef x = most_of(f, v->a[0], depth - 1);
  LLVMValueRef y = shift ? vy__i64(f, by) : most_of(f, v->a[1], depth - 1);
  if (!x || !y)
    return NULL;
  return fitting(f, shift                 ? LLVMBuildShl(b, x, y, "")
                    : v->op == VY__OP_ADD ? LLVMBuildAdd(b, x, y, "")
                                          : LLVMBuildMul(b, x, y, ""));
}

// At least as large as the value is in any lane of the group, i64; NULL: not
// to be had.
static LLVMValueRef most_of(vy__flow *f, uint32_t id, int depth) {
  const vy__value *v = value_at(f, id);
  if (v->type != VY_TYPE_U32 || !depth)
    return NULL;
  if (f->is_launch[id])
    return wide(f, vy__flow_scalar(f, id));
  if (v->op == VY__OP_LOOP_INDEX && f->shared[id])
    return wide(f, f->shared[id]);
  if (f->most[id])
    return vy__i64(f, f->most[id] - 1);
  if (vy__op_row(v->op)->effect == VY__EFFECT_LEAF)
    return most_of_leaf(f, id);
  return vy__op_row(v->op)->effect == VY__EFFECT_PURE
             ? most_of_pure(f, v, depth)
             : NULL;
}

// ---- facts

static void add(vy__flow *f, uint32_t id, LLVMValueRef fact,
                LLVMValueRef before) {
  LLVMBuilderRef b = f->e->builder;
  if (!fact) {
    f->box.good = before; // of parts that came to nothing
    return;
  }
  f->box.good = LLVMBuildAnd(b, f->box.good, fact, "");
  f->box.holds[id] = f->box.stamp;
  f->box.count++;
}

// x < n, x <= n and the reverse, of a number that differs between lanes and
// one that the launch gives.
static void take_condition(vy__flow *f, uint32_t id) {
  const vy__value *v = value_at(f, id);
  bool up = v->op == VY__OP_LT || v->op == VY__OP_LE;
  if ((!up && v->op != VY__OP_GT && v->op != VY__OP_GE) ||
      value_at(f, v->a[0])->type != VY_TYPE_U32)
    return;
  uint32_t x = v->a[up ? 0 : 1], n = v->a[up ? 1 : 0];
  if (!f->is_launch[n] || value_at(f, n)->op == VY__OP_CONST || f->is_launch[x])
    return;
  bool strict = v->op == VY__OP_LT || v->op == VY__OP_GT;
  LLVMValueRef before = f->box.good, most = most_of(f, x, MOST_DEPTH);
  if (most)
    most = LLVMBuildICmp(f->e->builder, strict ? LLVMIntULT : LLVMIntULE, most,
                         wide(f, vy__flow_scalar(f, n)), "");
  add(f, id, most, before);
}

static bool holds(const vy__flow *f, uint32_t id) {
  const vy__value *v = value_at(f, id);
  if (f->box.holds[id] == f->box.stamp)
    return true;
  return v->op == VY__OP_AND && v->type == VY_TYPE_BOOL && holds(f, v->a[0]) &&
         holds(f, v->a[1]);
}

// Are lanes brought to the statement by what holds, or the same for all?
static bool is_plain(const vy__flow *f, uint32_t stmt) {
  for (uint32_t i = stmt, p = f->facts[i].parent; p != VY__NONE;
       i = p, p = f->facts[p].parent) {
    const vy__stmt *s = &f->ir->stmts[p];
    if (s->kind != VY__STMT_IF || f->e->program->value_uniform[s->a])
      continue;
    if (i >= f->e->program->match[p] || !holds(f, s->a))
      return false;
  }
  return true;
}

static void take_access(vy__flow *f, uint32_t id, uint32_t stmt) {
  const vy__value *v = value_at(f, id);
  if ((v->op != VY__OP_LOAD && v->op != VY__OP_STORE) ||
      v->space != VY__SPACE_BUFFER ||
      f->e->lowered->check[id] != VY__CHECK_FULL || f->is_launch[v->a[0]] ||
      !is_plain(f, stmt))
    return;
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef before = f->box.good, most = most_of(f, v->a[0], MOST_DEPTH);
  if (most)
    most = LLVMBuildICmp(b, LLVMIntULT, most, vy__flow_length(f, v->ref), "");
  add(f, id, most, before);
}

// Statements whose results others find where they were made.
static bool may_run_twice(const vy__flow *f, uint32_t from, uint32_t to,
                          const vy__range *range) {
  if (range && range->count)
    return false;
  for (uint32_t i = from; i < to; i++) {
    if (f->ir->stmts[i].kind != VY__STMT_EXEC)
      continue;
    uint32_t id = f->ir->stmts[i].a;
    const vy__value *v = value_at(f, id);
    uint32_t effect = vy__op_row(v->op)->effect;
    if (effect == VY__EFFECT_COLLECTIVE || effect == VY__EFFECT_SYNC ||
        (v->op == VY__OP_VAR_GET && f->vars[v->ref].uniform))
      return false;
  }
  return true;
}

LLVMValueRef vy__box_open(vy__flow *f, uint32_t from, uint32_t to,
                          const vy__range *range) {
  const uint32_t *g = f->e->program->group_size;
  vy__box *box = &f->box;
  box->on = false;
  if (!box->holds || !f->fast || g[0] * g[1] * g[2] % f->e->width ||
      !may_run_twice(f, from, to, range))
    return NULL;
  box->stamp++;
  box->count = 0;
  box->good = LLVMConstInt(vy__t1(f), 1, 0);
  f->stamp++;
  vy__schedule_range(&f->schedule, from, to, NULL, 0, f->stays);
  const vy__schedule *s = &f->schedule;
  for (uint32_t k = 0; k < s->order_count && box->count < MOST_FACTS; k++)
    take_condition(f, s->order[k]);
  for (uint32_t k = 0; k < s->order_count && box->count < MOST_FACTS; k++)
    take_access(f, s->order[k], s->place[s->order[k]]);
  for (uint32_t i = from; i < to && box->count < MOST_FACTS; i++)
    if (f->ir->stmts[i].kind == VY__STMT_EXEC)
      take_access(f, f->ir->stmts[i].a, i);
  return box->count ? box->good : NULL;
}

bool vy__box_holds(const vy__flow *f, uint32_t value) {
  return f->box.on && f->box.holds[value] == f->box.stamp;
}

bool vy__box_plan(vy__flow *f) {
  if (f->strict || f->budgeted || f->split.on || f->e->width == 1)
    return true;
  f->box.size = (size_t)f->ir->value_count + 1;
  f->box.holds =
      vy__calloc(f->e->job->alloc, f->box.size, sizeof *f->box.holds);
  return f->box.holds != NULL;
}

void vy__box_free(vy__flow *f) {
  if (f->box.holds)
    vy__free(f->e->job->alloc, f->box.holds,
             f->box.size * sizeof *f->box.holds);
}

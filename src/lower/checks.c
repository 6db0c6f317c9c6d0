// checks: which accesses need no check. Over the statements in order, with
// what control says of values at hand: an index inside for sure needs none;
// one that is affine in the lane's id needs a fact of the launch.
#include "lower/known.h"
#include "lower/schedule.h"

enum {
  MOST_FACTS = 16,
  MOST_LEVELS = VY__MAX_NESTING + 1,
};

typedef struct level {
  uint32_t condition; // of an IF; VY__NONE: none
  size_t mark;        // relations before the arm or body
  bool jumped;        // its last statement so far jumps away
  bool then_jumped;   // of an IF, once its ELSE has come
  bool in_else;
} level;

typedef struct checker {
  vy__lowered *l;
  const vy_program *p;
  const vy__ir *ir;
  vy__known known;
  vy__affine *affine; // by value
  vy__schedule schedule;
  vy__fact facts[MOST_FACTS];
  uint32_t fact_count;
  level levels[MOST_LEVELS];
  uint32_t depth;
} checker;

// Of memory whose length the program fixes; false: of a buffer.
static bool fixed_length(const checker *c, const vy__value *v,
                         uint32_t *length) {
  switch ((vy__space)v->space) {
  case VY__SPACE_TABLE:
    *length = c->ir->tables[v->ref].count;
    return true;
  case VY__SPACE_GROUP:
    *length = c->p->group_lengths[v->ref];
    return true;
  case VY__SPACE_PRIVATE:
    *length = c->p->private_lengths[v->ref];
    return true;
  case VY__SPACE_NONE: // bytes of a buffer
  case VY__SPACE_BUFFER:
    break;
  }
  return false;
}

// ---- proofs

// Inside for sure: wherever it is computed, or `here`, with what control says.
static bool inside(const checker *c, const vy__value *v, bool here) {
  uint32_t fixed;
  vy__interval r = c->known.range[v->a[0]];
  vy__wide last = r.hi + vy__op_elements(v->op) - 1;
  if (!fixed_length(c, v, &fixed))
    return here ? vy__known_below(&c->known, v->a[0], v->ref,
                                  vy__op_elements(v->op)) ||
                      vy__known_whole(&c->known, v->a[0], &c->affine[v->a[0]],
                                      v->ref, vy__op_elements(v->op)) ||
                      (vy__op_elements(v->op) == 1 &&
                       vy__known_in_matrix(&c->known, v->a[0], v->ref))
                : r.lo >= 0 && last < (vy__wide)c->known.fixed[v->ref];
  if (here)
    r = vy__known_range(&c->known, v->a[0]);
  return r.lo >= 0 && r.hi < fixed;
}

// One fact for all accesses of a buffer that go the same way: the farthest.
static bool add_fact(checker *c, const vy__fact *f) {
  for (uint32_t i = 0; i < c->fact_count; i++) {
    vy__fact *g = &c->facts[i];
    if (g->param != f->param || memcmp(g->scale, f->scale, sizeof g->scale))
      continue;
    if (f->offset > g->offset)
      g->offset = f->offset;
    return true;
  }
  if (c->fact_count == MOST_FACTS)
    return false;
  c->facts[c->fact_count++] = *f;
  return true;
}

// A neighbour's element under a condition: the condition is likely there
// because not every lane has that neighbour, so the fact would not hold and
// take all others with it.
static bool is_risky(const checker *c, const vy__fact *f, uint32_t stmt) {
  uint64_t scale = f->scale[0] | f->scale[1] | f->scale[2];
  return scale && f->offset >= scale && !c->p->stmt_uniform[stmt];
}

static void judge(checker *c, uint32_t id, uint32_t stmt) {
  const vy__value *v = &c->ir->values[id];
  vy__fact f;
  if (!vy__op_elements(v->op))
    return;
  if (inside(c, v, false)) {
    c->l->check[id] = VY__CHECK_NONE;
  } else if (inside(c, v, true)) {
    c->l->check[id] = VY__CHECK_NONE;
    c->l->stays[id] = !vy__is_ordered(c->ir, v);
  } else if (v->space != VY__SPACE_TABLE && v->space != VY__SPACE_GROUP &&
             v->space != VY__SPACE_PRIVATE &&
             vy__affine_fact(c->p, &c->affine[v->a[0]], v->ref,
                             vy__op_elements(v->op), &f) &&
             !is_risky(c, &f, stmt) && add_fact(c, &f)) {
    c->l->check[id] = VY__CHECK_FACT;
  }
}

// ---- over the statements

static void open_level(checker *c, uint32_t condition) {
  c->levels[++c->depth] =
      (level){.condition = condition, .mark = c->known.count};
}

static void open_else(checker *c) {
  level *l = &c->levels[c->depth];
  vy__known_forget(&c->known, l->mark);
  l->then_jumped = l->jumped;
  l->jumped = false;
  l->in_else = true;
  vy__known_assume(&c->known, l->condition, false);
}

// Whoever comes past an IF took the arm that does not jump away.
static void close_level(checker *c) {
  level l = c->levels[c->depth--];
  vy__known_forget(&c->known, l.mark);
  if (l.condition == VY__NONE)
    return;
  bool then_jumped = l.in_else ? l.then_jumped : l.jumped;
  bool else_jumped = l.in_else && l.jumped;
  if (then_jumped && else_jumped)
    c->levels[c->depth].jumped = true;
  else if (then_jumped || else_jumped)
    vy__known_assume(&c->known, l.condition, else_jumped);
}

static void step(checker *c, uint32_t i) {
  const vy__stmt *s = &c->ir->stmts[i];
  for (uint32_t v = c->schedule.first[i]; v != VY__NONE;
       v = c->schedule.next[v])
    judge(c, v, i);
  switch ((vy__stmt_kind)s->kind) {
  case VY__STMT_EXEC:
    judge(c, s->a, i);
    break;
  case VY__STMT_IF:
    open_level(c, s->a);
    vy__known_assume(&c->known, s->a, true);
    break;
  case VY__STMT_ELSE:
    open_else(c);
    break;
  case VY__STMT_WHILE:
  case VY__STMT_BLOCK:
    open_level(c, VY__NONE);
    break;
  case VY__STMT_COND:
    vy__known_assume(&c->known, s->a, true);
    break;
  case VY__STMT_FOR:
    open_level(c, VY__NONE);
    vy__known_loop(&c->known, s);
    break;
  case VY__STMT_END:
    close_level(c);
    break;
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
    c->levels[c->depth].jumped = true;
    break;
  case VY__STMT_ARRAY:
    break;
  }
}

static void bound_values(checker *c) {
  for (uint32_t i = 0; i < c->ir->value_count; i++) {
    const vy__value *v = &c->ir->values[i];
    vy__affine at[3] = {{.known = false}};
    for (int k = 0; k < 3; k++)
      if (v->a[k] != VY__NONE)
        at[k] = c->affine[v->a[k]];
    c->affine[i] = vy__affine_step(c->p, i, at, c->known.sure[i]);
  }
}

// Loads are judged where they are needed: moved out of a loop, they may lose
// a condition, so those whose proof needs it stay.
static bool place_values(checker *c, const uint8_t *stays) {
  if (!vy__schedule_init(&c->schedule, c->p, c->ir->alloc))
    return false;
  vy__schedule_range(&c->schedule, 0, c->ir->stmt_count, NULL, 0, stays);
  return true;
}

bool vy__pass_checks(const vy__pass_env *env, vy__lowered *lowered) {
  (void)env;
  const vy__ir *ir = &lowered->program->ir;
  checker c = {.l = lowered, .p = lowered->program, .ir = ir};
  uint8_t *all = vy__alloc(ir->alloc, ir->value_count);
  c.affine = vy__calloc(ir->alloc, ir->value_count, sizeof *c.affine);
  bool ok = vy__known_begin(&c.known, c.p) && all && c.affine;
  if (ok) {
    memset(all, 1, ir->value_count);
    ok = place_values(&c, all);
  }
  if (ok) {
    bound_values(&c);
    for (uint32_t i = 0; i < ir->stmt_count; i++)
      step(&c, i);
    ok = !c.known.failed;
  }
  if (ok && c.fact_count) {
    lowered->facts = vy__calloc(ir->alloc, c.fact_count, sizeof c.facts[0]);
    ok = lowered->facts != NULL;
  }
  if (ok && c.fact_count) {
    memcpy(lowered->facts, c.facts, c.fact_count * sizeof c.facts[0]);
    lowered->fact_count = c.fact_count;
  }
  if (c.schedule.block)
    vy__schedule_free(&c.schedule);
  vy__known_end(&c.known);
  vy__free(ir->alloc, c.affine, ir->value_count * sizeof *c.affine);
  vy__free(ir->alloc, all, ir->value_count);
  return ok;
}

// How long registers are needed, on top of where lower/schedule.h puts the
// values: loads stay where they are used, since strict bounds may report them.
#include "backend/reference/code.h"

typedef struct sweep {
  vy__placement *s;
  const vy_program *program;
  const vy__ir *ir;
} sweep;

static bool setup(vy__placement *s, const vy__ir *ir) {
  size_t v = ir->value_count, n = ir->stmt_count;
  size_t counts[] = {v, v, v, n};
  uint32_t **arrays[] = {&s->last, &s->set, &s->drop_next, &s->drop};
  s->block_count = 3 * v + n;
  s->block = vy__calloc(s->alloc, s->block_count, sizeof *s->block);
  if (!s->block)
    return false;
  memset(s->block, 0xff, s->block_count * sizeof *s->block);
  uint32_t *at = s->block;
  for (size_t i = 0; i < VY__COUNT(counts); i++) {
    *arrays[i] = at;
    at += counts[i];
  }
  return true;
}

static bool make_schedule(vy__placement *s, const vy_program *program) {
  const vy__ir *ir = &program->ir;
  if (!vy__schedule_init(&s->base, program, s->alloc))
    return false;
  uint8_t *stays = vy__calloc(s->alloc, (size_t)ir->value_count + 1, 1);
  if (!stays)
    return false;
  for (uint32_t v = 0; v < ir->value_count; v++)
    stays[v] = vy__op_row(ir->values[v].op)->effect == VY__EFFECT_READ;
  vy__schedule_range(&s->base, 0, ir->stmt_count, NULL, 0, stays);
  vy__free(s->alloc, stays, (size_t)ir->value_count + 1);
  return true;
}

static bool is_placed(const sweep *w, uint32_t value) {
  return vy__scheduled(&w->s->base, value);
}

static uint32_t end_of(const sweep *w, uint32_t stmt) {
  const uint32_t *match = w->program->match;
  switch ((vy__stmt_kind)w->ir->stmts[stmt].kind) {
  case VY__STMT_IF:
    stmt = match[stmt];
    return w->ir->stmts[stmt].kind == VY__STMT_ELSE ? match[stmt] : stmt;
  case VY__STMT_WHILE:
    return match[match[stmt]];
  case VY__STMT_FOR:
  case VY__STMT_BLOCK:
    return match[stmt];
  case VY__STMT_EXEC:
  case VY__STMT_ELSE:
  case VY__STMT_COND:
  case VY__STMT_END:
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
  case VY__STMT_ARRAY:
    break;
  }
  return stmt;
}

// `value` is used at statement `stmt` of `block`.
static void keep(sweep *w, uint32_t value, uint32_t block, uint32_t stmt) {
  const vy__schedule *b = &w->s->base;
  if (value == VY__NONE || !is_placed(w, value))
    return;
  uint32_t last = end_of(w, vy__schedule_lift(b, block, stmt, b->scope[value]));
  if (w->s->last[value] < last)
    w->s->last[value] = last;
}

static void keep_operands(sweep *w, uint32_t value) {
  const vy__schedule *b = &w->s->base;
  for (uint32_t k = 0; k < 3; k++)
    keep(w, w->ir->values[value].a[k], b->scope[value], b->place[value]);
}

static void keep_for_stmt(sweep *w, uint32_t i) {
  const vy__stmt *t = &w->ir->stmts[i];
  uint32_t block = w->s->base.in[i];
  if (t->kind == VY__STMT_EXEC) {
    keep_operands(w, t->a);
  } else if (t->kind == VY__STMT_IF || t->kind == VY__STMT_COND) {
    keep(w, t->a, block, i);
  } else if (t->kind == VY__STMT_FOR) {
    keep(w, t->b, block, i);
    keep(w, t->c, block, i);
    keep(w, t->d, block, i);
  }
}

// A register is free after the statement, of the block where its value is
// made, that holds the last use: a loop there as a whole, since it comes back.
static void find_lifetimes(sweep *w) {
  vy__placement *s = w->s;
  const vy__ir *ir = w->ir;
  for (uint32_t v = 0; v < ir->value_count; v++)
    if (is_placed(w, v))
      s->last[v] = end_of(w, s->base.place[v]);
  for (uint32_t i = 0; i < ir->stmt_count; i++)
    keep_for_stmt(w, i);
  for (uint32_t v = 0; v < ir->value_count; v++)
    if (is_placed(w, v) && !vy__is_ordered(ir, &ir->values[v]))
      keep_operands(w, v);
  for (uint32_t v = 0; v < ir->value_count; v++) {
    if (!is_placed(w, v))
      continue;
    uint32_t last = s->last[v];
    s->drop_next[v] = s->drop[last];
    s->drop[last] = v;
  }
}

// The next statement, in the order of the text, that sets a got variable.
static bool find_sets(sweep *w) {
  vy__placement *s = w->s;
  const vy__ir *ir = w->ir;
  size_t size = ir->var_count * sizeof(uint32_t);
  uint32_t *next = vy__alloc(s->alloc, size);
  if (!next)
    return false;
  memset(next, 0xff, size);
  for (uint32_t i = ir->stmt_count; i-- > 0;) {
    const vy__stmt *t = &ir->stmts[i];
    if (t->kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = &ir->values[t->a];
    if (v->op == VY__OP_VAR_GET)
      s->set[t->a] = next[v->ref];
    else if (v->op == VY__OP_VAR_SET)
      next[v->ref] = i;
  }
  vy__free(s->alloc, next, size);
  return true;
}

bool vy__placement_make(vy__placement *s, const vy_program *program,
                        const vy_allocator *alloc) {
  *s = (vy__placement){.alloc = alloc};
  if (!setup(s, &program->ir) || !make_schedule(s, program))
    return false;
  sweep w = {s, program, &program->ir};
  find_lifetimes(&w);
  return find_sets(&w);
}

void vy__placement_free(vy__placement *s) {
  vy__free(s->alloc, s->block, s->block_count * sizeof *s->block);
  if (s->base.block)
    vy__schedule_free(&s->base);
  *s = (vy__placement){0};
}

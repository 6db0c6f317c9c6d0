// dce: statements that nothing observes go. What writes memory that others
// see, collectives, jumps and WHILE loops stay, and with them all that they
// need: operands, the variables and private arrays read, the control around.
// The rest was only for itself: assignments to variables that are not read,
// reads whose value is not used, IFs, BLOCKs and FORs with nothing inside.
#include "lower/pass.h"

typedef struct sweep {
  const vy__pass_env *env;
  const vy__ir *in;
  uint32_t *match;
  // Marks, and by value its EXEC or FOR, by statement the opener around it;
  // sets of a variable and stores to a private array, chained by statement.
  uint8_t *live_value, *live_stmt, *live_var, *live_array;
  uint32_t *place, *around, *sets, *stores, *chain;
  uint32_t *work; // values, then value_count + statements
  uint32_t work_count;
  void *block;
  size_t block_size;
} sweep;

static void need_value(sweep *s, uint32_t id) {
  if (id != VY__NONE && !s->live_value[id]) {
    s->live_value[id] = 1;
    s->work[s->work_count++] = id;
  }
}

static void need_stmt(sweep *s, uint32_t i) {
  if (i != VY__NONE && !s->live_stmt[i]) {
    s->live_stmt[i] = 1;
    s->work[s->work_count++] = s->in->value_count + i;
  }
}

static void need_chain(sweep *s, uint8_t *live, uint32_t *heads, uint32_t id) {
  if (live[id])
    return;
  live[id] = 1;
  for (uint32_t i = heads[id]; i != VY__NONE; i = s->chain[i])
    need_stmt(s, i);
}

static bool is_private(const vy__value *v) {
  return v->space == VY__SPACE_PRIVATE;
}

static void visit_value(sweep *s, uint32_t id) {
  const vy__value *v = &s->in->values[id];
  for (int k = 0; k < 3; k++)
    need_value(s, v->a[k]);
  need_stmt(s, s->place[id]);
  if (v->op == VY__OP_VAR_GET)
    need_chain(s, s->live_var, s->sets, v->ref);
  else if (v->op == VY__OP_LOAD && is_private(v))
    need_chain(s, s->live_array, s->stores, v->ref);
}

static void visit_stmt(sweep *s, uint32_t i) {
  const vy__stmt *t = &s->in->stmts[i];
  need_stmt(s, s->around[i]);
  if (t->kind == VY__STMT_ARRAY)
    return;
  need_value(s, t->a);
  need_value(s, t->b);
  need_value(s, t->c);
  need_value(s, t->d);
  if (t->kind == VY__STMT_WHILE)
    need_stmt(s, s->match[i]);
}

// Observed from outside, or steers what is. (FORs end; a budget counts them.)
static bool is_root(const sweep *s, const vy__stmt *t) {
  switch ((vy__stmt_kind)t->kind) {
  case VY__STMT_EXEC: {
    const vy__value *v = &s->in->values[t->a];
    if (vy__op_is_variable(v->op) || (v->op == VY__OP_STORE && is_private(v)))
      return false;
    return vy__op_row(v->op)->effect != VY__EFFECT_READ;
  }
  case VY__STMT_FOR:
    return s->env->flags & VY_COMPILE_BUDGETED;
  case VY__STMT_WHILE:
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
    return true;
  case VY__STMT_IF:
  case VY__STMT_ELSE:
  case VY__STMT_COND:
  case VY__STMT_BLOCK:
  case VY__STMT_END:
  case VY__STMT_ARRAY:
    break;
  }
  return false;
}

static void index_stmts(sweep *s) {
  const vy__ir *in = s->in;
  uint32_t around = VY__NONE;
  for (uint32_t i = 0; i < in->stmt_count; i++) {
    const vy__stmt *t = &in->stmts[i];
    if (t->kind == VY__STMT_END)
      around = s->around[s->match[i]];
    s->around[i] = around;
    if (vy__is_opener(t->kind))
      around = i;
    if (t->kind == VY__STMT_ARRAY) {
      s->chain[i] = s->stores[t->a];
      s->stores[t->a] = i;
    }
    if (t->kind != VY__STMT_EXEC && t->kind != VY__STMT_FOR)
      continue;
    s->place[t->a] = i;
    const vy__value *v = &in->values[t->a];
    uint32_t *head = v->op == VY__OP_VAR_SET ? &s->sets[v->ref]
                     : v->op == VY__OP_STORE && is_private(v)
                         ? &s->stores[v->ref]
                         : NULL;
    if (head) {
      s->chain[i] = *head;
      *head = i;
    }
  }
}

static void mark(sweep *s) {
  const vy__ir *in = s->in;
  for (uint32_t i = 0; i < in->stmt_count; i++)
    if (is_root(s, &in->stmts[i]))
      need_stmt(s, i);
  while (s->work_count) {
    uint32_t id = s->work[--s->work_count];
    if (id < in->value_count)
      visit_value(s, id);
    else
      visit_stmt(s, id - in->value_count);
  }
  for (uint32_t i = 0; i < in->stmt_count; i++) { // markers go with openers
    uint32_t kind = in->stmts[i].kind;
    if (kind == VY__STMT_ELSE || kind == VY__STMT_END)
      s->live_stmt[i] =
          s->live_stmt[kind == VY__STMT_END ? s->match[i] : s->around[i]];
  }
}

// An ELSE before nothing.
static bool is_empty_else(const sweep *s, uint32_t i) {
  if (s->in->stmts[i].kind != VY__STMT_ELSE)
    return false;
  for (uint32_t k = i + 1, end = s->match[i]; k < end; k++)
    if (s->live_stmt[k])
      return false;
  return true;
}

static bool setup(sweep *s) {
  const vy__ir *in = s->in;
  size_t v = in->value_count, n = in->stmt_count, vars = in->var_count,
         arrays = in->private_count;
  size_t words = n + v + n + vars + arrays + n + (v + n);
  s->block_size = words * sizeof(uint32_t) + v + n + vars + arrays;
  s->block = vy__alloc(in->alloc, s->block_size);
  if (!s->block)
    return false;
  uint32_t *at = s->block;
  memset(at, 0xff, words * sizeof *at);
  s->match = at;
  s->place = s->match + n;
  s->around = s->place + v;
  s->sets = s->around + n;
  s->stores = s->sets + vars;
  s->chain = s->stores + arrays;
  s->work = s->chain + n;
  s->live_value = (uint8_t *)(s->work + v + n);
  memset(s->live_value, 0, v + n + vars + arrays);
  s->live_stmt = s->live_value + v;
  s->live_var = s->live_stmt + n;
  s->live_array = s->live_var + vars;
  return vy__ir_match(in, s->match);
}

bool vy__pass_dce(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  sweep s = {.env = env, .in = in};
  vy__ir kept;
  if (!vy__ir_copy(in, &kept))
    return false;
  bool ok = setup(&s);
  if (ok) {
    index_stmts(&s);
    mark(&s);
    kept.stmt_count = 0;
    for (uint32_t i = 0; i < in->stmt_count; i++)
      if (s.live_stmt[i] && !is_empty_else(&s, i)) {
        kept.stmts[kept.stmt_count] = in->stmts[i];
        kept.stmt_pos[kept.stmt_count++] = in->stmt_pos[i];
      }
    ok = vy__ir_canonicalize(&kept, out);
  }
  if (s.block)
    vy__free(in->alloc, s.block, s.block_size);
  vy__ir_free(&kept);
  return ok;
}

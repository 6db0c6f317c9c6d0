// promote: a variable read whose value is known becomes that value. Known is
// what the last assignment or read gave, as long as control must have come
// from there: through straight code and into the blocks inside it, but not
// past the end of a block that assigns the variable, nor around a loop that
// does. Before its first assignment a variable is zero.
#include "lower/pass.h"

enum { UNKNOWN = VY__NONE, ZERO = VY__NONE - 1 };

// A change of what is known, undone at the end of the block.
typedef struct change {
  uint32_t var, before;
  bool set; // by an assignment, which outlasts the block
} change;

typedef struct promote {
  vy__rewrite r;
  uint32_t *known; // by variable: value of `out`, UNKNOWN or ZERO
  change *log;
  size_t log_count, log_capacity;
  uint32_t *killed; // variables assigned in a block that ends, each once
  uint32_t *mark;   // by variable: last block that listed it
  uint32_t marks;
  size_t opened[VY__MAX_NESTING]; // by depth: changes before the block
  uint32_t depth;
} promote;

static void learn(promote *p, uint32_t var, uint32_t now, bool set) {
  const vy_allocator *a = p->r.in->alloc;
  if (!vy__grow(a, (void **)&p->log, &p->log_capacity, p->log_count + 1,
                sizeof *p->log)) {
    p->r.failed = true;
    return;
  }
  p->log[p->log_count++] = (change){var, p->known[var], set};
  p->known[var] = now;
}

// Forget what changed since `log`; the variables assigned meanwhile go to
// killed[].
static uint32_t undo(promote *p, size_t log) {
  uint32_t count = 0;
  p->marks++;
  while (p->log_count > log) {
    change c = p->log[--p->log_count];
    p->known[c.var] = c.before;
    if (c.set && p->mark[c.var] != p->marks) {
      p->mark[c.var] = p->marks;
      p->killed[count++] = c.var;
    }
  }
  return count;
}

static void open_block(promote *p) { p->opened[p->depth++] = p->log_count; }

static void close_block(promote *p) {
  uint32_t count = undo(p, p->opened[--p->depth]);
  for (uint32_t k = 0; k < count; k++)
    learn(p, p->killed[k], UNKNOWN, true);
}

// What the loop at `i` assigns is unknown from its start on.
static void open_loop(promote *p, uint32_t i) {
  const vy__ir *in = p->r.in;
  open_block(p);
  for (uint32_t k = i, end = vy__end_of(in, p->r.match, i); k < end; k++) {
    if (in->stmts[k].kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = &in->values[in->stmts[k].a];
    if (v->op == VY__OP_VAR_SET && p->known[v->ref] != UNKNOWN)
      learn(p, v->ref, UNKNOWN, true);
  }
}

// The second arm starts from what was known before the first, whose
// assignments are kept in the log as such.
static void open_else(promote *p) {
  size_t start = p->opened[p->depth - 1], kept = start;
  for (size_t k = p->log_count; k-- > start;)
    p->known[p->log[k].var] = p->log[k].before;
  for (size_t k = start; k < p->log_count; k++)
    if (p->log[k].set)
      p->log[kept++] = (change){p->log[k].var, p->known[p->log[k].var], true};
  p->log_count = kept;
}

static uint32_t read(promote *p, uint32_t id) {
  const vy__value *v = &p->r.in->values[id];
  uint32_t known = p->known[v->ref];
  if (known == ZERO) {
    known = vy__rewrite_const(&p->r, (vy_type)v->type, 0, id);
    learn(p, v->ref, known, false);
  }
  return known;
}

static bool exec(promote *p, uint32_t i) {
  uint32_t id = p->r.in->stmts[i].a;
  const vy__value *v = &p->r.in->values[id];
  if (v->op == VY__OP_VAR_GET) {
    p->r.map[id] = read(p, id);
    if (p->r.map[id] != UNKNOWN)
      return true;
    vy__rewrite_stmt(&p->r, i);
    learn(p, v->ref, p->r.map[id], false);
    return true;
  }
  if (v->op == VY__OP_VAR_SET)
    learn(p, v->ref, p->r.map[v->a[0]], true);
  return false;
}

static void step(promote *p, uint32_t i) {
  const vy__stmt *s = &p->r.in->stmts[i];
  vy__rewrite_reach(&p->r, i, vy__rewrite_copy);
  switch ((vy__stmt_kind)s->kind) {
  case VY__STMT_EXEC:
    if (exec(p, i))
      return;
    break;
  case VY__STMT_IF:
  case VY__STMT_BLOCK:
    open_block(p);
    break;
  case VY__STMT_WHILE:
  case VY__STMT_FOR:
    open_loop(p, i);
    break;
  case VY__STMT_ELSE:
    open_else(p);
    break;
  case VY__STMT_END:
    close_block(p);
    break;
  case VY__STMT_COND:
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
  case VY__STMT_ARRAY:
    break;
  }
  vy__rewrite_stmt(&p->r, i);
}

static bool setup(promote *p) {
  const vy__ir *in = p->r.in;
  size_t n = in->var_count;
  p->known = vy__alloc(in->alloc, 3 * n * sizeof *p->known);
  if (!p->known)
    return false;
  p->killed = p->known + n;
  p->mark = p->killed + n;
  for (size_t k = 0; k < n; k++) {
    p->known[k] = ZERO;
    p->mark[k] = 0;
  }
  return true;
}

bool vy__pass_promote(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  promote p = {.depth = 0};
  if (!vy__rewrite_begin(&p.r, env, in))
    return false;
  if (!setup(&p))
    p.r.failed = true;
  for (uint32_t i = 0; i < in->stmt_count && !p.r.failed; i++)
    step(&p, i);
  vy__free(in->alloc, p.log, p.log_capacity * sizeof *p.log);
  if (p.known)
    vy__free(in->alloc, p.known, 3 * (size_t)in->var_count * sizeof *p.known);
  return vy__rewrite_end(&p.r, out);
}

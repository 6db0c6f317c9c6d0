// Uniformity: which values and which control are the same for all lanes of a
// group. The least fixed point, found with a work list: everything starts
// uniform; each value, variable and statement turns divergent at most once
// and then passes it on. Ranges of statements are marked through a
// "next unmarked" forest, so that the whole takes time in proportion to the
// program, however its loops and variables are knotted.
#include <stdio.h>

#include "validate/internal.h"

typedef struct uniformity {
  vy__validation *v;
  const vy__ir *ir;
  const uint32_t *match;
  uint8_t *value_div, *stmt_div, *var_div;
  // Uses of value x: use[first[x]] to use[first[x + 1] - 1]; a statement s
  // is listed as value_count + s. Gets of variable x likewise.
  uint32_t *first, *use, *first_get, *get;
  uint32_t *next;   // per statement: first unmarked one from here on
  uint32_t *parent; // per statement: opener around it
  uint32_t *cause;  // per divergent statement: the one that divides control
  uint32_t *work;   // values, then value_count + statements
  uint32_t work_count;
} uniformity;

static void diverge_value(uniformity *u, uint32_t id) {
  if (!u->value_div[id]) {
    u->value_div[id] = 1;
    u->work[u->work_count++] = id;
  }
}

static uint32_t next_unmarked(uniformity *u, uint32_t i) {
  uint32_t root = i;
  while (u->next[root] != root)
    root = u->next[root];
  while (u->next[i] != root) {
    uint32_t up = u->next[i];
    u->next[i] = root;
    i = up;
  }
  return root;
}

// Control is divergent at statements [from, to), since `cause` divides it.
static void diverge_range(uniformity *u, uint32_t from, uint32_t to,
                          uint32_t cause) {
  for (uint32_t i = next_unmarked(u, from); i < to;
       i = next_unmarked(u, i + 1)) {
    u->next[i] = i + 1;
    u->stmt_div[i] = 1;
    u->cause[i] = cause;
    u->work[u->work_count++] = u->ir->value_count + i;
  }
}

static uint32_t end_of(const uniformity *u, uint32_t opener) {
  uint32_t i = u->match[opener];
  while (u->ir->stmts[i].kind != VY__STMT_END)
    i = u->match[i];
  return i;
}

static bool is_loop(uint32_t kind) {
  return kind == VY__STMT_WHILE || kind == VY__STMT_FOR;
}

static void diverge_loop(uniformity *u, uint32_t loop, uint32_t cause) {
  diverge_range(u, loop, end_of(u, loop) + 1, cause);
}

// A divergent break makes its whole loop divergent, a continue the rest of
// the body; a leave or return the rest of its block and all loops left.
static void diverge_jump(uniformity *u, uint32_t i) {
  uint32_t kind = u->ir->stmts[i].kind, cause = u->cause[i];
  uint32_t p = u->parent[i];
  for (; p != VY__NONE; p = u->parent[p]) {
    uint32_t around = u->ir->stmts[p].kind;
    if (kind == VY__STMT_LEAVE && around == VY__STMT_BLOCK)
      break;
    if (!is_loop(around))
      continue;
    if (kind == VY__STMT_CONTINUE) {
      diverge_range(u, i, end_of(u, p), cause);
      return;
    }
    diverge_loop(u, p, cause);
    if (kind == VY__STMT_BREAK)
      return;
  }
  diverge_range(u, i, p == VY__NONE ? u->ir->stmt_count : end_of(u, p), cause);
}

static void diverge_var(uniformity *u, uint32_t var) {
  if (u->var_div[var])
    return;
  u->var_div[var] = 1;
  for (uint32_t k = u->first_get[var]; k < u->first_get[var + 1]; k++)
    diverge_value(u, u->get[k]);
}

// A statement came under divergent control.
static void control_diverged(uniformity *u, uint32_t i) {
  const vy__stmt *s = &u->ir->stmts[i];
  switch ((vy__stmt_kind)s->kind) {
  case VY__STMT_EXEC:
    if (u->ir->values[s->a].op == VY__OP_VAR_SET)
      diverge_var(u, u->ir->values[s->a].ref);
    break;
  case VY__STMT_FOR:
    diverge_value(u, s->a);
    break;
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
    diverge_jump(u, i);
    break;
  case VY__STMT_IF:
  case VY__STMT_ELSE:
  case VY__STMT_WHILE:
  case VY__STMT_COND:
  case VY__STMT_BLOCK:
  case VY__STMT_END:
  case VY__STMT_ARRAY:
    break;
  }
}

// A statement works on a divergent value.
static void operand_diverged(uniformity *u, uint32_t i) {
  uint32_t kind = u->ir->stmts[i].kind;
  if (kind == VY__STMT_IF)
    diverge_range(u, i + 1, end_of(u, i), i);
  else if (kind == VY__STMT_COND)
    diverge_loop(u, u->parent[i], i);
  else if (kind == VY__STMT_FOR)
    diverge_loop(u, i, i);
}

static void value_diverged(uniformity *u, uint32_t id) {
  uint32_t count = u->ir->value_count;
  for (uint32_t k = u->first[id]; k < u->first[id + 1]; k++) {
    uint32_t user = u->use[k];
    if (user >= count) {
      operand_diverged(u, user - count);
      continue;
    }
    const vy__value *x = &u->ir->values[user];
    const vy__op_info *row = vy__op_row(x->op);
    if (x->op == VY__OP_VAR_SET)
      diverge_var(u, x->ref);
    else if (!vy__is_ordered(u->ir, x) && row->effect != VY__EFFECT_LEAF)
      diverge_value(u, user);
  }
}

// Divergent whatever its operands: lane ids, and ordered operations other
// than variables and those collectives that give the group one result.
static bool born_divergent(const uniformity *u, const vy__value *x) {
  const vy__op_info *row = vy__op_row(x->op);
  if (row->laws & VY__LAW_LANE)
    return true;
  return vy__is_ordered(u->ir, x) && x->op != VY__OP_LOOP_INDEX &&
         x->op != VY__OP_VAR_GET && !(row->laws & VY__LAW_UNIFORM);
}

// ---- tables of uses: counted, then filled

static uint32_t stmt_operands(const vy__stmt *s, uint32_t out[3]) {
  if (s->kind == VY__STMT_IF || s->kind == VY__STMT_COND) {
    out[0] = s->a;
    return 1;
  }
  if (s->kind != VY__STMT_FOR)
    return 0;
  out[0] = s->b;
  out[1] = s->c;
  out[2] = s->d;
  return 3;
}

// With `fill` false counts into first[x + 1]; with true puts the uses at
// first[x]++, which leaves first[] shifted by one, as wanted after all.
static void each_use(uniformity *u, bool fill) {
  const vy__ir *ir = u->ir;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *x = &ir->values[i];
    for (int k = 0; k < 3; k++)
      if (x->a[k] != VY__NONE) {
        if (fill)
          u->use[u->first[x->a[k]]++] = i;
        else
          u->first[x->a[k]]++;
      }
    if (x->op == VY__OP_VAR_GET) {
      if (fill)
        u->get[u->first_get[x->ref]++] = i;
      else
        u->first_get[x->ref]++;
    }
  }
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    uint32_t a[3], n = stmt_operands(&ir->stmts[i], a);
    for (uint32_t k = 0; k < n; k++) {
      if (fill)
        u->use[u->first[a[k]]++] = ir->value_count + i;
      else
        u->first[a[k]]++;
    }
  }
}

// Counts to starts.
static void to_starts(uint32_t *first, uint32_t count) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i <= count; i++) {
    uint32_t n = first[i];
    first[i] = sum;
    sum += n;
  }
}

// After filling, first[x] is where x + 1 starts: move up by one.
static void shift_up(uint32_t *first, uint32_t count) {
  memmove(first + 1, first, count * sizeof *first);
  first[0] = 0;
}

static void index_uses(uniformity *u) {
  each_use(u, false);
  to_starts(u->first, u->ir->value_count);
  to_starts(u->first_get, u->ir->var_count);
  each_use(u, true);
  shift_up(u->first, u->ir->value_count);
  shift_up(u->first_get, u->ir->var_count);
}

static void index_stmts(uniformity *u) {
  uint32_t around = VY__NONE;
  for (uint32_t i = 0; i < u->ir->stmt_count; i++) {
    uint32_t kind = u->ir->stmts[i].kind;
    u->next[i] = i;
    if (kind == VY__STMT_END)
      around = u->parent[u->match[i]];
    u->parent[i] = around;
    if (kind == VY__STMT_IF || is_loop(kind) || kind == VY__STMT_BLOCK)
      around = i;
  }
  u->next[u->ir->stmt_count] = u->ir->stmt_count;
}

static void solve(uniformity *u) {
  const vy__ir *ir = u->ir;
  index_uses(u);
  index_stmts(u);
  for (uint32_t i = 0; i < ir->value_count; i++)
    if (born_divergent(u, &ir->values[i]))
      diverge_value(u, i);
  while (u->work_count) {
    uint32_t id = u->work[--u->work_count];
    if (id < ir->value_count)
      value_diverged(u, id);
    else
      control_diverged(u, id - ir->value_count);
  }
}

// ---- what must be uniform

static void report_divergent(uniformity *u, uint32_t i, const char *name) {
  uint32_t line = vy__where_stmt(u->ir, u->cause[i]).line;
  char why[80] = "";
  if (line) // programs without positions have none
    snprintf(why, sizeof why, ": the condition at line %u differs between them",
             line);
  vy__invalid(u->v, vy__where_stmt(u->ir, i), VY__E_DIVERGENT_CONTROL,
              "%s stands where not all lanes of a group arrive together%s",
              name, why);
}

static void check(uniformity *u) {
  const vy__ir *ir = u->ir;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    if (ir->stmts[i].kind != VY__STMT_EXEC)
      continue;
    const vy__value *x = &ir->values[ir->stmts[i].a];
    const vy__op_info *row = vy__op_row(x->op);
    if (row->effect != VY__EFFECT_COLLECTIVE && row->effect != VY__EFFECT_SYNC)
      continue;
    if (u->stmt_div[i])
      report_divergent(u, i, row->name);
    if (row->sig == VY__SIG_SHUFFLE && (row->laws & VY__LAW_UNIFORM) &&
        u->value_div[x->a[1]])
      vy__invalid(u->v, vy__where_stmt(ir, i), VY__E_DIVERGENT_INDEX,
                  "the index of %s differs between lanes", row->name);
  }
}

static void publish(const uniformity *u) {
  vy_program *p = u->v->program;
  for (uint32_t i = 0; i < u->ir->value_count; i++)
    p->value_uniform[i] = !u->value_div[i];
  for (uint32_t i = 0; i < u->ir->stmt_count; i++)
    p->stmt_uniform[i] = !u->stmt_div[i];
}

void vy__validate_uniformity(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  uniformity u = {.v = v, .ir = ir, .match = v->program->match};
  size_t n = ir->value_count, s = ir->stmt_count, m = ir->var_count;
  size_t uses = 3 * n + 3 * s;
  size_t words = (n + 1) + uses + (m + 1) + n + (s + 1) + 2 * s + (n + s);
  size_t bytes = n + s + m, size = words * sizeof(uint32_t) + bytes;
  uint32_t *block = vy__calloc(ir->alloc, 1, size);
  if (!block) {
    vy__validation_oom(v);
    return;
  }
  u.first = block;
  u.use = u.first + n + 1;
  u.first_get = u.use + uses;
  u.get = u.first_get + m + 1;
  u.next = u.get + n;
  u.parent = u.next + s + 1;
  u.cause = u.parent + s;
  u.work = u.cause + s;
  u.value_div = (uint8_t *)(u.work + n + s);
  u.stmt_div = u.value_div + n;
  u.var_div = u.stmt_div + s;
  solve(&u);
  check(&u);
  publish(&u);
  vy__free(ir->alloc, block, size);
}

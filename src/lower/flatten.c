// flatten: an `if` around a few cheap assignments becomes the assignments of a
// choice: `if (c) { a = v; }` is `a = c ? v : a`. What stands in the arms is
// then in straight code, where equal values meet. Arms hold nothing but reads
// and assignments of variables and pure operations without memory.
#include "lower/pass.h"

enum { CHEAP = 12 }; // cost of what is done for all lanes

typedef struct flatten {
  vy__rewrite r;
  uint32_t cond;  // of `out`, of the arm at hand
  bool otherwise; // it is the second arm
} flatten;

// What statements [from, to) reach first, values from `*next` on; more than
// CHEAP when they are not to be flattened.
static uint32_t arm_cost(const vy__ir *in, uint32_t from, uint32_t to,
                         uint32_t *next) {
  uint32_t cost = 0;
  for (uint32_t i = from; i < to; i++) {
    const vy__stmt *s = &in->stmts[i];
    uint32_t op = s->kind == VY__STMT_EXEC ? in->values[s->a].op : 0;
    if (!vy__op_is_variable(op))
      return CHEAP + 1;
    for (; *next < s->a; (*next)++) {
      uint32_t pure = in->values[*next].op;
      if (vy__op_row(pure)->effect == VY__EFFECT_READ)
        return CHEAP + 1;
      cost += vy__op_time(pure);
    }
    if (*next == s->a)
      (*next)++;
    cost++;
    if (cost > CHEAP)
      break;
  }
  return cost;
}

static bool is_cheap(const flatten *f, uint32_t i) {
  uint32_t other = f->r.match[i], end = other, next = f->r.next;
  if (f->r.in->stmts[other].kind == VY__STMT_ELSE)
    end = f->r.match[other];
  // The condition itself comes before the arm.
  if (f->r.in->stmts[i].a >= next)
    next = f->r.in->stmts[i].a + 1;
  uint32_t cost = arm_cost(f->r.in, i + 1, other, &next);
  if (cost <= CHEAP && other < end)
    cost += arm_cost(f->r.in, other + 1, end, &next);
  return cost <= CHEAP;
}

static void add_exec(flatten *f, uint32_t value, uint32_t i) {
  vy__stmt s = {VY__STMT_EXEC, value, VY__NONE, VY__NONE, VY__NONE};
  if (value == VY__NONE ||
      vy__ir_add_stmt(&f->r.out, &s, &f->r.in->stmt_pos[i]) == VY__NONE)
    f->r.failed = true;
}

// var = cond ? v : var, or the other way round
static void assign(flatten *f, uint32_t i) {
  uint32_t id = f->r.in->stmts[i].a;
  const vy__value *set = &f->r.in->values[id];
  vy_type type = (vy_type)f->r.in->vars[set->ref];
  vy__value get = {.op = VY__OP_VAR_GET,
                   .type = (uint8_t)type,
                   .a = {VY__NONE, VY__NONE, VY__NONE},
                   .ref = set->ref};
  uint32_t now = f->r.map[set->a[0]];
  uint32_t old = vy__ir_add_value(&f->r.out, &get, NULL); // comes from nowhere
  add_exec(f, old, i);
  vy__value choice = {
      .op = VY__OP_SELECT,
      .type = (uint8_t)type,
      .a = {f->cond, f->otherwise ? old : now, f->otherwise ? now : old}};
  vy__value put = *set;
  put.a[0] = vy__rewrite_add(&f->r, &choice, id);
  add_exec(f, vy__rewrite_add(&f->r, &put, id), i);
}

static void arm(flatten *f, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to && !f->r.failed; i++) {
    vy__rewrite_reach(&f->r, i, vy__rewrite_copy);
    uint32_t id = f->r.in->stmts[i].a;
    if (f->r.in->values[id].op == VY__OP_VAR_SET)
      assign(f, i);
    else
      vy__rewrite_stmt(&f->r, i);
  }
}

// The statement after the `if` at `i`.
static uint32_t flatten_if(flatten *f, uint32_t i) {
  uint32_t other = f->r.match[i], end = other;
  if (f->r.in->stmts[other].kind == VY__STMT_ELSE)
    end = f->r.match[other];
  f->cond = f->r.map[f->r.in->stmts[i].a];
  f->otherwise = false;
  arm(f, i + 1, other);
  f->otherwise = true;
  if (other < end)
    arm(f, other + 1, end);
  return end + 1;
}

bool vy__pass_flatten(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  flatten f = {.cond = VY__NONE};
  if (!vy__rewrite_begin(&f.r, env, in))
    return false;
  for (uint32_t i = 0; i < in->stmt_count && !f.r.failed;) {
    vy__rewrite_reach(&f.r, i, vy__rewrite_copy);
    if (in->stmts[i].kind == VY__STMT_IF && is_cheap(&f, i)) {
      i = flatten_if(&f, i);
      continue;
    }
    vy__rewrite_stmt(&f.r, i++);
  }
  return vy__rewrite_end(&f.r, out);
}

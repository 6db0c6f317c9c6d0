// Loads that decide nothing any more are not made. Of a condition `a && b &&
// c` all parts are pure, so all would be computed; where some load by what they
// have loaded, from all over memory, the others come first, and those loads are
// under the predicate that the others leave open: two parts at a time, so that
// the latencies of many do not add up. The same for `||`.
#include "backend/cuda/emit/emit.h"

enum { MOST_PARTS = 16, DEPTH = 6, AT_ONCE = 2 };

// p->demand, by value: 0, made in its turn; a part of a larger condition, while
// such are sought; a condition made here; an `&&` inside of one; made with it.
enum { MADE = 0, CLAIMED, ROOT, INNER, LATER };

static const vy__value *value_at(const vy__ptx *p, uint32_t v) {
  return &p->ir->values[v];
}

static bool is_condition(const vy__ptx *p, uint32_t v) {
  const vy__value *x = value_at(p, v);
  return (x->op == VY__OP_AND || x->op == VY__OP_OR) &&
         x->type == VY_TYPE_BOOL && p->early[v] == VY__NONE;
}

// Made at statement `stmt`, and for one use only?
static bool is_own(const vy__ptx *p, uint32_t v, uint32_t stmt) {
  const vy__value *x = value_at(p, v);
  bool pure = vy__op_row(x->op)->effect == VY__EFFECT_PURE ||
              (x->op == VY__OP_LOAD && !vy__is_ordered(p->ir, x));
  return pure && p->uses[v] == 1 && vy__scheduled(&p->schedule, v) &&
         p->schedule.place[v] == stmt && p->early[v] == VY__NONE;
}

// ---- what comes later

static bool hangs_on_load(const vy__ptx *p, uint32_t v, uint32_t depth) {
  const vy__value *x = value_at(p, v);
  if (x->op == VY__OP_LOAD)
    return true;
  for (uint32_t k = 0; depth && k < 3 && x->a[k] != VY__NONE; k++)
    if (hangs_on_load(p, x->a[k], depth - 1))
      return true;
  return false;
}

// Of the part under `v`: loads by what was loaded, and what needs them. What
// another condition has stays there.
static bool find_later(vy__ptx *p, uint32_t v, uint32_t stmt, uint32_t depth) {
  const vy__value *x = value_at(p, v);
  if (!depth || !is_own(p, v, stmt) || p->demand[v] > CLAIMED)
    return false;
  bool later = x->op == VY__OP_LOAD && hangs_on_load(p, x->a[0], DEPTH);
  for (uint32_t k = 0; k < 3 && x->a[k] != VY__NONE; k++)
    later = find_later(p, x->a[k], stmt, depth - 1) || later;
  if (later)
    p->demand[v] = LATER;
  return later;
}

typedef struct parts {
  uint32_t list[MOST_PARTS], count, op, stmt;
  bool many;  // more than fit
  bool claim; // what lies between is INNER from now on
} parts;

static void find_parts(vy__ptx *p, uint32_t v, parts *t, uint32_t depth) {
  for (uint32_t k = 0; k < 2; k++) {
    uint32_t o = value_at(p, v)->a[k];
    if (depth && is_condition(p, o) && value_at(p, o)->op == t->op &&
        is_own(p, o, t->stmt)) {
      find_parts(p, o, t, depth - 1);
      if (t->claim)
        p->demand[o] = INNER;
    } else if (t->count < MOST_PARTS) {
      t->list[t->count++] = o;
    } else {
      t->many = true;
    }
  }
}

static parts parts_of(vy__ptx *p, uint32_t v, uint32_t stmt, bool claim) {
  parts t = {.op = value_at(p, v)->op, .stmt = stmt, .claim = claim};
  find_parts(p, v, &t, MOST_PARTS);
  return t;
}

static void find_root(vy__ptx *p, uint32_t v, uint32_t stmt) {
  bool later = false;
  parts t = parts_of(p, v, stmt, false);
  for (uint32_t k = 0; k < t.count && !t.many; k++)
    later = find_later(p, t.list[k], stmt, DEPTH) || later;
  if (!later)
    return;
  (void)parts_of(p, v, stmt, true);
  p->demand[v] = ROOT;
}

void vy__ptx_find_demand(vy__ptx *p, uint32_t stmt) {
  const uint32_t *next = p->schedule.next;
  uint32_t first = p->schedule.first[stmt];
  for (uint32_t v = first; v != VY__NONE; v = next[v])
    p->demand[v] = MADE;
  if (p->strict || p->survives)
    return;
  for (uint32_t v = first; v != VY__NONE; v = next[v])
    for (uint32_t k = 0; k < 2 && is_condition(p, v); k++) {
      uint32_t o = value_at(p, v)->a[k];
      if (value_at(p, o)->op == value_at(p, v)->op && is_own(p, o, stmt))
        p->demand[o] = CLAIMED;
    }
  for (uint32_t v = first; v != VY__NONE; v = next[v])
    if (is_condition(p, v) && p->demand[v] == MADE)
      find_root(p, v, stmt);
  for (uint32_t v = first; v != VY__NONE; v = next[v])
    if (p->demand[v] == CLAIMED)
      p->demand[v] = MADE;
}

// ---- making it

static void make_later(vy__ptx *p, uint32_t v) {
  const vy__value *x = value_at(p, v);
  for (uint32_t k = 0; k < 3 && x->a[k] != VY__NONE; k++)
    if (p->demand[x->a[k]] == LATER)
      make_later(p, x->a[k]);
  vy__ptx_make(p, v);
}

// Lanes for which the parts so far, whose result is `so_far` ("": none), leave
// it open, of those of the arm at hand.
static vy__reg still_open(vy__ptx *p, vy__reg so_far, bool all) {
  vy__reg open = so_far, arm = p->arm;
  if (so_far.s[0] && !all) {
    open = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "not.pred %s, %s", open.s, so_far.s);
  }
  if (!arm.s[0] || !open.s[0])
    return open.s[0] ? open : arm;
  vy__reg both = vy__ptx_temp(p, VY__PTX_P);
  if (arm.s[0] == '!') {
    vy__reg not = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "not.pred %s, %s", not .s, arm.s + 1);
    arm = not ;
  }
  vy__ptx_line(p, "and.pred %s, %s, %s", both.s, open.s, arm.s);
  return both;
}

static vy__reg join(vy__ptx *p, vy__reg so_far, uint32_t part, bool all) {
  vy__reg x = vy__ptx_use(p, part);
  if (!so_far.s[0])
    return x;
  vy__reg d = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "%s.pred %s, %s, %s", all ? "and" : "or", d.s, so_far.s, x.s);
  return d;
}

static void make_root(vy__ptx *p, uint32_t root, uint32_t stmt) {
  parts t = parts_of(p, root, stmt, false);
  bool all = t.op == VY__OP_AND;
  uint32_t later[MOST_PARTS], n = 0;
  vy__reg so_far = {""}, before = p->arm;
  for (uint32_t k = 0; k < t.count; k++)
    if (p->demand[t.list[k]] == LATER)
      later[n++] = t.list[k];
    else
      so_far = join(p, so_far, t.list[k], all);
  for (uint32_t k = 0; k < n; k += AT_ONCE) {
    uint32_t end = k + AT_ONCE < n ? k + AT_ONCE : n;
    p->arm = still_open(p, so_far, all);
    for (uint32_t i = k; i < end; i++)
      make_later(p, later[i]);
    p->arm = before;
    for (uint32_t i = k; i < end; i++)
      so_far = join(p, so_far, later[i], all);
  }
  vy__ptx_line(p, "mov.pred %s, %s", vy__ptx_use(p, root).s, so_far.s);
}

bool vy__ptx_demand(vy__ptx *p, uint32_t v, uint32_t stmt) {
  if (p->demand[v] == ROOT)
    make_root(p, v, stmt);
  return p->demand[v] != MADE;
}

// ---- uses

static void count_use(uint32_t *uses, uint32_t v) {
  if (v != VY__NONE)
    uses[v]++;
}

void vy__ptx_count_uses(const vy__ptx *p, uint32_t *uses) {
  for (uint32_t i = 0; i < p->ir->value_count; i++)
    for (uint32_t k = 0; k < 3; k++)
      count_use(uses, value_at(p, i)->a[k]);
  for (uint32_t i = 0; i < p->ir->stmt_count; i++) {
    const vy__stmt *s = &p->ir->stmts[i];
    if (s->kind == VY__STMT_IF || s->kind == VY__STMT_COND)
      count_use(uses, s->a);
    if (s->kind == VY__STMT_FOR) {
      count_use(uses, s->b);
      count_use(uses, s->c);
      count_use(uses, s->d);
    }
  }
}

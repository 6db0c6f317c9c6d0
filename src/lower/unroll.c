// unroll: `for` loops with constant bounds whose index says which element of
// a private array is meant are written out, so that the pass `arrays` sees
// constant indices. Only where that helps: where all accesses of an array
// become constant by it. What this adds to a program is bounded. Budgets
// count trips, so with them no loop is touched.
#include "lower/pass.h"

enum {
  MAX_TRIPS = 64,
  MAX_LOOP = 4096,   // values and statements of one loop written out
  MAX_TOTAL = 16384, // likewise, of all
  MAX_ROUNDS = 8,    // of choosing
};

typedef struct unroll {
  vy__rewrite r;
  uint8_t *trips;  // by statement: of a FOR that may be written out; else 0
  uint8_t *taken;  // by statement: a FOR that is
  uint8_t *fixed;  // by value: constant once the loops are written out
  uint8_t *needed; // by value: for the index of an array that `arrays` takes
  uint8_t *suits;  // by private array
  uint32_t *home;  // by value: the FOR of an index
  uint32_t *match;
  void *block;
  size_t block_size;
} unroll;

static bool setup(unroll *u, const vy__ir *in) {
  size_t v = in->value_count, n = in->stmt_count, arrays = in->private_count;
  u->block_size = (v + n) * sizeof(uint32_t) + 2 * (v + n) + arrays;
  u->block = vy__calloc(in->alloc, u->block_size, 1);
  if (!u->block)
    return false;
  u->home = u->block;
  u->match = u->home + v;
  u->trips = (uint8_t *)(u->match + n);
  u->taken = u->trips + n;
  u->fixed = u->taken + n;
  u->needed = u->fixed + v;
  u->suits = u->needed + v;
  return vy__ir_match(in, u->match);
}

// ---- which loops could be

static vy__wide number(const vy__ir *in, uint32_t id) {
  const vy__value *v = &in->values[id];
  if (v->type == VY_TYPE_I32)
    return (int32_t)v->imm;
  return vy__is_signed((vy_type)v->type) ? (vy__wide)(int64_t)v->imm
                                         : (vy__wide)v->imm;
}

static uint8_t trips_of(const vy__ir *in, const vy__stmt *s) {
  if (in->values[s->b].op != VY__OP_CONST ||
      in->values[s->c].op != VY__OP_CONST ||
      in->values[s->d].op != VY__OP_CONST)
    return 0;
  vy__wide lo = number(in, s->b), hi = number(in, s->c),
           step = number(in, s->d);
  if (step <= 0 || hi <= lo || (hi - lo - 1) / step >= MAX_TRIPS)
    return 0;
  return (uint8_t)((hi - lo - 1) / step + 1);
}

// What may not stand twice, or leaves a trip early, refuses the loops around
// it: all, or for jumps of a loop the one that it belongs to.
static void find_loops(unroll *u, const vy__ir *in) {
  uint32_t open[VY__MAX_NESTING], depth = 0;
  for (uint32_t i = 0; i < in->stmt_count; i++) {
    const vy__stmt *s = &in->stmts[i];
    bool jump = s->kind == VY__STMT_BREAK || s->kind == VY__STMT_CONTINUE;
    if (s->kind == VY__STMT_END)
      depth--;
    if (vy__is_opener(s->kind))
      open[depth++] = i;
    if (s->kind == VY__STMT_FOR) {
      u->trips[i] = trips_of(in, s);
      u->home[s->a] = i;
    }
    if (!jump && s->kind != VY__STMT_LEAVE && s->kind != VY__STMT_RETURN &&
        s->kind != VY__STMT_ARRAY)
      continue;
    for (uint32_t k = depth; k-- > 0;) {
      uint32_t around = in->stmts[open[k]].kind;
      u->trips[open[k]] = 0;
      if ((s->kind == VY__STMT_LEAVE && around == VY__STMT_BLOCK) ||
          (jump && (around == VY__STMT_FOR || around == VY__STMT_WHILE)))
        break;
    }
  }
}

// ---- which loops should be

static bool is_fixed(const unroll *u, const vy__ir *in, uint32_t id) {
  const vy__value *v = &in->values[id];
  if (v->op == VY__OP_CONST)
    return true;
  if (v->op == VY__OP_LOOP_INDEX)
    return u->trips[u->home[id]];
  if (vy__op_row(v->op)->effect != VY__EFFECT_PURE)
    return false;
  for (int k = 0; k < 3; k++)
    if (v->a[k] != VY__NONE && !u->fixed[v->a[k]])
      return false;
  return true;
}

static void choose(unroll *u, const vy__ir *in) {
  uint32_t length;
  for (uint32_t k = 0; k < in->private_count; k++)
    u->suits[k] = vy__array_suits(in, k, &length);
  for (uint32_t i = 0; i < in->value_count; i++) {
    const vy__value *v = &in->values[i];
    u->fixed[i] = is_fixed(u, in, i);
    u->needed[i] = 0;
    if (vy__is_private(v) && !u->fixed[v->a[0]])
      u->suits[v->ref] = 0;
  }
  memset(u->taken, 0, in->stmt_count);
  for (uint32_t i = in->value_count; i-- > 0;) {
    const vy__value *v = &in->values[i];
    if (vy__is_private(v) && u->suits[v->ref])
      u->needed[v->a[0]] = 1;
    if (!u->needed[i])
      continue;
    if (v->op == VY__OP_LOOP_INDEX)
      u->taken[u->home[i]] = 1;
    for (int k = 0; k < 3; k++)
      if (v->a[k] != VY__NONE)
        u->needed[v->a[k]] = 1;
  }
}

static uint64_t largest(const vy__stmt *s, uint64_t before) {
  const uint32_t ids[] = {s->a, s->b, s->c, s->d};
  for (size_t k = 0; s->kind != VY__STMT_ARRAY && k < VY__COUNT(ids); k++)
    if (ids[k] != VY__NONE && ids[k] + 1 > before)
      before = ids[k] + 1;
  return before;
}

// Refuses loops that would grow too much; false when there were any.
static bool bound(unroll *u, const vy__ir *in) {
  // By depth: values and statements before the block, growth before it.
  uint64_t from[VY__MAX_NESTING], before[VY__MAX_NESTING];
  uint32_t open[VY__MAX_NESTING], depth = 0;
  uint64_t values = 0, grown = 0;
  bool fine = true;
  for (uint32_t i = 0; i < in->stmt_count; i++) {
    const vy__stmt *s = &in->stmts[i];
    values = largest(s, values);
    if (vy__is_opener(s->kind)) {
      open[depth] = i;
      from[depth] = values + i;
      before[depth++] = grown;
    }
    if (s->kind != VY__STMT_END)
      continue;
    uint32_t loop = open[--depth];
    if (!u->taken[loop])
      continue;
    uint64_t size = values + i - from[depth] + grown - before[depth];
    uint64_t more = size * u->trips[loop];
    if (more > MAX_LOOP || before[depth] + more > MAX_TOTAL)
      u->trips[loop] = fine = 0;
    else
      grown = before[depth] + more;
  }
  return fine && values + grown <= VY__MAX_VALUES &&
         in->stmt_count + grown <= VY__MAX_STATEMENTS;
}

// Any?
static bool decide(unroll *u, const vy__ir *in) {
  find_loops(u, in);
  bool settled = false;
  for (int round = 0; round < MAX_ROUNDS && !settled; round++) {
    choose(u, in);
    settled = bound(u, in);
  }
  return settled && memchr(u->taken, 1, in->stmt_count);
}

// ---- writing them out

static uint32_t make(vy__rewrite *r, uint32_t id) {
  vy__value v;
  return vy__rewrite_operands(r, id, &v) ? vy__fold_make(r, v, id) : VY__NONE;
}

static void write_out(unroll *u, uint32_t from, uint32_t to);

// Once for each trip; values that the body reaches first are made each time.
static void write_trips(unroll *u, uint32_t i) {
  vy__rewrite *r = &u->r;
  const vy__stmt *s = &r->in->stmts[i];
  vy_type t = (vy_type)r->in->values[s->a].type;
  uint64_t at = r->in->values[s->b].imm, step = r->in->values[s->d].imm;
  uint32_t next = r->next;
  for (uint32_t k = 0; k < u->trips[i] && !r->failed; k++, at += step) {
    r->next = next;
    r->map[s->a] = vy__rewrite_const(r, t, at & vy__all_ones(t), s->a);
    write_out(u, i + 1, r->match[i]);
  }
}

static void write_out(unroll *u, uint32_t from, uint32_t to) {
  vy__rewrite *r = &u->r;
  for (uint32_t i = from; i < to && !r->failed; i++) {
    vy__rewrite_reach(r, i, make);
    if (u->taken[i]) {
      write_trips(u, i);
      i = r->match[i]; // its END
    } else {
      vy__rewrite_stmt(r, i);
    }
  }
}

bool vy__pass_unroll(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  if (env->flags & VY_COMPILE_BUDGETED || !in->private_count)
    return vy__ir_copy(in, out);
  unroll u = {.block = NULL};
  bool ok = setup(&u, in);
  if (ok && decide(&u, in)) {
    ok = vy__rewrite_begin(&u.r, env, in);
    if (ok) {
      write_out(&u, 0, in->stmt_count);
      ok = vy__rewrite_end(&u.r, out);
    }
  } else {
    ok = ok && vy__ir_copy(in, out);
  }
  if (u.block)
    vy__free(in->alloc, u.block, u.block_size);
  return ok;
}

// The determinism class. A program is `deterministic` when every written
// buffer is touched by each lane only at elements of its own, or by atomics
// whose order cannot show; `order_dependent` when an atomic's answer, or an
// atomic that does not commute, can show the order of lanes; otherwise it has
// one result for every run without races. Proofs are simple and safe: what is
// not proved is not claimed.
#include "validate/internal.h"

typedef struct classify {
  vy__validation *v;
  const vy__ir *ir;
  uint8_t *used; // per value: has a user
  bool failed;
} classify;

// What happens to one buffer or group array.
typedef struct memory_use {
  uint32_t plain; // loads and stores that are no atomics
  uint32_t plain_writes;
  uint32_t atomics;
  uint32_t kind; // the one atomic operation; 0 none, VY__NONE several
} memory_use;

enum { MAX_NOTES = 256 }; // more are counted into the class, not kept

static void note(classify *c, uint32_t stmt, uint32_t class, const char *text) {
  vy_program *p = c->v->program;
  if (class > p->determinism)
    p->determinism = class;
  if (p->note_count == MAX_NOTES)
    return;
  size_t old = p->note_count * sizeof *p->notes;
  vy__order_note *notes =
      vy__realloc(c->ir->alloc, p->notes, old, old + sizeof *notes);
  if (!notes) {
    c->failed = true;
    return;
  }
  p->notes = notes;
  p->notes[p->note_count++] = (vy__order_note){stmt, class, text};
}

// An index that differs for any two lanes: the lane itself, also converted to
// another integer type (all of those keep 32 bits apart).
static bool is_own_index(const classify *c, uint32_t id) {
  const vy__value *x = &c->ir->values[id];
  while (x->op == VY__OP_CONVERT && vy__is_int(x->type))
    x = &c->ir->values[x->a[0]];
  return x->op == VY__OP_LANE && c->ir->dimensions == 1;
}

static bool reads_bytes(const vy__op_info *row) {
  return row->sig == VY__SIG_BYTES_LOAD32 || row->sig == VY__SIG_BYTES_LOAD64;
}

static bool stores_bytes(const vy__op_info *row) {
  return row->sig == VY__SIG_BYTES_STORE32 || row->sig == VY__SIG_BYTES_STORE64;
}

// Does `x` touch memory that lanes share, and which? The index into the uses:
// parameters first, then group arrays; VY__NONE: no.
static uint32_t memory_of(const classify *c, const vy__value *x) {
  const vy__op_info *row = vy__op_row(x->op);
  if (x->space == VY__SPACE_GROUP)
    return c->ir->param_count + x->ref;
  if (x->space == VY__SPACE_BUFFER || reads_bytes(row) || stores_bytes(row))
    return c->ir->params[x->ref].access == VY_ACCESS_READ ? VY__NONE : x->ref;
  return VY__NONE;
}

static bool own_access(const classify *c, const vy__value *x) {
  const vy__op_info *row = vy__op_row(x->op);
  return x->space == VY__SPACE_BUFFER && !reads_bytes(row) &&
         !stores_bytes(row) && is_own_index(c, x->a[0]);
}

static void gather(const classify *c, memory_use *uses) {
  for (uint32_t i = 0; i < c->ir->value_count; i++) {
    const vy__value *x = &c->ir->values[i];
    uint32_t m = memory_of(c, x);
    if (m == VY__NONE)
      continue;
    const vy__op_info *row = vy__op_row(x->op);
    memory_use *u = &uses[m];
    if (row->effect == VY__EFFECT_ATOMIC) {
      u->kind = u->atomics++ && u->kind != x->op ? VY__NONE : x->op;
    } else {
      u->plain++;
      u->plain_writes += row->effect == VY__EFFECT_WRITE;
    }
  }
}

static void judge_atomic(classify *c, uint32_t stmt, const vy__value *x,
                         const memory_use *u) {
  const vy__op_info *row = vy__op_row(x->op);
  bool reads = row->sig == VY__SIG_ATOMIC0;
  if (reads && u->kind == x->op && !u->plain_writes)
    return; // nothing but loads
  if (!(row->laws & VY__LAW_COMM) && !reads)
    note(c, stmt, VY_ORDER_DEPENDENT,
         "this atomic does not commute: the last lane wins");
  else if (c->used[c->ir->stmts[stmt].a])
    note(c, stmt, VY_ORDER_DEPENDENT,
         "the value that this atomic returns depends on the order of lanes");
  else if (u->kind == VY__NONE)
    note(c, stmt, VY_ORDER_DEPENDENT,
         "different atomics on one memory do not commute");
  if (u->plain) // even at the lane's own element: atomics reach any
    note(c, stmt, VY_DETERMINISTIC_IF_RACE_FREE,
         "the memory of this atomic is also accessed without atomics");
}

static void judge(classify *c, uint32_t stmt, const memory_use *uses) {
  const vy__value *x = &c->ir->values[c->ir->stmts[stmt].a];
  uint32_t m = memory_of(c, x);
  if (m == VY__NONE)
    return;
  const memory_use *u = &uses[m];
  const vy__op_info *row = vy__op_row(x->op);
  if (row->effect == VY__EFFECT_ATOMIC)
    judge_atomic(c, stmt, x, u);
  else if (u->plain_writes && !own_access(c, x))
    note(c, stmt, VY_DETERMINISTIC_IF_RACE_FREE,
         "this access is not proved to be the lane's own");
}

static void mark_used(classify *c) {
  const vy__ir *ir = c->ir;
  for (uint32_t i = 0; i < ir->value_count; i++)
    for (int k = 0; k < 3; k++)
      if (ir->values[i].a[k] != VY__NONE)
        c->used[ir->values[i].a[k]] = 1;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *s = &ir->stmts[i];
    if (s->kind == VY__STMT_IF || s->kind == VY__STMT_COND)
      c->used[s->a] = 1;
    if (s->kind == VY__STMT_FOR)
      c->used[s->b] = c->used[s->c] = c->used[s->d] = 1;
  }
}

void vy__classify(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  classify c = {.v = v, .ir = ir};
  uint32_t memories = ir->param_count + ir->group_count;
  memory_use *uses = vy__calloc(ir->alloc, memories, sizeof *uses);
  c.used = vy__calloc(ir->alloc, ir->value_count, 1);
  c.failed = !uses || !c.used;
  if (!c.failed) {
    mark_used(&c);
    gather(&c, uses);
  }
  for (uint32_t i = 0; !c.failed && i < ir->stmt_count; i++)
    if (ir->stmts[i].kind == VY__STMT_EXEC)
      judge(&c, i, uses);
  vy__free(ir->alloc, c.used, ir->value_count);
  vy__free(ir->alloc, uses, memories * sizeof *uses);
  if (c.failed)
    vy__validation_oom(v);
}

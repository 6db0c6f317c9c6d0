// Loops that carry more vectors from trip to trip than there are registers:
// sums of products, many to a lane. Where each carried variable goes its own
// way, the loop is run several times, each time for as many of them as fit;
// what the runs share are loads, which are cheaper to repeat than variables
// are to keep in memory.
#include "backend/cpu/emit/control.h"

enum {
  DEPTH = 8,   // operands looked through
  MOST = 1024, // statements of a loop that is looked at
};

typedef struct look {
  const vy__flow *f;
  uint32_t index;     // the loop's: what is made in it has higher numbers
  uint32_t stmt, end; // of the loop
  uint32_t var;       // the variable whose next value is looked at
  uint32_t all;       // registers of all that it sets
} look;

static const vy__value *value_at(const look *l, uint32_t id) {
  return &l->f->ir->values[id];
}

static uint32_t sets_of(const look *l, uint32_t var) {
  uint32_t count = 0;
  for (uint32_t s = l->stmt + 1; s < l->end; s++) {
    const vy__value *v = value_at(l, stmt_at(l->f, s)->a);
    count += v->op == VY__OP_VAR_SET && v->ref == var;
  }
  return count;
}

// May every run make it again?
static bool is_cheap(const vy__value *v) {
  return v->op == VY__OP_LOAD || (vy__is_int((vy_type)v->type) &&
                                  vy__op_row(v->op)->laws & VY__LAW_LINEAR);
}

// Does `id` need no other variable that the loop sets, and is what it shares
// with others cheap? `own`: nothing else uses what uses it.
static bool is_apart(const look *l, uint32_t id, bool own, uint32_t depth) {
  const vy__value *v = value_at(l, id);
  if (id <= l->index || vy__op_row(v->op)->effect == VY__EFFECT_LEAF)
    return true;
  own = own && l->f->uses[id] == 1;
  if (v->op == VY__OP_VAR_GET)
    return (own && v->ref == l->var) || !sets_of(l, v->ref);
  if (!depth || (!own && !is_cheap(v)))
    return false;
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++)
    if (!is_apart(l, v->a[k], own, depth - 1))
      return false;
  return true;
}

static uint32_t register_bits(const vy__emit *e) {
  return e->isa == VY__ISA_AVX512 ? 512 : e->isa == VY__ISA_AVX2 ? 256 : 128;
}

// The registers that variable `var` takes.
static uint32_t weight(const vy__flow *f, uint32_t var) {
  const vy__var_slot *slot = &f->vars[var];
  uint32_t bits = vy__type_bits((vy_type)f->ir->vars[var]) * f->e->width;
  if (slot->uniform || !slot->used)
    return 0;
  return (bits + register_bits(f->e) - 1) / register_bits(f->e);
}

// Nothing but loads and variables?
static bool is_plain(const look *l) {
  for (uint32_t s = l->stmt + 1; s < l->end; s++) {
    if (stmt_at(l->f, s)->kind != VY__STMT_EXEC)
      return false;
    uint32_t op = value_at(l, stmt_at(l->f, s)->a)->op;
    if (op != VY__OP_LOAD && !vy__op_is_variable(op))
      return false;
  }
  return l->end - l->stmt <= MOST;
}

// The registers that the variables take which the loop sets, if each is set
// once and on its own; else 0.
static uint32_t weight_apart(look *l) {
  uint32_t sum = 0;
  for (uint32_t s = l->stmt + 1; s < l->end; s++) {
    const vy__value *v = value_at(l, stmt_at(l->f, s)->a);
    if (v->op != VY__OP_VAR_SET)
      continue;
    l->var = v->ref;
    if (sets_of(l, v->ref) != 1 || !is_apart(l, v->a[0], true, DEPTH))
      return 0;
    sum += weight(l->f, v->ref);
  }
  return sum;
}

// How many times the loop at `i` is run.
static uint32_t parts_of(const vy__flow *f, uint32_t i, look *l) {
  uint32_t registers = f->e->isa == VY__ISA_AVX512 ? 32 : 16;
  *l = (look){
      .f = f, .index = stmt_at(f, i)->a, .stmt = i, .end = partner(f, i)};
  if (f->e->width == 1 || f->strict || f->budgeted ||
      !vy__flow_uniform_loop(f, i) || !is_plain(l))
    return 1;
  l->all = weight_apart(l);
  // Some registers are for what is loaded.
  return l->all > registers * 5 / 8
             ? (l->all + registers / 2 - 1) / (registers / 2)
             : 1;
}

// Only assignments of this part are made from here on.
static void take(vy__flow *f, const look *l, uint32_t part, uint32_t parts) {
  uint32_t sum = 0;
  f->sets_from = UINT32_MAX;
  f->sets_to = UINT32_MAX;
  for (uint32_t s = l->stmt + 1; s < l->end; s++) {
    uint32_t id = stmt_at(f, s)->a;
    if (value_at(l, id)->op != VY__OP_VAR_SET)
      continue;
    if (f->sets_from == UINT32_MAX && sum >= l->all * part / parts)
      f->sets_from = id;
    if (part + 1 < parts && sum >= l->all * (part + 1) / parts) {
      f->sets_to = id;
      return;
    }
    sum += weight(f, value_at(l, id)->ref);
  }
}

// Do `what` to the variables of this part that are in memory.
static void move(vy__flow *f, const look *l, void what(vy__flow *, uint32_t)) {
  for (uint32_t s = l->stmt + 1; s < l->end; s++) {
    uint32_t id = stmt_at(f, s)->a, var = value_at(l, id)->ref;
    if (value_at(l, id)->op == VY__OP_VAR_SET && id >= f->sets_from &&
        id < f->sets_to && f->vars[var].by_parts)
      what(f, var);
  }
}

void vy__flow_for(vy__flow *f, uint32_t i) {
  look l;
  uint32_t parts = parts_of(f, i, &l);
  if (parts == 1) {
    vy__flow_run_for(f, i);
    return;
  }
  for (uint32_t part = 0; part < parts; part++) {
    take(f, &l, part, parts);
    move(f, &l, vy__kept_take);
    vy__flow_run_for(f, i);
    move(f, &l, vy__kept_put);
  }
  f->sets_from = 0;
  f->sets_to = UINT32_MAX;
}

// ---- what is in registers for its part only

static uint32_t count_of(const vy__flow *f, uint32_t from, uint32_t to,
                         uint32_t var) {
  uint32_t count = 0;
  for (uint32_t s = from; s < to; s++) {
    const vy__stmt *t = stmt_at(f, s);
    if (t->kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = &f->ir->values[t->a];
    count += vy__op_is_variable(v->op) && v->ref == var;
  }
  return count;
}

void vy__parts_find(vy__flow *f, uint32_t from, uint32_t to) {
  look l;
  for (uint32_t v = 0; v < f->ir->var_count; v++)
    f->vars[v].by_parts = false;
  for (uint32_t i = from; i < to; i++) {
    if (stmt_at(f, i)->kind != VY__STMT_FOR || parts_of(f, i, &l) == 1)
      continue;
    for (uint32_t s = i + 1; s < l.end; s++) {
      uint32_t id = stmt_at(f, s)->a, var = value_at(&l, id)->ref;
      if (value_at(&l, id)->op != VY__OP_VAR_SET)
        continue;
      vy__var_slot *slot = &f->vars[var];
      slot->by_parts = slot->used && slot->kept && !slot->uniform &&
                       count_of(f, from, to, var) == count_of(f, i, l.end, var);
    }
  }
}

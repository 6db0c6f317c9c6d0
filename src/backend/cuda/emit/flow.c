// Statements: ordered operations and structured control, as branches.
//
// A lane out of budget jumps to its end. Where lanes meet (`survives`) it
// cannot: it goes on with `alive` false, past whatever is its own, and takes
// part in the group's control. Statements in which lanes meet, and jumps of
// the whole group out of such, are the group's; a decision of the group is
// that of its lanes that are alive.
#include "backend/cuda/emit/emit.h"

static const vy__stmt *stmt_at(const vy__ptx *p, uint32_t i) {
  return &p->ir->stmts[i];
}

static bool opens(uint32_t kind) {
  return kind == VY__STMT_IF || kind == VY__STMT_WHILE ||
         kind == VY__STMT_FOR || kind == VY__STMT_BLOCK;
}

uint32_t vy__ptx_after(const vy__ptx *p, uint32_t i) {
  if (!opens(stmt_at(p, i)->kind))
    return i + 1;
  while (stmt_at(p, i)->kind != VY__STMT_END)
    i = p->program->match[i];
  return i + 1;
}

const char *vy__ptx_bra(const vy__ptx *p, uint32_t stmt, uint32_t cond) {
  bool together = p->program->stmt_uniform[stmt] && !p->survives &&
                  (cond == VY__NONE || p->program->value_uniform[cond]);
  return together ? "bra.uni" : "bra";
}

vy__reg vy__ptx_decide(vy__ptx *p, uint32_t stmt, vy__reg cond) {
  if (!p->survives || !p->group_level[stmt])
    return cond;
  vy__reg d = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "and.pred %s, %s, alive", d.s, cond.s);
  vy__ptx_line(p, "barrier.red.or.pred %s, 0, %s", d.s, d.s);
  return d;
}

// ---- what is the group's

static bool meets_here(const vy__ptx *p, const vy__stmt *s) {
  if (s->kind != VY__STMT_EXEC)
    return false;
  uint32_t effect = vy__op_row(p->ir->values[s->a].op)->effect;
  return effect == VY__EFFECT_COLLECTIVE || effect == VY__EFFECT_SYNC;
}

bool vy__ptx_find_group_level(vy__ptx *p) {
  p->group_level = vy__calloc(p->job->alloc, p->ir->stmt_count + 1, 1);
  if (!p->group_level)
    return false;
  for (uint32_t i = 0; i < p->ir->stmt_count; i++)
    p->group_level[i] = meets_here(p, stmt_at(p, i));
  vy__group_level(p->program, p->group_level);
  return true;
}

// ---- ordered operations

void vy__ptx_barrier(vy__ptx *p) {
  vy__ptx_line(p, p->packed ? "bar.warp.sync 0xffffffff" : "barrier.sync 0");
  p->unsettled = false;
}

void vy__ptx_settle(vy__ptx *p) {
  if (p->unsettled)
    vy__ptx_barrier(p);
}

// `guard`: "@p " or "".
static void copy(vy__ptx *p, const char *guard, vy_type type, const char *d,
                 const char *a) {
  static const char *const names[] = {"b32", "b64", "pred"};
  vy__ptx_line(p, "%smov.%s %s, %s", guard, names[vy__ptx_class_of(type)], d,
               a);
}

static vy__reg variable(const vy__ptx *p, uint32_t ref) {
  static const char letters[] = "rlp";
  vy_type type = (vy_type)p->ir->vars[ref];
  uint32_t more = p->abreast ? p->copy * (p->ir->var_count + 1) : 0;
  return vy__ptx_name("v%c%u", letters[vy__ptx_class_of(type)], ref + more);
}

static void set_variable(vy__ptx *p, const char *guard, const vy__value *v) {
  copy(p, guard, (vy_type)p->ir->vars[v->ref], variable(p, v->ref).s,
       vy__ptx_use(p, v->a[0]).s);
}

void vy__ptx_execute(vy__ptx *p, uint32_t id) {
  const vy__value *v = &p->ir->values[id];
  const vy__op_info *row = vy__op_row(v->op);
  switch (row->sig) {
  case VY__SIG_VAR:
    copy(p, "", (vy_type)v->type, vy__ptx_use(p, id).s, variable(p, v->ref).s);
    return;
  case VY__SIG_VARSET:
    set_variable(p, "", v);
    return;
  case VY__SIG_LOAD:
    vy__ptx_load(p, id);
    return;
  case VY__SIG_STORE:
    vy__ptx_store(p, id);
    return;
  }
  switch (row->effect) {
  case VY__EFFECT_SYNC:
    vy__ptx_barrier(p);
    break;
  case VY__EFFECT_COLLECTIVE:
    vy__ptx_collective(p, id);
    break;
  case VY__EFFECT_ATOMIC:
    vy__ptx_atomic(p, id);
    break;
  case VY__EFFECT_READ:
    vy__ptx_bytes_load(p, id);
    break;
  default:
    vy__ptx_bytes_store(p, id);
  }
}

static void zero_variables(vy__ptx *p) {
  static const char *const zeros[] = {"mov.b32 %s, 0", "mov.b64 %s, 0",
                                      "setp.ne.u32 %s, 0, 0"};
  for (uint32_t i = 0; i < p->ir->var_count; i++) {
    vy__reg r = variable(p, i);
    uint32_t class = vy__ptx_class_of((vy_type)p->ir->vars[i]);
    vy__ptx_line(p, zeros[class], r.s);
  }
}

void vy__ptx_variables(vy__ptx *p) {
  for (uint32_t k = 0; k < vy__ptx_times(p, VY__NONE); k++) {
    vy__ptx_turn(p, k);
    zero_variables(p);
  }
  vy__ptx_turn(p, 0);
}

// ---- control

static void jump(vy__ptx *p, uint32_t i) {
  uint32_t kind = stmt_at(p, i)->kind, to = p->lane_end;
  vy__ptx_frame *f = p->frame;
  if (kind == VY__STMT_LEAVE)
    while (f->kind != VY__STMT_BLOCK)
      f = f->up;
  else if (kind != VY__STMT_RETURN)
    while (f->kind == VY__STMT_BLOCK)
      f = f->up;
  if (kind != VY__STMT_RETURN)
    to = kind == VY__STMT_CONTINUE ? f->latch : f->exit;
  vy__ptx_line(p, "%s L%u", vy__ptx_bra(p, i, VY__NONE), to);
}

enum { CHEAP_ARM = 16 }; // cost of what is computed, not jumped over

// Few values: predicates beat a jump. With `memory`, accesses too.
static bool is_cheap(const vy__ptx *p, uint32_t from, uint32_t to,
                     bool memory) {
  uint32_t cost = 0;
  for (uint32_t i = from; i < to; i++) {
    const vy__stmt *s = stmt_at(p, i);
    uint32_t op = s->kind == VY__STMT_EXEC ? p->ir->values[s->a].op : 0;
    bool accesses = vy__op_elements(op) == 1;
    if (!vy__op_is_variable(op) && !(memory && accesses))
      return false;
    cost += accesses;
    for (uint32_t v = p->schedule.first[i]; v != VY__NONE;
         v = p->schedule.next[v]) {
      uint32_t pure = p->ir->values[v].op;
      if (vy__op_row(pure)->effect == VY__EFFECT_READ &&
          !(memory && pure == VY__OP_LOAD))
        return false;
      cost += vy__op_time(pure);
    }
  }
  return cost <= CHEAP_ARM;
}

// Was the variable zero when this trip of the loop came to statement `i`?
static bool was_zero(const vy__ptx *p, uint32_t i, uint32_t var) {
  for (uint32_t s = i; p->unrolled != VY__NONE && s-- > p->unrolled + 1;) {
    const vy__stmt *t = stmt_at(p, s);
    const vy__value *v = t->kind == VY__STMT_EXEC ? &p->ir->values[t->a] : NULL;
    if (v && v->op == VY__OP_VAR_SET && v->ref == var)
      return p->schedule.in[s] == p->schedule.in[i] &&
             p->ir->values[v->a[0]].op == VY__OP_CONST &&
             p->ir->values[v->a[0]].imm == 0;
  }
  return false;
}

// Is it, outside of the arm, what the variable has anyway? A load that came
// early for the arm gives zero there.
static bool needs_no_guard(const vy__ptx *p, const vy__value *v) {
  uint32_t x = v->a[0], k = p->early[x];
  return p->ir->values[x].op == VY__OP_LOAD && k != VY__NONE &&
         p->early_arm[k] == stmt_at(p, p->arm_stmt)->a &&
         was_zero(p, p->arm_stmt, v->ref);
}

static void in_arm(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  if (v->op != VY__OP_VAR_SET)
    vy__ptx_execute(p, value);
  else if (needs_no_guard(p, v))
    set_variable(p, "", v);
  else
    set_variable(p, vy__ptx_name("@%s ", p->arm.s).s, v);
}

// `act`: for the value of a statement, of each lane that the thread has.
static void for_lanes(vy__ptx *p, uint32_t value,
                      void (*act)(vy__ptx *p, uint32_t value)) {
  if (!p->abreast) {
    act(p, value);
    return;
  }
  if (vy__ptx_load_beside(p, value) || vy__ptx_store_beside(p, value))
    return;
  for (uint32_t k = 0; k < p->several; k++) {
    vy__ptx_turn(p, k);
    act(p, value);
  }
  vy__ptx_turn(p, 0);
}

// An arm done by all lanes, whose variables and memory only those touch that
// take it: for whom the condition holds, or does not.
static void predicated(vy__ptx *p, uint32_t from, uint32_t to, uint32_t cond,
                       bool not ) {
  vy__reg before = p->arm;
  p->arm_value = cond;
  p->arm_not = not ;
  vy__ptx_turn(p, p->copy);
  for (uint32_t i = from; i < to; i++) {
    vy__ptx_make_at(p, i);
    for_lanes(p, stmt_at(p, i)->a, in_arm);
  }
  p->arm_value = VY__NONE;
  p->arm = before;
}

bool vy__ptx_is_predicated(const vy__ptx *p, uint32_t i) {
  uint32_t other = p->program->match[i], end = other;
  if (stmt_at(p, other)->kind == VY__STMT_ELSE)
    end = p->program->match[other];
  bool memory = other == end && !p->strict;
  return !p->survives && is_cheap(p, i + 1, other, memory) &&
         (other == end || is_cheap(p, other + 1, end, false));
}

static void predicated_if(vy__ptx *p, uint32_t i, uint32_t other,
                          uint32_t end) {
  p->arm_stmt = i;
  predicated(p, i + 1, other, stmt_at(p, i)->a, false);
  if (other < end)
    predicated(p, other + 1, end, stmt_at(p, i)->a, true);
}

static void do_if(vy__ptx *p, uint32_t i) {
  uint32_t other = p->program->match[i], cond = stmt_at(p, i)->a;
  bool has_else = stmt_at(p, other)->kind == VY__STMT_ELSE;
  uint32_t end = has_else ? p->program->match[other] : other;
  if (p->abreast && vy__ptx_is_joint(p, i)) {
    vy__ptx_if_abreast(p, i);
    return;
  }
  if (vy__ptx_is_predicated(p, i)) {
    predicated_if(p, i, other, end);
    return;
  }
  uint32_t past = vy__ptx_label(p);
  uint32_t to = has_else ? vy__ptx_label(p) : past;
  vy__reg c = vy__ptx_decide(p, i, vy__ptx_use(p, cond));
  vy__ptx_line(p, "@!%s %s L%u", c.s, vy__ptx_bra(p, i, cond), to);
  p->inside++;
  vy__ptx_stmts(p, i + 1, other);
  if (has_else) {
    vy__ptx_line(p, "%s L%u", vy__ptx_bra(p, i, VY__NONE), past);
    vy__ptx_place(p, to);
    vy__ptx_stmts(p, other + 1, end);
  }
  p->inside--;
  vy__ptx_place(p, past);
}

static void do_block(vy__ptx *p, uint32_t i) {
  vy__ptx_frame frame = {.up = p->frame,
                         .stmt = i,
                         .kind = VY__STMT_BLOCK,
                         .exit = vy__ptx_label(p)};
  p->frame = &frame;
  p->inside++;
  vy__ptx_stmts(p, i + 1, p->program->match[i]);
  p->inside--;
  p->frame = frame.up;
  vy__ptx_place(p, frame.exit);
}

static void statement(vy__ptx *p, uint32_t i) {
  uint32_t kind = stmt_at(p, i)->kind;
  vy__ptx_make_at(p, i);
  // Where lanes part, some might not come to the barrier.
  if (kind != VY__STMT_EXEC &&
      !(kind == VY__STMT_IF && vy__ptx_is_predicated(p, i)))
    vy__ptx_settle(p);
  switch ((vy__stmt_kind)kind) {
  case VY__STMT_EXEC:
    for_lanes(p, stmt_at(p, i)->a, vy__ptx_execute);
    break;
  case VY__STMT_IF:
    do_if(p, i);
    break;
  case VY__STMT_WHILE:
    vy__ptx_while(p, i);
    break;
  case VY__STMT_FOR:
    vy__ptx_for(p, i);
    break;
  case VY__STMT_BLOCK:
    do_block(p, i);
    break;
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
    jump(p, i);
    break;
  case VY__STMT_ARRAY:
    vy__ptx_zero_private(p, stmt_at(p, i)->a);
    break;
  case VY__STMT_ELSE:
  case VY__STMT_COND:
  case VY__STMT_END:
    break;
  }
}

// A run of statements that are the lane's own, between meetings.
static uint32_t own_run(vy__ptx *p, uint32_t from, uint32_t to) {
  uint32_t skip = vy__ptx_label(p), before = p->own_end, i = from;
  p->own_end = skip;
  vy__ptx_line(p, "@!alive bra L%u", skip);
  for (; i < to && !p->group_level[i]; i = vy__ptx_after(p, i))
    statement(p, i);
  p->own_end = before;
  vy__ptx_place(p, skip);
  return i;
}

void vy__ptx_stmts(vy__ptx *p, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to;) {
    if (p->survives && p->own_end == VY__NONE && !p->group_level[i]) {
      i = own_run(p, i, to);
      continue;
    }
    uint32_t behind = vy__ptx_store_four(p, i, to);
    if (behind != i) {
      i = behind;
      continue;
    }
    vy__ptx_load_ahead(p, i);
    statement(p, i);
    i = vy__ptx_after(p, i);
  }
}

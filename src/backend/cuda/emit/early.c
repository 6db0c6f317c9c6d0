// What of a loop's body comes first, for all of its copies: pure values and
// loads that only the index and what is outside decide, so that the loads are
// on their way together.
#include "backend/cuda/emit/emit.h"

enum { EARLY_REGISTERS = 128 };

static const vy__stmt *stmt_at(const vy__ptx *p, uint32_t i) {
  return &p->ir->stmts[i];
}

bool vy__ptx_has_branches(const vy__value *x) {
  return vy__is_float((vy_type)x->type) &&
         vy__op_row(x->op)->cost == VY__COST_DEAR;
}

// Before the copies, or among what comes early?
static bool is_there(const vy__ptx *p, uint32_t v) {
  const vy__value *x = &p->ir->values[v];
  bool leaf = vy__op_row(x->op)->effect == VY__EFFECT_LEAF &&
              x->op != VY__OP_LOOP_INDEX;
  return leaf || p->early[v] != VY__NONE || p->schedule.place[v] <= p->unrolled;
}

// `arm`: the `if` in whose arm it stands, or VY__NONE.
static void add_early(vy__ptx *p, uint32_t v, uint32_t arm) {
  vy__ptx_class class = vy__ptx_class_of((vy_type)p->ir->values[v].type);
  p->early[v] = p->early_count;
  p->early_is_of_arm[p->early_count] = arm != VY__NONE;
  p->early_arm[p->early_count] =
      arm != VY__NONE && is_there(p, stmt_at(p, arm)->a) ? stmt_at(p, arm)->a
                                                         : VY__NONE;
  p->early_value[p->early_count] = v;
  p->early_first[p->early_count++] = p->temps[class];
  p->temps[class] += p->copies;
}

static bool is_early(const vy__ptx *p, uint32_t v) {
  const vy__value *x = &p->ir->values[v];
  uint32_t effect = vy__op_row(x->op)->effect;
  if ((effect != VY__EFFECT_PURE && x->op != VY__OP_LOAD) ||
      vy__ptx_has_branches(x))
    return false;
  for (uint32_t k = 0; k < 3 && x->a[k] != VY__NONE; k++)
    if (!is_there(p, x->a[k]))
      return false;
  return true;
}

// At statement `s`, what is placed there; true when some of it loads.
static bool find_early_at(vy__ptx *p, uint32_t s, uint32_t arm) {
  bool loads = false;
  for (uint32_t v = p->schedule.first[s]; v != VY__NONE;
       v = p->schedule.next[v])
    if (p->early_count < VY__PTX_EARLY &&
        (p->early_count + 1) * p->copies <= EARLY_REGISTERS && is_early(p, v)) {
      add_early(p, v, arm);
      loads = loads || p->ir->values[v].op == VY__OP_LOAD;
    }
  return loads;
}

void vy__ptx_forget_early(vy__ptx *p) {
  while (p->early_count > 0)
    p->early[p->early_value[--p->early_count]] = VY__NONE;
}

void vy__ptx_find_early(vy__ptx *p, uint32_t i) {
  bool loads = false;
  add_early(p, stmt_at(p, i)->a, VY__NONE);
  for (uint32_t s = i + 1; s < p->program->match[i]; s = vy__ptx_after(p, s)) {
    loads = find_early_at(p, s, VY__NONE) || loads;
    if (stmt_at(p, s)->kind != VY__STMT_IF || !vy__ptx_is_predicated(p, s))
      continue;
    for (uint32_t t = s + 1; t < vy__ptx_after(p, s); t++)
      loads = find_early_at(p, t, s) || loads;
  }
  if (!loads || p->strict || !p->follows)
    vy__ptx_forget_early(p);
}

// Load `v` of an arm where its condition holds; or anywhere, if that is not
// there yet: it may be out of bounds then.
static void make_of_arm(vy__ptx *p, uint32_t k) {
  bool knows = p->early_arm[k] != VY__NONE;
  if (knows)
    p->arm = vy__ptx_use(p, p->early_arm[k]);
  p->cautious = !knows;
  vy__ptx_make(p, p->early_value[k]);
  p->cautious = false;
  p->arm = (vy__reg){""};
}

void vy__ptx_make_early(vy__ptx *p, vy__reg index, const char *type) {
  for (p->copy = 0; p->early_count && p->copy < p->copies; p->copy++)
    vy__ptx_line(p, "add.%s %s, %s, %u", type,
                 vy__ptx_use(p, p->early_value[0]).s, index.s,
                 p->copy * p->step);
  for (uint32_t k = 1; k < p->early_count; k++)
    for (p->copy = 0; p->copy < p->copies; p->copy++)
      if (p->early_is_of_arm[k])
        make_of_arm(p, k);
      else
        vy__ptx_make(p, p->early_value[k]);
}

// Several lanes of a thread. A lane that loads a word or a few, computes little
// and stores waits most of its time, and as many threads as fit have too few
// bytes on their way to keep the memory busy. So of simple programs a thread
// has four neighbouring lanes and makes each statement for all of them before
// the next: all of their loads are on their way before the first one is waited
// for, and what neighbours load or store goes as one (beside.c). Lanes that
// load nothing gain as well: blocks that store a word a lane start slower than
// the memory takes it, and there are a quarter as many.
//
// Where they would part, at an `if` by the lane's position (a border) in front
// of all stores, only the usual way is made like this. A thread with a lane
// that goes the other way, and one with lanes that do not exist, does its lanes
// one after another from the start.
#include "backend/cuda/emit/emit.h"

enum {
  LANES = VY__PTX_LANES,
  MOST_ACCESSES = 12, // of a lane
  MOST_COST = 64,
  DEEPEST = 8, // of a condition
};

static const vy__stmt *stmt_at(const vy__ptx *p, uint32_t i) {
  return &p->ir->stmts[i];
}

static const vy__value *value_at(const vy__ptx *p, uint32_t v) {
  return &p->ir->values[v];
}

// ---- which programs

// u32 that grows by one from lane to lane, modulo 2^32.
static bool does_grow(const vy__ptx *p, const vy__value *x) {
  if (x->type != VY_TYPE_U32)
    return false;
  if (x->op == VY__OP_LANE)
    return x->ref == 0;
  if (x->op != VY__OP_ADD && x->op != VY__OP_SUB)
    return false;
  uint8_t a = p->varies[x->a[0]], b = p->varies[x->a[1]];
  return (a & VY__PTX_GROWS && !(b & VY__PTX_VARIES)) ||
         (x->op == VY__OP_ADD && b & VY__PTX_GROWS && !(a & VY__PTX_VARIES));
}

static void find_varying(vy__ptx *p) {
  for (uint32_t v = 0; v < p->ir->value_count; v++) {
    const vy__value *x = value_at(p, v);
    uint32_t effect = vy__op_row(x->op)->effect;
    uint8_t varies = 0;
    for (uint32_t k = 0; k < 3 && x->a[k] != VY__NONE; k++)
      varies |= p->varies[x->a[k]] & ~VY__PTX_GROWS;
    if (x->op == VY__OP_LANE && x->ref == 0)
      varies |= VY__PTX_VARIES;
    if (effect != VY__EFFECT_PURE && effect != VY__EFFECT_LEAF)
      varies |=
          VY__PTX_BY_MEMORY | (vy__is_ordered(p->ir, x) ? VY__PTX_VARIES : 0);
    p->varies[v] = varies | (does_grow(p, x) ? VY__PTX_GROWS : 0);
  }
}

typedef struct tally {
  uint32_t loads, stores, cost;
  bool odd; // accesses that are better made by neighbouring threads
} tally;

// Neighbours that go as one, and what all lanes have in common, or find
// somewhere.
static bool goes_well(const vy__ptx *p, uint32_t v) {
  const vy__value *x = value_at(p, v);
  bool grows = p->varies[x->a[0]] & VY__PTX_GROWS;
  bool reads = x->op == VY__OP_LOAD;
  if (x->space != VY__SPACE_BUFFER)
    return reads && x->space == VY__SPACE_TABLE;
  const vy__param *param = &p->ir->params[x->ref];
  vy_type type = (vy_type)p->ir->fields[param->first_field + x->field].type;
  uint32_t bytes = vy__type_bytes(type);
  if (param->element_size != bytes)
    return false;
  if (!grows)
    return reads && (!(p->varies[x->a[0]] & VY__PTX_VARIES) ||
                     p->varies[x->a[0]] & VY__PTX_BY_MEMORY);
  return p->lowered->check[v] != VY__CHECK_FULL;
}

static void count(const vy__ptx *p, uint32_t v, tally *t) {
  const vy__value *x = value_at(p, v);
  t->cost += vy__op_time(x->op);
  if (x->op != VY__OP_LOAD && x->op != VY__OP_STORE)
    return;
  t->loads += x->op == VY__OP_LOAD;
  t->stores += x->op == VY__OP_STORE;
  t->odd = t->odd || !goes_well(p, v);
}

// What is done at statements [from, to).
static tally count_range(const vy__ptx *p, uint32_t from, uint32_t to) {
  tally t = {0};
  for (uint32_t i = from; i < to; i++) {
    if (stmt_at(p, i)->kind == VY__STMT_EXEC)
      count(p, stmt_at(p, i)->a, &t);
    for (uint32_t v = p->schedule.first[i]; v != VY__NONE;
         v = p->schedule.next[v])
      count(p, v, &t);
  }
  return t;
}

static bool jumps_in(const vy__ptx *p, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++)
    if (stmt_at(p, i)->kind >= VY__STMT_BREAK &&
        stmt_at(p, i)->kind <= VY__STMT_RETURN)
      return true;
  return false;
}

// The usual arm of the `if` at `i`, statements [*from, *to): the one that goes
// on, or the one with more to do. Is it the first?
static bool usual_arm(const vy__ptx *p, uint32_t i, uint32_t *from,
                      uint32_t *to) {
  uint32_t middle = p->program->match[i], end = vy__ptx_after(p, i) - 1;
  uint32_t second = middle + (middle < end);
  tally then = count_range(p, i + 1, middle);
  tally other = count_range(p, second, end);
  bool first = then.loads + then.stores >= other.loads + other.stores;
  bool jumps = jumps_in(p, i + 1, middle);
  if (jumps != jumps_in(p, second, end))
    first = !jumps;
  *from = first ? i + 1 : second;
  *to = first ? middle : end;
  return first;
}

static void add(tally *to, tally t) {
  to->loads += t.loads;
  to->stores += t.stores;
  to->cost += t.cost;
  to->odd = to->odd || t.odd;
}

// Statements [from, to) are accesses and variables only.
static bool are_plain(const vy__ptx *p, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++) {
    const vy__stmt *s = stmt_at(p, i);
    uint32_t op = s->kind == VY__STMT_EXEC ? value_at(p, s->a)->op : 0;
    if (op && !vy__op_is_variable(op) && op != VY__OP_LOAD &&
        op != VY__OP_STORE)
      return false;
  }
  return true;
}

// Does the condition change but a few times along the lanes? What one more
// from lane to lane is compared with what all have alike.
static bool is_border(const vy__ptx *p, uint32_t cond, uint32_t depth) {
  const vy__value *v = value_at(p, cond);
  if (!(p->varies[cond] & (VY__PTX_VARIES | VY__PTX_BY_MEMORY)))
    return true;
  bool joins = v->op == VY__OP_AND || v->op == VY__OP_OR ||
               (v->op == VY__OP_NOT && v->type == VY_TYPE_BOOL);
  if (!depth || (!joins && vy__op_row(v->op)->sig != VY__SIG_CMP))
    return false;
  for (uint32_t k = 0; k < 2 && v->a[k] != VY__NONE; k++) {
    uint8_t varies = p->varies[v->a[k]];
    if (joins ? !is_border(p, v->a[k], depth - 1)
              : varies & VY__PTX_BY_MEMORY ||
                    (varies & VY__PTX_VARIES && !(varies & VY__PTX_GROWS)))
      return false;
  }
  return true;
}

// Does the arm of the `if` at `i` store?
static bool stores_in(const vy__ptx *p, uint32_t i) {
  for (uint32_t k = i + 1; k < vy__ptx_after(p, i); k++)
    if (stmt_at(p, k)->kind == VY__STMT_EXEC &&
        value_at(p, stmt_at(p, k)->a)->op == VY__OP_STORE)
      return true;
  return false;
}

bool vy__ptx_is_joint(const vy__ptx *p, uint32_t i) {
  return !vy__ptx_is_predicated(p, i) || stores_in(p, i);
}

// Can lanes go through statements [from, to) side by side?
static bool walk(const vy__ptx *p, uint32_t from, uint32_t to, tally *t) {
  for (uint32_t i = from; i < to; i = vy__ptx_after(p, i)) {
    const vy__stmt *s = stmt_at(p, i);
    uint32_t after = vy__ptx_after(p, i), first, end;
    if (s->kind == VY__STMT_EXEC) {
      add(t, count_range(p, i, after));
      if (!are_plain(p, i, after))
        return false;
    } else if (s->kind != VY__STMT_IF) {
      return false;
    } else if (!vy__ptx_is_joint(p, i)) {
      add(t, count_range(p, i, after));
      if (!are_plain(p, i, after))
        return false;
    } else {
      add(t, count_range(p, i, i + 1));
      (void)usual_arm(p, i, &first, &end);
      if (t->stores || !is_border(p, s->a, DEEPEST) || !walk(p, first, end, t))
        return false;
    }
  }
  return true;
}

static bool is_simple(const vy__ptx *p) {
  const uint32_t *g = p->program->group_size;
  tally t = {0};
  if (p->ir->uses_groups || g[0] * g[1] * g[2] > 1 || p->faults ||
      p->ir->private_count || !walk(p, 0, p->ir->stmt_count, &t))
    return false;
  return t.stores && t.loads + t.stores <= MOST_ACCESSES &&
         t.cost <= MOST_COST && !t.odd;
}

bool vy__ptx_find_several(vy__ptx *p) {
  p->several = 1;
  p->arm_value = VY__NONE;
  p->varies = vy__calloc(p->job->alloc, p->ir->value_count + 1, 1);
  if (!p->varies)
    return false;
  find_varying(p);
  if (!is_simple(p))
    return true;
  p->several = LANES;
  if (p->ir->dimensions == 2) // measured: 133 us of a stencil, 136 with 8 rows
    p->block[1] = p->info->block[1] = p->info->span[1] = 4;
  p->info->span[0] *= LANES;
  return true;
}

// ---- which lane is at hand

uint32_t vy__ptx_times(const vy__ptx *p, uint32_t v) {
  bool each = v == VY__NONE || p->varies[v] & VY__PTX_VARIES;
  return p->abreast && each ? p->several : 1;
}

void vy__ptx_turn(vy__ptx *p, uint32_t copy) {
  p->copy = copy;
  if (p->arm_value != VY__NONE)
    p->arm = vy__ptx_name("%s%s", p->arm_not ? "!" : "",
                          vy__ptx_use(p, p->arm_value).s);
}

void vy__ptx_if_abreast(vy__ptx *p, uint32_t i) {
  uint32_t cond = stmt_at(p, i)->a, from, to;
  bool first = usual_arm(p, i, &from, &to);
  vy__reg all = vy__ptx_use(p, cond);
  for (uint32_t k = 1; k < vy__ptx_times(p, cond); k++) {
    vy__ptx_turn(p, k);
    vy__reg d = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "%s.pred %s, %s, %s", first ? "and" : "or", d.s, all.s,
                 vy__ptx_use(p, cond).s);
    all = d;
  }
  vy__ptx_turn(p, 0);
  vy__ptx_line(p, "@%s%s bra L%u", first ? "!" : "", all.s, p->apart);
  vy__ptx_stmts(p, from, to);
}

// ---- a thread's lanes

// Is the lane `more` after "lane<k>" past those of dimension k? Blocks are
// powers of two of lanes, so that none of their lanes wraps.
static vy__reg is_past(vy__ptx *p, uint32_t k, uint32_t more) {
  vy__reg n = vy__ptx_temp(p, VY__PTX_R), at = vy__ptx_temp(p, VY__PTX_R);
  vy__reg past = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_record(p, "b32", n.s,
                 (uint32_t)offsetof(vy__cuda_item, lanes) + 8 * k);
  vy__ptx_line(p, "add.u32 %s, lane%c, %u", at.s, "xyz"[k], more);
  vy__ptx_line(p, "setp.ge.u32 %s, %s, %s", past.s, at.s, n.s);
  return past;
}

static void statements(vy__ptx *p) {
  p->body++;
  vy__ptx_leaves(p);
  vy__ptx_variables(p);
  vy__ptx_stmts(p, 0, p->ir->stmt_count);
}

// With and, where one thing hangs on what only the launch tells, without
// neighbours that go as one.
static void side_by_side(vy__ptx *p, uint32_t end) {
  p->apart = vy__ptx_label(p);
  vy__ptx_line(p, "@%s bra L%u", is_past(p, 0, p->several - 1).s, p->apart);
  p->abreast = p->vectors = true;
  p->uneven = vy__ptx_label(p);
  vy__ptx_beside_open(p);
  statements(p);
  vy__ptx_line(p, "bra L%u", end);
  vy__ptx_place(p, p->uneven);
  if (p->even_count) {
    p->vectors = false;
    vy__ptx_beside_open(p);
    statements(p);
    vy__ptx_line(p, "bra L%u", end);
  }
  p->abreast = false;
}

// `step`: from one to the next. Unrolled, they would still wait for one another
// at the test of each.
static void one_by_one(vy__ptx *p, uint32_t head, uint32_t end, vy__reg step) {
  vy__reg left = vy__ptx_temp(p, VY__PTX_R), more = vy__ptx_temp(p, VY__PTX_P);
  uint32_t again = vy__ptx_label(p);
  p->lane_end = vy__ptx_label(p);
  vy__ptx_place(p, head);
  vy__ptx_line(p, "mov.b32 %s, %u", left.s, p->several);
  vy__ptx_place_rare(p, again);
  vy__ptx_line(p, "@%s bra L%u", is_past(p, 0, 0).s, end);
  statements(p);
  vy__ptx_place(p, p->lane_end);
  vy__ptx_line(p, "add.u32 lanex, lanex, %s", step.s);
  vy__ptx_line(p, "sub.u32 %s, %s, 1", left.s, left.s);
  vy__ptx_line(p, "setp.ne.u32 %s, %s, 0", more.s, left.s);
  vy__ptx_line(p, "@%s bra L%u", more.s, again);
}

// The first of the thread's lanes; those of a warp are neighbours where they
// do not go side by side.
static void first_lane(vy__ptx *p, bool together) {
  if (together)
    vy__ptx_line(p, "mul.lo.u32 lanex, tx, %u", p->several);
  vy__ptx_line(p, "mad.lo.u32 lanex, bx, %u, %s", p->info->span[0],
               together ? "lanex" : "tx");
}

// Lanes that go apart and all lanes of a launch whose facts do not hold are
// the same code, which checks what it accesses: its text is compiled once.
static void together(vy__ptx *p, uint32_t end) {
  bool facts = p->lowered->fact_count > 0;
  uint32_t checked = vy__ptx_label(p), head = vy__ptx_label(p);
  vy__reg step = vy__ptx_temp(p, VY__PTX_R);
  if (facts)
    vy__ptx_unless_facts(p, checked);
  first_lane(p, true);
  p->fast = facts;
  side_by_side(p, end);
  p->fast = false;
  if (facts) {
    vy__ptx_place(p, checked);
    first_lane(p, false);
    vy__ptx_line(p, "mov.b32 %s, %u", step.s, p->block[0]);
    vy__ptx_line(p, "bra.uni L%u", head);
  }
  vy__ptx_place(p, p->apart);
  vy__ptx_line(p, "mov.b32 %s, 1", step.s);
  one_by_one(p, head, end, step);
}

void vy__ptx_several(vy__ptx *p) {
  uint32_t end = vy__ptx_label(p);
  for (uint32_t k = 1; k < p->ir->dimensions; k++) {
    char d = "xyz"[k];
    vy__ptx_line(p, "mad.lo.u32 lane%c, b%c, %u, t%c", d, d, p->block[k], d);
    vy__ptx_line(p, "@%s bra L%u", is_past(p, k, 0).s, end);
  }
  if (p->many) {
    first_lane(p, false);
    one_by_one(p, vy__ptx_label(p), end, vy__ptx_name("%u", p->block[0]));
  } else {
    together(p, end);
  }
  vy__ptx_place(p, end);
}

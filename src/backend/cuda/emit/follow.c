// Accesses of copies of a loop's body: their addresses go by that of the first
// copy, or move along with the loop; neighbours are loaded as one.
#include "backend/cuda/emit/target.h"

// Value `v` as by * (index of the unrolled loop) + what does not change in it,
// modulo 2^32.
static bool moves_by(const vy__ptx *p, uint32_t v, uint32_t depth,
                     uint32_t *by) {
  const vy__value *x = &p->ir->values[v];
  const vy__stmt *loop = &p->ir->stmts[p->unrolled];
  uint32_t a = 0, b = 0;
  uint64_t bits;
  *by = v == loop->a;
  if (v == loop->a)
    return true;
  if (vy__op_row(x->op)->effect == VY__EFFECT_LEAF &&
      x->op != VY__OP_LOOP_INDEX)
    return true;
  if (p->schedule.place[v] <= p->unrolled)
    return true; // made before the loop
  if (vy__type_bits((vy_type)x->type) != 32 || depth == 0)
    return false;
  switch (x->op) {
  case VY__OP_ADD:
  case VY__OP_SUB:
    if (!moves_by(p, x->a[0], depth - 1, &a) ||
        !moves_by(p, x->a[1], depth - 1, &b))
      return false;
    *by = x->op == VY__OP_ADD ? a + b : a - b;
    return true;
  case VY__OP_MUL:
  case VY__OP_SHL:
    if (!vy__ptx_constant(p, x->a[1], &bits) ||
        !moves_by(p, x->a[0], depth - 1, &a))
      return false;
    *by = x->op == VY__OP_MUL ? a * (uint32_t)bits : a << (bits & 31);
    return true;
  default:
    return false;
  }
}

// Is the address in this copy that of the first plus *more? Narrow addresses
// are sums modulo 2^32; others only where the index cannot wrap.
static bool follows(vy__ptx *p, uint32_t value, const vy__ptx_target *t,
                    uint32_t index, int64_t *more) {
  uint32_t by;
  if (p->unrolled == VY__NONE || !p->follows || p->inside ||
      vy__ptx_is_wide(p, index) || !moves_by(p, index, 8, &by))
    return false;
  bool is_index = index == p->ir->stmts[p->unrolled].a;
  bool fact = p->lowered->check[value] == VY__CHECK_FACT;
  if (!t->narrow && !((fact || is_index) && vy__ptx_proved(p, value)))
    return false;
  if (!t->narrow && (uint64_t)by * p->step * p->copies > VY__PTX_MAX_OFFSET)
    return false; // or it goes down, which this cannot tell
  *more = (int64_t)(int32_t)(by * p->step * p->copy) * t->stride;
  return *more > -VY__PTX_MAX_OFFSET && *more < VY__PTX_MAX_OFFSET;
}

// Makes `v` and what it needs of the loop's body, in front of it.
static void make_first(vy__ptx *p, uint32_t v) {
  const vy__value *x = &p->ir->values[v];
  if (vy__op_row(x->op)->effect == VY__EFFECT_LEAF ||
      p->schedule.place[v] <= p->unrolled)
    return;
  for (uint32_t k = 0; k < 3 && x->a[k] != VY__NONE; k++)
    make_first(p, x->a[k]);
  vy__ptx_make(p, v);
}

static const vy__ptx_run *run_of(const vy__ptx *p, const vy__value *v,
                                 uint32_t index) {
  for (uint32_t k = 0; k < p->run_count; k++)
    if (p->runs[k].space == v->space && p->runs[k].ref == v->ref &&
        p->runs[k].index == index)
      return &p->runs[k];
  return NULL;
}

static void open_run(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__reg base;
  uint32_t by;
  int64_t more;
  if ((v->op != VY__OP_LOAD && v->op != VY__OP_STORE) ||
      (v->space != VY__SPACE_GROUP && v->space != VY__SPACE_PRIVATE) ||
      p->run_count == VY__PTX_RUNS)
    return;
  vy__ptx_target t = vy__ptx_target_of(p, v, &base);
  uint32_t index = vy__ptx_split(p, value, &t, &more);
  if (vy__ptx_is_wide(p, index) || run_of(p, v, index) ||
      !moves_by(p, index, 8, &by) || by == 0)
    return;
  make_first(p, index);
  p->runs[p->run_count++] =
      (vy__ptx_run){.space = v->space,
                    .ref = v->ref,
                    .index = index,
                    .by = by * p->step * t.stride,
                    .at = vy__ptx_address(p, &t, base, index)};
}

void vy__ptx_open_runs(vy__ptx *p, uint32_t stmt) {
  p->run_count = 0;
  for (uint32_t s = stmt + 1; s < p->program->match[stmt];
       s = vy__ptx_after(p, s))
    if (p->ir->stmts[s].kind == VY__STMT_EXEC)
      open_run(p, p->ir->stmts[s].a);
}

void vy__ptx_move_runs(vy__ptx *p, uint32_t trips) {
  for (uint32_t k = 0; k < p->run_count; k++)
    vy__ptx_line(p, "add.u32 %s, %s, %d", p->runs[k].at.s, p->runs[k].at.s,
                 (int32_t)(p->runs[k].by * trips));
}

vy__reg vy__ptx_follow(vy__ptx *p, uint32_t value, const vy__ptx_target *t,
                       vy__reg base, uint32_t index, int64_t *offset) {
  uint32_t *has = &p->follow_address[value];
  int64_t more;
  const vy__ptx_run *run = run_of(p, &p->ir->values[value], index);
  if (run) {
    *offset += (int64_t)(int32_t)(run->by * p->copy);
    return run->at;
  }
  bool can = follows(p, value, t, index, &more);
  if (can && p->copy > 0 && *has != VY__NONE) {
    *offset += more;
    return vy__ptx_name("%ct%u", t->narrow ? 'r' : 'l', *has);
  }
  vy__reg d = vy__ptx_address(p, t, base, index);
  *has = can && p->copy == 0 ? p->temps[t->narrow ? VY__PTX_R : VY__PTX_L] - 1
                             : VY__NONE;
  return d;
}

// Do the copies load from four neighbours of some words each, aligned, that
// nothing writes meanwhile?
static bool is_row(vy__ptx *p, uint32_t value, const vy__ptx_target *t) {
  const vy__value *v = &p->ir->values[value];
  uint32_t index = v->a[0], by;
  int64_t more;
  if (p->copies % 4 || p->step != 1 || t->stride % 4 || t->stride > 16 ||
      t->field % 4 || vy__type_bytes(t->stored) != 4)
    return false;
  bool still = v->space == VY__SPACE_TABLE ||
               (v->space == VY__SPACE_GROUP && p->quiet) ||
               (v->space == VY__SPACE_BUFFER && !vy__is_ordered(p->ir, v));
  return still && follows(p, value, t, index, &more) &&
         vy__ptx_proved(p, value) && moves_by(p, index, 8, &by) && by == 1 &&
         vy__ptx_twos(p, index) >= 2;
}

bool vy__ptx_is_row(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__reg base;
  if (v->op != VY__OP_LOAD || p->arm.s[0])
    return false;
  vy__ptx_target t = vy__ptx_target_of(p, v, &base);
  return is_row(p, value, &t);
}

// The four neighbours whole, in registers from the one of that number on.
static uint32_t load_neighbours(vy__ptx *p, const vy__value *v,
                                const vy__ptx_target *t, vy__reg base) {
  uint32_t value = (uint32_t)(v - p->ir->values);
  int64_t more;
  uint32_t index = vy__ptx_split(p, value, t, &more);
  vy__reg at = vy__ptx_follow(p, value, t, base, index, &more), x[4];
  uint32_t first = p->temps[VY__PTX_R];
  for (uint32_t word = 0; word < t->stride; word += 4) {
    for (uint32_t k = 0; k < 4; k++)
      x[k] = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "ld.%s%s.v4.b32 {%s, %s, %s, %s}, [%s+%lld]", t->space,
                 vy__ptx_is_constant(p, v) ? ".nc" : "", x[0].s, x[1].s, x[2].s,
                 x[3].s, at.s, (long long)more + 4 * word);
  }
  return first;
}

bool vy__ptx_load_row(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  if (p->unrolled == VY__NONE || !vy__ptx_is_row(p, value))
    return false;
  vy__reg base;
  vy__ptx_target t = vy__ptx_target_of(p, v, &base);
  uint32_t k = 0, copy = p->copy % 4;
  for (; k < p->row_count; k++)
    if (p->rows[k].space == v->space && p->rows[k].ref == v->ref &&
        p->rows[k].index == v->a[0] && p->rows[k].copy == p->copy - copy)
      break;
  if (k == p->row_count) {
    if (copy || k == VY__PTX_ROWS)
      return false;
    p->rows[p->row_count++] =
        (vy__ptx_row){.space = v->space,
                      .ref = v->ref,
                      .index = v->a[0],
                      .copy = p->copy,
                      .first = load_neighbours(p, v, &t, base)};
  }
  vy__ptx_line(p, "mov.b32 %s, rt%u", vy__ptx_use(p, value).s,
               p->rows[k].first + (copy * t.stride + t.field) / 4);
  return true;
}

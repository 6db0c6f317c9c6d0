// Loops, and the budgets that their back-edges use up.
#include "backend/cuda/emit/emit.h"

static const vy__stmt *stmt_at(const vy__ptx *p, uint32_t i) {
  return &p->ir->stmts[i];
}

// At the end of a trip: count it. A group that runs out ends; so does a lane,
// or, where it must still meet others, all that is its own.
static void tick(vy__ptx *p, uint32_t i) {
  if (!p->budgeted)
    return;
  const char *count =
      vy__loop_is_uniform(p->program, i) ? "group_ticks" : "ticks";
  bool groups = p->survives && p->group_level[i];
  uint32_t on = vy__ptx_label(p), quiet = vy__ptx_label(p);
  vy__reg over = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "add.u64 %s, %s, 1", count, count);
  vy__ptx_line(p, "setp.gt.u64 %s, %s, budget", over.s, count);
  over = vy__ptx_decide(p, i, over);
  vy__ptx_line(p, "@!%s bra L%u", over.s, on);
  if (groups)
    vy__ptx_line(p, "@!alive bra L%u", quiet);
  vy__ptx_report_budget(p, i);
  vy__ptx_place(p, quiet);
  if (p->survives && !groups)
    vy__ptx_line(p, "setp.ne.u32 alive, 0, 0");
  vy__ptx_line(p, "bra L%u", p->survives && !groups ? p->own_end : p->lane_end);
  vy__ptx_place(p, on);
}

static vy__ptx_frame open_loop(vy__ptx *p, uint32_t i) {
  return (vy__ptx_frame){.up = p->frame,
                         .stmt = i,
                         .kind = stmt_at(p, i)->kind,
                         .exit = vy__ptx_label(p),
                         .latch = vy__ptx_label(p)};
}

enum { SMALL_CONDITION = 32 };

// Small enough to stand twice, in front of the loop and at its end?
static bool is_small(const vy__ptx *p, uint32_t from, uint32_t to) {
  uint32_t cost = 0;
  for (uint32_t s = from; s <= to; s++) {
    uint32_t kind = stmt_at(p, s)->kind;
    if (kind == VY__STMT_FOR || kind == VY__STMT_WHILE)
      return false;
    cost++;
    for (uint32_t v = p->schedule.first[s]; v != VY__NONE;
         v = p->schedule.next[v])
      cost++;
  }
  return cost <= SMALL_CONDITION;
}

// Go to `to` when the condition of the loop at `i` is `when`.
static void condition(vy__ptx *p, uint32_t i, bool when, uint32_t to) {
  uint32_t cond = p->program->match[i], c = stmt_at(p, cond)->a;
  vy__ptx_stmts(p, i + 1, cond);
  vy__ptx_make_at(p, cond);
  vy__reg go_on = vy__ptx_decide(p, i, vy__ptx_use(p, c));
  vy__ptx_line(p, "@%s%s %s L%u", when ? "" : "!", go_on.s,
               vy__ptx_bra(p, cond, c), to);
}

void vy__ptx_while(vy__ptx *p, uint32_t i) {
  uint32_t cond = p->program->match[i], end = p->program->match[cond];
  uint32_t head = vy__ptx_label(p), body = vy__ptx_label(p);
  vy__ptx_frame frame = open_loop(p, i);
  p->frame = &frame;
  vy__ptx_place(p, head);
  condition(p, i, false, frame.exit);
  vy__ptx_place(p, body);
  vy__ptx_stmts(p, cond + 1, end);
  vy__ptx_make_at(p, end);
  vy__ptx_place(p, frame.latch);
  tick(p, i);
  if (is_small(p, i + 1, cond)) {
    p->body++; // what came with its neighbours above must come again
    condition(p, i, true, body);
  } else {
    vy__ptx_line(p, "bra L%u", head);
  }
  p->frame = frame.up;
  vy__ptx_place(p, frame.exit);
}

// ---- for

typedef struct range {
  vy__reg lo, hi, step, index;
  uint64_t by, last; // constants, when `is_by`, `is_last`
  bool is_by, is_last;
  const char *type, *order; // of the index: "s32", "u32"
  vy_type value_type;
} range;

static range range_of(vy__ptx *p, const vy__stmt *t) {
  vy_type type = (vy_type)p->ir->values[t->a].type;
  bool wide = vy__type_bits(type) == 64, is_signed = vy__is_signed(type);
  range r = {.lo = vy__ptx_use(p, t->b),
             .hi = vy__ptx_use(p, t->c),
             .step = vy__ptx_use(p, t->d),
             .index = vy__ptx_use(p, t->a),
             .type =
                 wide ? is_signed ? "s64" : "u64" : (is_signed ? "s32" : "u32"),
             .order = wide ? "u64" : "u32",
             .value_type = type};
  r.is_by = vy__ptx_constant(p, t->d, &r.by);
  r.is_last = vy__ptx_constant(p, t->c, &r.last);
  return r;
}

// Can index + step not pass the type's end while index < hi?
static bool steps_safely(const range *r) {
  if (!r->is_by)
    return false;
  if (r->by == 1)
    return true;
  uint64_t top = vy__type_bits(r->value_type) == 64 ? UINT64_MAX : UINT32_MAX;
  if (vy__is_signed(r->value_type))
    top /= 2;
  return r->is_last && r->by <= top && r->last <= top && r->last <= top - r->by;
}

// Is there a next trip? Steps to it.
static vy__reg next(vy__ptx *p, const range *r) {
  vy__reg more = vy__ptx_temp(p, VY__PTX_P);
  if (steps_safely(r)) {
    vy__ptx_line(p, "add.%s %s, %s, %s", r->type, r->index.s, r->index.s,
                 r->step.s);
    vy__ptx_line(p, "setp.lt.%s %s, %s, %s", r->type, more.s, r->index.s,
                 r->hi.s);
    return more;
  }
  // What is left, as an unsigned number, tells whether the step passes hi.
  vy__reg left = vy__ptx_temp(p, vy__ptx_class_of(r->value_type));
  vy__ptx_line(p, "sub.%s %s, %s, %s", r->type, left.s, r->hi.s, r->index.s);
  vy__ptx_line(p, "setp.gt.%s %s, %s, %s", r->order, more.s, left.s, r->step.s);
  vy__ptx_line(p, "add.%s %s, %s, %s", r->type, r->index.s, r->index.s,
               r->step.s);
  return more;
}

// ---- unrolling

enum {
  COPIES = 4,
  SMALL_BODY = 96,
  MORE_COPIES = 8, // where one trip mostly waits
  SHORT_BODY = 48,
  ROW_BODY = 640, // where copies share loads
  CHAIN = 8,      // operands looked through
  MAX_COPIES = 16,
  MAX_TEXT = 512,
  MAX_STEP = 1 << 20,
};

// Does `v` hang on a load that the body of the loop at `i` makes?
static bool hangs_on_load(const vy__ptx *p, uint32_t i, uint32_t v,
                          uint32_t depth) {
  const vy__value *x = &p->ir->values[v];
  if (depth == 0 || vy__op_row(x->op)->effect == VY__EFFECT_LEAF ||
      p->schedule.place[v] <= i)
    return false;
  if (x->op == VY__OP_LOAD)
    return true;
  for (uint32_t k = 0; k < 3 && x->a[k] != VY__NONE; k++)
    if (hangs_on_load(p, i, x->a[k], depth - 1))
      return true;
  return false;
}

// Is a trip a chain of operations that each wait for the one before? Loads by
// what was loaded, square roots and quotients.
static bool is_waiting(const vy__ptx *p, uint32_t i) {
  for (uint32_t s = i + 1; s <= p->program->match[i]; s++)
    for (uint32_t v = p->schedule.first[s]; v != VY__NONE;
         v = p->schedule.next[v]) {
      const vy__value *x = &p->ir->values[v];
      if (vy__ptx_has_branches(x) ||
          (x->op == VY__OP_LOAD && hangs_on_load(p, i, x->a[0], CHAIN)))
        return true;
    }
  return false;
}

// What is in the body of the loop at `i` that copies must know of.
static void look_at_body(vy__ptx *p, uint32_t i, const range *r) {
  uint64_t lo;
  p->follows = p->quiet = true;
  for (uint32_t s = i + 1; s < p->program->match[i]; s++) {
    const vy__stmt *t = stmt_at(p, s);
    if (t->kind >= VY__STMT_BREAK && t->kind <= VY__STMT_RETURN)
      p->follows = false;
    const vy__value *v = t->kind == VY__STMT_EXEC ? &p->ir->values[t->a] : NULL;
    if (v && v->op != VY__OP_VAR_SET && v->space != VY__SPACE_PRIVATE &&
        vy__op_row(v->op)->effect != VY__EFFECT_READ)
      p->quiet = false;
  }
  p->step = (uint32_t)r->by;
  p->index_aligned = vy__ptx_constant(p, stmt_at(p, i)->b, &lo) &&
                     lo % COPIES == 0 && vy__type_bits(r->value_type) == 32;
}

// Do copies of the body load neighbours that one load fetches?
static bool loads_rows(vy__ptx *p, uint32_t i, const range *r) {
  bool found = false;
  p->unrolled = i;
  p->copies = COPIES;
  look_at_body(p, i, r);
  for (uint32_t s = i + 1; s <= p->program->match[i] && !found; s++) {
    const vy__stmt *t = stmt_at(p, s);
    found = t->kind == VY__STMT_EXEC && vy__ptx_is_row(p, t->a);
    for (uint32_t v = p->schedule.first[s]; v != VY__NONE && !found;
         v = p->schedule.next[v])
      found = vy__ptx_is_row(p, v);
  }
  p->unrolled = VY__NONE;
  return found;
}

// How many copies of a short innermost loop's body are made; they write the
// same registers again. What it costs is little text; what it gains,
// independent work. 0: none; *whole: they are the whole loop.
static uint32_t copies_of(vy__ptx *p, uint32_t i, const range *r, bool *whole) {
  uint32_t end = p->program->match[i], cost = 0;
  uint64_t lo;
  *whole = p->jams = false;
  if (p->budgeted || !r->is_by || !r->by || r->by > MAX_STEP ||
      p->unrolled != VY__NONE)
    return 0;
  for (uint32_t s = i + 1; s <= end; s++) {
    uint32_t kind = stmt_at(p, s)->kind;
    if (kind == VY__STMT_FOR || kind == VY__STMT_WHILE)
      return 0;
    cost++;
    for (uint32_t v = p->schedule.first[s]; v != VY__NONE;
         v = p->schedule.next[v])
      cost++;
  }
  if (r->is_last && vy__ptx_constant(p, stmt_at(p, i)->b, &lo) &&
      lo < r->last && r->last <= INT32_MAX) {
    uint64_t trips = (r->last - lo + r->by - 1) / r->by;
    *whole = trips <= MAX_COPIES && trips * cost <= MAX_TEXT;
    if (*whole)
      return (uint32_t)trips;
  }
  if (cost <= SHORT_BODY && !p->strict && is_waiting(p, i))
    return MORE_COPIES;
  if (cost <= SMALL_BODY)
    return COPIES;
  p->jams = cost <= ROW_BODY && loads_rows(p, i, r);
  return p->jams ? COPIES : 0;
}

// The body, and where its continues go.
static void trip(vy__ptx *p, uint32_t i, vy__ptx_frame *frame) {
  uint32_t end = p->program->match[i];
  p->body++; // what came with its neighbours must come again
  frame->latch = vy__ptx_label(p);
  vy__ptx_stmts(p, i + 1, end);
  vy__ptx_make_at(p, end);
  vy__ptx_place(p, frame->latch);
}

static void begin_copies(vy__ptx *p, uint32_t i, const range *r,
                         uint32_t count) {
  p->unrolled = i;
  p->copies = count;
  p->copy = p->row_count = p->run_count = 0;
  look_at_body(p, i, r);
}

static void copies(vy__ptx *p, uint32_t i, const range *r, uint32_t count,
                   vy__ptx_frame *frame) {
  bool jam = p->jams && vy__ptx_can_jam(p, i);
  if (!jam)
    vy__ptx_find_early(p, i);
  bool early = p->early_count > 0;
  if (jam)
    vy__ptx_jam(p, i, r->index, r->type);
  else
    vy__ptx_make_early(p, r->index, r->type);
  for (p->copy = 0; !jam && p->copy < count; p->copy++) {
    trip(p, i, frame);
    if (!early)
      vy__ptx_line(p, "add.%s %s, %s, %s", r->type, r->index.s, r->index.s,
                   r->step.s);
  }
  p->copy = 0;
  vy__ptx_forget_early(p);
  if (early || jam)
    vy__ptx_line(p, "add.%s %s, %s, %u", r->type, r->index.s, r->index.s,
                 count * p->step);
  p->unrolled = VY__NONE;
}

// while (hi - index > (count - 1) * step) { count trips }
static void unrolled_trips(vy__ptx *p, uint32_t i, const range *r,
                           uint32_t count, vy__ptx_frame *frame,
                           const char *bra) {
  uint32_t head = vy__ptx_label(p), rest = vy__ptx_label(p);
  uint32_t reach = (count - 1) * (uint32_t)r->by; // of the last copy
  vy__reg left = vy__ptx_temp(p, vy__ptx_class_of(r->value_type));
  vy__reg few = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "sub.%s %s, %s, %s", r->order, left.s, r->hi.s, r->index.s);
  vy__ptx_line(p, "setp.le.%s %s, %s, %u", r->order, few.s, left.s, reach);
  vy__ptx_line(p, "@%s %s L%u", few.s, bra, rest);
  begin_copies(p, i, r, count);
  vy__ptx_open_runs(p, i);
  vy__ptx_place(p, head);
  copies(p, i, r, count, frame);
  vy__ptx_move_runs(p, count);
  p->run_count = 0;
  uint32_t whole = reach + (uint32_t)r->by;
  if (r->by != 1) { // the last trip may go past hi, and past the type's end
    vy__ptx_line(p, "setp.le.%s %s, %s, %u", r->order, few.s, left.s, whole);
    vy__ptx_line(p, "@%s %s L%u", few.s, bra, frame->exit);
  }
  vy__ptx_line(p, "sub.%s %s, %s, %u", r->order, left.s, left.s, whole);
  vy__ptx_line(p, "setp.gt.%s %s, %s, %u", r->order, few.s, left.s, reach);
  vy__ptx_line(p, "@%s %s L%u", few.s, bra, head);
  if (r->by == 1) {
    vy__ptx_line(p, "setp.eq.%s %s, %s, 0", r->order, few.s, left.s);
    vy__ptx_line(p, "@%s %s L%u", few.s, bra, frame->exit);
  }
  vy__ptx_place(p, rest);
}

// ---- the loop

static bool never_steps(const range *r) {
  uint32_t bits = vy__type_bits(r->value_type);
  if (vy__is_signed(r->value_type))
    return (int64_t)(r->by << (64 - bits)) <= 0;
  return r->by == 0;
}

// Is there a first trip?
static vy__reg first(vy__ptx *p, const range *r) {
  vy__reg some = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "setp.lt.%s %s, %s, %s", r->type, some.s, r->lo.s, r->hi.s);
  if (!r->is_by)
    vy__ptx_line(p, "setp.gt.and.%s %s, %s, 0, %s", r->type, some.s, r->step.s,
                 some.s);
  else if (never_steps(r))
    vy__ptx_line(p, "setp.ne.u32 %s, 0, 0", some.s);
  return some;
}

void vy__ptx_for(vy__ptx *p, uint32_t i) {
  const vy__stmt *t = stmt_at(p, i);
  uint32_t head = vy__ptx_label(p);
  range r = range_of(p, t);
  vy__ptx_frame frame = open_loop(p, i);
  const char *bra =
      vy__loop_is_uniform(p->program, i) && !p->survives ? "bra.uni" : "bra";
  vy__reg some = vy__ptx_decide(p, i, first(p, &r));
  vy__ptx_line(p, "mov.b%u %s, %s", vy__type_bits(r.value_type), r.index.s,
               r.lo.s);
  vy__ptx_line(p, "@!%s %s L%u", some.s, bra, frame.exit);
  p->frame = &frame;
  bool whole;
  uint32_t count = copies_of(p, i, &r, &whole);
  if (whole) {
    begin_copies(p, i, &r, count);
    copies(p, i, &r, count, &frame);
    p->frame = frame.up;
    vy__ptx_place(p, frame.exit);
    return;
  }
  if (count > COPIES)
    unrolled_trips(p, i, &r, count, &frame, bra);
  if (count)
    unrolled_trips(p, i, &r, COPIES, &frame, bra);
  vy__ptx_place(p, head);
  trip(p, i, &frame);
  tick(p, i);
  vy__reg more = vy__ptx_decide(p, i, next(p, &r));
  vy__ptx_line(p, "@%s %s L%u", more.s, bra, head);
  p->frame = frame.up;
  vy__ptx_place(p, frame.exit);
}

// Statements of one vector of lanes. Where all lanes agree, control is control
// of the machine; where they may differ, lanes are switched off by the mask.
// A mask that can change inside a statement travels through a slot.
#include "backend/cpu/emit/flow.h"

enum { CHEAP_ARM = 12 }; // values computed rather than jumped over

static const vy__stmt *stmt_at(const vy__flow *f, uint32_t i) {
  return &f->ir->stmts[i];
}

static uint32_t partner(const vy__flow *f, uint32_t i) {
  return f->e->program->match[i];
}

static uint32_t end_of(const vy__flow *f, uint32_t i) {
  i = partner(f, i);
  while (stmt_at(f, i)->kind != VY__STMT_END)
    i = partner(f, i);
  return i;
}

uint32_t vy__flow_after(const vy__flow *f, uint32_t i) {
  uint32_t kind = stmt_at(f, i)->kind;
  bool opens = kind == VY__STMT_IF || kind == VY__STMT_WHILE ||
               kind == VY__STMT_FOR || kind == VY__STMT_BLOCK;
  return opens ? end_of(f, i) + 1 : i + 1;
}

static LLVMValueRef mask_slot(vy__flow *f, LLVMValueRef mask) {
  LLVMValueRef slot = vy__flow_alloca(f, vy__mask_type(f), "mask");
  LLVMBuildStore(f->e->builder, vy__mask_full(f, mask), slot);
  return slot;
}

static LLVMValueRef slot_mask(vy__flow *f, LLVMValueRef slot) {
  return LLVMBuildLoad2(f->e->builder, vy__mask_type(f), slot, "");
}

static void set_slot(vy__flow *f, LLVMValueRef slot, LLVMValueRef mask) {
  LLVMBuildStore(f->e->builder, vy__mask_full(f, mask), slot);
}

static void add_to_slot(vy__flow *f, LLVMValueRef slot, LLVMValueRef mask) {
  set_slot(f, slot, vy__mask_or(f, slot_mask(f, slot), mask));
}

static void go(vy__flow *f, LLVMBasicBlockRef to) {
  LLVMBuildBr(f->e->builder, to);
}

static void start(vy__flow *f, LLVMBasicBlockRef block) {
  LLVMPositionBuilderAtEnd(f->e->builder, block);
}

static vy__frame *target(vy__flow *f, uint32_t kind) {
  uint32_t want = kind == VY__STMT_LEAVE    ? VY__FRAME_BLOCK
                  : kind == VY__STMT_RETURN ? VY__FRAME_BODY
                                            : VY__FRAME_LOOP;
  vy__frame *t = f->frame;
  while (t->kind != want)
    t = t->up;
  return t;
}

// ---- variables

static void var_get(vy__flow *f, uint32_t value, const vy__value *v) {
  const vy__var_slot *var = &f->vars[v->ref];
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef t = vy__llvm_type(f->e, (vy_type)v->type, 1);
  if (var->uniform) {
    LLVMValueRef x = LLVMBuildLoad2(b, t, var->slot, "");
    vy__flow_set_scalar(f, value, x);
    f->shared[value] = x;
    return;
  }
  if (v->type == VY_TYPE_BOOL) {
    vy__flow_set_vector(f, value, vy__mask_bool(f, slot_mask(f, var->slot)));
    return;
  }
  vy__flow_set_vector(f, value,
                      LLVMBuildLoad2(b, vy__vector_of(f, t), var->slot, ""));
}

static void var_set(vy__flow *f, const vy__value *v) {
  const vy__var_slot *var = &f->vars[v->ref];
  LLVMBuilderRef b = f->e->builder;
  if (!var->used)
    return;
  if (var->uniform) {
    LLVMBuildStore(b, vy__flow_scalar(f, v->a[0]), var->slot);
    return;
  }
  LLVMValueRef x = vy__flow_vector(f, v->a[0]);
  if (f->ir->vars[v->ref] == VY_TYPE_BOOL) {
    x = vy__mask_of_bool(f, x);
    if (f->mask)
      x = LLVMBuildOr(b, LLVMBuildAnd(b, x, f->mask, ""),
                      vy__mask_without(f, slot_mask(f, var->slot), f->mask),
                      "");
  } else if (f->mask) {
    LLVMValueRef old = LLVMBuildLoad2(b, LLVMTypeOf(x), var->slot, "");
    x = LLVMBuildSelect(b, vy__mask_bool(f, f->mask), x, old, "");
  }
  LLVMBuildStore(b, x, var->slot);
}

// ---- ordered operations

static void spill(vy__flow *f, uint32_t value) {
  vy_type type = (vy_type)f->ir->values[value].type;
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef x = vy__flow_vector(f, value);
  if (type == VY_TYPE_BOOL)
    x = LLVMBuildZExt(b, x, vy__vector_of(f, vy__t32(f)), "");
  uint64_t step =
      f->e->width * (type == VY_TYPE_BOOL ? 4 : (uint64_t)vy__type_bytes(type));
  LLVMValueRef at =
      LLVMBuildAdd(b, LLVMBuildMul(b, f->index, vy__i64(f, step), ""),
                   vy__i64(f, f->spill[value]), "");
  vy__store_raw(f, x, vy__ptr_add(f, f->scratch, at), 8);
}

static void execute(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  switch (v->op) {
  case VY__OP_VAR_GET:
    var_get(f, value, v);
    break;
  case VY__OP_VAR_SET:
    var_set(f, v);
    break;
  case VY__OP_LOAD:
    vy__flow_load(f, value);
    break;
  case VY__OP_STORE:
    vy__flow_store(f, value);
    break;
  default:
    if (vy__op_row(v->op)->effect == VY__EFFECT_ATOMIC)
      vy__flow_atomic(f, value);
    else if (vy__op_row(v->op)->effect == VY__EFFECT_READ)
      vy__flow_bytes_load(f, value);
    else
      vy__flow_bytes_store(f, value);
  }
  if (f->spill && f->spill[value] != VY__NONE && f->stamps[value] == f->stamp)
    spill(f, value);
}

// ---- conditions

// Few values, no memory but variables: computing both ways beats a jump.
static bool is_cheap(const vy__flow *f, uint32_t from, uint32_t to) {
  uint32_t cost = 0;
  for (uint32_t i = from; i < to; i++) {
    const vy__stmt *s = stmt_at(f, i);
    if (s->kind != VY__STMT_EXEC)
      return false;
    uint32_t op = f->ir->values[s->a].op;
    if (op != VY__OP_VAR_GET && op != VY__OP_VAR_SET)
      return false;
    for (uint32_t v = f->schedule.first[i]; v != VY__NONE;
         v = f->schedule.next[v]) {
      uint32_t pure = f->ir->values[v].op;
      cost += pure == VY__OP_DIV || pure == VY__OP_REM || pure == VY__OP_SQRT
                  ? 8
              : vy__op_row(pure)->effect == VY__EFFECT_READ ? CHEAP_ARM
                                                            : 1;
    }
  }
  return cost <= CHEAP_ARM;
}

// One arm for lanes `mask`; what is left of it goes to `slot`, if there is one.
static void masked_arm(vy__flow *f, uint32_t from, uint32_t to,
                       LLVMValueRef mask, LLVMValueRef slot) {
  if (from == to)
    return;
  f->mask = mask;
  if (!slot && is_cheap(f, from, to)) {
    (void)vy__flow_stmts(f, from, to);
    return;
  }
  LLVMBasicBlockRef arm = vy__flow_block(f, "arm"),
                    done = vy__flow_block(f, "arm_done");
  LLVMBuildCondBr(f->e->builder, vy__mask_any(f, mask), arm, done);
  start(f, arm);
  if (vy__flow_stmts(f, from, to)) {
    if (slot)
      set_slot(f, slot, f->mask);
    go(f, done);
  }
  start(f, done);
}

static void masked_if(vy__flow *f, uint32_t i, uint32_t middle, uint32_t end) {
  LLVMValueRef before = f->mask;
  LLVMValueRef c = vy__mask_of_value(f, stmt_at(f, i)->a);
  LLVMValueRef yes = vy__mask_and(f, before, c);
  LLVMValueRef no = vy__mask_without(f, before, c);
  bool jumps = f->facts[i].jumps_out;
  LLVMValueRef left = jumps ? mask_slot(f, yes) : NULL;
  LLVMValueRef right = jumps ? mask_slot(f, no) : NULL;
  masked_arm(f, i + 1, middle, yes, left);
  if (middle != end)
    masked_arm(f, middle + 1, end, no, right);
  f->mask =
      jumps ? vy__mask_or(f, slot_mask(f, left), slot_mask(f, right)) : before;
}

static bool real_if(vy__flow *f, uint32_t i, uint32_t middle, uint32_t end) {
  LLVMValueRef before = f->mask;
  LLVMValueRef slot = f->facts[i].jumps_out ? mask_slot(f, before) : NULL;
  LLVMBasicBlockRef yes = vy__flow_block(f, "then"),
                    no = vy__flow_block(f, "else"),
                    join = vy__flow_block(f, "endif");
  bool comes_out = middle == end;
  LLVMBuildCondBr(f->e->builder, vy__flow_scalar(f, stmt_at(f, i)->a), yes,
                  middle == end ? join : no);
  uint32_t froms[] = {i + 1, middle + 1}, tos[] = {middle, end};
  LLVMBasicBlockRef blocks[] = {yes, no};
  for (int k = 0; k < 2; k++) {
    if (k == 1 && middle == end) {
      LLVMDeleteBasicBlock(no);
      break;
    }
    start(f, blocks[k]);
    f->mask = before;
    if (!vy__flow_stmts(f, froms[k], tos[k]))
      continue;
    if (slot)
      set_slot(f, slot, f->mask);
    go(f, join);
    comes_out = true;
  }
  start(f, join);
  f->mask = slot ? slot_mask(f, slot) : before;
  if (!comes_out)
    LLVMBuildUnreachable(f->e->builder);
  return comes_out;
}

static bool do_if(vy__flow *f, uint32_t i) {
  uint32_t middle = partner(f, i);
  uint32_t end = end_of(f, i);
  if (vy__is_even(vy__flow_get(f, stmt_at(f, i)->a)))
    return real_if(f, i, middle, end);
  masked_if(f, i, middle, end);
  return true;
}

// ---- loops

static bool list(vy__flow *f, uint32_t from, uint32_t to, bool may_skip);

bool vy__flow_uniform_loop(const vy__flow *f, uint32_t i) {
  const vy_program *p = f->e->program;
  const vy__stmt *t = stmt_at(f, i);
  if (t->kind == VY__STMT_FOR)
    return p->stmt_uniform[i] && p->stmt_uniform[i + 1] &&
           p->value_uniform[t->b] && p->value_uniform[t->c] &&
           p->value_uniform[t->d];
  uint32_t cond = p->match[i];
  return p->stmt_uniform[i] && p->stmt_uniform[cond] &&
         p->value_uniform[stmt_at(f, cond)->a];
}

static void open_loop(vy__flow *f, vy__frame *frame, uint32_t i) {
  bool counts = f->budgeted || f->facts[i].jumps_out;
  *frame = (vy__frame){.up = f->frame,
                       .kind = VY__FRAME_LOOP,
                       .stmt = i,
                       .uniform = vy__flow_uniform_loop(f, i),
                       .exit = vy__flow_block(f, "loop_done"),
                       .latch = vy__flow_block(f, "latch")};
  if (!frame->uniform && counts)
    frame->left = mask_slot(f, vy__mask_none(f));
  f->frame = frame;
}

// A trip starts: nobody waits for the next one yet.
static void open_trip(vy__flow *f, vy__frame *frame) {
  if (frame->continued)
    set_slot(f, frame->continued, vy__mask_none(f));
}

static void close_loop(vy__flow *f, const vy__frame *frame,
                       LLVMValueRef before) {
  f->frame = frame->up;
  start(f, frame->exit);
  f->mask = frame->left ? slot_mask(f, frame->left) : before;
}

static void make_continued(vy__flow *f, vy__frame *frame) {
  if (f->facts[frame->stmt].continued && !frame->uniform)
    frame->continued = vy__flow_alloca(f, vy__mask_type(f), "continued");
}

// At the end of a trip, lanes in f->mask: count it.
static void tick(vy__flow *f, const vy__frame *frame) {
  LLVMBuilderRef b = f->e->builder;
  if (!f->budgeted)
    return;
  LLVMBasicBlockRef out = vy__flow_block(f, "budget"),
                    on = vy__flow_block(f, "on");
  if (frame->uniform) {
    LLVMValueRef n = LLVMBuildLoad2(b, vy__t64(f), f->group_ticks, "");
    n = LLVMBuildAdd(b, n, vy__i64(f, 1), "");
    LLVMBuildStore(b, n, f->group_ticks);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntUGT, n, f->budget, ""), out, on);
    start(f, out);
    vy__report_budget(f, frame->stmt, vy__mask_bits(f, f->mask));
    vy__frame *all = f->frame; // the whole group ends
    while (all->up)
      all = all->up;
    go(f, all->exit);
    start(f, on);
    return;
  }
  LLVMTypeRef wide = vy__vector_of(f, vy__t64(f));
  LLVMValueRef n = LLVMBuildLoad2(b, wide, f->ticks, "");
  LLVMValueRef one = LLVMBuildZExt(b, vy__mask_bool(f, f->mask), wide, "");
  n = LLVMBuildAdd(b, n, one, "");
  LLVMBuildStore(b, n, f->ticks);
  LLVMValueRef over = LLVMBuildICmp(
      b, LLVMIntUGT, n, vy__splat(f->entry, f->budget, f->e->width), "");
  over = LLVMBuildAnd(b, over, vy__mask_bool(f, f->mask), "");
  LLVMValueRef slot = mask_slot(f, f->mask);
  LLVMValueRef bits = vy__bool_bits(f, over);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, bits, vy__i32(f, 0), ""), out,
                  on);
  start(f, out);
  vy__report_budget(f, frame->stmt, bits);
  LLVMValueRef ended = vy__mask_of_bool(f, over);
  set_slot(f, f->alive, vy__mask_without(f, slot_mask(f, f->alive), ended));
  set_slot(f, slot, vy__mask_without(f, f->mask, ended));
  go(f, on);
  start(f, on);
  f->mask = slot_mask(f, slot);
}

// To the latch, where those who waited join; false: nobody gets there.
static void close_trip(vy__flow *f, const vy__frame *frame, bool comes_out,
                       LLVMValueRef going) {
  if (comes_out) {
    if (!frame->uniform)
      set_slot(f, going, f->mask);
    go(f, frame->latch);
  }
  start(f, frame->latch);
  if (frame->uniform)
    return;
  f->mask = slot_mask(f, going);
  if (frame->continued)
    f->mask = vy__mask_or(f, f->mask, slot_mask(f, frame->continued));
}

static void do_while(vy__flow *f, uint32_t i) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t cond = partner(f, i), end = partner(f, cond);
  LLVMValueRef before = f->mask;
  vy__frame frame;
  open_loop(f, &frame, i);
  make_continued(f, &frame);
  LLVMValueRef going = frame.uniform ? NULL : mask_slot(f, before);
  LLVMBasicBlockRef head = vy__flow_block(f, "while"),
                    body = vy__flow_block(f, "body");
  go(f, head);
  start(f, head);
  if (going)
    f->mask = slot_mask(f, going);
  bool comes_out = list(f, i + 1, cond, false); // the body uses what it makes
  if (comes_out) {
    vy__flow_make_at(f, cond);
    uint32_t c = stmt_at(f, cond)->a;
    if (frame.uniform) {
      LLVMBuildCondBr(b, vy__flow_scalar(f, c), body, frame.exit);
    } else {
      LLVMValueRef m = vy__mask_of_value(f, c);
      if (frame.left)
        add_to_slot(f, frame.left, vy__mask_without(f, f->mask, m));
      f->mask = vy__mask_and(f, f->mask, m);
      LLVMBuildCondBr(b, vy__mask_any(f, f->mask), body, frame.exit);
    }
  }
  start(f, body);
  open_trip(f, &frame);
  comes_out = vy__flow_stmts(f, cond + 1, end);
  close_trip(f, &frame, comes_out, going);
  if (frame.uniform)
    f->mask = before;
  tick(f, &frame);
  if (going)
    set_slot(f, going, f->mask);
  go(f, head);
  close_loop(f, &frame, before);
}

// Trips of a loop from lo to hi: ceil((hi - lo) / step) over unbounded
// integers, i64. Scalars or vectors.
static LLVMValueRef trips_of(vy__flow *f, vy_type type, LLVMValueRef lo,
                             LLVMValueRef hi, LLVMValueRef step) {
  LLVMBuilderRef b = f->e->builder;
  bool is_signed = vy__is_signed(type);
  lo = vy__index64(f, type, lo);
  hi = vy__index64(f, type, hi);
  step = vy__index64(f, type, step);
  LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(lo));
  LLVMValueRef one = LLVMTypeOf(lo) == vy__t64(f)
                         ? vy__i64(f, 1)
                         : vy__splat(b, vy__i64(f, 1), f->e->width);
  LLVMValueRef some = LLVMBuildAnd(
      b, LLVMBuildICmp(b, is_signed ? LLVMIntSLT : LLVMIntULT, lo, hi, ""),
      LLVMBuildICmp(b, is_signed ? LLVMIntSGT : LLVMIntUGT, step, zero, ""),
      "");
  LLVMValueRef by = LLVMBuildSelect(b, some, step, one, "");
  LLVMValueRef n = LLVMBuildSub(b, LLVMBuildSub(b, hi, lo, ""), one, "");
  n = LLVMBuildAdd(b, LLVMBuildUDiv(b, n, by, ""), one, "");
  return LLVMBuildSelect(b, some, n, zero, "");
}

static bool is_const_one(LLVMValueRef v) {
  return v && LLVMIsAConstantInt(v) && LLVMConstIntGetZExtValue(v) == 1;
}

static LLVMValueRef form(vy__flow *f, uint32_t value, bool even) {
  return even ? vy__flow_scalar(f, value) : vy__flow_vector(f, value);
}

static LLVMTypeRef shape(vy__flow *f, LLVMTypeRef element, bool even) {
  return even ? element : vy__vector_of(f, element);
}

LLVMValueRef vy__for_enter(vy__flow *f, vy__for *s, const vy__stmt *t,
                           LLVMValueRef *go_on) {
  LLVMBuilderRef b = f->e->builder;
  s->type = (vy_type)f->ir->values[t->a].type;
  s->element = vy__llvm_type(f->e, s->type, 1);
  bool lo = vy__is_even(vy__flow_get(f, t->b)),
       hi = vy__is_even(vy__flow_get(f, t->c)),
       step = vy__is_even(vy__flow_get(f, t->d));
  // Lanes that still go round have all made the same number of trips.
  s->even_index = lo && step;
  s->even_trips = lo && hi && step;
  s->index = vy__flow_alloca(f, shape(f, s->element, s->even_index), "index");
  s->step = form(f, t->d, s->even_index);
  LLVMValueRef first = form(f, t->b, s->even_index), some;
  LLVMBuildStore(b, first, s->index);
  if (step && is_const_one(vy__flow_scalar(f, t->d))) {
    s->stop = form(f, t->c, s->even_trips);
    some = LLVMBuildICmp(b, vy__is_signed(s->type) ? LLVMIntSLT : LLVMIntULT,
                         form(f, t->b, s->even_trips), s->stop, "");
  } else {
    LLVMValueRef n =
        trips_of(f, s->type, form(f, t->b, s->even_trips),
                 form(f, t->c, s->even_trips), form(f, t->d, s->even_trips));
    s->trips = vy__flow_alloca(f, LLVMTypeOf(n), "trips");
    LLVMBuildStore(b, n, s->trips);
    some = LLVMBuildICmp(b, LLVMIntNE, n, LLVMConstNull(LLVMTypeOf(n)), "");
  }
  *go_on = s->even_trips ? some : NULL;
  return s->even_trips ? NULL : vy__mask_of_bool(f, some);
}

LLVMValueRef vy__for_index(vy__flow *f, const vy__for *s) {
  return LLVMBuildLoad2(f->e->builder, shape(f, s->element, s->even_index),
                        s->index, "");
}

LLVMValueRef vy__for_next(vy__flow *f, const vy__for *s) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef t = shape(f, s->element, s->even_index);
  LLVMValueRef i = LLVMBuildLoad2(b, t, s->index, "");
  i = LLVMBuildAdd(b, i, s->step, "");
  LLVMBuildStore(b, i, s->index);
  if (s->stop) {
    if (s->even_index && !s->even_trips)
      i = vy__splat(b, i, f->e->width);
    return LLVMBuildICmp(b, LLVMIntNE, i, s->stop, "");
  }
  LLVMTypeRef wide = shape(f, vy__t64(f), s->even_trips);
  LLVMValueRef n = LLVMBuildLoad2(b, wide, s->trips, "");
  LLVMValueRef one = vy__i64(f, 1);
  n = LLVMBuildSub(b, n, s->even_trips ? one : vy__splat(b, one, f->e->width),
                   "");
  LLVMBuildStore(b, n, s->trips);
  return LLVMBuildICmp(b, LLVMIntNE, n, LLVMConstNull(wide), "");
}

static void do_for(vy__flow *f, uint32_t i) {
  LLVMBuilderRef b = f->e->builder;
  const vy__stmt *t = stmt_at(f, i);
  uint32_t end = partner(f, i);
  LLVMValueRef before = f->mask, even;
  vy__frame frame;
  vy__for s = {0};
  LLVMValueRef lanes = vy__for_enter(f, &s, t, &even);
  open_loop(f, &frame, i);
  make_continued(f, &frame);
  LLVMBasicBlockRef body = vy__flow_block(f, "for");
  LLVMValueRef going = NULL;
  if (!frame.uniform) {
    // Lanes without a trip are through.
    LLVMValueRef m = lanes ? vy__mask_and(f, before, lanes) : before;
    if (frame.left && lanes)
      add_to_slot(f, frame.left, vy__mask_without(f, before, lanes));
    else if (frame.left)
      set_slot(f, frame.left,
               LLVMBuildSelect(b, even, vy__mask_none(f),
                               vy__mask_full(f, before), ""));
    going = mask_slot(f, m);
    even = lanes ? vy__mask_any(f, m) : even;
  }
  LLVMBuildCondBr(b, even, body, frame.exit);
  start(f, body);
  if (going)
    f->mask = slot_mask(f, going);
  LLVMValueRef x = vy__for_index(f, &s);
  if (s.even_index)
    vy__flow_set_scalar(f, t->a, x);
  else
    vy__flow_set_vector(f, t->a, x);
  open_trip(f, &frame);
  bool comes_out = vy__flow_stmts(f, i + 1, end);
  close_trip(f, &frame, comes_out, going);
  if (frame.uniform)
    f->mask = before;
  tick(f, &frame);
  LLVMValueRef again = vy__for_next(f, &s);
  if (going) {
    LLVMValueRef m = f->mask;
    if (!s.even_trips)
      m = vy__mask_and(f, m, vy__mask_of_bool(f, again));
    if (frame.left && !s.even_trips)
      add_to_slot(f, frame.left, vy__mask_without(f, f->mask, m));
    else if (frame.left)
      add_to_slot(f, frame.left,
                  LLVMBuildSelect(b, again, vy__mask_none(f),
                                  vy__mask_full(f, f->mask), ""));
    set_slot(f, going, m);
    LLVMValueRef any = vy__mask_any(f, m);
    again = s.even_trips ? LLVMBuildAnd(b, again, any, "") : any;
  }
  LLVMBuildCondBr(b, again, body, frame.exit);
  close_loop(f, &frame, before);
}

// ---- blocks and jumps

static void do_block(vy__flow *f, uint32_t i) {
  LLVMValueRef before = f->mask;
  bool changes = f->facts[i].left || f->facts[i].jumps_out;
  vy__frame frame = {.up = f->frame,
                     .kind = VY__FRAME_BLOCK,
                     .stmt = i,
                     .exit = vy__flow_block(f, "block_done")};
  if (changes)
    frame.left = mask_slot(f, vy__mask_none(f));
  f->frame = &frame;
  if (vy__flow_stmts(f, i + 1, partner(f, i))) {
    if (frame.left)
      add_to_slot(f, frame.left, f->mask);
    go(f, frame.exit);
  }
  f->frame = frame.up;
  start(f, frame.exit);
  f->mask = frame.left ? slot_mask(f, frame.left) : before;
}

// False: control ends here for all; true: for some lanes only.
static bool do_jump(vy__flow *f, uint32_t i) {
  uint32_t kind = stmt_at(f, i)->kind;
  vy__frame *t = target(f, kind);
  bool is_continue = kind == VY__STMT_CONTINUE;
  if (f->e->program->stmt_uniform[i]) {
    if (!is_continue && t->left)
      add_to_slot(f, t->left, f->mask);
    go(f, is_continue ? t->latch : t->exit);
    return false;
  }
  LLVMValueRef slot = is_continue ? t->continued : t->left;
  if (slot)
    add_to_slot(f, slot, f->mask);
  if (kind == VY__STMT_RETURN && f->alive)
    set_slot(
        f, f->alive,
        vy__mask_without(f, slot_mask(f, f->alive), vy__mask_full(f, f->mask)));
  f->mask = vy__mask_none(f);
  return true;
}

// ---- lists

static bool is_jump(uint32_t kind) {
  return kind == VY__STMT_BREAK || kind == VY__STMT_CONTINUE ||
         kind == VY__STMT_LEAVE || kind == VY__STMT_RETURN;
}

static bool do_stmt(vy__flow *f, uint32_t i) {
  switch ((vy__stmt_kind)stmt_at(f, i)->kind) {
  case VY__STMT_EXEC:
    execute(f, stmt_at(f, i)->a);
    return true;
  case VY__STMT_IF:
    return do_if(f, i);
  case VY__STMT_WHILE:
    do_while(f, i);
    return true;
  case VY__STMT_FOR:
    do_for(f, i);
    return true;
  case VY__STMT_BLOCK:
    do_block(f, i);
    return true;
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
    return do_jump(f, i);
  case VY__STMT_ARRAY:
    vy__flow_zero_private(f, stmt_at(f, i)->a);
    return true;
  case VY__STMT_ELSE:
  case VY__STMT_COND:
  case VY__STMT_END:
    break;
  }
  return true;
}

// When a statement may have switched all lanes off, the rest of its list is
// jumped over; the mask then reaches the end through a slot.
typedef struct skip {
  LLVMBasicBlockRef end;
  LLVMValueRef slot;
} skip;

static void skip_if_none(vy__flow *f, skip *s) {
  if (!s->end) {
    s->end = vy__flow_block(f, "skipped");
    s->slot = vy__flow_alloca(f, vy__mask_type(f), "rest");
  }
  LLVMBasicBlockRef on = vy__flow_block(f, "some_left");
  set_slot(f, s->slot, vy__mask_none(f));
  LLVMBuildCondBr(f->e->builder, vy__mask_any(f, f->mask), on, s->end);
  start(f, on);
}

// What a list computes can be used behind its end only where none of it is
// skipped.
static bool list(vy__flow *f, uint32_t from, uint32_t to, bool may_skip) {
  skip s = {NULL, NULL};
  bool comes_out = true;
  for (uint32_t i = from; i < to; i = vy__flow_after(f, i)) {
    vy__flow_make_at(f, i);
    if (!do_stmt(f, i)) {
      comes_out = false;
      break;
    }
    if (is_jump(stmt_at(f, i)->kind))
      break; // no lane is left for the rest
    if (may_skip && f->facts[i].jumps_out && f->mask &&
        vy__flow_after(f, i) < to)
      skip_if_none(f, &s);
  }
  if (!s.end)
    return comes_out;
  if (comes_out) {
    set_slot(f, s.slot, f->mask);
    go(f, s.end);
  }
  start(f, s.end);
  f->mask = slot_mask(f, s.slot);
  return true;
}

bool vy__flow_stmts(vy__flow *f, uint32_t from, uint32_t to) {
  return list(f, from, to, true);
}

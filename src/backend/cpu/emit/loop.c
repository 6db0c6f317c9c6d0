// Loops. Lanes that agree go round by a jump; where they may not, the loop goes
// on while any lane wants another trip, and those that are through wait.
#include "backend/cpu/emit/control.h"
#include "backend/cpu/emit/split.h"

bool vy__flow_uniform_loop(const vy__flow *f, uint32_t i) {
  return f->e->width == 1 || vy__loop_is_uniform(f->e->program, i);
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

void vy__flow_while(vy__flow *f, uint32_t i) {
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
  bool comes_out =
      vy__flow_condition(f, i + 1, cond); // the body uses what it makes
  if (comes_out) {
    vy__flow_make_at(f, cond);
    vy__split_end(f);
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
  // It ends before it wraps, or else nobody reads it: so LLVM may keep it in 64
  // bits, and addresses need no extension of it.
  if (s->type == VY_TYPE_U32 && s->even_index)
    LLVMSetNUW(i, 1);
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

void vy__flow_run_for(vy__flow *f, uint32_t i) {
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
  LLVMValueRef branch = LLVMBuildCondBr(b, again, body, frame.exit);
  // A lane alone has few registers besides those of its loops, which are long
  // where LLVM does not see how long.
  if (f->e->width == 1 && f->ir->values[t->c].op != VY__OP_CONST)
    vy__flow_mostly(f, branch);
  close_loop(f, &frame, before);
}

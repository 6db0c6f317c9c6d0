// Lanes' code between two meetings, for every vector of the group in turn.
// What lives longer than a range is kept in scratch memory, a vector for each
// vector of lanes; within the range it is on the stack, which LLVM turns into
// registers.
#include "backend/cpu/emit/memory.h"
#include "backend/cpu/emit/split.h"

LLVMValueRef vy__scratch(vy__flow *f, LLVMBuilderRef b, uint64_t offset) {
  LLVMValueRef at = vy__i64(f, offset);
  return LLVMBuildGEP2(b, vy__t8(f), f->scratch, &at, 1, "");
}

void vy__scratch_zero(vy__flow *f, uint32_t offset, uint32_t size) {
  LLVMBuilderRef b = f->e->builder;
  if (!size)
    return;
  LLVMValueRef slot = vy__flow_alloca(f, vy__t64(f), "i");
  LLVMBasicBlockRef body = vy__flow_block(f, "zero"),
                    done = vy__flow_block(f, "zeroed");
  LLVMBuildStore(b, vy__i64(f, 0), slot);
  LLVMBuildBr(b, body);
  LLVMPositionBuilderAtEnd(b, body);
  LLVMValueRef i = LLVMBuildLoad2(b, vy__t64(f), slot, "");
  LLVMValueRef at = LLVMBuildAdd(b, i, vy__i64(f, offset), "");
  vy__store_raw(f, LLVMConstNull(LLVMVectorType(vy__t64(f), 8)),
                vy__ptr_add(f, f->scratch, at), 8);
  i = LLVMBuildAdd(b, i, vy__i64(f, 64), "");
  LLVMBuildStore(b, i, slot);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, i, vy__i64(f, size), ""),
                  body, done);
  LLVMPositionBuilderAtEnd(b, done);
}

// ---- vectors kept in memory

static LLVMTypeRef var_type(vy__flow *f, uint32_t var) {
  vy_type t = (vy_type)f->ir->vars[var];
  if (t == VY_TYPE_BOOL)
    return f->vars[var].uniform ? vy__t1(f) : vy__mask_type(f);
  return vy__llvm_type(f->e, t, f->vars[var].uniform ? 1 : f->e->width);
}

static LLVMValueRef kept_at(vy__flow *f, LLVMBuilderRef b, uint32_t memory) {
  LLVMValueRef at =
      LLVMBuildMul(b, f->index, vy__i64(f, 8 * (uint64_t)f->e->width), "");
  at = LLVMBuildAdd(b, at, vy__i64(f, memory), "");
  return LLVMBuildGEP2(b, vy__t8(f), f->scratch, &at, 1, "");
}

static LLVMValueRef load_at(vy__flow *f, LLVMBuilderRef b, uint32_t memory,
                            LLVMTypeRef t) {
  LLVMValueRef x = LLVMBuildLoad2(b, t, kept_at(f, b, memory), "");
  LLVMSetAlignment(x, 1);
  return x;
}

static LLVMValueRef kept_load(vy__flow *f, uint32_t memory, LLVMTypeRef t) {
  return load_at(f, f->top, memory, t);
}

static void kept_store(vy__flow *f, uint32_t memory, LLVMValueRef x) {
  vy__store_raw(f, x, kept_at(f, f->e->builder, memory), 1);
}

// ---- variables of a range

static void mark_vars(const vy__flow *f, uint32_t from, uint32_t to,
                      uint8_t *seen) {
  memset(seen, 0, f->ir->var_count);
  for (uint32_t i = from; i < to; i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = &f->ir->values[s->a];
    if (v->op == VY__OP_VAR_GET)
      seen[v->ref] |= 1;
    else if (v->op == VY__OP_VAR_SET)
      seen[v->ref] |= 2;
  }
}

typedef struct snapshot {
  uint8_t *seen;      // by variable: 1 got, 2 set
  LLVMValueRef *even; // by variable: what it is before the range
  LLVMValueRef ticks;
} snapshot;

// Every vector runs through the changes of the group's variables anew.
static void take(vy__flow *f, snapshot *s) {
  LLVMBuilderRef b = f->e->builder;
  for (uint32_t i = 0; i < f->ir->var_count; i++)
    if (f->vars[i].uniform && (s->seen[i] & 2) && f->vars[i].used)
      s->even[i] = LLVMBuildLoad2(b, var_type(f, i), f->vars[i].slot, "");
  if (f->budgeted)
    s->ticks = LLVMBuildLoad2(b, vy__t64(f), f->group_ticks, "");
}

static void load_kept(vy__flow *f, const snapshot *s) {
  for (uint32_t i = 0; i < f->ir->var_count; i++) {
    vy__var_slot *v = &f->vars[i];
    if (!s->seen[i] || !v->used || v->by_parts)
      continue;
    if (v->uniform && (s->seen[i] & 2))
      LLVMBuildStore(f->top, s->even[i], v->slot);
    else if (!v->uniform && v->kept)
      LLVMBuildStore(f->top, kept_load(f, v->memory, var_type(f, i)), v->slot);
    else if (!v->uniform)
      LLVMBuildStore(f->top, LLVMConstNull(var_type(f, i)), v->slot);
  }
  if (f->budgeted) {
    LLVMBuildStore(f->top, s->ticks, f->group_ticks);
    LLVMTypeRef t = vy__vector_of(f, vy__t64(f));
    LLVMBuildStore(f->top, kept_load(f, f->ticks_memory, t), f->ticks);
  }
}

void vy__kept_take(vy__flow *f, uint32_t var) {
  LLVMBuilderRef b = f->e->builder;
  const vy__var_slot *v = &f->vars[var];
  LLVMBuildStore(b, load_at(f, b, v->memory, var_type(f, var)), v->slot);
}

void vy__kept_put(vy__flow *f, uint32_t var) {
  const vy__var_slot *v = &f->vars[var];
  kept_store(f, v->memory,
             LLVMBuildLoad2(f->e->builder, var_type(f, var), v->slot, ""));
}

static void store_kept(vy__flow *f, const snapshot *s) {
  LLVMBuilderRef b = f->e->builder;
  for (uint32_t i = 0; i < f->ir->var_count; i++) {
    vy__var_slot *v = &f->vars[i];
    if ((s->seen[i] & 2) && v->used && v->kept && !v->uniform && !v->by_parts)
      vy__kept_put(f, i);
  }
  if (f->budgeted)
    kept_store(f, f->ticks_memory,
               LLVMBuildLoad2(b, vy__vector_of(f, vy__t64(f)), f->ticks, ""));
}

// ---- masks

static LLVMValueRef top_without(vy__flow *f, LLVMValueRef mask,
                                LLVMValueRef off) {
  LLVMValueRef on = LLVMBuildNot(f->top, off, "");
  return mask ? LLVMBuildAnd(f->top, mask, on, "") : on;
}

static LLVMValueRef *off_slot(vy__frame *frame) {
  return frame->kind == VY__FRAME_LOOP ? &frame->continued : &frame->left;
}

// The lanes of this vector that run: those that exist, have not ended, and
// have not left what encloses the range.
static void open_mask(vy__flow *f) {
  uint32_t w = f->e->width;
  const uint32_t *g = f->e->program->group_size;
  uint32_t lanes = g[0] * g[1] * g[2];
  LLVMValueRef mask = NULL;
  if (lanes % w) {
    LLVMValueRef first = LLVMBuildMul(f->top, f->index, vy__i64(f, w), "");
    LLVMValueRef left = LLVMBuildSub(f->top, vy__i64(f, lanes), first, "");
    left = LLVMBuildTrunc(f->top, left, vy__t32(f), "");
    mask = LLVMBuildICmp(f->top, LLVMIntULT, vy__iota(f, vy__t32(f), 1),
                         vy__splat(f->top, left, w), "");
    if (f->mask_bits > 1)
      mask = LLVMBuildSExt(f->top, mask, vy__mask_type(f), "");
  }
  if (f->alive && f->meets) {
    LLVMValueRef ended = kept_load(f, f->ended_memory, vy__mask_type(f));
    LLVMBuildStore(f->top, LLVMBuildNot(f->top, ended, ""), f->alive);
    mask = top_without(f, mask, ended);
  } else if (f->alive) {
    LLVMBuildStore(f->top, LLVMConstAllOnes(vy__mask_type(f)), f->alive);
  }
  for (vy__frame *k = f->frame; k; k = k->up) {
    if (!k->keeps)
      continue;
    LLVMValueRef off = kept_load(f, k->memory, vy__mask_type(f));
    *off_slot(k) = vy__flow_alloca(f, vy__mask_type(f), "off");
    LLVMBuildStore(f->top, off, *off_slot(k));
    mask = top_without(f, mask, off);
  }
  f->mask = mask;
}

static void close_mask(vy__flow *f) {
  LLVMBuilderRef b = f->e->builder;
  if (f->alive && f->meets) {
    LLVMValueRef alive = LLVMBuildLoad2(b, vy__mask_type(f), f->alive, "");
    kept_store(f, f->ended_memory, LLVMBuildNot(b, alive, ""));
  }
  for (vy__frame *k = f->frame; k; k = k->up)
    if (k->keeps)
      kept_store(f, k->memory,
                 LLVMBuildLoad2(b, vy__mask_type(f), *off_slot(k), ""));
}

// ---- who the lanes are

static LLVMValueRef t32_of(vy__flow *f, LLVMValueRef x) {
  return LLVMBuildTrunc(f->top, x, vy__t32(f), "");
}

static void open_locals(vy__flow *f) {
  LLVMBuilderRef b = f->top;
  uint32_t w = f->e->width;
  const uint32_t *g = f->e->program->group_size;
  LLVMValueRef first =
      LLVMBuildNUWMul(b, t32_of(f, f->index), vy__i32(f, w), "");
  vy__lane_value none = {.scalar = vy__i32(f, 0), .no_wrap = true};
  f->local[0] = f->local[1] = f->local[2] = none;
  if (g[1] * g[2] == 1) {
    f->local[0] = (vy__lane_value){
        .scalar = first, .stride = 1, .no_wrap = true, .aligned = true};
  } else if (g[0] % w == 0) { // a vector lies within one row
    LLVMValueRef row = LLVMBuildUDiv(b, first, vy__i32(f, g[0]), "");
    f->local[0] = (vy__lane_value){
        .scalar = LLVMBuildURem(b, first, vy__i32(f, g[0]), ""),
        .stride = 1,
        .no_wrap = true,
        .aligned = true};
    f->local[1].scalar =
        g[2] == 1 ? row : LLVMBuildURem(b, row, vy__i32(f, g[1]), "");
    if (g[2] > 1)
      f->local[2].scalar = LLVMBuildUDiv(b, row, vy__i32(f, g[1]), "");
  } else {
    LLVMValueRef x =
        LLVMBuildAdd(b, vy__splat(b, first, w), vy__iota(f, vy__t32(f), 1), "");
    for (uint32_t d = 0; d < 3; d++) {
      LLVMValueRef n = vy__splat(b, vy__i32(f, g[d]), w);
      LLVMValueRef at = d < 2 ? LLVMBuildURem(b, x, n, "") : x;
      f->local[d] = (vy__lane_value){.vector = at};
      x = LLVMBuildUDiv(b, x, n, "");
    }
  }
  for (uint32_t d = 0; d < 3; d++) {
    LLVMValueRef base = LLVMBuildMul(b, f->group[d], vy__i32(f, g[d]), "");
    vy__lane_value *l = &f->lane[d];
    *l = f->local[d];
    l->aligned = l->aligned && g[d] % w == 0;
    if (l->scalar)
      l->scalar = LLVMBuildAdd(b, base, l->scalar, "");
    else
      l->vector = LLVMBuildAdd(b, vy__splat(b, base, w), l->vector, "");
  }
}

// Numbers of the lanes in the domain, for reports.
static void open_linear(vy__flow *f) {
  LLVMBuilderRef b = f->top;
  LLVMTypeRef wide = vy__vector_of(f, vy__t64(f));
  if (!f->strict && !f->budgeted)
    return;
  LLVMValueRef sum = LLVMConstNull(wide);
  for (uint32_t d = 3; d-- > 0;) {
    vy__lane_value lane = f->lane[d];
    LLVMValueRef x = vy__flow_spread(f, VY_TYPE_U32, &lane);
    x = LLVMBuildZExt(b, x, wide, "");
    LLVMValueRef n = vy__splat(b, vy__flow_lanes(f, d), f->e->width);
    sum = LLVMBuildAdd(b, LLVMBuildMul(b, sum, n, ""), x, "");
  }
  LLVMBuildStore(b, sum, f->linear_slot);
}

// ---- the range

// The collective at which the range ends.
static uint32_t meeting_of(const vy__flow *f, const vy__range *range) {
  return range && range->count ? f->ir->stmts[range->to].a : VY__NONE;
}

static void bring_operands(vy__flow *f, const vy__range *range, uint32_t to) {
  uint32_t meeting = meeting_of(f, range);
  if (meeting == VY__NONE)
    return;
  vy__flow_make_at(f, to);
  vy__split_end(f);
  vy__collective_take(f, meeting);
}

static void one_vector(vy__flow *f, uint32_t from, uint32_t to,
                       const vy__range *range, const snapshot *s) {
  LLVMBasicBlockRef start = vy__flow_block(f, "lanes");
  vy__frame *outer = f->frame;
  vy__frame body = {.kind = VY__FRAME_BODY,
                    .up = outer,
                    .exit = vy__flow_block(f, "lanes_done")};
  f->stamp++;
  open_locals(f);
  open_linear(f);
  if (f->meets) {
    vy__parts_find(f, from, to);
    load_kept(f, s);
  } else {
    vy__flow_open_vector(f);
  }
  open_mask(f);
  vy__schedule_range(&f->schedule, from, to,
                     range ? f->needs + range->first : NULL,
                     range ? range->count : 0, f->stays);
  LLVMPositionBuilderAtEnd(f->e->builder, start);
  f->frame = &body;
  bool comes_out = vy__flow_stmts(f, from, to);
  if (comes_out) {
    bring_operands(f, range, to);
    LLVMBuildBr(f->e->builder, body.exit);
  }
  LLVMBuildBr(f->top, start);
  LLVMPositionBuilderAtEnd(f->e->builder, body.exit);
  f->frame = outer;
  if (f->meets)
    store_kept(f, s);
  close_mask(f);
}

// Is the range all for one lane, `if (local == 3) ...`? Then only its vector
// has anything to do.
static bool is_for_one(const vy__flow *f, uint32_t from, uint32_t to,
                       const vy__range *range, uint32_t *vector) {
  const uint32_t *g = f->e->program->group_size;
  const vy__stmt *s = &f->ir->stmts[from];
  if (!f->meets || f->budgeted || range->count || from == to ||
      s->kind != VY__STMT_IF || vy__flow_after(f, from) != to ||
      f->e->program->match[from] != to - 1 || g[1] * g[2] != 1)
    return false;
  const vy__value *v = &f->ir->values[s->a];
  if (v->op != VY__OP_EQ)
    return false;
  const vy__value *x = &f->ir->values[v->a[0]], *y = &f->ir->values[v->a[1]];
  if (x->op == VY__OP_CONST) {
    const vy__value *other = x;
    x = y;
    y = other;
  }
  *vector = (uint32_t)(y->imm / f->e->width);
  return x->op == VY__OP_LOCAL && x->ref == 0 && y->op == VY__OP_CONST &&
         y->imm < g[0];
}

static void all_vectors(vy__flow *f, uint32_t from, uint32_t to,
                        const vy__range *range, const snapshot *s) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef slot = vy__flow_alloca(f, vy__t64(f), "vector"), i;
  LLVMBasicBlockRef top = vy__flow_block(f, "vector"),
                    done = vy__flow_block(f, "range_done");
  uint32_t first = 0, end = f->vectors;
  if (is_for_one(f, from, to, range, &first))
    end = first + 1;
  LLVMBuildStore(b, vy__i64(f, first), slot);
  LLVMBuildBr(b, top);
  LLVMPositionBuilderAtEnd(f->top, top);
  f->index = LLVMBuildLoad2(f->top, vy__t64(f), slot, "");
  i = f->index;
  one_vector(f, from, to, range, s);
  i = LLVMBuildAdd(b, i, vy__i64(f, 1), "");
  LLVMBuildStore(b, i, slot);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, i, vy__i64(f, end), ""), top,
                  done);
  LLVMPositionBuilderAtEnd(b, done);
  f->index = NULL;
  f->mask = NULL;
}

// The range twice: for groups of which much is known, and for all others.
static void either_way(vy__flow *f, LLVMValueRef good, uint32_t from,
                       uint32_t to, const vy__range *range, const snapshot *s) {
  LLVMBuilderRef b = f->e->builder;
  LLVMBasicBlockRef known = vy__flow_block(f, "known"),
                    other = vy__flow_block(f, "other"),
                    join = vy__flow_block(f, "either");
  LLVMBuildCondBr(b, good, known, other);
  LLVMPositionBuilderAtEnd(b, known);
  f->box.on = true;
  all_vectors(f, from, to, range, s);
  f->box.on = false;
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, other);
  all_vectors(f, from, to, range, s);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, join);
}

void vy__flow_range(vy__flow *f, uint32_t from, uint32_t to,
                    const vy__range *range) {
  const vy_allocator *a = f->e->job->alloc;
  uint32_t n = f->ir->var_count;
  snapshot s = {.seen = vy__calloc(a, n + 1, 1),
                .even = vy__calloc(a, n + 1, sizeof(LLVMValueRef))};
  if (!s.seen || !s.even) {
    f->e->oom = true;
  } else {
    f->range_now = range ? (uint32_t)(range - f->ranges) : VY__NONE;
    if (n)
      mark_vars(f, from, to, s.seen);
    if (f->meets)
      take(f, &s);
    if (meeting_of(f, range) != VY__NONE)
      vy__collective_open(f, meeting_of(f, range));
    for (uint32_t i = from; i < to; i++)
      if (f->ir->stmts[i].kind == VY__STMT_EXEC &&
          vy__goes_along(f, f->ir->stmts[i].a))
        vy__scan_open(f, f->ir->stmts[i].a);
    LLVMValueRef good = vy__box_open(f, from, to, range);
    if (good)
      either_way(f, good, from, to, range, &s);
    else
      all_vectors(f, from, to, range, &s);
    f->mask = NULL;
    f->range_now = VY__NONE;
  }
  if (s.seen)
    vy__free(a, s.seen, n + 1);
  if (s.even)
    vy__free(a, s.even, (n + 1) * sizeof(LLVMValueRef));
}

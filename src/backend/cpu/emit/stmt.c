// Statements of one vector of lanes. Where all lanes agree, control is control
// of the machine; where they may differ, lanes are switched off by the mask.
// A mask that can change inside a statement travels through a slot.
#include "backend/cpu/emit/control.h"
#include "backend/cpu/emit/split.h"

enum { CHEAP_ARM = 12 }; // cost of what is computed, not jumped over

uint32_t vy__flow_after(const vy__flow *f, uint32_t i) {
  uint32_t kind = stmt_at(f, i)->kind;
  bool opens = kind == VY__STMT_IF || kind == VY__STMT_WHILE ||
               kind == VY__STMT_FOR || kind == VY__STMT_BLOCK;
  return opens ? end_of(f, i) + 1 : i + 1;
}

bool vy__flow_together(const vy__flow *f, uint32_t stmt) {
  return f->e->width == 1 || f->e->program->stmt_uniform[stmt];
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

void vy__flow_spill(vy__flow *f, uint32_t value) {
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
    if (value >= f->sets_from && value < f->sets_to)
      var_set(f, v);
    break;
  case VY__OP_LOAD:
    vy__flow_load(f, value);
    break;
  case VY__OP_STORE:
    vy__flow_store(f, value);
    break;
  default:
    if (vy__op_row(v->op)->effect == VY__EFFECT_COLLECTIVE)
      vy__scan_along(f, value);
    else if (vy__op_row(v->op)->effect == VY__EFFECT_ATOMIC)
      vy__flow_atomic(f, value);
    else if (vy__op_row(v->op)->effect == VY__EFFECT_READ)
      vy__flow_bytes_load(f, value);
    else
      vy__flow_bytes_store(f, value);
  }
  if (f->spill && f->spill[value] != VY__NONE && f->stamps[value] == f->stamp)
    vy__flow_spill(f, value);
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
    if (!vy__op_is_variable(op))
      return false;
    for (uint32_t v = f->schedule.first[i]; v != VY__NONE;
         v = f->schedule.next[v]) {
      uint32_t pure = f->ir->values[v].op;
      bool reads = vy__op_row(pure)->effect == VY__EFFECT_READ;
      cost += reads ? CHEAP_ARM : vy__op_time(pure);
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

// A number below a bound that the launch gives: a program's own check of an
// index, which mostly is one.
static bool is_check(const vy__flow *f, uint32_t id) {
  const vy__value *v = &f->ir->values[id];
  bool up = v->op == VY__OP_LT || v->op == VY__OP_LE;
  if (!up && v->op != VY__OP_GT && v->op != VY__OP_GE)
    return false;
  uint32_t x = v->a[up ? 0 : 1], n = v->a[up ? 1 : 0];
  return f->is_launch[n] && !f->is_launch[x] &&
         f->ir->values[n].op != VY__OP_CONST;
}

static bool real_if(vy__flow *f, uint32_t i, uint32_t middle, uint32_t end) {
  LLVMValueRef before = f->mask;
  LLVMValueRef slot = f->facts[i].jumps_out ? mask_slot(f, before) : NULL;
  LLVMBasicBlockRef yes = vy__flow_block(f, "then"),
                    no = vy__flow_block(f, "else"),
                    join = vy__flow_block(f, "endif");
  bool comes_out = middle == end;
  LLVMValueRef branch =
      LLVMBuildCondBr(f->e->builder, vy__flow_scalar(f, stmt_at(f, i)->a), yes,
                      middle == end ? join : no);
  if (is_check(f, stmt_at(f, i)->a))
    vy__flow_mostly(f, branch);
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
  if (vy__flow_together(f, i)) {
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
    vy__flow_while(f, i);
    return true;
  case VY__STMT_FOR:
    vy__flow_for(f, i);
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

// Stores that make up one window, with what stands between them; the last
// statement that was done, or VY__NONE.
static uint32_t several_stores(vy__flow *f, uint32_t i, uint32_t to) {
  vy__stores all;
  uint32_t last = stmt_at(f, i)->kind == VY__STMT_EXEC
                      ? vy__stores_of_lanes(f, i, to, &all)
                      : VY__NONE;
  if (last == VY__NONE)
    return VY__NONE;
  for (uint32_t s = i; s <= last; s++) {
    uint32_t value = stmt_at(f, s)->a;
    if (s > i)
      vy__flow_make_at(f, s);
    if (f->ir->values[value].op != VY__OP_STORE)
      execute(f, value);
  }
  vy__store_lanes(f, &all);
  return last;
}

// When a statement may have switched all lanes off, the rest of its list is
// jumped over; the mask then reaches the end through a slot.
typedef struct skip {
  LLVMBasicBlockRef end;
  LLVMValueRef slot;
} skip;

static void skip_if_none(vy__flow *f, skip *s) {
  if (!s->end) {
    s->end = vy__split_block(f, "skipped");
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
    uint32_t last = several_stores(f, i, to);
    if (last != VY__NONE) {
      i = last;
      continue;
    }
    bool entered = vy__split_enter(f, i, vy__flow_after(f, i));
    comes_out = do_stmt(f, i);
    vy__split_leave(f, entered);
    if (!comes_out)
      break;
    if (is_jump(stmt_at(f, i)->kind))
      break; // no lane is left for the rest
    if (may_skip && f->facts[i].jumps_out && f->mask &&
        vy__flow_after(f, i) < to)
      skip_if_none(f, &s);
  }
  vy__split_end(f);
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

bool vy__flow_condition(vy__flow *f, uint32_t from, uint32_t to) {
  return list(f, from, to, false);
}

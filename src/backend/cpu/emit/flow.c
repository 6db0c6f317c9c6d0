// The kernel around the body: what depends on the launch in the first block,
// then loops over lanes (rows.c) or groups, once for launches whose facts hold
// and with all lanes of a vector on, once for everything else.
#include "backend/cpu/emit/split.h"

enum { STACK_ARRAYS = 16384 }; // bytes of private arrays kept on the stack

// ---- small things

LLVMBasicBlockRef vy__flow_block(vy__flow *f, const char *name) {
  return LLVMAppendBasicBlockInContext(f->e->context, f->e->function, name);
}

void vy__flow_mostly(vy__flow *f, LLVMValueRef branch) {
  static const char kind[] = "prof", name[] = "branch_weights";
  LLVMContextRef c = f->e->context;
  LLVMMetadataRef parts[] = {LLVMMDStringInContext2(c, name, sizeof name - 1),
                             LLVMValueAsMetadata(vy__i32(f, 1000)),
                             LLVMValueAsMetadata(vy__i32(f, 1))};
  LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(c, kind, sizeof kind - 1),
                  LLVMMetadataAsValue(c, LLVMMDNodeInContext2(c, parts, 3)));
}

LLVMValueRef vy__flow_alloca(vy__flow *f, LLVMTypeRef type, const char *name) {
  LLVMBasicBlockRef block = LLVMGetEntryBasicBlock(f->split.kernel);
  LLVMValueRef first = LLVMGetFirstInstruction(block);
  LLVMBuilderRef b = f->entry;
  LLVMBasicBlockRef now = LLVMGetInsertBlock(b);
  if (first)
    LLVMPositionBuilderBefore(b, first);
  LLVMValueRef slot = LLVMBuildAlloca(b, type, name);
  LLVMPositionBuilderAtEnd(b, now);
  return slot;
}

LLVMValueRef vy__ptr_add(vy__flow *f, LLVMValueRef ptr, LLVMValueRef bytes) {
  return LLVMBuildGEP2(f->e->builder, vy__t8(f), ptr, &bytes, 1, "");
}

LLVMValueRef vy__load_raw(vy__flow *f, LLVMTypeRef type, LLVMValueRef ptr,
                          uint32_t align) {
  LLVMValueRef x = LLVMBuildLoad2(f->e->builder, type, ptr, "");
  LLVMSetAlignment(x, align);
  return x;
}

void vy__store_raw(vy__flow *f, LLVMValueRef value, LLVMValueRef ptr,
                   uint32_t align) {
  LLVMSetAlignment(LLVMBuildStore(f->e->builder, value, ptr), align);
}

// ---- facts of the program

static void find_parents(vy__flow *f) {
  uint32_t around = VY__NONE;
  for (uint32_t i = 0; i < f->ir->stmt_count; i++) {
    uint32_t kind = f->ir->stmts[i].kind;
    if (kind == VY__STMT_END)
      around = f->facts[f->e->program->match[i]].parent;
    f->facts[i].parent = around;
    f->facts[i].memory = VY__NONE;
    if (kind == VY__STMT_IF || kind == VY__STMT_WHILE || kind == VY__STMT_FOR ||
        kind == VY__STMT_BLOCK)
      around = i;
  }
}

static void find_jumps(vy__flow *f) {
  for (uint32_t i = 0; i < f->ir->stmt_count; i++) {
    uint32_t kind = f->ir->stmts[i].kind;
    if (kind < VY__STMT_BREAK || kind > VY__STMT_RETURN ||
        vy__flow_together(f, i))
      continue;
    uint32_t p = f->facts[i].parent;
    for (; p != VY__NONE; p = f->facts[p].parent) {
      uint32_t is = f->ir->stmts[p].kind;
      bool loop = is == VY__STMT_WHILE || is == VY__STMT_FOR;
      if (kind == VY__STMT_LEAVE ? is == VY__STMT_BLOCK
                                 : loop && kind != VY__STMT_RETURN)
        break;
      f->facts[p].jumps_out = 1;
    }
    if (p == VY__NONE)
      continue;
    if (kind == VY__STMT_CONTINUE)
      f->facts[p].continued = 1;
    else
      f->facts[p].left = 1;
  }
}

static bool has_divergent_return(const vy__flow *f) {
  for (uint32_t i = 0; i < f->ir->stmt_count; i++)
    if (f->ir->stmts[i].kind == VY__STMT_RETURN && !vy__flow_together(f, i))
      return true;
  return false;
}

static void find_values(vy__flow *f) {
  const vy__ir *ir = f->ir;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *v = &ir->values[i];
    const vy__op_info *row = vy__op_row(v->op);
    bool launch = !vy__is_ordered(ir, v);
    if (row->effect == VY__EFFECT_LEAF)
      launch = v->op != VY__OP_LOOP_INDEX && v->op != VY__OP_GROUP_ID &&
               !(row->laws & VY__LAW_LANE);
    else if (row->effect != VY__EFFECT_PURE)
      launch = false;
    for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++) {
      f->uses[v->a[k]]++;
      launch = launch && f->is_launch[v->a[k]];
    }
    f->is_launch[i] = launch;
    f->stays[i] = row->effect == VY__EFFECT_READ &&
                  (f->strict || f->e->lowered->check[i] == VY__CHECK_NONE);
    if (v->op == VY__OP_VAR_GET) {
      f->vars[v->ref].used = true;
      f->vars[v->ref].uniform =
          f->e->program->value_uniform[i] || f->e->width == 1;
    }
    if (row->effect == VY__EFFECT_COLLECTIVE || row->effect == VY__EFFECT_SYNC)
      f->meets = true;
  }
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *s = &ir->stmts[i];
    bool tests = s->kind == VY__STMT_IF || s->kind == VY__STMT_COND;
    if (tests)
      f->uses[s->a]++;
    if (s->kind == VY__STMT_FOR) {
      f->uses[s->b]++;
      f->uses[s->c]++;
      f->uses[s->d]++;
    }
  }
}

static void place_arrays(vy__flow *f) {
  const vy_program *p = f->e->program;
  uint32_t at = 0;
  for (uint32_t i = 0; i < f->ir->group_count; i++) {
    f->group_offset[i] = at;
    at +=
        (p->group_lengths[i] * vy__type_bytes((vy_type)f->ir->groups[i].type) +
         7) &
        ~7u;
  }
  f->scratch_size = (p->group_memory_bytes + 63) & ~63u;
  at = 0;
  for (uint32_t i = 0; i < f->ir->private_count; i++) {
    f->private_offset[i] = at;
    at += (p->private_lengths[i] *
               vy__type_bytes((vy_type)f->ir->privates[i].type) +
           7) &
          ~7u;
  }
}

// ---- memory of the emission itself

typedef struct piece {
  void *at; // void **
  size_t count, size;
} piece;

enum { PIECES = 17 };

static void pieces_of(vy__flow *f, piece out[PIECES]) {
  size_t v = (size_t)f->ir->value_count + 1, s = (size_t)f->ir->stmt_count + 1;
  const piece all[PIECES] = {
      {&f->facts, s, sizeof *f->facts},
      {&f->values, v, sizeof *f->values},
      {&f->stamps, v, sizeof *f->stamps},
      {&f->launch, v, sizeof *f->launch},
      {&f->is_launch, v, sizeof *f->is_launch},
      {&f->shared, v, sizeof *f->shared},
      {&f->scans, v, sizeof *f->scans},
      {&f->uses, v, sizeof *f->uses},
      {&f->most, v, sizeof *f->most},
      {&f->loop_end, v, sizeof *f->loop_end},
      {&f->stays, v, sizeof *f->stays},
      {&f->vars, (size_t)f->ir->var_count + 1, sizeof *f->vars},
      {&f->group_offset, (size_t)f->ir->group_count + 1, sizeof(uint32_t)},
      {&f->copies, (size_t)f->ir->group_count + 1, sizeof(uint32_t)},
      {&f->copied, (size_t)f->ir->group_count + 1, sizeof(uint32_t)},
      {&f->private_offset, (size_t)f->ir->private_count + 1, sizeof(uint32_t)},
      {&f->private_slot, (size_t)f->ir->private_count + 1,
       sizeof(LLVMValueRef)},
  };
  memcpy(out, all, sizeof all);
}

static bool make_room(vy__flow *f) {
  piece all[PIECES];
  pieces_of(f, all);
  for (int i = 0; i < PIECES; i++) {
    void *p = vy__calloc(f->e->job->alloc, all[i].count, all[i].size);
    if (!p)
      return false;
    memcpy(all[i].at, &p, sizeof p);
  }
  return vy__schedule_init(&f->schedule, f->e->program, f->e->job->alloc);
}

static void give_back(vy__flow *f) {
  const vy_allocator *a = f->e->job->alloc;
  piece all[PIECES];
  pieces_of(f, all);
  for (int i = 0; i < PIECES; i++) {
    void *p;
    memcpy(&p, all[i].at, sizeof p);
    if (p)
      vy__free(a, p, all[i].count * all[i].size);
  }
  uint32_t n = f->ir->value_count, s = f->ir->stmt_count;
  if (f->spill)
    vy__free(a, f->spill, (n + 1) * sizeof(uint32_t));
  if (f->range_of)
    vy__free(a, f->range_of, (n + 1) * sizeof(uint32_t));
  if (f->made_in)
    vy__free(a, f->made_in, (n + 1) * sizeof(uint32_t));
  if (f->dear)
    vy__free(a, f->dear, n + 1);
  if (f->ranges)
    vy__free(a, f->ranges, ((size_t)s + 1) * sizeof *f->ranges);
  if (f->needs)
    vy__free(a, f->needs, (2 * (size_t)s + 1) * sizeof *f->needs);
  vy__split_free(f);
  vy__stretch_free(f);
  vy__box_free(f);
  if (f->schedule.block)
    vy__schedule_free(&f->schedule);
}

// ---- slots

static void make_slots(vy__flow *f) {
  LLVMTypeRef wide = vy__vector_of(f, vy__t64(f));
  for (uint32_t i = 0; i < f->ir->var_count; i++) {
    vy_type t = (vy_type)f->ir->vars[i];
    if (!f->vars[i].used)
      continue;
    LLVMTypeRef type = f->vars[i].uniform ? vy__llvm_type(f->e, t, 1)
                       : t == VY_TYPE_BOOL
                           ? vy__mask_type(f)
                           : vy__llvm_type(f->e, t, f->e->width);
    f->vars[i].slot = vy__flow_alloca(f, type, "var");
  }
  if (f->strict || f->budgeted)
    f->linear_slot = vy__flow_alloca(f, wide, "linear");
  if (f->budgeted) {
    f->ticks = vy__flow_alloca(f, wide, "ticks");
    f->group_ticks = vy__flow_alloca(f, vy__t64(f), "group_ticks");
  }
  if (f->budgeted || has_divergent_return(f))
    f->alive = vy__flow_alloca(f, vy__mask_type(f), "alive");
  bool stack =
      !f->meets &&
      (uint64_t)f->e->program->private_bytes * f->e->width <= STACK_ARRAYS;
  for (uint32_t i = 0; stack && i < f->ir->private_count; i++) {
    uint32_t n = f->e->program->private_lengths[i];
    LLVMTypeRef t =
        vy__llvm_stored(f->e, (vy_type)f->ir->privates[i].type, f->e->width);
    f->private_slot[i] =
        vy__flow_alloca(f, LLVMArrayType2(t, n ? n : 1), "array");
  }
}

void vy__flow_open_vector(vy__flow *f) {
  for (uint32_t i = 0; i < f->ir->var_count; i++)
    if (f->vars[i].used)
      LLVMBuildStore(f->top,
                     LLVMConstNull(LLVMGetAllocatedType(f->vars[i].slot)),
                     f->vars[i].slot);
  if (!f->budgeted)
    return;
  LLVMBuildStore(f->top, LLVMConstNull(vy__vector_of(f, vy__t64(f))), f->ticks);
  LLVMBuildStore(f->top, vy__i64(f, 0), f->group_ticks);
}

// ---- groups

static void group_loop(vy__flow *f, LLVMValueRef begin, LLVMValueRef end) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef at = vy__flow_alloca(f, vy__t64(f), "group");
  LLVMBasicBlockRef body = vy__flow_block(f, "group"),
                    done = vy__flow_block(f, "done");
  LLVMBuildStore(b, begin, at);
  LLVMBuildBr(b, body);
  LLVMPositionBuilderAtEnd(b, body);
  LLVMValueRef g = LLVMBuildLoad2(b, vy__t64(f), at, "");
  vy__flow_group(f, g);
  g = LLVMBuildAdd(b, g, vy__i64(f, 1), "");
  LLVMBuildStore(b, g, at);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, g, end, ""), body, done);
  LLVMPositionBuilderAtEnd(b, done);
  LLVMBuildRetVoid(b);
}

static void group_kernel(vy__flow *f, LLVMValueRef begin, LLVMValueRef end) {
  LLVMBuilderRef b = f->e->builder;
  LLVMBasicBlockRef fast = vy__flow_block(f, "fast"),
                    rest = vy__flow_block(f, "rest");
  LLVMValueRef all = LLVMBuildLoad2(b, vy__t1(f), f->all_slot, "");
  LLVMValueRef branch = LLVMBuildCondBr(b, all, fast, rest);
  LLVMPositionBuilderAtEnd(b, fast);
  f->fast = true;
  group_loop(f, begin, end);
  LLVMPositionBuilderAtEnd(b, rest);
  if (f->used_facts) {
    f->fast = false;
    group_loop(f, begin, end);
    return;
  }
  LLVMInstructionEraseFromParent(branch); // one kind of launch only
  LLVMDeleteBasicBlock(rest);
  LLVMPositionBuilderAtEnd(b, f->begin);
  LLVMBuildBr(b, fast);
}

// ---- launch facts

static void state_facts(vy__flow *f) {
  LLVMBuilderRef b = f->entry;
  LLVMTypeRef wide = LLVMIntTypeInContext(f->e->context, 128);
  f->all = LLVMConstInt(vy__t1(f), 1, 0);
  for (uint32_t i = 0; i < f->e->lowered->fact_count; i++) {
    const vy__fact *fact = &f->e->lowered->facts[i];
    LLVMValueRef sum = LLVMConstInt(wide, fact->offset, 0);
    for (uint32_t d = 0; d < 3; d++) {
      if (!fact->scale[d])
        continue;
      LLVMValueRef n = LLVMBuildSub(b, vy__flow_lanes(f, d), vy__i64(f, 1), "");
      n = LLVMBuildZExt(b, n, wide, "");
      n = LLVMBuildMul(b, n, LLVMConstInt(wide, fact->scale[d], 0), "");
      sum = LLVMBuildAdd(b, sum, n, "");
    }
    LLVMValueRef length =
        LLVMBuildZExt(b, vy__flow_length(f, fact->param), wide, "");
    LLVMValueRef most = LLVMConstInt(wide, UINT64_C(1) << 32, 0);
    LLVMValueRef c =
        LLVMBuildAnd(b, LLVMBuildICmp(b, LLVMIntULT, sum, length, ""),
                     LLVMBuildICmp(b, LLVMIntULT, sum, most, ""), "");
    f->all = LLVMBuildAnd(b, f->all, c, "");
  }
}

// ---- the whole

static LLVMValueRef entry_field(vy__flow *f, size_t offset, LLVMTypeRef type) {
  LLVMValueRef at = vy__i64(f, offset);
  return LLVMBuildLoad2(
      f->entry, type,
      LLVMBuildGEP2(f->entry, vy__t8(f), f->e->args, &at, 1, ""), "");
}

static void make_function(vy__flow *f) {
  vy__emit *e = f->e;
  LLVMTypeRef params[] = {vy__tptr(f), vy__t64(f), vy__t64(f)};
  LLVMTypeRef type =
      LLVMFunctionType(LLVMVoidTypeInContext(e->context), params, 3, 0);
  const char *name = e->job->form == VY__EMIT_OBJECT && e->job->symbol
                         ? e->job->symbol
                         : "kernel";
  e->function = LLVMAddFunction(e->module, name, type);
  vy__emit_attributes(e, e->function, false);
  e->args = LLVMGetParam(e->function, 0);
  LLVMBasicBlockRef entry =
      LLVMAppendBasicBlockInContext(e->context, e->function, "entry");
  f->entry = LLVMCreateBuilderInContext(e->context);
  f->top = LLVMCreateBuilderInContext(e->context);
  f->aside = LLVMCreateBuilderInContext(e->context);
  LLVMPositionBuilderAtEnd(f->entry, entry);
  f->begin = LLVMAppendBasicBlockInContext(e->context, e->function, "begin");
  LLVMPositionBuilderAtEnd(e->builder, f->begin);
  f->scratch = entry_field(f, offsetof(vy__kernel_args, scratch), vy__tptr(f));
  f->fault = entry_field(f, offsetof(vy__kernel_args, fault), vy__tptr(f));
  f->budget = entry_field(f, offsetof(vy__kernel_args, budget), vy__t64(f));
}

static bool emit(vy__flow *f) {
  vy__emit *e = f->e;
  if (!make_room(f))
    return false;
  find_parents(f);
  find_jumps(f);
  for (uint32_t i = 0; i < f->ir->var_count; i++)
    f->vars[i].range = VY__NONE;
  find_values(f);
  vy__flow_find_most(f);
  place_arrays(f);
  make_function(f);
  if (!vy__split_plan(f))
    return false;
  make_slots(f);
  const uint32_t *g = e->program->group_size;
  f->vectors = (g[0] * g[1] * g[2] + e->width - 1) / e->width;
  if (f->meets && !vy__flow_group_plan(f))
    return false;
  if (!f->meets && e->program->private_bytes) {
    f->private_memory = f->scratch_size;
    f->scratch_size += (e->program->private_bytes * e->width + 63) & ~63u;
  }
  state_facts(f);
  f->all_slot = vy__flow_alloca(f, vy__t1(f), "facts");
  LLVMValueRef from = LLVMGetParam(e->function, 1),
               to = LLVMGetParam(e->function, 2);
  if (f->ir->uses_groups && !vy__box_plan(f))
    return false;
  else if (f->ir->uses_groups)
    group_kernel(f, from, to);
  else if (!vy__stretch_plan(f))
    return false;
  else
    vy__flow_rows(f, from, to);
  LLVMBuildStore(f->entry, f->all, f->all_slot);
  LLVMBuildBr(f->entry, f->begin);
  return !e->oom && vy__split_join(f);
}

bool vy__flow_emit(vy__emit *e, vy__kernel_info *info) {
  vy__flow f = {.e = e,
                .ir = e->ir,
                .strict = (e->job->flags & VY_COMPILE_STRICT) != 0,
                .budgeted = (e->job->flags & VY_COMPILE_BUDGETED) != 0,
                .range_now = VY__NONE,
                .sets_to = UINT32_MAX,
                .mask_bits = e->mask_bits};
  bool ok = emit(&f);
  if (f.entry) {
    LLVMDisposeBuilder(f.entry);
    LLVMDisposeBuilder(f.top);
    LLVMDisposeBuilder(f.aside);
  }
  if (ok)
    vy__flow_describe(&f, info);
  give_back(&f);
  return ok;
}

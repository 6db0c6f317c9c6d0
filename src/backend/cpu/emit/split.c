// Where a long program is cut. Weights stand for the LLVM instructions that
// something becomes.
#include "backend/cpu/emit/split.h"

// Weights of a part, and of what is one function; a build may set others to
// have every program split.
#ifndef VY__SPLIT_PART
#define VY__SPLIT_PART 800
#define VY__SPLIT_WHOLE 12000
#endif

enum { PART = VY__SPLIT_PART, WHOLE = VY__SPLIT_WHOLE };

uint32_t vy__split_weight(const vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  switch (vy__op_row(v->op)->effect) {
  case VY__EFFECT_LEAF:
  case VY__EFFECT_PURE:
    return 2 * vy__op_time(v->op);
  case VY__EFFECT_ATOMIC:
  case VY__EFFECT_COLLECTIVE:
    return 60;
  case VY__EFFECT_WRITE:
    return v->op == VY__OP_VAR_SET ? 3 : 60;
  default:
    return v->op == VY__OP_VAR_GET ? 3 : 20;
  }
}

// Weights as if the program were one range of statements.
static bool weigh(vy__flow *f) {
  uint32_t n = f->ir->stmt_count;
  uint64_t sum = 0, launch = 0;
  f->split.before =
      vy__calloc(f->e->job->alloc, (size_t)n + 1, sizeof *f->split.before);
  if (!f->split.before)
    return false;
  vy__schedule_range(&f->schedule, 0, n, NULL, 0, f->stays);
  for (uint32_t i = 0; i < n; i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    for (uint32_t v = f->schedule.first[i]; v != VY__NONE;
         v = f->schedule.next[v])
      *(f->is_launch[v] ? &launch : &sum) += vy__split_weight(f, v);
    f->split.before[i] = sum;
    sum += s->kind == VY__STMT_EXEC  ? vy__split_weight(f, s->a)
           : s->kind == VY__STMT_END ? 0
                                     : 8;
  }
  f->split.before[n] = sum;
  f->split.on = sum + launch > WHOLE;
  return true;
}

bool vy__split_plan(vy__flow *f) {
  f->split.kernel = f->e->function;
  return 60 * (uint64_t)f->ir->value_count < WHOLE || weigh(f);
}

void vy__split_free(vy__flow *f) {
  const vy_allocator *a = f->e->job->alloc;
  vy__split *s = &f->split;
  if (s->before)
    vy__free(a, s->before, ((size_t)f->ir->stmt_count + 1) * sizeof *s->before);
  if (s->parts)
    vy__free(a, s->parts, s->capacity * sizeof *s->parts);
}

// i32 part(ptr frame): which way it was left.
static LLVMValueRef make_function(vy__flow *f) {
  vy__emit *e = f->e;
  LLVMTypeRef param = vy__tptr(f);
  LLVMValueRef fn = LLVMAddFunction(e->module, "part",
                                    LLVMFunctionType(vy__t32(f), &param, 1, 0));
  vy__emit_attributes(e, fn, false);
  LLVMSetLinkage(fn, LLVMInternalLinkage);
  unsigned kind = LLVMGetEnumAttributeKindForName("noalias", 7);
  LLVMAddAttributeAtIndex(fn, 1, LLVMCreateEnumAttribute(e->context, kind, 0));
  return fn;
}

static bool make_place(vy__flow *f) {
  vy__split *s = &f->split;
  void *parts = s->parts;
  bool fits = vy__grow(f->e->job->alloc, &parts, &s->capacity, s->count + 1,
                       sizeof *s->parts);
  s->parts = parts;
  f->e->oom = f->e->oom || !fits;
  return fits;
}

// A new part, that goes on where the builder stands.
static LLVMValueRef add_part(vy__flow *f, LLVMBuilderRef b) {
  vy__split *s = &f->split;
  LLVMValueRef fn = make_function(f);
  s->parts[s->count++] =
      (vy__part){.function = fn, .from = LLVMGetInsertBlock(b)};
  LLVMPositionBuilderAtEnd(
      b, LLVMAppendBasicBlockInContext(f->e->context, fn, "part"));
  return fn;
}

static void open_part(vy__flow *f) {
  vy__split *s = &f->split;
  if (!make_place(f))
    return;
  s->open = true;
  s->weight = 0;
  s->current = s->count;
  f->e->function = add_part(f, f->e->builder);
}

// The launch's code is one list without ways out: the kernel's first blocks.
void vy__split_launch(vy__flow *f, uint64_t weight) {
  vy__split *s = &f->split;
  s->launch += weight;
  if (!s->on || s->launch <= PART || !make_place(f))
    return;
  LLVMBasicBlockRef next =
      LLVMAppendBasicBlockInContext(f->e->context, s->kernel, "launch");
  LLVMBuildBr(f->entry, next);
  LLVMPositionBuilderAtEnd(f->entry, next);
  (void)add_part(f, f->entry);
  s->launch = weight;
}

void vy__split_end(vy__flow *f) {
  vy__split *s = &f->split;
  LLVMBuilderRef b = f->e->builder;
  if (!s->open || s->whole)
    return;
  s->open = false;
  f->e->function = s->kernel;
  LLVMBasicBlockRef to = s->parts[s->current].from;
  if (!LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(b))) {
    to = vy__flow_block(f, "behind");
    LLVMBuildBr(b, to);
  }
  LLVMPositionBuilderAtEnd(b, to);
}

void vy__split_next(vy__flow *f, uint64_t weight) {
  vy__split *s = &f->split;
  if (!s->on || s->whole)
    return;
  if (s->open && s->weight + weight > PART)
    vy__split_end(f);
  if (!s->open)
    open_part(f);
  s->weight += weight;
}

bool vy__split_enter(vy__flow *f, uint32_t from, uint32_t to) {
  vy__split *s = &f->split;
  if (!s->on)
    return false;
  if (!s->whole) {
    uint64_t weight = s->before[to] - s->before[from];
    if (weight > PART) {
      vy__split_end(f);
      return false;
    }
    vy__split_next(f, weight);
  }
  s->whole++;
  return true;
}

void vy__split_leave(vy__flow *f, bool entered) {
  if (entered)
    f->split.whole--;
}

LLVMBasicBlockRef vy__split_block(vy__flow *f, const char *name) {
  LLVMValueRef fn =
      f->split.on && !f->split.whole ? f->split.kernel : f->e->function;
  return LLVMAppendBasicBlockInContext(f->e->context, fn, name);
}

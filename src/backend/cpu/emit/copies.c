// Copies of small group arrays into which a loop only combines (a histogram):
// neighbouring lanes go to copies of their own, so that none waits for what
// the last one stored, and behind the loop the copies are combined.
#include "backend/cpu/emit/memory.h"
#include "semantics/semantics.h"

enum { COPIES = 4, MOST_BYTES = 4096 }; // of an array

// What the atomic combines by; INVALID for whatever is no such atomic.
static vy__op combines(const vy__flow *f, uint32_t value) {
  return f->uses[value] ? VY__OP_INVALID
                        : vy__op_gathers(f->ir->values[value].op);
}

// By what the loop at `stmt` combines into array `g`, if it does nothing else
// with it and control leaves the loop at its end only.
static vy__op loop_combines(const vy__flow *f, uint32_t stmt, uint32_t g) {
  vy__op all = VY__OP_INVALID;
  for (uint32_t i = stmt + 1; i < vy__flow_after(f, stmt) - 1; i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind == VY__STMT_RETURN || s->kind == VY__STMT_LEAVE)
      return VY__OP_INVALID;
    if (s->kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = &f->ir->values[s->a];
    if (v->space != VY__SPACE_GROUP || v->ref != g)
      continue;
    vy__op op = combines(f, s->a);
    if (op == VY__OP_INVALID || (all != VY__OP_INVALID && all != op))
      return VY__OP_INVALID;
    all = op;
  }
  return all;
}

static uint32_t bytes_of(const vy__flow *f, uint32_t g) {
  return f->e->program->group_lengths[g] *
         vy__type_bytes((vy_type)f->ir->groups[g].type);
}

static bool is_fit(const vy__flow *f, uint32_t g) {
  uint32_t n = f->e->program->group_lengths[g];
  return n && n % f->e->width == 0 && bytes_of(f, g) <= MOST_BYTES;
}

// ---- going through the copies, a vector at a time

typedef struct walk {
  vy__flow *f;
  uint32_t g;
  LLVMTypeRef vector;
  LLVMValueRef slot, at; // bytes from the array's start, i64
  LLVMBasicBlockRef body, done;
} walk;

static void walk_begin(walk *w, vy__flow *f, uint32_t g) {
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)f->ir->groups[g].type;
  *w = (walk){.f = f,
              .g = g,
              .vector = vy__llvm_type(f->e, type, f->e->width),
              .slot = vy__flow_alloca(f, vy__t64(f), "copy"),
              .body = vy__flow_block(f, "copies"),
              .done = vy__flow_block(f, "copies_done")};
  LLVMBuildStore(b, vy__i64(f, 0), w->slot);
  LLVMBuildBr(b, w->body);
  LLVMPositionBuilderAtEnd(b, w->body);
  w->at = LLVMBuildLoad2(b, vy__t64(f), w->slot, "");
}

static void walk_end(walk *w) {
  vy__flow *f = w->f;
  LLVMBuilderRef b = f->e->builder;
  uint64_t step =
      f->e->width * (uint64_t)vy__type_bytes((vy_type)f->ir->groups[w->g].type);
  LLVMValueRef next = LLVMBuildAdd(b, w->at, vy__i64(f, step), "");
  LLVMBuildStore(b, next, w->slot);
  LLVMBuildCondBr(
      b, LLVMBuildICmp(b, LLVMIntULT, next, vy__i64(f, bytes_of(f, w->g)), ""),
      w->body, w->done);
  LLVMPositionBuilderAtEnd(b, w->done);
}

// Where copy `k` is; copy 0 is the array itself.
static uint64_t copy_offset(const vy__flow *f, uint32_t g, uint32_t k) {
  return k ? f->copies[g] + (uint64_t)(k - 1) * ((bytes_of(f, g) + 63) & ~63u)
           : f->group_offset[g];
}

static LLVMValueRef walk_place(const walk *w, uint32_t k) {
  vy__flow *f = w->f;
  LLVMValueRef start = vy__scratch(f, f->e->builder, copy_offset(f, w->g, k));
  return vy__ptr_add(f, start, w->at);
}

static void fill(vy__flow *f, uint32_t g, vy__op op) {
  vy_type type = (vy_type)f->ir->groups[g].type;
  walk w;
  walk_begin(&w, f, g);
  for (uint32_t k = 1; k < COPIES; k++)
    vy__store_raw(
        f, vy__llvm_const(f->e, type, vy__identity(op, type), f->e->width),
        walk_place(&w, k), 8);
  walk_end(&w);
}

static void combine(vy__flow *f, uint32_t g, vy__op op) {
  vy_type type = (vy_type)f->ir->groups[g].type;
  walk w;
  walk_begin(&w, f, g);
  LLVMValueRef sum = vy__load_raw(f, w.vector, walk_place(&w, 0), 8);
  for (uint32_t k = 1; k < COPIES; k++)
    sum = vy__emit_op(f->e, op, type, f->e->width, sum,
                      vy__load_raw(f, w.vector, walk_place(&w, k), 8));
  vy__store_raw(f, sum, walk_place(&w, 0), 8);
  walk_end(&w);
}

// ---- around a loop

void vy__copies_open(vy__flow *f, uint32_t stmt) {
  for (uint32_t g = 0; g < f->ir->group_count; g++) {
    if (f->copied[g] || !is_fit(f, g))
      continue;
    vy__op op = loop_combines(f, stmt, g);
    if (op == VY__OP_INVALID)
      continue;
    if (!f->copies[g]) {
      f->copies[g] = f->scratch_size;
      f->scratch_size += (COPIES - 1) * ((bytes_of(f, g) + 63) & ~63u);
    }
    f->copied[g] = stmt + 1;
    fill(f, g, op);
  }
}

void vy__copies_close(vy__flow *f, uint32_t stmt) {
  for (uint32_t g = 0; g < f->ir->group_count; g++) {
    if (f->copied[g] != stmt + 1)
      continue;
    combine(f, g, loop_combines(f, stmt, g));
    f->copied[g] = 0;
  }
}

LLVMValueRef vy__copy_for(vy__flow *f, const vy__value *v, uint32_t lane) {
  if (v->space != VY__SPACE_GROUP || !f->copied[v->ref])
    return NULL;
  return vy__scratch(f, f->e->builder, copy_offset(f, v->ref, lane % COPIES));
}

// What the files of control flow share: statements by number, masks in slots,
// jump targets.
#ifndef VY__CONTROL_H
#define VY__CONTROL_H

#include "backend/cpu/emit/flow.h"

static inline const vy__stmt *stmt_at(const vy__flow *f, uint32_t i) {
  return &f->ir->stmts[i];
}

static inline uint32_t partner(const vy__flow *f, uint32_t i) {
  return f->e->program->match[i];
}

static inline uint32_t end_of(const vy__flow *f, uint32_t i) {
  i = partner(f, i);
  while (stmt_at(f, i)->kind != VY__STMT_END)
    i = partner(f, i);
  return i;
}

static inline LLVMValueRef mask_slot(vy__flow *f, LLVMValueRef mask) {
  LLVMValueRef slot = vy__flow_alloca(f, vy__mask_type(f), "mask");
  LLVMBuildStore(f->e->builder, vy__mask_full(f, mask), slot);
  return slot;
}

static inline LLVMValueRef slot_mask(vy__flow *f, LLVMValueRef slot) {
  return LLVMBuildLoad2(f->e->builder, vy__mask_type(f), slot, "");
}

static inline void set_slot(vy__flow *f, LLVMValueRef slot, LLVMValueRef mask) {
  LLVMBuildStore(f->e->builder, vy__mask_full(f, mask), slot);
}

static inline void add_to_slot(vy__flow *f, LLVMValueRef slot,
                               LLVMValueRef mask) {
  set_slot(f, slot, vy__mask_or(f, slot_mask(f, slot), mask));
}

static inline void go(vy__flow *f, LLVMBasicBlockRef to) {
  LLVMBuildBr(f->e->builder, to);
}

static inline void start(vy__flow *f, LLVMBasicBlockRef block) {
  LLVMPositionBuilderAtEnd(f->e->builder, block);
}

static inline vy__frame *target(vy__flow *f, uint32_t kind) {
  uint32_t want = kind == VY__STMT_LEAVE    ? VY__FRAME_BLOCK
                  : kind == VY__STMT_RETURN ? VY__FRAME_BODY
                                            : VY__FRAME_LOOP;
  vy__frame *t = f->frame;
  while (t->kind != want)
    t = t->up;
  return t;
}

// As vy__flow_stmts, for a list whose values are used behind it: no part of it
// is skipped.
bool vy__flow_condition(vy__flow *f, uint32_t from, uint32_t to);

// ---- loop.c

void vy__flow_while(vy__flow *f, uint32_t i);
void vy__flow_for(vy__flow *f, uint32_t i);

#endif

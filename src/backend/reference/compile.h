// The making of bytecode, shared by its two files: compile.c goes over the
// statements, compile_value.c makes leaves and values.
#ifndef VY__REFERENCE_COMPILE_H
#define VY__REFERENCE_COMPILE_H

#include "backend/reference/code.h"

typedef struct vy__open_stmt {
  uint32_t stmt, kind, top;
  uint32_t leave, next; // chains of jumps past the END, and to the next trip
  uint32_t trips;       // FOR: register
} vy__open_stmt;

typedef struct vy__maker {
  struct vy__code *code;
  const vy_program *program;
  const vy__ir *ir;
  vy__placement schedule;
  uint32_t *regs; // by value
  uint32_t *free; // stack of free temporaries
  uint32_t free_count;
  uint32_t *buckets; // leaves by hash, for equal ones to share a register
  uint32_t bucket_count;
  vy__open_stmt open[VY__MAX_NESTING];
  uint32_t depth;
  vy_diags *diags;
  vy_status status;
} vy__maker;

void vy__maker_oom(vy__maker *m);
// Appends; the index. After a failure what is returned is never looked at.
uint32_t vy__maker_emit(vy__maker *m, vy__ins ins);
// A free register for a temporary, and back.
uint32_t vy__maker_take(vy__maker *m);
void vy__maker_give(vy__maker *m, uint32_t reg);

// Registers for the leaves that differ between lanes, or for those that do
// not.
void vy__maker_leaves(vy__maker *m, bool of_lane);
// The instructions of one value, needed at `stmt`.
void vy__maker_value(vy__maker *m, uint32_t id, uint32_t stmt);

#endif

// What the tests of the emitter's operations run: each operation on each type,
// each conversion of elements; operands for them and what must come out.
#ifndef TESTS_LLVM_SUBJECTS_H
#define TESTS_LLVM_SUBJECTS_H

#include "jit.h"

enum how { OPERATION, LOADED, STORED };

typedef struct subject {
  enum how how;
  vy__op op;
  vy_type type, amount, to; // as in the evaluator; amount of shifts
  vy_type operand[3], result;
  uint32_t operands;
} subject;

enum { MAX_SUBJECTS = 512, MAX_EDGES = 0x10000 };
extern subject subjects[MAX_SUBJECTS];
extern size_t subject_count;

// Fills the above; a set-up function of cmocka.
int subjects_collect(void **state);
// Edge values of an operand; `few`: a small set. The count.
size_t subject_edges(vy_type t, bool few, uint64_t *out);
// jit_body; user is the subject.
LLVMValueRef subject_body(vy__emit *e, uint32_t lanes,
                          const LLVMValueRef operands[3], const void *user);

typedef struct batch {
  uint64_t *v[3], *want, *got;
  size_t count, room;
} batch;

void batch_append(batch *b, const subject *s, const uint64_t v[3]);
// Products of edge values and random ones; a multiple of JIT_LANES.
void batch_fill(batch *b, const subject *s);
// Run and compare: NaNs as NaNs, where they are not observable.
void batch_run(batch *b, const subject *s, jit_fn fn, uint32_t lanes);
void batch_free(batch *b);

#endif

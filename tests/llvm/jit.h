// For tests of the emitter's parts: a module of many small functions over
// arrays of operands, compiled for one instruction set, looked at, and run.
#ifndef TESTS_LLVM_JIT_H
#define TESTS_LLVM_JIT_H

#include "backend/cpu/emit/emitter.h"

// Elements are 64 bits each, values as bits; n is a multiple of all lanes.
typedef void (*jit_fn)(const vy__kernel_args *args, const uint64_t *a,
                       const uint64_t *b, const uint64_t *c, uint64_t *out,
                       uint64_t n);
enum { JIT_LANES = 16 }; // the most

// One element's operands of `lanes` lanes, i64 each, to a result of i64.
typedef LLVMValueRef (*jit_body)(vy__emit *e, uint32_t lanes,
                                 const LLVMValueRef operands[3],
                                 const void *user);

typedef struct jit {
  vy__emit e;
  struct LLVMOrcOpaqueLLJIT *engine;
} jit;

// An empty module. False where LLVM has no such target.
bool jit_start(jit *j, vy__kernel_isa isa);
void jit_function(jit *j, const char *name, uint32_t lanes, jit_body body,
                  const void *user);
// Passes (text as of opt -passes; NULL: none), machine code, which must refer
// to nothing outside. The reason of a failure, or NULL.
const char *jit_compile(jit *j, const char *passes);
jit_fn jit_find(jit *j, const char *name);
void jit_end(jit *j);

#endif

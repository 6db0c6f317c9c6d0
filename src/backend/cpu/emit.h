// The emitter: lowered program in, machine code out. It stands in a module of
// its own (vyre-llvm) so that only a compile that no cache can answer loads
// LLVM; `module.c` opens it and finds `vyre_emitter`.
#ifndef VY__EMIT_H
#define VY__EMIT_H

#include "backend/cpu/kernel.h"
#include "lower/lower.h"

typedef enum vy__emit_form {
  VY__EMIT_BLOB,   // vy__kernel_info and code, ready to be mapped
  VY__EMIT_LLVM,   // LLVM IR after its passes, text
  VY__EMIT_ASM,    // assembly, text
  VY__EMIT_OBJECT, // ELF object with one symbol, for ahead-of-time use
} vy__emit_form;

typedef struct vy__emit_job {
  const vy__lowered *lowered;
  const vy_allocator *alloc;
  uint32_t flags;     // VY_COMPILE_*
  uint32_t form;      // vy__emit_form
  uint32_t isa;       // vy__kernel_isa
  uint32_t width;     // 1, 4, 8, 16, 32; 0: best for isa and program
  const char *symbol; // of VY__EMIT_OBJECT
  uint32_t optimize;  // 0: no LLVM passes (for looking at the IR); 1: as used
} vy__emit_job;

typedef struct vy__emitter {
  uint32_t version; // VY_VERSION of the build; others are refused
  uint32_t abi;     // VY__KERNEL_ABI
  // *out is allocated with job->alloc. `info` may be NULL; for VY__EMIT_BLOB
  // it is also at the start of *out.
  vy_status (*emit)(const vy__emit_job *job, uint8_t **out, size_t *size,
                    vy__kernel_info *info, vy_diags *diags);
  const char *build; // vy__build_id; code of another build is not kept
} vy__emitter;

// Open the module once (any thread) and return it; NULL with the reason in
// diags.
const vy__emitter *vy__emitter_get(vy_diags *diags);

#endif

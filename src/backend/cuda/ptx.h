// The emitter: lowered program in, PTX text out. Pure: no driver, no device.
#ifndef VY__PTX_H
#define VY__PTX_H

#include "backend/cuda/kernel.h"

typedef struct vy__ptx_job {
  const vy__lowered *lowered;
  const vy_allocator *alloc;
  uint32_t flags; // VY_COMPILE_*
  uint32_t sm;    // compute capability, 70 and up: 90 for 9.0
} vy__ptx_job;

enum { VY__PTX_SM_MIN = 70 };

// What programs are lowered with for it, beside VY_COMPILE_*.
#define VY__PTX_LOWER VY__LOWER_BY_FOUR

// *out is `*size` bytes of text and a NUL after them, allocated with
// job->alloc as *size + 1 bytes. Only OUT_OF_HOST_MEMORY can happen.
vy_status vy__ptx_emit(const vy__ptx_job *job, char **out, size_t *size,
                       vy__cuda_info *info, vy_diags *diags);

// `program`, which has no constants left, lowered and emitted; *out is
// allocated with `alloc` as *size bytes.
vy_status vy__cuda_text(const vy_allocator *alloc, const vy_program *program,
                        uint32_t flags, uint32_t sm, uint8_t **out,
                        size_t *size, vy_diags *diags);

#endif

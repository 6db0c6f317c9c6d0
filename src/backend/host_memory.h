// Working memory for backends that run on the host: turns a vy__bind into one
// pointer to work at, with as few copies as possible (a whole output slot is
// worked in directly; a `read` span is used where it lies). Scratch for the
// rest is kept and grown, so that the steady state allocates nothing.
#ifndef VY__HOST_MEMORY_H
#define VY__HOST_MEMORY_H

#include "backend/backend.h"

struct vy__memory { // resident memory of a host backend
  uint64_t size;
  uint8_t *data; // aligned to 256
};

typedef struct vy__host_scratch {
  const vy_allocator *alloc;
  uint8_t *data;
  size_t size;
} vy__host_scratch;
void vy__host_scratch_init(vy__host_scratch *s, const vy_allocator *a);
void vy__host_scratch_free(vy__host_scratch *s);

// At least `size` bytes at s->data, aligned to 64. False when out of memory.
bool vy__host_scratch_fit(vy__host_scratch *s, size_t size);

// Fill work[p] for every buffer parameter p of `item` and bring the contents
// in. Bit p of `aligned`: parameter p is worked on at an address that 8
// divides; of `stored`: it is a `write` one that needs no zeroes, as the run
// stores every element and reads none. False when out of memory.
bool vy__host_enter(vy__host_scratch *s, const vy__ir *ir,
                    const vy__launch_item *item, uint64_t aligned,
                    uint64_t stored, uint8_t **work);
// The same for an item that needs no scratch; false, and nothing done, for
// others.
bool vy__host_enter_in_place(const vy__ir *ir, const vy__launch_item *item,
                             uint64_t aligned, uint64_t stored, uint8_t **work);
// Bring the results out.
void vy__host_leave(const vy__ir *ir, const vy__launch_item *item,
                    uint8_t *const *work);

// The resident memory functions of vy__device_ops for host memory, without
// their ordering (call when nothing that conflicts is in flight).
vy_status vy__host_memory_create(const vy_allocator *a, uint64_t size,
                                 struct vy__memory **out, vy_diags *diags);
void vy__host_memory_free(const vy_allocator *a, struct vy__memory *m);

#endif

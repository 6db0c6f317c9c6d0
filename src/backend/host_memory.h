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

// What a device begins with that has these functions of vy__device_ops.
typedef struct vy__host_device {
  vy_context *context;
  // Waits for what the calling thread has submitted; NULL: nothing is in
  // flight, ever.
  void (*drain)(void *device);
} vy__host_device;
vy_status vy__host_memory_create(void *device, uint64_t size,
                                 struct vy__memory **out, vy_diags *diags);
void vy__host_memory_free(void *device, struct vy__memory *memory);
vy_status vy__host_memory_write(void *device, struct vy__memory *memory,
                                uint64_t offset, const void *from,
                                uint64_t size);
vy_status vy__host_memory_read(void *device, struct vy__memory *memory,
                               uint64_t offset, void *to, uint64_t size);
vy_status vy__host_memory_copy(void *device, struct vy__memory *from,
                               uint64_t from_offset, struct vy__memory *to,
                               uint64_t to_offset, uint64_t size);
vy_status vy__host_memory_fill(void *device, struct vy__memory *memory,
                               uint64_t offset, uint64_t size, uint8_t value);

#endif

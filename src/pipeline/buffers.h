// The resident buffers of a device: a table of slots under handles that name
// owner, slot and generation. A slot's state is one word (generation, alive,
// pins), so that look-up and the in-flight mark are one atomic step; whoever
// makes a dead slot's pins reach zero frees its memory. A slot whose
// generation is used up is never used again.
#ifndef VY__BUFFERS_H
#define VY__BUFFERS_H

#include "backend/backend.h"

enum {
  VY__BUFFER_GENERATION_BITS = 20,
  VY__BUFFER_CHUNK = 1024,  // slots of a chunk
  VY__BUFFER_CHUNKS = 1024, // chunks of a device: 2^20 slots
};

typedef struct vy__buffer_slot {
  // generation << 40 | alive << 32 | pins; no two slots share a cache line
  _Alignas(64) _Atomic uint64_t state;
  uint64_t size;
  struct vy__memory *memory; // NULL when size is 0
  uint32_t index;
  uint32_t next_free;
} vy__buffer_slot;

typedef struct vy__buffers {
  vy_context *context;
  const vy__device_ops *ops;
  void *impl;
  uint32_t owner;  // 24 bits, never 0
  vy__mutex mutex; // of what follows
  uint32_t free;   // first free slot or VY__NONE
  uint32_t used;   // slots ever used
  _Atomic(vy__buffer_slot *) chunks[VY__BUFFER_CHUNKS];
} vy__buffers;

bool vy__buffers_init(vy__buffers *t, vy_context *context,
                      const vy__device_ops *ops, void *impl);
void vy__buffers_destroy(vy__buffers *t); // frees what is left; none pinned

vy_status vy__buffers_create(vy__buffers *t, uint64_t size, vy_buffer *out,
                             vy_diags *diags);
vy_status vy__buffers_free(vy__buffers *t, vy_buffer b, vy_diags *diags);

// Find and mark as in use. NULL for a handle that names nothing here.
vy__buffer_slot *vy__buffers_pin(vy__buffers *t, uint64_t id);
void vy__buffers_unpin(vy__buffers *t, vy__buffer_slot *slot);
// The slot of a buffer that the caller has pinned.
vy__buffer_slot *vy__buffers_at(vy__buffers *t, vy_buffer b);
// The error for a handle that pin refused. `what` names the parameter.
vy_status vy__buffers_stale(const vy__buffers *t, uint64_t id, const char *what,
                            vy_diags *diags);

#endif

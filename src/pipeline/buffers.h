// The resident buffers of a device: a table of slots under handles that name
// owner, slot and generation. A slot's state is one word (generation, alive,
// pins), so that look-up and the in-flight mark are one atomic step; whoever
// makes a dead slot's pins reach zero frees its memory. A slot whose
// generation is used up is never used again.
//
// What uses a buffer again and again holds it: a pin that stays between uses,
// so that a use need not write what other threads look at. Freeing the buffer
// takes the pin from a holder that is idle, and asks one at work to give it up
// before it is idle again.
#ifndef VY__BUFFERS_H
#define VY__BUFFERS_H

#include "backend/backend.h"

enum {
  VY__BUFFER_GENERATION_BITS = 20,
  VY__BUFFER_CHUNK = 1024,  // slots of a chunk
  VY__BUFFER_CHUNKS = 1024, // chunks of a device: 2^20 slots
};

#define VY__BUFFER_ALIVE (UINT64_C(1) << 32)

struct vy__hold;

typedef struct vy__buffer_slot {
  // generation << 40 | alive << 32 | pins; no two slots share a cache line
  _Alignas(64) _Atomic uint64_t state;
  uint64_t size;
  struct vy__memory *memory; // NULL when size is 0
  uint32_t index;
  uint32_t next_free;
  struct vy__hold *holds; // under the table's mutex
} vy__buffer_slot;

// The word by which a holder keeps others out while it is at work.
typedef enum vy__holder_state {
  VY__HOLDER_IDLE,
  VY__HOLDER_AT_WORK,
  VY__HOLDER_ASKED,      // at work, and holds what has been freed
  VY__HOLDER_TAKEN_FROM, // for a moment, under the table's mutex
} vy__holder_state;

typedef struct vy__hold {
  vy__buffer_slot *slot; // NULL: nothing, or it was taken away
  _Atomic uint32_t *holder;
  struct vy__hold *next, *before; // of the slot
} vy__hold;

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
// Take over a pin of the caller's, who is the holder and at work.
void vy__buffers_hold(vy__buffers *t, vy__hold *h, vy__buffer_slot *slot,
                      _Atomic uint32_t *holder);
// Give it up; nothing if it was taken away. The holder is at work, or ends.
void vy__buffers_let_go(vy__buffers *t, vy__hold *h);
// Start work; false: another thread is at work.
bool vy__buffers_enter(vy__buffers *t, _Atomic uint32_t *holder);
// End it. False: still at work, asked to give up what has been freed.
static inline bool vy__buffers_leave(_Atomic uint32_t *holder) {
  uint32_t state = VY__HOLDER_AT_WORK;
  if (VY__LIKELY(atomic_compare_exchange_strong_explicit(
          holder, &state, VY__HOLDER_IDLE, memory_order_release,
          memory_order_relaxed)))
    return true;
  (void)atomic_exchange_explicit(holder, VY__HOLDER_AT_WORK,
                                 memory_order_acquire);
  return false;
}
// Is the buffer that the holder at work holds still one?
static inline bool vy__hold_is_good(const vy__hold *h) {
  return h->slot &&
         (atomic_load_explicit(&h->slot->state, memory_order_relaxed) &
          VY__BUFFER_ALIVE);
}
// The slot of a buffer that the caller has pinned.
vy__buffer_slot *vy__buffers_at(vy__buffers *t, vy_buffer b);
// The error for a handle that pin refused. `what` names the parameter.
vy_status vy__buffers_stale(const vy__buffers *t, uint64_t id, const char *what,
                            vy_diags *diags);

#endif

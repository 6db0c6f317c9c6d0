// Blocks of memory that are used again: what a dispatch needs for its time in
// flight comes from here, so that the steady state allocates nothing. A block
// begins with this header; the user's struct continues it.
//
// In front there is one block for each thread slot, taken and given by one
// exchange, so that threads do not meet. Behind, a list under a mutex.
#ifndef VY__POOL_H
#define VY__POOL_H

#include <stdatomic.h>

#include "base/thread.h"

typedef struct vy__block {
  struct vy__block *next; // while idle
  size_t size;            // bytes, this header included
} vy__block;

typedef struct vy__pool {
  const vy_allocator *alloc;
  vy__mutex mutex;
  vy__block *idle;
  uint32_t idle_count;
  struct {
    _Alignas(64) _Atomic(vy__block *) idle;
  } front[VY__THREAD_SLOTS];
} vy__pool;

bool vy__pool_init(vy__pool *p, const vy_allocator *alloc);
void vy__pool_destroy(vy__pool *p); // all blocks are idle
// At least `size` bytes, contents unspecified after the header. NULL when out
// of memory.
void *vy__pool_take(vy__pool *p, size_t size);
void vy__pool_give(vy__pool *p, void *block);

#endif

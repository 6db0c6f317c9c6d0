// An allocator for tests: counts, checks sizes, and fails on demand.
#ifndef TESTS_SUPPORT_HEAP_H
#define TESTS_SUPPORT_HEAP_H

#include <stdint.h>

#include <vyre/core.h>

typedef struct heap {
  _Atomic uint64_t asked;  // calls that asked for memory
  _Atomic int64_t blocks;  // live now
  _Atomic int64_t bytes;   // live now, as the library says
  _Atomic uint64_t wrong;  // blocks given back with another size, or twice
  uint64_t fail_at;        // the call that fails, 1 the first; 0: none
  uint32_t fail_from_then; // 1: all later ones too
} heap;

vy_allocator heap_allocator(heap *h);
// Nothing lives and nothing was wrong.
int heap_is_clean(const heap *h);
// Run with the first allocation failing, the second, and so on until it asks
// for no more: each time it must say OUT_OF_HOST_MEMORY and leave nothing
// behind. How often it failed.
uint64_t heap_fail_each(vy_status (*run)(heap *h));

#endif

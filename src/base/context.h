// The context: allocator, log, trace, counters. Lower layers see only this.
#ifndef VY__CONTEXT_H
#define VY__CONTEXT_H

#include <stdatomic.h>

#include "base/base.h"
#include "base/thread.h"

// Same order as vy_counters after struct_size.
typedef enum vy__counter {
  VY__COUNT_COMPILES,
  VY__COUNT_CACHE_HITS,
  VY__COUNT_DISPATCHES,
  VY__COUNT_SUBMISSIONS,
  VY__COUNT_WAITS,
  VY__COUNT_BYTES_IN,
  VY__COUNT_BYTES_OUT,
  VY__COUNT_SLOTS_REUSED,
  VY__COUNT_SLOTS_GROWN,
  VY__COUNT_ALLOCATIONS,
  VY__COUNT_LIVE_BYTES,
  VY__COUNT_LIVE_BUFFERS,
  VY__COUNT_DISK_HITS,
  VY__COUNTERS,
} vy__counter;

enum { VY__COUNTER_PARTS = 16 };

struct vy_context {
  vy__refs refs;
  vy_allocator alloc; // counts into the counters, then calls `user_alloc`
  vy_allocator user_alloc;
  vy_log_fn log;
  void *log_user;
  vy__mutex log_mutex;
  uint32_t cache_entries;
  char *cache_path;          // of the disk cache; "": none
  uint64_t cache_bytes;      // its bound
  struct vy__trace *trace;   // NULL: off
  _Atomic uint32_t owners;   // devices opened so far; tells buffers apart
  _Atomic uint32_t builders; // builders made so far; tells handles apart
  // Each thread counts in a part that few others use; the sum is what counts.
  struct {
    _Atomic uint64_t n[VY__COUNTERS];
    uint8_t apart[128 - VY__COUNTERS * 8 % 128];
  } counters[VY__COUNTER_PARTS];
};

static inline void vy__count(vy_context *c, vy__counter which, int64_t by) {
  if (by)
    atomic_fetch_add_explicit(
        &c->counters[vy__thread_slot() % VY__COUNTER_PARTS].n[which],
        (uint64_t)by, memory_order_relaxed);
}
void vy__log(vy_context *c, uint32_t level, const char *format, ...)
    VY__PRINTF(3, 4);

// Trace events of the Chrome format. `name` and `category` are copied out
// with JSON escapes; begin and end are vy__now_ns times. `track` 0: host
// (the calling thread), else a device track. Call only if c->trace.
void vy__trace_span(vy_context *c, vy_str name, const char *category,
                    uint32_t track, uint64_t begin_ns, uint64_t end_ns);

#endif

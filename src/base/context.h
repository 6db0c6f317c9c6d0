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
  // Submissions of one dispatch, as most are: one count for two.
  VY__COUNT_SINGLES = VY__COUNTERS,
  VY__COUNTS,
} vy__counter;

// Counts of something that only one thread at a time uses: who may use it adds
// to them without a locked instruction. Part of the context's while it is
// linked to it; what was counted stays.
typedef struct vy__tally {
  _Alignas(64) _Atomic uint64_t n[VY__COUNTS];
  vy_context *context;
  struct vy__tally *next, *before;
} vy__tally;
void vy__tally_open(vy_context *c, vy__tally *t); // zeroed
void vy__tally_close(vy__tally *t);               // NULL context: never opened

struct vy_context {
  vy__refs refs;
  vy_allocator alloc; // counts into the counters, then calls `user_alloc`
  vy_allocator user_alloc;
  vy_log_fn log;
  void *log_user;
  vy__mutex log_mutex;
  uint32_t cache_entries;
  char *cache_path;          // of the disk cache; "": none
  const char *cache_off;     // why; NULL: as was asked for
  uint64_t cache_bytes;      // its bound
  struct vy__trace *trace;   // NULL: off
  _Atomic uint32_t owners;   // devices opened so far; tells buffers apart
  _Atomic uint32_t builders; // builders made so far; tells handles apart
  vy__mutex tally_mutex;
  vy__tally *tallies; // under it
  // Each thread counts in a part that few others use; the sum is what counts.
  struct {
    _Alignas(64) _Atomic uint64_t n[VY__COUNTS];
  } counters[VY__THREAD_SLOTS];
};

static inline void vy__count(vy_context *c, vy__counter which, int64_t by) {
  if (by)
    atomic_fetch_add_explicit(&c->counters[vy__thread_slot()].n[which],
                              (uint64_t)by, memory_order_relaxed);
}
static inline void vy__tally_add(vy__tally *t, vy__counter which, int64_t by) {
  uint64_t n = atomic_load_explicit(&t->n[which], memory_order_relaxed);
  atomic_store_explicit(&t->n[which], n + (uint64_t)by, memory_order_relaxed);
}
void vy__log(vy_context *c, uint32_t level, const char *format, ...)
    VY__PRINTF(3, 4);

// Trace events of the Chrome format. `name` and `category` are copied out
// with JSON escapes; begin and end are vy__now_ns times. `track` 0: host
// (the calling thread), else a device track. Call only if c->trace.
void vy__trace_span(vy_context *c, vy_str name, const char *category,
                    uint32_t track, uint64_t begin_ns, uint64_t end_ns);

#endif

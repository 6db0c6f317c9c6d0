// A part of a launch on its way to the device: what enter.c and launch.c share.
#ifndef VY__CUDA_JOB_H
#define VY__CUDA_JOB_H

#include "backend/cuda/way.h"

typedef struct vy__cuda_job {
  vy__cuda *d;
  vy__cuda_flight *f;
  vy__launch *l;
  vy__cu_stream stream;
  const vy__ir *ir;
  uint64_t pinned, block; // bytes used so far
  uint8_t *records;       // of items that run by a table; NULL: only one does
  uint64_t record_size;
  uint64_t stored;     // by the last item that was entered
  const uint8_t *like; // the last record that was made in full
  bool table;          // there are records
  bool table_block;    // which the device has in its own memory
  bool writes;         // some parameter is a `write` one
  // Of all items that are entered: bit p, zeroes are needed at a resident
  // parameter p; the most blocks; by parameter, all resident ranges, and
  // whether those that are written lie one after the other.
  uint64_t zeroes, blocks;
  struct {
    uint64_t lo, hi;
  } hull[VY__MAX_PARAMS];
  bool ascending;
  vy_status status;
  union {
    vy__cuda_item head;
    uint8_t
        bytes[sizeof(vy__cuda_item) + VY__MAX_PARAMS * sizeof(vy__cuda_arg)];
  } one;
} vy__cuda_job;

static inline void vy__cuda_job_stretch(vy__cuda_job *j, uint32_t p,
                                        uint64_t lo, uint64_t hi) {
  if (j->ir->params[p].access >= VY_ACCESS_WRITE && lo < j->hull[p].hi)
    j->ascending = false;
  if (lo < j->hull[p].lo)
    j->hull[p].lo = lo;
  if (hi > j->hull[p].hi)
    j->hull[p].hi = hi;
}

// What item `i` stores whole, as far as zeroes are to be saved.
static inline uint64_t vy__cuda_job_stored(const vy__cuda_job *j, uint32_t i) {
  return j->writes ? vy__cuda_stored(j->l, &j->l->items[i]) : 0;
}

// The record of item `i`, if it is entered.
static inline uint8_t *vy__cuda_job_record(vy__cuda_job *j, uint32_t i) {
  return j->records ? j->records + (i - j->f->first) * j->record_size
                    : j->one.bytes;
}

// enter.c
// Memory for all items, and what they read on its way to the device.
vy_status vy__cuda_enter_items(vy__cuda_job *j);
vy_status vy__cuda_zero(const vy__cuda_job *j, vy__cu_address at,
                        uint64_t size);
// Take the time that ends `which`, if times are wanted.
vy_status vy__cuda_mark(const vy__cuda_job *j, uint32_t which);

#endif

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
  uint64_t stored;  // by the last item that was entered
  bool table;       // there are records
  bool table_block; // which the device has in its own memory
  bool writes;      // some parameter is a `write` one
  vy_status status;
  union {
    vy__cuda_item head;
    uint8_t
        bytes[sizeof(vy__cuda_item) + VY__MAX_PARAMS * sizeof(vy__cuda_arg)];
  } one;
} vy__cuda_job;

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

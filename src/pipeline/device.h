// An opened device and what hangs off it: resident buffers, the cache of
// compiled programs, the pool for dispatches in flight.
//
// Two counts keep it. `refs` counts public handles (of the device and of its
// pipelines, tickets and prepared dispatches); when the last goes, on a
// caller's thread, the device drains and closes. `holds` counts what still
// needs this struct's memory: the open device, and each block out of the pool
// (tickets that submissions to other devices wait for).
//
// In a child of the process that opened it a device does nothing: calls fail,
// and releases leave all memory as it is, because its threads are not there
// and its locks may be held for ever.
#ifndef VY__DEVICE_H
#define VY__DEVICE_H

#include "backend/backend.h"
#include "pipeline/buffers.h"
#include "pipeline/disk_cache.h"
#include "pipeline/pool.h"

typedef struct vy__cache {
  vy__mutex mutex;
  vy__cond ready; // some compilation ended
  struct vy__compiled **buckets;
  uint32_t bucket_count;                // 0, or a power of two
  uint32_t count;                       // entries
  struct vy__compiled *newest, *oldest; // of those that nobody uses
} vy__cache;

struct vy_device {
  vy__fork_mark mark;
  vy_context *context; // retained
  const vy__backend *backend;
  const vy__device_ops *ops;
  void *impl;
  char identity[192];
  vy__buffers buffers;
  vy__cache cache;
  vy__disk disk; // off unless the backend is `kept`
  vy__pool pool;
  // What submissions change, apart from what they only read.
  _Alignas(64) vy__refs refs;
  vy__refs holds;
  // Launches, not blocking ones, that have not completed.
  _Atomic uint32_t in_flight;
  _Atomic uint32_t waiters; // threads that wait on `done`
  vy__mutex mutex;          // of what follows
  vy__cond done;            // some launch completed
  vy__recording *retired;   // to be freed, one block each with its steps
};

// VY_OK, or FORKED.
vy_status vy__device_usable(const vy_device *device, vy_diags *diags);
static inline bool vy__device_forked(const vy_device *device) {
  return vy__is_forked(&device->mark);
}

void vy__device_hold(vy_device *device);
void vy__device_unhold(vy_device *device);
// Wake those who wait on device->done, after a change of what they look at.
void vy__device_notify(vy_device *device);
// Wait until *flag is not zero (or, with `zero`, until it is). Never touches
// the backend, so any thread may wait on any device whose memory it holds.
void vy__device_await(vy_device *device, const _Atomic uint32_t *flag,
                      bool zero);

// Give a recording up, on any thread; it is freed by the next sweep, on a
// caller's.
void vy__device_retire(vy_device *device, vy__recording *recording);
void vy__device_sweep(vy_device *device);

// Empty the cache; no pipeline is in use.
void vy__cache_clear(vy_device *device);

#endif

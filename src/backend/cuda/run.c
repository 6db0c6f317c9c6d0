// Launches that the thread at hand waits for, flight by flight.
#include "backend/cuda/cuda.h"

enum { LOOKS = 64 }; // between two questions to the driver

static vy_status wait_query(vy__cuda *d, vy__cuda_lane *lane) {
  uint64_t until = vy__now_ns() + d->tuning.spin_ns;
  int r;
  while ((r = d->cu->stream_query(lane->stream)) == VY__CU_NOT_READY)
    if (vy__now_ns() > until)
      return vy__cu_status(d->cu->stream_wait(lane->stream));
  return vy__cu_status(r);
}

// The last word of `pinned` turns to 1 once all before is done.
static vy_status wait_flag(vy__cuda *d, vy__cuda_lane *lane,
                           const vy__cuda_pinned *pinned) {
  const vy__cu *cu = d->cu;
  uint64_t at = pinned->size - sizeof(uint32_t);
  _Atomic uint32_t *word = (_Atomic uint32_t *)(void *)(pinned->data + at);
  uint64_t until = vy__now_ns() + d->tuning.spin_ns;
  atomic_store(word, 0);
  int r = cu->stream_write(lane->stream, pinned->at + at, 1, 0);
  if (r != VY__CU_OK) { // not on each system; nothing is amiss then
    if (!vy__cu_is_fatal(r))
      atomic_store_explicit(&d->wordless, true, memory_order_relaxed);
    return vy__cu_status(cu->stream_wait(lane->stream));
  }
  for (;;) {
    for (uint32_t i = 0; i < LOOKS; i++) {
      if (atomic_load_explicit(word, memory_order_acquire))
        return VY_OK;
      vy__relax();
    }
    if (vy__now_ns() > until)
      return vy__cu_status(cu->stream_wait(lane->stream));
  }
}

// Nothing to do is known to be done without the stream's word.
static bool has_lanes(const vy__cuda_flight *f) {
  const uint64_t *n = f->launch->items[f->first].lanes;
  return f->count > 1 || (n[0] && n[1] && n[2]);
}

vy_status vy__cuda_stream_wait(vy__cuda *d, vy__cuda_lane *lane,
                               const vy__cuda_pinned *pinned) {
  switch ((vy__cuda_wait_kind)d->tuning.wait) {
  case VY__CUDA_WAIT_QUERY:
    return wait_query(d, lane);
  case VY__CUDA_WAIT_FLAG:
    if (pinned && pinned->size && d->cu->stream_write &&
        !atomic_load_explicit(&d->wordless, memory_order_relaxed))
      return wait_flag(d, lane, pinned);
    break;
  case VY__CUDA_WAIT_DRIVER:
    break;
  }
  return vy__cu_status(d->cu->stream_wait(lane->stream));
}

// Late results can be asked for at once: they come when the run is over. But
// the times of both are apart.
static vy_status wait_flight(vy__cuda *d, vy__cuda_lane *lane,
                             const vy__cuda_flight *f) {
  if (f->late && !f->timed)
    return VY_OK;
  return vy__cuda_stream_wait(d, lane, has_lanes(f) ? &f->pinned : NULL);
}

// One part; *next: the item after it.
static vy_status run_part(vy__cuda *d, vy__cuda_lane *lane, vy__launch *l,
                          uint32_t *next) {
  vy__cuda_flight *f = vy__cuda_flight_take(d, lane);
  uint32_t count;
  if (!f)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  vy_status s = vy__cuda_plan(d, f, l, *next, &count);
  if (s == VY_OK) {
    vy__mutex_lock(&lane->mutex);
    s = vy__cuda_start(d, f, l, *next, count);
    vy__mutex_unlock(&lane->mutex);
  }
  if (s == VY_OK) {
    s = wait_flight(d, lane, f);
    if (s == VY_OK)
      s = vy__cuda_finish(d, f, lane->stream);
    else
      vy__cuda_settle(d, lane->stream);
    if (s == VY_OK)
      *next += count;
  }
  vy__cuda_flight_give(d, f);
  return s;
}

static vy_status run_parts(vy__cuda *d, vy__launch *l, uint32_t *next) {
  vy_status s = VY_OK;
  vy__cuda_lane *lane = vy__cuda_lane_of(d, &s);
  while (lane && s == VY_OK && *next < l->item_count)
    s = run_part(d, lane, l, next);
  return s;
}

static void lack_memory(vy__launch_item *item) {
  item->fault = (vy__fault){
      .kind = VY__FAULT_MEMORY, .value = VY__NONE, .stmt = VY__NONE};
}

// The host has no memory for the items from `next` on, or for a recording:
// that is a fault of theirs. Of a recording the first launch stands for all.
static vy_status report_memory(vy__launch *l, uint32_t next) {
  vy__recording *r = l->recording;
  if (!r) {
    for (uint32_t i = next; i < l->item_count; i++)
      lack_memory(&l->items[i]);
    return VY_OK;
  }
  for (uint32_t k = 0; k < r->step_count; k++)
    if (r->steps[k].kind == VY__STEP_LAUNCH) {
      lack_memory(&r->steps[k].launch->items[0]);
      r->failed = k;
      return VY_OK;
    }
  return VY_ERROR_DISPATCH_FAILED;
}

void vy__cuda_complete(vy__launch *l, vy_status s, uint32_t next) {
  if (s == VY_ERROR_OUT_OF_HOST_MEMORY)
    s = report_memory(l, next);
  l->complete(l, s);
}

void vy__cuda_run(vy__cuda *d, vy__launch *l) {
  uint32_t next = 0;
  l->timing_present = 0;
  l->upload_ns = l->device_ns = l->readback_ns = 0;
  vy_status s = l->recording ? vy__cuda_replay(d, l) : run_parts(d, l, &next);
  vy__cuda_complete(l, s, next);
}

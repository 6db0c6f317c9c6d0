// A flight has landed, or lands here: results go to the host, faults to their
// items, times to the launch.
#include "backend/cuda/cuda.h"

// What is fetched only now, after which all else of the stream has run too.
static vy_status fetch_late(vy__cuda *d, vy__cuda_flight *f,
                            vy__cu_stream stream) {
  for (size_t i = 0; f->late && i < f->back_count; i++) {
    const vy__cuda_back *b = &f->backs[i];
    if (!b->from)
      VY_TRY(vy__cuda_to_host(d, f->lane, stream, b->to, b->at, b->size));
  }
  return VY_OK;
}

static void bring_home(const vy__cuda_flight *f) {
  for (size_t i = 0; i < f->back_count; i++)
    if (f->backs[i].from)
      memcpy(f->backs[i].to, f->backs[i].from, f->backs[i].size);
}

static void take_faults(vy__cuda_flight *f) {
  const vy__cuda_fault *all =
      (const vy__cuda_fault *)(void *)(f->pinned.data + f->faults);
  for (uint32_t i = 0; i < f->count; i++)
    if (all[i].fault.kind != VY__FAULT_NONE)
      f->launch->items[f->first + i].fault = all[i].fault;
}

// Add the time from event `from` to the next; false: it is not known.
static bool add_time(const vy__cuda *d, const vy__cuda_flight *f, uint32_t from,
                     uint64_t *ns) {
  float ms = 0;
  if (d->cu->event_elapsed(&ms, f->times[from], f->times[from + 1]) !=
          VY__CU_OK ||
      !(ms >= 0))
    return false;
  *ns += (uint64_t)((double)ms * 1e6);
  return true;
}

static void take_times(const vy__cuda *d, const vy__cuda_flight *f,
                       uint64_t home_ns) {
  vy__launch *l = f->launch;
  uint64_t upload = 0;
  uint32_t present = 0;
  if (add_time(d, f, 0, &upload)) {
    present |= VY_TIMING_UPLOAD;
    // The host's copying and the device's are at the same time.
    l->upload_ns += upload > f->upload_ns ? upload : f->upload_ns;
  }
  if (add_time(d, f, 1, &l->device_ns))
    present |= VY_TIMING_DEVICE;
  if (add_time(d, f, 2, &l->readback_ns)) {
    present |= VY_TIMING_READBACK;
    l->readback_ns += home_ns;
  }
  // Of a launch of several flights a time is known only if all of it is.
  l->timing_present = f->first ? l->timing_present & present : present;
}

vy_status vy__cuda_finish(vy__cuda *d, vy__cuda_flight *f,
                          vy__cu_stream stream) {
  vy__launch *l = f->launch;
  uint64_t begin = f->timed ? vy__now_ns() : 0;
  VY_TRY(fetch_late(d, f, stream));
  bring_home(f);
  if (l->code->info.faults)
    take_faults(f);
  if (l->items[f->first].count) {
    uint32_t n;
    memcpy(&n, f->pinned.data + f->seen, sizeof n);
    vy__launch_count(&l->items[f->first], l->code->program, n);
  }
  if (!f->timed)
    return VY_OK;
  take_times(d, f, vy__now_ns() - begin);
  return VY_OK;
}

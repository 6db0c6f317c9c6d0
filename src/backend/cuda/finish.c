// A flight has landed: results go to the host, faults to their items, times
// to the launch.
#include "backend/cuda/cuda.h"

static vy_status bring_home(vy__cuda *d, vy__cuda_flight *f,
                            vy__cu_stream stream) {
  vy_status s = VY_OK;
  for (size_t i = 0; i < f->back_count && s == VY_OK; i++) {
    const vy__cuda_back *b = &f->backs[i];
    if (b->from) {
      memcpy(b->to, b->from, b->size);
      continue;
    }
    vy__mutex_lock(&f->lane->mutex);
    s = vy__cuda_to_host(d, f->lane, stream, b->to, b->at, b->size);
    vy__mutex_unlock(&f->lane->mutex);
  }
  return s;
}

static void take_faults(vy__cuda_flight *f) {
  const vy__cuda_fault *all =
      (const vy__cuda_fault *)(void *)(f->pinned.data + f->faults);
  for (uint32_t i = 0; i < f->count; i++)
    if (all[i].fault.kind != VY__FAULT_NONE)
      f->launch->items[f->first + i].fault = all[i].fault;
}

static uint64_t between(const vy__cuda *d, const vy__cuda_flight *f,
                        uint32_t from) {
  float ms = 0;
  if (d->cu->event_elapsed(&ms, f->times[from], f->times[from + 1]) !=
          VY__CU_OK ||
      ms < 0)
    return 0;
  return (uint64_t)((double)ms * 1e6);
}

vy_status vy__cuda_finish(vy__cuda *d, vy__cuda_flight *f,
                          vy__cu_stream stream) {
  vy__launch *l = f->launch;
  uint64_t begin = f->timed ? vy__now_ns() : 0;
  if (l->code->info.faults)
    take_faults(f);
  VY_TRY(bring_home(d, f, stream));
  if (!f->timed)
    return VY_OK;
  uint64_t upload = between(d, f, 0);
  l->upload_ns += upload > f->upload_ns ? upload : f->upload_ns;
  l->device_ns += between(d, f, 1);
  l->readback_ns += between(d, f, 2) + vy__now_ns() - begin;
  l->timing_present = VY_TIMING_DEVICE | VY_TIMING_UPLOAD | VY_TIMING_READBACK;
  return VY_OK;
}

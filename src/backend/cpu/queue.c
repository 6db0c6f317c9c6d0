// Submitting. What is small, or is waited for at once, runs in the call; the
// rest stands in one queue, first come first served. A thread's launches keep
// their order: nothing runs in the call while the thread has something in the
// queue. `queued` tells without a lock.
#include "backend/cpu/cpu.h"

static _Atomic uint32_t *queued_by(vy__cpu *d, uint32_t slot) {
  return &d->queued[slot];
}

// A device without threads of its own runs everything in the call.
static bool runs_at_once(const vy__cpu *d, const vy__launch *l) {
  if (d->crew.count == 0)
    return true;
  return !l->before && (l->blocking || vy__cpu_is_small(l));
}

vy_status vy__cpu_submit(void *device, vy__launch *l) {
  vy__cpu *d = device;
  uint32_t slot = vy__thread_slot();
  _Atomic uint32_t *queued = queued_by(d, slot);
  if (!atomic_load_explicit(queued, memory_order_acquire) &&
      runs_at_once(d, l)) {
    vy__cpu_run(d, l);
    l->complete(l, VY_OK);
    return VY_OK;
  }
  l->next = NULL;
  l->scratch[0] = slot;
  atomic_fetch_add_explicit(queued, 1, memory_order_relaxed);
  vy__mutex_lock(&d->crew.mutex);
  if (d->last)
    d->last->next = l;
  else
    d->first = l;
  d->last = l;
  d->submitted++;
  vy__crew_signal(&d->crew);
  vy__mutex_unlock(&d->crew.mutex);
  return VY_OK;
}

// Run the first launch, unless another thread is at one. Called with the
// mutex held, which is let go meanwhile.
bool vy__cpu_lead(void *device) {
  vy__cpu *d = device;
  vy__launch *l = d->first;
  if (!l || d->leading)
    return false;
  d->first = l->next;
  if (!d->first)
    d->last = NULL;
  d->leading = true;
  vy__mutex_unlock(&d->crew.mutex);
  _Atomic uint32_t *queued = queued_by(d, (uint32_t)l->scratch[0]);
  vy__cpu_run(d, l);
  atomic_fetch_sub_explicit(queued, 1, memory_order_release);
  l->complete(l, VY_OK);
  vy__mutex_lock(&d->crew.mutex);
  d->leading = false;
  d->finished++;
  if (d->first)
    vy__crew_signal(&d->crew);
  vy__cond_broadcast(&d->crew.finished);
  return true;
}

void vy__cpu_drain(void *device) {
  vy__cpu *d = device;
  if (!atomic_load_explicit(queued_by(d, vy__thread_slot()),
                            memory_order_acquire))
    return;
  vy__mutex_lock(&d->crew.mutex);
  uint64_t until = d->submitted;
  while (d->finished < until)
    if (!vy__cpu_lead(d))
      vy__cond_wait(&d->crew.finished, &d->crew.mutex);
  vy__mutex_unlock(&d->crew.mutex);
}

// Submitting and finishing. See cuda.h.
#include "backend/cuda/way.h"

enum {
  SWEEP_LEAST_NS = 20000, // between two looks of a thread that sleeps
  SWEEP_MOST_NS = 500000,
  SWEEP_SHARE = 256, // of how long a thread has waited, it sleeps at a time
  WATCH_SHARE = 64,  // likewise, between two looks of one that does not
  IDLE_SWEEPS = 4,   // of the finisher, before it must be woken
};

// ---- finishing

// Finish what is ready of a lane, in order. True: something was.
static bool finish_lane(vy__cuda *d, vy__cuda_lane *lane) {
  bool any = false;
  vy__mutex_lock(&lane->flights);
  while (!lane->finishing && lane->first) {
    vy__cuda_flight *f = lane->first;
    int r = d->cu->event_query(f->done);
    if (r == VY__CU_NOT_READY)
      break;
    lane->finishing = true;
    lane->first = f->next;
    if (!lane->first)
      lane->last = NULL;
    vy__mutex_unlock(&lane->flights);
    vy_status s = vy__cu_status(r);
    if (s == VY_OK)
      s = vy__cuda_finish(d, f, lane->back);
    else
      vy__cuda_settle(d, lane->stream);
    vy__launch *l = f->launch;
    vy__cuda_flight_give(d, f);
    vy__cuda_complete(l, s, 0);
    any = true;
    vy__mutex_lock(&lane->flights);
    lane->finishing = false;
    atomic_fetch_sub(&lane->flying, 1);
    atomic_fetch_sub(&d->flying, 1);
  }
  vy__mutex_unlock(&lane->flights);
  return any;
}

static void notify(vy__cuda *d) {
  if (!atomic_load(&d->sleepers))
    return;
  vy__mutex_lock(&d->mutex);
  vy__cond_broadcast(&d->finished);
  vy__mutex_unlock(&d->mutex);
}

static bool finish_ready(vy__cuda *d) {
  bool any = false, entered;
  if (!atomic_load(&d->flying))
    return false;
  int r = vy__cuda_enter(d, &entered);
  if (r != VY__CU_OK && !vy__cu_is_fatal(r))
    return false; // the next look may
  for (uint32_t i = 0; i < VY__CUDA_LANES; i++) {
    vy__cuda_lane *lane =
        atomic_load_explicit(&d->lanes[i], memory_order_acquire);
    if (lane && atomic_load(&lane->flying))
      any = finish_lane(d, lane) || any;
  }
  vy__cuda_leave(d, entered);
  if (any)
    notify(d);
  return any;
}

// With the mutex held: look again in a while, or sleep until told. While
// `watching`, nobody has to wake it, which would cost each submission more than
// its launch. False: it is over.
static bool pause_finisher(vy__cuda *d, uint64_t *pause, uint32_t *idle) {
  if (atomic_load(&d->flying))
    *idle = 0;
  else if (d->closing)
    return false;
  else
    ++*idle;
  if (*idle < IDLE_SWEEPS) {
    (void)vy__cond_wait_until(&d->arrived, &d->mutex, vy__now_ns() + *pause);
    *pause = *pause * 2 < SWEEP_MOST_NS ? *pause * 2 : SWEEP_MOST_NS;
    return true;
  }
  atomic_store(&d->watching, 0);
  while (!atomic_load(&d->flying) && !d->closing)
    vy__cond_wait(&d->arrived, &d->mutex);
  atomic_store(&d->watching, 1);
  *idle = 0;
  *pause = SWEEP_LEAST_NS;
  return true;
}

static void finisher(void *user) {
  vy__cuda *d = user;
  uint64_t pause = SWEEP_LEAST_NS;
  uint32_t idle = IDLE_SWEEPS;
  vy__mutex_lock(&d->mutex);
  do {
    vy__mutex_unlock(&d->mutex);
    if (finish_ready(d))
      pause = SWEEP_LEAST_NS;
    vy__mutex_lock(&d->mutex);
  } while (pause_finisher(d, &pause, &idle));
  vy__mutex_unlock(&d->mutex);
}

// ---- submitting

// Put a started flight in its lane's list.
static void fly(vy__cuda *d, vy__cuda_flight *f) {
  vy__cuda_lane *lane = f->lane;
  f->next = NULL;
  vy__mutex_lock(&lane->flights);
  if (lane->last)
    lane->last->next = f;
  else
    lane->first = f;
  lane->last = f;
  atomic_fetch_add(&lane->flying, 1);
  atomic_fetch_add(&d->flying, 1);
  vy__mutex_unlock(&lane->flights);
  if (atomic_load(&d->watching))
    return;
  vy__mutex_lock(&d->mutex);
  vy__cond_broadcast(&d->arrived);
  vy__mutex_unlock(&d->mutex);
}

static vy_status start(vy__cuda *d, vy__cuda_flight *f, vy__launch *l,
                       uint32_t count) {
  const vy__cu *cu = d->cu;
  int r = VY__CU_OK;
  l->timing_present = 0;
  l->upload_ns = l->device_ns = l->readback_ns = 0;
  if (!f->done)
    r = cu->event_create(&f->done, VY__CU_EVENT_NO_TIME);
  VY_TRY(vy__cu_status(r));
  VY_TRY(vy__cuda_start(d, f, l, 0, count));
  r = cu->event_record(f->done, f->lane->stream);
  if (r != VY__CU_OK)
    vy__cuda_settle(d, f->lane->stream);
  return vy__cu_status(r);
}

// Results that are fetched after the run, from memory that the thread's next
// launch may write.
static bool has_late_results(const vy__cuda *d, const vy__launch *l) {
  uint32_t params = l->code->program->ir.param_count;
  for (uint32_t i = 0; i < l->item_count; i++)
    for (uint32_t p = 0; p < params; p++) {
      const vy__bind *b = &l->items[i].binds[p];
      if (b->memory && vy__cuda_is_late(d, b))
        return true;
    }
  return false;
}

// Start a launch that one flight can take; *taken: it did.
static vy_status submit_flight(vy__cuda *d, vy__launch *l, bool *taken) {
  vy_status s = VY_OK;
  uint32_t count;
  vy__cuda_lane *lane = vy__cuda_lane_of(d, &s);
  if (!lane)
    return s;
  vy__cuda_flight *f = vy__cuda_flight_take(d, lane);
  if (!f)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  s = vy__cuda_plan(d, f, l, 0, &count);
  *taken = s == VY_OK && count == l->item_count && !has_late_results(d, l);
  if (*taken) {
    vy__mutex_lock(&lane->mutex);
    s = start(d, f, l, count);
    if (s == VY_OK)
      fly(d, f);
    vy__mutex_unlock(&lane->mutex);
  }
  if (!*taken || s != VY_OK)
    vy__cuda_flight_give(d, f);
  return s;
}

static void enqueue(vy__cuda *d, vy__launch *l, uint32_t slot) {
  l->next = NULL;
  l->scratch[0] = slot;
  atomic_fetch_add(&d->queued[slot], 1);
  vy__mutex_lock(&d->mutex);
  if (d->last)
    d->last->next = l;
  else
    d->first = l;
  d->last = l;
  vy__cond_broadcast(&d->arrived);
  vy__mutex_unlock(&d->mutex);
}

static vy_status submit(vy__cuda *d, vy__launch *l) {
  uint32_t slot = vy__thread_slot();
  bool queue = l->before || atomic_load(&d->queued[slot]);
  bool taken = false;
  if (!queue && l->blocking) {
    vy__cuda_run(d, l);
    return VY_OK;
  }
  if (!queue && !l->recording) {
    VY_TRY(submit_flight(d, l, &taken));
    if (taken)
      return VY_OK;
  }
  enqueue(d, l, slot);
  return VY_OK;
}

vy_status vy__cuda_submit(void *device, vy__launch *l) {
  vy__cuda *d = device;
  bool entered;
  vy_status s = vy__cu_status(vy__cuda_enter(d, &entered));
  VY_TRY(s);
  s = submit(d, l);
  vy__cuda_leave(d, entered);
  return s;
}

// ---- the runner

// What the submitting thread started itself, before this was queued.
static vy_status after_own(vy__cuda *d, uint32_t slot) {
  vy__cuda_lane *lane = atomic_load(&d->lanes[slot % VY__CUDA_LANES]);
  return lane ? vy__cu_status(d->cu->stream_wait(lane->stream)) : VY_OK;
}

static void run_queued(vy__cuda *d, vy__launch *l, uint32_t slot) {
  bool entered;
  if (l->before)
    l->before(l);
  vy_status s = vy__cu_status(vy__cuda_enter(d, &entered));
  if (s == VY_OK)
    s = after_own(d, slot);
  if (s == VY_OK)
    vy__cuda_run(d, l);
  else
    l->complete(l, s);
  vy__cuda_leave(d, entered);
}

static void runner(void *user) {
  vy__cuda *d = user;
  vy__mutex_lock(&d->mutex);
  while (d->first || !d->closing) {
    vy__launch *l = d->first;
    if (!l) {
      vy__cond_wait(&d->arrived, &d->mutex);
      continue;
    }
    d->first = l->next;
    if (!d->first)
      d->last = NULL;
    vy__mutex_unlock(&d->mutex);
    uint32_t slot = (uint32_t)l->scratch[0];
    run_queued(d, l, slot);
    vy__mutex_lock(&d->mutex);
    atomic_fetch_sub(&d->queued[slot], 1);
    vy__cond_broadcast(&d->finished);
  }
  vy__mutex_unlock(&d->mutex);
}

void vy__cuda_drain(vy__cuda *d) {
  _Atomic uint32_t *queued = &d->queued[vy__thread_slot()];
  if (!atomic_load(queued))
    return;
  vy__mutex_lock(&d->mutex);
  while (atomic_load(queued))
    vy__cond_wait(&d->finished, &d->mutex);
  vy__mutex_unlock(&d->mutex);
}

// ---- waiting

// How late the end of a long wait may be seen: by a small part of the wait.
static uint64_t pause_after(uint64_t waited_ns) {
  uint64_t pause = waited_ns / SWEEP_SHARE;
  if (pause < SWEEP_LEAST_NS)
    return SWEEP_LEAST_NS;
  return pause < SWEEP_MOST_NS ? pause : SWEEP_MOST_NS;
}

// A sleep ends late by far more than was asked for, so a wait begins with
// looks that are a small part of it apart; others may run between them.
static void watch(const vy__cuda *d, const _Atomic uint32_t *done, uint64_t now,
                  uint64_t waited_ns) {
  uint64_t until = now + waited_ns / WATCH_SHARE;
  while (!atomic_load_explicit(done, memory_order_acquire) &&
         vy__now_ns() < until)
    if (waited_ns < d->tuning.spin_ns)
      vy__relax();
    else
      vy__thread_yield();
}

static void look(vy__cuda *d, const _Atomic uint32_t *done,
                 uint64_t deadline_ns) {
  uint64_t begin = vy__now_ns(), now = begin, until = now + d->tuning.look_ns;
  while (!atomic_load_explicit(done, memory_order_acquire)) {
    bool any = finish_ready(d);
    now = vy__now_ns();
    if (now >= deadline_ns)
      return;
    if (any)
      continue;
    if (now < until) {
      watch(d, done, now, now - begin);
      continue;
    }
    uint64_t next = now + pause_after(now - begin);
    next = next < deadline_ns ? next : deadline_ns;
    vy__mutex_lock(&d->mutex);
    atomic_fetch_add(&d->sleepers, 1);
    if (!atomic_load_explicit(done, memory_order_acquire))
      (void)vy__cond_wait_until(&d->finished, &d->mutex, next);
    atomic_fetch_sub(&d->sleepers, 1);
    vy__mutex_unlock(&d->mutex);
  }
}

void vy__cuda_wait(void *device, const _Atomic uint32_t *done,
                   uint64_t deadline_ns) {
  vy__cuda *d = device;
  if (deadline_ns)
    look(d, done, deadline_ns);
  else
    (void)finish_ready(d);
}

// ---- threads

bool vy__cuda_threads_start(vy__cuda *d) {
  if (!vy__thread_start(&d->runner, runner, d))
    return false;
  if (vy__thread_start(&d->finisher, finisher, d))
    return true;
  vy__mutex_lock(&d->mutex);
  d->closing = true;
  vy__cond_broadcast(&d->arrived);
  vy__mutex_unlock(&d->mutex);
  vy__thread_join(&d->runner);
  return false;
}

void vy__cuda_threads_stop(vy__cuda *d) {
  vy__mutex_lock(&d->mutex);
  d->closing = true;
  vy__cond_broadcast(&d->arrived);
  vy__mutex_unlock(&d->mutex);
  vy__thread_join(&d->runner);
  vy__thread_join(&d->finisher);
}

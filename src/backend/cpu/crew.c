// Worker threads. A loop of rounds is published in a list; workers that are
// awake, and callers who wait, take rounds from its counter beside its owner.
// Workers look around for a while after their last piece of work, then sleep.
// A published loop is left by all helpers before its owner goes on: a helper
// counts itself in under the mutex, while the loop is in the list.
#define _GNU_SOURCE
#include <sched.h>

#include "backend/cpu/cpu.h"

enum { SPINS = 4000 }; // some ten microseconds

static void take_rounds(vy__work *w) {
  for (;;) {
    uint64_t i = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed);
    if (i >= w->count)
      return;
    w->body(w->data, i);
  }
}

// With the mutex held: one loop that still has rounds.
static vy__work *open_work(vy__crew *c) {
  for (vy__work *w = c->works; w; w = w->after)
    if (atomic_load_explicit(&w->next, memory_order_relaxed) < w->count)
      return w;
  return NULL;
}

// With the mutex held, which is let go meanwhile.
static void help(vy__crew *c, vy__work *w) {
  atomic_fetch_add_explicit(&w->helpers, 1, memory_order_relaxed);
  vy__mutex_unlock(&c->mutex);
  take_rounds(w);
  vy__mutex_lock(&c->mutex);
  if (atomic_fetch_sub_explicit(&w->helpers, 1, memory_order_release) == 1)
    vy__cond_broadcast(&c->finished);
}

// With the mutex held: do one thing, if there is one.
static bool do_something(vy__crew *c) {
  vy__work *w = open_work(c);
  if (w) {
    help(c, w);
    return true;
  }
  return c->lead(c->user);
}

void vy__crew_signal(vy__crew *c) {
  atomic_fetch_add_explicit(&c->signal, 1, memory_order_relaxed);
  vy__cond_broadcast(&c->arrived);
}

// Without the mutex: wait a while for something new.
static void look_around(const vy__crew *c, uint32_t seen,
                        const _Atomic uint32_t *done) {
  for (uint32_t i = 0; i < SPINS; i++) {
    if (atomic_load_explicit(&c->signal, memory_order_relaxed) != seen ||
        (done && atomic_load_explicit(done, memory_order_acquire)))
      return;
    vy__relax();
  }
}

// ---- running

static void publish(vy__crew *c, vy__work *w) {
  vy__mutex_lock(&c->mutex);
  w->after = c->works;
  c->works = w;
  vy__crew_signal(c);
  vy__mutex_unlock(&c->mutex);
}

static void withdraw(vy__crew *c, vy__work *w) {
  for (uint32_t i = 0; i < SPINS; i++) {
    if (!atomic_load_explicit(&w->helpers, memory_order_relaxed))
      break;
    vy__relax();
  }
  vy__mutex_lock(&c->mutex);
  vy__work **at = &c->works;
  while (*at != w)
    at = &(*at)->after;
  *at = w->after;
  while (atomic_load_explicit(&w->helpers, memory_order_acquire))
    vy__cond_wait(&c->finished, &c->mutex);
  vy__mutex_unlock(&c->mutex);
}

void vy__crew_run(vy__crew *c, vy__work *w) {
  atomic_init(&w->next, 0);
  atomic_init(&w->helpers, 0);
  bool shared = c->count && w->count > 1;
  if (shared)
    publish(c, w);
  take_rounds(w);
  if (shared)
    withdraw(c, w);
}

// Only who will wait for ever may take on work: it has no set end.
void vy__crew_wait(vy__crew *c, const _Atomic uint32_t *done,
                   uint64_t deadline_ns) {
  if (!deadline_ns)
    return;
  bool helps = deadline_ns == UINT64_MAX;
  bool looked = false;
  vy__mutex_lock(&c->mutex);
  while (!atomic_load_explicit(done, memory_order_acquire)) {
    if (helps && do_something(c)) {
      looked = false;
    } else if (helps && !looked) {
      uint32_t seen = atomic_load_explicit(&c->signal, memory_order_relaxed);
      vy__mutex_unlock(&c->mutex);
      look_around(c, seen, done);
      vy__mutex_lock(&c->mutex);
      looked = true;
    } else if (!vy__cond_wait_until(&c->finished, &c->mutex, deadline_ns)) {
      break;
    }
  }
  vy__mutex_unlock(&c->mutex);
}

// ---- threads

static void bind_thread(const vy__crew *c, uint32_t index) {
  if (!c->cpu_count)
    return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(c->cpus[index % c->cpu_count], &set);
  // The numbers were checked; a CPU that has gone since is no reason to stop.
  (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void work(void *user) {
  vy__crew *c = user;
  bind_thread(c, atomic_fetch_add(&c->starting, 1));
  vy__mutex_lock(&c->mutex);
  bool looked = false;
  for (;;) {
    if (do_something(c)) {
      looked = false;
      continue;
    }
    if (c->closing)
      break;
    if (looked) {
      vy__cond_wait(&c->arrived, &c->mutex);
      looked = false;
      continue;
    }
    uint32_t seen = atomic_load_explicit(&c->signal, memory_order_relaxed);
    vy__mutex_unlock(&c->mutex);
    look_around(c, seen, NULL);
    vy__mutex_lock(&c->mutex);
    looked = true;
  }
  vy__mutex_unlock(&c->mutex);
}

static bool make_locks(vy__crew *c) {
  if (!vy__mutex_init(&c->mutex))
    return false;
  if (vy__cond_init(&c->arrived)) {
    if (vy__cond_init(&c->finished))
      return true;
    vy__cond_destroy(&c->arrived);
  }
  vy__mutex_destroy(&c->mutex);
  return false;
}

static void free_parts(vy__crew *c, uint32_t allocated) {
  vy__free(c->alloc, c->threads, allocated * sizeof *c->threads);
  vy__cond_destroy(&c->finished);
  vy__cond_destroy(&c->arrived);
  vy__mutex_destroy(&c->mutex);
}

static void join_all(vy__crew *c) {
  vy__mutex_lock(&c->mutex);
  c->closing = true;
  vy__crew_signal(c);
  vy__mutex_unlock(&c->mutex);
  for (uint32_t i = 0; i < c->count; i++)
    vy__thread_join(&c->threads[i]);
}

vy_status vy__crew_start(vy__crew *c, uint32_t count, vy_diags *diags) {
  if (!make_locks(c))
    return vy__fail_oom(diags, "the locks of the cpu device");
  c->threads = vy__alloc(c->alloc, count * sizeof *c->threads);
  if (!c->threads) {
    free_parts(c, count);
    return vy__fail_oom(diags, "the threads of the cpu device");
  }
  uint32_t started = 0;
  while (started < count && vy__thread_start(&c->threads[started], work, c))
    started++;
  vy__mutex_lock(&c->mutex);
  c->count = started;
  vy__mutex_unlock(&c->mutex);
  if (started == count)
    return VY_OK;
  join_all(c);
  free_parts(c, count);
  return vy__fail(diags, NULL, VY__E_OUT_OF_HOST_MEMORY,
                  "the system gives %u of %u worker threads\nFix: set "
                  "vy_device_desc.threads to a smaller number",
                  started, count);
}

void vy__crew_stop(vy__crew *c) {
  join_all(c);
  free_parts(c, c->count);
}

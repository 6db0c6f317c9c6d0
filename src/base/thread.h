// Threads, locks and atomics: a thin layer over pthreads, so that one file
// knows the platform. None of these fail after creation.
#ifndef VY__THREAD_H
#define VY__THREAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"

typedef struct vy__mutex {
  pthread_mutex_t m;
} vy__mutex;
typedef struct vy__cond {
  pthread_cond_t c; // on the monotonic clock
} vy__cond;

bool vy__mutex_init(vy__mutex *m);
void vy__mutex_destroy(vy__mutex *m);
void vy__mutex_lock(vy__mutex *m);
void vy__mutex_unlock(vy__mutex *m);
bool vy__cond_init(vy__cond *c);
void vy__cond_destroy(vy__cond *c);
void vy__cond_wait(vy__cond *c, vy__mutex *m);
// False when `deadline_ns` (vy__now_ns clock; UINT64_MAX: never) has passed.
bool vy__cond_wait_until(vy__cond *c, vy__mutex *m, uint64_t deadline_ns);
void vy__cond_broadcast(vy__cond *c);

// For a moment, in a loop that looks at memory.
static inline void vy__relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  atomic_signal_fence(memory_order_seq_cst);
#endif
}

typedef struct vy__thread {
  pthread_t t;
} vy__thread;
// Signals are blocked in the new thread.
bool vy__thread_start(vy__thread *t, void (*fn)(void *), void *user);
void vy__thread_join(vy__thread *t);
// Let others run, if any want to.
void vy__thread_yield(void);

// Tells a process from those that it forks: what threads and locks stand
// behind exists in the process that made it only.
typedef struct vy__fork_mark {
  const volatile uint32_t *here; // not 0; the system makes it 0 in a child
  int32_t pid;                   // where the system cannot do that; else 0
} vy__fork_mark;
bool vy__fork_mark_init(vy__fork_mark *m);
void vy__fork_mark_destroy(vy__fork_mark *m);
bool vy__fork_mark_asks(const vy__fork_mark *m);
static inline bool vy__is_forked(const vy__fork_mark *m) {
  return VY__UNLIKELY(m->pid) ? vy__fork_mark_asks(m) : *m->here == 0;
}

// A number below VY__THREAD_SLOTS that the calling thread keeps, and that
// few others share: for what is better used by one thread at a time. Threads
// lie at one stride in memory, that of their stacks; as the modulus is a
// prime, as many of them as it says have different numbers at any stride.
enum { VY__THREAD_SLOTS = 61 };
static inline uint32_t vy__slot_of(uint64_t thread) {
  return (uint32_t)(thread >> 6) % VY__THREAD_SLOTS;
}
static inline uint32_t vy__thread_slot(void) {
  return vy__slot_of((uint64_t)(uintptr_t)pthread_self());
}

// A reference count: starts at 1.
typedef struct vy__refs {
  _Atomic uint32_t n;
} vy__refs;
static inline void vy__refs_init(vy__refs *r) { r->n = 1; }
static inline void vy__refs_take(vy__refs *r) {
  __atomic_fetch_add((uint32_t *)&r->n, 1, __ATOMIC_RELAXED);
}
// True when the last reference went.
static inline bool vy__refs_drop(vy__refs *r) {
  return __atomic_fetch_sub((uint32_t *)&r->n, 1, __ATOMIC_ACQ_REL) == 1;
}

#endif

// Threads and locks over pthreads. Condition variables run on the monotonic
// clock, so that a change of the wall clock cannot stretch a timeout.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

bool vy__mutex_init(vy__mutex *m) {
  return pthread_mutex_init(&m->m, NULL) == 0;
}
void vy__mutex_destroy(vy__mutex *m) { pthread_mutex_destroy(&m->m); }
void vy__mutex_lock(vy__mutex *m) { pthread_mutex_lock(&m->m); }
void vy__mutex_unlock(vy__mutex *m) { pthread_mutex_unlock(&m->m); }

bool vy__cond_init(vy__cond *c) {
  pthread_condattr_t attr;
  if (pthread_condattr_init(&attr))
    return false;
  bool ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
            pthread_cond_init(&c->c, &attr) == 0;
  pthread_condattr_destroy(&attr);
  return ok;
}
void vy__cond_destroy(vy__cond *c) { pthread_cond_destroy(&c->c); }
void vy__cond_wait(vy__cond *c, vy__mutex *m) {
  pthread_cond_wait(&c->c, &m->m);
}

bool vy__cond_wait_until(vy__cond *c, vy__mutex *m, uint64_t deadline_ns) {
  if (deadline_ns == UINT64_MAX) {
    vy__cond_wait(c, m);
    return true;
  }
  struct timespec t = {(time_t)(deadline_ns / 1000000000u),
                       (long)(deadline_ns % 1000000000u)};
  return pthread_cond_timedwait(&c->c, &m->m, &t) != ETIMEDOUT;
}

void vy__cond_broadcast(vy__cond *c) { pthread_cond_broadcast(&c->c); }

// The start routine's arguments live on the starter's stack until the new
// thread has copied them, so that starting allocates nothing.
typedef struct start {
  void (*fn)(void *);
  void *user;
  vy__mutex mutex;
  vy__cond cond;
  bool taken;
} start;

static void *run(void *p) {
  start *s = p;
  void (*fn)(void *) = s->fn;
  void *user = s->user;
  vy__mutex_lock(&s->mutex);
  s->taken = true;
  vy__cond_broadcast(&s->cond);
  vy__mutex_unlock(&s->mutex);
  fn(user);
  return NULL;
}

// With all signals blocked while the thread is made: it inherits the mask.
static bool create(vy__thread *t, start *s) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  bool ok = pthread_create(&t->t, NULL, run, s) == 0;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return ok;
}

bool vy__thread_start(vy__thread *t, void (*fn)(void *), void *user) {
  start s = {.fn = fn, .user = user};
  if (!vy__mutex_init(&s.mutex))
    return false;
  if (!vy__cond_init(&s.cond)) {
    vy__mutex_destroy(&s.mutex);
    return false;
  }
  bool ok = create(t, &s);
  vy__mutex_lock(&s.mutex);
  while (ok && !s.taken)
    vy__cond_wait(&s.cond, &s.mutex);
  vy__mutex_unlock(&s.mutex);
  vy__cond_destroy(&s.cond);
  vy__mutex_destroy(&s.mutex);
  return ok;
}

void vy__thread_join(vy__thread *t) { pthread_join(t->t, NULL); }

void vy__thread_yield(void) { (void)sched_yield(); }

// A page of its own, which the system clears in children.
enum { MARK_SIZE = 64 };

bool vy__fork_mark_init(vy__fork_mark *m) {
  void *page = mmap(NULL, MARK_SIZE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    return false;
  *(uint32_t *)page = 1;
  m->here = page;
  m->pid = madvise(page, MARK_SIZE, MADV_WIPEONFORK) ? (int32_t)getpid() : 0;
  return true;
}

void vy__fork_mark_destroy(vy__fork_mark *m) {
  munmap((void *)(uintptr_t)m->here, MARK_SIZE);
}

bool vy__fork_mark_asks(const vy__fork_mark *m) {
  return m->pid != (int32_t)getpid();
}

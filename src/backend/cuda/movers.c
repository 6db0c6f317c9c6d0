// Threads that help with large copies. One thread copies slower than the bus.
#define _GNU_SOURCE
#include <sched.h>

#include "backend/cuda/cuda.h"

static vy__cuda_move *open_move(const vy__cuda_movers *v) {
  for (vy__cuda_move *m = v->moves; m; m = m->after)
    if (atomic_load(&m->helpers) < m->wanted && vy__cuda_move_is_open(m))
      return m;
  return NULL;
}

// False: the thread cannot.
static bool help(vy__cuda *d, vy__cuda_move *m) {
  bool entered;
  if (vy__cuda_enter(d, &entered) != VY__CU_OK)
    return false;
  vy__cuda_move_run(d, m);
  vy__cuda_leave(d, entered);
  return true;
}

static void mover(void *user) {
  vy__cuda *d = user;
  vy__cuda_movers *v = &d->movers;
  bool able = true;
  vy__mutex_lock(&v->mutex);
  while (!v->closing) {
    vy__cuda_move *m = able ? open_move(v) : NULL;
    if (!m) {
      vy__cond_wait(&v->arrived, &v->mutex);
      able = true;
      continue;
    }
    atomic_fetch_add(&m->helpers, 1);
    vy__mutex_unlock(&v->mutex);
    able = help(d, m);
    bool last = atomic_fetch_sub(&m->helpers, 1) == 1; // then it may be gone
    vy__mutex_lock(&v->mutex);
    if (last)
      vy__cond_broadcast(&v->left);
  }
  vy__mutex_unlock(&v->mutex);
}

// A quarter is left to others, such as the driver's own threads.
static uint32_t cpus(void) {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
  return n < 1 ? 1 : (uint32_t)(n - n / 4);
}

bool vy__cuda_movers_init(vy__cuda *d) {
  vy__cuda_movers *v = &d->movers;
  uint32_t threads = d->tuning.copy_threads, here = cpus();
  threads = threads < here ? threads : here;
  v->most = threads ? threads - 1 : 0;
  if (v->most > VY__CUDA_MOVERS)
    v->most = VY__CUDA_MOVERS;
  if (!vy__mutex_init(&v->mutex))
    return false;
  if (vy__cond_init(&v->arrived)) {
    if (vy__cond_init(&v->left))
      return true;
    vy__cond_destroy(&v->arrived);
  }
  vy__mutex_destroy(&v->mutex);
  return false;
}

void vy__cuda_movers_stop(vy__cuda *d) {
  vy__cuda_movers *v = &d->movers;
  vy__mutex_lock(&v->mutex);
  v->closing = true;
  vy__cond_broadcast(&v->arrived);
  vy__mutex_unlock(&v->mutex);
  for (uint32_t i = 0; i < v->count; i++)
    vy__thread_join(&v->threads[i]);
  vy__cond_destroy(&v->left);
  vy__cond_destroy(&v->arrived);
  vy__mutex_destroy(&v->mutex);
}

void vy__cuda_movers_call(vy__cuda *d, vy__cuda_move *m) {
  vy__cuda_movers *v = &d->movers;
  vy__mutex_lock(&v->mutex);
  while (!v->refused && v->count < v->most) {
    v->refused = !vy__thread_start(&v->threads[v->count], mover, d);
    v->count += !v->refused;
  }
  m->after = v->moves;
  v->moves = m;
  vy__cond_broadcast(&v->arrived);
  vy__mutex_unlock(&v->mutex);
}

static void withdraw(vy__cuda_movers *v, const vy__cuda_move *m) {
  vy__mutex_lock(&v->mutex);
  vy__cuda_move **at = &v->moves;
  while (*at != m)
    at = &(*at)->after;
  *at = m->after;
  vy__mutex_unlock(&v->mutex);
}

// They have a piece each to end, at most.
void vy__cuda_movers_dismiss(vy__cuda *d, vy__cuda_move *m) {
  enum { LOOKS = 2000 };
  vy__cuda_movers *v = &d->movers;
  withdraw(v, m);
  for (uint32_t i = 0; i < LOOKS && atomic_load(&m->helpers); i++)
    vy__relax();
  if (!atomic_load(&m->helpers))
    return;
  vy__mutex_lock(&v->mutex);
  while (atomic_load(&m->helpers))
    vy__cond_wait(&v->left, &v->mutex);
  vy__mutex_unlock(&v->mutex);
}

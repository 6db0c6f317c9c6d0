// Threads, locks, conditions and reference counts of base/.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/thread.h"

enum { THREADS = 8, ROUNDS = 2000 };

typedef struct shared {
  vy__mutex mutex;
  vy__cond cond;
  vy__refs refs;
  uint64_t sum; // under the mutex
  uint32_t turn;
  _Atomic uint32_t last, blocked;
} shared;

typedef struct worker {
  shared *s;
  uint32_t index;
  vy__thread thread;
} worker;

static void work(void *user) {
  worker *w = user;
  shared *s = w->s;
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  s->blocked += sigismember(&mask, SIGTERM) == 1;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    vy__mutex_lock(&s->mutex);
    s->sum += i;
    vy__mutex_unlock(&s->mutex);
    vy__refs_take(&s->refs);
    s->last += vy__refs_drop(&s->refs);
  }
  vy__mutex_lock(&s->mutex); // in turn, each woken by the one before
  while (s->turn != w->index)
    vy__cond_wait(&s->cond, &s->mutex);
  s->turn++;
  vy__cond_broadcast(&s->cond);
  vy__mutex_unlock(&s->mutex);
}

static void workers(void **state) {
  (void)state;
  shared s = {.sum = 0};
  worker w[THREADS];
  assert_true(vy__mutex_init(&s.mutex));
  assert_true(vy__cond_init(&s.cond));
  vy__refs_init(&s.refs);
  for (uint32_t i = 0; i < THREADS; i++) {
    w[i] = (worker){.s = &s, .index = THREADS - 1 - i};
    assert_true(vy__thread_start(&w[i].thread, work, &w[i]));
  }
  for (uint32_t i = 0; i < THREADS; i++)
    vy__thread_join(&w[i].thread);
  assert_int_equal(s.sum, (uint64_t)THREADS * ROUNDS * (ROUNDS - 1) / 2);
  assert_int_equal(s.turn, THREADS);
  assert_int_equal(s.blocked, THREADS);
  assert_int_equal(s.last, 0);
  assert_true(vy__refs_drop(&s.refs));
  vy__cond_destroy(&s.cond);
  vy__mutex_destroy(&s.mutex);
}

// Threads lie at the stride of their stacks, with a guard page or without.
static void neighbours_have_slots_of_their_own(void **state) {
  (void)state;
  for (uint64_t stack = 1 << 14; stack <= 1 << 26; stack *= 2)
    for (uint64_t guard = 0; guard <= 8192; guard += 4096) {
      bool taken[VY__THREAD_SLOTS] = {false};
      for (uint64_t i = 0; i < VY__THREAD_SLOTS; i++) {
        uint64_t thread = UINT64_C(0x7f12345676c0) - i * (stack + guard);
        uint32_t slot = vy__slot_of(thread);
        assert_false(taken[slot]);
        taken[slot] = true;
      }
    }
}

static void deadlines_pass(void **state) {
  (void)state;
  vy__mutex m;
  vy__cond c;
  assert_true(vy__mutex_init(&m));
  assert_true(vy__cond_init(&c));
  vy__mutex_lock(&m);
  uint64_t deadline = vy__now_ns() + 1000000;
  while (vy__cond_wait_until(&c, &m, deadline))
    ;
  assert_true(vy__now_ns() >= deadline);
  assert_false(vy__cond_wait_until(&c, &m, 0));
  vy__mutex_unlock(&m);
  vy__cond_destroy(&c);
  vy__mutex_destroy(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(neighbours_have_slots_of_their_own),
      cmocka_unit_test(workers),
      cmocka_unit_test(deadlines_pass),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

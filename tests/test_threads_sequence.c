// Sequences from many threads: each its own over shared pipelines; all one
// that is busy most of the time; and replays that outlive their handles.
// Meant for the thread sanitizer; every thread also checks its own results.
#include "conformance/sequence.h"

#include <pthread.h>

enum { THREADS = 6, ROUNDS = 40 };

typedef struct worker {
  fixture *f;
  vy_pipeline *add, *tick;
  vy_sequence *shared;
  _Atomic uint32_t *replays; // of the shared one that came to run
  uint32_t index;
  uint32_t wrong; // cmocka's asserts belong to the main thread
} worker;

// Repeats until n[0] is zero: y[i] += x. bindings: n, y, x
static vy_sequence *record(worker *w) {
  vy_sequence *s = NULL;
  vy_arg ticked = vy_arg_binding(0);
  vy_arg added[2] = {vy_arg_binding(2), vy_arg_binding(1)};
  w->wrong += vy_sequence_create(w->f->device, &s, NULL) != VY_OK;
  (void)vy_sequence_repeat_begin(s, ticked, 100);
  (void)vy_sequence_dispatch(s, w->tick, &ticked, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(s, w->add, added, 2, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(s);
  w->wrong += vy_sequence_finish(s, NULL) != VY_OK;
  return s;
}

typedef struct memory {
  vy_buffer n, y;
} memory;

static memory make_memory(worker *w, uint32_t passes) {
  memory m = {{0}, {0}};
  vy_device *d = w->f->device;
  w->wrong += vy_buffer_create(d, 4, &m.n, NULL) != VY_OK;
  w->wrong += vy_buffer_create(d, 4096, &m.y, NULL) != VY_OK;
  vy_transfer t = {m.n, 0, 4, &passes};
  w->wrong += vy_buffer_upload(d, &t, 1, NULL) != VY_OK;
  return m;
}

static void check_and_drop(worker *w, memory m, uint32_t want) {
  uint32_t y[1024];
  vy_device *d = w->f->device;
  vy_transfer t = {m.y, 0, sizeof y, y};
  w->wrong += vy_buffer_download(d, &t, 1, NULL) != VY_OK;
  for (uint32_t i = 0; i < 1024; i++)
    w->wrong += y[i] != want;
  w->wrong += vy_buffer_free(d, m.n, NULL) != VY_OK;
  w->wrong += vy_buffer_free(d, m.y, NULL) != VY_OK;
}

static void *own(void *user) {
  worker *w = user;
  vy_sequence *s = record(w);
  for (uint32_t k = 0; k < ROUNDS && !w->wrong; k++) {
    uint32_t passes = 1 + (k + w->index) % 7;
    memory m = make_memory(w, passes);
    vy_arg args[3] = {vy_arg_buffer(m.n), vy_arg_buffer(m.y), vy_arg_u32(k)};
    vy_bindings b = VY_BINDINGS_INIT;
    b.args = args;
    b.arg_count = 3;
    vy_ticket *t = NULL;
    if (k % 3 == 0) {
      w->wrong += vy_sequence_replay(s, &b, NULL, NULL) != VY_OK;
    } else {
      w->wrong += vy_sequence_submit(s, &b, NULL, 0, &t, NULL) != VY_OK;
      if (k % 3 == 1)
        w->wrong += vy_wait(t, UINT64_MAX, NULL, NULL) != VY_OK;
    }
    if (k % 3 == 2) { // nobody waits: the download comes after it
      vy_sequence_release(s);
      s = record(w);
    }
    vy_ticket_release(t);
    check_and_drop(w, m, passes * k);
  }
  vy_sequence_release(s);
  return NULL;
}

static void *shared(void *user) {
  worker *w = user;
  for (uint32_t k = 0; k < ROUNDS && !w->wrong; k++) {
    memory m = make_memory(w, 3);
    vy_arg args[3] = {vy_arg_buffer(m.n), vy_arg_buffer(m.y), vy_arg_u32(k)};
    vy_bindings b = VY_BINDINGS_INIT;
    b.args = args;
    b.arg_count = 3;
    vy_status s = vy_sequence_replay(w->shared, &b, NULL, NULL);
    w->wrong += s != VY_OK && s != VY_ERROR_BUSY;
    *w->replays += s == VY_OK;
    vy_status read = vy_sequence_passes(w->shared, 0, NULL, NULL);
    w->wrong += read != VY_OK && read != VY_ERROR_BUSY;
    check_and_drop(w, m, s == VY_OK ? 3 * k : 0);
  }
  return NULL;
}

static void run_threads(fixture *f, const worker *model, void *(*fn)(void *)) {
  pthread_t t[THREADS];
  worker w[THREADS];
  for (uint32_t i = 0; i < THREADS; i++) {
    w[i] = *model;
    w[i].f = f;
    w[i].index = i;
    assert_int_equal(pthread_create(&t[i], NULL, fn, &w[i]), 0);
  }
  for (uint32_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(t[i], NULL), 0);
  for (uint32_t i = 0; i < THREADS; i++)
    assert_int_equal(w[i].wrong, 0);
}

static worker make_model(fixture *f) {
  worker w = {.f = f};
  w.add = make_pipeline(f,
                        "program add(x: u32, y: update u32[]) {\n"
                        "  lanes len(y);\n"
                        "  y[lane] = y[lane] + x;\n"
                        "}\n",
                        0);
  w.tick = make_pipeline(f,
                         "program tick(n: update u32[]) {\n"
                         "  lanes 1;\n"
                         "  n[0] = n[0] - 1u;\n"
                         "}\n",
                         0);
  return w;
}

static void each_its_own(void **state) {
  worker w = make_model(*state);
  run_threads(*state, &w, own);
  assert_int_equal(counters(*state).live_buffers, 0);
}

static void one_for_all(void **state) {
  worker w = make_model(*state);
  _Atomic uint32_t replays = 0;
  w.replays = &replays;
  w.shared = record(&w);
  assert_int_equal(w.wrong, 0);
  run_threads(*state, &w, shared);
  assert_true(replays > 0);
  vy_sequence_release(w.shared);
}

static int run(void) {
  const struct CMUnitTest tests[] = {
      CASE(each_its_own),
      CASE(one_for_all),
  };
  return cmocka_run_group_tests_name(conformance_device, tests, NULL, NULL);
}

int main(int argc, char **argv) { return conformance_main(argc, argv, run); }

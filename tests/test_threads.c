// Many threads at once: dispatching one pipeline, compiling one program,
// using and freeing buffers. Meant for the thread sanitizer; every thread
// also checks its own results.
#include "conformance/conformance.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 60 };

typedef struct worker {
  fixture *f;
  vy_pipeline *p;
  vy_program *program;
  vy_pipeline *made;
  vy_buffer shared;
  uint32_t index;
  uint32_t wrong; // cmocka's asserts belong to the main thread
} worker;

static bool check(const vy_outputs *o, uint32_t a, const uint32_t *x,
                  const uint32_t *y, uint32_t n) {
  const uint32_t *got = vy_outputs_data(o, 0);
  if (vy_outputs_size(o, 0) != n * 4)
    return false;
  for (uint32_t i = 0; i < n; i++)
    if (got[i] != a * x[i] + y[i])
      return false;
  return true;
}

static void *dispatch_all_ways(void *user) {
  worker *w = user;
  vy_outputs *o = NULL, *po = NULL;
  vy_prepared *r = NULL;
  vy_ticket *t = NULL;
  uint32_t x[16], y[16];
  vy_arg args[3] = {vy_arg_u32(0), HOST(x), HOST(y)};
  w->wrong += vy_outputs_create(w->f->context, 1, &o, NULL) != VY_OK;
  w->wrong += vy_outputs_create(w->f->context, 1, &po, NULL) != VY_OK;
  w->wrong += vy_prepare(w->p, args, 3, NULL, po, &r, NULL) != VY_OK;
  for (uint32_t k = 0; k < ROUNDS && !w->wrong; k++) {
    for (uint32_t i = 0; i < 16; i++) {
      x[i] = w->index * 1000 + k + i;
      y[i] = i * k;
    }
    args[0] = vy_arg_u32(k);
    w->wrong += vy_dispatch(w->p, args, 3, NULL, o, NULL, NULL) != VY_OK;
    w->wrong += !check(o, k, x, y, 16);
    vy_item item = {args, 3, o};
    w->wrong += vy_submit(w->p, &item, 1, NULL, NULL, 0, &t, NULL) != VY_OK;
    w->wrong += vy_wait(t, UINT64_MAX, NULL, NULL) != VY_OK;
    w->wrong += !check(o, k, x, y, 16);
    vy_ticket_release(t);
    w->wrong += vy_prepared_set(r, 0, &args[0], NULL) != VY_OK;
    w->wrong += vy_prepared_run(r, NULL, NULL) != VY_OK;
    w->wrong += !check(po, k, x, y, 16);
  }
  vy_prepared_release(r);
  vy_outputs_release(o);
  vy_outputs_release(po);
  return NULL;
}

// Each with buffers of its own but for the shared one, which another thread
// frees: then it is stale, and nothing else.
static void *run_prepared(void *user) {
  worker *w = user;
  vy_device *d = w->f->device;
  vy_prepared *r = NULL;
  vy_buffer b = {0};
  w->wrong += vy_buffer_create(d, 64, &b, NULL) != VY_OK;
  vy_arg args[3] = {vy_arg_u32(1), vy_arg_buffer(w->shared), vy_arg_buffer(b)};
  vy_status s = vy_prepare(w->p, args, 3, NULL, NULL, &r, NULL);
  w->wrong += s != VY_OK && s != VY_ERROR_STALE_HANDLE;
  for (uint32_t k = 0; s == VY_OK; k++) {
    s = vy_prepared_run(r, NULL, NULL);
    w->wrong += s != VY_OK && s != VY_ERROR_STALE_HANDLE;
    if (w->index == 0 && k == ROUNDS)
      w->wrong += vy_buffer_free(d, w->shared, NULL) != VY_OK;
  }
  if (r)
    w->wrong += vy_prepared_run(r, NULL, NULL) != VY_ERROR_STALE_HANDLE;
  w->wrong += vy_buffer_free(d, b, NULL) != VY_OK;
  vy_prepared_release(r);
  return NULL;
}

static void *compile_one(void *user) {
  worker *w = user;
  w->wrong +=
      vy_compile(w->f->device, w->program, NULL, &w->made, NULL) != VY_OK;
  return NULL;
}

static void *use_and_free(void *user) {
  worker *w = user;
  vy_device *d = w->f->device;
  uint32_t v = 0;
  for (uint32_t k = 0; k < ROUNDS; k++) {
    vy_buffer b = {0};
    w->wrong += vy_buffer_create(d, 64, &b, NULL) != VY_OK;
    vy_arg args[3] = {vy_arg_u32(1), vy_arg_range(w->shared, 0, 64),
                      vy_arg_buffer(b)};
    vy_status s = vy_dispatch(w->p, args, 3, NULL, NULL, NULL, NULL);
    w->wrong += s != VY_OK && s != VY_ERROR_STALE_HANDLE;
    vy_transfer t = {b, 0, 4, &v};
    w->wrong += vy_buffer_download(d, &t, 1, NULL) != VY_OK;
    w->wrong += v != (s == VY_OK ? 7u : 0u);
    w->wrong += vy_buffer_free(d, b, NULL) != VY_OK;
    if (w->index == 0 && k == ROUNDS / 2) // under the others' feet
      w->wrong += vy_buffer_free(d, w->shared, NULL) != VY_OK;
  }
  return NULL;
}

static void run_threads(worker *w, void *(*fn)(void *)) {
  pthread_t t[THREADS];
  for (uint32_t i = 0; i < THREADS; i++) {
    w[i].index = i;
    assert_int_equal(pthread_create(&t[i], NULL, fn, &w[i]), 0);
  }
  for (uint32_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(t[i], NULL), 0);
  for (uint32_t i = 0; i < THREADS; i++)
    assert_int_equal(w[i].wrong, 0);
}

static void one_pipeline_many_threads(void **state) {
  fixture *f = *state;
  worker w[THREADS] = {0};
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  for (uint32_t i = 0; i < THREADS; i++)
    w[i] = (worker){.f = f, .p = p};
  run_threads(w, dispatch_all_ways);
  assert_int_equal(counters(f).dispatches, THREADS * ROUNDS * 3);
}

static void compiling_is_single_flight(void **state) {
  fixture *f = *state;
  for (int round = 0; round < 5; round++) {
    worker w[THREADS] = {0};
    char text[256];
    snprintf(text, sizeof text,
             "program p(y: write u32[4]) { lanes 4; y[lane] = lane + %du; }",
             round);
    vy_program *p = make_program(f, text);
    for (uint32_t i = 0; i < THREADS; i++)
      w[i] = (worker){.f = f, .program = p};
    run_threads(w, compile_one);
    for (uint32_t i = 0; i < THREADS; i++) {
      assert_ptr_equal(w[i].made, w[0].made);
      vy_pipeline_release(w[i].made);
    }
    assert_int_equal(counters(f).compiles, round + 1);
  }
}

static void buffers_under_each_others_feet(void **state) {
  fixture *f = *state;
  worker w[THREADS] = {0};
  uint32_t sevens[16];
  for (int i = 0; i < 16; i++)
    sevens[i] = 7;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_buffer b = make_buffer(f, sevens, sizeof sevens);
  for (uint32_t i = 0; i < THREADS; i++)
    w[i] = (worker){.f = f, .p = p, .shared = b};
  run_threads(w, use_and_free);
  assert_int_equal(counters(f).live_buffers, 0);
}

static void buffers_that_are_held_are_freed(void **state) {
  fixture *f = *state;
  worker w[THREADS] = {0};
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  for (int round = 0; round < 5; round++) {
    vy_buffer b = make_buffer(f, NULL, 64);
    for (uint32_t i = 0; i < THREADS; i++)
      w[i] = (worker){.f = f, .p = p, .shared = b};
    run_threads(w, run_prepared);
    assert_int_equal(counters(f).live_buffers, 0);
  }
}

static int run(void) {
  const struct CMUnitTest tests[] = {
      CASE(one_pipeline_many_threads),
      CASE(buffers_that_are_held_are_freed),
      CASE(compiling_is_single_flight),
      CASE(buffers_under_each_others_feet),
  };
  return cmocka_run_group_tests_name(conformance_device, tests, NULL, NULL);
}

int main(int argc, char **argv) { return conformance_main(argc, argv, run); }

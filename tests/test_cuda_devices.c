// Two GPUs of one process: both used at once by many threads, each with
// buffers of its own; what is of one is not of the other; and contexts of the
// host's, whichever a thread is in. Over the fake driver, which lets the
// objects of two contexts not mix; with ON_GPU over the real one.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <vyre/vyre.h>

#include "backend/cuda/driver.h"
#include "support/heap.h"
#include "support/parse.h"
#ifndef ON_GPU
#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"
#endif

enum { DEVICES = 2, THREADS = 6, ROUNDS = 12, ITEMS = 3, N = 600 };
#ifdef ON_GPU
enum { LARGE = 4 << 20 }; // elements: more than goes in one piece
#else
enum { LARGE = 1 << 13 };
#endif

static const char add_text[] =
    "program add(a: u32, x: read u32[], y: write u32[len(x)]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] + a;\n"
    "}\n";
static const char bump_text[] = "program bump(y: update u32[]) {\n"
                                "  lanes len(y);\n"
                                "  y[lane] = y[lane] + 1u;\n"
                                "}\n";

static uint32_t given[LARGE];

// ---- two devices of a context

typedef struct pair {
  heap heap;
  vy_context *context;
  vy_device *device[DEVICES];
  vy_pipeline *add[DEVICES], *bump[DEVICES];
} pair;

static void compile(pair *p, const char *text, vy_pipeline **out) {
  vy_program *program = parse_text(p->context, text);
  for (uint32_t d = 0; d < DEVICES; d++)
    assert_int_equal(vy_compile(p->device[d], program, NULL, &out[d], NULL),
                     VY_OK);
  vy_program_release(program);
}

// `contexts`: of the host, to work in; NULL: the primary ones.
static void open_pair(pair *p, const vy__cu_context *contexts) {
  vy_context_desc c = VY_CONTEXT_DESC_INIT;
  *p = (pair){0};
  c.allocator = heap_allocator(&p->heap);
  c.cache_path = "";
  assert_int_equal(vy_context_create(&c, &p->context, NULL), VY_OK);
  for (uint32_t d = 0; d < DEVICES; d++) {
    vy_device_desc desc = VY_DEVICE_DESC_INIT;
    desc.name = vy_str_c(d ? "cuda:1" : "cuda:0");
    desc.native_context = contexts ? contexts[d] : NULL;
    assert_int_equal(vy_device_open(p->context, &desc, &p->device[d], NULL),
                     VY_OK);
  }
  compile(p, add_text, p->add);
  compile(p, bump_text, p->bump);
}

static void close_pair(pair *p) {
  for (uint32_t d = 0; d < DEVICES; d++) {
    vy_pipeline_release(p->add[d]);
    vy_pipeline_release(p->bump[d]);
    vy_device_release(p->device[d]);
  }
  vy_context_release(p->context);
  assert_true(heap_is_clean(&p->heap));
}

// ---- one thread's use of a device

// Of a device: y is a thread's own buffer, bumped `bumps` times by now.
typedef struct mine {
  vy_buffer y;
  vy_outputs *outputs[ITEMS];
  vy_sequence *sequence;
  uint32_t bumps;
} mine;

typedef struct worker {
  pair *p;
  mine of[DEVICES];
  vy__cu_context context; // the thread's own while it works; NULL: none
  const vy__cu *cu;
  uint32_t index, wrong; // cmocka's asserts belong to the main thread
} worker;

static bool sums(const vy_outputs *o, uint32_t count, uint32_t a) {
  const uint32_t *y = vy_outputs_data(o, 0);
  if (vy_outputs_size(o, 0) != count * 4ull)
    return false;
  for (uint32_t i = 0; i < count; i++)
    if (y[i] != given[i] + a)
      return false;
  return true;
}

// Steps: bump y twice.
static bool record(worker *w, uint32_t d) {
  mine *m = &w->of[d];
  vy_arg y = vy_arg_buffer(m->y);
  if (vy_sequence_create(w->p->device[d], &m->sequence, NULL) != VY_OK)
    return false;
  for (int i = 0; i < 2; i++)
    (void)vy_sequence_dispatch(m->sequence, w->p->bump[d], &y, 1, NULL,
                               VY_SEQUENCE_NONE);
  return vy_sequence_finish(m->sequence, NULL) == VY_OK;
}

static bool begin(worker *w, uint32_t d) {
  mine *m = &w->of[d];
  vy_device *device = w->p->device[d];
  bool ok = vy_buffer_create(device, N * 4, &m->y, NULL) == VY_OK;
  vy_transfer up = {m->y, 0, N * 4, given};
  for (uint32_t i = 0; i < ITEMS; i++)
    ok = ok &&
         vy_outputs_create(w->p->context, 1, &m->outputs[i], NULL) == VY_OK;
  return ok && vy_buffer_upload(device, &up, 1, NULL) == VY_OK && record(w, d);
}

static bool borrowed(worker *w, uint32_t d, uint32_t count, uint32_t a) {
  mine *m = &w->of[d];
  vy_arg args[] = {vy_arg_u32(a), vy_arg_host(given, count * 4ull),
                   vy_arg_none()};
  return vy_dispatch(w->p->add[d], args, 3, NULL, m->outputs[0], NULL, NULL) ==
             VY_OK &&
         sums(m->outputs[0], count, a);
}

static bool batch(worker *w, uint32_t d, uint32_t a) {
  mine *m = &w->of[d];
  vy_arg args[ITEMS][3];
  vy_item items[ITEMS];
  for (uint32_t i = 0; i < ITEMS; i++) {
    args[i][0] = vy_arg_u32(a + i);
    args[i][1] = vy_arg_host(given, (i + 1) * 64);
    args[i][2] = vy_arg_none();
    items[i] = (vy_item){args[i], 3, m->outputs[i]};
  }
  bool ok =
      vy_dispatch_batch(w->p->add[d], items, ITEMS, NULL, NULL, NULL) == VY_OK;
  for (uint32_t i = 0; i < ITEMS; i++)
    ok = ok && sums(m->outputs[i], (i + 1) * 16, a + i);
  return ok;
}

// One on each, the second after the first, waited for in the other order.
static bool submitted(worker *w, uint32_t first) {
  vy_ticket *t[DEVICES] = {NULL, NULL};
  bool ok = true;
  for (uint32_t k = 0; k < DEVICES && ok; k++) {
    uint32_t d = (first + k) % DEVICES;
    vy_arg y = vy_arg_buffer(w->of[d].y);
    vy_item item = {&y, 1, NULL};
    ok = vy_submit(w->p->bump[d], &item, 1, NULL, t, k, &t[k], NULL) == VY_OK;
    w->of[d].bumps += ok;
  }
  for (uint32_t k = DEVICES; k-- > 0;) {
    ok = ok && vy_wait(t[k], UINT64_MAX, NULL, NULL) == VY_OK;
    vy_ticket_release(t[k]);
  }
  return ok;
}

static bool replayed(worker *w, uint32_t d) {
  vy_status s = vy_sequence_replay(w->of[d].sequence, NULL, NULL, NULL);
  w->of[d].bumps += 2;
  return s == VY_OK;
}

static bool resident_is_right(worker *w, uint32_t d) {
  uint32_t got[N];
  vy_transfer down = {w->of[d].y, 0, sizeof got, got};
  if (vy_buffer_download(w->p->device[d], &down, 1, NULL) != VY_OK)
    return false;
  for (uint32_t i = 0; i < N; i++)
    if (got[i] != given[i] + w->of[d].bumps)
      return false;
  return true;
}

static bool use(worker *w, uint32_t round) {
  bool ok = true;
  for (uint32_t k = 0; k < DEVICES; k++) {
    uint32_t d = (w->index + round + k) % DEVICES, a = w->index * 100 + round;
    ok = ok && borrowed(w, d, N, a) && batch(w, d, a) && replayed(w, d);
    if (round % 4 == 0)
      ok = ok && borrowed(w, d, LARGE, a);
  }
  ok = ok && submitted(w, w->index % DEVICES);
  for (uint32_t d = 0; d < DEVICES; d++)
    ok = ok && resident_is_right(w, d);
  return ok;
}

static void end(worker *w, uint32_t d) {
  mine *m = &w->of[d];
  vy_sequence_release(m->sequence);
  for (uint32_t i = 0; i < ITEMS; i++)
    vy_outputs_release(m->outputs[i]);
  w->wrong += vy_buffer_free(w->p->device[d], m->y, NULL) != VY_OK;
}

static void *work(void *user) {
  worker *w = user;
  vy__cu_context now = NULL;
  if (w->context)
    w->wrong += w->cu->context_push(w->context) != VY__CU_OK;
  for (uint32_t d = 0; d < DEVICES; d++)
    w->wrong += !begin(w, d);
  for (uint32_t k = 0; k < ROUNDS && !w->wrong; k++)
    w->wrong += !use(w, k);
  for (uint32_t d = 0; d < DEVICES; d++)
    end(w, d);
  if (w->cu)
    w->wrong += w->cu->context_current(&now) != VY__CU_OK || now != w->context;
  if (w->context)
    w->wrong += w->cu->context_pop(&now) != VY__CU_OK;
  return NULL;
}

static void run_threads(pair *p, const vy__cu *cu,
                        const vy__cu_context *contexts) {
  worker w[THREADS] = {0};
  pthread_t t[THREADS];
  for (uint32_t i = 0; i < THREADS; i++) {
    w[i].p = p;
    w[i].index = i;
    w[i].cu = cu;
    if (contexts && i % 3 < DEVICES)
      w[i].context = contexts[i % 3];
    assert_int_equal(pthread_create(&t[i], NULL, work, &w[i]), 0);
  }
  for (uint32_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(t[i], NULL), 0);
  for (uint32_t i = 0; i < THREADS; i++)
    assert_int_equal(w[i].wrong, 0);
}

// ---- tests

static void both_at_once(void **state) {
  (void)state;
  pair p;
  open_pair(&p, NULL);
  run_threads(&p, NULL, NULL);
  close_pair(&p);
}

// Threads in either context of the host's, or in none.
static void in_contexts_of_the_host(void **state) {
  (void)state;
  pair p;
  char why[256];
  int ordinals[DEVICES];
  vy__cu_context contexts[DEVICES] = {NULL, NULL};
  const vy__cu *cu = vy__cu_open(why, sizeof why);
  assert_non_null(cu);
  for (int d = 0; d < DEVICES; d++) {
    assert_int_equal(cu->device_get(&ordinals[d], d), VY__CU_OK);
    assert_int_equal(cu->primary_retain(&contexts[d], ordinals[d]), VY__CU_OK);
  }
  open_pair(&p, contexts);
  run_threads(&p, cu, contexts);
  close_pair(&p);
  for (int d = 0; d < DEVICES; d++)
    assert_int_equal(cu->primary_release(ordinals[d]), VY__CU_OK);
}

static void buffers_are_of_one(void **state) {
  (void)state;
  pair p;
  vy_buffer y;
  uint32_t v = 0;
  open_pair(&p, NULL);
  assert_int_equal(vy_buffer_create(p.device[0], 64, &y, NULL), VY_OK);
  vy_arg arg = vy_arg_buffer(y);
  vy_transfer t = {y, 0, 4, &v};
  assert_int_not_equal(vy_dispatch(p.bump[1], &arg, 1, NULL, NULL, NULL, NULL),
                       VY_OK);
  assert_int_not_equal(vy_buffer_download(p.device[1], &t, 1, NULL), VY_OK);
  assert_int_not_equal(vy_buffer_free(p.device[1], y, NULL), VY_OK);
  assert_int_equal(vy_dispatch(p.bump[0], &arg, 1, NULL, NULL, NULL, NULL),
                   VY_OK);
  assert_int_equal(vy_buffer_download(p.device[0], &t, 1, NULL), VY_OK);
  assert_int_equal(v, 1);
  close_pair(&p);
}

static int run_all(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_at_once),
      cmocka_unit_test(in_contexts_of_the_host),
      cmocka_unit_test(buffers_are_of_one),
  };
  for (uint32_t i = 0; i < LARGE; i++)
    given[i] = i * 2654435761u;
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#ifdef ON_GPU
enum { NOT_RUN = 77 };

int main(void) {
  for (uint32_t i = 0; i < DEVICES; i++) {
    vy_device_info info = VY_DEVICE_INFO_INIT;
    char name[16];
    snprintf(name, sizeof name, "cuda:%u", i);
    if (vy_device_enumerate(i, &info) != VY_OK || !info.available ||
        strcmp(info.name, name)) {
      printf("not run: %s is not available\n", name);
      return NOT_RUN;
    }
  }
  return run_all() ? 1 : 0;
}
#else
int main(void) {
  const fake_control *fake = emulate_start();
  int failed = 0;
  for (int way = 0; way < TUNED_WAYS; way++) {
    printf("---- %s\n", tuned_set(way));
    if (way == 3) // a few bytes a chunk would take long
      vy__cuda_tuned.chunk = 4096;
    failed += run_all();
  }
  emulate_stop();
  if (fake->live()) {
    fprintf(stderr, "%u objects of the driver are left\n", fake->live());
    failed++;
  }
  return failed ? 1 : 0;
}
#endif

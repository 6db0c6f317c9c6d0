// The cpu device's threads, through the public API: how many there are, large
// dispatches shared between them and started by many callers at once, chunks
// side by side in memory, faults found by several, and no memory asked for
// once warm. Meant for the thread sanitizer too.
#include "conformance/conformance.h"

#include <dirent.h>
#include <pthread.h>

#include "support/versus.h"

enum { LARGE = 1 << 17, CALLERS = 8, ROUNDS = 6 };

// ---- how many threads there are

static uint32_t tasks(void) {
  DIR *d = opendir("/proc/self/task");
  uint32_t n = 0;
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    n += e->d_name[0] != '.';
  closedir(d);
  return n;
}

static void *nothing(void *user) { return user; }

// The thread sanitizer adds one of its own with the first that is created.
static void create_the_first(void) {
  pthread_t first;
  assert_int_equal(pthread_create(&first, NULL, nothing, NULL), 0);
  assert_int_equal(pthread_join(first, NULL), 0);
}

static void reopen(fixture *f, uint32_t threads, vy_parallel_for hook,
                   void *user) {
  const versus_setting s = {"cpu", 0, threads, 0};
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c(versus_device_name(&s));
  d.threads = threads;
  d.parallel_for = hook;
  d.parallel_user = user;
  vy_device_release(f->device);
  f->device = NULL;
  expect_ok(f, vy_device_open(f->context, &d, &f->device, &f->diags));
}

static int open_cpu(void **state) {
  *state = versus_has("cpu") ? fixture_new("null") : NULL;
  return 0;
}

static int close_cpu(void **state) {
  if (*state)
    fixture_free(*state);
  return 0;
}

static fixture *need_cpu(void **state) {
  if (!*state)
    skip();
  return *state;
}

static uint32_t *numbers(uint32_t factor) {
  uint32_t *x = malloc(LARGE * sizeof *x);
  assert_non_null(x);
  for (uint32_t i = 0; i < LARGE; i++)
    x[i] = i * factor;
  return x;
}

static bool is_saxpy(const vy_outputs *o, uint32_t a, const uint32_t *x) {
  const uint32_t *y = vy_outputs_data(o, 0);
  if (vy_outputs_size(o, 0) != LARGE * sizeof *y)
    return false;
  for (uint32_t i = 0; i < LARGE; i++)
    if (y[i] != a * x[i] + x[i])
      return false;
  return true;
}

// A large dispatch, and one that is submitted.
static void run_large(fixture *f) {
  uint32_t *x = numbers(3);
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg args[] = {vy_arg_u32(5), vy_arg_host(x, LARGE * 4),
                   vy_arg_host(x, LARGE * 4)};
  vy_item item = {args, 3, o};
  vy_ticket *ticket = NULL;
  expect_ok(f, vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags));
  assert_true(is_saxpy(o, 5, x));
  expect_ok(f, vy_submit(p, &item, 1, NULL, NULL, 0, &ticket, &f->diags));
  expect_ok(f, vy_wait(ticket, UINT64_MAX, NULL, &f->diags));
  assert_true(is_saxpy(o, 5, x));
  vy_ticket_release(ticket);
  free(x);
}

static void one_thread_creates_none(void **state) {
  fixture *f = need_cpu(state);
  const uint32_t before = tasks();
  reopen(f, 1, NULL, NULL);
  assert_int_equal(tasks(), before);
  run_large(f);
  assert_int_equal(tasks(), before);
}

static void the_caller_is_one_of_them(void **state) {
  fixture *f = need_cpu(state);
  create_the_first();
  for (uint32_t threads = 2; threads <= 8; threads *= 2) {
    const uint32_t before = tasks();
    reopen(f, threads, NULL, NULL);
    assert_true(tasks() <= before + threads - 1);
    run_large(f);
    assert_true(tasks() <= before + threads - 1);
  }
}

typedef struct hook {
  uint32_t loops;
  uint64_t rounds;
} hook;

static void backwards(void *user, uint64_t count,
                      void (*body)(void *data, uint64_t index), void *data) {
  hook *h = user;
  h->loops++;
  h->rounds += count;
  for (uint64_t i = count; i-- > 0;)
    body(data, i);
}

static void the_hosts_loop_creates_none(void **state) {
  fixture *f = need_cpu(state);
  hook h = {0, 0};
  const uint32_t before = tasks();
  reopen(f, 8, backwards, &h);
  run_large(f);
  assert_int_equal(tasks(), before);
  vy_device_info info = VY_DEVICE_INFO_INIT;
  assert_int_equal(vy_device_describe(f->device, &info), VY_OK);
  if (!strcmp(info.name, "cpu")) {
    assert_true(h.loops >= 2);
    assert_true(h.rounds > h.loops);
  }
}

// ---- many callers

typedef struct caller {
  fixture *f;
  vy_pipeline *p;
  uint32_t index, wrong; // cmocka's asserts belong to the main thread
} caller;

static void *call(void *user) {
  caller *c = user;
  vy_outputs *o = NULL;
  uint32_t *x = malloc(LARGE * sizeof *x);
  for (uint32_t i = 0; x && i < LARGE; i++)
    x[i] = i * (c->index + 2);
  c->wrong += !x || vy_outputs_create(c->f->context, 1, &o, NULL) != VY_OK;
  for (uint32_t k = 0; k < ROUNDS && !c->wrong; k++) {
    // Small ones between large ones.
    const uint64_t size = (k + c->index) % 3 ? LARGE * 4 : 64;
    vy_arg args[] = {vy_arg_u32(k), vy_arg_host(x, size), vy_arg_host(x, size)};
    vy_item item = {args, 3, o};
    vy_ticket *ticket = NULL;
    if (k % 2) {
      c->wrong += vy_dispatch(c->p, args, 3, NULL, o, NULL, NULL) != VY_OK;
    } else {
      c->wrong += vy_submit(c->p, &item, 1, NULL, NULL, 0, &ticket, NULL);
      c->wrong += vy_wait(ticket, UINT64_MAX, NULL, NULL) != VY_OK;
      vy_ticket_release(ticket);
    }
    c->wrong += vy_outputs_size(o, 0) != size;
    if (size == LARGE * 4)
      c->wrong += !is_saxpy(o, k, x);
  }
  vy_outputs_release(o);
  free(x);
  return NULL;
}

static void many_callers_share_them(void **state) {
  fixture *f = need_cpu(state);
  for (uint32_t threads = 1; threads <= 4; threads += 3) {
    caller callers[CALLERS];
    pthread_t t[CALLERS];
    reopen(f, threads, NULL, NULL);
    vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
    for (uint32_t i = 0; i < CALLERS; i++) {
      callers[i] = (caller){f, p, i, 0};
      assert_int_equal(pthread_create(&t[i], NULL, call, &callers[i]), 0);
    }
    for (uint32_t i = 0; i < CALLERS; i++)
      assert_int_equal(pthread_join(t[i], NULL), 0);
    for (uint32_t i = 0; i < CALLERS; i++)
      assert_int_equal(callers[i].wrong, 0);
  }
}

// ---- nothing is asked for once warm

static void large_ones_allocate_nothing(void **state) {
  fixture *f = need_cpu(state);
  reopen(f, 4, NULL, NULL);
  uint32_t *x = numbers(7);
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg args[] = {vy_arg_u32(5), vy_arg_host(x, LARGE * 4),
                   vy_arg_host(x, LARGE * 4)};
  for (uint32_t k = 0; k < 4; k++)
    expect_ok(f, vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags));
  const uint64_t calls = f->memory.calls;
  for (uint32_t k = 0; k < 20; k++)
    expect_ok(f, vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags));
  assert_int_equal(f->memory.calls, calls);
  assert_true(is_saxpy(o, 5, x));
  free(x);
}

// ---- chunks side by side, against the reference

// y: an update whose old values must stay where lanes write nothing, at
// addresses that cross the chunks' borders.
static const char *const neighbours[] = {
    "program p(n: u32, x: read u8[], y: update u8[]) {\n"
    "  lanes n;\n"
    "  if ((lane * 2654435761 >> 13) % 3 == 0) { y[lane + 3] = x[lane]; }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u8[]) {\n"
    "  lanes n;\n"
    "  if (lane % 2 == 1) { y[n - lane] = x[lane] + u32(y[n - lane]); }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u16[]) {\n"
    "  lanes n / 2;\n"
    "  if (x[lane] % 2 == 0) { y[lane + 1] = x[lane]; }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u64[]) {\n"
    "  lanes n / 8 - 1;\n"
    "  for i in 0u .. x[lane] % 3 { y[lane + 1] += u64(x[lane + i]); }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u8[]) {\n"
    "  lanes n / 4;\n"
    "  if (x[lane] < 100) { store_u32(y, lane * 4 + 1, x[lane] * 65793); }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  lanes n;\n"
    "  atomic_add(y, x[lane] * 7, lane);\n"
    "  if (x[lane] > 77) { atomic_max(y, 2000 + x[lane], lane * 13); }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  group 96;\n"
    "  groups n / 1024;\n"
    "  shared t: u32[200];\n"
    "  atomic_add(t, x[lane] % 100, 1u);\n"
    "  t[100 + local] = x[lane];\n"
    "  barrier;\n"
    "  let s = group_scan_incl_add(t[local] + t[195 - local]);\n"
    "  if (s % 3 != 0) { y[lane] = s; }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  lanes n / 256, 64;\n"
    "  let at = lane.y * num_lanes.x + lane.x;\n"
    "  var a: u32[8];\n"
    "  for i in 0u .. x[at] % 9 { a[(i * 3) % 8] += x[at + i]; }\n"
    "  if (a[3] != 0) { y[at] = a[0] + a[3] * 256; }\n"
    "}\n",
};

static void chunks_leave_their_neighbours_alone(void **state) {
  (void)state;
  versus v;
  versus_open(&v, NULL, versus_threads, VERSUS_THREADS);
  uint32_t *x = numbers(2654435761u), *y = numbers(40503);
  for (uint32_t i = 0; i < LARGE; i++)
    x[i] ^= x[i] >> 15;
  for (size_t k = 0; k < sizeof neighbours / sizeof *neighbours; k++) {
    vy_program *p = versus_parse(&v, neighbours[k]);
    for (uint32_t round = 0; round < 4; round++) {
      const uint32_t n = LARGE * 4 - 1024 - round * 13;
      const vy_arg args[] = {vy_arg_u32(n), vy_arg_host(x, LARGE * 4),
                             vy_arg_host(y, LARGE * 4)};
      const versus_call c = {
          "neighbours", p, args, 3, 0, NULL, (versus_mode)(round % 3)};
      versus_same(&v, &c, NULL);
    }
    vy_program_release(p);
  }
  free(x);
  free(y);
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// ---- faults: the lowest lane, whoever finds it

static const char *const faulty[] = {
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  lanes n;\n"
    "  y[lane] = x[lane] + 1;\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  lanes n;\n"
    "  let a = x[(n - lane) * 5];\n"
    "  if (a % 2 == 1) { y[lane * 3 + a % 3] = x[lane * 4 - 9]; }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  lanes n;\n"
    "  for i in 0u .. x[lane] {\n"
    "    if (i > 100 && lane > n / 2) { y[lane + (i - 101) * n] += 1; }\n"
    "  }\n"
    "}\n",
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  group 32;\n"
    "  groups n / 32;\n"
    "  shared t: u32[32];\n"
    "  t[local ^ (x[lane] > 200 ? 64 : 0)] = lane;\n"
    "  barrier;\n"
    "  var i = 0u;\n"
    "  while (i < x[lane] + t[0] % 8) { i += 1; }\n"
    "  y[lane] = i;\n"
    "}\n",
    // Another lane in each iteration.
    "program p(n: u32, x: read u8[], y: update u32[]) {\n"
    "  lanes 64;\n"
    "  let t = y[lane] % 7;\n"
    "  y[lane] = t + 1;\n"
    "  if (lane == 50 - t * 9) { y[lane + 1000000] = 1; }\n"
    "}\n",
};

static void the_lowest_lane_is_reported(void **state) {
  (void)state;
  static const uint64_t budgets[] = {0, 1, 100, 250};
  versus v;
  versus_open(&v, NULL, versus_threads, VERSUS_THREADS);
  uint32_t *x = numbers(2654435761u), *y = numbers(7);
  for (size_t k = 0; k < sizeof faulty / sizeof *faulty; k++) {
    vy_program *p = versus_parse(&v, faulty[k]);
    for (uint32_t b = 0; b < 4; b++)
      for (uint32_t strict = 0; strict < 2; strict++) {
        vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
        o.budget = budgets[b];
        o.iterations = 1 + b % 3;
        const vy_arg args[] = {vy_arg_u32(LARGE / 4), vy_arg_host(x, LARGE / 8),
                               vy_arg_host(y, LARGE * 2)};
        const versus_call c = {"faults",
                               p,
                               args,
                               3,
                               (strict ? VY_COMPILE_STRICT : 0u) |
                                   (b ? VY_COMPILE_BUDGETED : 0u),
                               &o,
                               VERSUS_GROW};
        versus_same(&v, &c, NULL);
      }
    vy_program_release(p);
  }
  free(x);
  free(y);
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

int main(void) {
#define CPU(t) cmocka_unit_test_setup_teardown(t, open_cpu, close_cpu)
  const struct CMUnitTest tests[] = {
      CPU(one_thread_creates_none),
      CPU(the_caller_is_one_of_them),
      CPU(the_hosts_loop_creates_none),
      CPU(many_callers_share_them),
      CPU(large_ones_allocate_nothing),
      cmocka_unit_test(chunks_leave_their_neighbours_alone),
      cmocka_unit_test(the_lowest_lane_is_reported),
  };
  int missing = versus_missing("cpu");
  return missing
             ? missing
             : cmocka_run_group_tests_name("cpu threads", tests, NULL, NULL);
}

// The runtime of the cpu device from inside, with C functions in the place of
// compiled code: chunks, order, faults, scratch, alignment, the float state,
// options.
#include <pthread.h>
#include <sched.h>
#include <xmmintrin.h>

#include "backend/cpu/cpu.h"
#include "conformance/conformance.h"

enum { UNITS = 1 << 20 };

typedef struct bench {
  fixture *f;
  vy__cpu *d;
  vy_program *program;
  struct vy__code code;
  vy__bind binds[2];
  uint64_t scalars[2];
  vy__launch_item item;
  vy__launch launch;
  _Atomic uint32_t done;
} bench;

static void completed(vy__launch *l, vy_status status) {
  bench *b = (bench *)(void *)((uint8_t *)l - offsetof(bench, launch));
  assert_int_equal(status, VY_OK);
  atomic_store(&b->done, 1);
}

// One `lanes` item of `units`, over an update buffer of a word for each unit.
static void set_launch(bench *b, vy__kernel_fn fn, uint64_t units,
                       uint32_t *data) {
  b->code = (struct vy__code){.program = b->program};
  b->code.kernel.run = fn;
  b->code.kernel.info = (vy__kernel_info){.cost = 10, .grain = 64};
  b->binds[0] = (vy__bind){.in = data,
                           .out = data,
                           .size = units * 4,
                           .length = units,
                           .hi = units * 4};
  b->item = (vy__launch_item){.binds = b->binds,
                              .scalars = b->scalars,
                              .lanes = {units, 1, 1},
                              .groups = {1, 1, 1}};
  b->launch = (vy__launch){.code = &b->code,
                           .items = &b->item,
                           .item_count = 1,
                           .iterations = 1,
                           .complete = completed};
  b->done = 0;
}

static void open_bench(bench *b, fixture *f, const vy_device_desc *desc) {
  void *impl = NULL;
  *b = (bench){.f = f};
  b->program = make_program(f, "program p(y: update u32[]) {\n"
                               "  lanes len(y);\n"
                               "  y[lane] = 1u;\n"
                               "}\n");
  expect_ok(f, vy__cpu_backend.open(f->context, desc, 0, &impl, &f->diags));
  b->d = impl;
}

static void open_threads(bench *b, fixture *f, uint32_t threads) {
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.threads = threads;
  open_bench(b, f, &desc);
}

static void close_bench(bench *b) { vy__cpu_backend.ops->close(b->d); }

static void start(bench *b) {
  assert_int_equal(vy__cpu_backend.ops->submit(b->d, &b->launch), VY_OK);
}

static void finish(bench *b) {
  while (!atomic_load(&b->done))
    vy__cpu_backend.ops->wait(b->d, &b->done, UINT64_MAX);
}

// ---- chunks

static void count_up(const vy__kernel_args *args, uint64_t begin,
                     uint64_t end) {
  uint32_t *y = (uint32_t *)(void *)args->buffers[0].data;
  assert_true(begin < end && begin % 64 == 0);
  assert_int_equal((uintptr_t)args->scratch % 64, 0);
  for (uint64_t i = begin; i < end; i++)
    y[i]++;
}

static void run_sizes(bench *b, uint32_t *data) {
  static const uint64_t sizes[] = {0, 1, 63, 9999, 12345, 65536, UNITS};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (uint32_t blocking = 0; blocking < 2; blocking++) {
      memset(data, 0, UNITS * sizeof *data);
      set_launch(b, count_up, sizes[s], data);
      b->launch.iterations = 3;
      b->launch.blocking = blocking;
      start(b);
      finish(b);
      for (uint64_t i = 0; i < UNITS; i++)
        assert_int_equal(data[i], i < sizes[s] ? 3 : 0);
    }
}

// Every unit is run once an iteration, whoever runs it.
static void runs_each_unit_once(void **state) {
  uint32_t *data = malloc(UNITS * sizeof *data);
  for (uint32_t threads = 0; threads <= 8; threads += 1 + threads) {
    bench b;
    open_threads(&b, *state, threads);
    run_sizes(&b, data);
    close_bench(&b);
  }
  free(data);
}

static void backwards(void *user, uint64_t count,
                      void (*body)(void *data, uint64_t index), void *data) {
  ++*(uint32_t *)user;
  while (count-- > 0)
    body(data, count);
}

static void shares_through_the_host(void **state) {
  uint32_t *data = malloc(UNITS * sizeof *data), calls = 0;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.threads = 4;
  desc.parallel_for = backwards;
  desc.parallel_user = &calls;
  bench b;
  open_bench(&b, *state, &desc);
  assert_int_equal(b.d->crew.count, 0);
  run_sizes(&b, data);
  assert_true(calls >= 6);
  close_bench(&b);
  free(data);
}

// ---- order

static _Atomic uint32_t gate, ran;

static void wait_at_gate(vy__launch *l) {
  (void)l;
  while (!atomic_load(&gate))
    sched_yield();
}

static void note_first(const vy__kernel_args *args, uint64_t begin,
                       uint64_t end) {
  (void)begin, (void)end;
  assert_int_equal(atomic_fetch_add(&ran, 1), args->scalars[0]);
}

// A launch that waits is not run by its submitter, and a later one of the
// same thread, small as it is, comes after it.
static void keeps_a_threads_order(void **state) {
  bench b;
  uint32_t word = 0;
  open_threads(&b, *state, 2);
  bench *late = malloc(sizeof *late);
  *late = b;
  gate = ran = 0;
  set_launch(&b, note_first, 1, &word);
  b.launch.before = wait_at_gate;
  b.scalars[0] = 0;
  start(&b);
  set_launch(late, note_first, 1, &word);
  late->scalars[0] = 1;
  start(late);
  assert_int_equal(late->done, 0);
  vy__cpu_backend.ops->wait(b.d, &late->done, vy__now_ns() + 1000000);
  assert_int_equal(late->done, 0);
  atomic_store(&gate, 1);
  finish(late);
  finish(&b);
  assert_int_equal(ran, 2);
  free(late);
  close_bench(&b);
}

// ---- faults

static void fault_often(const vy__kernel_args *args, uint64_t begin,
                        uint64_t end) {
  for (uint64_t i = end; i-- > begin;)
    if (i % 1000 == 777 && i < args->fault->lane)
      *args->fault = (vy__fault){.kind = VY__FAULT_BOUNDS,
                                 .value = (uint32_t)i,
                                 .stmt = VY__NONE,
                                 .lane = i};
}

static void reports_the_lowest_lane(void **state) {
  bench b;
  uint32_t *data = calloc(UNITS, sizeof *data);
  open_threads(&b, *state, 4);
  for (uint32_t round = 0; round < 20; round++) {
    set_launch(&b, fault_often, UNITS, data);
    start(&b);
    finish(&b);
    assert_int_equal(b.item.fault.kind, VY__FAULT_BOUNDS);
    assert_int_equal(b.item.fault.lane, 777);
    assert_int_equal(b.item.fault.value, 777);
  }
  set_launch(&b, count_up, UNITS, data);
  start(&b);
  finish(&b);
  assert_int_equal(b.item.fault.kind, VY__FAULT_NONE);
  close_bench(&b);
  free(data);
}

// ---- memory

static void use_scratch(const vy__kernel_args *args, uint64_t begin,
                        uint64_t end) {
  memset(args->scratch, (int)(begin / 64), 100000);
  for (uint64_t i = begin; i < end; i++)
    if (args->scratch[i % 100000] != (uint8_t)(begin / 64))
      *args->fault = (vy__fault){.kind = VY__FAULT_BOUNDS};
}

static void *many_runs(void *user) {
  bench *b = user;
  uint32_t word = 0;
  for (uint32_t i = 0; i < 200; i++) {
    set_launch(b, use_scratch, 1, &word);
    b->code.kernel.info.scratch = 100000;
    start(b);
    finish(b);
    assert_int_equal(b->item.fault.kind, VY__FAULT_NONE);
  }
  return NULL;
}

static void gives_each_call_its_own_scratch(void **state) {
  enum { THREADS = 4 };
  bench b, *each = malloc(THREADS * sizeof *each);
  pthread_t threads[THREADS];
  uint32_t *data = calloc(UNITS, sizeof *data);
  open_threads(&b, *state, 3);
  for (uint32_t i = 0; i < THREADS; i++) {
    each[i] = b;
    assert_int_equal(pthread_create(&threads[i], NULL, many_runs, &each[i]), 0);
  }
  set_launch(&b, use_scratch, UNITS, data);
  b.code.kernel.info.scratch = 100000;
  start(&b);
  finish(&b);
  assert_int_equal(b.item.fault.kind, VY__FAULT_NONE);
  for (uint32_t i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  close_bench(&b);
  free(each);
  free(data);
}

static void read_nothing(const vy__kernel_args *args, uint64_t begin,
                         uint64_t end) {
  (void)begin, (void)end;
  assert_int_equal(args->buffers[0].length, 0);
  for (uint32_t i = 0; i < VY__MAX_ELEMENT_SIZE; i++)
    assert_int_equal(args->buffers[0].data[i], 0);
}

static void empty_buffers_can_be_read(void **state) {
  bench b;
  open_threads(&b, *state, 1);
  set_launch(&b, read_nothing, 0, NULL);
  b.item.lanes[0] = 5;
  start(&b);
  assert_int_equal(b.done, 1);
  close_bench(&b);
}

static void expect_aligned(const vy__kernel_args *args, uint64_t begin,
                           uint64_t end) {
  assert_int_equal((uintptr_t)args->buffers[0].data % 8, 0);
  for (uint64_t i = begin; i < end; i++)
    ((uint32_t *)(void *)args->buffers[0].data)[i] += (uint32_t)i;
}

static void aligns_what_asks_for_it(void **state) {
  bench b;
  _Alignas(8) uint8_t bytes[44];
  open_threads(&b, *state, 1);
  for (uint32_t shift = 0; shift < 4; shift++) {
    memset(bytes, 1, sizeof bytes);
    set_launch(&b, expect_aligned, 10, (uint32_t *)(void *)(bytes + shift));
    b.code.kernel.info.aligned = 1;
    start(&b);
    for (uint32_t i = 0; i < 10; i++)
      assert_int_equal(vy__get_u32(bytes + shift + 4 * i), 0x01010101 + i);
    assert_int_equal(bytes[43], 1);
  }
  close_bench(&b);
}

// ---- float state

enum { NEAREST = 0x1f80, ODD_STATE = 0xff80 }; // FTZ, DAZ too, toward zero

static void expect_pinned(const vy__kernel_args *args, uint64_t begin,
                          uint64_t end) {
  (void)args, (void)begin, (void)end;
  assert_int_equal(_mm_getcsr() & ~0x3fu, NEAREST);
  _mm_setcsr(_mm_getcsr() | 0x21); // something happened
}

static void pins_and_restores_floats(void **state) {
  bench b;
  uint32_t *data = calloc(UNITS, sizeof *data);
  uint32_t own = _mm_getcsr();
  open_threads(&b, *state, 4);
  for (uint32_t odd = 0; odd < 2; odd++) {
    uint32_t state_now = odd ? ODD_STATE | 0x40 : own;
    _mm_setcsr(state_now);
    for (uint64_t units = 1; units <= UNITS; units *= 1024) {
      set_launch(&b, expect_pinned, units, data);
      start(&b);
      finish(&b);
      assert_int_equal(_mm_getcsr(), state_now);
    }
  }
  _mm_setcsr(own);
  close_bench(&b);
  free(data);
}

// ---- options

static void refuses_bad_options(void **state) {
  fixture *f = *state;
  void *out = NULL;
  uint32_t far = 1000000, here = 0;
#define OPEN(change)                                                           \
  __extension__({                                                              \
    vy_device_desc desc = VY_DEVICE_DESC_INIT;                                 \
    desc.change;                                                               \
    vy__cpu_backend.open(f->context, &desc, 0, &out, &f->diags);               \
  })
  expect_code(f, OPEN(lane_order = 1), VY_ERROR_UNSUPPORTED, 802);
  expect_code(f, OPEN(threads = 5000), VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, OPEN(vector_width = 64), VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, OPEN(cpu_features = 4), VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, OPEN(affinity_count = 1), VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, OPEN(affinity = &far), VY_ERROR_INVALID_ARGUMENT, 600);
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.affinity = &far;
  desc.affinity_count = 1;
  expect_code(f, vy__cpu_backend.open(f->context, &desc, 0, &out, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
  desc.affinity = &here;
  desc.threads = 3;
  expect_ok(f, vy__cpu_backend.open(f->context, &desc, 0, &out, &f->diags));
  vy__cpu_backend.ops->close(out);
}

static int open_fixture(void **state) {
  *state = fixture_new("reference");
  return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_fixture, fixture_close)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(runs_each_unit_once),
      TEST(shares_through_the_host),
      TEST(keeps_a_threads_order),
      TEST(reports_the_lowest_lane),
      TEST(gives_each_call_its_own_scratch),
      TEST(empty_buffers_can_be_read),
      TEST(aligns_what_asks_for_it),
      TEST(pins_and_restores_floats),
      TEST(refuses_bad_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

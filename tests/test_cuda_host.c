// The host side of the cuda backend over the fake driver: which devices there
// are, contexts, memory, compiling, and what a launch costs the driver.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <sched.h>

#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"
#include "fake_cuda/world.h"

// ---- which devices there are

static const char *reason(const char *name) {
  static world w;
  w = (world){0};
  assert_int_equal(open_named(&w, name, ""), VY_ERROR_DEVICE_UNAVAILABLE);
  assert_int_equal(w.diags.count, 1);
  assert_int_equal(w.records[0].code, 801);
  assert_true(w.records[0].fix.size > 0);
  vy_context_release(w.context);
  assert_true(heap_is_clean(&w.heap));
  static char text[512];
  snprintf(text, sizeof text, "%.*s", (int)w.records[0].message.size,
           w.records[0].message.data);
  return text;
}

// Before the driver has been opened once.
static void reasons_are_given(void **state) {
  (void)state;
  setenv("VYRE_CUDA_DRIVER", "/nowhere/libcuda.so.1", 1);
  assert_non_null(strstr(reason("cuda"), "missing"));
  setenv("VYRE_CUDA_DRIVER", FAKE_CUDA, 1);
  setenv("FAKE_CUDA_VERSION", "11040", 1);
  assert_non_null(strstr(reason("cuda:0"), "CUDA 11.4, at least 12.0"));
  setenv("FAKE_CUDA_VERSION", "12080", 1);
  setenv("FAKE_CUDA_DEVICES", "0", 1);
  assert_non_null(strstr(reason("cuda:0"), "no device"));
  unsetenv("FAKE_CUDA_DEVICES");
  assert_non_null(strstr(reason("cuda:7"), "no device 7"));
  assert_non_null(strstr(reason("cuda:01"), "is named"));
  assert_non_null(strstr(reason("cuda:"), "is named"));
  assert_non_null(strstr(reason("cpu:1"), "no device 1"));
}

static void devices_are_described(void **state) {
  (void)state;
  vy_device_info info = VY_DEVICE_INFO_INIT;
  for (uint32_t i = 0; i < 2; i++) {
    world w = {0};
    char name[16];
    snprintf(name, sizeof name, "cuda:%u", i);
    assert_int_equal(vy_device_enumerate(i, &info), VY_OK);
    assert_string_equal(info.name, name);
    assert_true(info.available && info.memory && info.device_time);
    assert_int_equal(open_named(&w, name, ""), VY_OK);
    assert_int_equal(vy_device_describe(w.device, &info), VY_OK);
    assert_string_equal(info.name, name);
    assert_non_null(strstr(info.driver, i ? "Fake GPU 1" : "Fake GPU 0"));
    shut(&w);
  }
  assert_int_equal(vy_device_enumerate(2, &info), VY_OK);
  assert_string_equal(info.name, "cpu");
}

// ---- contexts

static void contexts_are_left_as_they_were(void **state) {
  (void)state;
  world w = {0};
  vy__cu_context mine = NULL, now = NULL;
  char why[256];
  const vy__cu *cu = vy__cu_open(why, sizeof why);
  assert_int_equal(cu->primary_retain(&mine, 1), 0);
  assert_int_equal(cu->context_push(mine), 0);
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  assert_int_equal(everything(&w), VY_OK);
  assert_int_equal(cu->context_current(&now), 0);
  assert_ptr_equal(now, mine);
  assert_int_equal(cu->context_pop(&now), 0);
  // One of the host's, of another device and of the right one.
  vy_device *d = NULL;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.native_context = mine;
  desc.name = vy_str_c("cuda:0");
  assert_int_equal(vy_device_open(w.context, &desc, &d, &w.diags),
                   VY_ERROR_INVALID_ARGUMENT);
  desc.name = vy_str_c("cuda:1");
  assert_int_equal(vy_device_open(w.context, &desc, &d, NULL), VY_OK);
  vy_device_release(d);
  assert_int_equal(cu->primary_release(1), 0);
  shut(&w);
}

// ---- what it costs

static void warm_calls_allocate_nothing(void **state) {
  (void)state;
  world w = {0};
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  // How many flights are in flight at once, at most three here, differs: it is
  // warm once all have been made.
  enum { FLIGHTS = 3 };
  uint64_t asked = 0, allocations = 0;
  for (int cold = 0;; cold++) {
    assert_in_range(cold, 0, FLIGHTS + 1);
    for (int i = 0; i < 3; i++)
      assert_int_equal(everything(&w), VY_OK);
    bool same = asked == w.heap.asked && allocations == fake->allocations();
    asked = w.heap.asked;
    allocations = fake->allocations();
    if (same)
      break;
  }
  // Nor do buffers that are as large as those before.
  for (int i = 0; i < 3; i++) {
    vy_buffer b;
    assert_int_equal(vy_buffer_create(w.device, 5 << 20, &b, NULL), VY_OK);
    assert_int_equal(vy_buffer_free(w.device, b, NULL), VY_OK);
    allocations = i ? allocations : fake->allocations();
  }
  assert_int_equal(fake->allocations(), allocations);
  shut(&w);
}

static uint64_t launches_of(world *w, vy_pipeline *p, const vy_item *items,
                            size_t count) {
  uint64_t before = fake->launches();
  assert_int_equal(vy_dispatch_batch(p, items, count, NULL, NULL, &w->diags),
                   VY_OK);
  return fake->launches() - before;
}

// Items that do not meet are one launch; the rest is in order.
static void batches_are_few_launches(void **state) {
  (void)state;
  world w = {0};
  enum { ITEMS = 40, BYTES = 64 };
  vy_buffer b;
  vy_arg apart[ITEMS], same[ITEMS], pairs[ITEMS];
  vy_item items[ITEMS];
  uint32_t got[ITEMS * BYTES / 4];
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  assert_int_equal(vy_buffer_create(w.device, ITEMS * BYTES, &b, NULL), VY_OK);
  for (uint32_t i = 0; i < ITEMS; i++) {
    // In no order of addresses.
    apart[i] = vy_arg_range(b, (i * 7 % ITEMS) * BYTES, BYTES);
    same[i] = vy_arg_range(b, 0, BYTES);
    pairs[i] = vy_arg_range(b, i / 2 * BYTES, BYTES);
    items[i] = (vy_item){&apart[i], 1, NULL};
  }
  assert_int_equal(launches_of(&w, w.bump, items, ITEMS), 1);
  for (uint32_t i = 0; i < ITEMS; i++)
    items[i].args = &same[i];
  assert_int_equal(launches_of(&w, w.bump, items, ITEMS), ITEMS);
  for (uint32_t i = 0; i < ITEMS; i++)
    items[i].args = &pairs[i];
  assert_int_equal(launches_of(&w, w.bump, items, ITEMS), ITEMS / 2 + 1);
  vy_transfer down = {b, 0, sizeof got, got};
  assert_int_equal(vy_buffer_download(w.device, &down, 1, NULL), VY_OK);
  for (uint32_t i = 0; i < ITEMS * BYTES / 4; i++)
    assert_int_equal(got[i], 1 + (i < 16 ? ITEMS : 0) + (i < 320 ? 2 : 0));
  shut(&w);
}

static uint64_t calls_of_replay(world *w, uint32_t ticks) {
  vy_transfer set = {w->n, 0, 4, &ticks};
  vy_arg in = vy_arg_host(host_in, 64);
  vy_bindings b = VY_BINDINGS_INIT;
  uint64_t passes = 0;
  b.args = &in;
  b.arg_count = 1;
  b.outputs = w->outputs;
  b.output_count = 1;
  assert_int_equal(vy_buffer_upload(w->device, &set, 1, NULL), VY_OK);
  uint64_t before = fake->calls();
  assert_int_equal(vy_sequence_replay(w->sequence, &b, NULL, NULL), VY_OK);
  uint64_t calls = fake->calls() - before;
  assert_int_equal(vy_sequence_passes(w->sequence, 0, &passes, NULL), VY_OK);
  assert_int_equal(passes, ticks);
  return calls;
}

// A warm replay is one launch and one wait, however often its steps repeat.
static void replays_are_one_launch(void **state) {
  (void)state;
  world w = {0};
  vy__cuda_tuned.wait = VY__CUDA_WAIT_DRIVER;
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  (void)calls_of_replay(&w, 3);
  if (vy__cuda_tuned.sequence_graphs && vy__cuda_tuned.device_repeats &&
      vy__cuda_tuned.staged_most) {
    // The current context, to it and back, the launch and the wait.
    assert_in_range(calls_of_replay(&w, 4), 2, 5);
    assert_in_range(calls_of_replay(&w, 9), 2, 5);
  } else {
    assert_true(calls_of_replay(&w, 4) < calls_of_replay(&w, 9));
  }
  shut(&w);
}

// There and back, of any size and from any place.
static void copies_are_exact(void **state) {
  (void)state;
  enum { MOST = 20000, AWRY = 64 };
  static uint8_t from[MOST + AWRY], to[MOST + 3 * AWRY];
  world w = {0};
  vy_buffer b;
  for (uint32_t i = 0; i < sizeof from; i++)
    from[i] = (uint8_t)(i * 7 + i / 251);
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(vy_buffer_create(w.device, MOST, &b, NULL), VY_OK);
  for (uint32_t size = 1; size <= MOST; size += 1 + size / 9) {
    uint32_t in = size * 5 % AWRY, out = AWRY + size * 11 % AWRY;
    vy_transfer up = {b, 0, size, from + in};
    vy_transfer down = {b, 0, size, to + out};
    memset(to, 0xEE, sizeof to);
    assert_int_equal(vy_buffer_upload(w.device, &up, 1, NULL), VY_OK);
    assert_int_equal(vy_buffer_download(w.device, &down, 1, NULL), VY_OK);
    assert_memory_equal(to + out, from + in, size);
    for (uint32_t i = 1; i <= AWRY; i++)
      assert_true(to[out - i] == 0xEE &&
                  (i == AWRY || to[out + size + i - 1] == 0xEE));
  }
  shut(&w);
}

static int threads_of_process(void) {
  int count = -2; // "." and ".."
  DIR *tasks = opendir("/proc/self/task");
  assert_non_null(tasks);
  while (readdir(tasks))
    count++;
  assert_int_equal(closedir(tasks), 0);
  return count;
}

// The device's own two, and as many as shall help with copies.
static void threads_are_bounded(void **state) {
  (void)state;
  enum { SIZE = 8 << 20, DEVICES_OWN = 2 };
  uint8_t *data = calloc(1, SIZE);
  vy__cuda_tuning tuned = vy__cuda_tuned;
  cpu_set_t set;
  int cpus = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
  vy__cuda_tuned.chunk = 1 << 20;
  vy__cuda_tuned.piece = 128 << 10;
  vy__cuda_tuned.helper_bytes = 512 << 10;
  assert_non_null(data);
  for (uint32_t threads = 1; threads < 4; threads++) {
    world w = {0};
    vy_device_desc desc = VY_DEVICE_DESC_INIT;
    vy_device *d = NULL;
    vy_buffer b;
    desc.name = vy_str_c("cuda:0");
    desc.threads = threads;
    assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
    int before = threads_of_process();
    assert_int_equal(vy_device_open(w.context, &desc, &d, NULL), VY_OK);
    assert_int_equal(vy_buffer_create(d, SIZE, &b, NULL), VY_OK);
    vy_transfer t = {b, 0, SIZE, data};
    assert_int_equal(vy_buffer_upload(d, &t, 1, NULL), VY_OK);
    int more = threads_of_process() - before - DEVICES_OWN;
    assert_in_range(more, 0, threads - 1);
    if (threads == 2 && cpus > 1)
      assert_int_equal(more, 1);
    vy_device_release(d);
    shut(&w);
  }
  vy__cuda_tuned = tuned;
  free(data);
}

// Some systems' streams do not write words: they are waited for otherwise.
static void words_are_not_needed(void **state) {
  (void)state;
  world w = {0};
  setenv("FAKE_CUDA_WORDLESS", "1", 1);
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  assert_int_equal(everything(&w), VY_OK);
  assert_int_equal(everything(&w), VY_OK);
  shut(&w);
  unsetenv("FAKE_CUDA_WORDLESS");
}

// What a replay wrote is not what the next one begins with.
static void replays_begin_with_zeroes(void **state) {
  (void)state;
  enum { LANES = 64 };
  world w = {0};
  vy_pipeline *p = NULL;
  vy_sequence *q = NULL;
  vy_arg k, args[2] = {vy_arg_binding(0), vy_arg_none()};
  vy_bindings b = VY_BINDINGS_INIT;
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  assert_int_equal(compile(&w,
                           "program some(k: u32, y: write u32[64]) {\n"
                           "  lanes 64;\n"
                           "  if (lane % 3 == k) { y[lane] = lane + k; }\n"
                           "}\n",
                           &p),
                   VY_OK);
  assert_int_equal(vy_sequence_create(w.device, &q, NULL), VY_OK);
  (void)vy_sequence_dispatch(q, p, args, 2, NULL, 0);
  assert_int_equal(vy_sequence_finish(q, NULL), VY_OK);
  b.args = &k;
  b.arg_count = 1;
  b.outputs = w.outputs;
  b.output_count = 1;
  for (uint32_t turn = 0; turn < 3; turn++) {
    k = vy_arg_u32(turn);
    assert_int_equal(vy_sequence_replay(q, &b, NULL, NULL), VY_OK);
    const uint32_t *y = vy_outputs_data(w.outputs[0], 0);
    for (uint32_t i = 0; i < LANES; i++)
      assert_int_equal(y[i], i % 3 == turn ? i + turn : 0);
  }
  vy_sequence_release(q);
  vy_pipeline_release(p);
  shut(&w);
}

static void memory_comes_back(void **state) {
  (void)state;
  world w = {0};
  vy_buffer a, b, none = {0};
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  fake->set_memory(24 << 20);
  assert_int_equal(vy_buffer_create(w.device, 8 << 20, &a, NULL), VY_OK);
  assert_int_equal(vy_buffer_create(w.device, 8 << 20, &b, NULL), VY_OK);
  assert_int_equal(vy_buffer_create(w.device, 16 << 20, &none, &w.diags),
                   VY_ERROR_OUT_OF_DEVICE_MEMORY);
  assert_int_equal(w.records[0].code, 804);
  assert_int_equal(vy_buffer_free(w.device, a, NULL), VY_OK);
  assert_int_equal(vy_buffer_free(w.device, b, NULL), VY_OK);
  // What the pool keeps makes room.
  assert_int_equal(vy_buffer_create(w.device, 16 << 20, &none, NULL), VY_OK);
  shut(&w);
  fake->set_memory(UINT64_C(1) << 34);
}

// ---- compiling

static void refusals_have_a_log(void **state) {
  (void)state;
  world w = {0};
  vy_pipeline *p = NULL;
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  vy_status s = compile(&w, "program refuse(y: update u32[]) { lanes 1; }", &p);
  assert_int_equal(s, VY_ERROR_COMPILE_FAILED);
  assert_int_equal(w.records[0].code, 810);
  assert_true(w.records[0].log.size > 0);
  assert_non_null(strstr(w.records[0].log.data, "refused"));
  shut(&w);
}

static void code_goes_to_the_disk(void **state) {
  (void)state;
  char folder[] = "/tmp/vyre-cuda-XXXXXX";
  assert_non_null(mkdtemp(folder));
  for (uint32_t turn = 0; turn < 2; turn++) {
    world w = {0};
    vy_counters c = VY_COUNTERS_INIT;
    assert_int_equal(open_named(&w, "cuda:0", folder), VY_OK);
    assert_int_equal(set_up(&w), VY_OK);
    assert_int_equal(vy_counters_read(w.context, &c), VY_OK);
    assert_int_equal(c.disk_hits, turn ? 3 : 0);
    assert_int_equal(everything(&w), VY_OK);
    assert_int_equal(vy_cache_clear(w.context, NULL), VY_OK);
    if (!turn) { // again, for the second turn to find
      vy_pipeline_release(w.add);
      w.add = NULL;
    }
    shut(&w);
    if (!turn) {
      world again = {0};
      assert_int_equal(open_named(&again, "cuda:0", folder), VY_OK);
      assert_int_equal(set_up(&again), VY_OK);
      shut(&again);
    }
  }
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
}

int main(void) {
  const struct CMUnitTest cold[] = {cmocka_unit_test(reasons_are_given)};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(devices_are_described),
      cmocka_unit_test(contexts_are_left_as_they_were),
      cmocka_unit_test(warm_calls_allocate_nothing),
      cmocka_unit_test(batches_are_few_launches),
      cmocka_unit_test(replays_are_one_launch),
      cmocka_unit_test(copies_are_exact),
      cmocka_unit_test(threads_are_bounded),
      cmocka_unit_test(words_are_not_needed),
      cmocka_unit_test(replays_begin_with_zeroes),
      cmocka_unit_test(memory_comes_back),
      cmocka_unit_test(refusals_have_a_log),
      cmocka_unit_test(code_goes_to_the_disk),
  };
  int failed = 0;
  for (uint32_t i = 0; i < LARGE; i++)
    host_in[i] = i * 2654435761u;
  failed += cmocka_run_group_tests(cold, NULL, NULL);
  fake = emulate_start();
  for (int way = 0; way < TUNED_WAYS; way++) {
    printf("---- %s\n", tuned_set(way));
    if (way == 3) { // a few bytes a chunk would take long
      vy__cuda_tuned.chunk = 4096;
      vy__cuda_tuned.pool_most = tuned_default.pool_most;
    }
    failed += cmocka_run_group_tests(tests, NULL, NULL);
  }
  emulate_stop();
  return failed ? 1 : 0;
}

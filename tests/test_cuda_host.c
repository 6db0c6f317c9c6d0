// The host side of the cuda backend over the fake driver: which devices there
// are, contexts, memory, what a launch costs the driver, and that any call of
// the driver, and any allocation, may fail.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"
#include "support/heap.h"

enum { N = 1000, LARGE = 1 << 14, BATCH = 5 };

static const fake_control *fake;

static const char add_text[] =
    "program add(a: u32, x: read u32[], y: write u32[len(x)]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] + a;\n"
    "}\n";
static const char bump_text[] = "program bump(y: update u32[]) {\n"
                                "  lanes len(y);\n"
                                "  y[lane] = y[lane] + 1u;\n"
                                "}\n";
// One off n[0].
static const char tick_text[] = "program tick(n: update u32[]) {\n"
                                "  lanes 1;\n"
                                "  n[0] = n[0] - 1u;\n"
                                "}\n";

// ---- a world: context, device, two pipelines

typedef struct world {
  heap heap;
  vy_context *context;
  vy_device *device;
  vy_pipeline *add, *bump, *tick;
  vy_buffer x, y, n;
  vy_outputs *outputs[BATCH];
  vy_sequence *sequence;
  vy_diags diags;
  vy_diag records[8];
  char text[4096];
} world;

static void clear_diags(world *w) {
  w->diags = (vy_diags)VY_DIAGS_INIT;
  w->diags.records = w->records;
  w->diags.capacity = 8;
  w->diags.text = w->text;
  w->diags.text_capacity = sizeof w->text;
}

static vy_status compile(world *w, const char *text, vy_pipeline **out) {
  vy_source source = VY_SOURCE_INIT;
  vy_program *p = NULL;
  source.text = vy_str_c(text);
  vy_status s = vy_program_parse(w->context, &source, &p, &w->diags);
  if (s == VY_OK)
    s = vy_compile(w->device, p, NULL, out, &w->diags);
  vy_program_release(p);
  return s;
}

static vy_status open_named(world *w, const char *name, const char *cache) {
  vy_context_desc c = VY_CONTEXT_DESC_INIT;
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  clear_diags(w);
  c.allocator = heap_allocator(&w->heap);
  c.cache_path = cache;
  d.name = vy_str_c(name);
  vy_status s = vy_context_create(&c, &w->context, &w->diags);
  return s == VY_OK ? vy_device_open(w->context, &d, &w->device, &w->diags) : s;
}

static void shut(world *w) {
  vy_sequence_release(w->sequence);
  for (int i = 0; i < BATCH; i++)
    vy_outputs_release(w->outputs[i]);
  vy_pipeline_release(w->add);
  vy_pipeline_release(w->bump);
  vy_pipeline_release(w->tick);
  vy_device_release(w->device);
  vy_context_release(w->context);
  if (!heap_is_clean(&w->heap))
    fail_msg("host memory is left, or was given back wrong");
  if (fake->live())
    fail_msg("%u objects of the driver are left", fake->live());
}

#define TRY(expr)                                                              \
  do {                                                                         \
    vy_status try_status = (expr);                                             \
    if (try_status != VY_OK)                                                   \
      return try_status;                                                       \
  } while (0)

// Twice: tick n; bump y; while n is not 0. Then y is copied to x.
static vy_status record(world *w) {
  vy_arg n = vy_arg_buffer(w->n), y = vy_arg_buffer(w->y), x;
  x = vy_arg_buffer(w->x);
  TRY(vy_sequence_create(w->device, &w->sequence, &w->diags));
  (void)vy_sequence_repeat_begin(w->sequence, n, 10);
  (void)vy_sequence_dispatch(w->sequence, w->tick, &n, 1, NULL,
                             VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(w->sequence, w->bump, &y, 1, NULL,
                             VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(w->sequence);
  (void)vy_sequence_copy(w->sequence, y, x);
  vy_arg from_binding[3] = {vy_arg_u32(5), vy_arg_binding(0), vy_arg_none()};
  (void)vy_sequence_dispatch(w->sequence, w->add, from_binding, 3, NULL, 0);
  return vy_sequence_finish(w->sequence, &w->diags);
}

static vy_status set_up(world *w) {
  TRY(compile(w, add_text, &w->add));
  TRY(compile(w, bump_text, &w->bump));
  TRY(compile(w, tick_text, &w->tick));
  TRY(vy_buffer_create(w->device, N * 4, &w->x, &w->diags));
  TRY(vy_buffer_create(w->device, N * 4, &w->y, &w->diags));
  TRY(vy_buffer_create(w->device, 4, &w->n, &w->diags));
  for (int i = 0; i < BATCH; i++)
    TRY(vy_outputs_create(w->context, 1, &w->outputs[i], &w->diags));
  return record(w);
}

// ---- one of everything, each checked

static uint32_t host_in[LARGE];

static void is(bool ok, const char *what) {
  if (!ok)
    fail_msg("%s: wrong results", what);
}

static bool all_sums(const vy_outputs *o, uint32_t count, uint32_t a) {
  const uint32_t *y = vy_outputs_data(o, 0);
  if (vy_outputs_size(o, 0) != count * 4)
    return false;
  for (uint32_t i = 0; i < count; i++)
    if (y[i] != host_in[i] + a)
      return false;
  return true;
}

static vy_status borrowed(world *w, uint32_t count) {
  vy_arg args[3] = {vy_arg_u32(3), vy_arg_host(host_in, count * 4),
                    vy_arg_none()};
  TRY(vy_dispatch(w->add, args, 3, NULL, w->outputs[0], NULL, &w->diags));
  is(all_sums(w->outputs[0], count, 3), "borrowed");
  return VY_OK;
}

static vy_status timed(world *w) {
  vy_timing t = VY_TIMING_INIT;
  vy_arg args[3] = {vy_arg_u32(4), vy_arg_host(host_in, N * 4), vy_arg_none()};
  TRY(vy_dispatch(w->add, args, 3, NULL, w->outputs[0], &t, &w->diags));
  is(all_sums(w->outputs[0], N, 4), "timed");
  is(!(t.present & VY_TIMING_DEVICE) == !t.device_ns, "times");
  return VY_OK;
}

// Ends with y[i] = i + 2.
static vy_status resident(world *w) {
  vy_transfer up = {w->y, 0, N * 4, host_in};
  vy_arg args[3] = {vy_arg_u32(1), vy_arg_buffer(w->y), vy_arg_buffer(w->x)};
  vy_arg bump = vy_arg_buffer(w->y);
  uint32_t back[N];
  vy_transfer down = {w->y, 0, N * 4, back};
  TRY(vy_buffer_upload(w->device, &up, 1, &w->diags));
  TRY(vy_dispatch(w->add, args, 3, NULL, NULL, NULL, &w->diags));
  TRY(vy_buffer_copy(w->device, w->x, 0, w->y, 0, N * 4, &w->diags));
  TRY(vy_dispatch(w->bump, &bump, 1, NULL, NULL, NULL, &w->diags));
  TRY(vy_buffer_download(w->device, &down, 1, &w->diags));
  for (uint32_t i = 0; i < N; i++)
    is(back[i] == host_in[i] + 2, "resident");
  return VY_OK;
}

static vy_status batch(world *w) {
  vy_arg args[BATCH][3];
  vy_item items[BATCH];
  for (uint32_t i = 0; i < BATCH; i++) {
    args[i][0] = vy_arg_u32(i);
    args[i][1] = vy_arg_host(host_in, (i + 1) * 64);
    args[i][2] = vy_arg_none();
    items[i] = (vy_item){args[i], 3, w->outputs[i]};
  }
  TRY(vy_dispatch_batch(w->add, items, BATCH, NULL, NULL, &w->diags));
  for (uint32_t i = 0; i < BATCH; i++)
    is(all_sums(w->outputs[i], (i + 1) * 16, i), "batch");
  return VY_OK;
}

// Two in flight; the second sees what the first wrote.
static vy_status submitted(world *w) {
  vy_arg bump = vy_arg_buffer(w->y);
  vy_item item = {&bump, 1, NULL};
  vy_ticket *a = NULL, *b = NULL, *c = NULL;
  uint32_t before, after;
  vy_transfer first = {w->y, 8, 4, &before}, last = {w->y, 8, 4, &after};
  TRY(vy_buffer_download(w->device, &first, 1, &w->diags));
  vy_status s = vy_submit(w->bump, &item, 1, NULL, NULL, 0, &a, &w->diags);
  if (s == VY_OK)
    s = vy_submit(w->bump, &item, 1, NULL, NULL, 0, &b, &w->diags);
  if (s == VY_OK)
    s = vy_submit(w->bump, &item, 1, NULL, &a, 1, &c, &w->diags);
  vy_ticket *all[] = {a, b, c};
  for (int i = 0; i < 3; i++) {
    vy_status t = all[i] ? vy_wait(all[i], UINT64_MAX, NULL, &w->diags) : VY_OK;
    s = s == VY_OK ? t : s;
    vy_ticket_release(all[i]);
  }
  TRY(s);
  TRY(vy_buffer_download(w->device, &last, 1, &w->diags));
  is(after == before + 3, "submitted");
  return VY_OK;
}

static vy_status sequence(world *w) {
  uint32_t four = 4, before, after, copied;
  vy_transfer set = {w->n, 0, 4, &four}, first = {w->y, 40, 4, &before};
  vy_transfer last[2] = {{w->y, 40, 4, &after}, {w->x, 40, 4, &copied}};
  vy_arg in = vy_arg_host(host_in, 64);
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = &in;
  b.arg_count = 1;
  b.outputs = w->outputs;
  b.output_count = 1;
  TRY(vy_buffer_upload(w->device, &set, 1, &w->diags));
  TRY(vy_buffer_download(w->device, &first, 1, &w->diags));
  TRY(vy_sequence_replay(w->sequence, &b, NULL, &w->diags));
  TRY(vy_buffer_download(w->device, last, 2, &w->diags));
  is(after == before + 4 && copied == after, "sequence");
  is(all_sums(w->outputs[0], 16, 5), "output of a sequence");
  return VY_OK;
}

static vy_status everything(world *w) {
  TRY(borrowed(w, N));
  TRY(borrowed(w, LARGE));
  TRY(timed(w));
  TRY(resident(w));
  TRY(batch(w));
  TRY(submitted(w));
  return sequence(w);
}

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
  for (int i = 0; i < 3; i++)
    assert_int_equal(everything(&w), VY_OK);
  uint64_t asked = w.heap.asked, allocations = fake->allocations();
  for (int i = 0; i < 3; i++)
    assert_int_equal(everything(&w), VY_OK);
  assert_int_equal(w.heap.asked, asked);
  assert_int_equal(fake->allocations(), allocations);
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

// ---- failures

static void expect_failure(vy_status s, int code) {
  if (s == VY_OK || s == VY_ERROR_OUT_OF_HOST_MEMORY ||
      s == VY_ERROR_OUT_OF_DEVICE_MEMORY || s == VY_ERROR_DISPATCH_FAILED ||
      s == VY_ERROR_COMPILE_FAILED || s == VY_ERROR_DEVICE_UNAVAILABLE ||
      (s == VY_ERROR_DEVICE_LOST && code == VY__CU_ILLEGAL_ADDRESS))
    return;
  fail_msg("error %d of the driver gives %s", code, vy_status_name(s));
}

// Call n fails, from opening on: clean errors, nothing left. True: it never
// came to call n.
static bool fail_from_opening(uint64_t n, int code, int sticky) {
  world w = {0};
  uint64_t before = fake->calls();
  fake->fail_call(n, code, sticky);
  vy_status s = open_named(&w, "cuda:0", "");
  if (s == VY_OK)
    s = set_up(&w);
  if (s == VY_OK)
    s = everything(&w);
  bool all = fake->calls() - before < n;
  expect_failure(s, code);
  assert_true(!all || s == VY_OK);
  fake->fail_call(0, 0, 0);
  shut(&w);
  return all;
}

static void opening_and_running_may_fail(void **state) {
  (void)state;
  for (uint64_t n = 1; !fail_from_opening(n, VY__CU_OUT_OF_MEMORY, 0); n++)
    ;
  for (uint64_t n = 1; !fail_from_opening(n, VY__CU_ILLEGAL_ADDRESS, 1); n++)
    ;
}

// Call n of a warm device fails; after that everything works again.
static void a_device_outlives_failures(void **state) {
  (void)state;
  world w = {0};
  bool all = false;
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  for (uint64_t n = 1; !all; n++) {
    uint64_t before = fake->calls();
    clear_diags(&w);
    fake->fail_call(n, VY__CU_INVALID_VALUE, 0);
    vy_status s = everything(&w);
    all = fake->calls() - before < n;
    expect_failure(s, VY__CU_INVALID_VALUE);
    fake->fail_call(0, 0, 0);
    clear_diags(&w);
    assert_int_equal(everything(&w), VY_OK);
  }
  shut(&w);
}

static void allocations_may_fail(void **state) {
  (void)state;
  bool all = false;
  for (uint64_t n = 1; !all; n++) {
    world w = {0};
    w.heap.fail_at = n;
    vy_status s = open_named(&w, "cuda:0", "");
    if (s == VY_OK)
      s = set_up(&w);
    if (s == VY_OK)
      s = everything(&w);
    all = w.heap.asked < n;
    if (s != VY_OK && s != VY_ERROR_OUT_OF_HOST_MEMORY)
      fail_msg("allocation %d gives %s", (int)n, vy_status_name(s));
    w.heap.fail_at = 0;
    if (w.sequence && s != VY_OK)
      assert_int_equal(vy_buffer_fill(w.device, w.y, 0, N * 4, 0, NULL), VY_OK);
    shut(&w);
  }
}

int main(void) {
  const struct CMUnitTest cold[] = {cmocka_unit_test(reasons_are_given)};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(devices_are_described),
      cmocka_unit_test(contexts_are_left_as_they_were),
      cmocka_unit_test(warm_calls_allocate_nothing),
      cmocka_unit_test(batches_are_few_launches),
      cmocka_unit_test(replays_are_one_launch),
      cmocka_unit_test(memory_comes_back),
      cmocka_unit_test(refusals_have_a_log),
      cmocka_unit_test(code_goes_to_the_disk),
      cmocka_unit_test(opening_and_running_may_fail),
      cmocka_unit_test(a_device_outlives_failures),
      cmocka_unit_test(allocations_may_fail),
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

// Out of memory in sequences: each allocation of recording and of the first
// replays fails in turn. The call that hit it says so, nothing is written or
// leaked, and the sequence works when there is memory again.
#include "conformance/sequence.h"
#include "support/heap.h"
#include "support/parse.h"

typedef struct world {
  heap memory;
  vy_context *context;
  vy_device *device;
  vy_program *program;
  vy_pipeline *pipeline;
  vy_outputs *outputs[2];
  vy_buffer y;
} world;

// y doubles; late readback, so that staging memory is needed.
static const char text[] =
    "program late(x: read u32[], n: write u32[64],\n"
    "             y: write u32[len(x)] readback [n[0], n[60])) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] * 2u;\n"
    "  n[0] = 1u;\n"
    "  n[60] = 3u;\n"
    "}\n";

static void open_world(world *w, const char *device) {
  memset(w, 0, sizeof *w);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(&w->memory);
  desc.cache_path = "";
  assert_int_equal(vy_context_create(&desc, &w->context, NULL), VY_OK);
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c(device);
  assert_int_equal(vy_device_open(w->context, &d, &w->device, NULL), VY_OK);
  w->program = parse_text(w->context, text);
  assert_int_equal(vy_compile(w->device, w->program, NULL, &w->pipeline, NULL),
                   VY_OK);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(vy_outputs_create(w->context, 2, &w->outputs[i], NULL),
                     VY_OK);
    assert_int_equal(vy_outputs_set(w->outputs[i], 0, VY_SLOT_SKIP, NULL, 0),
                     VY_OK);
  }
  assert_int_equal(vy_buffer_create(w->device, 16, &w->y, NULL), VY_OK);
}

static void close_world(world *w) {
  assert_int_equal(vy_buffer_free(w->device, w->y, NULL), VY_OK);
  vy_outputs_release(w->outputs[0]);
  vy_outputs_release(w->outputs[1]);
  vy_pipeline_release(w->pipeline);
  vy_program_release(w->program);
  vy_device_release(w->device);
  vy_context_release(w->context);
  assert_true(heap_is_clean(&w->memory));
}

static vy_status record(world *w, vy_sequence **out) {
  static const uint32_t x[4] = {1, 2, 3, 4};
  vy_sequence *s = NULL;
  vy_status status = vy_sequence_create(w->device, &s, NULL);
  if (status != VY_OK)
    return status;
  vy_readback range = {0, 0, 0, 4};
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.readbacks = &range;
  o.readback_count = 1;
  vy_arg args[3] = {HOST(x), vy_arg_none(), vy_arg_none()};
  (void)vy_sequence_repeat_begin(s, vy_arg_buffer(w->y), 2);
  (void)vy_sequence_dispatch(s, w->pipeline, args, 3, NULL, 0);
  (void)vy_sequence_repeat_end(s);
  for (int i = 0; i < 8; i++)
    (void)vy_sequence_fill(s, vy_arg_binding(0), 1);
  (void)vy_sequence_dispatch(s, w->pipeline, args, 3, &o, 1);
  status = vy_sequence_finish(s, NULL);
  if (status == VY_OK)
    *out = s;
  else
    vy_sequence_release(s);
  return status;
}

static vy_status replay(world *w, vy_sequence *s, bool wait) {
  vy_arg args[1] = {vy_arg_buffer(w->y)};
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = args;
  b.arg_count = 1;
  b.outputs = w->outputs;
  b.output_count = 2;
  if (wait)
    return vy_sequence_replay(s, &b, NULL, NULL);
  vy_ticket *t = NULL;
  vy_status status = vy_sequence_submit(s, &b, NULL, 0, &t, NULL);
  if (status == VY_OK)
    status = vy_wait(t, UINT64_MAX, NULL, NULL);
  vy_ticket_release(t);
  return status;
}

static void expect_right(const world *w) {
  static const uint32_t want[2] = {4, 6};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(vy_outputs_size(w->outputs[i], 1), 8);
    assert_memory_equal(vy_outputs_data(w->outputs[i], 1), want, 8);
  }
}

// Returns how many allocations there were.
static uint64_t run(const char *device, uint64_t fail_at, bool wait) {
  world w;
  vy_sequence *s = NULL;
  open_world(&w, device);
  uint64_t from = w.memory.asked;
  w.memory.fail_at = fail_at ? from + fail_at : 0;
  vy_status status = record(&w, &s);
  if (status != VY_OK) {
    assert_int_equal(status, VY_ERROR_OUT_OF_HOST_MEMORY);
    assert_int_equal(record(&w, &s), VY_OK);
  }
  status = replay(&w, s, wait);
  if (status != VY_OK) {
    assert_int_equal(status, VY_ERROR_OUT_OF_HOST_MEMORY);
    assert_int_equal(replay(&w, s, wait), VY_OK);
  }
  expect_right(&w);
  uint64_t asked = w.memory.asked - from;
  vy_sequence_release(s);
  close_world(&w);
  return asked;
}

static void fail_each(const char *device) {
  for (int wait = 0; wait < 2; wait++) {
    uint64_t count = run(device, 0, wait);
    assert_true(count > 10);
    for (uint64_t n = 1; n <= count; n++)
      (void)run(device, n, wait);
  }
}

static void on_reference(void **state) {
  (void)state;
  fail_each("reference");
}

static void on_cpu(void **state) {
  (void)state;
  vy_device_info info = VY_DEVICE_INFO_INIT;
  for (uint32_t i = 0; vy_device_enumerate(i, &info) == VY_OK; i++)
    if (!strcmp(info.name, "cpu") && info.available) {
      fail_each("cpu");
      return;
    }
  skip();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(on_reference),
      cmocka_unit_test(on_cpu),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

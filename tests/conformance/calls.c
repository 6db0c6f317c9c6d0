// The ways to dispatch are equal, and what each adds.
#include "conformance/conformance.h"

static const uint32_t x4[4] = {1, 2, 3, 4};
static const uint32_t y4[4] = {10, 20, 30, 40};

static void batch_equals_singles(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  enum { N = 20 };
  static uint32_t x[N][N], y[N][N];
  vy_arg args[N][3];
  vy_item items[N];
  vy_outputs *single = make_outputs(f, 1);
  for (uint32_t k = 0; k < N; k++) {
    for (uint32_t i = 0; i < N; i++) {
      x[k][i] = k * 100 + i;
      y[k][i] = i * i;
    }
    args[k][0] = vy_arg_u32(k);
    args[k][1] = vy_arg_host(x[k], k * 4); // every length differs
    args[k][2] = vy_arg_host(y[k], k * 4);
    items[k] = (vy_item){args[k], 3, make_outputs(f, 1)};
  }
  uint64_t before = counters(f).submissions;
  expect_ok(f, vy_dispatch_batch(p, items, N, NULL, NULL, &f->diags));
  assert_int_equal(counters(f).submissions, before + 1);
  assert_int_equal(counters(f).dispatches, N);
  for (uint32_t k = 0; k < N; k++) {
    expect_ok(f, vy_dispatch(p, args[k], 3, NULL, single, NULL, &f->diags));
    assert_int_equal(vy_outputs_size(items[k].outputs, 0), k * 4);
    if (k)
      assert_memory_equal(vy_outputs_data(items[k].outputs, 0),
                          vy_outputs_data(single, 0), k * 4);
  }
}

static void batch_items_run_in_order(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_buffer a = make_buffer(f, x4, sizeof x4), b = make_buffer(f, y4, 16);
  vy_arg ab[3] = {vy_arg_u32(2), vy_arg_buffer(a), vy_arg_buffer(b)};
  vy_arg ba[3] = {vy_arg_u32(1), vy_arg_buffer(b), vy_arg_buffer(a)};
  vy_item items[2] = {{ab, 3, NULL}, {ba, 3, NULL}};
  expect_ok(f, vy_dispatch_batch(p, items, 2, NULL, NULL, &f->diags));
  expect_buffer(f, b, 12, 24, 36, 48);
  expect_buffer(f, a, 13, 26, 39, 52);
  // A slot that a later item reads.
  vy_outputs *o = make_outputs(f, 1), *o2 = make_outputs(f, 1);
  uint32_t m[4] = {0};
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, m, 16), VY_OK);
  vy_arg first[3] = {vy_arg_u32(1), HOST(x4), HOST(y4)};
  vy_arg second[3] = {vy_arg_u32(1), HOST(m), HOST(x4)};
  vy_item chain[2] = {{first, 3, o}, {second, 3, o2}};
  expect_ok(f, vy_dispatch_batch(p, chain, 2, NULL, NULL, &f->diags));
  expect_slot(o2, 0, 12, 24, 36, 48);
  drop_buffer(f, a);
  drop_buffer(f, b);
}

static void an_empty_batch_succeeds(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_ticket *t = NULL;
  uint32_t done = 0;
  vy_timing timing = VY_TIMING_INIT;
  expect_ok(f, vy_dispatch_batch(p, NULL, 0, NULL, &timing, &f->diags));
  expect_ok(f, vy_submit(p, NULL, 0, NULL, NULL, 0, &t, &f->diags));
  assert_int_equal(vy_poll(t, &done), VY_OK);
  assert_int_equal(done, 1);
  expect_ok(f, vy_wait(t, 0, &timing, &f->diags));
  vy_ticket_release(t);
}

static void a_failing_item_is_named(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(
      f,
      "program p(x: read u32[], i: u32, y: write u32[1]) { lanes 1; "
      "y[0] = x[i]; }",
      VY_COMPILE_STRICT);
  vy_arg args[4][3];
  vy_item items[4];
  for (uint32_t k = 0; k < 4; k++) {
    args[k][0] = HOST(x4);
    args[k][1] = vy_arg_u32(k % 2 ? 4 + k : k);
    args[k][2] = vy_arg_none();
    items[k] = (vy_item){args[k], 3, make_outputs(f, 1)};
  }
  vy_status s = vy_dispatch_batch(p, items, 4, NULL, NULL, &f->diags);
  assert_int_equal(f->diags.count, 2);
  assert_int_equal(f->records[0].item, 1);
  assert_int_equal(f->records[1].item, 3);
  expect_code(f, s, VY_ERROR_BOUNDS, 700);
  expect_slot(items[0].outputs, 0, 1);
  expect_slot(items[2].outputs, 0, 3);
  assert_null(vy_outputs_data(items[1].outputs, 0));
  // Found before the start: nothing runs.
  args[2][1] = vy_arg_i32(0);
  s = vy_dispatch_batch(p, items, 4, NULL, NULL, &f->diags);
  assert_int_equal(f->records[0].item, 2);
  expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 604);
  expect_slot(items[0].outputs, 0, 1);
}

static void timing_changes_nothing(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg args[3] = {vy_arg_u32(2), HOST(x4), HOST(y4)};
  vy_timing t = VY_TIMING_INIT;
  vy_device_info info = VY_DEVICE_INFO_INIT;
  assert_int_equal(vy_device_describe(f->device, &info), VY_OK);
  expect_ok(f, vy_dispatch(p, args, 3, NULL, o, &t, &f->diags));
  expect_slot(o, 0, 12, 24, 36, 48);
  assert_true(t.wall_ns > 0);
  uint32_t host = VY_TIMING_ENQUEUE | VY_TIMING_WAIT;
  assert_int_equal(t.present & host, host);
  assert_true(t.enqueue_ns + t.wait_ns <= t.wall_ns);
  assert_int_equal(!!(t.present & VY_TIMING_DEVICE), info.device_time);
  if (!(t.present & VY_TIMING_DEVICE))
    assert_int_equal(t.device_ns, 0);
  if (!(t.present & VY_TIMING_UPLOAD))
    assert_int_equal(t.upload_ns, 0);
  if (!(t.present & VY_TIMING_READBACK))
    assert_int_equal(t.readback_ns, 0);
  // An older header's struct is filled as far as it goes.
  vy_timing old = VY_TIMING_INIT;
  old.struct_size = offsetof(vy_timing, device_ns);
  old.device_ns = 12345;
  expect_ok(f, vy_dispatch(p, args, 3, NULL, o, &old, &f->diags));
  assert_true(old.wall_ns > 0);
  assert_int_equal(old.device_ns, 12345);
}

// The device's times cost it something: a submission has them on request.
static void device_times_on_request(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg args[3] = {vy_arg_u32(2), HOST(x4), HOST(y4)};
  vy_item item = {args, 3, o};
  vy_device_info info = VY_DEVICE_INFO_INIT;
  assert_int_equal(vy_device_describe(f->device, &info), VY_OK);
  for (uint32_t asked = 0; asked < 2; asked++) {
    vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
    vy_timing timing = VY_TIMING_INIT;
    vy_ticket *t = NULL;
    options.device_times = asked;
    expect_ok(f, vy_submit(p, &item, 1, &options, NULL, 0, &t, &f->diags));
    expect_ok(f, vy_wait(t, UINT64_MAX, &timing, &f->diags));
    expect_slot(o, 0, 12, 24, 36, 48);
    assert_int_equal(!!(timing.present & VY_TIMING_DEVICE),
                     asked && info.device_time);
    assert_true(timing.wall_ns > 0);
    vy_ticket_release(t);
  }
  vy_ticket *none = NULL;
  vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
  options.device_times = 2;
  vy_status s = vy_submit(p, &item, 1, &options, NULL, 0, &none, &f->diags);
  expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 600);
  assert_null(none);
}

static void submissions_run_in_order(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  enum { N = 50 };
  static const uint32_t one[4] = {1, 1, 1, 1};
  vy_buffer a = make_buffer(f, one, 16), b = make_buffer(f, one, 16);
  vy_ticket *t[N];
  for (uint32_t k = 0; k < N; k++) { // y = 3*x + y, swapping: order shows
    vy_arg args[3] = {vy_arg_u32(3), vy_arg_buffer(k % 2 ? a : b),
                      vy_arg_buffer(k % 2 ? b : a)};
    vy_item item = {args, 3, NULL};
    expect_ok(f, vy_submit(p, &item, 1, NULL, k ? &t[k - 1] : NULL, k ? 1 : 0,
                           &t[k], &f->diags));
  }
  uint32_t x = 1, y = 1;
  for (uint32_t k = 0; k < N; k++)
    *(k % 2 ? &y : &x) += 3 * (k % 2 ? x : y);
  // Reading a buffer comes after this thread's submissions without a wait.
  expect_buffer(f, a, x, x, x, x);
  expect_buffer(f, b, y, y, y, y);
  for (uint32_t k = 0; k < N; k++) {
    vy_timing timing = VY_TIMING_INIT;
    expect_ok(f, vy_wait(t[k], UINT64_MAX, &timing, &f->diags));
    expect_ok(f, vy_wait(t[k], 0, NULL, &f->diags)); // on every call
    assert_true(timing.wall_ns > 0 && timing.enqueue_ns <= timing.wall_ns);
    vy_ticket_release(t[k]);
  }
  drop_buffer(f, a);
  drop_buffer(f, b);
}

static void a_ticket_outlives_its_objects(void **state) {
  fixture *f = *state;
  vy_pipeline *p = NULL;
  vy_device *d = NULL;
  vy_outputs *o = NULL;
  vy_ticket *t = NULL;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c(conformance_device);
  expect_ok(f, vy_device_open(f->context, &desc, &d, &f->diags));
  vy_compile_options c = VY_COMPILE_OPTIONS_INIT;
  c.flags = VY_COMPILE_STRICT;
  expect_ok(f, vy_compile(d,
                          make_program(f, "program p(y: write u32[1]) {\n"
                                          " lanes 1;\n y[7] = 1u; }"),
                          &c, &p, &f->diags));
  expect_ok(f, vy_outputs_create(f->context, 1, &o, &f->diags));
  vy_arg none = vy_arg_none();
  vy_item item = {&none, 1, o};
  expect_ok(f, vy_submit(p, &item, 1, NULL, NULL, 0, &t, &f->diags));
  vy_outputs_release(o);
  vy_pipeline_release(p);
  vy_device_release(d);
  vy_ticket_retain(t);
  vy_ticket_release(t);
  vy_status s = vy_wait(t, UINT64_MAX, NULL, &f->diags);
  assert_int_equal(f->records[0].line, 3);
  expect_code(f, s, VY_ERROR_BOUNDS, 700);
  vy_ticket_release(t);
}

static void releasing_in_flight_is_safe(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  for (int k = 0; k < 100; k++) {
    vy_ticket *t = NULL;
    vy_outputs *o = NULL;
    expect_ok(f, vy_outputs_create(f->context, 1, &o, &f->diags));
    vy_arg n = vy_arg_length(16);
    vy_item item = {&n, 1, o};
    expect_ok(f, vy_submit(p, &item, 1, NULL, NULL, 0, &t, &f->diags));
    vy_ticket_release(t);
    vy_outputs_release(o);
  }
}

static void resident_outputs_feed_the_next(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_pipeline *q = make_pipeline(f, saxpy_text, 0);
  vy_buffer y = make_buffer(f, NULL, 16), z = make_buffer(f, y4, 16), out[1];
  vy_arg args[2] = {HOST(x4), vy_arg_buffer(y)};
  expect_ok(f, vy_dispatch_resident(p, args, 2, NULL, out, 1, NULL, &f->diags));
  assert_int_equal(out[0].id, y.id);
  expect_ok(f,
            vy_dispatch_resident(
                q, ARGS(vy_arg_u32(2), vy_arg_buffer(out[0]), vy_arg_buffer(z)),
                NULL, out, 1, NULL, &f->diags));
  expect_buffer(f, out[0], 12, 24, 36, 48);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  args[1] = vy_arg_none();
  expect_code(f,
              vy_dispatch_resident(p, args, 2, NULL, out, 1, NULL, &f->diags),
              bad, 621);
  expect_code(f,
              vy_dispatch_resident(p, args, 2, NULL, out, 2, NULL, &f->diags),
              bad, 616);
  expect_code(
      f, vy_dispatch_resident(NULL, args, 2, NULL, out, 1, NULL, &f->diags),
      bad, 600);
  drop_buffer(f, y);
  drop_buffer(f, z);
}

static void iterations_share_the_buffers(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  vy_pipeline *q = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg n = vy_arg_length(3);
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.iterations = 5; // zeroed once before the first
  for (int k = 0; k < 2; k++) {
    expect_ok(f, vy_dispatch(p, &n, 1, &d, o, NULL, &f->diags));
    expect_slot(o, 0, 5, 5, 5);
  }
  expect_ok(f, vy_dispatch(q, ARGS(vy_arg_u32(2), HOST(x4), HOST(y4)), &d, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 20, 40, 60, 80);
  vy_buffer b = make_buffer(f, y4, 16);
  expect_ok(f, vy_dispatch(q, ARGS(vy_arg_u32(2), HOST(x4), vy_arg_buffer(b)),
                           &d, NULL, NULL, &f->diags));
  expect_buffer(f, b, 20, 40, 60, 80);
  drop_buffer(f, b);
}

static void budgets_stop_what_does_not_end(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f,
                                 "program p(n: u32, y: write u32[1]) {\n"
                                 "  lanes 3;\n"
                                 "  var i: u32 = 0u;\n"
                                 "  while (i < n + lane) { i = i + 1u; }\n"
                                 "  if (lane == 0u) { y[0] = i; }\n"
                                 "}",
                                 VY_COMPILE_BUDGETED);
  vy_outputs *o = make_outputs(f, 1);
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.budget = 100;
  d.label = vy_str_c("the label");
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(50), vy_arg_none()), &d, o, NULL,
                           &f->diags));
  expect_slot(o, 0, 50);
  vy_status s = vy_dispatch(p, ARGS(vy_arg_u32(99), vy_arg_none()), &d, o, NULL,
                            &f->diags);
  assert_int_equal(f->records[0].line, 4);
  expect_says(f, "lane 2");
  expect_says(f, "the label");
  expect_code(f, s, VY_ERROR_BUDGET, 701);
  assert_null(vy_outputs_data(o, 0));
  d.budget = 0; // none
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(1000), vy_arg_none()), &d, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 1000);
}

static void run_equals_a_pipeline(void **state) {
  fixture *f = *state;
  vy_outputs *o = make_outputs(f, 1);
  vy_program *p = make_program(f, saxpy_text);
  vy_arg args[3] = {vy_arg_u32(2), HOST(x4), HOST(y4)};
  expect_ok(f, vy_run(f->device, p, NULL, args, 3, NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 12, 24, 36, 48);
  expect_code(f, vy_run(NULL, p, NULL, args, 3, NULL, o, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
}

static void nulls_are_errors(void **state) {
  fixture *f = *state;
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_ticket *t = NULL, *null = NULL;
  vy_item item = {args, 2, make_outputs(f, 1)};
  uint32_t done;
  expect_code(f, vy_dispatch(NULL, args, 2, NULL, NULL, NULL, &f->diags), bad,
              600);
  expect_code(f, vy_dispatch_batch(p, NULL, 1, NULL, NULL, &f->diags), bad,
              600);
  expect_code(f, vy_submit(p, &item, 1, NULL, NULL, 0, NULL, &f->diags), bad,
              600);
  expect_code(f, vy_submit(p, &item, 1, NULL, &null, 1, &t, &f->diags), bad,
              600);
  expect_code(f, vy_submit(p, &item, 1, NULL, NULL, 1, &t, &f->diags), bad,
              600);
  expect_code(f,
              vy_submit(p, &item, SIZE_MAX / 2, NULL, NULL, 0, &t, &f->diags),
              bad, 600);
  expect_code(f, vy_wait(NULL, 0, NULL, &f->diags), bad, 600);
  expect_code(f, vy_prepared_run(NULL, NULL, &f->diags), bad, 600);
  expect_code(f, vy_compile(f->device, NULL, NULL, &p, &f->diags), bad, 600);
  assert_int_equal(vy_poll(NULL, &done), bad);
  assert_int_equal(vy_dispatch(NULL, NULL, 0, NULL, NULL, NULL, NULL), bad);
  assert_int_equal(vy_null_device_release(NULL, 1), bad);
  assert_int_equal(vy_null_device_release(f->device, 1), VY_ERROR_UNSUPPORTED);
  assert_null(vy_pipeline_program(NULL));
  assert_null(vy_pipeline_device(NULL));
  assert_string_equal(vy_pipeline_id(NULL), "");
  vy_ticket_release(NULL);
  vy_prepared_release(NULL);
  vy_outputs_release(NULL);
  vy_pipeline_release(NULL);
  vy_device_release(NULL);
  assert_null(t);
}

// A GPU's grid has fewer than 65536 rows and planes.
static void domains_are_of_any_shape(void **state) {
  static const char *const texts[] = {"program tall(n: write u32[2]) {\n"
                                      "  lanes 1, 70000;\n"
                                      "  atomic_add(n, 0, 1u);\n"
                                      "  atomic_add(n, 1, lane.y);\n"
                                      "}\n",
                                      "program deep(n: write u32[2]) {\n"
                                      "  group 1, 1, 1;\n"
                                      "  groups 1, 1, 70000;\n"
                                      "  atomic_add(n, 0, 1u);\n"
                                      "  atomic_add(n, 1, lane.z);\n"
                                      "}\n"};
  fixture *f = *state;
  const vy_arg none = {0};
  vy_outputs *o = make_outputs(f, 1);
  for (uint32_t k = 0; k < 2; k++) {
    vy_pipeline *p = make_pipeline(f, texts[k], 0);
    expect_ok(f, vy_dispatch(p, &none, 1, NULL, o, NULL, &f->diags));
    expect_slot(o, 0, 70000, 2449965000u);
  }
}

static const struct CMUnitTest tests[] = {
    CASE(domains_are_of_any_shape),
    CASE(batch_equals_singles),
    CASE(batch_items_run_in_order),
    CASE(an_empty_batch_succeeds),
    CASE(a_failing_item_is_named),
    CASE(timing_changes_nothing),
    CASE(device_times_on_request),
    CASE(submissions_run_in_order),
    CASE(a_ticket_outlives_its_objects),
    CASE(releasing_in_flight_is_safe),
    CASE(resident_outputs_feed_the_next),
    CASE(iterations_share_the_buffers),
    CASE(budgets_stop_what_does_not_end),
    CASE(run_equals_a_pipeline),
    CASE(nulls_are_errors),
};
GROUP(calls);

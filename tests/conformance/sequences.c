// Sequences: recorded steps give what the same calls one by one give.
#include "conformance/sequence.h"

static const uint32_t x4[4] = {1, 2, 3, 4};
static const uint32_t y4[4] = {10, 20, 30, 40};

// y[i] += 1
static const char add_one_text[] = "program add_one(y: update u32[]) {\n"
                                   "  lanes len(y);\n"
                                   "  y[lane] = y[lane] + 1u;\n"
                                   "}\n";
// One off n[0].
static const char tick_text[] = "program tick(n: update u32[]) {\n"
                                "  lanes 1;\n"
                                "  n[0] = n[0] - 1u;\n"
                                "}\n";

static void finish(fixture *f, vy_sequence *s) {
  expect_ok(f, vy_sequence_finish(s, &f->diags));
}

static vy_bindings bind(const vy_arg *args, size_t count) {
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = args;
  b.arg_count = count;
  return b;
}

static void replay(fixture *f, vy_sequence *s, const vy_arg *args,
                   size_t count) {
  vy_bindings b = bind(args, count);
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
}

static void passes_are(vy_sequence *s, int32_t step, uint64_t want,
                       uint32_t want_left) {
  uint64_t passes = 77;
  uint32_t left = 77;
  assert_int_equal(vy_sequence_passes(s, step, &passes, &left), VY_OK);
  assert_int_equal(passes, want);
  assert_int_equal(left, want_left);
}

static void steps_see_earlier_ones(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_buffer a = make_buffer(f, x4, 16), b = make_buffer(f, y4, 16);
  vy_sequence *s = make_sequence(f);
  vy_arg to_b[3] = {vy_arg_u32(2), vy_arg_buffer(a), vy_arg_buffer(b)};
  vy_arg to_a[3] = {vy_arg_binding(0), vy_arg_buffer(b), vy_arg_buffer(a)};
  assert_int_equal(vy_sequence_dispatch(s, p, to_b, 3, NULL, VY_SEQUENCE_NONE),
                   0);
  assert_int_equal(vy_sequence_dispatch(s, p, to_a, 3, NULL, VY_SEQUENCE_NONE),
                   1);
  finish(f, s);
  vy_counters before = counters(f);
  replay(f, s, ARGS(vy_arg_u32(1)));
  expect_buffer(f, b, 12, 24, 36, 48);
  expect_buffer(f, a, 13, 26, 39, 52);
  replay(f, s, ARGS(vy_arg_u32(0)));
  expect_buffer(f, b, 38, 76, 114, 152);
  expect_buffer(f, a, 13, 26, 39, 52);
  vy_counters after = counters(f);
  assert_int_equal(after.submissions - before.submissions, 2);
  assert_int_equal(after.dispatches - before.dispatches, 4);
  vy_sequence_release(s);
  drop_buffer(f, a);
  drop_buffer(f, b);
}

// Every kind of binding, and each replay another.
static void bindings_are_replaced(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_sequence *s = make_sequence(f);
  vy_arg args[3] = {vy_arg_binding(2), vy_arg_binding(0), vy_arg_binding(1)};
  (void)vy_sequence_dispatch(s, p, args, 3, NULL, 0);
  finish(f, s);
  vy_outputs *o = make_outputs(f, 1), *o2 = make_outputs(f, 1);
  vy_buffer x = make_buffer(f, x4, 16), y = make_buffer(f, y4, 16);
  vy_arg first[] = {HOST(x4), HOST(y4), vy_arg_u32(3)};
  vy_bindings b = bind(first, 3);
  b.outputs = &o;
  b.output_count = 1;
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  expect_slot(o, 0, 13, 26, 39, 52);
  vy_arg shorter[] = {vy_arg_range(x, 0, 8), vy_arg_host(y4, 8), vy_arg_u32(1)};
  b.args = shorter;
  b.outputs = &o2;
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  expect_slot(o2, 0, 11, 22);
  expect_slot(o, 0, 13, 26, 39, 52);
  vy_arg resident[] = {HOST(x4), vy_arg_buffer(y), vy_arg_u32(2)};
  b.args = resident;
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  expect_buffer(f, y, 12, 24, 36, 48);
  assert_int_equal(vy_outputs_size(o2, 0), 0);
  vy_sequence_release(s);
  drop_buffer(f, x);
  drop_buffer(f, y);
}

static void parts_of_bindings(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  uint32_t data[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  vy_buffer b = make_buffer(f, data, sizeof data);
  vy_sequence *s = make_sequence(f);
  vy_arg host[2] = {vy_arg_binding_range(0, 4, 8),
                    vy_arg_binding_range(1, 16, 8)};
  vy_arg rest[2] = {vy_arg_binding_range(0, 56, UINT64_MAX),
                    vy_arg_binding_range(1, 32, 8)};
  (void)vy_sequence_dispatch(s, p, host, 2, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(s, p, rest, 2, NULL, VY_SEQUENCE_NONE);
  finish(f, s);
  replay(f, s, ARGS(HOST(data), vy_arg_buffer(b)));
  expect_buffer(f, b, 0, 1, 2, 3, 1, 2, 6, 7, 14, 15, 10, 11, 12, 13, 14, 15);
  replay(f, s, ARGS(HOST(data), vy_arg_range(b, 16, 48)));
  expect_buffer(f, b, 0, 1, 2, 3, 1, 2, 6, 7, 1, 2, 10, 11, 14, 15, 14, 15);
  vy_sequence_release(s);
  drop_buffer(f, b);
}

static void writes_are_zeroed_each_time(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  vy_buffer y = make_buffer(f, y4, 16), n = make_buffer(f, NULL, 16);
  vy_pipeline *tick = make_pipeline(f, tick_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_sequence *s = make_sequence(f);
  vy_arg resident = vy_arg_buffer(y), host = vy_arg_length(2);
  vy_arg count = vy_arg_buffer(n);
  int32_t r = vy_sequence_repeat_begin(s, vy_arg_buffer(n), 100);
  (void)vy_sequence_dispatch(s, p, &resident, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(s, p, &host, 1, NULL, 0);
  (void)vy_sequence_dispatch(s, tick, &count, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(s);
  finish(f, s);
  vy_bindings b = VY_BINDINGS_INIT;
  b.outputs = &o;
  b.output_count = 1;
  uint32_t three = 3;
  vy_transfer t = {n, 0, 4, &three};
  expect_ok(f, vy_buffer_upload(f->device, &t, 1, &f->diags));
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  expect_buffer(f, y, 1, 1, 1, 1);
  expect_slot(o, 0, 1, 1);
  passes_are(s, r, 3, 0);
  vy_sequence_release(s);
  drop_buffer(f, y);
  drop_buffer(f, n);
}

static void copies_and_fills(void **state) {
  fixture *f = *state;
  vy_buffer a = make_buffer(f, x4, 16), b = make_buffer(f, y4, 16);
  vy_sequence *s = make_sequence(f);
  (void)vy_sequence_copy(s, vy_arg_range(a, 4, 8), vy_arg_binding(0));
  (void)vy_sequence_fill(s, vy_arg_range(a, 0, 4), 1);
  (void)vy_sequence_fill(s, vy_arg_binding_range(1, 3, 1), 2);
  (void)vy_sequence_copy(s, vy_arg_range(b, 16, 0), vy_arg_range(a, 16, 0));
  (void)vy_sequence_fill(s, vy_arg_range(a, 16, UINT64_MAX), 9);
  finish(f, s);
  replay(f, s, ARGS(vy_arg_range(b, 8, 8), vy_arg_buffer(a)));
  expect_buffer(f, a, 0x02010101, 2, 3, 4);
  expect_buffer(f, b, 10, 20, 2, 3);
  replay(f, s, ARGS(vy_arg_range(b, 0, 8), vy_arg_range(a, 4, 8)));
  expect_buffer(f, a, 0x01010101, 0x02000002, 3, 4);
  expect_buffer(f, b, 2, 3, 2, 3);
  vy_sequence_release(s);
  drop_buffer(f, a);
  drop_buffer(f, b);
}

// ---- repeats

static void set_u32(fixture *f, vy_buffer b, uint64_t offset, uint32_t v) {
  vy_transfer t = {b, offset, 4, &v};
  expect_ok(f, vy_buffer_upload(f->device, &t, 1, &f->diags));
}

static void repeats_until_zero(void **state) {
  fixture *f = *state;
  vy_pipeline *tick = make_pipeline(f, tick_text, 0);
  vy_pipeline *add = make_pipeline(f, add_one_text, 0);
  vy_buffer n = make_buffer(f, NULL, 32), y = make_buffer(f, NULL, 4);
  vy_arg ticked = vy_arg_range(n, 16, 16), added = vy_arg_buffer(y);
  vy_sequence *s = make_sequence(f);
  assert_int_equal(vy_sequence_repeat_begin(s, vy_arg_range(n, 16, 4), 7), 0);
  (void)vy_sequence_dispatch(s, tick, &ticked, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(s, add, &added, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(s);
  finish(f, s);
  passes_are(s, 0, 0, 0);
  static const struct {
    uint32_t start, passes, left;
  } rows[] = {
      {1, 1, 0}, {5, 5, 0}, {7, 7, 0}, {8, 7, 1}, {0, 7, UINT32_MAX - 6}};
  uint32_t sum = 0;
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
    uint64_t before = counters(f).dispatches;
    set_u32(f, n, 16, rows[k].start);
    replay(f, s, NULL, 0);
    passes_are(s, 0, rows[k].passes, rows[k].left);
    sum += rows[k].passes;
    expect_buffer(f, y, sum);
    assert_int_equal(counters(f).dispatches - before, 2 * rows[k].passes);
  }
  vy_sequence_release(s);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

static void no_passes(void **state) {
  fixture *f = *state;
  vy_pipeline *add = make_pipeline(f, bump_text, 0);
  vy_buffer n = make_buffer(f, x4, 16), y = make_buffer(f, y4, 16);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg host = vy_arg_length(3), resident = vy_arg_buffer(y);
  vy_sequence *s = make_sequence(f);
  int32_t outer = vy_sequence_repeat_begin(s, vy_arg_buffer(n), 0);
  (void)vy_sequence_dispatch(s, add, &host, 1, NULL, 0);
  (void)vy_sequence_dispatch(s, add, &resident, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_fill(s, vy_arg_buffer(y), 0);
  int32_t inner = vy_sequence_repeat_begin(s, vy_arg_buffer(n), 5);
  (void)vy_sequence_repeat_end(s);
  (void)vy_sequence_repeat_end(s);
  finish(f, s);
  vy_bindings b = VY_BINDINGS_INIT;
  b.outputs = &o;
  b.output_count = 1;
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  passes_are(s, outer, 0, 0);
  passes_are(s, inner, 0, 0);
  expect_buffer(f, y, 10, 20, 30, 40);
  assert_null(vy_outputs_data(o, 0));
  assert_int_equal(vy_outputs_size(o, 0), 0);
  vy_sequence_release(s);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

// The inner one runs 4, 1, 1 passes: its element is 0 when it begins again, a
// fill sets it to 1 at the end of each outer pass.
static void nested_repeats(void **state) {
  fixture *f = *state;
  vy_pipeline *tick = make_pipeline(f, tick_text, 0);
  vy_pipeline *add = make_pipeline(f, add_one_text, 0);
  uint32_t start[8] = {3, 0, 0, 0, 4};
  vy_buffer n = make_buffer(f, start, 32), y = make_buffer(f, NULL, 4);
  vy_arg outer_n = vy_arg_range(n, 0, 4), inner_n = vy_arg_range(n, 16, 4);
  vy_arg added = vy_arg_buffer(y);
  vy_sequence *s = make_sequence(f);
  int32_t outer = vy_sequence_repeat_begin(s, outer_n, 1000);
  int32_t inner = vy_sequence_repeat_begin(s, inner_n, 1000);
  (void)vy_sequence_dispatch(s, tick, &inner_n, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(s, add, &added, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(s);
  (void)vy_sequence_dispatch(s, tick, &outer_n, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_fill(s, vy_arg_range(n, 16, 1), 1);
  (void)vy_sequence_repeat_end(s);
  finish(f, s);
  replay(f, s, NULL, 0);
  passes_are(s, outer, 3, 0);
  passes_are(s, inner, 6, 0);
  expect_buffer(f, y, 6);
  vy_sequence_release(s);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

// ---- outputs

static void each_step_has_its_outputs(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_buffer y = make_buffer(f, y4, 16);
  vy_outputs *o[3];
  for (int i = 0; i < 3; i++)
    o[i] = make_outputs(f, 1);
  uint32_t memory[4] = {0};
  assert_int_equal(vy_outputs_set(o[0], 0, VY_SLOT_GROW, NULL, 0), VY_OK);
  assert_int_equal(vy_outputs_set(o[2], 0, VY_SLOT_MEMORY, memory, 16), VY_OK);
  vy_arg args[3] = {vy_arg_u32(1), HOST(x4), vy_arg_buffer(y)};
  vy_arg host[3] = {vy_arg_u32(2), vy_arg_buffer(y), HOST(x4)};
  vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
  vy_readback range = {0, 0, 1, 3};
  options.readbacks = &range;
  options.readback_count = 1;
  vy_sequence *s = make_sequence(f);
  (void)vy_sequence_dispatch(s, p, args, 3, NULL, 0);
  (void)vy_sequence_dispatch(s, p, args, 3, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(s, p, host, 3, &options, 1);
  (void)vy_sequence_dispatch(s, p, host, 3, NULL, 2);
  range = (vy_readback){9, 9, 9, 9}; // it was copied
  finish(f, s);
  vy_bindings b = VY_BINDINGS_INIT;
  b.outputs = o;
  b.output_count = 3;
  vy_timing t = VY_TIMING_INIT;
  expect_ok(f, vy_sequence_replay(s, &b, &t, &f->diags));
  assert_true(t.wall_ns > 0);
  expect_slot(o[0], 0, 11, 22, 33, 44);
  expect_buffer(f, y, 12, 24, 36, 48);
  expect_slot(o[1], 0, 50, 75);
  expect_slot(o[2], 0, 25, 50, 75, 100);
  assert_int_equal(memory[3], 100);
  vy_sequence_release(s);
  drop_buffer(f, y);
}

// ---- counts

static void counts_come_from_memory(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, add_one_text, 0);
  vy_buffer n = make_buffer(f, NULL, 32), y = make_buffer(f, NULL, 16);
  vy_arg args = vy_arg_buffer(y);
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.count = vy_arg_range(n, 20, UINT64_MAX);
  vy_prepared *prepared = NULL;
  expect_ok(f, vy_prepare(p, &args, 1, &o, NULL, &prepared, &f->diags));
  vy_sequence *s = make_sequence(f);
  o.count = vy_arg_binding_range(0, 4, 4);
  (void)vy_sequence_dispatch(s, p, &args, 1, &o, VY_SEQUENCE_NONE);
  finish(f, s);
  o.count = vy_arg_range(n, 20, 4);
  static const uint32_t counts[] = {2, 0, 4, 5, UINT32_MAX, 1};
  static const uint32_t runs[] = {2, 0, 4, 4, 4, 1};
  for (int k = 0; k < 6; k++) {
    set_u32(f, n, 20, counts[k]);
    expect_ok(f, vy_buffer_fill(f->device, y, 0, 16, 0, &f->diags));
    expect_ok(f, vy_dispatch(p, &args, 1, &o, NULL, NULL, &f->diags));
    expect_ok(f, vy_prepared_run(prepared, NULL, &f->diags));
    replay(f, s, ARGS(vy_arg_range(n, 16, 16)));
    uint32_t want[4];
    for (uint32_t i = 0; i < 4; i++)
      want[i] = i < runs[k] ? 3 : 0;
    expect_buffer(f, y, want[0], want[1], want[2], want[3]);
  }
  // One that a step before has written, under the lanes of the options.
  vy_pipeline *tick = make_pipeline(f, tick_text, 0);
  vy_arg ticked = vy_arg_range(n, 16, 16);
  vy_sequence *t = make_sequence(f);
  o.count = vy_arg_range(n, 16, 4);
  o.lanes[0] = 3;
  (void)vy_sequence_dispatch(t, tick, &ticked, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(t, p, &args, 1, &o, VY_SEQUENCE_NONE);
  finish(f, t);
  set_u32(f, n, 16, 5);
  for (int k = 0; k < 5; k++) // counts 4, 3, 2, 1, 0
    replay(f, t, NULL, 0);
  expect_buffer(f, y, 3 + 4, 3, 2, 0);
  vy_sequence_release(s);
  vy_sequence_release(t);
  vy_prepared_release(prepared);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

// What the program sees of its domain; dimensions after the first stay.
static void counts_of_groups(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f,
                                 "program shape(y: update u32[]) {\n"
                                 "  group 4, 2;\n"
                                 "  groups 5, 3;\n"
                                 "  atomic_add(y, 0, 1u);\n"
                                 "  atomic_max(y, 1, group_id.x);\n"
                                 "  atomic_max(y, 2, num_groups.x);\n"
                                 "  atomic_max(y, 3, num_groups.y);\n"
                                 "}\n",
                                 0);
  vy_buffer n = make_buffer(f, NULL, 16), y = make_buffer(f, NULL, 16);
  vy_arg args = vy_arg_buffer(y);
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.count = vy_arg_buffer(n);
  set_u32(f, n, 0, 2);
  expect_ok(f, vy_dispatch(p, &args, 1, &o, NULL, NULL, &f->diags));
  expect_buffer(f, y, 2 * 4 * 3 * 2, 1, 2, 3);
  set_u32(f, n, 0, 1u << 31);
  expect_ok(f, vy_buffer_fill(f->device, y, 0, 16, 0, &f->diags));
  expect_ok(f, vy_dispatch(p, &args, 1, &o, NULL, NULL, &f->diags));
  expect_buffer(f, y, 5 * 4 * 3 * 2, 4, 5, 3);
  set_u32(f, n, 0, 0);
  expect_ok(f, vy_buffer_fill(f->device, y, 0, 16, 0, &f->diags));
  expect_ok(f, vy_dispatch(p, &args, 1, &o, NULL, NULL, &f->diags));
  expect_buffer(f, y, 0, 0, 0, 0);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

// A `write` that all lanes together would fill holds zeros beyond the count.
static void counts_leave_zeros(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  uint32_t two = 2;
  vy_buffer n = make_buffer(f, &two, 4), y = make_buffer(f, y4, 16);
  vy_outputs *o = make_outputs(f, 1);
  vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
  options.count = vy_arg_buffer(n);
  expect_ok(f, vy_dispatch(p, ARGS(HOST(x4), vy_arg_buffer(y)), &options, NULL,
                           NULL, &f->diags));
  expect_buffer(f, y, 1, 2, 0, 0);
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_item items[2] = {{args, 2, o}, {args, 2, make_outputs(f, 1)}};
  expect_ok(f, vy_dispatch_batch(p, items, 2, &options, NULL, &f->diags));
  expect_slot(o, 0, 1, 2, 0, 0);
  expect_slot(items[1].outputs, 0, 1, 2, 0, 0);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

// ---- tickets, lifetimes

static void submitted_in_order(void **state) {
  fixture *f = *state;
  vy_pipeline *tick = make_pipeline(f, tick_text, 0);
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  uint32_t start[4] = {50};
  vy_buffer n = make_buffer(f, start, 16), y = make_buffer(f, NULL, 16);
  vy_arg ticked = vy_arg_buffer(n);
  vy_sequence *s = make_sequence(f);
  (void)vy_sequence_repeat_begin(s, vy_arg_buffer(n), 40);
  (void)vy_sequence_dispatch(s, tick, &ticked, 1, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(s);
  finish(f, s);
  vy_ticket *t = NULL, *t2 = NULL;
  vy_arg args[3] = {vy_arg_u32(1), vy_arg_buffer(n), vy_arg_buffer(y)};
  vy_item item = {args, 3, NULL};
  expect_ok(f, vy_sequence_submit(s, NULL, NULL, 0, &t, &f->diags));
  expect_ok(f, vy_submit(p, &item, 1, NULL, &t, 1, &t2, &f->diags));
  vy_sequence_release(s); // the replay goes on
  expect_ok(f, vy_wait(t2, UINT64_MAX, NULL, &f->diags));
  vy_timing timing = VY_TIMING_INIT;
  expect_ok(f, vy_wait(t, 0, &timing, &f->diags));
  expect_buffer(f, y, 10, 0, 0, 0);
  expect_buffer(f, n, 10, 0, 0, 0);
  vy_ticket_release(t);
  vy_ticket_release(t2);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

static void everything_may_go_before_it(void **state) {
  fixture *f = *state;
  vy_program *program = make_program(f, add_one_text);
  vy_pipeline *p = NULL;
  expect_ok(f, vy_compile(f->device, program, NULL, &p, &f->diags));
  vy_sequence *s = make_sequence(f);
  vy_buffer y = make_buffer(f, x4, 16);
  vy_arg args = vy_arg_binding(0);
  (void)vy_sequence_dispatch(s, p, &args, 1, NULL, VY_SEQUENCE_NONE);
  vy_pipeline_release(p);
  finish(f, s);
  replay(f, s, ARGS(vy_arg_buffer(y)));
  expect_buffer(f, y, 2, 3, 4, 5);
  vy_sequence *same = vy_sequence_retain(s);
  vy_sequence_release(s);
  replay(f, same, ARGS(vy_arg_buffer(y)));
  expect_buffer(f, y, 3, 4, 5, 6);
  vy_sequence_release(same);
  vy_sequence_release(make_sequence(f)); // never finished
  vy_sequence_release(NULL);
  drop_buffer(f, y);
}

static void nothing_to_do(void **state) {
  fixture *f = *state;
  vy_sequence *s = make_sequence(f);
  finish(f, s);
  vy_timing t = VY_TIMING_INIT;
  expect_ok(f, vy_sequence_replay(s, NULL, &t, &f->diags));
  vy_sequence_release(s);
}

static const struct CMUnitTest tests[] = {
    CASE(steps_see_earlier_ones),
    CASE(bindings_are_replaced),
    CASE(parts_of_bindings),
    CASE(writes_are_zeroed_each_time),
    CASE(copies_and_fills),
    CASE(repeats_until_zero),
    CASE(no_passes),
    CASE(nested_repeats),
    CASE(each_step_has_its_outputs),
    CASE(counts_come_from_memory),
    CASE(counts_of_groups),
    CASE(counts_leave_zeros),
    CASE(submitted_in_order),
    CASE(everything_may_go_before_it),
    CASE(nothing_to_do),
};
GROUP(sequences);

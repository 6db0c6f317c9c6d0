// Outputs: slots, zeroing, readback.
#include "conformance/conformance.h"

static const uint32_t x4[4] = {1, 2, 3, 4};

static void outputs_are_in_order_of_declaration(void **state) {
  fixture *f = *state;
  vy_pipeline *p =
      make_pipeline(f,
                    "program p(c: write u32[len(a)], a: read u32[], k: u32,\n"
                    "          b: update u32[], d: write u32[]) {\n"
                    "  lanes len(a);\n"
                    "  c[lane] = a[lane] + k;\n"
                    "  b[lane] = b[lane] * 2u;\n"
                    "  if (lane == 0u) { d[0] = 77u; }\n"
                    "}",
                    0);
  vy_outputs *o = make_outputs(f, 3);
  static const uint32_t b[4] = {5, 6, 7, 8};
  vy_arg args[5] = {vy_arg_none(), HOST(x4), vy_arg_u32(100), HOST(b),
                    vy_arg_length(2)};
  expect_ok(f, vy_dispatch(p, args, 5, NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 101, 102, 103, 104);
  expect_slot(o, 1, 10, 12, 14, 16);
  expect_slot(o, 2, 77, 0);
  // Likewise when some are resident.
  vy_buffer rb = make_buffer(f, b, sizeof b);
  args[3] = vy_arg_buffer(rb);
  expect_ok(f, vy_dispatch(p, args, 5, NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 101, 102, 103, 104);
  assert_null(vy_outputs_data(o, 1));
  assert_int_equal(vy_outputs_size(o, 1), 0);
  expect_slot(o, 2, 77, 0);
  expect_buffer(f, rb, 10, 12, 14, 16);
  drop_buffer(f, rb);
}

static void writes_are_zero_on_every_path(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  static const uint32_t junk[4] = {9, 9, 9, 9};
  uint32_t memory[4];
  vy_outputs *grow = make_outputs(f, 1), *mem = make_outputs(f, 1);
  vy_buffer b = make_buffer(f, junk, sizeof junk), out = {0};
  vy_arg n = vy_arg_length(4), r = vy_arg_buffer(b);
  vy_item items[2] = {{&n, 1, grow}, {&r, 1, NULL}};
  vy_prepared *prepared = NULL;
  vy_timing t = VY_TIMING_INIT;
  for (int round = 0; round < 2; round++) {
    expect_ok(f, vy_dispatch(p, &n, 1, NULL, grow, NULL, &f->diags));
    expect_slot(grow, 0, 1, 1, 1, 1);
    memcpy(memory, junk, sizeof junk);
    assert_int_equal(vy_outputs_set(mem, 0, VY_SLOT_MEMORY, memory, 16), VY_OK);
    expect_ok(f, vy_dispatch(p, &n, 1, NULL, mem, &t, &f->diags));
    expect_slot(mem, 0, 1, 1, 1, 1);
    expect_ok(f, vy_dispatch(p, &r, 1, NULL, NULL, NULL, &f->diags));
    expect_buffer(f, b, 1, 1, 1, 1);
    expect_ok(f, vy_dispatch_resident(p, &r, 1, NULL, &out, 1, &t, &f->diags));
    assert_int_equal(out.id, b.id);
    expect_buffer(f, b, 1, 1, 1, 1);
    expect_ok(f, vy_dispatch_batch(p, items, 2, NULL, NULL, &f->diags));
    expect_slot(grow, 0, 1, 1, 1, 1);
    expect_buffer(f, b, 1, 1, 1, 1);
  }
  expect_ok(f, vy_prepare(p, &n, 1, NULL, grow, &prepared, &f->diags));
  for (int round = 0; round < 3; round++) {
    expect_ok(f, vy_prepared_run(prepared, NULL, &f->diags));
    expect_slot(grow, 0, 1, 1, 1, 1);
  }
  vy_prepared_release(prepared);
  drop_buffer(f, b);
}

static void slots_are_reused_and_grow(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  static const uint32_t sizes[] = {100, 50, 100, 0, 200};
  const void *data[5];
  for (int k = 0; k < 5; k++) {
    vy_arg n = vy_arg_length(sizes[k]);
    expect_ok(f, vy_dispatch(p, &n, 1, NULL, o, NULL, &f->diags));
    assert_int_equal(vy_outputs_size(o, 0), sizes[k] * 4);
    data[k] = vy_outputs_data(o, 0);
  }
  assert_ptr_equal(data[0], data[1]);
  assert_ptr_equal(data[0], data[2]);
  assert_true(vy_outputs_capacity(o, 0) >= 800);
  vy_outputs_stats s = VY_OUTPUTS_STATS_INIT;
  assert_int_equal(vy_outputs_describe(o, &s), VY_OK);
  assert_int_equal(s.grown, 2);
  assert_int_equal(s.reused, 3);
  assert_int_equal(s.bytes, 4 * (100 + 50 + 100 + 0 + 200));
  vy_counters c = counters(f);
  assert_int_equal(c.slots_grown, 2);
  assert_int_equal(c.slots_reused, 3);
  assert_int_equal(c.bytes_out, s.bytes);
}

static void too_small_memory_writes_nothing(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(
      f,
      "program p(x: read u32[], a: write u32[len(x)], "
      "b: write u32[len(x)]) {\n lanes len(x); a[lane] = 1u; b[lane] = 2u; "
      "}",
      0);
  vy_outputs *o = make_outputs(f, 2);
  uint32_t a[6], b[6];
  memset(a, 0xEE, sizeof a);
  memset(b, 0xEE, sizeof b);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, a + 1, 16), VY_OK);
  assert_int_equal(vy_outputs_set(o, 1, VY_SLOT_MEMORY, b + 1, 15), VY_OK);
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_arg all[3] = {args[0], args[1], args[1]};
  vy_status s = vy_dispatch(p, all, 3, NULL, o, NULL, &f->diags);
  expect_says(f, "16 bytes");
  expect_code(f, s, VY_ERROR_OUTPUT_TOO_SMALL, 614);
  for (int i = 0; i < 6; i++)
    assert_true(a[i] == 0xEEEEEEEE && b[i] == 0xEEEEEEEE);
  assert_int_equal(vy_outputs_set(o, 1, VY_SLOT_MEMORY, b + 1, 16), VY_OK);
  expect_ok(f, vy_dispatch(p, all, 3, NULL, o, NULL, &f->diags));
  for (int i = 0; i < 6; i++) {
    bool inside = i >= 1 && i <= 4;
    assert_int_equal(a[i], inside ? 1 : 0xEEEEEEEE);
    assert_int_equal(b[i], inside ? 2 : 0xEEEEEEEE);
  }
}

static void an_early_error_keeps_what_slots_hold(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_outputs *a = make_outputs(f, 1), *b = make_outputs(f, 1);
  vy_arg good[2] = {HOST(x4), vy_arg_none()}, bad[2] = {good[0], good[0]};
  uint32_t big[64] = {0};
  vy_arg larger[2] = {HOST(big), vy_arg_none()};
  expect_ok(f, vy_dispatch(p, good, 2, NULL, a, NULL, &f->diags));
  vy_item items[2] = {{larger, 2, a}, {bad, 2, b}};
  vy_status s = vy_dispatch_batch(p, items, 2, NULL, NULL, &f->diags);
  assert_int_equal(f->records[0].item, 1);
  expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 603);
  expect_slot(a, 0, 1, 2, 3, 4);
}

static void modes_are_checked(void **state) {
  fixture *f = *state;
  vy_outputs *o = make_outputs(f, 1), *none = NULL;
  uint32_t m[4];
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  assert_int_equal(vy_outputs_set(NULL, 0, 0, NULL, 0), bad);
  assert_int_equal(vy_outputs_set(o, 1, 0, NULL, 0), bad);
  assert_int_equal(vy_outputs_set(o, 0, 4, NULL, 0), bad);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_GROW, m, 16), bad);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_SKIP, NULL, 16), bad);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, NULL, 16), bad);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, NULL, 0), VY_OK);
  assert_int_equal(vy_outputs_count(o), 1);
  assert_int_equal(vy_outputs_count(NULL), 0);
  assert_null(vy_outputs_data(o, 1));
  assert_null(vy_outputs_data(NULL, 0));
  assert_int_equal(vy_outputs_size(o, 7), 0);
  assert_int_equal(vy_outputs_capacity(NULL, 0), 0);
  assert_int_equal(vy_outputs_describe(o, NULL), bad);
  expect_code(f, vy_outputs_create(f->context, UINT32_MAX, &none, &f->diags),
              bad, 600);
  expect_code(f, vy_outputs_create(NULL, 1, &none, &f->diags), bad, 600);
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  expect_code(f, vy_dispatch(p, args, 2, NULL, NULL, NULL, &f->diags), bad,
              617);
  expect_code(
      f, vy_dispatch(p, args, 2, NULL, make_outputs(f, 2), NULL, &f->diags),
      bad, 616);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_SKIP, NULL, 0), VY_OK);
  expect_ok(f, vy_dispatch(p, args, 2, NULL, o, NULL, &f->diags));
  assert_null(vy_outputs_data(o, 0));
}

static void output_bytes_are_limited(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  vy_arg n = vy_arg_length(4), huge = vy_arg_length(0x1FFFFFFF);
  d.max_output_bytes = 15;
  expect_code(f, vy_dispatch(p, &n, 1, &d, o, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 615);
  d.max_output_bytes = 16;
  expect_ok(f, vy_dispatch(p, &n, 1, &d, o, NULL, &f->diags));
  expect_code(f, vy_dispatch(p, &huge, 1, &d, o, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 615);
  expect_slot(o, 0, 1, 1, 1, 1);
}

// ---- readback

static const char numbers_text[] =
    "program p(lo: u32, hi: u32, y: write u32[8] readback [lo, hi)) {\n"
    "  lanes 8;\n"
    "  y[lane] = lane;\n"
    "}";

static void readback_of_the_program(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, numbers_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg n = vy_arg_none();
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(2), vy_arg_u32(5), n), NULL, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 2, 3, 4);
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(6), vy_arg_u32(50), n), NULL, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 6, 7);
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(9), vy_arg_u32(50), n), NULL, o,
                           NULL, &f->diags));
  assert_int_equal(vy_outputs_size(o, 0), 0);
  expect_code(f,
              vy_dispatch(p, ARGS(vy_arg_u32(5), vy_arg_u32(4), n), NULL, o,
                          NULL, &f->diags),
              VY_ERROR_DISPATCH_FAILED, 702);
  // A MEMORY slot needs only what returns.
  uint32_t m[3] = {99, 99, 99};
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, m, 8), VY_OK);
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(2), vy_arg_u32(4), n), NULL, o,
                           NULL, &f->diags));
  assert_true(m[0] == 2 && m[1] == 3 && m[2] == 99);
  expect_code(f,
              vy_dispatch(p, ARGS(vy_arg_u32(2), vy_arg_u32(5), n), NULL, o,
                          NULL, &f->diags),
              VY_ERROR_OUTPUT_TOO_SMALL, 614);
  // The options replace it.
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  vy_readback r = {0, 0, 7, UINT64_MAX};
  d.readbacks = &r;
  d.readback_count = 1;
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(5), vy_arg_u32(4), n), &d, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 7);
}

static const char found_text[] =
    "program p(k: u32, x: read u32[], n: write u32[2],\n"
    "          y: write u32[len(x)] readback [n[1], n[0])) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] * 10u;\n"
    "  if (lane == 0u) { n[0] = k; n[1] = 1u; }\n"
    "}";

static void readback_by_what_the_run_wrote(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, found_text, 0);
  vy_outputs *o = make_outputs(f, 2);
  vy_arg args[4] = {vy_arg_u32(3), HOST(x4), vy_arg_none(), vy_arg_none()};
  expect_ok(f, vy_dispatch(p, args, 4, NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 3, 1);
  expect_slot(o, 1, 20, 30);
  // Also when the bound's output stays: skipped, or resident.
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_SKIP, NULL, 0), VY_OK);
  expect_ok(f, vy_dispatch(p, args, 4, NULL, o, NULL, &f->diags));
  expect_slot(o, 1, 20, 30);
  vy_buffer n = make_buffer(f, NULL, 8), y = make_buffer(f, NULL, 16);
  args[2] = vy_arg_buffer(n);
  args[3] = vy_arg_buffer(y);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_DEFAULT, NULL, 0), VY_OK);
  assert_int_equal(vy_outputs_set(o, 1, VY_SLOT_GROW, NULL, 0), VY_OK);
  expect_ok(f, vy_dispatch(p, args, 4, NULL, o, NULL, &f->diags));
  expect_slot(o, 1, 20, 30);
  expect_buffer(f, y, 10, 20, 30, 40);
  expect_buffer(f, n, 3, 1);
  args[2] = args[3] = vy_arg_none();
  // Above the length: cut. Below lo: a failure at run time, slots empty.
  args[0] = vy_arg_u32(1000);
  expect_ok(f, vy_dispatch(p, args, 4, NULL, o, NULL, &f->diags));
  expect_slot(o, 1, 20, 30, 40);
  args[0] = vy_arg_u32(0);
  expect_code(f, vy_dispatch(p, args, 4, NULL, o, NULL, &f->diags),
              VY_ERROR_DISPATCH_FAILED, 702);
  assert_int_equal(vy_outputs_size(o, 0), 0);
  assert_null(vy_outputs_data(o, 1));
  // The slot must hold the whole output.
  uint32_t m[4];
  assert_int_equal(vy_outputs_set(o, 1, VY_SLOT_MEMORY, m, 12), VY_OK);
  args[0] = vy_arg_u32(2);
  expect_code(f, vy_dispatch(p, args, 4, NULL, o, NULL, &f->diags),
              VY_ERROR_OUTPUT_TOO_SMALL, 614);
  drop_buffer(f, n);
  drop_buffer(f, y);
}

static void a_slot_narrows_and_serves_as_bound(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, found_text, 0);
  vy_outputs *o = make_outputs(f, 2);
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  vy_readback r = {0, 0, 1, 2}; // n returns without the element y needs
  d.readbacks = &r;
  d.readback_count = 1;
  vy_arg args[4] = {vy_arg_u32(2), HOST(x4), vy_arg_none(), vy_arg_none()};
  expect_ok(f, vy_dispatch(p, args, 4, &d, o, NULL, &f->diags));
  expect_slot(o, 0, 1);
  expect_slot(o, 1, 20);
}

static void a_failed_run_leaves_slots_empty(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(
      f,
      "program p(x: read u32[], i: u32, y: write u32[1]) {\n lanes 1; "
      "y[0] = x[i]; }",
      VY_COMPILE_STRICT);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg args[3] = {HOST(x4), vy_arg_u32(3), vy_arg_none()};
  expect_ok(f, vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 4);
  args[1] = vy_arg_u32(4);
  vy_status s = vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags);
  assert_int_equal(f->records[0].line, 2);
  assert_int_equal(f->records[0].item, UINT32_MAX);
  expect_code(f, s, VY_ERROR_BOUNDS, 700);
  assert_int_equal(vy_outputs_size(o, 0), 0);
  assert_null(vy_outputs_data(o, 0));
  args[1] = vy_arg_u32(0);
  expect_ok(f, vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 1);
}

static const struct CMUnitTest tests[] = {
    CASE(outputs_are_in_order_of_declaration),
    CASE(writes_are_zero_on_every_path),
    CASE(slots_are_reused_and_grow),
    CASE(too_small_memory_writes_nothing),
    CASE(an_early_error_keeps_what_slots_hold),
    CASE(modes_are_checked),
    CASE(output_bytes_are_limited),
    CASE(readback_of_the_program),
    CASE(readback_by_what_the_run_wrote),
    CASE(a_slot_narrows_and_serves_as_bound),
    CASE(a_failed_run_leaves_slots_empty),
};
GROUP(outputs);

// Prepared dispatches: equal to plain ones, checked as they are, and anew where
// a scalar changes what is checked.
#include "conformance/conformance.h"

static const uint32_t x4[4] = {1, 2, 3, 4};
static const uint32_t y4[4] = {10, 20, 30, 40};

static void prepared_equals_plain(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_prepared *r = NULL;
  vy_timing t = VY_TIMING_INIT;
  static uint32_t z4[4] = {100, 100, 100, 100};
  vy_arg args[3] = {vy_arg_u32(2), HOST(x4), HOST(y4)};
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  vy_readback range = {0, 0, 1, 4};
  d.readbacks = &range;
  d.readback_count = 1;
  expect_ok(f, vy_prepare(p, args, 3, &d, o, &r, &f->diags));
  range.lo = 4; // copied
  for (int k = 0; k < 3; k++) {
    expect_ok(f, vy_prepared_run(r, k ? &t : NULL, &f->diags));
    expect_slot(o, 0, 24, 36, 48);
  }
  assert_true(t.enqueue_ns + t.wait_ns <= t.wall_ns);
  vy_arg a = vy_arg_u32(3), x = HOST(z4), y = HOST(x4);
  expect_ok(f, vy_prepared_set(r, 0, &a, &f->diags));
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 26, 39, 52);
  expect_ok(f, vy_prepared_set(r, 1, &x, &f->diags));
  expect_ok(f, vy_prepared_set(r, 2, &y, &f->diags));
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 302, 303, 304);
  z4[3] = 1; // the memory is borrowed, not copied
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 302, 303, 7);
  z4[3] = 100;
  vy_prepared_retain(r);
  vy_prepared_release(r);
  vy_prepared_release(r);
}

static void prepared_is_checked(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_prepared *r = NULL, *other = NULL;
  vy_buffer b = make_buffer(f, x4, sizeof x4);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  vy_arg args[3] = {vy_arg_u32(2), vy_arg_buffer(b), HOST(y4)};
  expect_code(f, vy_prepare(p, args, 2, NULL, o, &r, &f->diags), bad, 602);
  expect_code(f, vy_prepare(NULL, args, 3, NULL, o, &r, &f->diags), bad, 600);
  expect_code(f, vy_prepare(p, args, 3, NULL, NULL, &r, &f->diags), bad, 617);
  expect_ok(f, vy_prepare(p, args, 3, NULL, o, &r, &f->diags));
  // The outputs are its own now.
  expect_code(f, vy_prepare(p, args, 3, NULL, o, &other, &f->diags),
              VY_ERROR_BUSY, 618);
  expect_code(f, vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags),
              VY_ERROR_BUSY, 618);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_SKIP, NULL, 0), VY_ERROR_BUSY);
  vy_arg wrong[] = {vy_arg_f32(1), HOST(x4), vy_arg_host(y4, 12),
                    vy_arg_range(b, 0, 12)};
  expect_code(f, vy_prepared_set(r, 0, &wrong[0], &f->diags), bad, 604);
  expect_code(f, vy_prepared_set(r, 1, &wrong[1], &f->diags), bad, 623);
  expect_code(f, vy_prepared_set(r, 2, &wrong[2], &f->diags), bad, 623);
  expect_code(f, vy_prepared_set(r, 1, &wrong[3], &f->diags), bad, 623);
  expect_code(f, vy_prepared_set(r, 3, &wrong[0], &f->diags), bad, 600);
  expect_code(f, vy_prepared_set(r, 0, NULL, &f->diags), bad, 600);
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 12, 24, 36, 48);
  // A buffer freed meanwhile is stale, and nothing is harmed.
  drop_buffer(f, b);
  expect_code(f, vy_prepared_run(r, NULL, &f->diags), VY_ERROR_STALE_HANDLE,
              613);
  vy_buffer c = make_buffer(f, x4, sizeof x4);
  vy_arg fresh = vy_arg_buffer(c);
  expect_ok(f, vy_prepared_set(r, 1, &fresh, &f->diags));
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 12, 24, 36, 48);
  vy_prepared_release(r);
  expect_ok(f, vy_dispatch(p, ARGS(args[0], fresh, args[2]), NULL, o, NULL,
                           &f->diags));
  drop_buffer(f, c);
}

static void prepared_scalars_that_size_are_checked_anew(void **state) {
  fixture *f = *state;
  vy_pipeline *p =
      make_pipeline(f,
                    "program p(n: u32, y: write u32[8 - n]) { lanes len(y); "
                    "y[lane] = n; }",
                    0);
  vy_outputs *o = make_outputs(f, 1);
  vy_prepared *r = NULL;
  expect_ok(f, vy_prepare(p, ARGS(vy_arg_u32(6), vy_arg_none()), NULL, o, &r,
                          &f->diags));
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 6, 6);
  vy_arg n = vy_arg_u32(9);
  expect_code(f, vy_prepared_set(r, 0, &n, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 608);
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 6, 6);
  n = vy_arg_u32(3);
  expect_ok(f, vy_prepared_set(r, 0, &n, &f->diags));
  expect_ok(f, vy_prepared_run(r, NULL, &f->diags));
  expect_slot(o, 0, 3, 3, 3, 3, 3);
  vy_prepared_release(r);
}

static const struct CMUnitTest tests[] = {
    CASE(prepared_equals_plain),
    CASE(prepared_is_checked),
    CASE(prepared_scalars_that_size_are_checked_anew),
};
GROUP(prepared);

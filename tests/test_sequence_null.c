// A replay in flight, on the null device, which holds it until it is released.
#include "conformance/sequence.h"

static const uint32_t x4[4] = {1, 2, 3, 4};

static int open_null(void **state) {
  *state = fixture_new("null");
  return 0;
}

static void release(fixture *f, uint32_t count) {
  assert_int_equal(vy_null_device_release(f->device, count), VY_OK);
}

typedef struct held {
  vy_sequence *s;
  vy_outputs *outputs;
  vy_buffer y;
  vy_arg args[1];
  vy_bindings bindings;
} held;

// copy x4 -> outputs, fill y with 3, copy binding 0 -> y
static void make_held(fixture *f, held *h) {
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  h->s = make_sequence(f);
  h->outputs = make_outputs(f, 1);
  h->y = make_buffer(f, x4, 16);
  vy_arg out[2] = {HOST(x4), vy_arg_none()};
  vy_arg to_y[2] = {vy_arg_binding(0), vy_arg_range(h->y, 0, 16)};
  (void)vy_sequence_dispatch(h->s, p, out, 2, NULL, 0);
  (void)vy_sequence_fill(h->s, vy_arg_buffer(h->y), 3);
  (void)vy_sequence_dispatch(h->s, p, to_y, 2, NULL, VY_SEQUENCE_NONE);
  expect_ok(f, vy_sequence_finish(h->s, &f->diags));
  h->args[0] = HOST(x4);
  h->bindings = (vy_bindings)VY_BINDINGS_INIT;
  h->bindings.args = h->args;
  h->bindings.arg_count = 1;
  h->bindings.outputs = &h->outputs;
  h->bindings.output_count = 1;
}

static void one_replay_at_a_time(void **state) {
  fixture *f = *state;
  held h;
  make_held(f, &h);
  vy_ticket *t = NULL, *t2 = NULL;
  expect_ok(f, vy_sequence_submit(h.s, &h.bindings, NULL, 0, &t, &f->diags));
  expect_code(f, vy_sequence_submit(h.s, &h.bindings, NULL, 0, &t2, &f->diags),
              VY_ERROR_BUSY, 628);
  expect_code(f, vy_sequence_replay(h.s, &h.bindings, NULL, &f->diags),
              VY_ERROR_BUSY, 628);
  uint64_t passes;
  assert_int_equal(vy_sequence_passes(h.s, 0, &passes, NULL),
                   VY_ERROR_INVALID_ARGUMENT); // that comes first
  expect_code(f, vy_wait(t, 0, NULL, &f->diags), VY_ERROR_TIMEOUT, 624);
  assert_int_equal(vy_outputs_set(h.outputs, 0, VY_SLOT_SKIP, NULL, 0),
                   VY_ERROR_BUSY);
  assert_null(vy_outputs_data(h.outputs, 0));
  release(f, 1);
  expect_ok(f, vy_wait(t, 0, NULL, &f->diags));
  expect_slot(h.outputs, 0, 0, 0, 0, 0);
  expect_buffer(f, h.y, 0, 0, 0, 0);
  expect_ok(f, vy_sequence_submit(h.s, &h.bindings, NULL, 0, &t2, &f->diags));
  release(f, 1);
  expect_ok(f, vy_wait(t2, UINT64_MAX, NULL, &f->diags));
  vy_ticket_release(t);
  vy_ticket_release(t2);
  vy_sequence_release(h.s);
  drop_buffer(f, h.y);
}

// Everything goes while it is in flight; the handles are dead at once.
static void all_may_go_in_flight(void **state) {
  fixture *f = *state;
  held h;
  make_held(f, &h);
  vy_ticket *t = NULL, *t2 = NULL;
  expect_ok(f, vy_sequence_submit(h.s, &h.bindings, NULL, 0, &t, &f->diags));
  drop_buffer(f, h.y);
  uint64_t size;
  expect_code(f, vy_buffer_size(f->device, h.y, &size, &f->diags),
              VY_ERROR_STALE_HANDLE, 613);
  assert_int_equal(counters(f).live_buffers, 1);
  vy_sequence_release(h.s);
  vy_ticket_release(t);
  release(f, 1);
  assert_int_equal(counters(f).live_buffers, 0);
  expect_slot(h.outputs, 0, 0, 0, 0, 0);
  // And when the device closes under it.
  make_held(f, &h);
  expect_ok(f, vy_sequence_submit(h.s, &h.bindings, NULL, 0, &t2, &f->diags));
  vy_sequence_release(h.s);
  vy_ticket_release(t2);
  drop_buffer(f, h.y);
}

static void it_waits_for_others(void **state) {
  fixture *f = *state, *other = fixture_new("null");
  held h;
  make_held(f, &h);
  vy_pipeline *p = make_pipeline(other, bump_text, 0);
  vy_arg length = vy_arg_length(2);
  vy_item item = {&length, 1, make_outputs(other, 1)};
  vy_ticket *first = NULL, *t = NULL;
  expect_ok(other,
            vy_submit(p, &item, 1, NULL, NULL, 0, &first, &other->diags));
  expect_ok(f, vy_sequence_submit(h.s, &h.bindings, &first, 1, &t, &f->diags));
  release(other, 1);
  release(f, 1); // would block before
  expect_ok(f, vy_wait(t, 0, NULL, &f->diags));
  vy_ticket *none = NULL;
  expect_code(f, vy_sequence_submit(h.s, &h.bindings, &none, 1, &t, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
  vy_ticket_release(t);
  vy_ticket_release(first);
  vy_sequence_release(h.s);
  drop_buffer(f, h.y);
  fixture_free(other);
}

#define NULL_CASE(f)                                                           \
  cmocka_unit_test_setup_teardown(f, open_null, fixture_close)

int main(void) {
  const struct CMUnitTest tests[] = {
      NULL_CASE(one_replay_at_a_time),
      NULL_CASE(all_may_go_in_flight),
      NULL_CASE(it_waits_for_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// What is true while a submission is in flight, on the null device, which
// holds each until it is released.
#include "conformance/conformance.h"

#include <pthread.h>
#include <sched.h>

static const uint32_t x4[4] = {1, 2, 3, 4};

static int open_null(void **state) {
  *state = fixture_new("null");
  return 0;
}

static vy_ticket *start(fixture *f, vy_pipeline *p, vy_outputs *o,
                        vy_ticket *after) {
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_item item = {args, 2, o};
  vy_ticket *t = NULL;
  expect_ok(f, vy_submit(p, &item, 1, NULL, after ? &after : NULL,
                         after ? 1 : 0, &t, &f->diags));
  return t;
}

static void release(fixture *f, uint32_t count) {
  assert_int_equal(vy_null_device_release(f->device, count), VY_OK);
}

static bool done(vy_ticket *t) {
  uint32_t d = 7;
  assert_int_equal(vy_poll(t, &d), VY_OK);
  assert_true(d == 0 || d == 1);
  return d;
}

static void tickets_wait_and_time_out(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_outputs *o = make_outputs(f, 1), *o2 = make_outputs(f, 1);
  vy_ticket *a = start(f, p, o, NULL), *b = start(f, p, o2, a);
  assert_false(done(a));
  expect_code(f, vy_wait(a, 0, NULL, &f->diags), VY_ERROR_TIMEOUT, 624);
  expect_code(f, vy_wait(a, 1000, NULL, &f->diags), VY_ERROR_TIMEOUT, 624);
  assert_false(done(a));
  release(f, 1); // the oldest
  assert_true(done(a));
  assert_false(done(b));
  expect_ok(f, vy_wait(a, UINT64_MAX, NULL, &f->diags));
  expect_slot(o, 0, 0, 0, 0, 0);
  release(f, 5);
  expect_ok(f, vy_wait(b, 0, NULL, &f->diags));
  vy_ticket_release(a);
  vy_ticket_release(b);
}

static void a_slot_in_flight_is_busy(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_ticket *a = start(f, p, o, NULL), *b = NULL;
  vy_prepared *r = NULL;
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_item item = {args, 2, o};
  vy_outputs_stats s = VY_OUTPUTS_STATS_INIT;
  expect_code(f, vy_submit(p, &item, 1, NULL, NULL, 0, &b, &f->diags),
              VY_ERROR_BUSY, 618);
  expect_code(f, vy_prepare(p, args, 2, NULL, o, &r, &f->diags), VY_ERROR_BUSY,
              618);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_SKIP, NULL, 0), VY_ERROR_BUSY);
  assert_int_equal(vy_outputs_describe(o, &s), VY_ERROR_BUSY);
  assert_null(vy_outputs_data(o, 0));
  assert_int_equal(vy_outputs_size(o, 0), 0);
  assert_int_equal(vy_outputs_capacity(o, 0), 0);
  release(f, 1);
  expect_slot(o, 0, 0, 0, 0, 0);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_SKIP, NULL, 0), VY_OK);
  vy_ticket_release(a);
}

static void freeing_a_busy_buffer_is_deferred(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_buffer x = make_buffer(f, x4, 16), y = make_buffer(f, x4, 16);
  vy_arg args[2] = {vy_arg_buffer(x), vy_arg_buffer(y)};
  vy_item item = {args, 2, NULL};
  vy_ticket *t = NULL;
  expect_ok(f, vy_submit(p, &item, 1, NULL, NULL, 0, &t, &f->diags));
  drop_buffer(f, x);
  drop_buffer(f, y);
  uint64_t size;
  expect_code(f, vy_buffer_size(f->device, y, &size, &f->diags),
              VY_ERROR_STALE_HANDLE, 613); // the handle is dead at once
  assert_int_equal(counters(f).live_buffers, 2);
  vy_buffer z = make_buffer(f, NULL, 16);
  assert_true(z.id != x.id && z.id != y.id);
  release(f, 1); // writes to y's memory
  assert_int_equal(counters(f).live_buffers, 1);
  expect_buffer(f, z, 0, 0, 0, 0);
  drop_buffer(f, z);
  vy_ticket_release(t);
}

static void releasing_everything_in_flight(void **state) {
  fixture *f = *state;
  vy_pipeline *p = NULL;
  vy_outputs *o = NULL;
  expect_ok(f, vy_compile(f->device, make_program(f, copy_text), NULL, &p,
                          &f->diags));
  expect_ok(f, vy_outputs_create(f->context, 1, &o, &f->diags));
  vy_ticket_release(start(f, p, o, NULL));
  vy_outputs_release(o);
  vy_pipeline_release(p);
  // Closing the fixture releases the device, which lets what is held end.
}

static void waiting_on_another_device(void **state) {
  fixture *f = *state;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  vy_device *other = NULL;
  vy_pipeline *q = NULL;
  expect_ok(f, vy_device_open(f->context, &desc, &other, &f->diags));
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  expect_ok(f, vy_compile(other, f->programs[0], NULL, &q, &f->diags));
  vy_outputs *o = make_outputs(f, 1), *o2 = make_outputs(f, 1);
  vy_ticket *a = start(f, p, o, NULL), *b = start(f, q, o2, a);
  // b is on a device of its own, but after a, which is held.
  expect_code(f, vy_wait(b, 1000000, NULL, &f->diags), VY_ERROR_TIMEOUT, 624);
  vy_ticket_release(a); // b keeps it
  release(f, 1);
  expect_ok(f, vy_wait(b, UINT64_MAX, NULL, &f->diags));
  expect_slot(o2, 0, 1, 2, 3, 4);
  vy_ticket_release(b);
  vy_pipeline_release(q);
  vy_device_release(other);
}

static void a_device_closes_before_who_waits_for_it(void **state) {
  fixture *f = *state;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("null");
  vy_device *other = NULL;
  vy_pipeline *q = NULL;
  expect_ok(f, vy_device_open(f->context, &desc, &other, &f->diags));
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  expect_ok(f, vy_compile(other, f->programs[0], NULL, &q, &f->diags));
  vy_outputs *o = make_outputs(f, 1), *o2 = make_outputs(f, 1);
  vy_ticket *a = start(f, q, o, NULL), *b = start(f, p, o2, a);
  vy_ticket_release(a);
  vy_pipeline_release(q);
  vy_device_release(other); // completes a
  release(f, 1);
  expect_ok(f, vy_wait(b, UINT64_MAX, NULL, &f->diags));
  vy_ticket_release(b);
}

static void *run_prepared(void *user) {
  return vy_prepared_run(user, NULL, NULL) == VY_OK ? user : NULL;
}

static void a_running_prepared_dispatch_is_busy(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_prepared *r = NULL;
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  pthread_t thread;
  void *result = NULL;
  expect_ok(f, vy_prepare(p, args, 2, NULL, o, &r, &f->diags));
  assert_int_equal(pthread_create(&thread, NULL, run_prepared, r), 0);
  while (counters(f).submissions == 0)
    sched_yield();
  expect_code(f, vy_prepared_run(r, NULL, &f->diags), VY_ERROR_BUSY, 622);
  expect_code(f, vy_prepared_set(r, 0, &args[0], &f->diags), VY_ERROR_BUSY,
              622);
  while (counters(f).waits == 0) // then the launch is held
    sched_yield();
  assert_null(vy_outputs_data(o, 0));
  release(f, 1);
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_ptr_equal(result, r);
  expect_slot(o, 0, 0, 0, 0, 0);
  vy_prepared_release(r);
}

static void wait_for_waits(fixture *f, uint64_t waits) {
  while (counters(f).waits < waits)
    sched_yield();
}

// A prepared dispatch keeps the memory of a freed buffer while it runs, and
// not after; one that is idle does not keep it.
static void prepared_dispatches_give_up_what_is_freed(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_prepared *r = NULL, *idle = NULL;
  vy_buffer x = make_buffer(f, x4, 16), y = make_buffer(f, x4, 16);
  vy_arg args[2] = {vy_arg_buffer(x), vy_arg_buffer(y)};
  pthread_t thread;
  void *result = NULL;
  expect_ok(f, vy_prepare(p, args, 2, NULL, NULL, &r, &f->diags));
  expect_ok(f, vy_prepare(p, args, 2, NULL, NULL, &idle, &f->diags));
  assert_int_equal(pthread_create(&thread, NULL, run_prepared, r), 0);
  wait_for_waits(f, 1);
  drop_buffer(f, x);
  assert_int_equal(counters(f).live_buffers, 2);
  release(f, 1);
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_ptr_equal(result, r);
  assert_int_equal(counters(f).live_buffers, 1);
  drop_buffer(f, y);
  assert_int_equal(counters(f).live_buffers, 0);
  expect_code(f, vy_prepared_run(idle, NULL, &f->diags), VY_ERROR_STALE_HANDLE,
              613);
  expect_code(f, vy_prepared_run(r, NULL, &f->diags), VY_ERROR_STALE_HANDLE,
              613);
  // What it counted stays when it goes.
  assert_int_equal(counters(f).dispatches, 1);
  assert_int_equal(counters(f).submissions, 1);
  vy_prepared_release(r);
  vy_prepared_release(idle);
  assert_int_equal(counters(f).dispatches, 1);
  assert_int_equal(counters(f).submissions, 1);
}

static void a_batch_is_one_submission(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_item items[3];
  vy_ticket *t = NULL;
  for (int i = 0; i < 3; i++)
    items[i] = (vy_item){args, 2, make_outputs(f, 1)};
  expect_ok(f, vy_submit(p, items, 3, NULL, NULL, 0, &t, &f->diags));
  assert_int_equal(counters(f).submissions, 1);
  assert_int_equal(counters(f).dispatches, 3);
  release(f, 1); // all of it
  assert_true(done(t));
  for (int i = 0; i < 3; i++)
    expect_slot(items[i].outputs, 0, 0, 0, 0, 0);
  vy_ticket_release(t);
}

static void null_is_hidden(void **state) {
  fixture *f = *state;
  vy_device_info info = VY_DEVICE_INFO_INIT;
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  assert_int_equal(vy_device_describe(f->device, &info), VY_OK);
  assert_string_equal(info.name, "null");
  assert_int_equal(info.hidden, 1);
  assert_int_equal(info.available, 1);
  uint32_t n = 0, hidden = 0;
  for (; vy_device_enumerate(n, &info) == VY_OK; n++)
    hidden += info.hidden;
  assert_true(n > hidden && hidden == 1);
  assert_int_equal(vy_device_enumerate(UINT32_MAX, &info), bad);
  assert_int_equal(vy_device_enumerate(0, NULL), bad);
  assert_int_equal(vy_device_describe(NULL, &info), bad);
  vy_device *d = NULL;
  expect_ok(f, vy_device_open(f->context, NULL, &d, &f->diags)); // auto
  assert_int_equal(vy_device_describe(d, &info), VY_OK);
  assert_int_equal(info.hidden, 0);
  vy_device_release(d);
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("abacus");
  expect_code(f, vy_device_open(f->context, &desc, &d, &f->diags),
              VY_ERROR_DEVICE_UNAVAILABLE, 801);
  desc.name = vy_str_c("null");
  desc.lane_order = VY_ORDER_REVERSED;
  expect_code(f, vy_device_open(f->context, &desc, &d, &f->diags),
              VY_ERROR_UNSUPPORTED, 802);
  desc.lane_order = 3;
  expect_code(f, vy_device_open(f->context, &desc, &d, &f->diags), bad, 600);
  expect_code(f, vy_device_open(NULL, &desc, &d, &f->diags), bad, 600);
  desc.struct_size = 0;
  expect_code(f, vy_device_open(f->context, &desc, &d, &f->diags), bad, 601);
}

#define ON_NULL(t) cmocka_unit_test_setup_teardown(t, open_null, fixture_close)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_NULL(tickets_wait_and_time_out),
      ON_NULL(a_slot_in_flight_is_busy),
      ON_NULL(freeing_a_busy_buffer_is_deferred),
      ON_NULL(releasing_everything_in_flight),
      ON_NULL(waiting_on_another_device),
      ON_NULL(a_device_closes_before_who_waits_for_it),
      ON_NULL(a_running_prepared_dispatch_is_busy),
      ON_NULL(prepared_dispatches_give_up_what_is_freed),
      ON_NULL(a_batch_is_one_submission),
      ON_NULL(null_is_hidden),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

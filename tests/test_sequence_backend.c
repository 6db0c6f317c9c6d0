// Sequences from the side of a backend: what is marked as changed, what comes
// of its errors, when its native object goes. The null device stands in, with
// some of its functions replaced.
#include "conformance/sequence.h"
#include "dispatch/sequence.h"

static const uint32_t x4[4] = {1, 2, 3, 4};

static int open_null(void **state) {
  *state = fixture_new("null");
  return 0;
}

static void release(fixture *f, uint32_t count) {
  assert_int_equal(vy_null_device_release(f->device, count), VY_OK);
}

// ---- changes

typedef struct watched {
  vy_sequence *s;
  vy_arg args[3]; // a scalar, a range, host memory
} watched;

// Replay, and compare the steps that have changed with bits of `want`.
static void changes(fixture *f, const watched *w, uint32_t want) {
  vy_bindings b = VY_BINDINGS_INIT;
  vy_ticket *t = NULL;
  b.args = w->args;
  b.arg_count = 3;
  expect_ok(f, vy_sequence_submit(w->s, &b, NULL, 0, &t, &f->diags));
  const vy__recording *r = w->s->recording;
  uint32_t got = 0;
  for (uint32_t i = 0; i < r->step_count; i++)
    got |= (r->steps[i].changed != 0) << i;
  assert_int_equal(got, want);
  assert_int_equal(r->changed, want != 0);
  release(f, 1);
  vy_ticket_release(t);
}

static watched make_watched(fixture *f, vy_buffer y, vy_buffer z) {
  watched w = {make_sequence(f), {vy_arg_u32(1), vy_arg_buffer(z), HOST(x4)}};
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_pipeline *copy = make_pipeline(f, copy_text, 0);
  vy_arg fixed[3] = {vy_arg_u32(1), HOST(x4), vy_arg_buffer(y)};
  vy_arg scalar[3] = {vy_arg_binding(0), HOST(x4), vy_arg_buffer(y)};
  vy_arg host[2] = {vy_arg_binding(2), vy_arg_buffer(y)};
  const int32_t none = VY_SEQUENCE_NONE;
  assert_int_equal(vy_sequence_dispatch(w.s, p, fixed, 3, NULL, none), 0);
  (void)vy_sequence_dispatch(w.s, p, scalar, 3, NULL, none);
  (void)vy_sequence_copy(w.s, vy_arg_binding(1), vy_arg_buffer(y));
  (void)vy_sequence_fill(w.s, vy_arg_binding(1), 1);
  (void)vy_sequence_repeat_begin(w.s, vy_arg_binding(1), 1);
  (void)vy_sequence_repeat_end(w.s);
  assert_int_equal(vy_sequence_dispatch(w.s, copy, host, 2, NULL, none), 6);
  expect_ok(f, vy_sequence_finish(w.s, &f->diags));
  return w;
}

static void changes_are_marked(void **state) {
  fixture *f = *state;
  vy_buffer y = make_buffer(f, x4, 16), z = make_buffer(f, x4, 16);
  vy_buffer other = make_buffer(f, x4, 16);
  watched w = make_watched(f, y, z);
  const uint32_t scalar = 1 << 1, range = 1 << 2 | 1 << 3 | 1 << 4;
  const uint32_t host = 1 << 6, all = 1 | scalar | range | host;
  uint32_t same[4] = {7, 7, 7, 7};
  changes(f, &w, all);
  changes(f, &w, 0);
  w.args[0] = vy_arg_u32(2);
  changes(f, &w, scalar);
  w.args[1] = vy_arg_buffer(other);
  changes(f, &w, range);
  w.args[2] = HOST(same);
  changes(f, &w, host);
  same[0] = 8; // the same memory
  changes(f, &w, 0);
  // What a refused replay bound is bound anew.
  vy_arg right = w.args[2];
  w.args[2] = vy_arg_u32(0);
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = w.args;
  b.arg_count = 3;
  expect_code(f, vy_sequence_replay(w.s, &b, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 603);
  w.args[2] = right;
  changes(f, &w, 1 | scalar | host);
  changes(f, &w, 0);
  vy_sequence_release(w.s);
  drop_buffer(f, y);
  drop_buffer(f, z);
  drop_buffer(f, other);
}

// ---- errors and native objects

// What the replaced functions do and have seen; one test at a time.
static struct {
  const vy__device_ops *real;
  vy__device_ops ops;
  vy_status submitting, completing;
  uint32_t native; // what `native` points to
  uint32_t freed;
  bool landing; // in `complete`
  void (*complete)(vy__launch *launch, vy_status status);
} fake;

static void complete(vy__launch *l, vy_status status) {
  fake.landing = true;
  fake.complete(l, fake.completing != VY_OK ? fake.completing : status);
  fake.landing = false;
}

static vy_status replay(void *device, vy__launch *l) {
  if (fake.submitting != VY_OK)
    return fake.submitting;
  l->recording->native = &fake.native;
  fake.complete = l->complete;
  l->complete = complete;
  return fake.real->replay(device, l);
}

static void recording_free(void *device, vy__recording *r) {
  (void)device;
  assert_ptr_equal(r->native, &fake.native);
  assert_false(fake.landing);
  fake.freed++;
}

static void replace(fixture *f) {
  memset(&fake, 0, sizeof fake);
  fake.real = f->device->ops;
  fake.ops = *fake.real;
  fake.ops.replay = replay;
  fake.ops.recording_free = recording_free;
  f->device->ops = &fake.ops;
}

static vy_sequence *make_copy(fixture *f, vy_buffer y) {
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_sequence *s = make_sequence(f);
  (void)vy_sequence_dispatch(s, p, args, 2, NULL, 0);
  (void)vy_sequence_fill(s, vy_arg_buffer(y), 1);
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  return s;
}

static vy_bindings with_outputs(vy_outputs *const *o) {
  vy_bindings b = VY_BINDINGS_INIT;
  b.outputs = o;
  b.output_count = 1;
  return b;
}

static void a_refused_submission_changes_nothing(void **state) {
  fixture *f = *state;
  vy_buffer y = make_buffer(f, x4, 16);
  vy_outputs *o = make_outputs(f, 1);
  vy_bindings b = with_outputs(&o);
  vy_sequence *s = make_copy(f, y);
  vy_ticket *t = NULL;
  static const struct {
    vy_status status;
    uint32_t code;
  } rows[] = {{VY_ERROR_DEVICE_LOST, 805},
              {VY_ERROR_OUT_OF_DEVICE_MEMORY, 804},
              {VY_ERROR_DISPATCH_FAILED, 806}};
  replace(f);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fake.submitting = rows[i].status;
    expect_code(f, vy_sequence_submit(s, &b, NULL, 0, &t, &f->diags),
                rows[i].status, rows[i].code);
    expect_code(f, vy_sequence_replay(s, &b, NULL, &f->diags), rows[i].status,
                rows[i].code);
    assert_true(s->recording->steps[0].changed);
  }
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_GROW, NULL, 0), VY_OK);
  fake.submitting = VY_OK;
  expect_ok(f, vy_sequence_submit(s, &b, NULL, 0, &t, &f->diags));
  release(f, 1);
  expect_ok(f, vy_wait(t, 0, NULL, &f->diags));
  expect_slot(o, 0, 0, 0, 0, 0);
  vy_ticket_release(t);
  vy_sequence_release(s);
  drop_buffer(f, y);
}

static void a_lost_device_empties_the_slots(void **state) {
  fixture *f = *state;
  vy_buffer y = make_buffer(f, x4, 16);
  vy_outputs *o = make_outputs(f, 1);
  vy_bindings b = with_outputs(&o);
  vy_sequence *s = make_copy(f, y);
  vy_ticket *t = NULL;
  replace(f);
  fake.completing = VY_ERROR_DEVICE_LOST;
  expect_ok(f, vy_sequence_submit(s, &b, NULL, 0, &t, &f->diags));
  release(f, 1);
  vy_status status = vy_wait(t, 0, NULL, &f->diags);
  expect_says(f, "sequence");
  expect_code(f, status, VY_ERROR_DEVICE_LOST, 805);
  assert_null(vy_outputs_data(o, 0));
  assert_true(s->recording->steps[0].changed); // nobody knows what was taken
  vy_ticket_release(t);
  fake.completing = VY_OK;
  expect_ok(f, vy_sequence_submit(s, &b, NULL, 0, &t, &f->diags));
  release(f, 1);
  expect_ok(f, vy_wait(t, 0, NULL, &f->diags));
  expect_slot(o, 0, 0, 0, 0, 0);
  vy_ticket_release(t);
  vy_sequence_release(s);
  drop_buffer(f, y);
}

// A native object goes with its sequence; when that goes in flight, on the
// next occasion outside of `complete`.
static void native_objects_are_freed(void **state) {
  fixture *f = *state;
  vy_buffer y = make_buffer(f, x4, 16);
  vy_outputs *o = make_outputs(f, 1);
  vy_bindings b = with_outputs(&o);
  vy_ticket *t = NULL;
  replace(f);
  vy_sequence_release(make_copy(f, y)); // never replayed
  assert_int_equal(fake.freed, 0);
  vy_sequence *s = make_copy(f, y);
  for (int k = 0; k < 2; k++) {
    expect_ok(f, vy_sequence_submit(s, &b, NULL, 0, &t, &f->diags));
    release(f, 1);
    vy_ticket_release(t);
  }
  assert_int_equal(fake.freed, 0);
  vy_sequence_release(s);
  assert_int_equal(fake.freed, 1);
  for (uint32_t k = 0; k < 2; k++) {
    s = make_copy(f, y);
    assert_int_equal(fake.freed, 1 + k);
    expect_ok(f, vy_sequence_submit(s, &b, NULL, 0, &t, &f->diags));
    vy_sequence_release(s);
    release(f, 1);
    vy_ticket_release(t);
    assert_int_equal(fake.freed, 1 + k);
  }
  drop_buffer(f, y);
}

static int close_all(void **state) { // the last one goes with the device
  int closed = fixture_close(state);
  assert_int_equal(fake.freed, 3);
  return closed;
}

#define NULL_CASE(f)                                                           \
  cmocka_unit_test_setup_teardown(f, open_null, fixture_close)

int main(void) {
  const struct CMUnitTest tests[] = {
      NULL_CASE(changes_are_marked),
      NULL_CASE(a_refused_submission_changes_nothing),
      NULL_CASE(a_lost_device_empties_the_slots),
      cmocka_unit_test_setup_teardown(native_objects_are_freed, open_null,
                                      close_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

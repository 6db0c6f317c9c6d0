// The steady state: once warm, no way to dispatch asks for memory, and each
// is one submission with at most one wait.
#include "conformance/conformance.h"

static const uint32_t x4[4] = {1, 2, 3, 4};

typedef struct ways {
  vy_pipeline *p;
  vy_outputs *one, *many[8], *prepared_outputs, *memory;
  vy_item items[8];
  vy_arg host[3], resident[3];
  vy_buffer x, y;
  vy_prepared *prepared;
  uint32_t slot[4];
} ways;

static void once(fixture *f, ways *w, uint32_t k) {
  vy_timing t = VY_TIMING_INIT;
  vy_diags *d = &f->diags;
  vy_buffer out;
  vy_ticket *ticket = NULL;
  vy_arg a = vy_arg_u32(k), x = HOST(x4);
  expect_ok(f, vy_dispatch(w->p, w->host, 3, NULL, w->one, NULL, d));
  expect_ok(f, vy_dispatch(w->p, w->host, 3, NULL, w->one, &t, d));
  expect_ok(f, vy_dispatch(w->p, w->host, 3, NULL, w->memory, NULL, d));
  expect_ok(f,
            vy_dispatch_resident(w->p, w->resident, 3, NULL, &out, 1, NULL, d));
  expect_ok(f, vy_dispatch_batch(w->p, w->items, 8, NULL, NULL, d));
  expect_ok(f, vy_submit(w->p, w->items, 3, NULL, NULL, 0, &ticket, d));
  expect_ok(f, vy_wait(ticket, UINT64_MAX, &t, d));
  vy_ticket_release(ticket);
  expect_ok(f, vy_prepared_set(w->prepared, 0, &a, d));
  expect_ok(f, vy_prepared_set(w->prepared, 1, &x, d));
  expect_ok(f, vy_prepared_run(w->prepared, NULL, d));
  expect_ok(f, vy_buffer_fill(f->device, w->y, 0, 16, 1, d));
}

static void set_up(fixture *f, ways *w) {
  w->p = make_pipeline(f, saxpy_text, 0);
  w->one = make_outputs(f, 1);
  w->memory = make_outputs(f, 1);
  w->prepared_outputs = make_outputs(f, 1);
  w->x = make_buffer(f, x4, 16);
  w->y = make_buffer(f, x4, 16);
  w->host[0] = w->resident[0] = vy_arg_u32(2);
  w->host[1] = w->host[2] = HOST(x4);
  w->resident[1] = vy_arg_buffer(w->x);
  w->resident[2] = vy_arg_buffer(w->y);
  for (int i = 0; i < 8; i++)
    w->items[i] = (vy_item){w->host, 3, make_outputs(f, 1)};
  assert_int_equal(vy_outputs_set(w->memory, 0, VY_SLOT_MEMORY, w->slot, 16),
                   VY_OK);
  expect_ok(f, vy_prepare(w->p, w->host, 3, NULL, w->prepared_outputs,
                          &w->prepared, &f->diags));
}

static void dispatching_allocates_nothing(void **state) {
  fixture *f = *state;
  ways w = {0};
  set_up(f, &w);
  for (uint32_t k = 0; k < 3; k++)
    once(f, &w, k);
  uint64_t calls = f->memory.calls;
  vy_counters before = counters(f);
  for (uint32_t k = 0; k < 10; k++)
    once(f, &w, k);
  vy_counters after = counters(f);
  assert_int_equal(f->memory.calls, calls);
  assert_int_equal(after.allocations, before.allocations);
  assert_int_equal(after.live_bytes, before.live_bytes);
  assert_int_equal(after.submissions - before.submissions, 10 * 7);
  assert_int_equal(after.dispatches - before.dispatches, 10 * (5 + 8 + 3));
  assert_true(after.waits - before.waits <= 10 * 7);
  assert_int_equal(after.slots_grown, before.slots_grown);
  vy_prepared_release(w.prepared);
  drop_buffer(f, w.x);
  drop_buffer(f, w.y);
}

static void once_replayed(fixture *f, vy_sequence *s, vy_bindings *b,
                          uint32_t k) {
  vy_timing t = VY_TIMING_INIT;
  vy_ticket *ticket = NULL;
  vy_arg args[2] = {vy_arg_u32(k / 2), k & 1 ? HOST(x4) : b->args[2]};
  const vy_arg *old = b->args;
  vy_arg table[3] = {args[0], args[1], old[2]};
  b->args = table;
  expect_ok(f, vy_sequence_replay(s, b, NULL, &f->diags));
  expect_ok(f, vy_sequence_replay(s, b, &t, &f->diags));
  expect_ok(f, vy_sequence_submit(s, b, NULL, 0, &ticket, &f->diags));
  expect_ok(f, vy_wait(ticket, UINT64_MAX, &t, &f->diags));
  vy_ticket_release(ticket);
  b->args = old;
}

static void replaying_allocates_nothing(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_buffer x = make_buffer(f, x4, 16), y = make_buffer(f, x4, 16);
  vy_sequence *s = NULL;
  expect_ok(f, vy_sequence_create(f->device, &s, &f->diags));
  vy_arg resident[3] = {vy_arg_binding(0), vy_arg_binding(1), vy_arg_buffer(y)};
  vy_arg host[3] = {vy_arg_u32(2), vy_arg_buffer(y), HOST(x4)};
  (void)vy_sequence_repeat_begin(s, vy_arg_buffer(y), 3);
  for (int i = 0; i < 5; i++)
    (void)vy_sequence_dispatch(s, p, resident, 3, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(s);
  (void)vy_sequence_fill(s, vy_arg_range(y, 0, 4), 0);
  (void)vy_sequence_dispatch(s, p, host, 3, NULL, 0);
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  vy_arg table[3] = {vy_arg_u32(0), HOST(x4), vy_arg_buffer(x)};
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = table;
  b.arg_count = 3;
  b.outputs = &o;
  b.output_count = 1;
  for (uint32_t k = 0; k < 4; k++)
    once_replayed(f, s, &b, k);
  uint64_t calls = f->memory.calls;
  vy_counters before = counters(f);
  for (uint32_t k = 0; k < 10; k++)
    once_replayed(f, s, &b, k);
  vy_counters after = counters(f);
  assert_int_equal(f->memory.calls, calls);
  assert_int_equal(after.allocations, before.allocations);
  assert_int_equal(after.submissions - before.submissions, 10 * 3);
  assert_true(after.waits - before.waits <= 10 * 3);
  vy_sequence_release(s);
  drop_buffer(f, x);
  drop_buffer(f, y);
}

static void bytes_are_counted(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_buffer y = make_buffer(f, x4, 16);
  vy_outputs *o = make_outputs(f, 1);
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(1), HOST(x4), HOST(x4)), NULL, o,
                           NULL, &f->diags));
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(1), HOST(x4), vy_arg_buffer(y)),
                           NULL, NULL, NULL, &f->diags));
  vy_counters c = counters(f);
  assert_int_equal(c.bytes_in, 48);
  assert_int_equal(c.bytes_out, 16);
  assert_int_equal(c.live_bytes, f->memory.live);
  drop_buffer(f, y);
}

static vy_status dispatch_traced(const char *path) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.cache_path = "";
  vy_device_desc device = VY_DEVICE_DESC_INIT;
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  vy_source source = VY_SOURCE_INIT;
  vy_context *c = NULL;
  vy_device *v = NULL;
  vy_program *p = NULL;
  vy_outputs *o = NULL;
  desc.trace_path = path;
  device.name = vy_str_c(conformance_device);
  d.label = vy_str_c("my \"label\"");
  source.text = vy_str_c(copy_text);
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_status s = vy_context_create(&desc, &c, NULL);
  if (s == VY_OK)
    s = vy_device_open(c, &device, &v, NULL);
  if (s == VY_OK)
    s = vy_program_parse(c, &source, &p, NULL);
  if (s == VY_OK)
    s = vy_outputs_create(c, 1, &o, NULL);
  if (s == VY_OK)
    s = vy_run(v, p, NULL, args, 2, &d, o, NULL, NULL);
  vy_outputs_release(o);
  vy_program_release(p);
  vy_device_release(v);
  vy_context_release(c);
  return s;
}

static void dispatches_are_traced(void **state) {
  (void)state;
  char path[] = "/tmp/vyre-trace-XXXXXX", text[4096];
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(dispatch_traced(path), VY_OK);
  FILE *file = fdopen(fd, "r");
  assert_non_null(file);
  size_t n = fread(text, 1, sizeof text - 1, file);
  text[n] = 0;
  fclose(file);
  remove(path);
  assert_non_null(strstr(text, "my \\\"label\\\""));
  assert_non_null(strstr(text, "\"dispatch\""));
  assert_non_null(strstr(text, "\"compile\""));
}

static const struct CMUnitTest tests[] = {
    CASE(dispatching_allocates_nothing),
    CASE(replaying_allocates_nothing),
    CASE(bytes_are_counted),
    CASE(dispatches_are_traced),
};
GROUP(steady);

// What the public interface cannot show: a buffer slot whose generations are
// used up, when held buffers go, and every allocation of every way to dispatch
// failing in turn.
#include "conformance/conformance.h"
#include "pipeline/device.h"
#include "support/heap.h"

static const uint32_t x4[4] = {1, 2, 3, 4};

static void a_slot_retires_when_its_generation_wraps(void **state) {
  fixture *f = *state;
  vy__buffers *t = &f->device->buffers;
  vy_buffer b = make_buffer(f, x4, 16);
  uint32_t index = (uint32_t)(b.id >> 20) & 0xFFFFF;
  drop_buffer(f, b);
  uint64_t last = (UINT64_C(1) << VY__BUFFER_GENERATION_BITS) - 1;
  vy__buffer_slot *s = vy__buffers_at(t, b);
  s->state = (last - 1) << 40; // as if it had been used that often
  vy_buffer final = make_buffer(f, x4, 16);
  assert_int_equal((final.id >> 20) & 0xFFFFF, index);
  assert_int_equal(final.id & last, last);
  drop_buffer(f, final);
  vy_buffer next = make_buffer(f, x4, 16);
  assert_int_not_equal((next.id >> 20) & 0xFFFFF, index);
  assert_null(vy__buffers_pin(t, final.id));
  assert_null(vy__buffers_pin(t, b.id));
  drop_buffer(f, next);
}

// ---- holds

static uint64_t live_buffers(const fixture *f) {
  vy_counters c = VY_COUNTERS_INIT;
  assert_int_equal(vy_counters_read(f->context, &c), VY_OK);
  return c.live_buffers;
}

// A holder with two holds on a buffer, which is freed before they are made, at
// work, or after: its memory goes with the holder's work at the latest.
static void freed_buffers_go_with_the_work(void **state) {
  fixture *f = *state;
  vy__buffers *t = &f->device->buffers;
  enum { BEFORE, AT_WORK, AFTER, WAYS };
  for (int way = 0; way < WAYS; way++) {
    vy_buffer b = make_buffer(f, x4, 16);
    vy__buffer_slot *s = vy__buffers_pin(t, b.id);
    assert_ptr_equal(s, vy__buffers_pin(t, b.id));
    _Atomic uint32_t holder = VY__HOLDER_IDLE;
    vy__hold holds[2];
    assert_true(vy__buffers_enter(t, &holder));
    if (way == BEFORE)
      drop_buffer(f, b);
    for (int k = 0; k < 2; k++)
      vy__buffers_hold(t, &holds[k], s, &holder);
    if (way == AT_WORK)
      drop_buffer(f, b);
    assert_false(vy__buffers_enter(t, &holder));
    assert_int_equal(live_buffers(f), 1);
    assert_int_equal(vy__buffers_leave(&holder), way == AFTER);
    if (way == AFTER) {
      drop_buffer(f, b);
      assert_int_equal(live_buffers(f), 0);
      assert_true(vy__buffers_enter(t, &holder));
    }
    for (int k = 0; k < 2; k++) {
      assert_false(vy__hold_is_good(&holds[k]));
      vy__buffers_let_go(t, &holds[k]);
    }
    assert_int_equal(live_buffers(f), 0);
    assert_true(vy__buffers_leave(&holder));
  }
}

// ---- allocation failure

// Objects made so far; released whatever happens.
typedef struct scene {
  vy_context *context;
  vy_device *device, *null;
  vy_program *program;
  vy_pipeline *pipeline, *held;
  vy_outputs *a, *b, *c;
  vy_prepared *prepared;
  vy_ticket *ticket, *after;
} scene;

#define STEP(call)                                                             \
  do {                                                                         \
    vy_status s_ = (call);                                                     \
    if (s_ != VY_OK)                                                           \
      return s_;                                                               \
  } while (0)

static vy_status set_up(scene *s, heap *m) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(m);
  desc.cache_path = ""; // where no memory is a miss
  vy_device_desc null = VY_DEVICE_DESC_INIT;
  null.name = vy_str_c("null");
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(copy_text);
  STEP(vy_context_create(&desc, &s->context, NULL));
  STEP(vy_device_open(s->context, NULL, &s->device, NULL));
  STEP(vy_device_open(s->context, &null, &s->null, NULL));
  STEP(vy_program_parse(s->context, &source, &s->program, NULL));
  STEP(vy_compile(s->device, s->program, NULL, &s->pipeline, NULL));
  STEP(vy_compile(s->null, s->program, NULL, &s->held, NULL));
  STEP(vy_outputs_create(s->context, 1, &s->a, NULL));
  STEP(vy_outputs_create(s->context, 1, &s->b, NULL));
  return vy_outputs_create(s->context, 1, &s->c, NULL);
}

static vy_status dispatch(scene *s) {
  vy_buffer x, y;
  vy_arg args[2] = {HOST(x4), vy_arg_none()};
  vy_item items[2] = {{args, 2, s->a}, {args, 2, s->b}};
  vy_item last = {args, 2, s->c};
  vy_check_report report = VY_CHECK_REPORT_INIT;
  STEP(vy_dispatch_batch(s->pipeline, items, 2, NULL, NULL, NULL));
  STEP(vy_buffer_create(s->device, 16, &x, NULL));
  STEP(vy_buffer_create(s->device, 16, &y, NULL));
  vy_arg resident[2] = {vy_arg_buffer(x), vy_arg_buffer(y)};
  STEP(vy_dispatch(s->pipeline, resident, 2, NULL, NULL, NULL, NULL));
  STEP(vy_submit(s->held, items, 2, NULL, NULL, 0, &s->ticket, NULL));
  STEP(vy_submit(s->pipeline, &last, 1, NULL, &s->ticket, 1, &s->after, NULL));
  STEP(vy_null_device_release(s->null, 1));
  STEP(vy_wait(s->after, UINT64_MAX, NULL, NULL));
  STEP(vy_prepare(s->pipeline, args, 2, NULL, s->c, &s->prepared, NULL));
  STEP(vy_prepared_set(s->prepared, 0, &args[0], NULL));
  STEP(vy_prepared_run(s->prepared, NULL, NULL));
  return vy_check(s->context, s->program, NULL, args, 2, NULL, &report, NULL);
}

static vy_status play(heap *m) {
  scene s = {0};
  vy_status st = set_up(&s, m);
  if (st == VY_OK)
    st = dispatch(&s);
  if (s.null) // else a ticket after a held one would keep its device
    assert_int_equal(vy_null_device_release(s.null, 9), VY_OK);
  vy_ticket_release(s.after);
  vy_ticket_release(s.ticket);
  vy_prepared_release(s.prepared);
  vy_outputs_release(s.a);
  vy_outputs_release(s.b);
  vy_outputs_release(s.c);
  vy_pipeline_release(s.pipeline);
  vy_pipeline_release(s.held);
  vy_program_release(s.program);
  vy_device_release(s.device);
  vy_device_release(s.null);
  vy_context_release(s.context);
  return st;
}

static void every_allocation_fails_cleanly(void **state) {
  (void)state;
  heap all = {0};
  assert_int_equal(play(&all), VY_OK);
  assert_true(heap_is_clean(&all));
  for (uint64_t n = 1; n <= all.asked; n++) {
    heap m = {.fail_at = n};
    vy_status s = play(&m);
    if (s != VY_ERROR_OUT_OF_HOST_MEMORY)
      fail_msg("allocation %llu: %s", (unsigned long long)n, vy_status_name(s));
    assert_true(heap_is_clean(&m));
  }
}

static int open_reference(void **state) {
  *state = fixture_new("reference");
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_slot_retires_when_its_generation_wraps,
                                      open_reference, fixture_close),
      cmocka_unit_test_setup_teardown(freed_buffers_go_with_the_work,
                                      open_reference, fixture_close),
      cmocka_unit_test(every_allocation_fails_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

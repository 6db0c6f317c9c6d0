// The cuda backend over the fake driver, where what a run needs is not what
// the run before needed: late results that there is no memory for, sequences
// whose sizes, or whose way to the device, change between replays.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"
#include "fake_cuda/world.h"

static void begin(world *w) {
  *w = (world){0};
  assert_int_equal(open_named(w, "cuda:0", ""), VY_OK);
  for (int i = 0; i < BATCH; i++)
    assert_int_equal(vy_outputs_create(w->context, 1, &w->outputs[i], NULL),
                     VY_OK);
}

// ---- results that are fetched after the run

enum { LATE = 1 << 12 }; // elements; `late_tuning` has them come in chunks

static const char iota_text[] = "program iota(n: u32, y: write u32[n]) {\n"
                                "  lanes n;\n"
                                "  y[lane] = lane + n;\n"
                                "}\n";

static void late_tuning(void) {
  vy__cuda_tuned.mapped_most = 256;
  vy__cuda_tuned.staged_most = 1024;
  vy__cuda_tuned.chunk = 4096;
  vy__cuda_tuned.chunk_least = 1024;
}

static vy_status iota(world *w, vy_pipeline *p, bool wait) {
  vy_arg args[2] = {vy_arg_u32(LATE), vy_arg_none()};
  vy_item item = {args, 2, w->outputs[0]};
  vy_ticket *t = NULL;
  if (wait)
    return vy_dispatch(p, args, 2, NULL, w->outputs[0], NULL, &w->diags);
  vy_status s = vy_submit(p, &item, 1, NULL, NULL, 0, &t, &w->diags);
  if (s != VY_OK)
    return s;
  s = vy_wait(t, UINT64_MAX, NULL, &w->diags);
  vy_ticket_release(t);
  return s;
}

static bool is_iota(const vy_outputs *o) {
  const uint32_t *y = vy_outputs_data(o, 0);
  bool right = vy_outputs_size(o, 0) == LATE * 4;
  for (uint32_t i = 0; right && i < LATE; i++)
    right = y[i] == i + LATE;
  return right;
}

// Call `n` of a cold device's first run finds no memory. True: there was no
// such call.
static bool lacks_memory(uint64_t n, bool wait) {
  world w;
  vy_pipeline *p = NULL;
  begin(&w);
  assert_int_equal(compile(&w, iota_text, &p), VY_OK);
  uint64_t before = fake->calls();
  fake->fail_call(n, VY__CU_OUT_OF_MEMORY, 0);
  vy_status s = iota(&w, p, wait);
  bool all = fake->calls() - before < n;
  fake->fail_call(0, 0, 0);
  if (s == VY_OK)
    assert_true(is_iota(w.outputs[0]));
  else if (s != VY_ERROR_OUT_OF_HOST_MEMORY)
    assert_int_equal(s, VY_ERROR_OUT_OF_DEVICE_MEMORY);
  assert_int_equal(iota(&w, p, wait), VY_OK);
  assert_true(is_iota(w.outputs[0]));
  vy_pipeline_release(p);
  shut(&w);
  return all;
}

static void late_results_need_memory(void **state) {
  (void)state;
  vy__cuda_tuning before = vy__cuda_tuned;
  late_tuning();
  for (int wait = 0; wait < 2; wait++)
    for (uint64_t n = 1; !lacks_memory(n, wait); n++)
      ;
  vy__cuda_tuned = before;
}

// ---- sequences

static const char one_more_text[] =
    "program more(x: read u32[], y: write u32[len(x)]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] + 1u;\n"
    "}\n";

// Sizes that show in no copy, since nothing returns or always as much: what
// the next step reads lies behind.
static void sizes_of_steps_change(void **state) {
  (void)state;
  world w;
  vy_pipeline *whole = NULL, *first = NULL, *add = NULL;
  vy_sequence *q = NULL;
  vy_bindings b = VY_BINDINGS_INIT;
  vy_arg n, args[2] = {vy_arg_binding(0), vy_arg_none()};
  vy_arg sum[2] = {vy_arg_host(host_in, 64), vy_arg_none()};
  begin(&w);
  assert_int_equal(compile(&w, iota_text, &whole), VY_OK);
  assert_int_equal(
      compile(&w,
              "program head(n: u32, y: write u32[n] readback [0, 4)) {\n"
              "  lanes n;\n"
              "  y[lane] = lane * 3u;\n"
              "}\n",
              &first),
      VY_OK);
  assert_int_equal(compile(&w, one_more_text, &add), VY_OK);
  assert_int_equal(vy_outputs_set(w.outputs[0], 0, VY_SLOT_SKIP, NULL, 0),
                   VY_OK);
  assert_int_equal(vy_sequence_create(w.device, &q, NULL), VY_OK);
  (void)vy_sequence_dispatch(q, whole, args, 2, NULL, 0);
  (void)vy_sequence_dispatch(q, add, sum, 2, NULL, 1);
  (void)vy_sequence_dispatch(q, first, args, 2, NULL, 2);
  (void)vy_sequence_dispatch(q, add, sum, 2, NULL, 3);
  assert_int_equal(vy_sequence_finish(q, &w.diags), VY_OK);
  b.args = &n;
  b.arg_count = 1;
  b.outputs = w.outputs;
  b.output_count = 4;
  static const uint32_t sizes[] = {8, 2000, 100, 20000, 200000, 1000000, 8};
  for (uint32_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    n = vy_arg_u32(sizes[k]);
    assert_int_equal(vy_sequence_replay(q, &b, NULL, &w.diags), VY_OK);
    const uint32_t *y = vy_outputs_data(w.outputs[2], 0);
    assert_int_equal(vy_outputs_size(w.outputs[2], 0), 16);
    for (uint32_t i = 0; i < 4; i++)
      assert_int_equal(y[i], 3 * i);
    for (uint32_t o = 1; o < 4; o += 2) {
      y = vy_outputs_data(w.outputs[o], 0);
      for (uint32_t i = 0; i < 16; i++)
        assert_int_equal(y[i], host_in[i] + 1);
    }
  }
  vy_sequence_release(q);
  vy_pipeline_release(whole);
  vy_pipeline_release(first);
  vy_pipeline_release(add);
  shut(&w);
}

// A replay that goes step by step, since it moves much, between two that are
// graphs: the third must see what the second changed.
static void ways_of_replays_change(void **state) {
  (void)state;
  static uint32_t large[1 << 19];
  world w;
  vy_pipeline *add = NULL;
  vy_sequence *q = NULL;
  vy_buffer x;
  vy_bindings b = VY_BINDINGS_INIT;
  uint32_t got[16];
  begin(&w);
  assert_int_equal(compile(&w,
                           "program add(a: u32, x: read u32[], y: write "
                           "u32[16]) {\n"
                           "  lanes 16;\n"
                           "  y[lane] = x[lane] + a;\n"
                           "}\n",
                           &add),
                   VY_OK);
  assert_int_equal(vy_buffer_create(w.device, 64, &x, NULL), VY_OK);
  vy_transfer down = {x, 0, 64, got};
  vy_arg to_x[3] = {vy_arg_binding(0), vy_arg_host(host_in, 64),
                    vy_arg_buffer(x)};
  vy_arg to_host[3] = {vy_arg_u32(1), vy_arg_binding(1), vy_arg_none()};
  assert_int_equal(vy_sequence_create(w.device, &q, NULL), VY_OK);
  (void)vy_sequence_dispatch(q, add, to_x, 3, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(q, add, to_host, 3, NULL, 0);
  assert_int_equal(vy_sequence_finish(q, &w.diags), VY_OK);
  vy_arg bound[2];
  b.args = bound;
  b.arg_count = 2;
  b.outputs = w.outputs;
  b.output_count = 1;
  for (uint32_t turn = 0; turn < 6; turn++) {
    uint32_t a = 10 + (turn + 1) / 2; // another one where it goes step by step
    bound[0] = vy_arg_u32(a);
    bound[1] = vy_arg_host(large, turn % 2 ? sizeof large : 64);
    large[3] = turn;
    assert_int_equal(vy_sequence_replay(q, &b, NULL, &w.diags), VY_OK);
    assert_int_equal(vy_buffer_download(w.device, &down, 1, NULL), VY_OK);
    for (uint32_t i = 0; i < 16; i++)
      assert_int_equal(got[i], host_in[i] + a);
    const uint32_t *y = vy_outputs_data(w.outputs[0], 0);
    assert_int_equal(y[3], turn + 1);
  }
  vy_sequence_release(q);
  vy_pipeline_release(add);
  shut(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(late_results_need_memory),
      cmocka_unit_test(sizes_of_steps_change),
      cmocka_unit_test(ways_of_replays_change),
  };
  int failed = 0;
  for (uint32_t i = 0; i < LARGE; i++)
    host_in[i] = i * 2654435761u;
  fake = emulate_start();
  for (int way = 0; way < TUNED_WAYS; way++) {
    printf("---- %s\n", tuned_set(way));
    if (way == 3) // a few bytes a chunk would take long
      vy__cuda_tuned.chunk = 4096;
    failed += cmocka_run_group_tests(tests, NULL, NULL);
  }
  emulate_stop();
  return failed ? 1 : 0;
}

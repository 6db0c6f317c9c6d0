// Nobody can tell which outputs were not zeroed before a dispatch, because the
// program stores them all: every way to run, over memory full of something
// else, against the reference device.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/covers.h"
#include "support/versus.h"

enum { BATCH = 3, ROOM = COVER_MOST * 8, LARGE = 1 << 20 };

static uint32_t x[COVER_X];

typedef struct call {
  vy_device *device;
  vy_pipeline *pipeline;
  vy_arg args[4];
  vy_dispatch_options options;
  uint8_t *out; // size bytes, COVER_MOST * 8 at most
  uint64_t size;
} call;

static vy_outputs *outputs_in(const versus *v, uint8_t *memory, uint64_t size) {
  vy_outputs *o = NULL;
  assert_int_equal(vy_outputs_create(v->context, 1, &o, NULL), VY_OK);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, memory, size), VY_OK);
  return o;
}

static void by_memory(const versus *v, call *c) {
  memset(c->out, 0xAA, ROOM);
  vy_outputs *o = outputs_in(v, c->out, ROOM);
  assert_int_equal(
      vy_dispatch(c->pipeline, c->args, 4, &c->options, o, NULL, NULL), VY_OK);
  assert_int_equal(vy_outputs_size(o, 0), c->size);
  vy_outputs_release(o);
}

static void by_growth(const versus *v, call *c) {
  vy_outputs *o = NULL;
  assert_int_equal(vy_outputs_create(v->context, 1, &o, NULL), VY_OK);
  for (int k = 0; k < 2; k++)
    assert_int_equal(
        vy_dispatch(c->pipeline, c->args, 4, &c->options, o, NULL, NULL),
        VY_OK);
  c->size = vy_outputs_size(o, 0);
  if (c->size)
    memcpy(c->out, vy_outputs_data(o, 0), c->size);
  vy_outputs_release(o);
}

// What a readback takes passes through working memory, which is used again.
static void by_readback(const versus *v, call *c) {
  const uint64_t length = c->args[3].size;
  vy_readback r = {0, 0, 1, length ? length : 1};
  if (!length) {
    by_memory(v, c);
    return;
  }
  vy_dispatch_options with = c->options;
  with.readbacks = &r;
  with.readback_count = 1;
  memset(c->out, 0xAA, ROOM);
  vy_outputs *o = outputs_in(v, c->out, ROOM);
  assert_int_equal(vy_dispatch(c->pipeline, c->args, 4, &with, o, NULL, NULL),
                   VY_OK);
  const uint64_t each = c->size / length, size = vy_outputs_size(o, 0);
  assert_int_equal(size, c->size - each);
  if (size)
    memmove(c->out + each, vy_outputs_data(o, 0), size);
  vy_outputs_release(o);
  o = outputs_in(v, c->out + ROOM, ROOM); // the first element
  r = (vy_readback){0, 0, 0, 1};
  assert_int_equal(vy_dispatch(c->pipeline, c->args, 4, &with, o, NULL, NULL),
                   VY_OK);
  memcpy(c->out, vy_outputs_data(o, 0), each);
  vy_outputs_release(o);
}

static void by_range(const versus *v, call *c) {
  (void)v;
  vy_buffer b;
  vy_arg args[4];
  uint8_t edge[64];
  vy_transfer t[] = {{{0}, 0, 32, edge},
                     {{0}, 32, c->size, c->out},
                     {{0}, 32 + c->size, 32, edge + 32}};
  assert_int_equal(vy_buffer_create(c->device, c->size + 64, &b, NULL), VY_OK);
  assert_int_equal(vy_buffer_fill(c->device, b, 0, c->size + 64, 0xAA, NULL),
                   VY_OK);
  memcpy(args, c->args, sizeof args);
  args[3] = vy_arg_range(b, 32, c->size);
  assert_int_equal(
      vy_dispatch(c->pipeline, args, 4, &c->options, NULL, NULL, NULL), VY_OK);
  for (int k = 0; k < 3; k++)
    t[k].buffer = b;
  assert_int_equal(vy_buffer_download(c->device, t, 3, NULL), VY_OK);
  for (int k = 0; k < 64; k++)
    assert_int_equal(edge[k], 0xAA);
  assert_int_equal(vy_buffer_free(c->device, b, NULL), VY_OK);
}

static void by_prepared(const versus *v, call *c) {
  vy_prepared *p = NULL;
  vy_outputs *o = outputs_in(v, c->out, ROOM);
  assert_int_equal(
      vy_prepare(c->pipeline, c->args, 4, &c->options, o, &p, NULL), VY_OK);
  for (int k = 0; k < 2; k++) {
    memset(c->out, 0xAA, ROOM);
    assert_int_equal(vy_prepared_run(p, NULL, NULL), VY_OK);
  }
  vy_prepared_release(p);
  vy_outputs_release(o);
}

static void by_batch(const versus *v, call *c) {
  vy_item items[BATCH];
  memset(c->out, 0xAA, BATCH * ROOM);
  for (uint32_t k = 0; k < BATCH; k++)
    items[k] = (vy_item){c->args, 4, outputs_in(v, c->out + k * ROOM, ROOM)};
  assert_int_equal(
      vy_dispatch_batch(c->pipeline, items, BATCH, &c->options, NULL, NULL),
      VY_OK);
  for (uint32_t k = 0; k < BATCH; k++) {
    assert_memory_equal(c->out, c->out + k * ROOM, c->size);
    vy_outputs_release(items[k].outputs);
  }
}

static void by_iterations(const versus *v, call *c) {
  c->options.iterations = 3;
  by_memory(v, c);
  c->options.iterations = 0;
}

typedef void run_fn(const versus *v, call *c);
static run_fn *const ways[] = {by_memory,   by_growth, by_readback,  by_range,
                               by_prepared, by_batch,  by_iterations};
enum { WAYS = sizeof ways / sizeof *ways };

static const versus_setting settings[] = {{"cpu", 0, 1, 0}, {"cpu", 0, 2, 0}};
enum { SETTINGS = sizeof settings / sizeof *settings };

static void expect_same(const versus *v, call *const calls, uint32_t program) {
  static uint8_t want[BATCH * ROOM], got[BATCH * ROOM];
  calls[0].out = want;
  by_growth(v, &calls[0]);
  for (uint32_t k = 1; k <= SETTINGS; k++)
    for (uint32_t w = 0; w < WAYS; w++) {
      calls[k].out = got;
      calls[k].size = calls[0].size;
      ways[w](v, &calls[k]);
      if (memcmp(want, got, calls[0].size))
        fail_msg("way %u, lanes %u,%u, n %u, length %u:\n%s", w,
                 (unsigned)calls[0].options.lanes[0],
                 (unsigned)calls[0].options.lanes[1],
                 (unsigned)calls[0].args[0].u.bits,
                 (unsigned)calls[0].args[3].size, cover_cases[program].text);
    }
}

static void run_sizes(const versus *v, call *calls, uint32_t program) {
  for (uint32_t turn = 0; turn < COVER_LAUNCHES; turn++) {
    cover_launch l = cover_launch_of(&cover_cases[program], turn);
    for (uint32_t k = 0; k <= SETTINGS; k++) {
      calls[k].options = (vy_dispatch_options)VY_DISPATCH_OPTIONS_INIT;
      memcpy(l.groups ? calls[k].options.groups : calls[k].options.lanes,
             l.domain, sizeof l.domain);
      calls[k].options.set_groups = l.groups;
      calls[k].options.set_lanes = !l.groups;
      calls[k].args[0] = vy_arg_u32(l.n);
      calls[k].args[1] = vy_arg_u32(l.m);
      calls[k].args[2] = vy_arg_host(x, sizeof x);
      calls[k].args[3] = vy_arg_length(l.length);
    }
    expect_same(v, calls, program);
  }
}

static void nobody_can_tell(void **state) {
  (void)state;
  versus v;
  versus_open(&v, NULL, settings, SETTINGS);
  for (uint32_t i = 0; i < COVER_X; i++)
    x[i] = i * 41u % 256u;
  for (uint32_t k = 0; k < cover_case_count; k++) {
    call calls[SETTINGS + 1] = {0};
    vy_program *p = versus_parse(&v, cover_cases[k].text);
    for (uint32_t d = 0; d <= SETTINGS; d++) {
      calls[d].device = d ? v.devices[d - 1] : v.reference;
      assert_int_equal(
          vy_compile(calls[d].device, p, NULL, &calls[d].pipeline, NULL),
          VY_OK);
    }
    run_sizes(&v, calls, k);
    for (uint32_t d = 0; d <= SETTINGS; d++)
      vy_pipeline_release(calls[d].pipeline);
    vy_program_release(p);
  }
  versus_close(&v);
}

// Enough lanes to be cut into chunks; the plain C beside it.
static void in_chunks(void **state) {
  (void)state;
  versus v;
  versus_open(&v, NULL, settings, SETTINGS);
  uint32_t *out = malloc(4 * (size_t)LARGE);
  assert_non_null(out);
  vy_program *p = versus_parse(&v, cover_cases[0].text);
  for (uint32_t d = 0; d < SETTINGS; d++) {
    vy_pipeline *pipeline = NULL;
    vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
    const vy_arg args[] = {vy_arg_u32(0), vy_arg_u32(0),
                           vy_arg_host(x, sizeof x), vy_arg_length(LARGE)};
    assert_int_equal(vy_compile(v.devices[d], p, NULL, &pipeline, NULL), VY_OK);
    vy_outputs *o = outputs_in(&v, (uint8_t *)out, 4 * (uint64_t)LARGE);
    for (uint32_t less = 0; less < 2; less++) {
      options.lanes[0] = LARGE - 5 * less;
      options.lanes[1] = options.lanes[2] = 1;
      memset(out, 0xAA, 4 * (size_t)LARGE);
      assert_int_equal(vy_dispatch(pipeline, args, 4, &options, o, NULL, NULL),
                       VY_OK);
      for (uint32_t i = 0; i < LARGE; i++)
        if (out[i] != (i < options.lanes[0] ? i * 2654435761u + 77u : 0))
          fail_msg("element %u is %u", i, out[i]);
    }
    vy_outputs_release(o);
    vy_pipeline_release(pipeline);
  }
  vy_program_release(p);
  free(out);
  versus_close(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nobody_can_tell),
      cmocka_unit_test(in_chunks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

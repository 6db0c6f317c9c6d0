// The reference backend where its own rules show: trips of for loops at the
// ends of their types, trees of float collectives against a direct model,
// values hoisted and aliased by the compiler, lane orders. Everything goes
// through the public API; expected values come from models written here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "support/parse.h"

enum { ORDERS = 3 };

// Run `text` in one order; the only output is the last parameter.
static void run(const char *text, uint32_t order, const vy_arg *args,
                size_t count, void *out, size_t size) {
  vy_context *context = NULL;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  desc.lane_order = order;
  desc.order_seed = 42;
  vy_device *device = NULL;
  assert_int_equal(vy_device_open(context, &desc, &device, NULL), VY_OK);
  vy_program *program = parse_text(context, text);
  vy_outputs *outputs = NULL;
  assert_int_equal(vy_outputs_create(context, 1, &outputs, NULL), VY_OK);
  assert_int_equal(
      vy_run(device, program, NULL, args, count, NULL, outputs, NULL, NULL),
      VY_OK);
  assert_int_equal(vy_outputs_size(outputs, 0), size);
  memcpy(out, vy_outputs_data(outputs, 0), size);
  vy_outputs_release(outputs);
  vy_program_release(program);
  vy_device_release(device);
  vy_context_release(context);
}

static const char trips_text[] =
    "program p(lo: i32, hi: i32, s: i32, y: write u32[2]) {\n"
    "  lanes 1;\n"
    "  var n = 0u;\n"
    "  var last = 0;\n"
    "  for i in lo .. hi step s { n += 1u; last = i; }\n"
    "  y[0] = n;\n"
    "  y[1] = bitcast<u32>(last);\n"
    "}\n";

static void trips(int32_t lo, int32_t hi, int32_t step) {
  uint32_t got[2], want[2] = {0, 0};
  vy_arg args[4] = {vy_arg_i32(lo), vy_arg_i32(hi), vy_arg_i32(step),
                    vy_arg_none()};
  run(trips_text, VY_ORDER_FORWARD, args, 4, got, sizeof got);
  for (int64_t i = lo; step > 0 && i < hi; i += step) {
    want[0]++;
    want[1] = (uint32_t)(int32_t)i;
  }
  assert_int_equal(got[0], want[0]);
  assert_int_equal(got[1], want[1]);
}

static void for_loops_at_the_ends(void **state) {
  (void)state;
  trips(INT32_MIN, INT32_MAX, INT32_MAX);
  trips(INT32_MIN, INT32_MAX, 1 << 30);
  trips(INT32_MAX - 2, INT32_MAX, 5);
  trips(0, 10, 0);
  trips(0, 10, -1);
  trips(10, 0, 3);
  trips(-3, 4, 2);
  trips(7, 7, 1);
}

static float value_of(uint32_t i) {
  return (float)((i * 2654435761u) >> 8) * 0x1p-20f;
}

static const char sums_text[] =
    "program p(x: read f32[], y: write f32[3 * len(x)]) {\n"
    "  group 100; groups len(x) / 100;\n"
    "  let v = x[lane];\n"
    "  y[3 * lane] = group_reduce_add(v);\n"
    "  y[3 * lane + 1] = group_scan_incl_add(v);\n"
    "  y[3 * lane + 2] = group_scan_excl_add(v);\n"
    "}\n";

enum { G = 100, GROUPS = 3, N = G * GROUPS };

static void float_trees(void **state) {
  (void)state;
  static float x[N], got[3 * N], want[3 * N];
  for (uint32_t i = 0; i < N; i++)
    x[i] = value_of(i);
  for (uint32_t g = 0; g < GROUPS; g++) {
    float sum[G], scan[G];
    memcpy(sum, x + g * G, sizeof sum);
    memcpy(scan, sum, sizeof scan);
    for (uint32_t d = 1; d < G; d *= 2)
      for (uint32_t i = 0; i + d < G; i++)
        if (i % (2 * d) == 0)
          sum[i] = sum[i] + sum[i + d];
    for (uint32_t d = 1; d < G; d *= 2)
      for (uint32_t i = 0; i < G; i++)
        if (i & d)
          scan[i] = scan[(i & ~(2 * d - 1)) + d - 1] + scan[i];
    for (uint32_t i = 0; i < G; i++) {
      float *w = want + 3 * (g * G + i);
      w[0] = sum[0];
      w[1] = scan[i];
      w[2] = i ? scan[i - 1] : 0;
    }
  }
  for (uint32_t order = 0; order < ORDERS; order++) {
    vy_arg args[2] = {vy_arg_host(x, sizeof x), vy_arg_none()};
    run(sums_text, order, args, 2, got, sizeof got);
    assert_memory_equal(got, want, sizeof want);
  }
}

// Reads of a variable before and after it changes, values that a loop does
// not need, and one that only a branch does.
static const char values_text[] =
    "program p(k: u32, y: write u32[64]) {\n"
    "  lanes 64;\n"
    "  let base = lane * k;\n"
    "  var a = 1u;\n"
    "  var b = 0u;\n"
    "  for i in 0u .. 5u {\n"
    "    let old = a;\n"
    "    a = a * 3u + base;\n"
    "    if ((a & 1u) == 0u) { b += old ^ (base + 7u); continue; }\n"
    "    b = b + old * (k + 1u) + i;\n"
    "  }\n"
    "  y[lane] = a ^ b;\n"
    "}\n";

static void values_keep_their_meaning(void **state) {
  (void)state;
  uint32_t got[64], want[64], k = 5;
  for (uint32_t lane = 0; lane < 64; lane++) {
    uint32_t base = lane * k, a = 1, b = 0;
    for (uint32_t i = 0; i < 5; i++) {
      uint32_t old = a;
      a = a * 3 + base;
      if ((a & 1) == 0) {
        b += old ^ (base + 7);
        continue;
      }
      b = b + old * (k + 1) + i;
    }
    want[lane] = a ^ b;
  }
  for (uint32_t order = 0; order < ORDERS; order++) {
    vy_arg args[2] = {vy_arg_u32(k), vy_arg_none()};
    run(values_text, order, args, 2, got, sizeof got);
    assert_memory_equal(got, want, sizeof want);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(for_loops_at_the_ends),
      cmocka_unit_test(float_trees),
      cmocka_unit_test(values_keep_their_meaning),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Domains of every shape on the cpu device against the reference: rows that
// are shorter than a vector or no multiple of one, empty ones, accesses along
// and across rows, in one to three dimensions; and buffers of more than 2^32
// elements, against what was put there.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "support/versus.h"

enum { MOST = 1 << 13 };

// n.x * n.y * n.z lanes; a fit: x has as many elements.
static const char *const programs[] = {
    "program p(x: read u32[], y: write u32[], z: update u32[]) {\n"
    "  lanes 1;\n"
    "  y[lane] = x[lane] + num_lanes;\n"
    "  if (lane % 3 != 1) { z[lane ^ 1] += x[lane / 3] * x[lane & ~3u]; }\n"
    "}\n",
    "program p(x: read u32[], y: write u32[], z: update u32[]) {\n"
    "  lanes 1, 1;\n"
    "  let w = num_lanes.x;\n"
    "  let at = lane.y * w + lane.x;\n"
    "  y[at] = x[at] + x[at - 1] * 3 + x[at + w] * 5 + x[at - w] * 7;\n"
    "  z[lane.x * num_lanes.y + lane.y] = x[lane.y] + x[lane.x] + at;\n"
    "}\n",
    "program p(x: read u32[], y: write u32[], z: update u32[]) {\n"
    "  lanes 1, 1;\n"
    "  let w = num_lanes.x;\n"
    "  let at = lane.y * w + lane.x;\n"
    "  var s = 0u;\n"
    "  for i in 0u .. lane.y + 1 { s += x[i * w + lane.x]; }\n"
    "  for i in 0u .. lane.x % 5 { s ^= x[at + i]; }\n"
    "  for i in lane.x .. w { s += x[i] * i; if (s % 5 == 0) { break; } }\n"
    "  if (lane.x + 1 < w && lane.x > 0) { z[at] = s; } else { z[at] += 1; }\n"
    "  y[at] = s;\n"
    "}\n",
    "program p(x: read u32[], y: write u32[], z: update u32[]) {\n"
    "  lanes 1, 1, 1;\n"
    "  let w = num_lanes.x;\n"
    "  let h = num_lanes.y;\n"
    "  let at = (lane.z * h + lane.y) * w + lane.x;\n"
    "  y[at] = x[at] + x[lane.z] * 3 + x[lane.y * w] + lane.z * 1000;\n"
    "  if (lane.y == lane.z) { return; }\n"
    "  z[(lane.x * h + lane.y) * num_lanes.z + lane.z] = x[at + w * h] + at;\n"
    "}\n",
    // Borders: conditions that are known along most of a row, with accesses
    // that only some rows or columns can make.
    "program p(x: read u32[], y: write u32[], z: update u32[]) {\n"
    "  lanes 1, 1;\n"
    "  let w = num_lanes.x;\n"
    "  let at = lane.y * w + lane.x;\n"
    "  if (lane.x == 0 || lane.y == 0 || lane.x == w - 1 ||\n"
    "      lane.y == num_lanes.y - 1) { y[at] = x[at]; }\n"
    "  else { y[at] = x[at - 1] * 3 + x[at + 1] * 5 + x[at - w] * 7\n"
    "                 + x[at + w]; }\n"
    "  if (lane.y > 1 && at >= 2 * w + 3) { z[at - 2 * w - 3] += at; }\n"
    "}\n",
    "program p(x: read u32[], y: write u32[], z: update u32[]) {\n"
    "  lanes 1, 1;\n"
    "  let w = num_lanes.x;\n"
    "  let at = lane.y * w + lane.x;\n"
    "  var s = x[lane.y * 3] + x[at * 1 + w - lane.x];\n"
    "  for i in 0u .. 3u {\n"
    "    if (lane.x + lane.y < w) { s += x[at + i]; continue; }\n"
    "    if (i32(lane.x) - 5 >= i32(lane.y)) { s ^= x[at - i]; }\n"
    "  }\n"
    "  if (lane.x % 7 == 3) { s += x[at + lane.y]; }\n"
    "  y[at] = s;\n"
    "  if (lane.x != lane.y) { z[lane.x + lane.y] = lane.x + lane.y; }\n"
    "}\n",
};
static const uint32_t dimensions[] = {1, 2, 2, 3, 2, 2};
enum { PROGRAMS = sizeof programs / sizeof *programs };

static const uint32_t extents[] = {0, 1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 40};
enum { EXTENTS = sizeof extents / sizeof *extents };

static uint32_t x[MOST], z[MOST];

static int load(void **state) {
  (void)state;
  for (uint32_t i = 0; i < MOST; i++) {
    x[i] = i * 2654435761u ^ i >> 3;
    z[i] = i * 40503u;
  }
  return 0;
}

static void at(versus *v, vy_program *p, const uint32_t n[3], uint32_t turn) {
  const uint64_t all = (uint64_t)n[0] * n[1] * n[2];
  // x fits, is too short, or is longer; z likewise.
  const uint64_t lengths[] = {all, all / 2 + 1, all + 40};
  if (all + 40 > MOST)
    return;
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.set_lanes = 1;
  for (int i = 0; i < 3; i++)
    o.lanes[i] = n[i];
  const vy_arg args[] = {vy_arg_host(x, 4 * lengths[turn % 3]),
                         vy_arg_length(all),
                         vy_arg_host(z, 4 * lengths[turn / 3 % 3])};
  const versus_call c = {
      "shapes", p, args, 3, 0, &o, (versus_mode)(turn % VERSUS_MODES)};
  versus_same(v, &c, NULL);
}

static void every_shape(void **state) {
  (void)state;
  versus v;
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  for (uint32_t k = 0; k < PROGRAMS; k++) {
    vy_program *p = versus_parse(&v, programs[k]);
    uint32_t turn = k;
    for (uint32_t i = 0; i < EXTENTS; i++)
      for (uint32_t j = 0; j < (dimensions[k] > 1 ? EXTENTS : 1); j++)
        for (uint32_t m = 0; m < (dimensions[k] > 2 ? 4 : 1); m++) {
          const uint32_t n[3] = {extents[i], dimensions[k] > 1 ? extents[j] : 1,
                                 dimensions[k] > 2 ? extents[m] : 1};
          for (uint32_t t = 0; t < (dimensions[k] > 1 ? 1 : 9); t++)
            at(&v, p, n, turn += 5);
        }
    vy_program_release(p);
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// ---- what changes once along a row

// A comparison of each kind in both orders and each type, of values that start
// anywhere, also where they wrap, and accesses that its arms alone may make.
static void one_change(versus *v, const char *operator, const char * type,
                       bool reversed, const char *from) {
  char text[1024], left[64], right[64];
  snprintf(left, sizeof left, "%s(lane) + %s", type, from);
  snprintf(right, sizeof right, "%s(num_lanes / 2 + 3) + %s", type, from);
  snprintf(text, sizeof text,
           "program p(x: read u32[], y: write u32[], z: update u32[]) {\n"
           "  lanes 1;\n"
           "  if (%s %s %s) { y[lane] = x[lane + 5] + 1; }\n"
           "  else { y[lane] = x[lane - 4] * 3; z[lane + 2] = lane; }\n"
           "  if (%s(lane) + 5 %s 70) { z[lane] += x[lane]; }\n"
           "}\n",
           reversed ? right : left, operator, reversed ? left : right,
           type, operator);
  vy_program *p = versus_parse(v, text);
  for (uint32_t n = 1, turn = 0; n < 150; n += n < 20 ? 7 : 40)
    at(v, p, (const uint32_t[]){n, 1, 1}, turn += 5);
  vy_program_release(p);
}

static void changes_along_a_row(void **state) {
  (void)state;
  static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
  static const char *const types[] = {"u32", "i32", "u64", "i64"};
  static const char *const from[] = {"0", "0 - 20", "1000", "0x7ffffff0"};
  versus v;
  versus_open(&v, NULL, versus_widths, VERSUS_HOST);
  for (uint32_t i = 0; i < 6 * 4 * 2; i++) {
    const char *type = types[i / 6 % 4];
    one_change(&v, operators[i % 6], type, i / 24, from[(i + i / 24) % 4]);
    one_change(&v, operators[i % 6], type, i / 24, from[1]);
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// ---- groups at the edges of what there is

// All lanes of a group inside, or some of them, or none, by conditions and by
// the buffers' lengths; products that wrap.
static const char *const grouped[] = {
    "program p(w: u32, h: u32, m: u32, x: read u32[], y: write u32[],\n"
    "          z: update u32[]) {\n"
    "  group 16, 4;\n"
    "  groups (w + 15) / 16, (h + 3) / 4;\n"
    "  shared tile: u32[4 * 17];\n"
    "  if (lane.x < w && h > lane.y) {\n"
    "    tile[local.y * 17 + local.x] = x[lane.y * w + lane.x + 1] + 1;\n"
    "  }\n"
    "  barrier;\n"
    "  var s = 0u;\n"
    "  for k in 0u .. 4u {\n"
    "    s += x[(lane.y + k) * w + lane.x + k] + x[lane.x * m + lane.y];\n"
    "    s = s * 3 + tile[(local.x & 3) * 17 + local.y * 4 + k];\n"
    "  }\n"
    "  if (lane.x <= w - 1 && lane.y < h) { y[lane.y * w + lane.x] = s; }\n"
    "  else { z[lane.y * w * 2 + lane.x] = s; }\n"
    "}\n",
    "program p(w: u32, h: u32, m: u32, x: read u32[], y: write u32[],\n"
    "          z: update u32[]) {\n"
    "  group 32, 2;\n"
    "  groups (w + 31) / 32, (h + 1) / 2;\n"
    "  shared tile: u32[64];\n"
    "  for base in 0u .. w step 16u {\n"
    "    if (lane.y < h && base + local.x < w) {\n"
    "      tile[local.y * 32 + local.x] = x[lane.y * w + base + local.x];\n"
    "    }\n"
    "    barrier;\n"
    "    let t = tile[(local.y * 32 + local.x) ^ 33] + (base << 3);\n"
    "    if (lane.x + base * m < w && lane.y >= 1) { z[lane.x] = w; }\n"
    "    if (lane.x < w && lane.y < h) { y[lane.y * w + lane.x] = t; }\n"
    "    barrier;\n"
    "  }\n"
    "}\n",
};

static void grouped_at(versus *v, vy_program *p, uint32_t w, uint32_t h,
                       uint32_t turn) {
  static const uint32_t factors[] = {1, 0, 40, 1u << 31, 0x10000001};
  const uint64_t all = (uint64_t)w * h;
  const uint64_t lengths[] = {all, all / 2 + 1, all + 500};
  const vy_arg args[] = {vy_arg_u32(w),
                         vy_arg_u32(h),
                         vy_arg_u32(factors[turn % 5]),
                         vy_arg_host(x, 4 * lengths[turn % 3]),
                         vy_arg_length(all),
                         vy_arg_host(z, 4 * lengths[turn / 3 % 3])};
  const versus_call c = {
      "groups", p, args, 6, 0, NULL, (versus_mode)(turn % VERSUS_MODES)};
  versus_same(v, &c, NULL);
}

static void groups_at_edges(void **state) {
  (void)state;
  static const uint32_t sides[] = {1, 4, 15, 16, 31, 32, 33, 64, 70};
  enum { SIDES = sizeof sides / sizeof *sides };
  versus v;
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  for (uint32_t k = 0, turn = 0; k < 2; k++) {
    vy_program *p = versus_parse(&v, grouped[k]);
    for (uint32_t i = 0; i < SIDES * SIDES; i++)
      grouped_at(&v, p, sides[i % SIDES], sides[i / SIDES], turn += 7);
    vy_program_release(p);
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// ---- more than 2^32 elements, of which few exist

static const char large_text[] =
    "program p(f: u64, x: read u32[], y: write u32[], z: update u32[]) {\n"
    "  lanes 1;\n"
    "  let far = u64(lane) + f;\n"
    "  y[lane] = x[far];\n"
    "  y[num_lanes + lane] = x[far * 2 - f] + x[lane];\n"
    "  y[2 * num_lanes + lane] = x[i64(far) - i64(lane) * 3];\n"
    "  y[3 * num_lanes + lane] = x[lane + u32(f)] + x[f] + x[far << 30];\n"
    "  z[far + 1] = lane + 7;\n"
    "  if (lane % 3 == 1) { z[far * 3 - 2 * f + 50] = 9; }\n"
    "}\n";

static uint32_t *reserve(uint64_t size) {
  void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}

enum { LANES = 37 };

// The program, plainly, on the same memory.
static void expect(uint64_t f, const uint32_t *a, const uint32_t *got,
                   uint64_t n) {
  for (uint64_t i = 0; i < LANES; i++) {
    const uint64_t far = i + f, twice = far * 2 - f, back = far - i * 3;
    assert_int_equal(got[i], a[far]);
    assert_int_equal(got[LANES + i], (twice < n ? a[twice] : 0) + a[i]);
    assert_int_equal(got[2 * LANES + i], a[back]);
    assert_int_equal(got[3 * LANES + i], a[(uint32_t)(i + f)] + a[f]);
  }
}

static void on_large(versus *v, vy_program *p, vy_device *device, uint64_t f,
                     uint32_t *a, uint32_t *b, uint64_t n) {
  uint32_t got[4 * LANES];
  vy_pipeline *pipeline = NULL;
  vy_outputs *o = NULL;
  assert_int_equal(vy_compile(device, p, NULL, &pipeline, NULL), VY_OK);
  assert_int_equal(vy_outputs_create(v->context, 2, &o, NULL), VY_OK);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, got, sizeof got),
                   VY_OK);
  assert_int_equal(vy_outputs_set(o, 1, VY_SLOT_MEMORY, b, n * 4), VY_OK);
  vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
  options.set_lanes = 1;
  options.lanes[0] = LANES;
  options.lanes[1] = options.lanes[2] = 1;
  const vy_arg args[] = {vy_arg_u64(f), vy_arg_host(a, n * 4),
                         vy_arg_length(4 * LANES), vy_arg_host(b, n * 4)};
  assert_int_equal(vy_dispatch(pipeline, args, 4, &options, o, NULL, NULL),
                   VY_OK);
  expect(f, a, got, n);
  for (uint64_t i = 0; i < LANES; i++) {
    assert_int_equal(b[f + i + 1], i + 7);
    if (i % 3 == 1)
      assert_int_equal(b[f + 3 * i + 50], 9);
    b[f + i + 1] = b[f + 3 * i + 50] = 0;
  }
  vy_outputs_release(o);
  vy_pipeline_release(pipeline);
}

static void buffers_beyond_4_gi_elements(void **state) {
  (void)state;
  versus v;
  const uint64_t n = (UINT64_C(1) << 32) + 4096, f = n - 200;
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  if (strcmp(versus_device_name(&v.settings[0]), "cpu"))
    skip(); // others copy
  uint32_t *a = reserve(n * 4), *b = reserve(n * 4);
  if (!a || !b)
    skip();
  for (uint64_t i = 0; i < 4096; i++) {
    a[i] = (uint32_t)i * 3;
    a[n - 1 - i] = (uint32_t)(i * 2654435761u);
  }
  vy_program *p = versus_parse(&v, large_text);
  for (uint32_t k = 0; k < v.count; k++)
    on_large(&v, p, v.devices[k], f, a, b, n);
  vy_program_release(p);
  munmap(a, n * 4);
  munmap(b, n * 4);
  versus_close(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_shape),
      cmocka_unit_test(changes_along_a_row),
      cmocka_unit_test(groups_at_edges),
      cmocka_unit_test(buffers_beyond_4_gi_elements),
  };
  return cmocka_run_group_tests_name("cpu shapes", tests, load, NULL);
}

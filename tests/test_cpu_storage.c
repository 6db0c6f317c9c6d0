// Elements that are stored in another form than they are computed in, on the
// cpu device against the reference: all patterns of the narrow types loaded,
// floats stored as f16 and bf16 around every tie, in each kind of memory and
// by each kind of access.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/numbers.h"
#include "support/operands.h"
#include "support/text_buffer.h"
#include "support/versus.h"

static const char *const narrow[] = {"i8", "u8", "i16", "u16", "f16", "bf16"};
static const char *const value_types[] = {"i32", "u32", "i32",
                                          "u32", "f32", "f32"};
static const uint32_t sizes[] = {1, 1, 2, 2, 2, 2};
enum { NARROW = 6, ALL = 65536 };

static vy_program *parse(versus *v, text_buffer *t) {
  vy_program *p = versus_parse(v, t->data);
  free(t->data);
  return p;
}

static void call(versus *v, const char *name, text_buffer *t,
                 const vy_arg *args, size_t count) {
  vy_program *p = parse(v, t);
  for (int mode = 0; mode < VERSUS_MODES; mode++) {
    const versus_call c = {name, p, args, count, 0, NULL, (versus_mode)mode};
    versus_same(v, &c, NULL);
  }
  vy_program_release(p);
}

// ---- loads

static void loads_of(versus *v, uint32_t k, const uint16_t *x) {
  text_buffer t = {0};
  put(&t,
      "struct P { a: %s; b: %s; c: u8; }\n"
      "program p(x: read %s[], s: read P[], w: read %sx3[],\n"
      "          y: write %s[10 * len(x)]) {\n"
      "  lanes len(x);\n"
      "  let n = num_lanes;\n"
      "  y[lane] = x[lane];\n"
      "  y[n + lane] = x[lane * 2 + 1];\n"
      "  y[2 * n + lane] = x[n - 1 - lane];\n"
      "  y[3 * n + lane] = x[lane * 2654435761 %% n];\n"
      "  if (lane %% 3 == 1) { y[4 * n + lane] = x[lane]; }\n"
      "  y[5 * n + lane] = s[lane].a + s[lane].b;\n"
      "  y[6 * n + lane] = w[lane].x + w[lane].z * w[lane].y;\n"
      "  for i in 0u .. lane %% 4 { y[7 * n + lane] = x[lane + i]; }\n"
      "  y[8 * n + lane] = x[lane] + x[7] * x[lane / 2];\n"
      "  y[9 * n + lane] = x[lane & ~7u];\n"
      "}\n",
      narrow[k], narrow[k], narrow[k], narrow[k], value_types[k]);
  const uint64_t size = (uint64_t)ALL * sizes[k];
  const uint64_t p = 2 * sizes[k] + (sizes[k] == 1 ? 1 : 2);
  const vy_arg args[] = {vy_arg_host(x, size), vy_arg_host(x, size / p * p),
                         vy_arg_host(x, size / (3 * sizes[k]) * 3 * sizes[k]),
                         vy_arg_none()};
  call(v, narrow[k], &t, args, 4);
}

static void all_patterns_are_loaded(void **state) {
  (void)state;
  versus v;
  static uint16_t x[ALL];
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  for (uint32_t k = 0; k < NARROW; k++) {
    for (uint32_t i = 0; i < ALL; i++)
      x[i] = (uint16_t)i;
    if (sizes[k] == 1)
      for (uint32_t i = 0; i < ALL; i++)
        ((uint8_t *)x)[i] = (uint8_t)(i * 7);
    loads_of(&v, k, x);
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// In a loop whose index is the same for all lanes.
static void uniform_loads(void **state) {
  (void)state;
  versus v;
  static uint16_t x[ALL];
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  for (uint32_t i = 0; i < ALL; i++)
    x[i] = (uint16_t)(i * 40503);
  for (uint32_t k = 0; k < NARROW; k++) {
    text_buffer t = {0};
    put(&t,
        "program p(x: read %s[], y: write %s[3 * len(x)]) {\n"
        "  lanes 3;\n"
        "  for i in 0u .. len(x) { y[i * 3 + lane] = x[i]; }\n"
        "}\n",
        narrow[k], value_types[k]);
    const vy_arg args[] = {vy_arg_host(x, ALL / 4), vy_arg_none()};
    call(&v, narrow[k], &t, args, 2);
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// ---- stores

// Floats around every f16 or bf16: its pattern, and what lies a little below,
// at and above the ties beside it.
static uint32_t ties(uint32_t *out, bool bf16) {
  static const uint16_t tails[] = {0,      1,      0x7fff, 0x8000,
                                   0x8001, 0xffff, 0x5555};
  uint32_t n = 0;
  for (uint32_t i = 0; i < ALL; i++) {
    if (bf16) {
      for (uint32_t k = 0; k < 7; k++)
        out[n++] = i << 16 | tails[k];
      continue;
    }
    // The f32 of the f16 `i` by integers: exponent moved, 13 more bits.
    const uint32_t sign = (i & 0x8000) << 16, rest = i & 0x7fff;
    for (uint32_t k = 0; k < 7; k++)
      out[n++] = sign | ((rest << 13) + (112u << 23) + (tails[k] >> 3) +
                         (tails[k] & 1));
    // Below the normal ones each float stands near a multiple of 2^-24.
    out[n++] = sign | ((102u << 23) + (rest << 11));
    out[n++] = sign | ((102u << 23) + (rest << 11) + 1);
    out[n++] = sign | ((102u << 23) + (rest << 11) - 1);
  }
  return n;
}

static void stores_of(versus *v, const char *type, const uint32_t *x,
                      uint32_t n) {
  text_buffer t = {0};
  put(&t,
      "program p(x: read f32[], y: write %s[len(x)], z: write %s[2 * len(x)],\n"
      "          m: write %s[len(x)]) {\n"
      "  lanes len(x);\n"
      "  y[lane] = x[lane];\n"
      "  z[lane * 2 + 1] = x[lane];\n"
      "  if (lane %% 3 != 0) { m[num_lanes - 1 - lane] = x[lane]; }\n"
      "}\n",
      type, type, type);
  const vy_arg args[] = {vy_arg_host(x, (uint64_t)n * 4), vy_arg_none(),
                         vy_arg_none(), vy_arg_none()};
  vy_program *p = parse(v, &t);
  const versus_call c = {type, p, args, 4, 0, NULL, VERSUS_GUARDED_END};
  versus_same(v, &c, NULL);
  vy_program_release(p);
}

static void floats_are_stored_narrow(void **state) {
  (void)state;
  versus v;
  const uint32_t random = numbers_full() ? 1 << 22 : 1 << 16;
  uint32_t *x = malloc((10 * ALL + random) * sizeof *x);
  assert_non_null(x);
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  for (int bf16 = 0; bf16 < 2; bf16++) {
    uint64_t seed = 3;
    uint32_t n = ties(x, bf16);
    for (uint32_t i = 0; i < random; i++)
      x[n++] = (uint32_t)operands_random(VY_TYPE_F32, &seed);
    stores_of(&v, bf16 ? "bf16" : "f16", x, n);
  }
  free(x);
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

static void integers_are_cut(void **state) {
  (void)state;
  versus v;
  static uint32_t x[4096];
  uint64_t seed = 9;
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  for (uint32_t i = 0; i < 4096; i++)
    x[i] = (uint32_t)operands_random(VY_TYPE_U32, &seed);
  for (uint32_t k = 0; k < 4; k++) {
    text_buffer t = {0};
    put(&t,
        "program p(x: read %s[], y: write %s[len(x)], z: write %s[3 * len(x)],"
        "\n          u: update %s[]) {\n"
        "  lanes len(x);\n"
        "  y[lane] = x[lane];\n"
        "  z[lane * 3] = x[lane] * x[lane];\n"
        "  if (x[lane] %% 3 == 0) { u[lane] += x[lane]; }\n"
        "}\n",
        value_types[k], narrow[k], narrow[k], narrow[k]);
    const vy_arg args[] = {vy_arg_host(x, sizeof x), vy_arg_none(),
                           vy_arg_none(),
                           vy_arg_host(x, (uint64_t)4096 * sizes[k])};
    call(&v, narrow[k], &t, args, 4);
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// ---- arrays and tables

static void arrays_hold_them(void **state) {
  (void)state;
  static const char *const types[] = {"i8",  "u8",  "i16", "u16", "f16", "bf16",
                                      "i32", "u32", "f32", "i64", "u64", "f64"};
  versus v;
  static uint64_t x[2048];
  uint64_t seed = 11;
  versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
  for (uint32_t i = 0; i < 2048; i++)
    x[i] = operands_random(i % 2 ? VY_TYPE_F64 : VY_TYPE_U64, &seed);
  for (uint32_t k = 0; k < 12; k++) {
    text_buffer t = {0};
    const char *e = types[k], *value = k < 6 ? value_types[k] : e;
    put(&t,
        "const T: %s[5] = {3, 1, 4, 1, 5};\n"
        "program p(x: read %s[], y: write %s[4 * len(x)]) {\n"
        "  group 24;\n"
        "  groups len(x) / 24;\n"
        "  shared s: %s[50];\n"
        "  var a: %s[7];\n"
        "  let n = num_lanes;\n"
        "  for i in 0u .. 7 { a[i] = x[lane + i]; }\n"
        "  if (lane %% 3 == 1) { a[lane %% 8] = T[lane %% 6]; }\n"
        "  s[local * 2] = x[lane];\n"
        "  barrier;\n"
        "  y[lane] = a[lane %% 7] + T[local %% 5];\n"
        "  y[n + lane] = a[3] + s[48 - local * 2];\n"
        "  for i in 0u .. lane %% 5 { a[i + 2] += s[local + i] + a[i]; }\n"
        "  y[2 * n + lane] = a[5] + a[6];\n"
        "  y[3 * n + lane] = s[7] + s[(local * 5) %% 50];\n"
        "}\n",
        e, e, value, e, e);
    const vy_arg args[] = {vy_arg_host(x, 2048), vy_arg_none()};
    call(&v, e, &t, args, 2);
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_patterns_are_loaded),
      cmocka_unit_test(uniform_loads),
      cmocka_unit_test(floats_are_stored_narrow),
      cmocka_unit_test(integers_are_cut),
      cmocka_unit_test(arrays_hold_them),
  };
  int missing = versus_missing("cpu");
  return missing
             ? missing
             : cmocka_run_group_tests_name("cpu storage", tests, NULL, NULL);
}

// Control flow on the cpu device against the reference, where random programs
// seldom come: loops at the ends of their types with steps that differ
// between lanes, ways out of nests, as deep as nests may be, memory of lanes
// and groups as large as it may be, as many parameters as there may be. Plain,
// under strict bounds and with several budgets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/numbers.h"
#include "support/text_buffer.h"
#include "support/versus.h"

enum { LANES = 77, MOST = 4096 };

static uint64_t x[MOST];

static int load(void **state) {
  (void)state;
  uint64_t seed = 4;
  for (uint32_t i = 0; i < MOST; i++)
    x[i] = numbers_next(&seed) >> (i % 64);
  return 0;
}

// program p(s: i32, x: read u64[], y: write u64[] of 8 for each lane)
static void run(versus *v, const char *name, const char *text,
                uint64_t groups) {
  static const struct {
    uint32_t flags;
    uint64_t budget;
  } ways[] = {{0, 0},
              {VY_COMPILE_STRICT, 0},
              {VY_COMPILE_BUDGETED, 2},
              {VY_COMPILE_BUDGETED, 19},
              {VY_COMPILE_BUDGETED | VY_COMPILE_STRICT, UINT64_C(1) << 40}};
  vy_program *p = versus_parse(v, text);
  for (uint32_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
    o.budget = ways[w].budget;
    o.groups[0] = groups;
    o.groups[1] = o.groups[2] = groups ? 1 : 0;
    const vy_arg args[] = {vy_arg_i32(3), vy_arg_host(x, sizeof x),
                           vy_arg_length(8 * (groups ? groups * 1024 : LANES))};
    const versus_call c = {
        name, p, args, 3, ways[w].flags, &o, (versus_mode)(w % VERSUS_MODES)};
    versus_same(v, &c, NULL);
  }
  vy_program_release(p);
}

static void with(void (*what)(versus *v)) {
  versus v;
  versus_open(&v, NULL, versus_widths, numbers_full() ? VERSUS_WIDTHS : 5);
  what(&v);
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

// ---- loops at the ends of their types

static void ends_of(versus *v, const char *t, const char *low,
                    const char *high) {
  text_buffer b = {0};
  put(&b,
      "program p(s: i32, x: read u64[], y: write u64[]) {\n"
      "lanes %d;\n"
      "let n = num_lanes;\n"
      "let a = %s(x[lane]);\n"
      "var k = 0ul;\n"
      "var last = %s(0);\n"
      "for i in %s .. %s step %s / 3 + %s(lane) { k += 1; last = i; }\n"
      "y[lane] = k * 1000 + u64(last);\n"
      "k = 0;\n"
      "for i in %s - %s(lane %% 9) .. %s { k += u64(i); }\n"
      "y[n + lane] = k;\n"
      "k = 0;\n"
      "for i in %s .. %s + %s(lane %% 9) step %s(lane %% 4) {\n"
      "  k += 1;\n"
      "  if (i %% 5 == 3) { continue; }\n"
      "  k += u64(i);\n"
      "  if (k %% 11 == 7) { break; }\n"
      "}\n"
      "y[2 * n + lane] = k;\n"
      "k = 0;\n"
      "for i in a %% 50 .. a %% 70 step %s(s) - %s(lane %% 3) { k += u64(i) + "
      "1; "
      "}\n"
      "y[3 * n + lane] = k;\n"
      "k = 0;\n"
      "for i in %s .. %s step %s { k += u64(i) ^ 1; }\n"
      "for i in %s - %s(s) .. %s { k = k * 3 + u64(i); }\n"
      "for i in %s(s) .. %s(s) { k += 1; }\n"
      "y[4 * n + lane] = k;\n"
      "}\n",
      LANES, t, t, low, high, high, t, high, t, high, low, low, t, t, t, t, low,
      high, high, high, t, high, t, t);
  run(v, "loops", b.data, 0);
  free(b.data);
}

static void loop_ends(versus *v) {
  ends_of(v, "i32", "i32(-2147483648)", "i32(2147483647)");
  ends_of(v, "u32", "u32(0)", "u32(4294967295)");
  ends_of(v, "i64", "i64(-9223372036854775808)", "i64(9223372036854775807)");
  ends_of(v, "u64", "u64(0)", "u64(18446744073709551615)");
}

static void loops_at_the_ends(void **state) {
  (void)state;
  with(loop_ends);
}

// ---- ways out

static const char *const ways_out[] = {
    // Out of three loops at once, after effects.
    "program p(s: i32, x: read u64[], y: write u64[]) {\n"
    "  lanes 77;\n"
    "  let n = num_lanes;\n"
    "  var k = 0ul;\n"
    "  block {\n"
    "    for i in 0u .. 9 {\n"
    "      for j in i .. lane % 13 {\n"
    "        while { k += 1; } (k % 7 != 0) {\n"
    "          if (x[u64(lane) + k % 50] % 29 == 0) { leave; }\n"
    "          if (x[i + u32(k % 90)] % 13 == 1) { break; }\n"
    "        }\n"
    "        y[lane] += k;\n"
    "        if ((x[lane] + u64(j)) % 17 == 2) { continue; }\n"
    "        k += u64(j);\n"
    "      }\n"
    "      if (k > 300) { break; }\n"
    "    }\n"
    "    y[n + lane] = k;\n"
    "  }\n"
    "  if (k % 3 == 0) { return; }\n"
    "  y[2 * n + lane] = k + 1;\n"
    "  for i in 0 .. 20 {\n"
    "    y[3 * n + lane] += u64(i);\n"
    "    if (u64(i) > k % 23) { return; }\n"
    "    block { if (u64(i) % 4 == k % 4) { leave; } y[4 * n + lane] += 7; }\n"
    "  }\n"
    "  y[5 * n + lane] = 1;\n"
    "}\n",
    // Nobody goes in; everybody leaves at once; one lane stays long.
    "program p(s: i32, x: read u64[], y: write u64[]) {\n"
    "  lanes 77;\n"
    "  let n = num_lanes;\n"
    "  if (lane > 1000) { y[lane] = x[lane] / x[s]; }\n"
    "  while (true) { if (lane < 1000) { break; } y[lane] = 5; }\n"
    "  var k = 0u;\n"
    "  while (k < (lane == 41 ? 5000u : 3u)) { k += 1; }\n"
    "  y[n + lane] = u64(k);\n"
    "  for i in 0 .. s { if (lane == 13) { return; } y[2 * n + lane] += 1; }\n"
    "  y[3 * n + lane] = (lane % 2 == 0 && x[lane] / u64(lane % 4) > 9) || "
    "x[lane] % 3 == 0 ? 1ul : 2ul;\n"
    "  if (s > 2) { y[4 * n + lane] = 1; } else { y[4 * n + lane] = 2; }\n"
    "  if (s < 2) { return; }\n"
    "  var z: u64[9];\n"
    "  for i in 0u .. lane % 10 { z[i] = x[i]; var w: u32[2]; w[1] += i; "
    "z[8] += u64(w[1]); }\n"
    "  y[5 * n + lane] = z[0] + z[3] + z[8];\n"
    "}\n",
    // What a lane did before it went is kept, what others do after is theirs.
    "program p(s: i32, x: read u64[], y: write u64[]) {\n"
    "  lanes 77;\n"
    "  let n = num_lanes;\n"
    "  var a = x[lane];\n"
    "  var b = 0ul;\n"
    "  for i in 0u .. 12 {\n"
    "    let before = a;\n"
    "    if (a % 2 == 0) { a = a / 2; b += before; continue; }\n"
    "    a = a * 3 + 1;\n"
    "    if (i > lane % 12) { b ^= a; break; }\n"
    "    if (a % 16 == 4) {\n"
    "      y[lane] = b;\n"
    "      while (b % 5 != 2) { b += 1; if (b % 100 == 99) { return; } }\n"
    "      y[n + lane] = a;\n"
    "    } else if (a % 16 == 10) {\n"
    "      y[2 * n + lane] = x[u32(a % 40) + i];\n"
    "    }\n"
    "    y[3 * n + lane] = before ^ a;\n"
    "  }\n"
    "  y[4 * n + lane] = a;\n"
    "  y[5 * n + lane] = b;\n"
    "}\n",
};

static void out(versus *v) {
  for (uint32_t i = 0; i < sizeof ways_out / sizeof *ways_out; i++)
    run(v, "ways out", ways_out[i], 0);
}

static void ways_out_of_nests(void **state) {
  (void)state;
  with(out);
}

// ---- as much as there may be

static void deep(versus *v) {
  text_buffer t = {0};
  put(&t,
      "program p(s: i32, x: read u64[], y: write u64[]) {\nlanes %d;\n"
      "var k = x[lane];\n",
      LANES);
  for (uint32_t i = 0; i < 60; i++)
    put(&t,
        i % 3 == 0   ? "if (k %% %u != 1) {\nk += %u;\n"
        : i % 3 == 1 ? "for i%u in 0u .. u32(k %% 2) + 1 { k ^= %u;\n"
                     : "while (k %% %u < 2) { k += %u;\n",
        i + 2, i + 3);
  for (uint32_t i = 60; i-- > 0;)
    put(&t, i % 7 == 0 ? "k -= 1; }\n" : "}\n");
  put(&t, "y[lane] = k;\n}\n");
  run(v, "deep", t.data, 0);
  free(t.data);
}

static void large_memory(versus *v) {
  run(v, "large memory",
      "program p(s: i32, x: read u64[], y: write u64[]) {\n"
      "  group 1024;\n"
      "  groups 1;\n"
      "  shared t: u64[4096];\n"
      "  var a: u64[2047];\n"
      "  for i in 0u .. 5 { a[(lane * 31 + i * 409) % 2047] = x[local + i]; }\n"
      "  t[local * 4] = x[local];\n"
      "  barrier;\n"
      "  for i in 0u .. 40 { t[local * 4 + 1] += a[(lane * 31 + i * 409) % "
      "2047] ^ t[i * 4]; barrier; }\n"
      "  y[lane] = t[(local * 4 + 5) % 4096] + a[2046] + a[lane % 2047];\n"
      "  if (local % 256 == 255) { y[lane] += a[2047 + local]; }\n"
      "}\n",
      2);
}

static void as_large_as_may_be(void **state) {
  (void)state;
  with(deep);
  with(large_memory);
}

static void many_parameters(void **state) {
  (void)state;
  versus v;
  text_buffer t = {0};
  vy_arg args[64];
  versus_open(&v, NULL, versus_widths, 5);
  put(&t, "program p(");
  for (uint32_t i = 0; i < 64; i++)
    if (i % 3 == 0) {
      put(&t, "%sa%u: u64", i ? ", " : "", i);
      args[i] = vy_arg_u64(x[i]);
    } else if (i % 3 == 1) {
      put(&t, ", x%u: read u64[]", i);
      args[i] = vy_arg_host(x + i, 8 * (20 + i));
    } else {
      put(&t, ", y%u: update u64[]", i);
      args[i] = vy_arg_host(x + i, 8 * (60 + i % 30));
    }
  put(&t, ") {\nlanes 70;\n");
  for (uint32_t i = 2; i < 64; i += 3)
    put(&t, "y%u[lane] += x%u[lane * 2] * a%u + x%u[lane];\n", i, i - 1, i - 2,
        (i * 7 + 1) % 21 * 3 + 1);
  put(&t, "}\n");
  vy_program *p = versus_parse(&v, t.data);
  for (int mode = 0; mode < VERSUS_MODES; mode++) {
    const versus_call c = {"parameters",     p, args, 64, 0, NULL,
                           (versus_mode)mode};
    versus_same(&v, &c, NULL);
  }
  vy_program_release(p);
  free(t.data);
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loops_at_the_ends),
      cmocka_unit_test(ways_out_of_nests),
      cmocka_unit_test(as_large_as_may_be),
      cmocka_unit_test(many_parameters),
  };
  return cmocka_run_group_tests_name("cpu control", tests, load, NULL);
}

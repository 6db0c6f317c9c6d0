// Programs so long that the cpu device makes several functions of them, against
// the reference: straight, as one expression, with arms, loops and ways out,
// inside a loop, of what only the launch decides, across barriers; plain,
// under strict bounds and with budgets. VYRE_FULL=1: also of 100,000
// operations.
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

enum { VARS = 8, LANES = 77, GROUP = 24, GROUPS = 3 };

typedef struct writer {
  text_buffer t;
  uint64_t seed;
} writer;

static uint32_t below(writer *w, uint32_t n) {
  return (uint32_t)(numbers_next(&w->seed) >> 33) % n;
}

static void operation(writer *w) {
  static const char *const forms[] = {
      "v%u = v%u + %uu;\n", "v%u = v%u ^ (v%u >> 3);\n",
      "v%u = v%u * (v%u | 1);\n", "v%u = v%u - x[v%u & 63];\n",
      "v%u = v%u / (v%u %% 9 + 1);\n"};
  uint32_t k = below(w, 12);
  k = k < 4 ? 0 : k < 7 ? 1 : k < 10 ? 2 : k - 7;
  put(&w->t, forms[k], below(w, VARS), below(w, VARS), below(w, VARS));
}

static void operations(writer *w, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    operation(w);
}

// ---- lists of about `n` operations

static void straight(writer *w, uint32_t n) {
  for (uint32_t i = 0; i < n; i += 16) {
    operations(w, 16);
    put(&w->t, "y[%u * n + at] = v%u;\n", below(w, VARS), below(w, VARS));
  }
}

static void arms(writer *w, uint32_t n) {
  for (uint32_t i = 0; i < n; i += 24) {
    uint32_t v = below(w, VARS);
    put(&w->t, i % 3 ? "if (v%u %% 3 == 0) {\n" : "if (k + v%u * 0 == 5) {\n",
        v);
    operations(w, 12);
    put(&w->t, "} else {\n");
    operations(w, 6);
    put(&w->t, "y[at] = v%u;\n}\n", v);
    operations(w, 6);
  }
}

static void ways_out(writer *w, uint32_t n) {
  for (uint32_t i = 0; i < n; i += 24) {
    put(&w->t, "block { for i in 0u .. v%u %% 5 {\n", below(w, VARS));
    operations(w, 8);
    put(&w->t,
        "if (v%u %% 7 == 3) { continue; }\n"
        "if (v%u %% 9 == 4) { leave; }\n"
        "if (v%u %% 9 == 5) { break; }\n",
        below(w, VARS), below(w, VARS), below(w, VARS));
    operations(w, 8);
    put(&w->t, "} }\nif (v%u %% 61 == 9) { y[at] = v%u; return; }\n",
        below(w, VARS), below(w, VARS));
    operations(w, 8);
  }
}

static void in_a_loop(writer *w, uint32_t n) {
  put(&w->t, "var trip = 0u;\nwhile {\n");
  straight(w, n / 4);
  put(&w->t, "let more = v0 %% 16 != 3; } (more && trip < 3) {\ntrip += 1;\n");
  ways_out(w, n / 2);
  put(&w->t, "if (v1 %% 2 == 1) { continue; }\n");
  straight(w, n / 4);
  put(&w->t, "}\n");
}

static void one_expression(writer *w, uint32_t n) {
  put(&w->t, "let e0 = v0;\nlet e1 = v1;\n");
  for (uint32_t i = 2; i < n; i++)
    put(&w->t, "let e%u = e%u * %uu ^ (e%u >> %u);\n", i, i - 1,
        below(w, 1 << 30) | 1, i - 1 - below(w, i < 300 ? i : 300),
        below(w, 31));
  put(&w->t, "v0 = e%u;\n", n - 1);
}

static void of_the_launch(writer *w, uint32_t n) {
  put(&w->t, "var u = k;\n");
  for (uint32_t i = 0; i < n; i++)
    put(&w->t, "u = u * %uu ^ (u >> %u);\n", below(w, 1 << 30) | 1,
        1 + below(w, 30));
  put(&w->t, "v0 += u;\n");
}

static void meetings(writer *w, uint32_t n) {
  for (uint32_t i = 0; i < n; i += 40) {
    operations(w, 10);
    put(&w->t, "t[local] = v%u;\nbarrier;\nv%u = t[(local + %u) %% %u];\n",
        below(w, VARS), below(w, VARS), below(w, GROUP), GROUP);
    operations(w, 5);
    if (i % 3 == 0)
      put(&w->t, "v%u += group_reduce_add(v%u);\n", below(w, VARS),
          below(w, VARS));
    put(&w->t, "if (v%u %% 2 == 0) {\n", below(w, VARS));
    operations(w, 10);
    put(&w->t, "}\nbarrier;\nfor i in 0u .. k %% 4 {\n");
    operations(w, 10);
    put(&w->t, "t[local] = v0;\nbarrier;\nv1 ^= t[%u - local];\nbarrier;\n}\n",
        GROUP - 1);
  }
}

// One long range between two meetings.
static void between_meetings(writer *w, uint32_t n) {
  meetings(w, 80);
  ways_out(w, n / 2);
  straight(w, n / 2);
}

typedef struct kind {
  const char *name;
  void (*list)(writer *w, uint32_t n);
  uint32_t operations;
  bool groups;
} kind;

static const kind kinds[] = {
    {"straight", straight, 2400, false},
    {"arms", arms, 1800, false},
    {"ways out", ways_out, 1800, false},
    {"in a loop", in_a_loop, 1800, false},
    {"one expression", one_expression, 2200, false},
    {"of the launch", of_the_launch, 2200, false},
    {"meetings", meetings, 1800, true},
    {"between meetings", between_meetings, 1800, true},
};

static char *text_of(const kind *k, uint32_t operations, uint64_t seed) {
  writer w = {.seed = seed};
  put(&w.t, "program p(k: u32, x: read u32[], y: write u32[]) {\n");
  if (k->groups)
    put(&w.t, "group %u;\ngroups %u;\nshared t: u32[%u];\n", GROUP, GROUPS,
        GROUP);
  else
    put(&w.t, "lanes %u;\n", LANES);
  put(&w.t, "let n = %uu;\nlet at = lane;\n",
      k->groups ? GROUP * GROUPS : LANES);
  for (uint32_t i = 0; i < VARS; i++)
    put(&w.t, "var v%u = x[at + %u];\n", i, i);
  k->list(&w, operations);
  for (uint32_t i = 0; i < VARS; i++)
    put(&w.t, "y[%u * n + at] = v%u;\n", i, i);
  put(&w.t, "}\n");
  return w.t.data;
}

static void run(versus *v, const kind *k, const char *text, uint32_t flags,
                uint64_t budget) {
  uint32_t x[LANES + VARS];
  uint64_t seed = 77;
  for (uint32_t i = 0; i < LANES + VARS; i++)
    x[i] = (uint32_t)(numbers_next(&seed) >> 32) >> i % 32;
  vy_program *p = versus_parse(v, text);
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.budget = budget;
  // Too short for the last lanes: bounds matter.
  const vy_arg args[] = {vy_arg_u32(5), vy_arg_host(x, sizeof x - 32),
                         vy_arg_length(VARS * LANES - 9)};
  const versus_call c = {k->name, p, args, 3, flags, &o, VERSUS_GUARDED_END};
  versus_same(v, &c, NULL);
  vy_program_release(p);
}

static void every_kind(void **state) {
  (void)state;
  static const struct {
    uint32_t flags;
    uint64_t budget;
  } ways[] = {{0, 0},
              {VY_COMPILE_STRICT, 0},
              {VY_COMPILE_BUDGETED, 7},
              {VY_COMPILE_BUDGETED | VY_COMPILE_STRICT, 1 << 20}};
  for (uint32_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    for (uint32_t w = 0; w < sizeof ways / sizeof *ways; w++) {
      if (!numbers_full() && w && (i % 2 == 0 || w != 1 + i / 2))
        continue;
      const versus_setting one =
          i % 3 ? versus_of_host(i + w) : versus_of_baseline(i + w);
      versus v;
      char *text = text_of(&kinds[i], kinds[i].operations, 100 * i + w + 1);
      versus_open(&v, NULL, numbers_full() ? versus_widths : &one,
                  numbers_full() ? VERSUS_WIDTHS : 1);
      run(&v, &kinds[i], text, ways[w].flags, ways[w].budget);
      assert_int_equal(v.failures, 0);
      versus_close(&v);
      free(text);
    }
}

// The longest, and whether it is in parts at all.
static void a_very_long_one(void **state) {
  (void)state;
  versus v;
  char *text = text_of(&kinds[0], numbers_full() ? 100000 : 3000, 4711);
  const versus_setting wide = {"cpu", 0, 1, 0};
  versus_open(&v, NULL, &wide, 1);
  vy_program *p = versus_parse(&v, text);
  size_t size = 0;
  if (!versus_is_other(&wide)) {
    assert_int_equal(
        vy_device_emit(v.devices[0], p, NULL, "llvm", NULL, 0, &size, NULL),
        VY_OK);
    char *code = calloc(1, size + 1);
    assert_non_null(code);
    assert_int_equal(
        vy_device_emit(v.devices[0], p, NULL, "llvm", code, size, &size, NULL),
        VY_OK);
    assert_non_null(strstr(code, "@part"));
    free(code);
  }
  vy_program_release(p);
  run(&v, &kinds[0], text, 0, 0);
  assert_int_equal(v.failures, 0);
  versus_close(&v);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind),
      cmocka_unit_test(a_very_long_one),
  };
  int missing = versus_missing("cpu");
  return missing ? missing
                 : cmocka_run_group_tests_name("cpu long", tests, NULL, NULL);
}

// What the PTX emitter does for several lanes of a thread at once: how often
// it does so with the random programs that are made for it (they must reach
// it, or tests of them on a GPU would say nothing of it), and single programs
// that show one thing each.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/parse.h"
#include "support/ptx.h"
#include "support/random_program.h"

static vy_context *context;

static int open_context(void **state) {
  (void)state;
  return vy_context_create(NULL, &context, NULL) != VY_OK;
}

static int close_context(void **state) {
  (void)state;
  vy_context_release(context);
  return 0;
}

// Of one entry: how often things stand in it.
typedef struct counts {
  uint32_t abreast;         // is it made for four lanes at once anywhere?
  uint32_t loads, stores;   // of vectors
  uint32_t singles, stored; // of one element
  uint32_t tests;           // whether an index is a multiple of four
  uint32_t borders;         // jumps that the lanes decide on together
} counts;

static bool starts(const char *line, const char *with) {
  return !strncmp(line, with, strlen(with));
}

static bool has(const char *line, const char *part) {
  const char *at = strstr(line, part);
  return at && at < line + strcspn(line, "\n");
}

static void count_line(const char *line, const char *before, counts *c) {
  bool wide = has(line, ".v4.") || has(line, ".v2.");
  bool joined =
      starts(before, "\tand.pred pt") || starts(before, "\tor.pred pt");
  c->abreast += starts(line, "\tmul.lo.u32 lanex, tx, 4;");
  c->loads += has(line, "ld.global") && wide;
  c->singles += has(line, "ld.global") && !wide;
  c->stores += has(line, "st.global") && wide;
  c->stored += has(line, "st.global") && !wide;
  c->tests += starts(before, "\tand.b32 rt") &&
              (has(before, ", 3;") || has(before, ", 1;")) &&
              starts(line, "\tsetp.ne.u32 pt");
  c->borders += joined && has(line, " bra L");
}

static counts count(vy_program *p) {
  ptx_module m = ptx_emit(p, 0, 90);
  const char *end = strstr(m.text, ".entry vy_many"), *before = "";
  counts c = {0};
  assert_non_null(end);
  for (const char *line = m.text; line < end; line = strchr(line, '\n') + 1) {
    count_line(line, before, &c);
    before = line;
  }
  ptx_free(&m);
  return c;
}

static void random_programs_reach_it(void **state) {
  (void)state;
  enum { PROGRAMS = 400 };
  static const random_options options = {RANDOM_ABREAST, 0};
  counts of = {0};
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    vy_program *p = NULL;
    assert_true(random_program(context, seed, &options, &p));
    counts c = count(p);
    of.abreast += c.abreast > 0;
    if (c.abreast) {
      of.loads += c.loads > 0;
      of.stores += c.stores > 0;
      of.tests += c.tests > 0;
      of.borders += c.borders > 0;
    }
    vy_program_release(p);
  }
  assert_true(of.abreast > PROGRAMS * 2 / 5);
  assert_true(of.loads > of.abreast / 2);
  assert_true(of.stores > of.abreast / 2);
  assert_true(of.tests > of.abreast / 4);
  assert_true(of.borders > of.abreast / 2);
}

// ---- one thing each

static counts of_text(const char *text) {
  vy_program *p = parse_text(context, text);
  counts c = count(p);
  vy_program_release(p);
  return c;
}

// What is no multiple of four for sure is not asked, be it that all would go
// without vectors then; nor is one more by four than what was.
static void what_is_known_is_not_asked(void **state) {
  (void)state;
  counts c = of_text("program p(x: read u32[], y: write u32[len(x) + 9]) {\n"
                     "  lanes len(x);\n"
                     "  y[lane + 9] = x[lane];\n"
                     "}\n");
  assert_int_equal(c.abreast, 1);
  assert_int_equal(c.tests, 0);
  assert_int_equal(c.loads, 1);
  c = of_text("program p(k: u32, x: read u32[], y: write u32[len(x) + 27]) {\n"
              "  lanes len(x);\n"
              "  y[lane + 27] = x[lane];\n"
              "}\n");
  assert_int_equal(c.tests, 0);
  c = of_text("program p(x: read f64[], y: write f64[len(x)]) {\n"
              "  lanes 33, len(x) / 33;\n"
              "  let i = lane.y * 33 + lane.x;\n"
              "  y[i] = x[i];\n"
              "}\n");
  assert_int_equal(c.abreast, 1);
  assert_int_equal(c.tests, 1);
  assert_int_equal(c.loads, 2);
  assert_int_equal(c.stores, 2);
  c = of_text("program p(x: read f32[5000], y: write f32[5000]) {\n"
              "  lanes 33, 100;\n"
              "  let i = lane.y * 33 + lane.x;\n"
              "  y[i + 1] = x[i + 8] + x[i] + x[i + 4];\n"
              "}\n");
  assert_int_equal(c.abreast, 1);
  assert_int_equal(c.tests, 1);
  assert_int_equal(c.loads, 3);
  assert_int_equal(c.stores, 0);
}

// A store under a condition on where the lane is, be it as small as predicates
// take else, is one of all lanes together; one that hangs on what was loaded
// is not.
static void guarded_stores_go_together(void **state) {
  (void)state;
  counts c = of_text("program p(x: read f32[], y: update f32[len(x)]) {\n"
                     "  lanes len(x);\n"
                     "  let i = lane;\n"
                     "  if (i > 0 && i + 1 < len(x)) {\n"
                     "    y[i] = x[i - 1] + x[i + 1];\n"
                     "  }\n"
                     "}\n");
  assert_int_equal(c.abreast, 1);
  assert_int_equal(c.borders, 1);
  assert_int_equal(c.stores, 1);
  c = of_text("program p(x: read f32[], y: update f32[len(x)]) {\n"
              "  lanes len(x);\n"
              "  if (x[lane] > 0.0) {\n"
              "    y[lane] = x[lane];\n"
              "  }\n"
              "}\n");
  assert_int_equal(c.abreast, 0);
}

// So is what comes behind a return of the others.
static void some_lanes_may_end(void **state) {
  (void)state;
  counts c = of_text("program p(x: read f32[], y: write f32[len(x)]) {\n"
                     "  lanes len(x) + 7;\n"
                     "  let i = lane;\n"
                     "  if (i >= len(x)) {\n"
                     "    return;\n"
                     "  }\n"
                     "  y[i] = x[i] + 1.0;\n"
                     "}\n");
  assert_int_equal(c.abreast, 1);
  assert_int_equal(c.borders, 1);
  assert_int_equal(c.loads, 1);
  assert_int_equal(c.stores, 1);
}

// Of every size there is.
static void narrow_elements_go_as_vectors(void **state) {
  (void)state;
  static const char *const types[] = {"u8",  "i8",  "u16", "i16", "f16", "bf16",
                                      "u32", "i32", "f32", "u64", "f64"};
  for (uint32_t i = 0; i < sizeof types / sizeof *types; i++) {
    char text[256];
    snprintf(text, sizeof text,
             "program p(x: read %s[], y: write %s[len(x)]) {\n"
             "  lanes len(x);\n"
             "  y[lane] = x[lane] + x[lane];\n"
             "}\n",
             types[i], types[i]);
    counts c = of_text(text);
    uint32_t vectors = i < 9 ? 1 : 2;
    assert_int_equal(c.abreast, 1);
    assert_int_equal(c.loads, vectors);
    assert_int_equal(c.stores, vectors);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_programs_reach_it),
      cmocka_unit_test(what_is_known_is_not_asked),
      cmocka_unit_test(guarded_stores_go_together),
      cmocka_unit_test(some_lanes_may_end),
      cmocka_unit_test(narrow_elements_go_as_vectors),
  };
  return cmocka_run_group_tests_name("ptx abreast", tests, open_context,
                                     close_context);
}

// Outputs that need no zeroes before a dispatch: which programs are found to
// store all that they could, and which launches then do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/cover.h"
#include "lower/lower.h"
#include "support/covers.h"
#include "support/versus.h"

static void show_term(const vy__ir *ir, vy__term t, char *out, size_t size) {
  static const char *const forms[] = {"-", "%u", "len(%s)", "%s", "lanes.%u"};
  bool named = t.kind == VY__TERM_LEN || t.kind == VY__TERM_SCALAR;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (named)
    snprintf(out, size, forms[t.kind],
             vy__ir_string(ir, ir->params[t.ref].name));
  else
    snprintf(out, size, forms[t.kind], t.ref);
#pragma GCC diagnostic pop
}

static void expect_covers(const vy_program *p, uint32_t flags, const char *text,
                          const char *want) {
  vy__lowered l;
  char got[128] = "", terms[3][32];
  assert_int_equal(vy__lower(p, flags, NULL, &l, NULL), VY_OK);
  if (l.cover_count) {
    const vy__ir *ir = &l.program->ir;
    const vy__cover *c = &l.covers[0];
    assert_int_equal(c->param, 3);
    show_term(ir, c->row, terms[0], sizeof terms[0]);
    show_term(ir, c->most[0], terms[1], sizeof terms[1]);
    show_term(ir, c->most[1], terms[2], sizeof terms[2]);
    char ratio[16] = "", times[40] = "";
    if (c->group || c->each > 1)
      snprintf(ratio, sizeof ratio, "%c%u", c->group ? '/' : '*',
               c->group ? c->group : c->each);
    if (c->times.kind != VY__TERM_NONE) {
      times[0] = '@';
      show_term(ir, c->times, times + 1, sizeof times - 1);
    }
    snprintf(got, sizeof got, "%s,%s,%s%s%s", terms[0], terms[1], terms[2],
             ratio, times);
  }
  if (strcmp(got, want))
    fail_msg("found '%s' instead of '%s' in\n%s", got, want, text);
  vy__lowered_free(&l);
}

static void finds_covers(void **state) {
  (void)state;
  versus v = {0};
  assert_int_equal(vy_context_create(NULL, &v.context, NULL), VY_OK);
  for (uint32_t k = 0; k < cover_case_count; k++) {
    vy_program *p = versus_parse(&v, cover_cases[k].text);
    expect_covers(p, 0, cover_cases[k].text, cover_cases[k].covers);
    expect_covers(p, VY_COMPILE_STRICT, cover_cases[k].text, "");
    expect_covers(p, VY_COMPILE_BUDGETED, cover_cases[k].text, "");
    vy_program_release(p);
  }
  vy_context_release(v.context);
}

// Those examples whose output needs no zeroes keep it so: that it is zeroed
// all the same is seen by nothing but a clock.
static void finds_those_of_examples(void **state) {
  static const char *const examples[] = {
      "filter/filter.vy:count",
      "int4/int4.vy:one_row",
      "int4/int4.vy:eight_rows",
      "lib/prefix.vy:part_sums",
      "lib/prefix.vy:prefix_sum",
      "literal_scan/literal_scan.vy:count",
      "mandelbrot/mandelbrot.vy:mandelbrot_f32",
      "matrix/matrix.vy:stencil",
      "matrix/matrix.vy:transpose",
      "radix_sort/radix_sort.vy:count",
      "radix_sort/radix_sort.vy:starts",
      "reduce/reduce.vy:sum_u32",
      "reduce/reduce.vy:sum_f32",
      "reduce/reduce.vy:scan_u32",
      "reduce/reduce.vy:block_sums_u32",
      "reduce/reduce.vy:scan_u32_wide",
      "reduce/reduce.vy:scan_u32_runs",
      "reduce/reduce.vy:scan_f32",
      "reduce/reduce.vy:scan_f32_wide",
      "reduce/reduce.vy:scan_sums_f32",
      "reduce/reduce.vy:compact_count",
      "rules/rules.vy:count",
      "tour/tour.vy:square",
  };
  (void)state;
  vy_context *context;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  for (size_t i = 0; i < VY__COUNT(examples); i++) {
    char path[256], text[32768];
    const char *name = strchr(examples[i], ':');
    snprintf(path, sizeof path, VYRE_SOURCE_DIR "/examples/%.*s",
             (int)(name - examples[i]), examples[i]);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    vy_source source = VY_SOURCE_INIT;
    source.text = (vy_str){text, fread(text, 1, sizeof text, f)};
    source.program = vy_str_c(name + 1);
    fclose(f);
    assert_true(source.text.size < sizeof text);
    vy_program *p, *fixed;
    vy__lowered l;
    assert_int_equal(vy_program_parse(context, &source, &p, NULL), VY_OK);
    assert_int_equal(vy_program_specialize(p, NULL, 0, &fixed, NULL), VY_OK);
    assert_int_equal(vy__lower(fixed, 0, NULL, &l, NULL), VY_OK);
    if (l.cover_count != 1)
      fail_msg("%s: %u covers", examples[i], l.cover_count);
    vy__lowered_free(&l);
    vy_program_release(fixed);
    vy_program_release(p);
  }
  vy_context_release(context);
}

// ---- which launches are covered

static void decide(const vy_program *p, const vy__cover *cover, bool want,
                   const uint64_t lanes[3], uint64_t n, uint64_t length) {
  uint64_t scalars[4] = {n, 3, 0, 0};
  vy__bind binds[4] = {0};
  binds[2].length = 50;
  binds[3].length = length;
  binds[3].size = length * 4;
  vy__launch_item item = {.binds = binds, .scalars = scalars};
  memcpy(item.lanes, lanes, sizeof item.lanes);
  assert_int_equal(vy__covered(cover, 1, &p->ir, &item), want ? 8 : 0);
  binds[3].size++; // a rest that is no element
  assert_int_equal(vy__covered(cover, 1, &p->ir, &item), 0);
}

#define LANES_OF(...)                                                          \
  (const uint64_t[3]) { __VA_ARGS__ }

static void decides_by_lengths(void **state) {
  (void)state;
  const uint64_t all = UINT32_MAX, top = all + 1;
  const vy__term none = {VY__TERM_NONE, 0}, n = {VY__TERM_SCALAR, 0},
                 m = {VY__TERM_SCALAR, 1}, x = {VY__TERM_LEN, 2},
                 wide = {VY__TERM_LANES, 0};
  const vy__cover flat = {3, none, {none, none}, 0, 0, none},
                  to_n = {3, none, {n, none}, 0, 0, none},
                  to_x = {3, none, {x, none}, 0, 0, none},
                  rows = {3, n, {none, none}, 0, 0, none},
                  own = {3, wide, {none, none}, 0, 0, none},
                  part = {3, n, {n, m}, 0, 0, none},
                  four = {3, none, {none, none}, 4, 0, none},
                  four_n = {3, none, {n, none}, 4, 0, none},
                  by_four = {3, n, {n, m}, 4, 0, none},
                  eighth = {3, none, {none, none}, 0, 8, none},
                  eighth_n = {3, none, {n, none}, 0, 8, none},
                  runs = {3, none, {none, none}, 1, 0, n},
                  runs_m = {3, none, {m, none}, 4, 0, n};
  versus v = {0};
  assert_int_equal(vy_context_create(NULL, &v.context, NULL), VY_OK);
  vy_program *p = versus_parse(&v, cover_cases[0].text);
  decide(p, &runs, true, LANES_OF(16, 1, 1), 5, 80);
  decide(p, &runs, false, LANES_OF(16, 1, 1), 5, 81);
  decide(p, &runs, false, LANES_OF(16, 1, 1), 0, 1);
  decide(p, &runs, true, LANES_OF(all, 1, 1), all, top);
  decide(p, &runs, false, LANES_OF(all, 1, 1), all, top + 1);
  decide(p, &runs_m, true, LANES_OF(16, 1, 1), 5, 3);
  decide(p, &runs_m, false, LANES_OF(16, 1, 1), 5, 4);
  decide(p, &flat, true, LANES_OF(10, 1, 1), 0, 10);
  decide(p, &flat, true, LANES_OF(11, 1, 1), 0, 10);
  decide(p, &flat, false, LANES_OF(9, 1, 1), 0, 10);
  decide(p, &flat, false, LANES_OF(0, 1, 1), 0, 10);
  decide(p, &flat, true, LANES_OF(all, 1, 1), 0, all);
  decide(p, &flat, false, LANES_OF(all, 1, 1), 0, top);
  decide(p, &to_n, true, LANES_OF(12, 1, 1), 10, 10);
  decide(p, &to_n, false, LANES_OF(12, 1, 1), 9, 10);
  decide(p, &to_n, false, LANES_OF(9, 1, 1), 10, 10);
  decide(p, &to_x, true, LANES_OF(64, 1, 1), 0, 50);
  decide(p, &to_x, false, LANES_OF(64, 1, 1), 0, 51);
  decide(p, &rows, true, LANES_OF(8, 4, 1), 8, 32);
  decide(p, &rows, true, LANES_OF(9, 4, 1), 8, 32);
  decide(p, &rows, false, LANES_OF(7, 4, 1), 8, 28);
  decide(p, &rows, false, LANES_OF(8, 4, 1), 8, 33);
  decide(p, &rows, false, LANES_OF(8, 4, 1), 7, 29);
  decide(p, &rows, false, LANES_OF(8, 4, 1), 0, 1);
  decide(p, &rows, false, LANES_OF(8, 0, 1), 8, 1);
  decide(p, &rows, true, LANES_OF(1 << 16, 1 << 16, 1), 1 << 16, top);
  decide(p, &rows, false, LANES_OF(1 << 16, 1 << 17, 1), 1 << 16, top + 1);
  decide(p, &rows, true, LANES_OF(all, all, 1), all, top);
  decide(p, &own, true, LANES_OF(8, 4, 1), 0, 32);
  decide(p, &own, false, LANES_OF(8, 4, 1), 0, 33);
  decide(p, &four, true, LANES_OF(10, 1, 1), 0, 40);
  decide(p, &four, false, LANES_OF(10, 1, 1), 0, 41);
  decide(p, &four, true, LANES_OF(1 << 30, 1, 1), 0, top);
  decide(p, &four_n, true, LANES_OF(10, 1, 1), 38, 38);
  decide(p, &four_n, false, LANES_OF(10, 1, 1), 38, 39);
  decide(p, &four_n, false, LANES_OF(10, 1, 1), 44, 41);
  decide(p, &by_four, true, LANES_OF(16, 1, 1), 10, 30);
  decide(p, &by_four, false, LANES_OF(16, 1, 1), 10, 31);
  decide(p, &by_four, false, LANES_OF(9, 1, 1), 10, 30);
  decide(p, &by_four, false, LANES_OF(3, 1, 1), 10, 30);
  decide(p, &eighth, true, LANES_OF(80, 1, 1), 0, 10);
  decide(p, &eighth, false, LANES_OF(80, 1, 1), 0, 11);
  decide(p, &eighth_n, true, LANES_OF(80, 1, 1), 7, 7);
  decide(p, &eighth_n, false, LANES_OF(80, 1, 1), 7, 8);
  decide(p, &eighth_n, false, LANES_OF(80, 1, 1), 12, 11);
  decide(p, &part, true, LANES_OF(16, 16, 1), 10, 30);
  decide(p, &part, false, LANES_OF(16, 16, 1), 10, 31);
  decide(p, &part, false, LANES_OF(16, 2, 1), 10, 30);
  decide(p, &part, false, LANES_OF(9, 16, 1), 10, 30);
  vy_program_release(p);
  vy_context_release(v.context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_covers),
      cmocka_unit_test(finds_those_of_examples),
      cmocka_unit_test(decides_by_lengths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

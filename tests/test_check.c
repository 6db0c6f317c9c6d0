// vy_check through the public interface: what it reports, what it refuses,
// and that it leaves its inputs alone.
#include "conformance/conformance.h"

static const uint32_t x4[4] = {1, 2, 3, 4};

static int open_reference(void **state) {
  *state = fixture_new("reference");
  return 0;
}

static vy_status check(fixture *f, const char *text, const vy_arg *args,
                       size_t count, vy_check_report *r) {
  *r = (vy_check_report)VY_CHECK_REPORT_INIT;
  return vy_check(f->context, make_program(f, text), NULL, args, count, NULL, r,
                  &f->diags);
}

static bool reported(const fixture *f, uint32_t code, uint32_t severity) {
  for (uint32_t i = 0; i < f->diags.count; i++)
    if (f->records[i].code == code && f->records[i].severity == severity)
      return true;
  return false;
}

static void clean_programs_are_clean(void **state) {
  fixture *f = *state;
  vy_check_report r;
  vy_arg args[3] = {vy_arg_u32(2), HOST(x4), HOST(x4)};
  expect_ok(f, check(f, saxpy_text, args, 3, &r));
  assert_int_equal(r.races + r.out_of_bounds + r.unwritten + r.order_dependent,
                   0);
  assert_int_equal(x4[0], 1);
}

static void order_is_found_and_placed(void **state) {
  fixture *f = *state;
  static const uint32_t zero[1] = {0};
  vy_check_report r;
  vy_arg args[3] = {HOST(x4), HOST(zero), vy_arg_none()};
  vy_status s = check(f,
                      "program pack(x: read u32[], n: update u32[1],\n"
                      "             y: write u32[len(x)]) {\n"
                      "  lanes len(x);\n"
                      "  let at = atomic_add(n, 0u, 1u);\n"
                      "  y[at] = x[lane];\n"
                      "}",
                      args, 3, &r);
  assert_int_equal(s, VY_OK); // a warning
  assert_int_equal(f->diags.errors, 0);
  assert_int_equal(r.order_dependent, 1);
  assert_int_equal(r.races, 0);
  assert_true(reported(f, 910, VY_SEVERITY_WARNING));
  expect_says(f, "output 'y'");
  expect_says(f, "element 0 is 0x00000001 forward and 0x00000004 reversed");
}

static void races_fail(void **state) {
  fixture *f = *state;
  vy_check_report r;
  vy_arg args[1] = {vy_arg_length(1)};
  vy_status s = check(f,
                      "program p(y: write u32[]) {\n"
                      "  lanes 2;\n"
                      "  y[0] = lane;\n"
                      "}",
                      args, 1, &r);
  assert_int_equal(s, VY_ERROR_CHECK_FAILED);
  assert_true(r.races > 0);
  assert_true(reported(f, 900, VY_SEVERITY_ERROR));
  assert_int_equal(r.order_dependent, 1); // the race says why
  assert_false(reported(f, 910, VY_SEVERITY_WARNING));
  assert_int_equal(f->records[0].line, 3);
}

// A race that only one order of lanes runs into is found all the same.
static void a_race_of_one_order_is_reported(void **state) {
  fixture *f = *state;
  static const uint32_t zero[2] = {0};
  vy_check_report r;
  vy_arg args[1] = {HOST(zero)};
  vy_status s = check(f,
                      "program p(y: update u32[2]) {\n"
                      "  lanes 3;\n"
                      "  let first = atomic_add(y, 0u, 1u) == 0u;\n"
                      "  if (first && lane != 0u) { y[1] = 1u; }\n"
                      "  if (lane == 0u) { y[1] = 2u; }\n"
                      "}",
                      args, 1, &r);
  assert_int_equal(s, VY_ERROR_CHECK_FAILED);
  assert_true(reported(f, 900, VY_SEVERITY_ERROR));
}

static void arguments_are_checked(void **state) {
  fixture *f = *state;
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  vy_program *p = make_program(f, copy_text);
  vy_buffer b = make_buffer(f, x4, 16);
  vy_check_report r = VY_CHECK_REPORT_INIT;
  vy_arg args[2] = {vy_arg_buffer(b), vy_arg_none()};
  expect_code(f, vy_check(f->context, p, NULL, args, 2, NULL, &r, &f->diags),
              bad, 603);
  args[0] = HOST(x4);
  expect_code(f, vy_check(f->context, p, NULL, args, 1, NULL, &r, &f->diags),
              bad, 602);
  expect_code(f, vy_check(f->context, p, NULL, NULL, 2, NULL, &r, &f->diags),
              bad, 602);
  expect_code(f, vy_check(NULL, p, NULL, args, 2, NULL, &r, &f->diags), bad,
              600);
  expect_code(f, vy_check(f->context, NULL, NULL, args, 2, NULL, &r, &f->diags),
              bad, 600);
  r.struct_size = 2;
  expect_code(f, vy_check(f->context, p, NULL, args, 2, NULL, &r, &f->diags),
              bad, 601);
  expect_ok(f, vy_check(f->context, p, NULL, args, 2, NULL, NULL, &f->diags));
  drop_buffer(f, b);
}

static void budgets_end_a_check(void **state) {
  fixture *f = *state;
  vy_compile_options c = VY_COMPILE_OPTIONS_INIT;
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  c.flags = VY_COMPILE_BUDGETED;
  d.budget = 10;
  vy_arg args[2] = {vy_arg_u32(100), vy_arg_none()};
  vy_program *p = make_program(f, "program p(n: u32, y: write u32[1]) {\n"
                                  "  lanes 1;\n"
                                  "  var i: u32 = 0u;\n"
                                  "  while (i < n) { i = i + 1u; }\n"
                                  "  y[0] = i;\n"
                                  "}");
  expect_code(f, vy_check(f->context, p, &c, args, 2, &d, NULL, &f->diags),
              VY_ERROR_BUDGET, 701);
}

#define ON_REFERENCE(t)                                                        \
  cmocka_unit_test_setup_teardown(t, open_reference, fixture_close)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_REFERENCE(clean_programs_are_clean),
      ON_REFERENCE(order_is_found_and_placed),
      ON_REFERENCE(races_fail),
      ON_REFERENCE(a_race_of_one_order_is_reported),
      ON_REFERENCE(arguments_are_checked),
      ON_REFERENCE(budgets_end_a_check),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

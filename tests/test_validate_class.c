// The determinism class of small programs: what is proved, what is not, and
// what the order of lanes can show. A proof that is not one is the bug that
// matters here, so most programs are near misses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <vyre/program.h>

#include "support/parse.h"

static void expect(const char *text, uint32_t want) {
  vy_context *context = NULL;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  vy_program *program = parse_text(context, text);
  vy_program_info info = VY_PROGRAM_INFO_INIT;
  assert_int_equal(vy_program_describe(program, &info), VY_OK);
  assert_int_equal(info.determinism, want);
  vy_program_release(program);
  vy_context_release(context);
}

static void own_elements(void **state) {
  (void)state;
  expect("program p(y: update u32[]) { lanes len(y); y[lane] = y[lane] + 1; }",
         VY_DETERMINISTIC);
  expect("program p(y: update u32[]) { lanes len(y); y[i32(lane)] = 1; }",
         VY_DETERMINISTIC);
  expect("program p(x: read u32[], y: write u32[len(x)]) {"
         " lanes len(x); y[lane] = x[len(x) - 1 - lane]; }",
         VY_DETERMINISTIC);
}

static void foreign_elements(void **state) {
  (void)state;
  expect("program p(y: update u32[]) { lanes len(y); y[0] = lane; }",
         VY_DETERMINISTIC_IF_RACE_FREE);
  expect("program p(y: update u32[]) {"
         " lanes len(y); y[lane] = y[lane + 1]; }",
         VY_DETERMINISTIC_IF_RACE_FREE);
  expect("program p(y: update u32[]) {"
         " lanes len(y); y[u32(u64(lane) / 2)] = 1; }",
         VY_DETERMINISTIC_IF_RACE_FREE);
  expect("program p(y: update u32[]) {"
         " lanes len(y), 2; y[lane.x] = 1; }",
         VY_DETERMINISTIC_IF_RACE_FREE);
}

static void atomics_that_commute(void **state) {
  (void)state;
  expect("program p(x: read u32[], h: update u32[]) {"
         " lanes len(x); atomic_add(h, x[lane], 1); }",
         VY_DETERMINISTIC);
  expect("program p(h: update u32[], y: write u32[4]) {"
         " lanes 4; y[lane] = atomic_load(h, 0); }",
         VY_DETERMINISTIC);
}

// A plain access of the lane's own element races with atomics, which reach
// any element.
static void atomics_and_plain(void **state) {
  (void)state;
  expect("program p(h: update u32[], y: write u32[len(h)]) {"
         " lanes len(h); y[lane] = h[lane]; atomic_add(h, 0, 1); }",
         VY_DETERMINISTIC_IF_RACE_FREE);
  expect("program p(h: update u32[]) {"
         " lanes len(h); h[lane] = 1; atomic_add(h, 0, 1); }",
         VY_DETERMINISTIC_IF_RACE_FREE);
}

static void order_shows(void **state) {
  (void)state;
  expect("program p(h: update u32[], y: write u32[4]) {"
         " lanes 4; y[lane] = atomic_add(h, 0, 1); }",
         VY_ORDER_DEPENDENT);
  expect("program p(h: update u32[]) { lanes 4; atomic_store(h, 0, lane); }",
         VY_ORDER_DEPENDENT);
  expect("program p(h: update u32[]) {"
         " lanes 4; atomic_add(h, 0, 1); atomic_max(h, 0, lane); }",
         VY_ORDER_DEPENDENT);
  expect("program p(h: update u32[]) {"
         " lanes 4; if (atomic_add(h, 0, 1) == 2) { atomic_add(h, 1, 1); } }",
         VY_ORDER_DEPENDENT);
  expect("program p(h: update u32[], y: write u32[4]) {"
         " lanes 4; y[lane] = atomic_load(h, 0); atomic_add(h, 0, 1); }",
         VY_ORDER_DEPENDENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(own_elements),
      cmocka_unit_test(foreign_elements),
      cmocka_unit_test(atomics_that_commute),
      cmocka_unit_test(atomics_and_plain),
      cmocka_unit_test(order_shows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

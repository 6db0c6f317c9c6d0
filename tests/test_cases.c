// The corpus: every case on every device that can be opened, in every mode
// and option set, in every lane order of the reference, and through vy_check.
// One failure names the case, the device, the mode and the first difference;
// all cases are run before the test fails.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/case.h"

#ifndef VYRE_SOURCE_DIR
#error "the build names the source folder"
#endif

enum { AT_LEAST = 120 }; // the corpus never shrinks unnoticed

typedef struct corpus {
  case_file *cases;
  size_t count;
  char **paths;
  vy_context *context;
  uint32_t failures;
  uint32_t runs;
} corpus;

static void report(corpus *all, const char *why) {
  if (!why[0])
    return;
  all->failures++;
  fprintf(stderr, "%s\n", why);
}

static int load(void **state) {
  corpus *all = calloc(1, sizeof *all);
  if (!all)
    return 1;
  all->paths = case_list(VYRE_SOURCE_DIR "/tests/cases", &all->count);
  all->cases = calloc(all->count + 1, sizeof *all->cases);
  if (!all->cases || vy_context_create(NULL, &all->context, NULL) != VY_OK)
    return 1;
  for (size_t i = 0; i < all->count; i++) {
    char why[1024];
    if (!case_load(&all->cases[i], all->paths[i], why, sizeof why)) {
      fprintf(stderr, "%s\n", why);
      return 1;
    }
  }
  *state = all;
  return 0;
}

static int unload(void **state) {
  corpus *all = *state;
  for (size_t i = 0; i < all->count; i++)
    case_free(&all->cases[i]);
  case_list_free(all->paths, all->count);
  vy_context_release(all->context);
  free(all->cases);
  free(all);
  return 0;
}

static void run_all(corpus *all, const char *device, uint32_t order,
                    uint64_t seed, case_mode mode, uint32_t flags) {
  for (size_t i = 0; i < all->count; i++) {
    const case_file *c = &all->cases[i];
    if (mode == CASE_RESIDENT && c->racy)
      continue;
    case_options o = {.context = all->context,
                      .device = device,
                      .lane_order = order,
                      .order_seed = seed,
                      .mode = mode,
                      .flags = flags};
    char why[2048];
    vy_status s = case_run(c, &o, why, sizeof why);
    (void)s; // judged
    report(all, why);
    all->runs++;
  }
}

static void on_every_device(void **state) {
  corpus *all = *state;
  assert_true(all->count >= AT_LEAST);
  vy_device_info info = VY_DEVICE_INFO_INIT;
  uint32_t devices = 0;
  for (uint32_t k = 0; vy_device_enumerate(k, &info) == VY_OK; k++) {
    if (info.available && !info.hidden) {
      devices++;
      for (int mode = 0; mode < CASE_MODES; mode++)
        run_all(all, info.name, VY_ORDER_FORWARD, 0, (case_mode)mode, 0);
      run_all(all, info.name, VY_ORDER_FORWARD, 0, CASE_GROW,
              VY_COMPILE_STRICT);
      run_all(all, info.name, VY_ORDER_FORWARD, 0, CASE_GROW,
              VY_COMPILE_BUDGETED);
      run_all(all, info.name, VY_ORDER_FORWARD, 0, CASE_RESIDENT,
              VY_COMPILE_STRICT | VY_COMPILE_BUDGETED);
    }
    info = (vy_device_info)VY_DEVICE_INFO_INIT;
  }
  assert_true(devices >= 1);
  assert_int_equal(all->failures, 0);
}

static void in_every_lane_order(void **state) {
  corpus *all = *state;
  all->failures = 0;
  run_all(all, "reference", VY_ORDER_REVERSED, 0, CASE_GROW, 0);
  run_all(all, "reference", VY_ORDER_SHUFFLED, 1, CASE_GROW, 0);
  run_all(all, "reference", VY_ORDER_SHUFFLED, 2, CASE_RESIDENT, 0);
  assert_int_equal(all->failures, 0);
}

static void checked(void **state) {
  corpus *all = *state;
  all->failures = 0;
  for (size_t i = 0; i < all->count; i++) {
    char why[2048];
    vy_status s = case_check(&all->cases[i], all->context, why, sizeof why);
    (void)s; // judged
    report(all, why);
  }
  assert_int_equal(all->failures, 0);
}

static void a_wrong_expectation_is_seen(void **state) {
  corpus *all = *state;
  static const char *const wrong[] = {
      "//! out y: u32 1 3\nprogram p(y: write u32[2]) { lanes 2; y[lane] = "
      "lane + 1u; }",
      "//! error: VY0100\nprogram p(y: write u32[2]) { lanes 2; y[lane] = "
      "lane; }",
      "//! bounds\n//! strict\nprogram p(y: write u32[2]) { lanes 2; y[lane] = "
      "lane; }",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    case_file c;
    char why[2048];
    assert_true(case_parse(&c, "wrong", wrong[i], strlen(wrong[i]), ".", why,
                           sizeof why));
    case_options o = {.context = all->context};
    vy_status s = case_run(&c, &o, why, sizeof why);
    (void)s;
    assert_true(why[0]);
    case_free(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_wrong_expectation_is_seen),
      cmocka_unit_test(on_every_device),
      cmocka_unit_test(in_every_lane_order),
      cmocka_unit_test(checked),
  };
  return cmocka_run_group_tests(tests, load, unload);
}

// Random programs on the cpu device against the reference, at every vector
// width and number of threads: outputs bit for bit, and under strict bounds
// and budgets the same fault, of the same lane at the same place. The seeds
// are fixed; VYRE_FULL=1 runs many more, VYRE_SEED=N starts elsewhere.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/numbers.h"
#include "support/random_program.h"
#include "support/versus.h"

static uint64_t first_seed(void) {
  const char *seed = getenv("VYRE_SEED");
  return seed ? strtoull(seed, NULL, 0) : 1;
}

typedef struct way {
  uint32_t flags;
  uint64_t budget;
} way;

static const way ways[] = {
    {0, 0},
    {VY_COMPILE_STRICT, 0},
    {VY_COMPILE_BUDGETED, 1 << 20},
    {VY_COMPILE_BUDGETED, 3},
    {VY_COMPILE_BUDGETED | VY_COMPILE_STRICT, 9},
};
enum { WAYS = sizeof ways / sizeof *ways };

static void one(versus *v, uint64_t seed, const random_options *options,
                uint32_t way_count) {
  char name[64];
  vy_program *p = NULL;
  random_arguments a;
  assert_true(random_program(v->context, seed, options, &p));
  assert_true(random_arguments_make(p, seed, &a));
  for (uint32_t w = 0; w < way_count; w++) {
    // All programs as they are; of the rest one, in turn.
    const way *y = &ways[w ? 1 + (seed + w) % (WAYS - 1) : 0];
    snprintf(name, sizeof name, "random %llu features %u",
             (unsigned long long)seed, options->features);
    vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
    o.budget = y->budget;
    versus_call c = {.name = name,
                     .program = p,
                     .args = a.args,
                     .arg_count = a.count,
                     .flags = y->flags,
                     .options = &o,
                     .mode = (versus_mode)(seed % VERSUS_MODES)};
    versus_same(v, &c, NULL);
  }
  random_arguments_free(&a);
  vy_program_release(p);
}

static void seeds(const versus_setting *settings, uint32_t setting_count,
                  const random_options *kinds, uint32_t n, uint64_t from,
                  uint32_t count) {
  versus v;
  versus_open(&v, NULL, settings, setting_count);
  const bool full = numbers_full();
  for (uint32_t i = 0; i < (full ? 20 * count : count); i++)
    one(&v, first_seed() + from + i, &kinds[i % n], full ? WAYS : 2);
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

static void many(const versus_setting *settings, uint32_t setting_count,
                 uint64_t from, uint32_t count) {
  static const random_options kinds[] = {
      {RANDOM_ALL, 40},
      {RANDOM_LOOPS, 12},
      {RANDOM_FLOATS | RANDOM_WIDE, 30},
      {RANDOM_ALL & ~RANDOM_GROUPS, 25},
      {RANDOM_GROUPS | RANDOM_LOOPS | RANDOM_ARRAYS, 20},
      {RANDOM_NEIGHBOURS | RANDOM_LOOPS, 16},
      {RANDOM_NEIGHBOURS | RANDOM_LOOPS | RANDOM_GROUPS | RANDOM_ATOMICS, 30},
      {RANDOM_WINDOWS, 4},
      {RANDOM_WINDOWS | RANDOM_WIDE | RANDOM_LOOPS, 10},
      {RANDOM_WINDOWS | RANDOM_GROUPS | RANDOM_ATOMICS | RANDOM_FLOATS, 8},
      {RANDOM_WINDOWS | RANDOM_ALL, 30},
  };
  seeds(settings, setting_count, kinds, sizeof kinds / sizeof *kinds, from,
        count);
}

static void at_every_width(void **state) {
  (void)state;
  many(versus_widths, VERSUS_WIDTHS, 0, 70);
}

static void at_every_number_of_threads(void **state) {
  (void)state;
  many(versus_threads, VERSUS_THREADS, 1000000, 40);
}

// What a GPU's thread does for several lanes at once (src/backend/cuda/emit/
// several.c): small programs, of which it takes many to see all.
static void several_lanes_a_thread(void **state) {
  (void)state;
  static const random_options kind = {RANDOM_ABREAST, 0};
  const bool other = versus_is_other(&versus_threads[0]);
  seeds(versus_threads, VERSUS_THREADS, &kind, 1, 2000000, other ? 400 : 24);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(at_every_width),
      cmocka_unit_test(at_every_number_of_threads),
      cmocka_unit_test(several_lanes_a_thread),
  };
  int missing = versus_missing("cpu");
  return missing ? missing
                 : cmocka_run_group_tests_name("cpu random", tests, NULL, NULL);
}

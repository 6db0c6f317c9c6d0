// The corpus on the cpu device: at every vector width, with the host's CPU
// features and without, with 1, 2 and 8 threads. One setting in every mode and
// with every option, the others in one mode a case, each case in another;
// everything with VYRE_FULL=1. `test_cpu_cases FILE...` runs only these.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/case.h"
#include "support/numbers.h"
#include "support/versus.h"

#ifndef VYRE_SOURCE_DIR
#error "the build names the source folder"
#endif

enum { BOTH = VY_COMPILE_STRICT | VY_COMPILE_BUDGETED, SHOWN = 100 };

typedef struct corpus {
  case_file *cases;
  size_t count;
  vy_context *context;
  vy_device *kept; // opening a device is dear where none is open
  uint32_t failures, runs;
} corpus;

static char **given; // files named by the caller
static size_t given_count;

static int load(void **state) {
  corpus *all = calloc(1, sizeof *all);
  char **listed = NULL, **paths = given, why[1024];
  if (!all)
    return 1;
  all->count = given_count;
  if (!given_count)
    paths = listed = case_list(VYRE_SOURCE_DIR "/tests/cases", &all->count);
  all->cases = calloc(all->count + 1, sizeof *all->cases);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.cache_entries = 4096; // what modes and threads share is compiled once
  if (!all->cases || vy_context_create(&desc, &all->context, NULL) != VY_OK)
    return 1;
  if (versus_is_other(&versus_widths[0]) &&
      versus_device(all->context, &versus_widths[0], &all->kept, NULL) != VY_OK)
    return 1;
  for (size_t i = 0; i < all->count; i++)
    if (!case_load(&all->cases[i], paths[i], why, sizeof why)) {
      fprintf(stderr, "%s\n", why);
      return 1;
    }
  if (listed)
    case_list_free(listed, all->count);
  *state = all;
  return 0;
}

static int unload(void **state) {
  corpus *all = *state;
  for (size_t i = 0; i < all->count; i++)
    case_free(&all->cases[i]);
  vy_device_release(all->kept);
  vy_context_release(all->context);
  free(all->cases);
  free(all);
  return 0;
}

static void run(corpus *all, size_t i, const versus_setting *s, case_mode mode,
                uint32_t flags) {
  char why[2048];
  const case_file *c = &all->cases[i];
  if (mode == CASE_RESIDENT && c->racy)
    mode = CASE_GROW;
  case_options o = {.context = all->context,
                    .device = versus_device_name(s),
                    .mode = mode,
                    .flags = flags};
  if (!versus_is_other(s)) {
    o.threads = s->threads;
    o.vector_width = s->vector_width;
    o.cpu_features = versus_features(s);
  }
  vy_status status = case_run(c, &o, why, sizeof why);
  (void)status; // judged
  all->runs++;
  if (why[0] && all->failures++ < SHOWN)
    fprintf(stderr, "%s\n", why);
}

static void in_every_way(corpus *all, const versus_setting *s) {
  static const uint32_t flags[] = {VY_COMPILE_STRICT, VY_COMPILE_BUDGETED,
                                   BOTH};
  for (int mode = 0; mode < CASE_MODES; mode++)
    for (size_t i = 0; i < all->count; i++)
      run(all, i, s, (case_mode)mode, 0);
  for (size_t f = 0; f < 3; f++)
    for (size_t i = 0; i < all->count; i++)
      if (numbers_full() || given_count || i % 3 == f)
        run(all, i, s, f == 2 ? CASE_RESIDENT : CASE_GROW, flags[f]);
}

// Every case in one mode, some with checks.
static void in_one_way(corpus *all, const versus_setting *s, size_t turn) {
  for (size_t i = 0; i < all->count; i++) {
    run(all, i, s, (case_mode)((i + turn) % CASE_MODES), 0);
    if ((i + turn) % 6 == 0)
      run(all, i, s, CASE_GROW, BOTH);
  }
}

static void each(corpus *all, const versus_setting *settings, size_t count) {
  if (!versus_has(settings[0].device))
    skip();
  all->failures = all->runs = 0;
  if (versus_is_other(&settings[0]))
    count = 1;
  for (size_t k = 0; k < count; k++) {
    const uint32_t runs = all->runs, failures = all->failures;
    if (numbers_full() || given_count || count == 1 ||
        (settings[k].vector_width == 8 && !settings[k].features))
      in_every_way(all, &settings[k]);
    else
      in_one_way(all, &settings[k], k);
    versus_tally(&settings[k], all->runs - runs, all->failures - failures);
  }
  assert_true(all->runs >= all->count * count);
  assert_int_equal(all->failures, 0);
}

static void at_every_width(void **state) {
  each(*state, versus_widths, VERSUS_WIDTHS);
}
static void at_every_number_of_threads(void **state) {
  if (versus_is_other(&versus_threads[0]))
    skip(); // has no such settings
  each(*state, versus_threads, VERSUS_THREADS);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(at_every_width),
      cmocka_unit_test(at_every_number_of_threads),
  };
  given = argv + 1;
  given_count = (size_t)argc - 1;
  int missing = versus_missing("cpu");
  return missing
             ? missing
             : cmocka_run_group_tests_name("cpu cases", tests, load, unload);
}

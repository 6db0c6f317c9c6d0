// Out of memory, everywhere: each case is run with the n-th allocation
// failing, for every n. Each time the call that hit it must say
// OUT_OF_HOST_MEMORY with a diagnostic (or do without the memory and give the
// right result), and nothing may leak. A sample of the corpus runs by
// default, all of it with VYRE_FULL=1.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/case.h"
#include "support/heap.h"

#ifndef VYRE_SOURCE_DIR
#error "the build names the source folder"
#endif

enum { SAMPLE = 8 }; // every eighth case

// One run in a context of its own; its status, and what was wrong in `why`.
static vy_status run(const case_file *c, case_mode mode, bool check, heap *m,
                     char *why, size_t size) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(m);
  vy_context *context = NULL;
  why[0] = 0;
  vy_status s = vy_context_create(&desc, &context, NULL);
  if (s != VY_OK)
    return s;
  case_options o = {.context = context, .mode = mode};
  s = check ? case_check(c, context, why, size) : case_run(c, &o, why, size);
  vy_context_release(context);
  return s;
}

static void fail_each(const case_file *c, case_mode mode, bool check) {
  char why[2048];
  heap whole = {0};
  vy_status clean = run(c, mode, check, &whole, why, sizeof why);
  (void)clean; // some cases are errors
  if (why[0])
    fail_msg("%s", why);
  assert_true(heap_is_clean(&whole));
  for (uint64_t n = 1; n <= whole.asked; n++) {
    heap m = {.fail_at = n};
    vy_status s = run(c, mode, check, &m, why, sizeof why);
    if (!heap_is_clean(&m))
      fail_msg("%s, mode %d: allocation %llu fails: %lld blocks leak", c->name,
               (int)mode, (unsigned long long)n, (long long)m.blocks);
    if (s != VY_ERROR_OUT_OF_HOST_MEMORY && why[0])
      fail_msg("allocation %llu fails: %s: %s", (unsigned long long)n,
               vy_status_name(s), why);
  }
}

static void every_allocation_fails(void **state) {
  (void)state;
  const char *full = getenv("VYRE_FULL");
  size_t step = full && !strcmp(full, "1") ? 1 : SAMPLE, count;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/cases", &count);
  assert_true(count > SAMPLE);
  for (size_t i = 0; i < count; i += step) {
    case_file c;
    char why[1024];
    if (!case_load(&c, paths[i], why, sizeof why))
      fail_msg("%s", why);
    case_mode mode = (case_mode)(i / step % CASE_MODES);
    if (c.racy && mode == CASE_RESIDENT)
      mode = CASE_GROW;
    fail_each(&c, mode, false);
    fail_each(&c, CASE_GROW, true);
    case_free(&c);
  }
  case_list_free(paths, count);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

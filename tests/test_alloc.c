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

#ifndef VYRE_SOURCE_DIR
#error "the build names the source folder"
#endif

enum { SAMPLE = 8 }; // every eighth case

typedef struct memory {
  _Atomic uint64_t asked; // calls that ask for memory
  _Atomic int64_t blocks, bytes;
  uint64_t fail_at; // 1: the first; 0: never
} memory;

static void *resize(void *user, void *ptr, size_t old_size, size_t new_size) {
  memory *m = user;
  if (!new_size) {
    free(ptr);
    if (ptr) {
      m->blocks--;
      m->bytes -= (int64_t)old_size;
    }
    return NULL;
  }
  if (++m->asked == m->fail_at)
    return NULL;
  void *p = realloc(ptr, new_size);
  if (!p)
    return NULL;
  m->blocks += !ptr;
  m->bytes += (int64_t)new_size - (int64_t)(ptr ? old_size : 0);
  return p;
}

// One run in a context of its own; its status, and what was wrong in `why`.
static vy_status run(const case_file *c, case_mode mode, bool check, memory *m,
                     char *why, size_t size) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator.user = m;
  desc.allocator.fn = resize;
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
  memory whole = {0};
  vy_status clean = run(c, mode, check, &whole, why, sizeof why);
  (void)clean; // some cases are errors
  if (why[0])
    fail_msg("%s", why);
  assert_int_equal(whole.blocks, 0);
  assert_int_equal(whole.bytes, 0);
  for (uint64_t n = 1; n <= whole.asked; n++) {
    memory m = {.fail_at = n};
    vy_status s = run(c, mode, check, &m, why, sizeof why);
    if (m.blocks || m.bytes)
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

// Compiling ahead of time: options that are wrong, equal bytes for equal
// programs, and every allocation failing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/heap.h"
#include "support/numbers.h"
#include "support/parse.h"
#include "support/versus.h"

static void wrong_options(void **state) {
  vy_context *context = *state;
  vy_program *p =
      parse_text(context, "program p(x: update u32[]) {\n"
                          "  lanes len(x);\n  x[lane] = lane;\n}\n");
  vy_ahead_options good = VY_AHEAD_OPTIONS_INIT, o;
  vy_ahead *ahead = NULL;
  const vy_status wrong = VY_ERROR_INVALID_ARGUMENT;
  assert_int_equal(vy_compile_ahead(NULL, NULL, &ahead, NULL), wrong);
  assert_int_equal(vy_compile_ahead(p, NULL, NULL, NULL), wrong);
  o = good, o.struct_size = 1;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.levels = 1;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.flags = 1024;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.budget = 5;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.name.size = 4;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  static const char *const names[] = {"a b", "1", "while", "class", "_x", "a-"};
  for (size_t i = 0; i < VY__COUNT(names); i++) {
    o = good, o.name = vy_str_c(names[i]);
    assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  }
  assert_null(ahead);
  vy_ahead_release(NULL);
  vy_program_release(p);
}

static void the_same_bytes_again(void **state) {
  vy_context *context = *state;
  vy_program *p = parse_text(context, "program p(x: update f32[]) {\n"
                                      "  lanes len(x);\n"
                                      "  x[lane] = x[lane] * 2.0 + 1.0;\n}\n");
  vy_ahead *one = NULL, *two = NULL;
  size_t size, again;
  assert_int_equal(vy_compile_ahead(p, NULL, &one, NULL), VY_OK);
  assert_int_equal(vy_compile_ahead(p, NULL, &two, NULL), VY_OK);
  const void *a = vy_ahead_object(one, &size);
  const void *b = vy_ahead_object(two, &again);
  assert_int_equal(size, again);
  assert_memory_equal(a, b, size);
  assert_true(vy__str_eq(vy_ahead_header(one), vy_ahead_header(two)));
  vy_ahead_release(one);
  vy_ahead_release(two);
  vy_program_release(p);
}

// Out of memory says so, and leaves nothing behind.
static void every_allocation_fails(void **state) {
  heap whole = {0};
  (void)state;
  for (uint64_t n = 0; n <= whole.asked;
       n += numbers_full() || n < 64 ? 1 : 7) {
    heap m = {0};
    vy_context_desc desc = VY_CONTEXT_DESC_INIT;
    vy_ahead_options options = VY_AHEAD_OPTIONS_INIT;
    vy_context *context = NULL;
    vy_ahead *ahead = NULL;
    desc.allocator = heap_allocator(&m);
    assert_int_equal(vy_context_create(&desc, &context, NULL), VY_OK);
    vy_program *p = parse_text(context, "const K: u32 = 3;\n"
                                        "program p(x: update u32[]) {\n"
                                        "  lanes len(x);\n"
                                        "  x[lane] = x[lane] * K;\n}\n");
    uint64_t before = m.asked;
    m.fail_at = n ? before + n : 0;
    options.flags = VY_COMPILE_STRICT;
    options.levels = 1 << VY_CPU_FEATURES_BASELINE;
    vy_status status = vy_compile_ahead(p, &options, &ahead, NULL);
    if (!n) {
      whole.asked = m.asked - before;
      assert_int_equal(status, VY_OK);
    } else if (status != VY_OK) {
      assert_int_equal(status, VY_ERROR_OUT_OF_HOST_MEMORY);
      assert_null(ahead);
    }
    vy_ahead_release(ahead);
    vy_program_release(p);
    vy_context_release(context);
    assert_true(heap_is_clean(&m));
  }
}

static int setup(void **state) {
  return vy_context_create(NULL, (vy_context **)state, NULL) != VY_OK;
}

static int teardown(void **state) {
  vy_context_release(*state);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_options),
      cmocka_unit_test(the_same_bytes_again),
      cmocka_unit_test(every_allocation_fails),
  };
  int missing = versus_missing("cpu");
  return missing ? missing : cmocka_run_group_tests(tests, setup, teardown);
}

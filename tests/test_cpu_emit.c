// vy_device_emit on the cpu device: the same text each time, other text for
// other options, and each allocation failing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/heap.h"
#include "support/parse.h"
#include "support/versus.h"

typedef struct setting {
  vy_context *context;
  vy_device *device;
  vy_program *program;
} setting;

static const char lanes[] = "program p(x: read u32[], y: update u32[]) {\n"
                            "  lanes len(y);\n"
                            "  y[lane] += x[lane * 2u];\n"
                            "}\n";

// A row that goes in stretches.
static const char row[] = "program p(x: read u32[], y: update u32[]) {\n"
                          "  lanes len(y);\n"
                          "  if (lane > 0u) {\n"
                          "    y[lane] = x[lane - 1u] + x[lane + 1u];\n"
                          "  }\n"
                          "}\n";

// Ranges between meetings, one of them for groups inside a bound, and an array
// that has copies.
static const char groups[] =
    "program p(n: u32, x: read u32[], y: update u32[]) {\n"
    "  group 32;\n"
    "  groups 4;\n"
    "  shared h: u32[32];\n"
    "  for i in 0u..8u {\n"
    "    atomic_add(h, x[i * 32u + local] & 31u, 1u);\n"
    "  }\n"
    "  barrier;\n"
    "  if (lane + 1u < n) {\n"
    "    y[lane] = x[lane + 1u] + h[local];\n"
    "  }\n"
    "}\n";

static setting begin(heap *h, uint32_t width, const char *text) {
  setting s = {NULL, NULL, NULL};
  vy_context_desc c = VY_CONTEXT_DESC_INIT;
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  c.allocator = heap_allocator(h);
  d.name = vy_str_c("cpu");
  d.vector_width = width;
  d.threads = 1;
  assert_int_equal(vy_context_create(&c, &s.context, NULL), VY_OK);
  assert_int_equal(vy_device_open(s.context, &d, &s.device, NULL), VY_OK);
  s.program = parse_text(s.context, text);
  return s;
}

static void end(setting *s, const heap *h) {
  vy_program_release(s->program);
  vy_device_release(s->device);
  vy_context_release(s->context);
  assert_true(heap_is_clean(h));
}

// Zero-terminated, malloc.
static char *emitted(const setting *s, const char *target, uint32_t flags) {
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  size_t size = 0, again = 0;
  o.flags = flags;
  assert_int_equal(
      vy_device_emit(s->device, s->program, &o, target, NULL, 0, &size, NULL),
      VY_OK);
  char *text = calloc(1, size + 1);
  assert_non_null(text);
  assert_int_equal(vy_device_emit(s->device, s->program, &o, target, text, size,
                                  &again, NULL),
                   VY_OK);
  assert_int_equal(again, size);
  assert_int_equal(strlen(text), size);
  return text;
}

static void the_text_is_of_the_options(void **state) {
  (void)state;
  static const char *const targets[] = {"llvm", "asm"};
  heap h = {0};
  setting narrow = begin(&h, 4, lanes), wide = begin(&h, 16, lanes);
  for (size_t i = 0; i < 2; i++) {
    char *texts[] = {emitted(&narrow, targets[i], 0),
                     emitted(&narrow, targets[i], VY_COMPILE_STRICT),
                     emitted(&wide, targets[i], 0)};
    char *again = emitted(&narrow, targets[i], 0);
    assert_string_equal(texts[0], again);
    for (size_t a = 0; a < 3; a++)
      for (size_t b = 0; b < a; b++)
        assert_string_not_equal(texts[a], texts[b]);
    for (size_t a = 0; a < 3; a++)
      free(texts[a]);
    free(again);
  }
  vy_program_release(wide.program);
  vy_device_release(wide.device);
  vy_context_release(wide.context);
  end(&narrow, &h);
}

static void allocations_fail(const char *text) {
  heap h = {0};
  setting s = begin(&h, 8, text);
  vy_status status = VY_ERROR_OUT_OF_HOST_MEMORY;
  for (uint64_t k = 1; status != VY_OK; k++) {
    int64_t blocks = h.blocks;
    size_t size = 0;
    h.fail_at = h.asked + k;
    status =
        vy_device_emit(s.device, s.program, NULL, "asm", NULL, 0, &size, NULL);
    h.fail_at = 0;
    if (status != VY_OK)
      assert_int_equal(status, VY_ERROR_OUT_OF_HOST_MEMORY);
    assert_true(blocks == h.blocks);
  }
  end(&s, &h);
}

static void every_allocation_fails(void **state) {
  (void)state;
  allocations_fail(lanes);
  allocations_fail(row);
  allocations_fail(groups);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_text_is_of_the_options),
      cmocka_unit_test(every_allocation_fails),
  };
  int missing = versus_missing("cpu");
  return missing ? missing
                 : cmocka_run_group_tests_name("cpu emit", tests, NULL, NULL);
}

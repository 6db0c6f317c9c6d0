// vy_program_field: the C layout of buffer elements, and bad questions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "support/parse.h"

static vy_program *program_of(vy_context *context) {
  return parse_text(context,
                    "struct In { v: f32x2; }\n"
                    "struct E { a: u8; b: f64; c: In; }\n"
                    "program p(k: u32, x: read E[], y: write i16[1]) {\n"
                    "  lanes 1;\n"
                    "  y[0] = i32(x[0].a + k);\n"
                    "}\n");
}

static void layout_is_that_of_c(void **state) {
  (void)state;
  struct e {
    uint8_t a;
    double b;
    float c[2];
  };
  static const struct {
    uint32_t type;
    size_t offset;
    const char *name;
  } want[] = {{VY_TYPE_U8, offsetof(struct e, a), "a"},
              {VY_TYPE_F64, offsetof(struct e, b), "b"},
              {VY_TYPE_F32, offsetof(struct e, c), "c.v.x"},
              {VY_TYPE_F32, offsetof(struct e, c) + 4, "c.v.y"}};
  vy_context *context = NULL;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  vy_program *p = program_of(context);
  vy_param_info info = VY_PARAM_INFO_INIT;
  assert_int_equal(vy_program_param(p, 1, &info), VY_OK);
  assert_int_equal(info.element_size, sizeof(struct e));
  assert_int_equal(info.field_count, 4);
  for (uint32_t i = 0; i < 4; i++) {
    vy_field_info f = VY_FIELD_INFO_INIT;
    assert_int_equal(vy_program_field(p, 1, i, &f), VY_OK);
    assert_int_equal(f.type, want[i].type);
    assert_int_equal(f.offset, want[i].offset);
    assert_int_equal(f.name.size, strlen(want[i].name));
    assert_memory_equal(f.name.data, want[i].name, f.name.size);
  }
  vy_program_release(p);
  vy_context_release(context);
}

static void bad_questions(void **state) {
  (void)state;
  vy_context *context = NULL;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  vy_program *p = program_of(context);
  vy_field_info f = VY_FIELD_INFO_INIT;
  const vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  assert_int_equal(vy_program_field(p, 0, 0, &f), bad); // a scalar
  assert_int_equal(vy_program_field(p, 1, 4, &f), bad);
  assert_int_equal(vy_program_field(p, 3, 0, &f), bad);
  assert_int_equal(vy_program_field(p, 1, 0, NULL), bad);
  assert_int_equal(vy_program_field(NULL, 1, 0, &f), bad);
  f.struct_size = 0;
  assert_int_equal(vy_program_field(p, 1, 0, &f), bad);
  vy_program_release(p);
  vy_context_release(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layout_is_that_of_c),
      cmocka_unit_test(bad_questions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Every allocation of a parse failing in turn: one clean error each time,
// and nothing left allocated.
#include "support/text.h"

typedef struct meter {
  long left; // allocations until one fails; negative: never
  size_t live;
} meter;

static void *metered(void *user, void *ptr, size_t old_size, size_t new_size) {
  meter *m = user;
  if (new_size == 0) {
    free(ptr);
    m->live -= old_size;
    return NULL;
  }
  if (m->left == 0)
    return NULL;
  m->left -= m->left > 0;
  void *p = realloc(ptr, new_size);
  if (p)
    m->live += new_size - old_size;
  return p;
}

static const char good[] =
    "struct S { a: f32; b: u8x2; }\nconst N: u32 = 2 + 2;\n"
    "const T: u8[2] = {1, 0x2};\n"
    "fn g(s: read S[], i: u32) -> f32 { if (i > 1) { return s[i].a; }"
    " return 1.5; }\n"
    "fn unused(a: S, s: shared f32[], v: var S[2]) { v[0].a = s[1] + a.a; }\n"
    "program p(s: read S[], x: update u32[N * 2] readback [0, x[0])) {\n"
    "  group N; groups 1; shared m: f32[N];\n"
    "  var v = f32x2(g(s, 1), 2); v.yx *= 2;\n"
    "  unroll for i in 0..2 { m[i] = v.x; }\n"
    "  while (x[0] < 3 && x[1] > 2) { x[0] += T[1]; break; }\n"
    "  for i in 0..3 step 2 { x[i] = i > 1 ? x[0] : 2; }\n}\n";

static const char bad[] = "fn f() -> u32 { return 1.5; }\n"
                          "program p(x: update u32[]) { lanes 1; x[0] = q; }\n";

static void every_allocation(const char *text, vy_status status,
                             uint32_t errors) {
  meter m = {-1, 0};
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = (vy_allocator){&m, metered};
  vy_context *context = NULL;
  assert_int_equal(vy_context_create(&desc, &context, NULL), VY_OK);
  size_t before = m.live;
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  vy_status got = VY_ERROR_OUT_OF_HOST_MEMORY;
  for (long n = 0; got == VY_ERROR_OUT_OF_HOST_MEMORY; n++) {
    vy__ir ir;
    vy_diags diags = VY_DIAGS_INIT;
    m.left = n;
    got = vy__text_parse(context, &source, &ir, &diags);
    m.left = -1;
    if (got == VY_OK)
      vy__ir_free(&ir);
    assert_int_equal(m.live, before);
    if (got == VY_ERROR_OUT_OF_HOST_MEMORY)
      assert_in_range(diags.errors, 1, errors + 1);
    else
      assert_int_equal(diags.errors, errors);
    assert_true(n < 10000);
  }
  assert_int_equal(got, status);
  vy_context_release(context);
  assert_int_equal(m.live, 0);
}

static void accepted(void **state) {
  (void)state;
  every_allocation(good, VY_OK, 0);
}

static void refused(void **state) {
  (void)state;
  every_allocation(bad, VY_ERROR_INVALID_PROGRAM, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accepted),
      cmocka_unit_test(refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

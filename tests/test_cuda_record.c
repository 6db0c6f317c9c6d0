// What a kernel of the cuda backend is told about an item, and which entry it
// goes by; no driver is needed for that.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <vyre/vyre.h>

#include "backend/cuda/way.h"
#include "support/parse.h"

static const char text[] =
    "program p(n: u32, x: read u8[], y: write u32[1]) {\n"
    "  lanes 1;\n"
    "  y[0] = x[n];\n"
    "}\n";

// vy_one compares indices with lengths in 32 bits.
static void large_buffers_go_by_a_table(void **state) {
  (void)state;
  vy_context *context = NULL;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  vy_program *program = parse_text(context, text);
  vy__cuda d = {.grid = {1000, 1000, 1000}};
  struct vy__code code = {.program = program, .info = {.block = {128, 1, 1}}};
  vy__launch launch = {.code = &code};
  vy__bind binds[3] = {{.length = UINT64_MAX}, {.length = 0}, {.length = 1}};
  vy__launch_item item = {.binds = binds, .lanes = {1, 1, 1}};
  for (uint32_t k = 0; k < 2; k++) {
    vy__cuda_item head;
    binds[1].length = UINT32_MAX + (uint64_t)k;
    vy__cuda_record_head(&code, &launch, &item, true, &head);
    assert_int_equal(vy__cuda_is_large(&program->ir, &item), k);
    assert_int_equal(head.large, k);
    assert_int_equal(vy__cuda_entry_of(&d, &item, &head),
                     k ? VY__CUDA_MANY_ENTRY : VY__CUDA_ONE_ENTRY);
  }
  vy_program_release(program);
  vy_context_release(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(large_buffers_go_by_a_table)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

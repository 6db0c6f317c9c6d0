// Limits at and above their edge, declarations that are damaged after
// parsing, specialization that makes a program invalid, and the notes of the
// determinism class.
#include "support/text.h"
#include "validate/validate.h"

enum { OK = 0 };

static void take(vy_diags *diags, vy_diag *records, char *text, size_t size) {
  *diags = (vy_diags)VY_DIAGS_INIT;
  diags->records = records;
  diags->capacity = 8;
  diags->text = text;
  diags->text_capacity = size;
}

static uint32_t line, column; // of what `damaged` found first

// The one code (0: accepted) that validating the program reports, after
// `damage` has changed its IR.
static uint32_t damaged(const char *text, void (*damage)(vy__ir *ir)) {
  parsed *p = parse_good(text);
  vy_diag records[8];
  char said[4096];
  vy_diags diags;
  take(&diags, records, said, sizeof said);
  if (damage)
    damage(&p->ir);
  vy_program *program = NULL;
  vy_status s = vy__validate(p->context, &p->ir, &program, &diags);
  assert_int_equal(s == VY_OK, diags.count == 0);
  uint32_t code = diags.count ? records[0].code : 0;
  line = diags.count ? records[0].line : 0;
  column = diags.count ? records[0].column : 0;
  for (uint32_t i = 1; i < diags.count; i++)
    assert_int_equal(records[i].code, code);
  vy_program_release(program);
  p->status = VY_ERROR_INVALID_PROGRAM; // the IR is gone
  parse_free(p);
  return code;
}

static uint32_t header(const char *format, int a, int b) {
  char text[512];
  snprintf(text, sizeof text, format, a, b);
  return damaged(text, NULL);
}

#define PROGRAM(head) "program p(x: update u32[]) { " head " x[lane] = 1; }"
#define PLANE(head) "program p(x: update u32[]) { " head " x[lane.x] = 1; }"

static void group_lanes(void **state) {
  (void)state;
  const char *text = PROGRAM("group %d; groups 1;");
  assert_int_equal(header(text, 1, 0), OK);
  assert_int_equal(header(text, 1024, 0), OK);
  assert_int_equal(header(text, 1025, 0), 309);
  assert_int_equal(header(text, 0, 0), 309);
  const char *hint = PROGRAM("group %d; lanes 9;");
  assert_int_equal(header(hint, 1024, 0), OK);
  assert_int_equal(header(hint, 1025, 0), 309);
  const char *plane = PLANE("group %d, %d; groups 1, 1;");
  assert_int_equal(header(plane, 32, 32), OK);
  assert_int_equal(header(plane, 32, 33), 309);
  assert_int_equal(header(plane, 1, 1024), OK);
  assert_int_equal(header(plane, 32, 0), 309);
  // The product does not fit 64 bits.
  assert_int_equal(
      header(PLANE("group 4294967296, 4294967296; groups 1, 1;"), 0, 0), 309);
}

static void memory(void **state) {
  (void)state;
  const char *group = PROGRAM("group 8; groups 1; shared s: u8[%d];"
                              " shared t: u64[%d]; s[0] = 1; t[0] = 1;");
  assert_int_equal(header(group, 32768 - 8, 1), OK);
  assert_int_equal(header(group, 32768 - 7, 1), 310); // aligned to 8
  assert_int_equal(header(group, 1, 4096), 310);
  assert_int_equal(header(group, 8, 4095), OK);
  const char *own = PROGRAM("lanes 8; var s: u8[%d]; var t: u32[%d];"
                            " s[0] = 1; t[0] = 1;");
  assert_int_equal(header(own, 16384 - 8, 1), OK);
  assert_int_equal(header(own, 16384 - 7, 1), 311);
  assert_int_equal(header(own, 8, 4094), OK);
  assert_int_equal(header(own, 8, 4095), 311);
  assert_int_equal(header(own, 2147483647, 2147483647), 311);
  // The array that is too much has the position.
  const char *two = PROGRAM("group 32; groups 1;\nshared a: u32[%d];\n"
                            "shared b: u32[%d]; a[0] = 1; b[0] = 1;");
  assert_int_equal(header(two, 8000, 400), 310);
  assert_int_equal(line, 3);
  assert_int_equal(column, 15);
  assert_int_equal(header(two, 80000, 400), 310);
  assert_int_equal(line, 2);
  const char *private = PROGRAM("lanes 1; var a: u32[%d];\nvar b: u32[%d];"
                                " a[0] = 1; b[0] = 1;");
  assert_int_equal(header(private, 4000, 400), 311);
  assert_int_equal(line, 2);
}

// ---- damaged declarations

static const char sizes[] =
    "const N: u32 = 8;\n"
    "program p(a: u32, n: write u32[1], f: read f32[a],\n"
    "          x: write u32[N + 1] readback [0, n[0])) {\n"
    "  group N; groups 2; shared s: u32[N * 2];\n"
    "  s[local] = a + u32(f[lane]); x[lane] = s[local]; n[0] = N; }\n";
enum { A, COUNT, F, X };

static void four_dimensions(vy__ir *ir) { ir->dimensions = 4; }
static void more_dimensions(vy__ir *ir) { ir->dimensions = 2; }
static void group_of_two(vy__ir *ir) { ir->group[1] = ir->group[0]; }
static void no_group(vy__ir *ir) { ir->group[0] = VY__NONE; }
static void group_of_a(vy__ir *ir) { ir->group[0] = ir->params[F].length; }
static void length_of_itself(vy__ir *ir) {
  vy__size len = {VY__SIZE_LEN, VY__NONE, VY__NONE, X, 0};
  ir->params[X].length = vy__ir_add_size(ir, &len, NULL);
}
static void length_of_element(vy__ir *ir) {
  ir->params[COUNT].length = ir->params[X].readback_hi;
}
static void no_upper_bound(vy__ir *ir) { ir->params[X].readback_hi = VY__NONE; }
static void readback_of_input(vy__ir *ir) {
  ir->params[F].readback_lo = ir->params[X].readback_lo;
  ir->params[F].readback_hi = ir->params[X].readback_lo;
}
static void readback_of_itself(vy__ir *ir) {
  ir->sizes[ir->params[X].readback_hi].ref = X;
}
static void odd_offset(vy__ir *ir) {
  ir->fields[ir->params[X].first_field].offset = 2;
}
static void small_element(vy__ir *ir) { ir->params[X].element_size = 2; }
static void many_fields(vy__ir *ir) { ir->params[X].field_count = UINT32_MAX; }
static void same_names(vy__ir *ir) { ir->params[A].name = ir->params[X].name; }
static void name_of_constant(vy__ir *ir) {
  ir->params[A].name = ir->consts[0].name;
}
static void no_name(vy__ir *ir) { ir->name = 0; }
static void reserved_name(vy__ir *ir) {
  ir->params[A].name = vy__ir_add_string(ir, vy_str_c("lane"));
}
static void bool_buffer(vy__ir *ir) {
  ir->fields[ir->params[F].first_field].type = VY_TYPE_BOOL;
}
static void narrow_scalar(vy__ir *ir) { ir->params[A].type = VY_TYPE_U8; }

static void declarations(void **state) {
  (void)state;
  assert_int_equal(damaged(sizes, NULL), OK);
  assert_int_equal(damaged(sizes, four_dimensions), 315);
  assert_int_equal(damaged(sizes, more_dimensions), 315);
  assert_int_equal(damaged(sizes, group_of_two), 315);
  assert_int_equal(damaged(sizes, no_group), 308);
  assert_int_equal(damaged(sizes, group_of_a), 306);
  assert_int_equal(damaged(sizes, length_of_itself), 306);
  assert_int_equal(damaged(sizes, length_of_element), 306);
  assert_int_equal(damaged(sizes, no_upper_bound), 307);
  assert_int_equal(damaged(sizes, readback_of_input), 307);
  assert_int_equal(damaged(sizes, readback_of_itself), 307);
  assert_int_equal(damaged(sizes, odd_offset), 305);
  assert_int_equal(damaged(sizes, small_element), 305);
  assert_int_equal(damaged(sizes, many_fields), 305);
  assert_int_equal(damaged(sizes, same_names), 316);
  assert_int_equal(damaged(sizes, name_of_constant), 316);
  assert_int_equal(damaged(sizes, no_name), 316);
  assert_int_equal(damaged(sizes, reserved_name), 316);
}

// A declared type that nothing may have is reported where it is declared,
// and whatever uses it is wrong with it.
static void declared_types(void **state) {
  (void)state;
  const char *unused = "program p(a: u32, x: update u32[], f: read f32[]) {"
                       " lanes 4; x[lane] = 1; }";
  assert_int_equal(damaged(unused, NULL), OK);
  assert_int_equal(damaged(unused, narrow_scalar), 302);
  assert_int_equal(damaged(unused, bool_buffer), 305);
}

// ---- specialization

static const char spec[] =
    "const G: u32 = 64;\n"
    "const L: i32 = 4;\n"
    "const B: u64 = 1ul;\n"
    "program p(x: write u32[B / 1152921504606846976 + 1], y: write u32[L + 10])"
    " {\n"
    "  group G; groups 1; var q: u32[L]; q[0] = G;\n"
    "  if (local == 0) { x[0] = q[0]; y[0] = u32(B); } }\n";
enum { G, L, B };

typedef struct fixed {
  uint32_t code;     // 0: valid
  uint64_t length_x; // when valid
  uint64_t length_y;
  uint32_t group;
  uint32_t array;
} fixed;

static fixed fix(uint32_t which, uint64_t value) {
  parsed *p = parse_good(spec);
  vy_diag records[8];
  char said[4096];
  vy_diags diags;
  take(&diags, records, said, sizeof said);
  vy_program *program = NULL, *out = NULL;
  assert_int_equal(vy__validate(p->context, &p->ir, &program, NULL), VY_OK);
  uint64_t bits[3] = {0};
  uint8_t given[3] = {0};
  // Canonical order of constants is that of first use: find it by name.
  static const char *const names[] = {"G", "L", "B"};
  for (uint32_t i = 0; i < 3; i++)
    if (!strcmp(vy__ir_string(&program->ir, program->ir.consts[i].name),
                names[which])) {
      bits[i] = value;
      given[i] = 1;
    }
  fixed f = {0};
  if (vy__specialize(program, bits, given, &out, &diags) == VY_OK) {
    const vy__ir *ir = &out->ir;
    vy__size_env env = {0};
    assert_int_equal(ir->const_count, 2);
    assert_int_equal(vy__size_eval(ir, ir->params[0].length, &env, &f.length_x),
                     VY__SIZE_OK);
    assert_int_equal(vy__size_eval(ir, ir->params[1].length, &env, &f.length_y),
                     VY__SIZE_OK);
    f.group = out->group_size[0];
    f.array = out->private_lengths[0];
  } else {
    assert_true(diags.count > 0);
    f.code = records[0].code;
  }
  vy_program_release(out);
  vy_program_release(program);
  p->status = VY_ERROR_INVALID_PROGRAM;
  parse_free(p);
  return f;
}

static void specialization(void **state) {
  (void)state;
  assert_int_equal(fix(G, 1024).group, 1024);
  assert_int_equal(fix(G, 0).code, 309);
  assert_int_equal(fix(G, 1025).code, 309);
  assert_int_equal(fix(G, 2000).code, 309);
  assert_int_equal(fix(G, UINT32_MAX).code, 309);
  assert_int_equal(fix(L, 4096).array, 4096);
  assert_int_equal(fix(L, 4096).length_y, 4106);
  assert_int_equal(fix(L, 4097).code, 311);
  assert_int_equal(fix(L, 0).array, 0);
  assert_int_equal(fix(L, (uint32_t)-3).code, 306);
  assert_int_equal(fix(L, 4).group, 64);
}

// Sizes are signed and 128 bits wide: a u64 of 2^63 and more is not negative.
static void large_constants(void **state) {
  (void)state;
  assert_int_equal(fix(B, 5).length_x, 1);
  assert_int_equal(fix(B, UINT64_C(1) << 60).length_x, 2);
  assert_int_equal(fix(B, INT64_MAX).length_x, 8);
  assert_int_equal(fix(B, UINT64_C(1) << 63).length_x, 9);
  assert_int_equal(fix(B, UINT64_MAX).length_x, 16);
}

// ---- determinism notes

static void notes(void **state) {
  (void)state;
  parsed *p = parse_good("program p(h: update u32[], y: write u32[8]) {\n"
                         "  lanes 8;\n"
                         "  y[lane] = 1;\n"
                         "  let old = atomic_add(h, 0, 1u);\n"
                         "  y[old] = lane;\n"
                         "}\n");
  vy_diag records[8];
  char said[4096];
  vy_diags diags;
  take(&diags, records, said, sizeof said);
  vy_program *program = NULL;
  assert_int_equal(vy__validate(p->context, &p->ir, &program, NULL), VY_OK);
  assert_int_equal(program->determinism, VY_ORDER_DEPENDENT);
  assert_int_equal(vy_program_explain_determinism(program, &diags), VY_OK);
  assert_int_equal(diags.errors, 0);
  assert_int_equal(diags.count, 2);
  assert_int_equal(records[0].code, VY__E_NOTE_ORDER);
  assert_int_equal(records[0].line, 4);
  assert_int_equal(records[1].code, VY__E_NOTE_UNPROVED);
  assert_int_equal(records[1].line, 5);
  vy_program_release(program);
  p->status = VY_ERROR_INVALID_PROGRAM;
  parse_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(group_lanes),    cmocka_unit_test(memory),
      cmocka_unit_test(declarations),   cmocka_unit_test(declared_types),
      cmocka_unit_test(specialization), cmocka_unit_test(large_constants),
      cmocka_unit_test(notes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

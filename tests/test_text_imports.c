// Imports, layouts and the debug part: where files are found, diamonds and
// cycles, the C layout of buffer elements, names and positions.
#include "support/text.h"

static parsed *with(const char *name, const char *text,
                    const vy_import *imports, size_t count) {
  vy_source source = VY_SOURCE_INIT;
  source.name = vy_str_c(name);
  source.text = vy_str_c(text);
  source.imports = imports;
  source.import_count = count;
  return parse_source(&source);
}

static vy_import file(const char *name, const char *text) {
  return (vy_import){vy_str_c(name), vy_str_c(text)};
}

#define MAIN "program p(x: update u32[]) { lanes 1; x[0] = one(); }"

static void found_beside_or_as_written(void **state) {
  (void)state;
  vy_import one[] = {file("lib/one.vy", "fn one() -> u32 { return 1; }")};
  vy_import two[] = {file("a/lib/two.vy", "import \"../b/./one.vy\";"),
                     file("a/b/one.vy", "fn one() -> u32 { return 1; }")};
  static const struct {
    const char *name, *text;
  } rows[] = {{"m.vy", "import \"lib/one.vy\"; " MAIN},
              {"m.vy", "import \"./lib//one.vy\"; " MAIN},
              {"lib/m.vy", "import \"one.vy\"; " MAIN},
              {"lib/sub/m.vy", "import \"../one.vy\"; " MAIN},
              {"elsewhere/m.vy", "import \"lib/one.vy\"; " MAIN}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    parsed *p = with(rows[i].name, rows[i].text, one, 1);
    show(p);
    assert_int_equal(p->status, VY_OK);
    parse_free(p);
  }
  parsed *p = with("a/m.vy", "import \"lib/two.vy\"; " MAIN, two, 2);
  show(p);
  assert_int_equal(p->status, VY_OK);
  assert_int_equal(p->ir.file_count, 3);
  parse_free(p);
}

static void diamonds_count_once(void **state) {
  (void)state;
  vy_import files[] = {file("a", "import \"c\"; fn a() -> u32 { return c(); }"),
                       file("b", "import \"c\"; fn b() -> u32 { return c(); }"),
                       file("c", "fn c() -> u32 { return 1; }")};
  parsed *p = with("m.vy",
                   "import \"a\"; import \"b\"; import \"a\";"
                   "program p(x: update u32[]) { lanes 1; x[0] = a() + b(); }",
                   files, 3);
  show(p);
  assert_int_equal(p->status, VY_OK);
  assert_int_equal(p->ir.file_count, 4);
  parse_free(p);
}

static void cycles(void **state) {
  (void)state;
  vy_import ring[] = {file("a", "import \"b\";"), file("b", "import \"c\";"),
                      file("c", "import \"a\"; import \"d\";"), file("d", "")};
  static const struct {
    const char *text, *where;
  } rows[] = {{"import \"m.vy\"; program p() { lanes 1; }", "m.vy"},
              {"import \"d\"; import \"a\"; program p() { lanes 1; }", "a"}};
  for (size_t i = 0; i < 2; i++) {
    parsed *p = with("m.vy", rows[i].text, ring, 4);
    assert_int_equal(p->diags.count, 1);
    assert_int_equal(p->records[0].code, 121);
    assert_memory_equal(p->records[0].file.data, rows[i].where,
                        strlen(rows[i].where));
    parse_free(p);
  }
}

static void errors_name_their_file(void **state) {
  (void)state;
  vy_import lib[] = {file("l", "\nfn one() -> u32 { return q; }")};
  parsed *p = with("m.vy", "import \"l\"; import \"none\"; " MAIN, lib, 1);
  assert_int_equal(p->diags.count, 2);
  assert_int_equal(p->records[0].code, 120);
  assert_int_equal(p->records[0].column, 20);
  assert_int_equal(p->records[1].code, 200);
  assert_int_equal(p->records[1].line, 2);
  assert_memory_equal(p->records[1].file.data, "l", 1);
  parse_free(p);
}

static void collect(void *user, vy_str path) {
  char *out = user;
  strncat(out, path.data, path.size);
  strcat(out, ";");
}

static void public_scan(void **state) {
  (void)state;
  char out[256] = "";
  assert_int_equal(
      vy_source_imports(vy_str_c("import \"a\"; // import \"b\";\n"
                                 "/* import \"c\" */ import /* x */ \"d\" "
                                 "\"e\" important \"f\" import x \"g\""
                                 " import \"open"),
                        collect, out),
      VY_OK);
  assert_string_equal(out, "a;d;");
  assert_int_equal(vy_source_imports((vy_str){NULL, 0}, collect, out), VY_OK);
  assert_int_equal(vy_source_imports((vy_str){NULL, 3}, collect, out),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_source_imports(vy_str_c(""), NULL, out),
                   VY_ERROR_INVALID_ARGUMENT);
}

// ---- layout and debug part

struct inner {
  uint8_t h;
  double d;
};
struct outer {
  uint8_t a;
  struct inner i;
  uint16_t v[3];
  float f;
};

static void layout_is_c(void **state) {
  (void)state;
  parsed *p = parse_good("struct Inner { h: u8; d: f64; }\n"
                         "struct Outer { a: u8; i: Inner; v: f16x3; f: f32; }\n"
                         "program p(x: read Outer[]) { lanes 1; }");
  static const struct {
    size_t offset;
    vy_type type;
    const char *path;
  } want[] = {{offsetof(struct outer, a), VY_TYPE_U8, "a"},
              {offsetof(struct outer, i.h), VY_TYPE_U8, "i.h"},
              {offsetof(struct outer, i.d), VY_TYPE_F64, "i.d"},
              {offsetof(struct outer, v[0]), VY_TYPE_F16, "v.x"},
              {offsetof(struct outer, v[1]), VY_TYPE_F16, "v.y"},
              {offsetof(struct outer, v[2]), VY_TYPE_F16, "v.z"},
              {offsetof(struct outer, f), VY_TYPE_F32, "f"}};
  assert_int_equal(p->ir.params[0].element_size, sizeof(struct outer));
  assert_int_equal(p->ir.field_count, sizeof want / sizeof want[0]);
  for (uint32_t i = 0; i < p->ir.field_count; i++) {
    assert_int_equal(p->ir.fields[i].offset, want[i].offset);
    assert_int_equal(p->ir.fields[i].type, want[i].type);
    assert_string_equal(vy__ir_string(&p->ir, p->ir.field_names[i]),
                        want[i].path);
  }
  parse_free(p);
}

static void names_and_positions(void **state) {
  (void)state;
  parsed *p = parse_good("fn put(b: write u32[], v: u32) {\n"
                         "    b[0] = v;\n"
                         "}\n"
                         "program p(x: update u32[]) {\n"
                         "    lanes len(x);\n"
                         "    let i = lane;\n"
                         "    var k = i;\n"
                         "    put(x, k);\n"
                         "}\n");
  const vy__ir *ir = &p->ir;
  assert_true(ir->has_debug);
  assert_string_equal(vy__ir_string(ir, ir->files[0]), "t.vy");
  assert_string_equal(vy__ir_string(ir, ir->var_names[0]), "k");
  bool named = false, stored = false;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    if (ir->values[i].op == VY__OP_LANE)
      named = !strcmp(vy__ir_string(ir, ir->value_names[i]), "i");
    if (ir->values[i].op == VY__OP_STORE)
      stored = vy__where_value(ir, i).line == 2;
  }
  assert_true(named);
  assert_true(stored);
  vy__where last = vy__where_stmt(ir, ir->stmt_count - 1);
  assert_int_equal(last.line, 2);
  assert_int_equal(last.column, 10);
  assert_memory_equal(last.source.data, "    b[0] = v;", last.source.size);
  parse_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(found_beside_or_as_written),
      cmocka_unit_test(diamonds_count_once),
      cmocka_unit_test(cycles),
      cmocka_unit_test(errors_name_their_file),
      cmocka_unit_test(public_scan),
      cmocka_unit_test(layout_is_c),
      cmocka_unit_test(names_and_positions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

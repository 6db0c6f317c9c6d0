// What the front end refuses: codes and positions, all errors of a file in
// one go, and no error that follows from another.
#include "support/text.h"

typedef struct expected {
  const char *body;
  const char *codes; // "code@line:column ..." in the order of reporting
} expected;

static void check(const char *text, const char *codes) {
  char found[2048] = "";
  parsed *p = parse_text(text);
  for (uint32_t i = 0; i < p->diags.count; i++) {
    size_t n = strlen(found);
    snprintf(found + n, sizeof found - n, "%s%u@%u:%u", i ? " " : "",
             p->records[i].code, p->records[i].line, p->records[i].column);
  }
  if (strcmp(found, codes)) {
    show(p);
    print_error("of:\n%s\n", text);
  }
  assert_string_equal(found, codes);
  parse_free(p);
}

static void check_bodies(const expected *rows, size_t count) {
  char text[8192];
  for (size_t i = 0; i < count; i++)
    check(around(text, sizeof text, "", rows[i].body), rows[i].codes);
}
#define CHECK(rows) check_bodies(rows, sizeof(rows) / sizeof((rows)[0]))

// Statements stand in line 3 of the program.
static void tokens(void **state) {
  (void)state;
  static const expected rows[] = {
      {"x[0] = 1 @ 2;", "100@3:10"},
      {"x[0] = 08;", "104@3:8"},
      {"x[0] = 0x;", "104@3:8"},
      {"x[0] = 0b2;", "104@3:8"},
      {"f[0] = 0x1.8;", "104@3:8"},
      {"f[0] = 0x1.8p1d;", "203@3:8"},
      {"f[0] = 1e;", "104@3:8"},
      {"f[0] = 1.5u;", "104@3:8"},
      {"x[0] = 1l;", "104@3:8"},
      {"x[0] = 18446744073709551616;", "104@3:8"},
      {"x[0] = 1; /* open", "102@3:11"},
      {"x[0] = a\"b\";", "110@3:9"},
  };
  CHECK(rows);
}

static void grammar(void **state) {
  (void)state;
  static const expected rows[] = {
      {"x[0] = 1", "110@4:1"},
      {"x[0] = ;", "110@3:8"},
      {"let a = 1; a++;", "110@3:13"},
      {"if n > 1 { }", "110@3:4"},
      {"while (n > 1 { }\nx[0] = 1.5;", "110@3:14 206@4:8"},
      {"for i in 0 { }", "110@3:12"},
      {"n + 1;", "110@3:3"},
      {"x[0] = n ? 1;", "110@3:13"},
      {"let while = 1;", "111@3:5"},
      {"let f32x3 = 1;", "111@3:5"},
      {"let min = 1;", "111@3:5"},
      {"min(1, 2) = 3;", "113@3:1"},
      {"x[0] = 1; group 3;", "114@3:11"},
      {"else { }", "110@3:1"},
      {"let a = bitcast(n);", "110@3:16"},
      {"leave;", "215@3:1"},
      {"block { break; }", "215@3:9"},
      {"for i in 0..3 { block { continue; } }", "215@3:25"},
  };
  CHECK(rows);
  check("", "123@1:1");
  check("program", "110@1:8");
  check("program p() {", "110@1:14");
  check("program p() { }", "116@1:9");
  check("program p() { lanes 1; lanes 2; }", "115@1:24");
  check("program p() { lanes 1, 2, 3, 4; }", "110@1:21");
  check("program p(a: var u32[]) { lanes 1; }", "110@1:14");
  check("}", "110@1:1");
  check("fn f() { } fn f() { } program p() { lanes 1; }", "201@1:15");
}

static void names(void **state) {
  (void)state;
  static const expected rows[] = {
      {"x[q] = 1; q = 2; q(3);", "200@3:3"}, // once for each name
      {"q(1);", "200@3:1"},
      {"let a = 1; let a = 2;", "201@3:16"},
      {"let a = 1; { let a = 2; }", "201@3:18"},
      {"let n = 1;", "201@3:5"},
      {"{ let a = 1; } x[a] = 1;", "200@3:18"},
      {"for i in 0..3 { let i = 1; }", "201@3:21"},
      {"let a = a;", "200@3:9"},
      {"let a: q = 1;", "200@3:8"},
      {"let a = min;", "202@3:9"},
      {"let a = x;", "202@3:9"},
      {"let a = n[0];", "202@3:10"},
      {"let a = x.y;", "202@3:11"},
      {"let a = lane();", "202@3:9"},
      {"x = n;", "202@3:1"},
      {"let a = u32x2(1, 2).z;", "210@3:21"},
      {"let a = lane.y;", "219@3:14"},
      {"let a = lane.w;", "210@3:14"},
  };
  CHECK(rows);
}

static void types(void **state) {
  (void)state;
  static const expected rows[] = {
      {"x[0] = f[0];", "203@3:9"},
      {"x[0] = 1.5;", "206@3:8"},
      {"x[0] = -1;", "205@3:8"},
      {"x[0] = 4294967296;", "205@3:8"},
      {"f[0] = 16777217;", "205@3:8"},
      {"f[0] = 1e39;", "205@3:8"},
      {"x[0] = n + f[0];", "204@3:10"},
      {"x[0] = n + true;", "204@3:10"},
      {"x[0] = !n;", "204@3:8"},
      {"x[0] = ~(n == 1);", "204@3:8"},
      {"f[0] = f[0] & f[0];", "204@3:13"},
      {"f[0] = sqrt(n);", "204@3:8"},
      {"if (n) { }", "203@3:5"},
      {"if (n && true) { }", "203@3:5"},
      {"x[0] = n > 1 ? n : 1.5;", "206@3:20"},
      {"x[0] = n > 1 ? n : f[0];", "203@3:21"},
      {"x[f[0]] = 1;", "203@3:4"},
      {"x[0] = min(n);", "209@3:8"},
      {"x[0] = u32(n, n);", "209@3:8"},
      {"let v = u32x3(1, 2);", "209@3:9"},
      {"let v = u32x3(1, 2) ;let w = u32x2(1, f[0]);", "209@3:9 203@3:40"},
      {"let v: u32x2 = u32x3(1, 2, 3);", "203@3:16"},
      {"let v = u32x2(1, 2) + u32x3(1, 2, 3);", "204@3:21"},
      {"let a: u8 = 1;", "212@3:8"},
      {"let a = u8(n);", "212@3:9"},
      {"var a: bool[3];", "212@3:8"},
      {"let a = bitcast<u64>(n);", "204@3:9"},
      {"let a = 1; a = 2;", "207@3:12"},
      {"n = 2;", "207@3:1"},
      {"for i in 0..3 { i += 1; }", "207@3:17"},
      {"var v = u32x2(1, 2); v.xx = v;", "207@3:24"},
      {"r[0] = 1;", "208@3:2"},
      {"atomic_add(r, 0, 1);", "208@3:12"},
      {"let a = load_u32(x, 0);", "204@3:9"},
      {"let a = atomic_add(f, 0, 1.0f);", "204@3:9"},
      {"let a = group_rank(n, n);", "213@3:23"},
      {"var a: u32[n];", "213@3:12"},
      {"unroll for i in 0..n { }", "213@3:20"},
      {"unroll for i in 0..1025 { }", "214@3:1"},
      {"unroll for i in 0u..2i { }", "203@3:21"},
      {"for i in 0..f[0] { }", "203@3:10"},
      {"var a: u32[2] = {1, 2, 3};", "220@3:1"},
      {"break;", "215@3:1"},
      {"return 1;", "217@3:1"},
      {"let a = atomic_store(x, 0, 1);", "218@3:9"},
  };
  CHECK(rows);
}

static void declarations(void **state) {
  (void)state;
  check("struct S { s: S; } program p() { lanes 1; }", "211@1:8");
  check("struct S { a: u32; a: u32; } program p() { lanes 1; }", "201@1:20");
  check("struct S { b: bool; } program p(x: read S[]) { lanes 1; }",
        "212@1:41");
  check("const N: u32 = M; program p() { lanes 1; }", "200@1:16");
  check("const M: u32 = 1; const N: u32 = M; program p() { lanes 1; }",
        "213@1:34");
  check("const N: u32x2 = u32x2(1, 2); program p() { lanes 1; }", "202@1:10");
  check("const T: u8[2] = {1, 256}; program p() { lanes 1; }", "205@1:22");
  check("const T: u8[2] = {1}; program p() { lanes 1; }", "220@1:7");
  check("program p(v: f32x3) { lanes 1; }", "202@1:14");
  check("program p(x: read u32[] readback [0, 1)) { lanes 1; }", "202@1:35");
  check("program p(x: update u32[q]) { lanes 1; }", "200@1:25");
  check("program p(a: f32, x: update u32[a]) { lanes 1; }", "203@1:33");
  check("program p(x: update u32[]) { group x[0]; lanes 1; }", "213@1:37");
  check("program p(n: u32) { group n; groups 1; }", "213@1:27");
  check("program p() { group 2, 2; groups 1; }", "219@1:21");
  check("program p() { lanes 2, 2; let i = lane; }", "219@1:35");
  check("fn f() -> u32 { } program p() { lanes 1; }", "216@1:4");
  check("fn f(a: u32) -> u32 { return f(a); } program p() { lanes 1; }",
        "211@1:30");
  check("fn f(x: update u32[]) { } "
        "program p(x: read u32[]) { lanes 1; f(x); }",
        "208@1:65");
  check("fn f(x: read f32[]) { } "
        "program p(x: read u32[]) { lanes 1; f(x); }",
        "203@1:63");
  check("fn f(x: shared u32[]) { } "
        "program p(x: read u32[]) { lanes 1; f(x); }",
        "202@1:65");
  check("fn f(x: var u32[3]) { } "
        "program p() { lanes 1; var x: u32[4]; f(x); }",
        "203@1:65");
}

// Unused functions, other programs and constants are checked as well.
static void all_in_one_go(void **state) {
  (void)state;
  check("const C: u32 = -1;\n"
        "fn unused(a: u32) -> f32 { return a; }\n"
        "program p(x: update u32[]) {\n"
        "  lanes len(x);\n"
        "  let a = ;\n"
        "  x[lane] = a + 1;\n"
        "  x[lane] = b;\n"
        "  if (x[0]) { x[1] = c; }\n"
        "}\n",
        "110@5:11 200@7:13 203@8:8 200@8:22 205@1:16 203@2:35");
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c("program a() { lanes 1; q(); } "
                         "program b() { lanes 1; r(); }");
  source.program = vy_str_c("b");
  parsed *p = parse_source(&source);
  assert_int_equal(p->diags.count, 2);
  parse_free(p);
}

// A function's error is one error, however often it is called.
static void reported_once(void **state) {
  (void)state;
  check("fn f(a: u32) -> u32 { return q; }\n"
        "program p(x: update u32[]) { lanes 1; x[0] = f(1) + f(2) * f(3); }",
        "200@1:30");
}

static void source_lines(void **state) {
  (void)state;
  parsed *p = parse_text("program p() {\r\n  lanes 1;\r\n  q();\r\n}");
  assert_int_equal(p->diags.count, 1);
  const vy_diag *d = &p->records[0];
  assert_int_equal(d->source.size, 6);
  assert_memory_equal(d->source.data, "  q();", 6);
  assert_int_equal(d->file.size, 4);
  assert_memory_equal(d->file.data, "t.vy", 4);
  parse_free(p);
}

// Where a reader of C trips, one error says what to write instead.
static void written_as_in_c(void **state) {
  (void)state;
  static const struct {
    const char *body, *codes, *fix;
  } rows[] = {
      {"int i = 0; x[i] = 1;", "110@3:5", "`var i = 0;`"},
      {"u32 i = 0; x[i] = 1;", "110@3:5", "`var i = 0;`"},
      {"let a = 1, b = 2;", "110@3:10", "one name in each statement"},
      {"for (int i = 0; i < g(3); i++) { x[i] = i; }", "110@3:5",
       "`for i in 0 .. n { ... }`"},
      {"for (i = 0; i < 3; i++) x[i] = i;", "110@3:5",
       "`for i in 0 .. n { ... }`"},
      {"for (i = 0", "110@3:5 110@5:1", "`for i in 0 .. n { ... }`"},
      {"if (n > 1) x[0] = 1;", "110@3:12", "put { }"},
      {"var i = 0; i++;", "110@3:13", "`+= 1`"},
      {"x[0]--;", "110@3:5", "`-= 1`"},
      {"x[0] == 1;", "110@3:6", "`=`"},
      {"x[0] = (u32) 1.5;", "110@3:12", "`u32(x)`"},
      {"x[0] = uint(1.5);", "200@3:8", "`u32`"},
      {"var a: float = 1.0;", "200@3:8", "`f32`"},
      {"f[0] = sin(f[0]);", "200@3:8", "exact operations"},
      {"f[0] = fmaxf(f[0]);", "200@3:8", "mend the spelling"},
      {"x[0] = n & 1 == 0 ? 1 : 0;", "204@3:10", "put ( ) around"},
      {"x[0] = 'a';", "100@3:8", "97 for 'a'"},
      {"x[0] = 'a", "100@3:8", "97 for 'a'"},
      {"#define N 3 + '\nx[0] = 1;", "100@3:1", "const N"},
      {"x[0] = n & 1.5f;", "204@3:10", "convert the operands"},
      {"atomic_add(f, 0, 1.0);", "204@3:1", "elements of i32, u32"},
  };
  char text[8192];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    check(around(text, sizeof text, "", rows[i].body), rows[i].codes);
    parsed *p = parse_text(text);
    char fix[512];
    snprintf(fix, sizeof fix, "%.*s", (int)p->records[0].fix.size,
             p->records[0].fix.data);
    if (!strstr(fix, rows[i].fix))
      print_error("%s\nFix: %s\nnot: %s\n", rows[i].body, fix, rows[i].fix);
    assert_non_null(strstr(fix, rows[i].fix));
    parse_free(p);
  }
  check("program p(x: f32[]) { lanes 1; }", "110@1:17");
  check("program p(x: inout f32[]) { lanes 1; }", "110@1:20");
  check("struct S { a: u32[4]; } program p(x: read S[]) { lanes 1; }",
        "110@1:18");
}

// The message names the programs that there are, as many as fit.
static void named_programs(void **state) {
  (void)state;
  char text[8192] = "", message[512];
  for (int i = 0; i < 40; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text),
             "program number_%d() { lanes 1; }\n", i);
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  for (int i = 0; i < 2; i++) {
    source.program = vy_str_c(i ? "numbr_1" : "");
    parsed *p = parse_source(&source);
    assert_int_equal(p->diags.count, 1);
    snprintf(message, sizeof message, "%.*s", (int)p->records[0].message.size,
             p->records[0].message.data);
    assert_non_null(strstr(message, "number_0, number_1, "));
    assert_non_null(strstr(message, " and others"));
    parse_free(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tokens),          cmocka_unit_test(grammar),
      cmocka_unit_test(names),           cmocka_unit_test(types),
      cmocka_unit_test(declarations),    cmocka_unit_test(all_in_one_go),
      cmocka_unit_test(reported_once),   cmocka_unit_test(source_lines),
      cmocka_unit_test(written_as_in_c), cmocka_unit_test(named_programs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

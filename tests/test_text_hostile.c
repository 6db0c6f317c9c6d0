// Input made to hurt: nothing may crash, run away or recurse without bound,
// and each fault is one coded error, not a hundred.
#include "support/text.h"

typedef struct builder {
  char *data;
  size_t size, capacity;
} builder;

static void put(builder *b, const char *text) {
  size_t n = strlen(text);
  while (b->size + n + 1 > b->capacity) {
    b->capacity = b->capacity ? b->capacity * 2 : 4096;
    b->data = realloc(b->data, b->capacity);
    assert_non_null(b->data);
  }
  memcpy(b->data + b->size, text, n + 1);
  b->size += n;
}

static void repeat(builder *b, const char *text, int count) {
  while (count-- > 0)
    put(b, text);
}

static const char head[] = "program p(x: update u32[]) { lanes len(x); ";

// The only codes reported are `code`, at least one and at most `most`.
static void refused(builder *b, uint32_t code, uint32_t most) {
  parsed *p = parse_bytes(b->data, b->size);
  if (p->diags.count == 0 || p->diags.count > most)
    show(p);
  assert_in_range(p->diags.count, 1, most);
  for (uint32_t i = 0; i < p->diags.count; i++)
    assert_int_equal(p->records[i].code, code);
  parse_free(p);
  free(b->data);
  *b = (builder){0};
}

static void accepted(builder *b) {
  parsed *p = parse_bytes(b->data, b->size);
  show(p);
  assert_int_equal(p->status, VY_OK);
  parse_free(p);
  free(b->data);
  *b = (builder){0};
}

static void nested(const char *open, int count, const char *middle,
                   const char *close, uint32_t code) {
  builder b = {0};
  put(&b, head);
  repeat(&b, open, count);
  put(&b, middle);
  repeat(&b, close, count);
  put(&b, "}");
  if (code)
    refused(&b, code, 1);
  else
    accepted(&b);
}

static void deep_nesting(void **state) {
  (void)state;
  nested("{", 100000, "", "}", 112);
  nested("if (true) {", 100000, "", "}", 112);
  nested("while (true) {", 100000, "", "}", 112);
  nested("x[", 100000, "0", "] = 1;", 112);
  nested("x[0] = (", 1, "1", ");", 0);
  nested("{", 60, "x[0] = 1;", "}", 0);
  builder b = {0};
  put(&b, head);
  put(&b, "x[0] = ");
  repeat(&b, "-~", 100000);
  put(&b, "1; }");
  refused(&b, 112, 1);
  put(&b, head);
  put(&b, "x[0] = ");
  repeat(&b, "min(1, ", 100000);
  refused(&b, 112, 1);
  put(&b, head);
  put(&b, "x[0]");
  repeat(&b, ".x", 100000);
  put(&b, " = 1; }");
  refused(&b, 112, 1);
  put(&b, "program p(x: update u32[1");
  repeat(&b, "+1", 100000);
  put(&b, "]) { lanes 1; }");
  refused(&b, 112, 1);
}

static void long_chains(void **state) {
  (void)state;
  builder b = {0};
  put(&b, head);
  put(&b, "x[lane] = lane");
  repeat(&b, " + 1", 50000);
  put(&b, "; x[0] = u32(x[0] == 1");
  repeat(&b, " && x[1] == 2", 2000);
  put(&b, "); if (lane == 1) { }");
  repeat(&b, " else if (lane == 2) { x[0] = 1; }", 5000);
  put(&b, "}");
  accepted(&b);
}

static void expansions(void **state) {
  (void)state;
  builder b = {0};
  char line[160];
  put(&b, head);
  for (int i = 0; i < 10; i++) {
    snprintf(line, sizeof line, "unroll for k%d in 0..1024 {", i);
    put(&b, line);
  }
  repeat(&b, "}", 11);
  refused(&b, 221, 1);
  put(&b, "fn g0() { }\n");
  for (int i = 1; i < 60; i++) {
    snprintf(line, sizeof line, "fn g%d() { g%d(); g%d(); }\n", i, i - 1,
             i - 1);
    put(&b, line);
  }
  put(&b, head);
  put(&b, "g59(); }");
  refused(&b, 221, 1);
  put(&b, "struct S0 { a: u32; }\n");
  for (int i = 1; i < 60; i++) {
    snprintf(line, sizeof line, "struct S%d { a: S%d; b: S%d; }\n", i, i - 1,
             i - 1);
    put(&b, line);
  }
  put(&b, head);
  put(&b, "}");
  refused(&b, 221, 1);
  for (int i = 0; i < 3000; i++) {
    snprintf(line, sizeof line, "fn g%d() { g%d(); }\n", i, i + 1);
    put(&b, line);
  }
  put(&b, "fn g3000() { }\n");
  put(&b, head);
  put(&b, "g0(); }");
  refused(&b, 221, 1);
}

static void limits(void **state) {
  (void)state;
  builder b = {0};
  char line[64];
  put(&b, head);
  for (int i = 0; i < 65537; i++) {
    snprintf(line, sizeof line, "var v%d = 1;", i);
    put(&b, line);
  }
  put(&b, "}");
  refused(&b, 221, 1);
  put(&b, "program p(");
  for (int i = 0; i < 65; i++) {
    snprintf(line, sizeof line, "%sp%d: u32", i ? ", " : "", i);
    put(&b, line);
  }
  put(&b, ") { lanes 1; }");
  refused(&b, 221, 1);
  put(&b, "const T: u32[65537] = {1}; program p() { lanes 1; }");
  refused(&b, 220, 1);
  put(&b, head);
  put(&b, "let ");
  repeat(&b, "a", VY__MAX_NAME + 1);
  put(&b, " = 1; }");
  refused(&b, 105, 1);
}

static void cascades_are_bounded(void **state) {
  (void)state;
  builder b = {0};
  put(&b, head);
  repeat(&b, "let = 1; ", 10000);
  refused(&b, 110, 100);
  put(&b, head);
  repeat(&b, "q = 1; ", 10000);
  put(&b, "}");
  refused(&b, 200, 1);
  repeat(&b, "}", 10000);
  refused(&b, 110, 1);
  repeat(&b, "@#$", 10000);
  refused(&b, 100, 1);
}

static void bytes(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t size;
  } rows[] = {
      {"program p() { lanes 1; \0 }", 26},
      {"// \xff", 4},
      {"// \xc0\x80", 5},
      {"// \xed\xa0\x80", 6},
      {"// \xf4\x90\x80\x80", 7},
      {"// \xe2\x82", 5},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    parsed *p = parse_bytes(rows[i].text, rows[i].size);
    assert_int_equal(p->diags.count, 1);
    assert_int_equal(p->records[0].code, 101);
    parse_free(p);
  }
  parse_free(
      parse_good("\xef\xbb\xbfprogram p() { lanes 1; } // \xe2\x82\xac"));
}

// Every prefix of a program ends in a status, and so does every program with
// one byte changed.
static void cut_and_bent(void **state) {
  (void)state;
  static const char text[] =
      "struct S { a: f32; b: u8x2; }\nconst N: u32 = 4;\n"
      "const T: u8[2] = {1, 0x2};\n"
      "fn g(s: read S[], i: u32) -> f32 { if (i > 1) { return s[i].a; }"
      " return 1.5; }\n"
      "program p(s: read S[], x: update u32[N * 2] readback [0, x[0])) {\n"
      "  group N; groups 1; shared m: f32[N];\n"
      "  var v = f32x2(g(s, 1), 2); v.yx *= 2;\n"
      "  unroll for i in 0..2 { m[i] = v.x; }\n"
      "  while (x[0] < 3 && x[1] > 2) { x[0] += T[1]; break; }\n"
      "  for i in 0..3 step 2 { x[i] = i > 1 ? x[0] : 2; }\n}\n";
  parse_free(parse_good(text));
  for (size_t i = 0; i < sizeof text; i++)
    parse_free(parse_bytes(text, i));
  char bent[sizeof text];
  static const char into[] = "};(0\"*.a ";
  for (size_t i = 0; i + 1 < sizeof text; i++)
    for (const char *c = into; *c; c++) {
      memcpy(bent, text, sizeof text);
      bent[i] = *c;
      parse_free(parse_bytes(bent, sizeof text - 1));
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(deep_nesting),         cmocka_unit_test(long_chains),
      cmocka_unit_test(expansions),           cmocka_unit_test(limits),
      cmocka_unit_test(cascades_are_bounded), cmocka_unit_test(bytes),
      cmocka_unit_test(cut_and_bent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// What the front end expands, said in two ways: texts that must make the same
// program, and texts that must not. The plain way is always the simpler one,
// so that each pair tests one expansion.
#include "support/text.h"

#define SAME(before, a, b) assert_true(same_body(before, a, b))
#define DIFFER(before, a, b) assert_false(same_body(before, a, b))

static void literals_take_their_type(void **state) {
  (void)state;
  SAME("", "x[lane] = 1;", "x[lane] = 1u;");
  SAME("", "x[lane] = 1 + 2 * lane;", "x[lane] = 1u + 2u * lane;");
  SAME("", "x[lane] = (1 + 2) * lane;", "x[lane] = (1u + 2u) * lane;");
  SAME("", "f[lane] = 2;", "f[lane] = 2.0f;");
  SAME("", "f[lane] = 1 + 0.5;", "f[lane] = 1.0f + 0.5f;");
  SAME("", "let a = 3; x[a] = 1;", "let a = 3i; x[a] = 1;");
  SAME("", "let a = 3 + 1.5; f[lane] = a;",
       "let a = 3.0f + 1.5f; f[lane] = a;");
  SAME("", "let a: f64 = 0.1; f[lane] = f32(a);", "f[lane] = f32(0.1d);");
  SAME("", "x[lane] = min(1, n);", "x[lane] = min(1u, n);");
  SAME("", "x[lane] = select(n > 1, 2, 3);",
       "x[lane] = select(n > 1u, 2u, 3u);");
  SAME("", "x[lane] = n > 1 ? 2 : 3;", "x[lane] = n > 1u ? 2u : 3u;");
  SAME("", "let m: u64 = 1 << n; x[lane] = u32(m);",
       "let m = 1ul << n; x[lane] = u32(m);");
  SAME("", "x[lane] = n << 3;", "x[lane] = n << 3u;");
  SAME("", "for i in 0..n { x[i] = 1; }",
       "for i in 0u..n step 1u { x[i] = 1; }");
  SAME("", "f[lane] = f32(7);", "f[lane] = 7.0f;");
  SAME("", "let a = u32(1.5); x[lane] = a;", "let a = u32(1.5f); x[lane] = a;");
  SAME("", "x[lane] = n + (n > 1 ? 1 : 2);",
       "x[lane] = n + (n > 1 ? 1u : 2u);");
  DIFFER("", "x[0] = 1;", "x[0u] = 1;");
  DIFFER("", "f[lane] = f32(7u);", "f[lane] = 7.0f;");
}

static void literals_by_value(void **state) {
  (void)state;
  SAME("", "x[lane] = 0x1f;", "x[lane] = 31;");
  SAME("", "x[lane] = 0b101;", "x[lane] = 5;");
  SAME("", "x[lane] = 4294967295;", "x[lane] = 0xffffffff;");
  SAME("", "f[lane] = 0x1.8p1f;", "f[lane] = 3;");
  SAME("", "f[lane] = 1e3;", "f[lane] = 1000;");
  SAME("", "f[lane] = .5;", "f[lane] = 5e-1f;");
  SAME("", "f[lane] = 2f;", "f[lane] = 2.;");
  SAME("", "f[lane] = 16777216;", "f[lane] = 16777216.0;");
  SAME("", "f[lane] = -nan;", "f[lane] = nan;");
  SAME("", "let a = -2147483648; x[a] = 1;", "let a = -0x80000000i; x[a] = 1;");
  SAME("", "let a: f64 = -inf; f[0] = f32(a);", "f[0] = f32(f64(-inf));");
  DIFFER("", "f[lane] = -inf;", "f[lane] = inf;");
  DIFFER("", "f[lane] = -0.0;", "f[lane] = 0.0;");
  SAME("", "f[lane] = -0;", "f[lane] = 0;");
}

static void order_and_scopes(void **state) {
  (void)state;
  SAME("", "{ let a = 1u; x[0] = a; } { let a = 2u; x[1] = a; }",
       "x[0] = 1; x[1] = 2;");
  SAME("", "x[lane] += n;", "let i = lane; x[i] = x[i] + n;");
  SAME("", "x[lane] <<= 2;", "let i = lane; x[i] = x[i] << 2u;");
  SAME("", "var v = n; let c = v; v = 3; x[0] = c;",
       "var v = n; let c = v; { v = 3; } x[0] = c;");
  DIFFER("", "var v = n; let c = v; v = 3; x[0] = c;",
         "var v = n; v = 3; let c = v; x[0] = c;");
  DIFFER("", "let a = n * 2; x[0] = a + a;", "x[0] = n * 2 + n * 2;");
  SAME("", "x[0] = 1; return;", "x[0] = 1;");
  SAME("", "x[0] = + n;", "x[0] = n;");
  SAME("", "let unused = n * 2; x[0] = 1;", "x[0] = 1;");
}

static void logic(void **state) {
  (void)state;
  // Pure operands are evaluated, ordered ones are skipped.
  SAME("", "x[0] = u32(n > 1 && r[n] > 2);",
       "let a = n > 1; let b = r[n] > 2; x[0] = u32(a && b);");
  DIFFER("", "x[0] = u32(n > 1 && x[n] > 2);",
         "let a = n > 1; let b = x[n] > 2; x[0] = u32(a && b);");
  SAME("", "x[0] = u32(n > 1 && x[n] > 2);",
       "var t: bool; let a = n > 1; t = a; if (a) { t = x[n] > 2; }"
       "let g = t; x[0] = u32(g);");
  SAME("", "x[0] = u32(n > 1 || x[n] > 2);",
       "var t: bool; let a = n > 1; t = a; if (!a) { t = x[n] > 2; }"
       "let g = t; x[0] = u32(g);");
  SAME("", "x[0] = n > 1 ? x[1] : 3;",
       "var t: u32; if (n > 1) { t = x[1]; } else { t = 3; }"
       "let g = t; x[0] = g;");
  SAME("", "x[0] = n > 1 ? 3 : x[1];",
       "var t: u32; if (n > 1) { t = 3; } else { t = x[1]; }"
       "let g = t; x[0] = g;");
  SAME("", "x[0] = n > 1 ? r[1] : 3;", "x[0] = select(n > 1, r[1], 3);");
  // The left operand is never skipped.
  SAME("", "x[0] = u32(x[n] > 2 && n > 1);",
       "let a = x[n] > 2; x[0] = u32(a && n > 1);");
}

static void chain(char *out, int arms, const char *tail) {
  int n = 0;
  for (int i = 0; i < arms; i++)
    n += sprintf(out + n, "%sif (n == %d) { x[0] = %d; }", i ? " else " : "", i,
                 i);
  strcpy(out + n, tail);
}

// Sixteen arms nest; the seventeenth stands after them.
static void else_if(void **state) {
  (void)state;
  char a[4096], b[4096];
  SAME("", "if (n > 1) { x[0] = 1; } else if (n > 2) { x[0] = 2; } else { }",
       "if (n > 1) { x[0] = 1; } else { if (n > 2) { x[0] = 2; } else { } }");
  chain(a, 17, " else { x[1] = 1; }");
  strcpy(b, "var t = false; ");
  chain(b + strlen(b), 16,
        " else { t = true; } if (t) { t = false;"
        " if (n == 16) { x[0] = 16; } else { x[1] = 1; } }");
  SAME("", a, b);
}

static void functions(void **state) {
  (void)state;
  SAME("fn sq(a: u32) -> u32 { return a * a; }\n", "x[0] = sq(n + 1);",
       "let a = n + 1; x[0] = a * a;");
  SAME("fn put(b: write u32[], v: u32) { b[0] = v; b[1] = v; }\n", "put(x, n);",
       "let v = n; x[0] = v; x[1] = v;");
  SAME(
      "fn h(a: u32) -> u32 { if (a > 1) { return 2; } else { return 3; } }\n",
      "x[0] = h(n);",
      "var t: u32; if (n > 1) { t = 2; } else { t = 3; } let g = t; x[0] = g;");
  SAME("fn h(a: u32) -> u32 { if (a > 1) { return 2; } return 3; }\n",
       "x[0] = h(n);",
       "var t: u32; block { if (n > 1) { t = 2; leave; } t = 3; }"
       "let g = t; x[0] = g;");
  SAME("fn h(b: write u32[]) { for i in 0..3 { if (i == 1) { return; }"
       " b[i] = 1; } }\n",
       "h(x);", "block { for i in 0..3 { if (i == 1) { leave; } x[i] = 1; } }");
  SAME("fn g(a: u32) -> u32 { return a + 1; }\n"
       "fn h(a: u32) -> u32 { return g(a) * g(2); }\n",
       "x[0] = h(n);", "let a = n; x[0] = (a + 1) * (2 + 1);");
}

static void vectors(void **state) {
  (void)state;
  SAME("", "let v = f32x3(1, 2, 3); let w = v * v; f[0] = w.x; f[1] = w.z;",
       "let a = 1.0f; let c = 3.0f; f[0] = a * a; f[1] = c * c;");
  SAME("", "let v = 2 * u32x2(n, 1); x[0] = v.x + v.y;",
       "let t = 2u; x[0] = t * n + t * 1;");
  SAME("", "var v = u32x2(n, 1); v.y = 3; x[0] = v.y;",
       "var a = n; var b = 1u; b = 3; x[0] = b;");
  SAME("", "let v = u32x4(n, 1, 2, 3).wzyx; x[0] = v.x; x[1] = v.w;",
       "x[0] = 3; x[1] = n;");
  SAME("", "let v = f32x2(u32x2(n, 1)); f[0] = v.x;", "f[0] = f32(n);");
  SAME("", "let v = u32x3(u32x2(n, 1), 2); x[0] = v.z;", "x[0] = 2;");
  SAME("", "let v = u32x2(7); x[0] = v.x; x[1] = v.y;",
       "let s = 7u; x[0] = s; x[1] = s;");
  SAME("", "let b = u32x2(n, 1) < 5; x[0] = u32(b.x);", "x[0] = u32(n < 5);");
}

static void structs(void **state) {
  (void)state;
  const char *pair = "struct In { a: u32; b: f32; }\n"
                     "struct Out { p: In; q: u32x2; }\n";
  SAME(pair, "let o = Out(In(n, 2), u32x2(3, 4)); x[0] = o.p.a + o.q.y;",
       "x[0] = n + 4;");
  SAME(pair, "var o = In(n, 2); o.b = 1; f[0] = o.b;",
       "var a = n; var b = 2.0f; b = 1; f[0] = b;");
  SAME(pair, "var o: In[3]; o[n].b = 2; x[0] = o[1].a;",
       "var a: u32[3]; var b: f32[3]; b[n] = 2; x[0] = a[1];");
}

static void arrays_and_unroll(void **state) {
  (void)state;
  SAME("", "var a: u32[3] = {1, n}; x[0] = a[1];",
       "var a: u32[3]; a[0] = 1; a[1] = n; x[0] = a[1];");
  SAME("", "unroll for i in 0..3 { x[i] = n; }",
       "x[0] = n; x[1] = n; x[2] = n;");
  SAME("", "unroll for i in -1i..4 step 3 { x[i] = n; }",
       "x[-1] = n; x[2] = n;");
  SAME("", "unroll for i in 3..0 { x[i] = n; }", "");
  SAME("", "unroll for i in 0u..2 { if (r[i] == 0) { break; } x[i] = 1; }",
       "block { let a = 0u; if (r[a] == 0) { leave; } x[a] = 1;"
       "let b = 1u; if (r[b] == 0) { leave; } x[b] = 1; }");
  SAME("", "unroll for i in 0u..2 { if (r[i] == 0) { continue; } x[i] = 1; }",
       "block { let a = 0u; if (r[a] == 0) { leave; } x[a] = 1; }"
       "block { let b = 1u; if (r[b] == 0) { leave; } x[b] = 1; }");
  SAME("fn l(a: var u32[]) -> u32 { return len(a); }\n",
       "var a: u32[7]; a[0] = 1; x[0] = l(a);",
       "var a: u32[7]; a[0] = 1; x[0] = 7;");
}

static void constants(void **state) {
  (void)state;
  assert_true(same_ir(
      "const N: u32 = 2 * 3 + 1; const K: i32 = -(1 << 4); const B: bool = 1 < "
      "2;"
      "const T: u8[2] = {1 + 1, 255};"
      "program p(x: update u32[]) { group N; groups 1; shared s: u32[N * 2];"
      "s[local] = 1; x[0] = N + u32(K) + T[1] + u32(B); }",
      "const N: u32 = 7; const K: i32 = -16; const B: bool = true;"
      "const T: u8[2] = {2, 0xff}; const U: u32 = 3;"
      "program p(x: update u32[]) { group N; groups 1; shared s: u32[N * 2];"
      "s[local] = 1; x[0] = N + u32(K) + T[1] + u32(B); }"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(literals_take_their_type),
      cmocka_unit_test(literals_by_value),
      cmocka_unit_test(order_and_scopes),
      cmocka_unit_test(logic),
      cmocka_unit_test(else_if),
      cmocka_unit_test(functions),
      cmocka_unit_test(vectors),
      cmocka_unit_test(structs),
      cmocka_unit_test(arrays_and_unroll),
      cmocka_unit_test(constants),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

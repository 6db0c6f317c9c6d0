// Uniformity decides what is accepted, so it is tested from both sides: for
// each rule the nearest program that is accepted and the nearest that is not.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/program.h>

enum { ACCEPT = 0, CONTROL = 312, INDEX = 313 };

typedef struct row {
  uint32_t want; // ACCEPT, or the only code that is reported
  const char *body;
} row;

typedef struct verdict {
  vy_status status;
  vy_diags diags;
  vy_diag records[16];
  char text[8192];
} verdict;

static void parse(const char *text, verdict *v) {
  memset(v, 0, sizeof *v);
  v->diags = (vy_diags)VY_DIAGS_INIT;
  v->diags.records = v->records;
  v->diags.capacity = 16;
  v->diags.text = v->text;
  v->diags.text_capacity = sizeof v->text;
  vy_context *context = NULL;
  vy_program *program = NULL;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  v->status = vy_program_parse(context, &source, &program, &v->diags);
  vy_program_release(program);
  vy_context_release(context);
}

static const char before[] =
    "const N: u32 = 3;\n"
    "const T: u32[4] = {1, 2, 3, 4};\n"
    "fn early(c: bool) -> u32 { if (c) { return 1; } return 2; }\n"
    "fn meets(c: bool) -> u32 {\n"
    "  if (c) { return 1; } barrier; return 2; }\n"
    "fn meet() -> bool { barrier; return true; }\n"
    "program p(a: u32, r: read u32[], x: update u32[], b: read u8[],\n"
    "          w: update u8[]) {\n"
    "  group 64; groups 4; shared s: u32[64];\n";

static bool as_said(const row *r) {
  char text[4096];
  verdict v;
  snprintf(text, sizeof text, "%s%s\n}\n", before, r->body);
  parse(text, &v);
  bool ok = (v.status == VY_OK) == (r->want == ACCEPT);
  for (uint32_t i = 0; i < v.diags.count; i++)
    ok = ok && v.records[i].code == r->want;
  if (!ok) {
    print_error("wanted %u, found %s", r->want, vy_status_name(v.status));
    for (uint32_t i = 0; i < v.diags.count; i++)
      print_error(" VY%04u %.*s", v.records[i].code,
                  (int)v.records[i].message.size, v.records[i].message.data);
    print_error(" of\n%s\n", r->body);
  }
  return ok;
}

static void all_as_said(const row *rows, size_t count) {
  uint32_t wrong = 0;
  for (size_t i = 0; i < count; i++)
    wrong += !as_said(&rows[i]);
  assert_int_equal(wrong, 0);
}
#define ALL(rows) all_as_said(rows, sizeof(rows) / sizeof(rows)[0])

static void values(void **state) {
  (void)state;
  static const row rows[] = {
      {ACCEPT, "barrier;"},
      {ACCEPT, "if (a > 3) { barrier; } else { barrier; }"},
      {ACCEPT, "if (N > 3) { barrier; }"},
      {ACCEPT, "if (len(x) + num_groups + group_size + num_lanes > 9)"
               " { barrier; }"},
      {ACCEPT, "if (len64(r) > 3 && group_id == 2) { barrier; }"},
      {ACCEPT, "if (r[a] + r[group_id] > 3) { barrier; }"},
      {ACCEPT, "if (r[r[0]] > 3) { barrier; }"},
      {ACCEPT, "if (load_u32(b, a) > 3) { barrier; }"},
      {ACCEPT, "if (T[a] > 3) { barrier; }"},
      {ACCEPT, "if (select(a > 3, a, 7u) > 3) { barrier; }"},
      {ACCEPT, "if ((a > 3 ? r[0] : a) > 3) { barrier; }"},
      {ACCEPT, "if (lane * 0 == 0 || true) { } barrier;"},
      {CONTROL, "if (lane > 3) { barrier; }"},
      {CONTROL, "if (local > 3) { barrier; }"},
      {CONTROL, "if (local > 3) { } else { barrier; }"},
      {CONTROL, "if (lane * 0 == 0) { barrier; }"}, // no folding
      {CONTROL, "if (r[local] > 3) { barrier; }"},
      {CONTROL, "if (T[local] > 3) { barrier; }"},
      {CONTROL, "if (load_u32(b, local) > 3) { barrier; }"},
      {CONTROL, "if (x[0] > 3) { barrier; }"}, // others may write it
      {CONTROL, "if (load_u32(w, 0) > 3) { barrier; }"},
      {CONTROL, "if (s[0] > 3) { barrier; }"},
      {CONTROL, "var q: u32[4]; if (q[0] > 3) { barrier; }"},
      {CONTROL, "if (select(a > 3, local, 7u) > 3) { barrier; }"},
      {CONTROL, "if (select(local > 3, a, a) > 3) { barrier; }"},
      {CONTROL, "if (a > 3) { if (local > 3) { barrier; } }"},
      {CONTROL, "if (local > 3) { if (a > 3) { barrier; } }"},
  };
  ALL(rows);
}

static void results_of_operations(void **state) {
  (void)state;
  static const row rows[] = {
      {ACCEPT, "if (group_any(local == 3)) { barrier; }"},
      {ACCEPT, "if (group_all(local == 3)) { barrier; }"},
      {ACCEPT, "if (group_reduce_add(local) > 3) { barrier; }"},
      {ACCEPT, "if (group_reduce_xor(x[lane]) > 3) { barrier; }"},
      {ACCEPT, "if (group_broadcast(local, a) > 3) { barrier; }"},
      {ACCEPT, "if (r[group_reduce_max(local)] > 3) { barrier; }"},
      {CONTROL, "if (group_ballot(local == 3) > 3) { barrier; }"},
      {CONTROL, "if (group_shuffle(a, 0) > 3) { barrier; }"},
      {CONTROL, "if (group_scan_incl_add(a) > 3) { barrier; }"},
      {CONTROL, "if (group_scan_excl_add(a) > 3) { barrier; }"},
      {CONTROL, "if (group_rank(a, 4) > 3) { barrier; }"},
      {CONTROL, "if (atomic_load(x, 0) > 3) { barrier; }"},
      {CONTROL, "if (atomic_add(x, 0, 1u) > 3) { barrier; }"},
      {INDEX, "s[local] = group_broadcast(a, local);"},
      {INDEX, "s[local] = group_broadcast(a, x[0]);"},
      {ACCEPT, "s[local] = group_shuffle(a, local);"},
      {CONTROL, "if (local > 3) { s[0] = group_reduce_add(a); }"},
      {CONTROL, "if (local > 3) { s[0] = group_shuffle(a, 0); }"},
      {CONTROL, "if (local > 3 && group_any(a > 3)) { s[0] = 1; }"},
      {ACCEPT, "if (group_any(a > 3) && local > 3) { s[0] = 1; }"},
  };
  ALL(rows);
}

static void variables(void **state) {
  (void)state;
  static const row rows[] = {
      {ACCEPT, "var v = a; if (a > 3) { v = a + 1; }"
               " if (v > 3) { barrier; }"},
      {ACCEPT, "var v = 0u; for i in 0u .. a { v += i; }"
               " if (v > 3) { barrier; }"},
      {ACCEPT, "var v = 0u; if (v > 3) { barrier; }"},
      {CONTROL, "var v = local; if (v > 3) { barrier; }"},
      {CONTROL, "var v = a; if (local > 3) { v = 2; }"
                " if (v > 3) { barrier; }"},
      {CONTROL, "var v = a; if (v > 3) { barrier; } v = local;"},
      {CONTROL, "var v = local; v = 2; if (v > 3) { barrier; }"},
      // Round a loop: v is uniform in the first trip only.
      {CONTROL, "var v = a; var w2 = a;"
                " for i in 0u .. 4u { if (v > 3) { barrier; }"
                " v = w2; w2 = local; }"},
      {CONTROL, "var n = 0u; for i in 0u .. 4u {"
                " if (local == i) { break; } n += 1; }"
                " if (n > 2) { barrier; }"},
      {CONTROL, "var n = 0u; for i in 0u .. 4u {"
                " if (local == i) { continue; } n += 1; }"
                " if (n > 2) { barrier; }"},
      {ACCEPT, "var n = 0u; for i in 0u .. 4u {"
               " n += 1; if (local == i) { continue; } s[i] = 1; }"
               " if (n > 2) { barrier; }"},
      {CONTROL, "var n = 0u; for i in 0u .. local { n += 1; }"
                " if (n > 2) { barrier; }"},
      // `&&` with an ordered right side is a variable and an `if`.
      {CONTROL, "var q: u32[4];"
                " if (local > 3 && q[0] > 3) { barrier; }"},
  };
  ALL(rows);
}

static void loops(void **state) {
  (void)state;
  static const row rows[] = {
      {ACCEPT, "for i in 0u .. a { barrier; if (i == 2) { barrier; } }"},
      {ACCEPT, "for i in a .. 99u step r[0] { barrier; }"},
      {CONTROL, "for i in 0u .. local { barrier; }"},
      {CONTROL, "for i in local .. 99u { barrier; }"},
      {CONTROL, "for i in 0u .. 99u step local { barrier; }"},
      {ACCEPT, "for i in 0u .. local { s[i] = 1; } barrier;"},
      {ACCEPT, "var v = 0u; while (v < a) { barrier; v += 1; }"},
      {CONTROL, "var v = local; while (v < a) { barrier; v += 1; }"},
      {ACCEPT, "var v = local; while (v < a) { v += 1; } barrier;"},
      // break: the whole loop, what stands before it and its condition too.
      {ACCEPT, "for i in 0u .. 4u { if (a == i) { break; } barrier; }"},
      {CONTROL, "for i in 0u .. 4u { if (local == i) { break; } barrier; }"},
      {CONTROL, "for i in 0u .. 4u { barrier; if (local == i) { break; } }"},
      {CONTROL, "while (group_any(local > a)) {"
                " if (local == 3) { break; } }"},
      {CONTROL, "while (meet()) { if (local == 3) { break; } }"},
      {ACCEPT, "while (group_any(local > a)) {"
               " if (local == 3) { s[0] = 1; } }"},
      {ACCEPT, "for i in 0u .. 4u { for k in 0u .. 4u {"
               " if (local == k) { break; } } barrier; }"},
      {CONTROL, "for i in 0u .. 4u { for k in 0u .. 4u { barrier; }"
                " if (local == i) { break; } }"},
      // The lanes that go on together leave together.
      {ACCEPT, "if (local > 3) { for i in 0u .. 4u {"
               " if (a == i) { break; } } } barrier;"},
      {CONTROL, "for i in 0u .. 4u { if (a == i) { break; }"
                " if (local > 3) { break; } barrier; }"},
      // continue: to the end of the body.
      {ACCEPT, "for i in 0u .. 4u { barrier;"
               " if (local == i) { continue; } s[i] = 1; }"},
      {CONTROL, "for i in 0u .. 4u { if (local == i) { continue; } barrier; }"},
      {CONTROL, "for i in 0u .. 4u { if (a > 3) {"
                " if (local == i) { continue; } } barrier; }"},
      {ACCEPT, "for i in 0u .. 4u { for k in 0u .. 4u {"
               " if (local == k) { continue; } s[k] = 1; } barrier; }"},
      {ACCEPT, "while (group_any(local > a)) {"
               " if (local == 3) { continue; } s[0] = 1; }"},
  };
  ALL(rows);
}

static void returns(void **state) {
  (void)state;
  static const row rows[] = {
      {ACCEPT, "if (a > 3) { return; } barrier;"},
      {ACCEPT, "barrier; if (local > 3) { return; } s[0] = 1;"},
      {CONTROL, "if (local > 3) { return; } barrier;"},
      {CONTROL, "if (a > 3) { if (local > 3) { return; } } barrier;"},
      {CONTROL, "for i in 0u .. 4u { barrier;"
                " if (local == i) { return; } }"},
      {CONTROL, "for i in 0u .. 4u { if (local == i) { return; } } barrier;"},
      // A return of a function ends at the call.
      {ACCEPT, "s[0] = early(local > 3); barrier;"},
      {CONTROL, "if (early(local > 3) == 1) { barrier; }"},
      {ACCEPT, "if (early(a > 3) == 1) { barrier; }"},
      {ACCEPT, "s[0] = meets(a > 3);"},
      {CONTROL, "s[0] = meets(local > 3);"},
      {ACCEPT, "for i in 0u .. 4u { s[0] = early(local > i); barrier; }"},
      {CONTROL, "if (local > 3) { s[0] = early(a > 3); barrier; }"},
      {CONTROL, "if (local > 3 && meet()) { s[0] = 1; }"},
      // So does `leave` at its block.
      {ACCEPT, "block { if (local > 3) { leave; } s[0] = 1; } barrier;"},
      {CONTROL, "block { if (local > 3) { leave; } barrier; }"},
      {ACCEPT, "block { if (a > 3) { leave; } barrier; }"},
      {CONTROL, "block { for i in 0u .. 4u { barrier;"
                " if (local == i) { leave; } } }"},
      {CONTROL, "block { block { for i in 0u .. 4u {"
                " if (local == i) { leave; } } barrier; } }"},
      {ACCEPT, "block { block { for i in 0u .. 4u {"
               " if (local == i) { leave; } } } barrier; }"},
  };
  ALL(rows);
}

// All places are named, each with its line and the condition's.
static void report(void **state) {
  (void)state;
  char text[4096];
  verdict v;
  snprintf(text, sizeof text, "%s%s", before,
           "  if (local > 3) {\n"
           "    barrier;\n"
           "    s[0] = group_broadcast(a, local);\n"
           "  }\n"
           "}\n");
  parse(text, &v);
  assert_int_equal(v.status, VY_ERROR_INVALID_PROGRAM);
  assert_int_equal(v.diags.count, 3);
  const uint32_t codes[] = {CONTROL, CONTROL, INDEX};
  const uint32_t lines[] = {11, 12, 12};
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(v.records[i].code, codes[i]);
    assert_int_equal(v.records[i].line, lines[i]);
    assert_true(v.records[i].fix.size > 0);
  }
  const char *end = v.text + v.diags.text_size;
  assert_true(v.diags.text_size < sizeof v.text);
  v.text[v.diags.text_size] = 0;
  const char *at = strstr(v.text, "line 10");
  assert_true(at && at < end);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values),    cmocka_unit_test(results_of_operations),
      cmocka_unit_test(variables), cmocka_unit_test(loops),
      cmocka_unit_test(returns),   cmocka_unit_test(report),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// The program's arrays: canonical form, statement matching, size expressions,
// and the type checker over every row of the operation table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ir/ir.h"

static uint32_t literal(vy__ir *ir, vy_type type, uint64_t bits) {
  vy__value v = {.op = VY__OP_CONST,
                 .type = (uint8_t)type,
                 .imm = bits,
                 .a = {VY__NONE, VY__NONE, VY__NONE}};
  return vy__ir_add_value(ir, &v, NULL);
}

static uint32_t binary(vy__ir *ir, vy__op op, uint32_t a, uint32_t b) {
  vy__value v = {.op = (uint16_t)op, .a = {a, b, VY__NONE}};
  vy_type t = VY_TYPE_NONE;
  const char *why = NULL;
  assert_true(vy__result_type(ir, &v, &t, &why));
  v.type = (uint8_t)t;
  return vy__ir_add_value(ir, &v, NULL);
}

static uint32_t stmt(vy__ir *ir, uint32_t kind, uint32_t a) {
  vy__stmt s = {kind, a, VY__NONE, VY__NONE, VY__NONE};
  return vy__ir_add_stmt(ir, &s, NULL);
}

static uint32_t set(vy__ir *ir, uint32_t var, uint32_t value) {
  vy__value v = {
      .op = VY__OP_VAR_SET, .ref = var, .a = {value, VY__NONE, VY__NONE}};
  return stmt(ir, VY__STMT_EXEC, vy__ir_add_value(ir, &v, NULL));
}

static void canonical_order(void **state) {
  (void)state;
  vy__ir ir, out, again;
  vy__ir_init(&ir, &vy__default_allocator, true);
  vy__ir_add_var(&ir, VY_TYPE_F32, 0); // never used
  uint32_t used = vy__ir_add_var(&ir, VY_TYPE_U32, 0);
  uint32_t dead = literal(&ir, VY_TYPE_U32, 9);
  uint32_t one = literal(&ir, VY_TYPE_U32, 1);
  uint32_t two = literal(&ir, VY_TYPE_U32, 2);
  binary(&ir, VY__OP_ADD, dead, one);
  set(&ir, used, binary(&ir, VY__OP_SUB, two, one));
  assert_true(vy__ir_canonicalize(&ir, &out));
  assert_int_equal(out.value_count, 4); // 2, 1, sub, set
  assert_int_equal(out.values[0].imm, 2);
  assert_int_equal(out.values[1].imm, 1);
  assert_int_equal(out.values[2].op, VY__OP_SUB);
  assert_int_equal(out.values[2].a[0], 0);
  assert_int_equal(out.var_count, 1);
  assert_int_equal(out.vars[0], VY_TYPE_U32);
  assert_true(vy__ir_canonicalize(&out, &again));
  assert_true(vy__ir_equal(&out, &again));
  assert_false(vy__ir_equal(&ir, &out));
  vy__ir_free(&again);
  vy__ir_free(&out);
  vy__ir_free(&ir);
}

static void canonical_deep_chain(void **state) {
  (void)state;
  vy__ir ir, out;
  vy__ir_init(&ir, &vy__default_allocator, false);
  uint32_t var = vy__ir_add_var(&ir, VY_TYPE_U32, 0);
  uint32_t v = literal(&ir, VY_TYPE_U32, 1);
  for (int i = 0; i < 500000; i++)
    v = binary(&ir, VY__OP_ADD, v, v);
  set(&ir, var, v);
  assert_true(vy__ir_canonicalize(&ir, &out));
  assert_true(vy__ir_equal(&ir, &out));
  vy__ir_free(&out);
  vy__ir_free(&ir);
}

static void matching(void **state) {
  (void)state;
  vy__ir ir;
  uint32_t m[16];
  vy__ir_init(&ir, &vy__default_allocator, false);
  uint32_t t = literal(&ir, VY_TYPE_BOOL, 1);
  stmt(&ir, VY__STMT_WHILE, VY__NONE);
  stmt(&ir, VY__STMT_COND, t);
  stmt(&ir, VY__STMT_IF, t);
  stmt(&ir, VY__STMT_ELSE, VY__NONE);
  stmt(&ir, VY__STMT_END, VY__NONE);
  assert_false(vy__ir_match(&ir, m)); // the WHILE is open
  stmt(&ir, VY__STMT_END, VY__NONE);
  assert_true(vy__ir_match(&ir, m));
  uint32_t want[] = {1, 5, 3, 4, 2, 0};
  assert_memory_equal(m, want, sizeof want);
  stmt(&ir, VY__STMT_END, VY__NONE);
  assert_false(vy__ir_match(&ir, m));
  ir.stmt_count = 0;
  stmt(&ir, VY__STMT_WHILE, VY__NONE);
  stmt(&ir, VY__STMT_END, VY__NONE);
  assert_false(vy__ir_match(&ir, m)); // no COND
  ir.stmt_count = 0;
  stmt(&ir, VY__STMT_IF, t);
  stmt(&ir, VY__STMT_COND, t);
  stmt(&ir, VY__STMT_END, VY__NONE);
  assert_false(vy__ir_match(&ir, m));
  vy__ir_free(&ir);
}

static uint32_t number(vy__ir *ir, int64_t v) {
  vy__size s = {VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, (uint64_t)v};
  return vy__ir_add_size(ir, &s, NULL);
}

static uint32_t node(vy__ir *ir, uint32_t op, uint32_t a, uint32_t b) {
  vy__size s = {op, a, b, 0, 0};
  return vy__ir_add_size(ir, &s, NULL);
}

static void sizes(void **state) {
  (void)state;
  vy__ir ir;
  vy__ir_init(&ir, &vy__default_allocator, false);
  vy__size_env env = {0};
  uint64_t v = 0;
  char text[64];
  uint32_t x = node(&ir, VY__SIZE_MUL, number(&ir, INT64_MAX), number(&ir, 4));
  uint32_t y = node(&ir, VY__SIZE_DIV, x, number(&ir, 8));
  assert_int_equal(vy__size_eval(&ir, y, &env, &v), VY__SIZE_OK);
  assert_true(v == (uint64_t)INT64_MAX / 2);
  assert_int_equal(vy__size_eval(&ir, x, &env, &v), VY__SIZE_TOO_LARGE);
  vy__size_text(&ir, y, text, sizeof text);
  assert_string_equal(text, "(9223372036854775807 * 4) / 8");
  uint32_t n = node(&ir, VY__SIZE_SUB, number(&ir, 2), number(&ir, 3));
  assert_int_equal(vy__size_eval(&ir, n, &env, &v), VY__SIZE_NEGATIVE);
  uint32_t z = node(&ir, VY__SIZE_REM, n, number(&ir, 0));
  assert_int_equal(vy__size_eval(&ir, z, &env, &v), VY__SIZE_DIV_ZERO);
  uint32_t d = number(&ir, 1); // shared nodes: 2^70 steps if walked as a tree
  for (int i = 0; i < 60; i++)
    d = node(&ir, VY__SIZE_ADD, d, d);
  assert_false(vy__size_is_simple(&ir, d));
  assert_int_equal(vy__size_eval(&ir, d, &env, &v), VY__SIZE_OVERFLOW);
  uint32_t square = number(&ir, INT64_MAX);
  for (int i = 0; i < 2; i++)
    square = node(&ir, VY__SIZE_MUL, square, square);
  assert_int_equal(vy__size_eval(&ir, square, &env, &v), VY__SIZE_OVERFLOW);
  vy__ir_free(&ir);
}

// Every row accepts what its columns say and refuses every other type.
static void every_row_checks_types(void **state) {
  (void)state;
  vy__ir ir;
  vy__ir_init(&ir, &vy__default_allocator, false);
  uint32_t of[VY_TYPE_F64 + 1];
  for (vy_type t = VY_TYPE_BOOL; t <= VY_TYPE_F64; t++)
    of[t] = literal(&ir, t, 1);
  for (uint32_t op = 1; op < VY__OP_LIMIT; op++) {
    const vy__op_info *row = vy__op_row(op);
    bool plain = row->name && row->operands &&
                 (row->sig == VY__SIG_UN || row->sig == VY__SIG_BIN ||
                  row->sig == VY__SIG_TER || row->sig == VY__SIG_CMP ||
                  row->sig == VY__SIG_TEST || row->sig == VY__SIG_ABSDIFF);
    for (vy_type t = VY_TYPE_BOOL; plain && t <= VY_TYPE_F64; t++) {
      vy__value v = {.op = (uint16_t)op, .a = {VY__NONE, VY__NONE, VY__NONE}};
      vy_type out = VY_TYPE_NONE;
      const char *why = NULL;
      for (int i = 0; i < row->operands; i++)
        v.a[i] = of[t];
      assert_int_equal(vy__result_type(&ir, &v, &out, &why),
                       row->types >> t & 1);
      v.a[row->operands - 1] = of[t == VY_TYPE_F64 ? VY_TYPE_F32 : t + 1];
      if (row->operands > 1)
        assert_false(vy__result_type(&ir, &v, &out, &why));
      v.a[row->operands - 1] = VY__NONE;
      assert_false(vy__result_type(&ir, &v, &out, &why));
      assert_non_null(why);
    }
  }
  vy__ir_free(&ir);
}

// Atomics and collectives are called after what they apply; nothing else
// applies anything.
static void applied_operations(void **state) {
  (void)state;
  for (uint32_t op = 1; op < VY__OP_LIMIT; op++) {
    const vy__op_info *row = vy__op_row(op);
    const char *end = row->name ? strrchr(row->name, '_') : NULL;
    bool combines = end && row->types &&
                    (strncmp(row->name, "atomic_", 7) == 0 ||
                     strncmp(row->name, "group_reduce_", 13) == 0 ||
                     strncmp(row->name, "group_scan_", 11) == 0);
    vy__op named = VY__OP_NONE;
    if (combines)
      named = vy__op_from_name((vy_str){end + 1, strlen(end + 1)});
    if (combines && named && vy__op_row(named)->sig != VY__SIG_BIN)
      named = VY__OP_NONE; // atomic_load, atomic_store
    assert_int_equal(vy__op_applies(op), named);
    assert_int_equal(vy__op_gathers(op),
                     named == VY__OP_SUB ? VY__OP_ADD : named);
    if (row->effect == VY__EFFECT_LEAF)
      assert_int_equal(row->cost, VY__COST_FREE);
  }
  assert_int_equal(vy__op_elements(VY__OP_LOAD_U16), 2);
  assert_int_equal(vy__op_elements(VY__OP_STORE_U64), 8);
  assert_int_equal(vy__op_elements(VY__OP_ATOMIC_ADD), 1);
  assert_int_equal(vy__op_elements(VY__OP_VAR_SET), 0);
}

static void strings_and_copy(void **state) {
  (void)state;
  vy__ir ir, copy;
  vy__ir_init(&ir, &vy__default_allocator, true);
  assert_int_equal(vy__ir_add_string(&ir, (vy_str){"", 0}), 0);
  uint32_t a = vy__ir_add_string(&ir, vy_str_c("alpha"));
  uint32_t b = vy__ir_add_string(&ir, (vy_str){"be\0ta", 5});
  assert_string_equal(vy__ir_string(&ir, a), "alpha");
  assert_string_equal(vy__ir_string(&ir, b), "be");
  assert_string_equal(vy__ir_string(&ir, 1000), "");
  uint32_t file =
      vy__ir_add_file(&ir, vy_str_c("f.vy"), vy_str_c("one\ntwo\r\nthree"));
  assert_int_equal(file, 0);
  vy__stmt s = {VY__STMT_RETURN, VY__NONE, VY__NONE, VY__NONE, VY__NONE};
  vy__pos pos = {1, 2, 3};
  vy__ir_add_stmt(&ir, &s, &pos);
  assert_true(vy__ir_copy(&ir, &copy));
  vy__ir_free(&ir);
  vy__where w = vy__where_stmt(&copy, 0);
  assert_int_equal(w.line, 2);
  assert_int_equal(w.column, 3);
  assert_true(vy__str_eq(w.source, vy_str_c("two")));
  assert_true(vy__str_eq(w.file, vy_str_c("f.vy")));
  assert_int_equal(vy__where_stmt(&copy, 7).line, 0);
  vy__ir_free(&copy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(canonical_order),
      cmocka_unit_test(canonical_deep_chain),
      cmocka_unit_test(matching),
      cmocka_unit_test(sizes),
      cmocka_unit_test(every_row_checks_types),
      cmocka_unit_test(applied_operations),
      cmocka_unit_test(strings_and_copy),
  };
  return cmocka_run_group_tests_name("ir", tests, NULL, NULL);
}

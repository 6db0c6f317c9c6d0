// What the validator refuses in programs that no text can say: IR built row
// by row, each wrong one beside the right one that it is a step away from.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "validate/validate.h"

// A program under construction: `p(a: u32, x: update u32[], r: read u32[])`
// with `lanes 4` and the values that most bodies need.
typedef struct build {
  vy_context *context;
  vy__ir ir;
  uint32_t lane, zero, yes; // values
  uint32_t four;            // a size
} build;

enum { A, X, R };

static uint32_t name(build *b, const char *s) {
  return vy__ir_add_string(&b->ir, vy_str_c(s));
}

static uint32_t literal(build *b, vy_type type, uint64_t bits) {
  vy__value v = {.op = VY__OP_CONST,
                 .type = (uint8_t)type,
                 .imm = bits,
                 .a = {VY__NONE, VY__NONE, VY__NONE}};
  return vy__ir_add_value(&b->ir, &v, NULL);
}

static uint32_t op2(build *b, vy__op op, vy_type type, uint32_t a, uint32_t c) {
  vy__value v = {
      .op = (uint16_t)op, .type = (uint8_t)type, .a = {a, c, VY__NONE}};
  return vy__ir_add_value(&b->ir, &v, NULL);
}

static uint32_t leaf(build *b, vy__op op, vy_type type, uint32_t ref) {
  vy__value v = {.op = (uint16_t)op,
                 .type = (uint8_t)type,
                 .ref = ref,
                 .a = {VY__NONE, VY__NONE, VY__NONE}};
  return vy__ir_add_value(&b->ir, &v, NULL);
}

static uint32_t access_value(build *b, vy__op op, vy__space space, uint32_t ref,
                             uint32_t index, uint32_t value) {
  vy__value v = {.op = (uint16_t)op,
                 .type = op == VY__OP_LOAD ? VY_TYPE_U32 : VY_TYPE_NONE,
                 .space = (uint8_t)space,
                 .ref = ref,
                 .a = {index, value, VY__NONE}};
  return vy__ir_add_value(&b->ir, &v, NULL);
}

static uint32_t stmt(build *b, vy__stmt_kind kind, uint32_t a) {
  vy__stmt s = {kind, a, VY__NONE, VY__NONE, VY__NONE};
  return vy__ir_add_stmt(&b->ir, &s, NULL);
}

static uint32_t load(build *b, uint32_t index) { // x[index], and does it
  uint32_t v =
      access_value(b, VY__OP_LOAD, VY__SPACE_BUFFER, X, index, VY__NONE);
  stmt(b, VY__STMT_EXEC, v);
  return v;
}

static void store(build *b, uint32_t value) { // x[0] = value
  stmt(b, VY__STMT_EXEC,
       access_value(b, VY__OP_STORE, VY__SPACE_BUFFER, X, b->zero, value));
}

static uint32_t loop(build *b, uint32_t lo, uint32_t hi, uint32_t step) {
  uint32_t index = leaf(b, VY__OP_LOOP_INDEX, VY_TYPE_U32, 0);
  vy__stmt s = {VY__STMT_FOR, index, lo, hi, step};
  vy__ir_add_stmt(&b->ir, &s, NULL);
  return index;
}

static void open_build(build *b) {
  memset(b, 0, sizeof *b);
  assert_int_equal(vy_context_create(NULL, &b->context, NULL), VY_OK);
  vy__ir_init(&b->ir, &b->context->alloc, false);
  b->ir.name = name(b, "p");
  vy__size four = {VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, 4};
  b->four = vy__ir_add_size(&b->ir, &four, NULL);
  b->ir.dimensions = 1;
  b->ir.domain[0] = b->four;
  b->ir.domain[1] = b->ir.domain[2] = VY__NONE;
  for (int d = 0; d < 3; d++)
    b->ir.group[d] = VY__NONE;
  vy__field field = {0, VY_TYPE_U32};
  vy__ir_add_field(&b->ir, &field, 0);
  vy__ir_add_field(&b->ir, &field, 0);
  vy__param a = {.name = name(b, "a"),
                 .type = VY_TYPE_U32,
                 .length = VY__NONE,
                 .readback_lo = VY__NONE,
                 .readback_hi = VY__NONE};
  vy__param x = a, r;
  x.name = name(b, "x");
  x.access = VY_ACCESS_UPDATE;
  x.type = VY_TYPE_NONE;
  x.element_size = 4;
  x.field_count = 1;
  r = x;
  r.name = name(b, "r");
  r.access = VY_ACCESS_READ;
  r.first_field = 1;
  vy__ir_add_param(&b->ir, &a, NULL);
  vy__ir_add_param(&b->ir, &x, NULL);
  vy__ir_add_param(&b->ir, &r, NULL);
  b->lane = leaf(b, VY__OP_LANE, VY_TYPE_U32, 0);
  b->zero = literal(b, VY_TYPE_U32, 0);
  b->yes = literal(b, VY_TYPE_BOOL, 1);
}

// The codes that validating what was built reports, as one number: VY0304 is
// 304, VY0303 and VY0304 are 303304. 0: it is accepted.
static uint64_t close_build(build *b, bool canonical) {
  vy__ir ir = b->ir;
  if (canonical) {
    assert_true(vy__ir_canonicalize(&b->ir, &ir));
    vy__ir_free(&b->ir);
  }
  vy_diag records[8];
  char text[4096];
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = 8;
  diags.text = text;
  diags.text_capacity = sizeof text;
  vy_program *program = NULL;
  vy_status status = vy__validate(b->context, &ir, &program, &diags);
  assert_int_equal(status == VY_OK, diags.errors == 0);
  assert_true(status == VY_OK || status == VY_ERROR_INVALID_PROGRAM);
  uint64_t codes = 0;
  for (uint32_t i = 0; i < diags.count; i++)
    if (codes % 1000 != records[i].code)
      codes = codes * 1000 + records[i].code;
  vy_program_release(program);
  vy_context_release(b->context);
  return codes;
}

// ---- dominance

static uint64_t load_in_branch(bool inside) {
  build b;
  open_build(&b);
  uint32_t v = VY__NONE;
  if (!inside)
    v = load(&b, b.lane);
  stmt(&b, VY__STMT_IF, b.yes);
  if (inside)
    v = load(&b, b.lane);
  stmt(&b, VY__STMT_ELSE, VY__NONE);
  store(&b, v);
  stmt(&b, VY__STMT_END, VY__NONE);
  return close_build(&b, true);
}

static uint64_t load_in_loop(bool inside) {
  build b;
  open_build(&b);
  uint32_t one = literal(&b, VY_TYPE_U32, 1);
  uint32_t i = loop(&b, b.zero, one, one);
  // Pure, so it has no place of its own, but it is made of one that has.
  uint32_t sum = op2(&b, VY__OP_ADD, VY_TYPE_U32, i, one);
  if (inside)
    store(&b, sum);
  stmt(&b, VY__STMT_END, VY__NONE);
  if (!inside)
    store(&b, sum);
  return close_build(&b, true);
}

// Something that a later statement computes.
static uint64_t load_late(bool late) {
  build b;
  open_build(&b);
  uint32_t v =
      access_value(&b, VY__OP_LOAD, VY__SPACE_BUFFER, X, b.lane, VY__NONE);
  if (!late)
    stmt(&b, VY__STMT_EXEC, v);
  store(&b, v);
  if (late)
    stmt(&b, VY__STMT_EXEC, v);
  return close_build(&b, true);
}

// A condition of a loop is inside it, so what it loads is there in the body
// and gone after the loop.
static uint64_t load_in_condition(bool inside) {
  build b;
  open_build(&b);
  stmt(&b, VY__STMT_WHILE, VY__NONE);
  uint32_t v = load(&b, b.lane);
  stmt(&b, VY__STMT_COND, b.yes);
  if (inside)
    store(&b, v);
  stmt(&b, VY__STMT_END, VY__NONE);
  if (!inside)
    store(&b, v);
  return close_build(&b, true);
}

static uint64_t private_array(bool after) {
  build b;
  open_build(&b);
  vy__array array = {VY_TYPE_U32, b.four};
  uint32_t q = vy__ir_add_private(&b.ir, &array, 0);
  uint32_t set =
      access_value(&b, VY__OP_STORE, VY__SPACE_PRIVATE, q, b.zero, b.zero);
  stmt(&b, VY__STMT_BLOCK, VY__NONE);
  stmt(&b, VY__STMT_ARRAY, q);
  if (!after)
    stmt(&b, VY__STMT_EXEC, set);
  stmt(&b, VY__STMT_END, VY__NONE);
  if (after)
    stmt(&b, VY__STMT_EXEC, set);
  return close_build(&b, true);
}

static void dominance(void **state) {
  (void)state;
  assert_int_equal(load_in_branch(false), 0);
  assert_int_equal(load_in_branch(true), 304);
  assert_int_equal(load_in_loop(true), 0);
  assert_int_equal(load_in_loop(false), 304);
  assert_int_equal(load_late(false), 0);
  assert_int_equal(load_late(true), 304);
  assert_int_equal(load_in_condition(true), 0);
  assert_int_equal(load_in_condition(false), 304);
  assert_int_equal(private_array(false), 0);
  assert_int_equal(private_array(true), 304);
}

// ---- placement

static uint64_t jump(vy__stmt_kind around, vy__stmt_kind inner,
                     vy__stmt_kind kind) {
  build b;
  open_build(&b);
  uint32_t one = literal(&b, VY_TYPE_U32, 1);
  const vy__stmt_kind open[2] = {around, inner};
  uint32_t depth = 0;
  for (int i = 0; i < 2; i++) {
    if (open[i] == VY__STMT_FOR)
      loop(&b, b.zero, one, one);
    else if (open[i] == VY__STMT_IF)
      stmt(&b, VY__STMT_IF, b.yes);
    else if (open[i] == VY__STMT_BLOCK)
      stmt(&b, VY__STMT_BLOCK, VY__NONE);
    depth += open[i] != VY__STMT_EXEC; // EXEC: nothing there
  }
  stmt(&b, kind, VY__NONE);
  while (depth--)
    stmt(&b, VY__STMT_END, VY__NONE);
  return close_build(&b, true);
}

static void jumps(void **state) {
  (void)state;
  const vy__stmt_kind none = VY__STMT_EXEC;
  assert_int_equal(jump(VY__STMT_FOR, VY__STMT_IF, VY__STMT_BREAK), 0);
  assert_int_equal(jump(VY__STMT_FOR, VY__STMT_IF, VY__STMT_CONTINUE), 0);
  assert_int_equal(jump(VY__STMT_BLOCK, VY__STMT_FOR, VY__STMT_LEAVE), 0);
  assert_int_equal(jump(VY__STMT_BLOCK, VY__STMT_FOR, VY__STMT_BREAK), 0);
  assert_int_equal(jump(none, VY__STMT_IF, VY__STMT_RETURN), 0);
  assert_int_equal(jump(none, VY__STMT_IF, VY__STMT_BREAK), 303);
  assert_int_equal(jump(none, VY__STMT_FOR, VY__STMT_LEAVE), 303);
  // Not out of a block that stands inside the loop.
  assert_int_equal(jump(VY__STMT_FOR, VY__STMT_BLOCK, VY__STMT_BREAK), 303);
  assert_int_equal(jump(VY__STMT_FOR, VY__STMT_BLOCK, VY__STMT_CONTINUE), 303);
}

static uint64_t jump_in_condition(bool in_condition) {
  build b;
  open_build(&b);
  stmt(&b, VY__STMT_WHILE, VY__NONE);
  if (in_condition)
    stmt(&b, VY__STMT_BREAK, VY__NONE);
  stmt(&b, VY__STMT_COND, b.yes);
  if (!in_condition)
    stmt(&b, VY__STMT_BREAK, VY__NONE);
  stmt(&b, VY__STMT_END, VY__NONE);
  return close_build(&b, true);
}

typedef enum misuse { FINE, TWICE, PURE, UNDONE, ARRAY_TWICE } misuse;

static uint64_t misused(misuse how) {
  build b;
  open_build(&b);
  uint32_t v = load(&b, b.lane);
  if (how == TWICE)
    stmt(&b, VY__STMT_EXEC, v);
  if (how == PURE)
    stmt(&b, VY__STMT_EXEC, op2(&b, VY__OP_ADD, VY_TYPE_U32, v, v));
  if (how == UNDONE)
    v = access_value(&b, VY__OP_LOAD, VY__SPACE_BUFFER, X, b.zero, VY__NONE);
  if (how == ARRAY_TWICE) {
    vy__array array = {VY_TYPE_U32, b.four};
    uint32_t q = vy__ir_add_private(&b.ir, &array, 0);
    stmt(&b, VY__STMT_ARRAY, q);
    stmt(&b, VY__STMT_ARRAY, q);
  }
  store(&b, v);
  return close_build(&b, true);
}

static void placement(void **state) {
  (void)state;
  assert_int_equal(jump_in_condition(false), 0);
  assert_int_equal(jump_in_condition(true), 303);
  assert_int_equal(misused(FINE), 0);
  assert_int_equal(misused(TWICE), 303);
  assert_int_equal(misused(PURE), 303);
  assert_int_equal(misused(UNDONE), 303304);
  assert_int_equal(misused(ARRAY_TWICE), 303);
}

static uint64_t nested(uint32_t depth, int missing) {
  build b;
  open_build(&b);
  for (uint32_t i = 0; i < depth; i++)
    stmt(&b, VY__STMT_BLOCK, VY__NONE);
  for (uint32_t i = 0; i < depth - (uint32_t)missing; i++)
    stmt(&b, VY__STMT_END, VY__NONE);
  return close_build(&b, !missing);
}

static void balance(void **state) {
  (void)state;
  assert_int_equal(nested(64, 0), 0);
  assert_int_equal(nested(65, 0), 303);
  assert_int_equal(nested(3, 1), 303);
  assert_int_equal(nested(3, -1), 303);
}

// ---- types

static uint64_t stored(vy_type type, uint64_t bits) {
  build b;
  open_build(&b);
  store(&b, literal(&b, type, bits));
  return close_build(&b, true);
}

static uint64_t condition(vy_type type) {
  build b;
  open_build(&b);
  stmt(&b, VY__STMT_IF, literal(&b, type, 1));
  stmt(&b, VY__STMT_END, VY__NONE);
  return close_build(&b, true);
}

static uint64_t bounds(vy_type type) {
  build b;
  open_build(&b);
  uint32_t one = literal(&b, type, 1);
  loop(&b, b.zero, one, literal(&b, VY_TYPE_U32, 1));
  stmt(&b, VY__STMT_END, VY__NONE);
  return close_build(&b, true);
}

static uint64_t not_a_number(uint64_t bits) {
  build b;
  open_build(&b);
  uint32_t nan = literal(&b, VY_TYPE_F32, bits);
  store(&b, op2(&b, VY__OP_BITCAST, VY_TYPE_U32, nan, VY__NONE));
  return close_build(&b, true);
}

static uint64_t written(uint32_t param) {
  build b;
  open_build(&b);
  stmt(&b, VY__STMT_EXEC,
       access_value(&b, VY__OP_STORE, VY__SPACE_BUFFER, param, b.zero, b.zero));
  return close_build(&b, true);
}

static void types(void **state) {
  (void)state;
  assert_int_equal(stored(VY_TYPE_U32, 7), 0);
  assert_int_equal(stored(VY_TYPE_I32, 7), 302);
  assert_int_equal(stored(VY_TYPE_U8, 7), 302);
  assert_int_equal(stored(VY_TYPE_U32, UINT64_C(1) << 32), 302);
  assert_int_equal(condition(VY_TYPE_BOOL), 0);
  assert_int_equal(condition(VY_TYPE_U32), 302);
  assert_int_equal(bounds(VY_TYPE_U32), 0);
  assert_int_equal(bounds(VY_TYPE_U64), 302);
  assert_int_equal(not_a_number(0x7fc00000), 0);
  assert_int_equal(not_a_number(0x7fc00001), 302);
  assert_int_equal(written(X), 0);
  assert_int_equal(written(R), 314);
  assert_int_equal(written(A), 302); // no buffer at all
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dominance), cmocka_unit_test(jumps),
      cmocka_unit_test(placement), cmocka_unit_test(balance),
      cmocka_unit_test(types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

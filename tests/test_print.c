// What the printer writes parses to the same program, for programs that no
// one would write: built by calls, or with names that text cannot have.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "support/numbers.h"
#include "support/text.h"
#include "validate/validate.h"

typedef struct fixture {
  vy_context *context;
  vy_builder *b;
  vy_buf y; // update u64[]
} fixture;

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  assert_int_equal(vy_context_create(NULL, &f->context, NULL), VY_OK);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  vy_context_release(f->context);
  free(f);
  return 0;
}

static vy_builder *begin(fixture *f) {
  assert_int_equal(vy_builder_create(f->context, vy_str_c("main"), &f->b, NULL),
                   VY_OK);
  f->y = vy_builder_buffer(f->b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_U64);
  vy_size n = vy_size_len(f->b, f->y);
  vy_builder_lanes(f->b, 1, &n);
  return f->b;
}

// Give the program's print back; free it.
static char *same_through_text(vy_program *p) {
  size_t size = 0;
  assert_int_equal(vy_program_print(p, NULL, 0, &size), VY_OK);
  char *text = malloc(size + 1);
  assert_non_null(text);
  assert_int_equal(vy_program_print(p, text, size, &size), VY_OK);
  text[size] = 0;
  parsed *back = parse_good(text);
  if (!vy__ir_equal(&p->ir, &back->ir))
    fail_msg("parses to another program:\n%s", text);
  parse_free(back);
  return text;
}

static void finish(fixture *f) {
  vy_diag record;
  char room[512], line[1024] = "";
  vy_diags d = VY_DIAGS_INIT;
  d.records = &record;
  d.capacity = 1;
  d.text = room;
  d.text_capacity = sizeof room;
  vy_program *p = NULL;
  vy_status s = vy_builder_finish(f->b, &p, &d);
  if (s != VY_OK) {
    if (d.count)
      vy_diag_format(&record, line, sizeof line);
    fail_msg("%s: %s", vy_status_name(s), line);
  }
  free(same_through_text(p));
  vy_program_release(p);
  vy_builder_release(f->b);
}

static vy_val wide(vy_builder *b, vy_val v) {
  return vy_build_convert(b, VY_TYPE_U64, v);
}

static void keep(fixture *f, vy_val v) { // v: u64
  vy_build_store(f->b, f->y, 0, vy_lane(f->b), v);
}

static void deep_expressions(void **state) {
  fixture *f = *state;
  for (int right = 0; right < 2; right++) {
    vy_builder *b = begin(f);
    vy_val v = vy_lane(b);
    for (uint32_t i = 0; i < 1000; i++)
      v = right ? vy_sub(b, vy_u32(b, i), v) : vy_sub(b, v, vy_u32(b, i));
    keep(f, wide(b, v));
    finish(f);
  }
  vy_builder *b = begin(f);
  vy_val v = vy_build_convert(b, VY_TYPE_I32, vy_lane(b));
  for (int i = 0; i < 300; i++) // - - ~ x, and shared halves
    v = i % 3 == 2 ? vy_mul(b, v, v) : i % 3 ? vy_not(b, v) : vy_neg(b, v);
  for (int i = 0; i < 300; i++)
    v = vy_select(b, vy_lt(b, v, vy_i32(b, i)), vy_i32(b, -i), v);
  keep(f, wide(b, v));
  finish(f);
}

static void values_across_blocks(void **state) {
  fixture *f = *state;
  vy_builder *b = begin(f);
  vy_val lane = vy_lane(b);
  vy_val pure = vy_mul(b, lane, vy_u32(b, 3));
  vy_val old = vy_build_load(b, f->y, 0, pure);
  vy_val inside = vy_none();
  vy_build_if(b, vy_lt(b, lane, vy_u32(b, 5)));
  inside = vy_add(b, pure, vy_u32(b, 77)); // first needed here, but pure
  keep(f, vy_add(b, wide(b, inside), old));
  vy_build_else(b);
  keep(f, wide(b, inside));
  vy_build_end(b);
  vy_val i = vy_build_for(b, pure, inside, vy_u32(b, 1));
  keep(f, vy_add(b, wide(b, vy_mul(b, i, inside)), old));
  vy_build_if(b, vy_eq(b, i, inside));
  vy_build_break(b);
  vy_build_end(b);
  vy_build_end(b);
  keep(f, wide(b, inside));
  keep(f, old);
  finish(f);
}

static void statements_in_conditions(void **state) {
  fixture *f = *state;
  vy_builder *b = begin(f);
  vy_var n = vy_builder_var(b, VY_TYPE_U64), m = vy_builder_var(b, VY_TYPE_U64);
  vy_build_set(b, n, vy_u64(b, 0));
  vy_build_while(b);
  vy_val v = vy_build_load(b, f->y, 0, vy_lane(b));
  vy_build_set(b, m, vy_add(b, v, vy_build_get(b, n)));
  vy_build_if(b, vy_eq(b, v, vy_u64(b, 9)));
  keep(f, vy_u64(b, 1));
  vy_build_end(b);
  vy_val again = vy_build_get(b, m);
  vy_build_while_condition(b, vy_lt(b, again, vy_u64(b, 100)));
  vy_build_while(b); // nested, and the plain kind
  vy_val k = vy_build_get(b, n);
  vy_build_while_condition(b, vy_lt(b, k, vy_u64(b, 4)));
  vy_build_set(b, n, vy_add(b, k, again));
  vy_build_if(b, vy_eq(b, k, vy_u64(b, 3)));
  vy_build_continue(b);
  vy_build_end(b);
  vy_build_end(b);
  vy_build_end(b);
  keep(f, vy_build_get(b, m));
  finish(f);
}

static void blocks_and_ends(void **state) {
  fixture *f = *state;
  vy_builder *b = begin(f);
  vy_val low = vy_lt(b, vy_lane(b), vy_u32(b, 5));
  vy_build_block(b);
  vy_build_block(b);
  vy_build_for(b, vy_u64(b, 0), vy_u64(b, 9), vy_u64(b, 2));
  vy_build_if(b, low);
  vy_build_leave(b); // across the loop
  vy_build_else(b);
  vy_build_end(b);
  vy_build_end(b);
  vy_build_end(b);
  vy_build_if(b, low);
  vy_build_end(b);
  vy_build_leave(b);
  vy_build_end(b);
  vy_build_block(b);
  vy_build_end(b);
  vy_build_atomic(b, VY_OP_ATOMIC_ADD, f->y, vy_u32(b, 0), vy_u64(b, 1),
                  vy_none()); // results that no one wants
  vy_build_load(b, f->y, 0, vy_u32(b, 0));
  vy_build_return(b);
  finish(f);
}

static void literals_at_the_ends(void **state) {
  fixture *f = *state;
  static const struct {
    vy_type type;
    uint64_t bits;
  } rows[] = {
      {VY_TYPE_I32, 0x80000000},         {VY_TYPE_I32, 0x7fffffff},
      {VY_TYPE_I32, 0xffffffff},         {VY_TYPE_U32, 0xffffffff},
      {VY_TYPE_I64, 1ull << 63},         {VY_TYPE_I64, INT64_MAX},
      {VY_TYPE_U64, UINT64_MAX},         {VY_TYPE_F32, 0x80000000},
      {VY_TYPE_F32, 0x7fc00000},         {VY_TYPE_F32, 0x7f800000},
      {VY_TYPE_F32, 0xff800000},         {VY_TYPE_F32, 1},
      {VY_TYPE_F32, 0x80000001},         {VY_TYPE_F32, 0x7f7fffff},
      {VY_TYPE_F32, 0x00800000},         {VY_TYPE_F64, 1ull << 63},
      {VY_TYPE_F64, 0x7ff8ull << 48},    {VY_TYPE_F64, 0x7ff0ull << 48},
      {VY_TYPE_F64, 0xfff0ull << 48},    {VY_TYPE_F64, 1},
      {VY_TYPE_F64, 0x7fefffffffffffff}, {VY_TYPE_F64, 0x3fb999999999999a},
  };
  vy_builder *b = begin(f);
  static char names[sizeof rows / sizeof rows[0]][8];
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    snprintf(names[i], sizeof names[i], "c%zu", i);
    vy_spec c =
        vy_builder_const(b, vy_str_c(names[i]), rows[i].type, rows[i].bits);
    vy_val v = vy_build_literal(b, rows[i].type, rows[i].bits);
    // As an operand, negated and first in a sum.
    vy_val w = vy_add(b, v, vy_build_spec(b, c));
    keep(f, wide(b, v));
    keep(f, wide(b, vy_sub(b, w, v)));
    keep(f, wide(b, vy_neg(b, v)));
  }
  static const uint64_t f16[] = {0x8000, 0x7c00, 0xfc00, 0x7e00, 1, 0x7bff};
  static const uint64_t bf16[] = {0x8000, 0x7f80, 0xff80, 0x7fc0, 1, 0x7f7f};
  static const uint64_t i8[] = {0x80, 0x7f, 0xff}, i64[] = {1ull << 63};
  vy_val at = vy_lane(b);
  keep(f,
       wide(b, vy_build_read(b, vy_builder_table(b, VY_TYPE_F16, f16, 6), at)));
  keep(f, wide(b, vy_build_read(b, vy_builder_table(b, VY_TYPE_BF16, bf16, 6),
                                at)));
  keep(f,
       wide(b, vy_build_read(b, vy_builder_table(b, VY_TYPE_I8, i8, 3), at)));
  keep(f,
       wide(b, vy_build_read(b, vy_builder_table(b, VY_TYPE_I64, i64, 1), at)));
  finish(f);
}

static void padding_of_nested_structs(void **state) {
  fixture *f = *state;
  vy_builder *b = begin(f);
  // { u8; { u8; f64; }; u8; } and { u16; { u8; u8; }; { f32; u8; }; u8; }
  const vy_build_field one[] = {
      {0, VY_TYPE_U8}, {8, VY_TYPE_U8}, {16, VY_TYPE_F64}, {24, VY_TYPE_U8}};
  const vy_build_field two[] = {{0, VY_TYPE_U16}, {2, VY_TYPE_U8},
                                {3, VY_TYPE_U8},  {4, VY_TYPE_F32},
                                {8, VY_TYPE_U8},  {12, VY_TYPE_U8}};
  vy_buf s =
      vy_builder_struct_buffer(b, vy_str_c("s"), VY_ACCESS_UPDATE, 32, one, 4);
  vy_buf t =
      vy_builder_struct_buffer(b, vy_str_c("s_t"), VY_ACCESS_READ, 16, two, 6);
  vy_builder_set_readback(b, f->y, vy_size_literal(b, INT64_MIN),
                          vy_size_element(b, s, vy_size_literal(b, 3), 3));
  for (uint32_t i = 0; i < 6; i++)
    keep(f, wide(b, vy_build_load(b, t, i, vy_lane(b))));
  for (uint32_t i = 0; i < 4; i++)
    keep(f, wide(b, vy_build_load(b, s, i, vy_lane(b))));
  finish(f);
}

static void size_expressions(void **state) {
  fixture *f = *state;
  static const vy_op ops[] = {VY_OP_ADD, VY_OP_SUB, VY_OP_MUL, VY_OP_DIV,
                              VY_OP_REM, VY_OP_MIN, VY_OP_MAX};
  enum { OPS = sizeof ops / sizeof ops[0] };
  for (int i = 0; i < OPS * OPS * 2; i++) {
    vy_builder *b = begin(f);
    vy_scalar k = vy_builder_scalar(b, vy_str_c("k"), VY_TYPE_I64);
    vy_buf z = vy_builder_buffer(b, vy_str_c("z"), VY_ACCESS_READ, VY_TYPE_U8);
    vy_size x = vy_size_scalar(b, k), y = vy_size_literal(b, -i);
    vy_size in = vy_size_op(b, ops[i % OPS], x, y);
    vy_size left = vy_size_op(b, ops[i / OPS % OPS], in, vy_size_len(b, f->y));
    vy_size right = vy_size_op(b, ops[i / OPS % OPS], y, in);
    vy_builder_set_length(b, z, i < OPS * OPS ? left : right);
    finish(f);
  }
}

// ---- names

// The program of `text` with every name that text does not need replaced.
static void with_names(const char *text, const char *const *names,
                       uint32_t count) {
  parsed *p = parse_good(text);
  vy__ir ir;
  assert_true(vy__ir_copy(&p->ir, &ir));
  uint32_t at[32], next = 0;
  assert_true(count <= 32);
  for (uint32_t i = 0; i < count; i++)
    at[i] = vy__ir_add_string(&ir, vy_str_c(names[i]));
#define RENAME(array, n)                                                       \
  for (uint32_t i = 0; i < ir.n; i++)                                          \
    ir.array[i] = at[next++ % count];
  RENAME(value_names, value_count)
  RENAME(var_names, var_count)
  RENAME(private_names, private_count)
  RENAME(group_names, group_count)
  RENAME(table_names, table_count)
  RENAME(field_names, field_count)
#undef RENAME
  vy_program *program = NULL;
  assert_int_equal(vy__validate(p->context, &ir, &program, NULL), VY_OK);
  free(same_through_text(program));
  vy_program_release(program);
  parse_free(p);
}

static const char named_text[] =
    "const T: u32[2] = {1, 2};\n"
    "struct S { a: u8; b: u32; }\n"
    "program main(x: read u32[], s: update S[], k: u32) {\n"
    "  group 4; groups 2;\n"
    "  shared m: u32[4];\n"
    "  var a: u32[4]; var i = k; var j = 0u;\n"
    "  let u = s[lane].b; let v = x[u] * x[k]; let w = v + v * v;\n"
    "  m[local] = w + T[k];\n"
    "  barrier;\n"
    "  for q in 0u .. k { let z = m[q] + u; a[q] = z ^ z + q; i = j; j = z; }\n"
    "  s[lane].b = a[i] + w + j;\n"
    "}\n";

static void odd_names(void **state) {
  (void)state;
  static const char *const rows[][4] = {
      {"x", "x", "x", "x"},               // a parameter's
      {"main", "k", "s", "a"},            // and the program's
      {"lane", "local", "barrier", "if"}, // words of the language
      {"u32", "f32x3", "max", "len"},
      {"v", "v_1", "v_2", "v_1"}, // like those that the printer makes up
      {"", "", "", ""},
      {"1", "a b", "\xff\xfe", "\n"},
      {"a.b", "a..b", ".", "a.b.c"}, // fields: paths
      {"a", "a.b", "a.b.c", "a"},
      {"_", "__", "a-b", "\"}; program p() {"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    for (uint32_t n = 1; n <= 4; n++)
      with_names(named_text, rows[i], n);
}

// ---- programs at random

enum { VALUES = 64, TYPES = 6 };

typedef struct maker {
  fixture *f;
  vy_builder *b;
  uint64_t r;
  struct {
    vy_val v;
    uint32_t type, depth; // of the block that it belongs to
  } pool[VALUES];
  vy_var vars[TYPES];
  uint32_t used, depth, loops, blocks, left;
} maker;

static const vy_type types[TYPES] = {VY_TYPE_BOOL, VY_TYPE_I32, VY_TYPE_U32,
                                     VY_TYPE_U64,  VY_TYPE_F32, VY_TYPE_F64};

static uint32_t pick(maker *m, uint32_t below) {
  return (uint32_t)(numbers_next(&m->r) % below);
}

static void put(maker *m, vy_val v, uint32_t type, uint32_t depth) {
  if (m->used < VALUES) {
    m->pool[m->used].v = v;
    m->pool[m->used].type = type;
    m->pool[m->used++].depth = depth;
  }
}

static vy_val get(maker *m, uint32_t type, uint32_t *depth) {
  for (int tries = 0; tries < 12 && m->used; tries++) {
    uint32_t i = pick(m, m->used);
    if (m->pool[i].type == type) {
      *depth = *depth > m->pool[i].depth ? *depth : m->pool[i].depth;
      return m->pool[i].v;
    }
  }
  return vy_build_literal(m->b, types[type], pick(m, 2));
}

static void make_value(maker *m) {
  static const vy_op ops[] = {VY_OP_ADD, VY_OP_SUB, VY_OP_MUL, VY_OP_DIV};
  static const vy_op tests[] = {VY_OP_LT, VY_OP_EQ, VY_OP_GE, VY_OP_NE};
  static const vy_op logic[] = {VY_OP_AND, VY_OP_OR, VY_OP_XOR};
  uint32_t kind = pick(m, 7), t = pick(m, TYPES), d = 0;
  uint32_t result = kind == 4 ? 0 : kind == 3 ? 3 : t;
  if ((kind > 3 && t == 0) || (kind == 5 && t > 3)) // no such operation
    return;
  vy_val a = get(m, t, &d), c = get(m, t, &d), v;
  if (kind == 0)
    v = vy_build_convert(m->b, types[result = pick(m, TYPES)], a);
  else if (kind == 1)
    v = vy_select(m->b, get(m, 0, &d), a, c);
  else if (kind == 2)
    v = vy_build_get(m->b, m->vars[t]);
  else if (kind == 3)
    v = vy_build_load(m->b, m->f->y, 0, get(m, 2, &d));
  else if (kind == 4)
    v = vy_build_op(m->b, tests[pick(m, 4)], a, c, vy_none());
  else if (kind == 5)
    v = vy_build_op(m->b, logic[pick(m, 3)], a, c, vy_none());
  else
    v = vy_build_op(m->b, ops[pick(m, 4)], a, c, vy_none());
  bool ordered = kind == 2 || kind == 3; // belongs here
  put(m, v, result, ordered ? m->depth : d);
}

static void make_body(maker *m);

// One statement that opens a block, whole.
static void make_block(maker *m, uint32_t kind) {
  uint32_t loops = m->loops, blocks = m->blocks, d = 0;
  m->depth++;
  if (kind == 0) {
    vy_build_if(m->b, get(m, 0, &d));
    make_body(m);
    if (pick(m, 2)) {
      vy_build_else(m->b);
      make_body(m);
    }
  } else if (kind == 1) {
    m->loops = 1;
    vy_val lo = get(m, 2, &d), hi = get(m, 2, &d), step = get(m, 2, &d);
    put(m, vy_build_for(m->b, lo, hi, step), 2, m->depth);
    make_body(m);
  } else if (kind == 2) {
    vy_build_while(m->b);
    m->loops = 0; // none may be left from a condition
    for (uint32_t n = pick(m, 4); n > 0; n--)
      make_value(m);
    vy_build_while_condition(m->b, get(m, 0, &d));
    m->loops = 1;
    make_body(m);
  } else {
    m->loops = 0;
    m->blocks = 1;
    vy_build_block(m->b);
    make_body(m);
  }
  vy_build_end(m->b);
  m->depth--;
  m->loops = loops;
  m->blocks = blocks;
}

static void make_statement(maker *m) {
  uint32_t t = pick(m, TYPES), d = 0, kind = pick(m, 10);
  if (kind < 4 && m->depth < 6)
    make_block(m, kind);
  else if (kind < 6)
    vy_build_set(m->b, m->vars[t], get(m, t, &d));
  else if (kind < 9)
    vy_build_store(m->b, m->f->y, 0, get(m, 2, &d), get(m, 3, &d));
}

// What belongs to the body goes with it; pure values of before stay.
static void make_body(maker *m) {
  while (m->left && pick(m, 5)) {
    m->left--;
    for (uint32_t n = pick(m, 4); n > 0; n--)
      make_value(m);
    make_statement(m);
  }
  if (m->loops && !pick(m, 4))
    pick(m, 2) ? vy_build_break(m->b) : vy_build_continue(m->b);
  else if (m->blocks && !pick(m, 4))
    vy_build_leave(m->b);
  else if (m->depth && !pick(m, 12))
    vy_build_return(m->b);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < m->used; i++)
    if (m->pool[i].depth < m->depth)
      m->pool[kept++] = m->pool[i];
  m->used = kept;
}

static void programs_at_random(void **state) {
  fixture *f = *state;
  uint32_t count = numbers_full() ? 20000 : 1000;
  for (uint32_t seed = 0; seed < count; seed++) {
    maker m = {.f = f, .b = begin(f), .r = seed, .left = 30};
    put(&m, vy_lane(m.b), 2, 0);
    for (uint32_t t = 0; t < TYPES; t++) {
      m.vars[t] = vy_builder_var(m.b, types[t]);
      vy_build_set(m.b, m.vars[t], vy_build_literal(m.b, types[t], 1));
    }
    while (m.left)
      make_body(&m);
    finish(f);
  }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(deep_expressions),         CASE(values_across_blocks),
      CASE(statements_in_conditions), CASE(blocks_and_ends),
      CASE(literals_at_the_ends),     CASE(padding_of_nested_structs),
      CASE(size_expressions),         cmocka_unit_test(odd_names),
      CASE(programs_at_random),
  };
#undef CASE
  return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}

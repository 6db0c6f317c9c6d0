// The builder: the same program from text and from calls has the same
// fingerprint, and every mistake is reported, once, without a crash.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "support/heap.h"
#include "support/parse.h"

typedef struct fixture {
  vy_context *context;
  vy_builder *b;
} fixture;

static int setup(void **state) {
  static fixture f;
  assert_int_equal(vy_context_create(NULL, &f.context, NULL), VY_OK);
  assert_int_equal(vy_builder_create(f.context, vy_str_c("p"), &f.b, NULL),
                   VY_OK);
  *state = &f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  vy_builder_release(f->b);
  vy_context_release(f->context);
  return 0;
}

static vy_program *finish(fixture *f) {
  vy_diag records[4];
  char text[2048], line[1024];
  vy_diags d = VY_DIAGS_INIT;
  d.records = records;
  d.capacity = 4;
  d.text = text;
  d.text_capacity = sizeof text;
  vy_program *p = NULL;
  vy_status status = vy_builder_finish(f->b, &p, &d);
  for (uint32_t i = 0; i < d.count; i++) {
    vy_diag_format(&records[i], line, sizeof line);
    print_message("%s\n", line);
  }
  assert_int_equal(status, VY_OK);
  return p;
}

// Built and parsed are one program.
static void same_as(fixture *f, const char *text) {
  vy_program *built = finish(f), *parsed = parse_text(f->context, text);
  vy_hash a = vy_program_fingerprint(built);
  vy_hash b = vy_program_fingerprint(parsed);
  if (memcmp(&a, &b, sizeof a)) {
    static char t[8192];
    size_t n;
    assert_int_equal(vy_program_print(built, t, sizeof t, &n), VY_OK);
    print_message("built:\n%.*s", (int)n, t);
    assert_int_equal(vy_program_print(parsed, t, sizeof t, &n), VY_OK);
    print_message("parsed:\n%.*s", (int)n, t);
  }
  assert_memory_equal(&a, &b, sizeof a);
  vy_program_release(parsed);
  vy_program_release(built);
}

static void saxpy(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_scalar a = vy_builder_scalar(b, vy_str_c("a"), VY_TYPE_F32);
  vy_buf x = vy_builder_buffer(b, vy_str_c("x"), VY_ACCESS_READ, VY_TYPE_F32);
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_F32);
  vy_size n = vy_size_len(b, y);
  vy_builder_lanes(b, 1, &n);
  vy_val i = vy_lane(b);
  vy_val old = vy_build_load(b, y, 0, i);
  vy_build_store(
      b, y, 0, i,
      vy_fma(b, vy_build_scalar(b, a), vy_build_load(b, x, 0, i), old));
  same_as(f, "program p(a: f32, x: read f32[], y: update f32[]) {\n"
             "  lanes len(y);\n  let i = lane;\n"
             "  y[i] = fma(a, x[i], y[i]);\n}");
}

static void groups(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_spec n = vy_builder_const(b, vy_str_c("N"), VY_TYPE_U32, 8);
  vy_buf x = vy_builder_buffer(b, vy_str_c("x"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  vy_size width = vy_size_spec(b, n);
  vy_size count = vy_size_op(b, VY_OP_DIV, vy_size_len(b, x), width);
  vy_builder_group(b, 1, &width);
  vy_builder_groups(b, 1, &count);
  vy_arr s = vy_builder_group_array(b, VY_TYPE_U32, width);
  vy_val local = vy_build_id(b, VY_OP_LOCAL, 0);
  vy_build_write(b, s, local, vy_build_load(b, x, 0, vy_lane(b)));
  vy_build_barrier(b);
  vy_val v =
      vy_build_read(b, s,
                    vy_sub(b, vy_sub(b, vy_build_spec(b, n), vy_u32(b, 1)),
                           vy_build_id(b, VY_OP_LOCAL, 0)));
  vy_val sum = vy_build_collective(b, VY_OP_GROUP_REDUCE_ADD, v, vy_none());
  vy_val rank = vy_build_rank(b, v, 3);
  vy_build_atomic(b, VY_OP_ATOMIC_ADD, x, vy_u32(b, 0), vy_add(b, sum, rank),
                  vy_none());
  same_as(f, "const N: u32 = 8;\n"
             "program p(x: update u32[]) {\n  group N;\n"
             "  groups len(x) / N;\n  shared s: u32[N];\n"
             "  s[local] = x[lane];\n  barrier;\n"
             "  let v = s[N - 1 - local];\n"
             "  let sum = group_reduce_add(v);\n"
             "  let rank = group_rank(v, 3);\n"
             "  atomic_add(x, 0u, sum + rank);\n}");
}

static void control(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_WRITE, VY_TYPE_U8);
  vy_builder_set_length(b, y, vy_size_literal(b, 16));
  vy_size lanes = vy_size_literal(b, 2);
  vy_builder_lanes(b, 1, &lanes);
  const uint64_t bits[] = {3, 5, 7};
  vy_arr t = vy_builder_table(b, VY_TYPE_U16, bits, 3);
  vy_arr a = vy_builder_private_array(b, VY_TYPE_I32, vy_size_literal(b, 4));
  vy_var n = vy_builder_var(b, VY_TYPE_I32);
  vy_build_set(b, n, vy_i32(b, 0));
  vy_build_while(b);
  vy_build_while_condition(b, vy_lt(b, vy_build_get(b, n), vy_i32(b, 4)));
  vy_val k = vy_build_get(b, n);
  vy_build_write(b, a, k, vy_neg(b, k));
  vy_build_if(b, vy_eq(b, k, vy_i32(b, 2)));
  vy_build_break(b);
  vy_build_else(b);
  vy_build_set(b, n, vy_add(b, k, vy_i32(b, 1)));
  vy_build_end(b);
  vy_build_end(b);
  vy_val i = vy_build_for(b, vy_u32(b, 0), vy_u32(b, 3), vy_u32(b, 1));
  vy_build_store_bytes(b, VY_OP_STORE_U32, y, vy_mul(b, i, vy_u32(b, 4)),
                       vy_build_read(b, t, i));
  vy_build_end(b);
  vy_build_block(b);
  vy_build_leave(b);
  vy_build_end(b);
  same_as(f, "const T: u16[3] = {3, 5, 7};\n"
             "program p(y: write u8[16]) {\n  lanes 2;\n"
             "  var a: i32[4];\n  var n = 0;\n"
             "  while (n < 4) {\n    let k = n;\n    a[k] = -k;\n"
             "    if (k == 2) { break; } else { n = k + 1; }\n  }\n"
             "  for i in 0u .. 3u { store_u32(y, i * 4u, T[i]); }\n"
             "  block { leave; }\n}");
}

static void structs_and_readback(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  const vy_build_field fields[] = {
      {0, VY_TYPE_F32}, {4, VY_TYPE_U8}, {8, VY_TYPE_F64}};
  vy_buf s = vy_builder_struct_buffer(b, vy_str_c("s"), VY_ACCESS_UPDATE, 16,
                                      fields, 3);
  vy_buf n = vy_builder_buffer(b, vy_str_c("n"), VY_ACCESS_WRITE, VY_TYPE_U32);
  vy_builder_set_length(b, n, vy_size_literal(b, 1));
  vy_builder_set_readback(b, s, vy_size_literal(b, 0),
                          vy_size_element(b, n, vy_size_literal(b, 0), 0));
  vy_size len = vy_size_len(b, s);
  vy_builder_lanes(b, 1, &len);
  vy_val i = vy_lane(b);
  vy_val x = vy_build_load(b, s, 1, i);
  vy_build_store(b, s, 2, i, vy_build_convert(b, VY_TYPE_F64, x));
  same_as(f, "struct S { a: f32; b: u8; c: f64; }\n"
             "program p(s: update S[] readback [0, n[0]), n: write u32[1]) {\n"
             "  lanes len(s);\n  let i = lane;\n  s[i].c = f64(s[i].b);\n}");
}

// ---- mistakes

static uint32_t first_code(fixture *f, uint32_t *count) {
  vy_diag records[32];
  vy_diags d = VY_DIAGS_INIT;
  d.records = records;
  d.capacity = 32;
  vy_program *p = NULL;
  assert_int_not_equal(vy_builder_finish(f->b, &p, &d), VY_OK);
  assert_null(p);
  *count = d.count;
  return records[0].code;
}

static void one_mistake_is_one_error(void **state) {
  fixture *f = *state;
  vy_size one = vy_size_literal(f->b, 1);
  vy_builder_lanes(f->b, 1, &one);
  vy_val bad = vy_add(f->b, vy_u32(f->b, 1), vy_f32(f->b, 1));
  assert_int_equal(bad.id, 0);
  vy_mul(f->b, bad, vy_sqrt(f->b, bad));
  vy_build_if(f->b, bad);
  vy_build_end(f->b);
  uint32_t count = 0;
  assert_int_equal(first_code(f, &count), 501);
  assert_int_equal(count, 1);
  vy_program *p = NULL;
  assert_int_not_equal(vy_builder_finish(f->b, &p, NULL), VY_OK);
}

static void garbage_handles(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  const uint32_t ids[] = {1,          2,          77,
                          0x0fffffff, 0x10000001, 0x2fffffff,
                          0x30000005, 0x40000001, UINT32_MAX};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    vy_val v = {ids[i]};
    vy_build_load(b, (vy_buf){ids[i]}, ids[i], v);
    vy_build_write(b, (vy_arr){ids[i]}, v, v);
    vy_build_array_atomic(b, VY_OP_ATOMIC_ADD, (vy_arr){ids[i]}, v, v, v);
    vy_build_set(b, (vy_var){ids[i]}, v);
    vy_build_scalar(b, (vy_scalar){ids[i]});
    vy_build_spec(b, (vy_spec){ids[i]});
    vy_size_op(b, VY_OP_ADD, (vy_size){ids[i]}, (vy_size){ids[i]});
    vy_size_element(b, (vy_buf){ids[i]}, (vy_size){ids[i]}, ids[i]);
    vy_builder_set_length(b, (vy_buf){ids[i]}, (vy_size){ids[i]});
    vy_build_op(b, (vy_op)ids[i], v, v, v);
    vy_build_id(b, (vy_op)ids[i], ids[i]);
    vy_build_literal(b, (vy_type)(ids[i] & 0xff), ids[i]);
    vy_builder_var(b, (vy_type)ids[i]);
    vy_builder_buffer(b, vy_str_c("x"), (vy_access)ids[i], (vy_type)ids[i]);
    vy_build_for(b, v, v, v);
    vy_build_end(b);
    vy_build_end(b);
    vy_build_else(b);
  }
  uint32_t count = 0;
  assert_int_equal(first_code(f, &count), 500);
}

static void places(void **state) {
  fixture *f = *state;
  vy_build_while(f->b);
  vy_build_end(f->b); // no condition
  uint32_t count = 0;
  assert_int_equal(first_code(f, &count), 502);
}

static void validator_speaks_at_the_end(void **state) {
  fixture *f = *state;
  vy_size one = vy_size_literal(f->b, 1);
  vy_builder_lanes(f->b, 1, &one);
  vy_build_break(f->b); // outside a loop
  uint32_t count = 0;
  assert_int_equal(first_code(f, &count), 303);
}

// Every allocation fails once, in turn: a clean error, nothing left behind.
static vy_status build_on(heap *h) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(h);
  fixture f = {0};
  vy_program *p = NULL;
  vy_status status = vy_context_create(&desc, &f.context, NULL);
  if (status == VY_OK)
    status = vy_builder_create(f.context, vy_str_c("p"), &f.b, NULL);
  if (status == VY_OK) {
    vy_buf y =
        vy_builder_buffer(f.b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_U32);
    vy_size n = vy_size_len(f.b, y);
    vy_builder_lanes(f.b, 1, &n);
    vy_arr a =
        vy_builder_private_array(f.b, VY_TYPE_U32, vy_size_literal(f.b, 2));
    vy_val v = vy_u32(f.b, 1);
    for (int i = 0; i < 40; i++)
      v = vy_add(f.b, v, v);
    vy_build_write(f.b, a, vy_lane(f.b), v);
    vy_build_store(f.b, y, 0, vy_lane(f.b), vy_build_read(f.b, a, v));
    status = vy_builder_finish(f.b, &p, NULL);
  }
  vy_program_release(p);
  vy_builder_release(f.b);
  vy_context_release(f.context);
  return status;
}

static void every_allocation_fails(void **state) {
  (void)state;
  assert_true(heap_fail_each(build_on) > 10);
}

static void null_arguments(void **state) {
  fixture *f = *state;
  vy_builder *none = NULL;
  vy_program *p = NULL;
  assert_int_equal(vy_builder_create(NULL, vy_str_c("p"), &none, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_builder_create(f->context, vy_str_c("p"), NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_builder_finish(NULL, &p, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_builder_finish(f->b, NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_lane(NULL).id, 0);
  vy_build_end(NULL);
  vy_builder_groups(NULL, 1, NULL);
  vy_builder_release(NULL);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(saxpy),
      CASE(groups),
      CASE(control),
      CASE(structs_and_readback),
      CASE(one_mistake_is_one_error),
      CASE(garbage_handles),
      CASE(places),
      CASE(validator_speaks_at_the_end),
      cmocka_unit_test(every_allocation_fails),
      CASE(null_arguments),
  };
#undef CASE
  return cmocka_run_group_tests_name("builder", tests, NULL, NULL);
}

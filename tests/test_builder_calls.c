// The builder, call by call: every check of a call provoked, as one error;
// what text and calls say alike; a built program runs.
#include "support/builder.h"

#include "ir/limits.h"

// Each call refuses the operations of the others.
static void operations_have_their_call(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  one_lane(f);
  vy_val v = vy_u32(b, 1), none = vy_none();
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_U8);
  assert_int_equal(vy_build_op(b, VY_OP_LANE, none, none, none).id, 0);
  assert_int_equal(vy_build_op(b, VY_OP_LOAD, v, none, none).id, 0);
  assert_int_equal(vy_build_op(b, VY_OP_CONVERT, v, none, none).id, 0);
  assert_int_equal(vy_build_op(b, (vy_op)-1, v, none, none).id, 0);
  assert_int_equal(vy_build_id(b, VY_OP_ADD, 0).id, 0);
  assert_int_equal(vy_build_atomic(b, VY_OP_ADD, y, v, v, none).id, 0);
  assert_int_equal(vy_build_collective(b, VY_OP_BARRIER, v, none).id, 0);
  assert_int_equal(vy_build_load_bytes(b, VY_OP_STORE_U16, y, v).id, 0);
  vy_build_store_bytes(b, VY_OP_LOAD_U16, y, v, v);
  vy_size s = vy_size_literal(b, 1);
  assert_int_equal(vy_size_op(b, VY_OP_AND, s, s).id, 0);
  vy_program *p = NULL;
  assert_int_equal(vy_builder_finish(b, &p, &f->diags),
                   VY_ERROR_INVALID_PROGRAM);
  assert_int_equal(f->diags.count, 10);
  for (uint32_t i = 0; i < f->diags.count; i++)
    assert_int_equal(f->records[i].code, 503);
}

// ---- the same program as text

static void three_dimensions(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_scalar w = vy_builder_scalar(b, vy_str_c("w"), VY_TYPE_U64);
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_WRITE, VY_TYPE_U32);
  vy_size n = vy_size_scalar(b, w);
  vy_size two = vy_size_literal(b, 2);
  vy_size d[3] = {n, vy_size_op(b, VY_OP_MAX, n, two), two};
  vy_size g[3] = {two, two, two};
  vy_builder_set_length(b, y, vy_size_op(b, VY_OP_MUL, n, n));
  vy_builder_group(b, 3, g);
  vy_builder_groups(b, 3, d);
  vy_build_store(b, y, 0, vy_build_id(b, VY_OP_LANE, 2),
                 vy_add(b, vy_build_id(b, VY_OP_LOCAL, 1),
                        vy_build_id(b, VY_OP_GROUP_SIZE, 0)));
  same_as(f, "program p(w: u64, y: write u32[w * w]) {\n"
             "  group 2, 2, 2;\n  groups w, max(w, 2), 2;\n"
             "  y[lane.z] = local.y + group_size.x;\n}");
}

static void nan_is_one(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_F32);
  one_lane(f);
  vy_build_store(b, y, 0, vy_u32(b, 0),
                 vy_build_literal(b, VY_TYPE_F32, 0xffc12345u));
  same_as(f, "program p(y: update f32[]) { lanes 1; y[0u] = nan; }");
}

// ---- mistakes

static void foreign_handles(void **state) {
  fixture *f = *state;
  vy_builder *other = NULL;
  assert_int_equal(vy_builder_create(f->context, vy_str_c("q"), &other, NULL),
                   VY_OK);
  // Tags may be equal by chance, one time in two thousand: then try another.
  for (int i = 0; i < 100; i++) {
    if ((vy_u32(other, 1).id ^ vy_u32(f->b, 1).id) >> 21)
      break;
    vy_builder_release(other);
    assert_int_equal(vy_builder_create(f->context, vy_str_c("q"), &other, NULL),
                     VY_OK);
  }
  one_lane(f);
  vy_var mine = vy_builder_var(f->b, VY_TYPE_U32);
  vy_build_set(f->b, mine, vy_u32(other, 1));
  vy_builder_release(other);
  one_error(f, 500);
}

static void types_are_not_cut(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_val v = vy_build_literal(f->b, (vy_type)(256 + VY_TYPE_U32), 1);
  assert_int_equal(v.id, 0);
  one_error(f, 503);
}

static void literal_has_its_width(void **state) {
  fixture *f = *state;
  one_lane(f);
  assert_int_equal(vy_build_literal(f->b, VY_TYPE_BOOL, 2).id, 0);
  one_error(f, 501);
}

static void table_has_its_width(void **state) {
  fixture *f = *state;
  const uint64_t bits[2] = {1, 256};
  one_lane(f);
  assert_int_equal(vy_builder_table(f->b, VY_TYPE_U8, bits, 2).id, 0);
  one_error(f, 503);
}

static void too_deep(void **state) {
  fixture *f = *state;
  one_lane(f);
  for (int i = 0; i < 70; i++)
    vy_build_if(f->b, vy_bool(f->b, 1));
  for (int i = 0; i < 70; i++) {
    vy_build_else(f->b);
    vy_build_end(f->b);
  }
  one_error(f, 300);
}

static void deep_enough(void **state) {
  fixture *f = *state;
  one_lane(f);
  for (int i = 0; i < VY__MAX_NESTING; i++)
    vy_build_if(f->b, vy_bool(f->b, 1));
  for (int i = 0; i < VY__MAX_NESTING; i++)
    vy_build_end(f->b);
  vy_program_release(finish(f));
}

static void condition_is_bool(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_build_if(f->b, vy_u32(f->b, 1));
  vy_build_end(f->b);
  one_error(f, 501);
}

static void bounds_have_one_type(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_val i =
      vy_build_for(f->b, vy_u32(f->b, 0), vy_u64(f->b, 9), vy_u32(f->b, 1));
  vy_add(f->b, i, i);
  vy_build_end(f->b);
  one_error(f, 501);
}

static void length_of_a_scalar(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_scalar s = vy_builder_scalar(f->b, vy_str_c("s"), VY_TYPE_U32);
  vy_builder_set_length(f->b, (vy_buf){s.id}, vy_size_literal(f->b, 1));
  one_error(f, 500);
}

static void names_hold_no_zero(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_str name = {"a\0b", 3};
  assert_int_equal(vy_builder_scalar(f->b, name, VY_TYPE_U32).id, 0);
  one_error(f, 503);
}

static void one_domain(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_size two = vy_size_literal(f->b, 2);
  vy_builder_groups(f->b, 1, &two);
  one_error(f, 502);
}

static void some_domain(void **state) {
  fixture *f = *state;
  one_error(f, 502);
}

static void group_of_other_dimensions(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_size two[3] = {vy_size_literal(f->b, 2), vy_size_literal(f->b, 2),
                    vy_size_literal(f->b, 2)};
  vy_builder_group(f->b, 3, two);
  one_error(f, 315);
}

static void missing_operand(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_add(f->b, vy_u32(f->b, 1), vy_none());
  one_error(f, 500);
}

static void too_many_operands(void **state) {
  fixture *f = *state;
  one_lane(f);
  vy_val v = vy_u32(f->b, 1);
  vy_build_op(f->b, VY_OP_ADD, v, v, v);
  one_error(f, 501);
}

static void leaves_its_block(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  one_lane(f);
  vy_build_if(b, vy_bool(b, 1));
  vy_val v = vy_build_load(b, y, 0, vy_lane(b));
  vy_build_end(b);
  vy_build_store(b, y, 0, vy_lane(b), v);
  one_error(f, 304);
}

// More errors than are kept are still counted.
static void many_errors(void **state) {
  fixture *f = *state;
  one_lane(f);
  for (int i = 0; i < 150; i++)
    vy_add(f->b, vy_u32(f->b, 1), vy_i32(f->b, 1));
  vy_program *p = NULL;
  assert_int_equal(vy_builder_finish(f->b, &p, &f->diags),
                   VY_ERROR_INVALID_PROGRAM);
  assert_int_equal(f->diags.errors, 150);
  assert_int_equal(f->diags.count + f->diags.dropped, 150);
}

static void size_tree_is_bounded(void **state) {
  fixture *f = *state;
  vy_size s = vy_size_literal(f->b, 1);
  for (int i = 0; i < 40; i++)
    s = vy_size_op(f->b, VY_OP_ADD, s, s);
  vy_builder_lanes(f->b, 1, &s);
  one_error(f, 300);
}

// A variable that nothing has set yet is zero, as `var v: u32;` is in text.
static void unset_variable(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  one_lane(f);
  vy_var v = vy_builder_var(b, VY_TYPE_U32);
  vy_build_store(b, y, 0, vy_lane(b), vy_build_get(b, v));
  same_as(f, "program p(y: update u32[]) {\n"
             "  lanes 1;\n  var v: u32;\n  y[lane] = v;\n}");
}

// ---- running

// The only parameter is four elements of update u32[]. Releases `p`.
static void check_run(fixture *f, vy_program *p, const uint32_t in[4],
                      const uint32_t want[4]) {
  vy_device *device = NULL;
  vy_outputs *outputs = NULL;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  assert_int_equal(vy_device_open(f->context, &desc, &device, NULL), VY_OK);
  assert_int_equal(vy_outputs_create(f->context, 1, &outputs, NULL), VY_OK);
  vy_arg arg = vy_arg_host(in, 16);
  assert_int_equal(vy_run(device, p, NULL, &arg, 1, NULL, outputs, NULL, NULL),
                   VY_OK);
  assert_int_equal(vy_outputs_size(outputs, 0), 16);
  assert_memory_equal(vy_outputs_data(outputs, 0), want, 16);
  vy_outputs_release(outputs);
  vy_device_release(device);
  vy_program_release(p);
}

static void runs(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  vy_size n = vy_size_len(b, y);
  vy_builder_lanes(b, 1, &n);
  vy_var sum = vy_builder_var(b, VY_TYPE_U32);
  vy_build_set(b, sum, vy_u32(b, 0));
  vy_val hi = vy_build_load(b, y, 0, vy_lane(b));
  vy_val i = vy_build_for(b, vy_u32(b, 0), hi, vy_u32(b, 1));
  vy_build_set(b, sum, vy_add(b, vy_build_get(b, sum), i));
  vy_build_end(b);
  vy_build_store(b, y, 0, vy_lane(b), vy_build_get(b, sum));
  vy_program *p = finish(f);
  assert_int_equal(vy_u32(b, 1).id, 0); // nothing after finish
  const uint32_t in[4] = {0, 1, 4, 10}, want[4] = {0, 0, 6, 45};
  check_run(f, p, in, want);
}

// Each lane begins with zero, whatever the lane before left.
static void variables_begin_at_zero(void **state) {
  fixture *f = *state;
  vy_builder *b = f->b;
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_U32);
  vy_size n = vy_size_len(b, y);
  vy_builder_lanes(b, 1, &n);
  vy_var v = vy_builder_var(b, VY_TYPE_U32);
  vy_val in = vy_build_load(b, y, 0, vy_lane(b));
  vy_build_if(b, vy_ne(b, in, vy_u32(b, 0)));
  vy_build_set(b, v, vy_u32(b, 7));
  vy_build_end(b);
  vy_build_store(b, y, 0, vy_lane(b), vy_build_get(b, v));
  const uint32_t input[4] = {0, 1, 0, 5}, want[4] = {0, 7, 0, 7};
  check_run(f, finish(f), input, want);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(operations_have_their_call),
      CASE(three_dimensions),
      CASE(nan_is_one),
      CASE(foreign_handles),
      CASE(types_are_not_cut),
      CASE(literal_has_its_width),
      CASE(table_has_its_width),
      CASE(too_deep),
      CASE(deep_enough),
      CASE(condition_is_bool),
      CASE(bounds_have_one_type),
      CASE(length_of_a_scalar),
      CASE(names_hold_no_zero),
      CASE(one_domain),
      CASE(some_domain),
      CASE(group_of_other_dimensions),
      CASE(missing_operand),
      CASE(too_many_operands),
      CASE(leaves_its_block),
      CASE(many_errors),
      CASE(size_tree_is_bounded),
      CASE(unset_variable),
      CASE(runs),
      CASE(variables_begin_at_zero),
  };
#undef CASE
  return cmocka_run_group_tests_name("builder_calls", tests, NULL, NULL);
}

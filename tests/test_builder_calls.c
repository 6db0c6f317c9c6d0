// The builder, call by call: every operation of ops.def made by the call that
// makes it and printed as text that parses to the same program; every check
// of a call provoked; a built program runs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "validate/validate.h"

typedef struct fixture {
  vy_context *context;
  vy_builder *b;
  vy_diags diags;
  vy_diag records[100];
  char text[16384];
} fixture;

static int setup(void **state) {
  static fixture f;
  memset(&f, 0, sizeof f);
  f.diags = (vy_diags)VY_DIAGS_INIT;
  f.diags.records = f.records;
  f.diags.capacity = 100;
  f.diags.text = f.text;
  f.diags.text_capacity = sizeof f.text;
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
  vy_program *p = NULL;
  vy_status status = vy_builder_finish(f->b, &p, &f->diags);
  for (uint32_t i = 0; i < f->diags.count; i++)
    print_message("VY%04u %.*s\n", f->records[i].code,
                  (int)f->records[i].message.size, f->records[i].message.data);
  assert_int_equal(status, VY_OK);
  return p;
}

static void same_as(fixture *f, const char *text) {
  vy_program *built = finish(f), *parsed = NULL;
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  assert_int_equal(vy_program_parse(f->context, &source, &parsed, NULL), VY_OK);
  vy_hash x = vy_program_fingerprint(built);
  vy_hash y = vy_program_fingerprint(parsed);
  assert_memory_equal(&x, &y, sizeof x);
  vy_program_release(parsed);
  vy_program_release(built);
}

// Finishing reports exactly this one error.
static void one_error(fixture *f, uint32_t code) {
  vy_program *p = NULL;
  assert_int_equal(vy_builder_finish(f->b, &p, &f->diags),
                   VY_ERROR_INVALID_PROGRAM);
  assert_null(p);
  if (f->diags.errors != 1 || f->records[0].code != code)
    for (uint32_t i = 0; i < f->diags.count; i++)
      print_message("VY%04u %.*s\n", f->records[i].code,
                    (int)f->records[i].message.size,
                    f->records[i].message.data);
  assert_int_equal(f->diags.errors, 1);
  assert_int_equal(f->records[0].code, code);
}

static void one_lane(fixture *f) {
  vy_size one = vy_size_literal(f->b, 1);
  vy_builder_lanes(f->b, 1, &one);
}

// ---- every operation

static const vy_type value_types[] = {VY_TYPE_BOOL, VY_TYPE_I32, VY_TYPE_U32,
                                      VY_TYPE_I64,  VY_TYPE_U64, VY_TYPE_F32,
                                      VY_TYPE_F64};
enum { TYPES = sizeof value_types / sizeof *value_types };

typedef struct world { // one of each thing, by value type
  vy_builder *b;
  vy_buf buffers[TYPES];
  vy_buf bytes;
  vy_spec constant;
  vy_scalar scalar;
  vy_arr group[TYPES];
  vy_var vars[TYPES];
  vy_val values[TYPES]; // read from memory, so that nothing is constant
  vy_val yes;
} world;

static void make_world(fixture *f, world *w) {
  vy_builder *b = w->b = f->b;
  static const char *const names[TYPES] = {"b0", "b1", "b2", "b3",
                                           "b4", "b5", "b6"};
  vy_size one = vy_size_literal(b, 1), eight = vy_size_literal(b, 8);
  w->constant = vy_builder_const(b, vy_str_c("K"), VY_TYPE_I64, 7);
  w->scalar = vy_builder_scalar(b, vy_str_c("s"), VY_TYPE_F64);
  w->bytes =
      vy_builder_buffer(b, vy_str_c("bytes"), VY_ACCESS_UPDATE, VY_TYPE_U8);
  for (int t = 1; t < TYPES; t++)
    w->buffers[t] = vy_builder_buffer(b, vy_str_c(names[t]), VY_ACCESS_UPDATE,
                                      value_types[t]);
  vy_builder_group(b, 1, &eight);
  vy_builder_groups(b, 1, &one);
  vy_val zero = vy_u32(b, 0);
  for (int t = 1; t < TYPES; t++) {
    w->group[t] = vy_builder_group_array(b, value_types[t], eight);
    w->values[t] = vy_build_load(b, w->buffers[t], 0, zero);
  }
  w->yes = w->values[0] = vy_eq(b, w->values[2], zero);
  for (int t = 0; t < TYPES; t++)
    w->vars[t] = vy_builder_var(b, value_types[t]);
}

// Keep a result alive, so that the canonical form does not drop it.
static void keep(world *w, vy_val v, vy_type type) {
  for (int t = 0; t < TYPES; t++)
    if (value_types[t] == type)
      vy_build_set(w->b, w->vars[t], v);
}

static bool takes(const vy__op_info *row, vy_type type) {
  return row->types >> type & 1;
}

static vy_type result_of(const vy__op_info *row, vy_type t) {
  if (row->sig == VY__SIG_CMP || row->sig == VY__SIG_TEST)
    return VY_TYPE_BOOL;
  if (row->sig == VY__SIG_ABSDIFF && t == VY_TYPE_I32)
    return VY_TYPE_U32;
  if (row->sig == VY__SIG_ABSDIFF && t == VY_TYPE_I64)
    return VY_TYPE_U64;
  return t;
}

static void pure(world *w, vy_op op, const vy__op_info *row) {
  for (int t = 0; t < TYPES; t++) {
    vy_val v = w->values[t], none = vy_none(), a = v, b = v, c = v;
    if (!takes(row, value_types[t]))
      continue;
    if (row->sig == VY__SIG_CONVERT || row->sig == VY__SIG_BITCAST) {
      vy_val same = row->sig == VY__SIG_CONVERT
                        ? vy_build_convert(w->b, value_types[t], v)
                        : vy_build_bitcast(w->b, value_types[t], v);
      keep(w, same, value_types[t]);
      continue;
    }
    if (row->sig == VY__SIG_SELECT)
      a = w->yes;
    if (row->sig == VY__SIG_SHIFT)
      b = w->values[2];
    vy_val made = vy_build_op(w->b, op, a, row->operands > 1 ? b : none,
                              row->operands > 2 ? c : none);
    keep(w, made, result_of(row, value_types[t]));
  }
}

static void atomic(world *w, vy_op op, const vy__op_info *row) {
  for (int t = 1; t < TYPES; t++) {
    vy_val v = w->values[t], none = vy_none();
    vy_val a = row->operands > 1 ? v : none, b = row->operands > 2 ? v : none;
    if (!takes(row, value_types[t]))
      continue;
    vy_val index = w->values[2];
    vy_val old = vy_build_atomic(w->b, op, w->buffers[t], index, a, b);
    vy_val other = vy_build_array_atomic(w->b, op, w->group[t], index, a, b);
    assert_int_equal(old.id == 0, op == VY_OP_ATOMIC_STORE);
    if (old.id) {
      keep(w, old, value_types[t]);
      keep(w, other, value_types[t]);
    }
  }
}

static void collective(world *w, vy_op op, const vy__op_info *row) {
  if (row->sig == VY__SIG_RANK)
    keep(w, vy_build_rank(w->b, w->values[2], 8), VY_TYPE_U32);
  else if (row->sig == VY__SIG_VOTE || row->sig == VY__SIG_BALLOT)
    keep(w, vy_build_collective(w->b, op, w->yes, vy_none()),
         row->sig == VY__SIG_VOTE ? VY_TYPE_BOOL : VY_TYPE_U32);
  else
    for (int t = 1; t < TYPES; t++)
      if (takes(row, value_types[t])) {
        vy_val index = row->operands > 1 ? vy_build_id(w->b, VY_OP_GROUP_ID, 0)
                                         : vy_none();
        keep(w, vy_build_collective(w->b, op, w->values[t], index),
             value_types[t]);
      }
}

static void memory(world *w, vy_op op, const vy__op_info *row) {
  vy_val at = w->values[2];
  if (row->sig == VY__SIG_BYTES_LOAD32 || row->sig == VY__SIG_BYTES_LOAD64)
    keep(w, vy_build_load_bytes(w->b, op, w->bytes, at),
         row->sig == VY__SIG_BYTES_LOAD32 ? VY_TYPE_U32 : VY_TYPE_U64);
  else if (row->sig == VY__SIG_BYTES_STORE32)
    vy_build_store_bytes(w->b, op, w->bytes, at, w->values[2]);
  else if (row->sig == VY__SIG_BYTES_STORE64)
    vy_build_store_bytes(w->b, op, w->bytes, at, w->values[4]);
  else if (op == VY_OP_VAR_GET || op == VY_OP_VAR_SET)
    for (int t = 0; t < TYPES; t++) {
      vy_build_set(w->b, w->vars[t], w->values[t]);
      vy_build_set(w->b, w->vars[t], vy_build_get(w->b, w->vars[t]));
    }
  else if (op == VY_OP_LOAD)
    for (int t = 1; t < TYPES; t++)
      vy_build_write(w->b, w->group[t], at,
                     vy_build_read(w->b, w->group[t], at));
  else if (op == VY_OP_STORE)
    for (int t = 1; t < TYPES; t++)
      vy_build_store(w->b, w->buffers[t], 0, at, w->values[t]);
}

static void leaf(world *w, vy_op op, const vy__op_info *row) {
  if (row->sig == VY__SIG_ID)
    keep(w, vy_build_id(w->b, op, 0), VY_TYPE_U32);
  else if (op == VY_OP_SPEC)
    keep(w, vy_build_spec(w->b, w->constant), VY_TYPE_I64);
  else if (op == VY_OP_PARAM)
    keep(w, vy_build_scalar(w->b, w->scalar), VY_TYPE_F64);
  else if (op == VY_OP_CONST)
    keep(w, vy_f64(w->b, -0.5), VY_TYPE_F64);
  else if (op == VY_OP_LOOP_INDEX) {
    vy_val two = vy_i64(w->b, 2);
    keep(w, vy_build_for(w->b, two, w->values[3], two), VY_TYPE_I64);
    vy_build_end(w->b);
  } else if (row->sig == VY__SIG_LEN32)
    keep(w, vy_build_len(w->b, w->buffers[1]), VY_TYPE_U32);
  else if (row->sig == VY__SIG_LEN64)
    keep(w, vy_build_len64(w->b, w->buffers[1]), VY_TYPE_U64);
}

static bool holds(const vy_program *p, uint32_t op) {
  for (uint32_t i = 0; i < p->ir.value_count; i++)
    if (p->ir.values[i].op == op)
      return true;
  return false;
}

// What the builder makes of one operation survives text.
static void one_operation(uint32_t op, const vy__op_info *row) {
  void *state = NULL;
  setup(&state);
  fixture *f = state;
  world w;
  make_world(f, &w);
  if (row->effect == VY__EFFECT_PURE)
    pure(&w, (vy_op)op, row);
  else if (row->effect == VY__EFFECT_ATOMIC)
    atomic(&w, (vy_op)op, row);
  else if (row->effect == VY__EFFECT_COLLECTIVE)
    collective(&w, (vy_op)op, row);
  else if (row->effect == VY__EFFECT_SYNC)
    vy_build_barrier(f->b);
  else if (row->effect == VY__EFFECT_LEAF)
    leaf(&w, (vy_op)op, row);
  else
    memory(&w, (vy_op)op, row);
  static char text[1 << 16];
  size_t size = 0;
  vy_program *built = finish(f), *parsed = NULL;
  assert_int_equal(vy_program_print(built, text, sizeof text, &size), VY_OK);
  assert_true(holds(built, op));
  vy_source source = VY_SOURCE_INIT;
  source.text = (vy_str){text, size};
  vy_status status = vy_program_parse(f->context, &source, &parsed, &f->diags);
  vy_hash x = vy_program_fingerprint(built), y = vy_program_fingerprint(parsed);
  if (status != VY_OK || memcmp(&x, &y, sizeof x))
    print_error("%s:\n%.*s\n", row->name, (int)size, text);
  assert_int_equal(status, VY_OK);
  assert_memory_equal(&x, &y, sizeof x);
  vy_program_release(parsed);
  vy_program_release(built);
  teardown(&state);
}

static void every_operation(void **state) {
  (void)state;
  uint32_t seen = 0;
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++) {
    const vy__op_info *row = vy__op_row(op);
    if (!row->name)
      continue;
    one_operation(op, row);
    seen++;
  }
  assert_true(seen > 80);
}

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
      cmocka_unit_test(every_operation),
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

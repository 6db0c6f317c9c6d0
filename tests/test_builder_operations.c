// Every operation of ops.def, on every type it takes: made by the builder's
// call for it, printed as text, and parsed back to the same program. With all
// of it in one program, every allocation fails once.
#include "support/builder.h"

#include "support/heap.h"
#include "validate/validate.h"

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
    if (op == VY_OP_ATOMIC_STORE) {
      assert_int_equal(old.id, 0);
      continue;
    }
    keep(w, old, value_types[t]);
    keep(w, other, value_types[t]);
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

static void make(world *w, uint32_t op, const vy__op_info *row) {
  if (row->effect == VY__EFFECT_PURE)
    pure(w, (vy_op)op, row);
  else if (row->effect == VY__EFFECT_ATOMIC)
    atomic(w, (vy_op)op, row);
  else if (row->effect == VY__EFFECT_COLLECTIVE)
    collective(w, (vy_op)op, row);
  else if (row->effect == VY__EFFECT_SYNC)
    vy_build_barrier(w->b);
  else if (row->effect == VY__EFFECT_LEAF)
    leaf(w, (vy_op)op, row);
  else
    memory(w, (vy_op)op, row);
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
  make(&w, op, row);
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

// ---- allocation failure

static vy_status build_all(heap *h) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(h);
  fixture f = {0};
  vy_program *p = NULL;
  vy_status status = vy_context_create(&desc, &f.context, NULL);
  if (status == VY_OK)
    status = vy_builder_create(f.context, vy_str_c("p"), &f.b, NULL);
  if (status == VY_OK) {
    world w;
    make_world(&f, &w);
    const uint64_t bits[3] = {1, 2, 3};
    vy_arr table = vy_builder_table(f.b, VY_TYPE_I8, bits, 3);
    keep(&w, vy_build_read(f.b, table, w.values[2]), VY_TYPE_I32);
    for (uint32_t op = 0; op < VY__OP_LIMIT; op++)
      if (vy__op_row(op)->name)
        make(&w, op, vy__op_row(op));
    status = vy_builder_finish(f.b, &p, NULL);
  }
  vy_program_release(p);
  vy_builder_release(f.b);
  vy_context_release(f.context);
  return status;
}

static void every_allocation_fails(void **state) {
  (void)state;
  assert_true(heap_fail_each(build_all) > 30);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operation),
      cmocka_unit_test(every_allocation_fails),
  };
  return cmocka_run_group_tests_name("builder_operations", tests, NULL, NULL);
}

// The builder's values and statements. Every operation goes through
// vy__build_value: handles, types and limits are checked there, once.
#include "api/builder.h"
#include "semantics/semantics.h"

bool vy__build_stmt(vy_builder *b, vy__stmt s) {
  if (b->ir.stmt_count >= VY__MAX_STATEMENTS) {
    vy__build_fail(b, VY__E_LIMIT, "there are more than %d statements",
                   VY__MAX_STATEMENTS);
    return false;
  }
  if (vy__ir_add_stmt(&b->ir, &s, NULL) != VY__NONE)
    return true;
  b->out_of_memory = true;
  return false;
}

static uint32_t operand(vy_builder *b, uint32_t handle) {
  return vy__build_index(b, handle, b->ir.value_count, "value");
}

vy_val vy__build_value(vy_builder *b, vy__value v) {
  const vy__op_info *row = vy__op_row(v.op);
  vy_type type = VY_TYPE_NONE;
  const char *why = NULL;
  for (int i = 0; i < 3; i++) {
    if (i >= row->operands && v.a[i])
      vy__build_fail(b, VY__E_BUILDER_TYPE, "%s takes %d operands", row->name,
                     row->operands);
    v.a[i] = i < row->operands ? operand(b, v.a[i]) : VY__NONE;
    if (i < row->operands && v.a[i] == VY__NONE)
      return (vy_val){0};
  }
  if (!vy__result_type(&b->ir, &v, &type, &why)) {
    vy__build_fail(b, VY__E_BUILDER_TYPE, "%s: %s",
                   row->name ? row->name : "no operation", why);
    return (vy_val){0};
  }
  if (b->ir.value_count >= VY__MAX_VALUES) {
    vy__build_fail(b, VY__E_LIMIT, "there are more than %d values",
                   VY__MAX_VALUES);
    return (vy_val){0};
  }
  v.type = (uint8_t)type;
  uint32_t id = vy__ir_add_value(&b->ir, &v, NULL);
  vy_val made = {vy__build_handle(b, id)};
  if (!made.id)
    return made;
  vy__stmt s = {VY__STMT_EXEC, id, VY__NONE, VY__NONE, VY__NONE};
  if (v.op != VY__OP_LOOP_INDEX && vy__is_ordered(&b->ir, &v) &&
      !vy__build_stmt(b, s))
    return (vy_val){0};
  return type == VY_TYPE_NONE ? (vy_val){0} : made;
}

// Only operations of one sort may come in by number.
static bool is_of_sort(vy_builder *b, vy_op op, bool it_is) {
  const char *name = vy__op_row((uint32_t)op)->name;
  if (name && it_is)
    return true;
  vy__build_fail(b, VY__E_BUILDER_ARGUMENT,
                 "operation %d (%s) is not made by this function", (int)op,
                 name ? name : "none");
  return false;
}

static bool effect_is(vy_builder *b, vy_op op, vy__effect effect) {
  return is_of_sort(b, op, vy__op_row((uint32_t)op)->effect == effect);
}

static bool sig_in(vy_builder *b, vy_op op, vy__sig first, vy__sig last) {
  uint32_t sig = vy__op_row((uint32_t)op)->sig;
  return is_of_sort(b, op, sig >= first && sig <= last);
}

// ---- leaves and pure operations

vy_val vy_build_literal(vy_builder *builder, vy_type type, uint64_t bits) {
  if (!vy__build_enter(builder) || !vy__build_value_type(builder, type))
    return (vy_val){0};
  vy__value v = {.op = VY__OP_CONST, .type = (uint8_t)type};
  v.imm = vy__canonical(type, bits);
  return vy__build_value(builder, v);
}

static vy_val reference(vy_builder *b, vy__op op, uint32_t id, uint32_t count,
                        const char *what) {
  if (!vy__build_enter(b))
    return (vy_val){0};
  uint32_t ref = vy__build_index(b, id, count, what);
  if (ref == VY__NONE)
    return (vy_val){0};
  return vy__build_value(b, (vy__value){.op = (uint16_t)op, .ref = ref});
}

vy_val vy_build_scalar(vy_builder *builder, vy_scalar scalar) {
  return reference(builder, VY__OP_PARAM, scalar.id,
                   builder ? builder->ir.param_count : 0, "parameter");
}

vy_val vy_build_spec(vy_builder *builder, vy_spec constant) {
  return reference(builder, VY__OP_SPEC, constant.id,
                   builder ? builder->ir.const_count : 0, "constant");
}

vy_val vy_build_len(vy_builder *builder, vy_buf buffer) {
  return reference(builder, VY__OP_LEN, buffer.id,
                   builder ? builder->ir.param_count : 0, "parameter");
}

vy_val vy_build_len64(vy_builder *builder, vy_buf buffer) {
  return reference(builder, VY__OP_LEN64, buffer.id,
                   builder ? builder->ir.param_count : 0, "parameter");
}

vy_val vy_build_id(vy_builder *builder, vy_op op, uint32_t dimension) {
  if (!vy__build_enter(builder) || !sig_in(builder, op, VY__SIG_ID, VY__SIG_ID))
    return (vy_val){0};
  vy__value v = {.op = (uint16_t)op, .ref = dimension};
  return vy__build_value(builder, v);
}

vy_val vy_build_op(vy_builder *builder, vy_op op, vy_val a, vy_val b,
                   vy_val c) {
  if (!vy__build_enter(builder) || !effect_is(builder, op, VY__EFFECT_PURE))
    return (vy_val){0};
  const vy__op_info *row = vy__op_row((uint32_t)op);
  if (row->sig == VY__SIG_CONVERT || row->sig == VY__SIG_BITCAST) {
    vy__build_fail(builder, VY__E_BUILDER_ARGUMENT,
                   "%s needs a type: use vy_build_%s", row->name, row->name);
    return (vy_val){0};
  }
  vy__value v = {.op = (uint16_t)op, .a = {a.id, b.id, c.id}};
  return vy__build_value(builder, v);
}

static vy_val to_type(vy_builder *b, vy__op op, vy_type type, vy_val a) {
  if (!vy__build_enter(b) || !vy__build_value_type(b, type))
    return (vy_val){0};
  vy__value v = {.op = (uint16_t)op, .type = (uint8_t)type, .a = {a.id}};
  return vy__build_value(b, v);
}

vy_val vy_build_convert(vy_builder *builder, vy_type type, vy_val a) {
  return to_type(builder, VY__OP_CONVERT, type, a);
}

vy_val vy_build_bitcast(vy_builder *builder, vy_type type, vy_val a) {
  return to_type(builder, VY__OP_BITCAST, type, a);
}

// ---- memory

vy_val vy_build_get(vy_builder *builder, vy_var var) {
  return reference(builder, VY__OP_VAR_GET, var.id,
                   builder ? builder->ir.var_count : 0, "variable");
}

void vy_build_set(vy_builder *builder, vy_var var, vy_val value) {
  if (!vy__build_enter(builder))
    return;
  uint32_t ref =
      vy__build_index(builder, var.id, builder->ir.var_count, "variable");
  vy__value v = {.op = VY__OP_VAR_SET, .ref = ref, .a = {value.id}};
  if (ref != VY__NONE)
    vy__build_value(builder, v);
}

static vy_val on_buffer(vy_builder *b, vy__value v, vy_buf buffer) {
  v.ref = vy__build_index(b, buffer.id, b->ir.param_count, "parameter");
  if (v.ref == VY__NONE)
    return (vy_val){0};
  return vy__build_value(b, v);
}

static vy_val on_array(vy_builder *b, vy__value v, vy_arr array) {
  const uint32_t low = (1u << VY__ARRAY_BITS) - 1;
  const uint32_t high = (1u << VY__HANDLE_BITS) - 1 - low;
  uint32_t space = (array.id & high) >> VY__ARRAY_BITS;
  uint32_t count = space == VY__SPACE_GROUP     ? b->ir.group_count
                   : space == VY__SPACE_PRIVATE ? b->ir.private_count
                   : space == VY__SPACE_TABLE   ? b->ir.table_count
                                                : 0;
  v.space = (uint8_t)space;
  v.ref = vy__build_index(b, array.id & ~high, count, "array");
  if (v.ref == VY__NONE)
    return (vy_val){0};
  return vy__build_value(b, v);
}

vy_val vy_build_load(vy_builder *builder, vy_buf buffer, uint32_t field,
                     vy_val index) {
  if (!vy__build_enter(builder))
    return (vy_val){0};
  vy__value v = {.op = VY__OP_LOAD,
                 .space = VY__SPACE_BUFFER,
                 .a = {index.id},
                 .field = field};
  return on_buffer(builder, v, buffer);
}

void vy_build_store(vy_builder *builder, vy_buf buffer, uint32_t field,
                    vy_val index, vy_val value) {
  if (!vy__build_enter(builder))
    return;
  vy__value v = {.op = VY__OP_STORE,
                 .space = VY__SPACE_BUFFER,
                 .a = {index.id, value.id},
                 .field = field};
  on_buffer(builder, v, buffer);
}

vy_val vy_build_read(vy_builder *builder, vy_arr array, vy_val index) {
  if (!vy__build_enter(builder))
    return (vy_val){0};
  vy__value v = {.op = VY__OP_LOAD, .a = {index.id}};
  return on_array(builder, v, array);
}

void vy_build_write(vy_builder *builder, vy_arr array, vy_val index,
                    vy_val value) {
  if (!vy__build_enter(builder))
    return;
  vy__value v = {.op = VY__OP_STORE, .a = {index.id, value.id}};
  on_array(builder, v, array);
}

vy_val vy_build_load_bytes(vy_builder *builder, vy_op op, vy_buf buffer,
                           vy_val offset) {
  if (!vy__build_enter(builder) ||
      !sig_in(builder, op, VY__SIG_BYTES_LOAD32, VY__SIG_BYTES_LOAD64))
    return (vy_val){0};
  vy__value v = {.op = (uint16_t)op, .a = {offset.id}};
  return on_buffer(builder, v, buffer);
}

void vy_build_store_bytes(vy_builder *builder, vy_op op, vy_buf buffer,
                          vy_val offset, vy_val value) {
  if (!vy__build_enter(builder) ||
      !sig_in(builder, op, VY__SIG_BYTES_STORE32, VY__SIG_BYTES_STORE64))
    return;
  vy__value v = {.op = (uint16_t)op, .a = {offset.id, value.id}};
  on_buffer(builder, v, buffer);
}

vy_val vy_build_atomic(vy_builder *builder, vy_op op, vy_buf buffer,
                       vy_val index, vy_val a, vy_val b) {
  if (!vy__build_enter(builder) || !effect_is(builder, op, VY__EFFECT_ATOMIC))
    return (vy_val){0};
  vy__value v = {.op = (uint16_t)op,
                 .space = VY__SPACE_BUFFER,
                 .a = {index.id, a.id, b.id}};
  return on_buffer(builder, v, buffer);
}

vy_val vy_build_array_atomic(vy_builder *builder, vy_op op, vy_arr array,
                             vy_val index, vy_val a, vy_val b) {
  if (!vy__build_enter(builder) || !effect_is(builder, op, VY__EFFECT_ATOMIC))
    return (vy_val){0};
  vy__value v = {.op = (uint16_t)op, .a = {index.id, a.id, b.id}};
  return on_array(builder, v, array);
}

// ---- the group

void vy_build_barrier(vy_builder *builder) {
  if (vy__build_enter(builder))
    vy__build_value(builder, (vy__value){.op = VY__OP_BARRIER});
}

vy_val vy_build_collective(vy_builder *builder, vy_op op, vy_val a,
                           vy_val index) {
  if (!vy__build_enter(builder) ||
      !effect_is(builder, op, VY__EFFECT_COLLECTIVE))
    return (vy_val){0};
  vy__value v = {.op = (uint16_t)op, .a = {a.id, index.id}};
  return vy__build_value(builder, v);
}

vy_val vy_build_rank(vy_builder *builder, vy_val key, uint32_t bits) {
  if (!vy__build_enter(builder))
    return (vy_val){0};
  vy__value v = {.op = VY__OP_GROUP_RANK, .a = {key.id}, .imm = bits};
  return vy__build_value(builder, v);
}

// ---- control

static void open_block(vy_builder *b, vy__stmt s) {
  if (b->depth == VY__MAX_NESTING && !b->beyond++)
    vy__build_fail(b, VY__E_LIMIT, "blocks are nested deeper than %d",
                   VY__MAX_NESTING);
  else if (!b->beyond && vy__build_stmt(b, s))
    b->open[b->depth++] = (vy__stmt_kind)s.kind;
}

static vy__stmt plain(vy__stmt_kind kind) {
  return (vy__stmt){kind, VY__NONE, VY__NONE, VY__NONE, VY__NONE};
}

// A condition; VY__NONE after an error.
static uint32_t truth(vy_builder *b, vy_val condition) {
  uint32_t id = operand(b, condition.id);
  if (id == VY__NONE || b->ir.values[id].type == VY_TYPE_BOOL)
    return id;
  vy__build_fail(b, VY__E_BUILDER_TYPE, "a condition must be bool, not %s",
                 vy__type_name((vy_type)b->ir.values[id].type));
  return VY__NONE;
}

void vy_build_if(vy_builder *builder, vy_val condition) {
  vy_builder *b = builder;
  if (!vy__build_enter(b))
    return;
  vy__stmt s = plain(VY__STMT_IF);
  s.a = truth(b, condition);
  open_block(b, s); // also after an error, so that its end finds it
}

// The middle of the innermost block, which must be of `kind`.
static void middle(vy_builder *b, vy__stmt s, vy__stmt_kind kind,
                   const char *what) {
  if (b->beyond)
    return;
  if (!b->depth || b->open[b->depth - 1] != kind)
    vy__build_fail(b, VY__E_BUILDER_ORDER, "%s has nothing to belong to", what);
  else if (vy__build_stmt(b, s))
    b->open[b->depth - 1] = (vy__stmt_kind)s.kind;
}

void vy_build_else(vy_builder *builder) {
  if (vy__build_enter(builder))
    middle(builder, plain(VY__STMT_ELSE), VY__STMT_IF, "vy_build_else");
}

void vy_build_while(vy_builder *builder) {
  if (vy__build_enter(builder))
    open_block(builder, plain(VY__STMT_WHILE));
}

void vy_build_while_condition(vy_builder *builder, vy_val condition) {
  vy_builder *b = builder;
  if (!vy__build_enter(b))
    return;
  vy__stmt s = plain(VY__STMT_COND);
  s.a = truth(b, condition);
  middle(b, s, VY__STMT_WHILE, "vy_build_while_condition");
}

static bool same_type(vy_builder *b, uint32_t x, uint32_t y) {
  vy_type s = b->ir.values[x].type, t = b->ir.values[y].type;
  if (s == t)
    return true;
  vy__build_fail(b, VY__E_BUILDER_TYPE, "a loop from %s with a bound of %s",
                 vy__type_name(s), vy__type_name(t));
  return false;
}

vy_val vy_build_for(vy_builder *builder, vy_val lo, vy_val hi, vy_val step) {
  vy_builder *b = builder;
  if (!vy__build_enter(b))
    return (vy_val){0};
  vy__stmt s = plain(VY__STMT_FOR);
  s.b = operand(b, lo.id);
  s.c = operand(b, hi.id);
  s.d = operand(b, step.id);
  vy_val index = {0};
  if (s.b != VY__NONE && s.c != VY__NONE && s.d != VY__NONE &&
      same_type(b, s.b, s.c) && same_type(b, s.b, s.d)) {
    vy__value v = {.op = VY__OP_LOOP_INDEX, .type = b->ir.values[s.b].type};
    s.a = b->ir.value_count;
    index = vy__build_value(b, v);
  }
  open_block(b, s);
  return index;
}

void vy_build_block(vy_builder *builder) {
  if (vy__build_enter(builder))
    open_block(builder, plain(VY__STMT_BLOCK));
}

void vy_build_end(vy_builder *builder) {
  vy_builder *b = builder;
  if (!vy__build_enter(b))
    return;
  if (b->beyond)
    b->beyond--;
  else if (!b->depth)
    vy__build_fail(b, VY__E_BUILDER_ORDER, "vy_build_end has nothing to end");
  else if (b->open[b->depth - 1] == VY__STMT_WHILE)
    vy__build_fail(b, VY__E_BUILDER_ORDER,
                   "a while has no vy_build_while_condition");
  else if (vy__build_stmt(b, plain(VY__STMT_END)))
    b->depth--;
}

static void jump(vy_builder *b, vy__stmt_kind kind) {
  if (vy__build_enter(b))
    vy__build_stmt(b, plain(kind));
}

void vy_build_break(vy_builder *builder) { jump(builder, VY__STMT_BREAK); }
void vy_build_continue(vy_builder *builder) {
  jump(builder, VY__STMT_CONTINUE);
}
void vy_build_leave(vy_builder *builder) { jump(builder, VY__STMT_LEAVE); }
void vy_build_return(vy_builder *builder) { jump(builder, VY__STMT_RETURN); }

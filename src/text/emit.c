// Emission: values and statements into the IR, within its limits.
#include "text/expand.h"

#include <stdio.h>

vy__value vy__make(vy__op op, uint32_t a, uint32_t b, uint32_t c) {
  return (vy__value){.op = (uint16_t)op, .a = {a, b, c}};
}

vy__val vy__val_error(vy__expand *x) { return (vy__val){.ty = &x->error}; }

vy__val vy__val_one(const vy__ty *ty, uint32_t id) {
  return (vy__val){.ty = ty, .small = {id}};
}

vy__val vy__val_new(vy__expand *x, const vy__ty *ty) {
  vy__val v = {.ty = ty};
  if (ty->count > 4) {
    v.big = vy__new(x->front, ty->count, sizeof(*v.big));
    if (!v.big)
      return vy__val_error(x);
  }
  return v;
}

// What helps more than the general advice; "": nothing.
static const char *operands_hint(const vy__expand *x, const vy__value *v) {
  bool bits = v->op == VY__OP_AND || v->op == VY__OP_OR || v->op == VY__OP_XOR;
  if (vy__op_row(v->op)->effect == VY__EFFECT_ATOMIC)
    return "\nFix: use elements of i32, u32, i64 or u64, and an operand of "
           "their type";
  if (bits && (x->ir->values[v->a[0]].type == VY_TYPE_BOOL) !=
                  (x->ir->values[v->a[1]].type == VY_TYPE_BOOL))
    return "\nFix: put ( ) around the operation: comparisons bind tighter, as "
           "in C";
  return "";
}

static void report_operands(vy__expand *x, const vy__value *v, vy__pos pos,
                            const char *why) {
  char types[96];
  int n = 0;
  types[0] = 0;
  for (int i = 0; i < 3 && v->a[i] != VY__NONE; i++)
    n += snprintf(types + n, sizeof types - (size_t)n, "%s%s",
                  i ? " and " : " on ",
                  vy__type_name((vy_type)x->ir->values[v->a[i]].type));
  const char *sign = vy__operator_text((vy__op)v->op);
  vy__error(x->front, pos, VY__E_BAD_OPERANDS, "`%s`%s: %s%s",
            sign ? sign : vy__op_row(v->op)->name, types, why,
            operands_hint(x, v));
}

uint32_t vy__emit(vy__expand *x, const vy__value *v, vy__pos pos) {
  vy__value copy = *v;
  vy_type type = VY_TYPE_NONE;
  const char *why = "";
  if (x->front->halt)
    return VY__NONE;
  if (x->any_dimension && vy__op_row(v->op)->sig == VY__SIG_ID) {
    type = VY_TYPE_U32;
  } else if (!vy__result_type(x->ir, v, &type, &why)) {
    report_operands(x, v, pos, why);
    return VY__NONE;
  }
  if (x->ir->value_count >= VY__MAX_VALUES) {
    vy__limit(x, pos, "values", VY__MAX_VALUES);
    return VY__NONE;
  }
  copy.type = (uint8_t)type;
  uint32_t id = vy__ir_add_value(x->ir, &copy, &pos);
  if (id == VY__NONE)
    vy__front_oom(x->front);
  else if (copy.op != VY__OP_LOOP_INDEX && vy__is_ordered(x->ir, &copy))
    vy__emit_stmt(x, VY__STMT_EXEC, id, pos);
  return id;
}

uint32_t vy__emit_const(vy__expand *x, vy_type type, uint64_t bits,
                        vy__pos pos) {
  vy__value v = vy__make(VY__OP_CONST, VY__NONE, VY__NONE, VY__NONE);
  v.type = (uint8_t)type;
  v.imm = bits;
  return vy__emit(x, &v, pos);
}

static void add_stmt(vy__expand *x, const vy__stmt *s, vy__pos pos) {
  if (x->front->halt)
    return;
  if (x->ir->stmt_count >= VY__MAX_STATEMENTS)
    vy__limit(x, pos, "statements", VY__MAX_STATEMENTS);
  else if (vy__ir_add_stmt(x->ir, s, &pos) == VY__NONE)
    vy__front_oom(x->front);
}

void vy__emit_stmt(vy__expand *x, vy__stmt_kind kind, uint32_t a, vy__pos pos) {
  vy__stmt s = {kind, a, VY__NONE, VY__NONE, VY__NONE};
  add_stmt(x, &s, pos);
}

void vy__emit_for(vy__expand *x, const uint32_t ids[4], vy__pos pos) {
  vy__stmt s = {VY__STMT_FOR, ids[0], ids[1], ids[2], ids[3]};
  add_stmt(x, &s, pos);
}

bool vy__insert_stmts(vy__expand *x, uint32_t at, uint32_t count, vy__pos pos) {
  vy__ir *ir = x->ir;
  uint32_t tail = ir->stmt_count - at;
  for (uint32_t i = 0; i < count; i++)
    vy__emit_stmt(x, VY__STMT_END, VY__NONE, pos);
  if (x->front->halt)
    return false;
  memmove(ir->stmts + at + count, ir->stmts + at, tail * sizeof(*ir->stmts));
  if (ir->stmt_pos) {
    memmove(ir->stmt_pos + at + count, ir->stmt_pos + at,
            tail * sizeof(*ir->stmt_pos));
    for (uint32_t i = 0; i < count; i++)
      ir->stmt_pos[at + i] = pos;
  }
  return true;
}

// ---- names

uint32_t vy__add_name(vy__expand *x, vy_str name, vy_str path) {
  char text[VY__MAX_NAME * 2 + 2];
  if (!path.size) {
    uint32_t id = vy__ir_add_string(x->ir, name);
    if (id == VY__NONE)
      vy__front_oom(x->front);
    return id == VY__NONE ? 0 : id;
  }
  int n =
      snprintf(text, sizeof text, "%.*s.%.*s", VY__STR(name), VY__STR(path));
  size_t size = n < (int)sizeof text ? (size_t)n : sizeof text - 1;
  uint32_t id = vy__ir_add_string(x->ir, (vy_str){text, size});
  if (id == VY__NONE)
    vy__front_oom(x->front);
  return id == VY__NONE ? 0 : id;
}

void vy__name_value(vy__expand *x, vy__val *v, vy_str name) {
  for (uint32_t i = 0; i < v->ty->count && !x->front->halt; i++) {
    uint32_t id = vy__ids(v)[i];
    if (id < x->ir->value_count && x->ir->value_names &&
        x->ir->value_names[id] == 0)
      x->ir->value_names[id] = vy__add_name(x, name, v->ty->leaves[i].path);
  }
}

// ---- variables

uint32_t vy__add_var(vy__expand *x, vy_type type, vy_str name, vy_str path,
                     vy__pos pos) {
  uint32_t text = name.size ? vy__add_name(x, name, path) : 0;
  if (x->ir->var_count >= VY__MAX_VARS)
    vy__limit(x, pos, "variables", VY__MAX_VARS);
  if (x->front->halt)
    return VY__NONE;
  uint32_t id = vy__ir_add_var(x->ir, type, text);
  if (id == VY__NONE)
    vy__front_oom(x->front);
  return id;
}

uint32_t *vy__add_vars(vy__expand *x, const vy__ty *ty, vy_str name,
                       vy__pos pos) {
  uint32_t *vars = vy__new(x->front, ty->count, sizeof(*vars));
  for (uint32_t i = 0; vars && i < ty->count; i++)
    vars[i] = vy__add_var(x, vy__value_type(ty->leaves[i].type), name,
                          ty->leaves[i].path, pos);
  return x->front->halt ? NULL : vars;
}

void vy__set_vars(vy__expand *x, const uint32_t *vars, vy__val *v,
                  vy__pos pos) {
  for (uint32_t i = 0; i < v->ty->count && vars; i++) {
    vy__value set = vy__make(VY__OP_VAR_SET, vy__ids(v)[i], VY__NONE, VY__NONE);
    set.ref = vars[i];
    vy__emit(x, &set, pos);
  }
}

vy__val vy__get_vars(vy__expand *x, const uint32_t *vars, const vy__ty *ty,
                     vy__pos pos) {
  vy__val v = vy__val_new(x, ty);
  for (uint32_t i = 0; i < v.ty->count; i++) {
    vy__value get = vy__make(VY__OP_VAR_GET, VY__NONE, VY__NONE, VY__NONE);
    get.ref = vars ? vars[i] : VY__NONE;
    vy__ids(&v)[i] = vy__emit(x, &get, pos);
  }
  return x->front->halt ? vy__val_error(x) : v;
}

// ---- component by component

// Common number of lanes; 0 when they differ or a struct is among them.
static uint32_t common_lanes(const vy__val *args, uint32_t count) {
  uint32_t lanes = 1;
  for (uint32_t i = 0; i < count; i++) {
    if (args[i].ty->kind != VY__TY_SCALAR && args[i].ty->kind != VY__TY_VECTOR)
      return 0;
    if (args[i].ty->lanes > 1 && lanes > 1 && args[i].ty->lanes != lanes)
      return 0;
    if (args[i].ty->lanes > lanes)
      lanes = args[i].ty->lanes;
  }
  return lanes;
}

static vy__val report_shapes(vy__expand *x, vy__op op, const vy__val *args,
                             uint32_t count, vy__pos pos) {
  char types[400];
  int n = 0;
  for (uint32_t i = 0; i < count && n < 300; i++)
    n += snprintf(
        types + n, sizeof types - (size_t)n, "%s%.*s", i ? " and " : "",
        (int)(args[i].ty->name.size < 80 ? args[i].ty->name.size : 80),
        args[i].ty->name.data);
  const char *sign = vy__operator_text(op);
  vy__error(x->front, pos, VY__E_BAD_OPERANDS,
            "`%s` on %.*s: the operands must be scalars or vectors of one "
            "length",
            sign ? sign : vy__op_row(op)->name, n, types);
  return vy__val_error(x);
}

vy__val vy__apply(vy__expand *x, vy__op op, vy_type to, vy__val *args,
                  uint32_t count, vy__pos pos) {
  for (uint32_t i = 0; i < count; i++)
    if (vy__ty_bad(args[i].ty))
      return vy__val_error(x);
  uint32_t lanes = common_lanes(args, count);
  if (lanes == 0)
    return report_shapes(x, op, args, count, pos);
  vy__val out = {0};
  for (uint32_t i = 0; i < lanes; i++) {
    vy__value v = vy__make(op, VY__NONE, VY__NONE, VY__NONE);
    v.type = (uint8_t)to;
    for (uint32_t k = 0; k < count; k++)
      v.a[k] = args[k].small[args[k].ty->lanes > 1 ? i : 0];
    out.small[i] = vy__emit(x, &v, pos);
    if (out.small[i] == VY__NONE)
      return vy__val_error(x);
  }
  out.ty = vy__ty_builtin(x, (vy_type)x->ir->values[out.small[0]].type, lanes);
  return out;
}

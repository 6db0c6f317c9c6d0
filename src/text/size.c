// Sizes, domains and readback bounds: a small expression language over
// integers, kept as trees of vy__size for the host to evaluate. Literals are
// plain integers there, whatever their suffix.
#include "text/expand.h"

static uint32_t add(vy__expand *x, vy__size_op op, uint32_t a, uint32_t b,
                    uint32_t ref, uint64_t imm, vy__pos pos) {
  vy__size s = {op, a, b, ref, imm};
  if (x->ir->size_count >= VY__MAX_SIZE_NODES)
    vy__limit(x, pos, "nodes of size expressions", VY__MAX_SIZE_NODES);
  if (x->front->halt)
    return VY__NONE;
  uint32_t id = vy__ir_add_size(x->ir, &s, &pos);
  if (id == VY__NONE)
    vy__front_oom(x->front);
  return id;
}

static uint32_t refuse(vy__expand *x, vy__pos pos, vy__size_use use) {
  vy__error(x->front, pos, VY__E_NOT_CONSTANT,
            use == VY__SIZE_USE_CONSTANT
                ? "a length or group size is made of integer literals and "
                  "constants with + - * / %% min max"
                : "a size is made of integers, constants, scalar parameters "
                  "and lengths with + - * / %% min max");
  return VY__NONE;
}

static uint32_t number(vy__expand *x, const vy__expr *e, vy__size_use use) {
  if (e->number.is_float)
    return refuse(x, e->pos, use);
  if (e->number.value > (uint64_t)INT64_MAX + e->negative) {
    vy__error(x->front, e->pos, VY__E_LITERAL_RANGE,
              "%llu is too large for a size",
              (unsigned long long)e->number.value);
    return VY__NONE;
  }
  uint64_t imm = e->negative ? 0 - e->number.value : e->number.value;
  return add(x, VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, imm, e->pos);
}

static bool is_integer(vy__expand *x, vy_type type, const vy__expr *e) {
  if (!vy__is_int(type))
    vy__error(x->front, e->pos, VY__E_TYPE_MISMATCH,
              "a size is made of integers; `%.*s` is %s", VY__NAME(e->name),
              vy__type_name(type));
  return vy__is_int(type);
}

static uint32_t name(vy__expand *x, const vy__expr *e, vy__size_use use) {
  const vy__sym *s = vy__scope_find(x, e->name);
  vy__decl *d = s ? NULL : e->name->decl;
  if (s && s->kind == VY__SYM_PARAM && use != VY__SIZE_USE_CONSTANT)
    return is_integer(x, (vy_type)s->ty->scalar, e)
               ? add(x, VY__SIZE_PARAM, VY__NONE, VY__NONE, s->ref, 0, e->pos)
               : VY__NONE;
  if (s && s->kind == VY__SYM_ERROR)
    return VY__NONE;
  if (d && d->kind == VY__DECL_CONST) {
    uint32_t id = vy__const_id(x, d, e->pos);
    return id != VY__NONE && is_integer(x, (vy_type)x->ir->consts[id].type, e)
               ? add(x, VY__SIZE_SPEC, VY__NONE, VY__NONE, id, 0, e->pos)
               : VY__NONE;
  }
  if (s || d || e->name->op)
    return refuse(x, e->pos, use);
  vy__place_of(x, e); // reports the unknown name
  return VY__NONE;
}

// An element of an output: `n[0]`, `n[0].field`.
static uint32_t element(vy__expand *x, const vy__expr *e, vy__size_use use) {
  const vy__expr *fields[VY__MAX_NESTING];
  uint32_t depth = 0, leaf = 0;
  for (; e->kind == VY__EX_FIELD && depth < VY__MAX_NESTING; e = e->a)
    fields[depth++] = e;
  if (e->kind != VY__EX_INDEX)
    return refuse(x, e->pos, use);
  vy__sym *s = vy__array_of(x, e->a);
  uint32_t index = vy__expand_size(x, e->b, use);
  if (!s || index == VY__NONE)
    return VY__NONE;
  const vy__ty *ty = s->ty;
  while (depth-- > 0) {
    const vy__ty *outer = ty;
    for (uint32_t i = 0; i < outer->member_count; i++)
      if (outer->members[i].name == fields[depth]->name) {
        leaf += outer->members[i].first;
        ty = outer->members[i].ty;
      }
    if (ty == outer)
      return refuse(x, fields[depth]->pos, use);
  }
  if (s->space != VY__SPACE_BUFFER || s->access == VY_ACCESS_READ ||
      ty->kind != VY__TY_SCALAR || !vy__is_int(vy__value_type(ty->scalar))) {
    vy__error(x->front, e->pos, VY__E_WRONG_KIND,
              "a readback bound reads an integer element of an output");
    return VY__NONE;
  }
  return add(x, VY__SIZE_ELEMENT, index, VY__NONE, s->ref, leaf, e->pos);
}

static uint32_t length_of(vy__expand *x, const vy__expr *e, vy__size_use use) {
  if (!vy__check_count(x, e, 1))
    return VY__NONE;
  vy__sym *s = vy__array_of(x, e->a);
  if (!s)
    return VY__NONE;
  if (s->space != VY__SPACE_BUFFER || use == VY__SIZE_USE_CONSTANT)
    return refuse(x, e->pos, use);
  return add(x, VY__SIZE_LEN, VY__NONE, VY__NONE, s->ref, 0, e->pos);
}

static vy__size_op size_op(uint32_t op) {
  static const struct {
    uint16_t op, size;
  } rows[] = {{VY__OP_ADD, VY__SIZE_ADD}, {VY__OP_SUB, VY__SIZE_SUB},
              {VY__OP_MUL, VY__SIZE_MUL}, {VY__OP_DIV, VY__SIZE_DIV},
              {VY__OP_REM, VY__SIZE_REM}, {VY__OP_MIN, VY__SIZE_MIN},
              {VY__OP_MAX, VY__SIZE_MAX}};
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (rows[i].op == op)
      return (vy__size_op)rows[i].size;
  return (vy__size_op)0;
}

static uint32_t call(vy__expand *x, const vy__expr *e, vy__size_use use) {
  uint32_t sig = e->name->op ? vy__op_row(e->name->op)->sig : VY__SIG_CONST;
  if (sig == VY__SIG_LEN32 || sig == VY__SIG_LEN64)
    return length_of(x, e, use);
  if (!size_op(e->name->op))
    return refuse(x, e->pos, use);
  if (!vy__check_count(x, e, 2))
    return VY__NONE;
  uint32_t a = vy__expand_size(x, e->a, use);
  uint32_t b = vy__expand_size(x, e->a->next, use);
  return a == VY__NONE || b == VY__NONE
             ? VY__NONE
             : add(x, size_op(e->name->op), a, b, 0, 0, e->pos);
}

static uint32_t negate(vy__expand *x, const vy__expr *e, vy__size_use use) {
  if (e->kind == VY__EX_UNARY && e->op != VY__OP_NEG)
    return refuse(x, e->pos, use);
  uint32_t zero = VY__NONE;
  if (e->kind == VY__EX_UNARY)
    zero = add(x, VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, 0, e->pos);
  uint32_t a = vy__expand_size(x, e->a, use);
  return a == VY__NONE || e->kind == VY__EX_PLUS
             ? a
             : add(x, VY__SIZE_SUB, zero, a, 0, 0, e->pos);
}

static uint32_t binary(vy__expand *x, const vy__expr *e, vy__size_use use) {
  if (!size_op(e->op))
    return refuse(x, e->pos, use);
  uint32_t a = vy__expand_size(x, e->a, use);
  uint32_t b = vy__expand_size(x, e->b, use);
  return a == VY__NONE || b == VY__NONE
             ? VY__NONE
             : add(x, size_op(e->op), a, b, 0, 0, e->pos);
}

static uint32_t expand(vy__expand *x, const vy__expr *e, vy__size_use use) {
  switch ((vy__expr_kind)e->kind) {
  case VY__EX_NUMBER:
    return number(x, e, use);
  case VY__EX_NAME:
    return name(x, e, use);
  case VY__EX_CALL:
    return call(x, e, use);
  case VY__EX_UNARY:
  case VY__EX_PLUS:
    return negate(x, e, use);
  case VY__EX_BINARY:
    return binary(x, e, use);
  case VY__EX_INDEX:
  case VY__EX_FIELD:
    if (use == VY__SIZE_USE_READBACK)
      return element(x, e, use);
    break;
  default:
    break;
  }
  return refuse(x, e->pos, use);
}

uint32_t vy__expand_size(vy__expand *x, const vy__expr *e, vy__size_use use) {
  uint32_t id = VY__NONE;
  if (++x->size_depth > VY__MAX_NESTING) {
    vy__error(x->front, e->pos, VY__E_TEXT_NESTING,
              "a size expression is nested more than %d deep", VY__MAX_NESTING);
    x->front->halt = true;
  } else if (vy__enter(x, e->pos))
    id = expand(x, e, use);
  if (x->size_depth <= VY__MAX_NESTING)
    vy__exit(x);
  x->size_depth--;
  return id;
}

// ---- the length of an array as a value

static uint32_t as_type(vy__expand *x, uint32_t id, vy_type type, vy__pos pos) {
  if (id == VY__NONE || (vy_type)x->ir->values[id].type == type)
    return id;
  vy__value v = vy__make(VY__OP_CONVERT, id, VY__NONE, VY__NONE);
  v.type = (uint8_t)type;
  return vy__emit(x, &v, pos);
}

// A size of literals and constants, as an i64.
static uint32_t value_of(vy__expand *x, uint32_t node, vy__pos pos) {
  static const uint16_t ops[] = {
      [VY__SIZE_ADD] = VY__OP_ADD, [VY__SIZE_SUB] = VY__OP_SUB,
      [VY__SIZE_MUL] = VY__OP_MUL, [VY__SIZE_DIV] = VY__OP_DIV,
      [VY__SIZE_REM] = VY__OP_REM, [VY__SIZE_MIN] = VY__OP_MIN,
      [VY__SIZE_MAX] = VY__OP_MAX};
  vy__size s = x->ir->sizes[node];
  vy__value v = vy__make(VY__OP_SPEC, VY__NONE, VY__NONE, VY__NONE);
  if (s.op == VY__SIZE_LITERAL)
    return vy__emit_const(x, VY_TYPE_I64, s.imm, pos);
  if (s.op == VY__SIZE_SPEC) {
    v.ref = s.ref;
    return as_type(x, vy__emit(x, &v, pos), VY_TYPE_I64, pos);
  }
  v.op = ops[s.op];
  v.a[0] = value_of(x, s.a, pos);
  v.a[1] = value_of(x, s.b, pos);
  return v.a[1] == VY__NONE ? VY__NONE : vy__emit(x, &v, pos);
}

uint32_t vy__size_value(vy__expand *x, uint32_t node, vy_type type,
                        vy__pos pos) {
  vy__size s = x->ir->sizes[node];
  if (s.op == VY__SIZE_LITERAL)
    return vy__emit_const(x, type, s.imm, pos);
  return as_type(x, value_of(x, node, pos), type, pos);
}

// The one type checker: what an operation results in, given its operands. The
// signature column of ops.def decides; no operation is named here.
#include "ir/ir.h"

typedef struct check {
  const vy__ir *ir;
  const vy__value *v;
  const vy__op_info *row;
  vy_type t[3]; // operand types; NONE where absent
  const char *why;
} check;

static bool fail(check *c, const char *why) {
  c->why = why;
  return false;
}

static bool in_set(const check *c, vy_type t) {
  return t <= VY_TYPE_F64 && (c->row->types >> t & 1);
}

static bool give(vy_type *out, vy_type t) {
  *out = t;
  return true;
}

// Operand i must be an integer (an index, an offset, a shift amount).
static bool index_operand(check *c, int i) {
  return vy__is_int(c->t[i]) ||
         fail(c, "the index or amount must be an integer");
}

// Operands from..to-1 are all of type t, which the row allows.
static bool all_of(check *c, int from, int to, vy_type t) {
  if (!in_set(c, t))
    return fail(c, "the operation is not defined for this type");
  for (int i = from; i < to; i++)
    if (c->t[i] != t)
      return fail(c, "the operands differ in type");
  return true;
}

static const vy__param *buffer_of(check *c) {
  const vy__ir *ir = c->ir;
  if (c->v->ref >= ir->param_count || !ir->params[c->v->ref].access) {
    fail(c, "not a buffer");
    return NULL;
  }
  return &ir->params[c->v->ref];
}

// Storage type of the element (field) that a memory operation names.
static bool stored_type(check *c, vy_type *out) {
  const vy__ir *ir = c->ir;
  uint32_t ref = c->v->ref, field = c->v->field;
  if (c->v->space == VY__SPACE_BUFFER) {
    const vy__param *p = buffer_of(c);
    if (!p)
      return false;
    if (field >= p->field_count)
      return fail(c, "no such field");
    return give(out, ir->fields[p->first_field + field].type);
  }
  if (field)
    return fail(c, "no such field");
  if (c->v->space == VY__SPACE_GROUP && ref < ir->group_count)
    return give(out, ir->groups[ref].type);
  if (c->v->space == VY__SPACE_PRIVATE && ref < ir->private_count)
    return give(out, ir->privates[ref].type);
  if (c->v->space == VY__SPACE_TABLE && ref < ir->table_count)
    return give(out, ir->tables[ref].type);
  return fail(c, "no such array");
}

static bool memory(check *c, vy_type *out) {
  vy_type stored = VY_TYPE_NONE;
  if (!index_operand(c, 0) || !stored_type(c, &stored))
    return false;
  vy_type value = vy__value_type(stored);
  if (c->row->sig == VY__SIG_LOAD)
    return give(out, value);
  if (c->v->space == VY__SPACE_TABLE)
    return fail(c, "a table cannot be written");
  if (c->t[1] != value)
    return fail(c, "the value is not of the element's type");
  return give(out, VY_TYPE_NONE);
}

static bool atomic(check *c, vy_type *out) {
  vy_type stored = VY_TYPE_NONE;
  if (!index_operand(c, 0) || !stored_type(c, &stored))
    return false;
  if (c->v->space != VY__SPACE_BUFFER && c->v->space != VY__SPACE_GROUP)
    return fail(c, "atomics work on buffers and group memory");
  if (c->v->space == VY__SPACE_BUFFER &&
      c->ir->params[c->v->ref].field_count != 1)
    return fail(c, "atomics do not work on fields of structs");
  if (!all_of(c, 1, c->row->operands, stored))
    return false;
  bool none = c->row->sig == VY__SIG_ATOMIC_STORE;
  return give(out, none ? VY_TYPE_NONE : stored);
}

static bool bytes(check *c, vy_type wide, bool store, vy_type *out) {
  const vy__param *p = buffer_of(c);
  if (!p || !index_operand(c, 0))
    return false;
  if (p->field_count != 1 || c->ir->fields[p->first_field].type != VY_TYPE_U8)
    return fail(c, "the buffer must be u8[]");
  if (store && c->t[1] != wide)
    return fail(c, "the value is not of the stored type");
  return give(out, store ? VY_TYPE_NONE : wide);
}

static bool reference(check *c, vy_type *out) {
  const vy__ir *ir = c->ir;
  uint32_t ref = c->v->ref;
  switch ((vy__sig)c->row->sig) {
  case VY__SIG_VAR:
  case VY__SIG_VARSET:
    if (ref >= ir->var_count)
      return fail(c, "no such variable");
    if (c->row->sig == VY__SIG_VAR)
      return give(out, ir->vars[ref]);
    return c->t[0] == ir->vars[ref]
               ? give(out, VY_TYPE_NONE)
               : fail(c, "the value is not of the variable's type");
  default:
    break;
  }
  // SPEC and PARAM: told apart by who owns the id space.
  if (c->v->op == VY__OP_SPEC)
    return ref < ir->const_count ? give(out, ir->consts[ref].type)
                                 : fail(c, "no such constant");
  if (ref >= ir->param_count || ir->params[ref].access)
    return fail(c, "not a scalar parameter");
  return give(out, ir->params[ref].type);
}

static bool convert(check *c, vy_type *out) {
  vy_type to = c->v->type;
  if (!in_set(c, c->t[0]) || !in_set(c, to))
    return fail(c, "no conversion between these types");
  if (c->row->sig == VY__SIG_BITCAST &&
      vy__type_bits(c->t[0]) != vy__type_bits(to))
    return fail(c, "bitcast needs types of the same width");
  return give(out, to);
}

static vy_type unsigned_of(vy_type t) {
  return t == VY_TYPE_I32 ? VY_TYPE_U32 : t == VY_TYPE_I64 ? VY_TYPE_U64 : t;
}

static bool leaf(check *c, vy_type *out) {
  const vy__value *v = c->v;
  switch ((vy__sig)c->row->sig) {
  case VY__SIG_CONST:
    if (!in_set(c, v->type))
      return fail(c, "a literal must have a value type");
    if (vy__type_bits(v->type) < 64 && v->imm >> vy__type_bits(v->type))
      return fail(c, "the literal has bits outside its type");
    return give(out, v->type);
  case VY__SIG_INDEX:
    return in_set(c, v->type) ? give(out, v->type)
                              : fail(c, "a loop counts in integers");
  case VY__SIG_LEN32:
    return buffer_of(c) && give(out, VY_TYPE_U32);
  case VY__SIG_LEN64:
    return buffer_of(c) && give(out, VY_TYPE_U64);
  default: // ID
    return v->ref < c->ir->dimensions
               ? give(out, VY_TYPE_U32)
               : fail(c, "the domain has fewer dimensions");
  }
}

static bool group_op(check *c, vy_type *out) {
  switch ((vy__sig)c->row->sig) {
  case VY__SIG_SHUFFLE:
    return all_of(c, 0, 1, c->t[0]) && index_operand(c, 1) &&
           give(out, c->t[0]);
  case VY__SIG_RANK:
    if (c->t[0] != VY_TYPE_U32)
      return fail(c, "the key must be u32");
    if (c->v->imm < 1 || c->v->imm > 8)
      return fail(c, "the number of bits must be a literal from 1 to 8");
    return give(out, VY_TYPE_U32);
  default: // VOTE, BALLOT
    if (c->t[0] != VY_TYPE_BOOL)
      return fail(c, "the operand must be bool");
    return give(out, c->row->sig == VY__SIG_VOTE ? VY_TYPE_BOOL : VY_TYPE_U32);
  }
}

static bool by_signature(check *c, vy_type *out) {
  vy_type a = c->t[0];
  switch ((vy__sig)c->row->sig) {
  case VY__SIG_CONST:
  case VY__SIG_INDEX:
  case VY__SIG_LEN32:
  case VY__SIG_LEN64:
  case VY__SIG_ID:
    return leaf(c, out);
  case VY__SIG_REF:
  case VY__SIG_VAR:
  case VY__SIG_VARSET:
    return reference(c, out);
  case VY__SIG_UN:
  case VY__SIG_BIN:
  case VY__SIG_TER:
    return all_of(c, 0, c->row->operands, a) && give(out, a);
  case VY__SIG_SHIFT:
    return all_of(c, 0, 1, a) && index_operand(c, 1) && give(out, a);
  case VY__SIG_ABSDIFF:
    return all_of(c, 0, 2, a) && give(out, unsigned_of(a));
  case VY__SIG_TEST:
  case VY__SIG_CMP:
    return all_of(c, 0, c->row->operands, a) && give(out, VY_TYPE_BOOL);
  case VY__SIG_SELECT:
    if (a != VY_TYPE_BOOL)
      return fail(c, "the condition must be bool");
    return all_of(c, 1, 3, c->t[1]) && give(out, c->t[1]);
  case VY__SIG_CONVERT:
  case VY__SIG_BITCAST:
    return convert(c, out);
  case VY__SIG_LOAD:
  case VY__SIG_STORE:
    return memory(c, out);
  case VY__SIG_BYTES_LOAD32:
    return bytes(c, VY_TYPE_U32, false, out);
  case VY__SIG_BYTES_LOAD64:
    return bytes(c, VY_TYPE_U64, false, out);
  case VY__SIG_BYTES_STORE32:
    return bytes(c, VY_TYPE_U32, true, out);
  case VY__SIG_BYTES_STORE64:
    return bytes(c, VY_TYPE_U64, true, out);
  case VY__SIG_ATOMIC0:
  case VY__SIG_ATOMIC_STORE:
  case VY__SIG_ATOMIC1:
  case VY__SIG_ATOMIC2:
    return atomic(c, out);
  case VY__SIG_NULLARY:
    return give(out, VY_TYPE_NONE);
  case VY__SIG_SHUFFLE:
  case VY__SIG_VOTE:
  case VY__SIG_BALLOT:
  case VY__SIG_RANK:
    return group_op(c, out);
  }
  return fail(c, "no such signature");
}

bool vy__result_type(const vy__ir *ir, const vy__value *v, vy_type *out,
                     const char **why) {
  check c = {.ir = ir, .v = v, .row = vy__op_row(v->op)};
  bool ok = c.row->name != NULL || fail(&c, "no such operation");
  for (int i = 0; ok && i < 3; i++) {
    bool used = i < c.row->operands;
    if (used != (v->a[i] != VY__NONE))
      ok = fail(&c, "wrong number of operands");
    else if (used && v->a[i] >= ir->value_count)
      ok = fail(&c, "no such operand");
    else if (used)
      c.t[i] = ir->values[v->a[i]].type;
    if (ok && used && c.t[i] == VY_TYPE_NONE)
      ok = fail(&c, "an operand has no value");
  }
  ok = ok && by_signature(&c, out);
  if (!ok && why)
    *why = c.why;
  return ok;
}

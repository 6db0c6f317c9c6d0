// Expressions. Operators and their precedence come from operators.def, other
// operations are calls by their row's name; every literal carries its type.
#include "semantics/semantics.h"
#include "text/print.h"

static uint32_t precedence(uint32_t op) {
  switch (op) {
#define BINARY(token, op, level)                                               \
  case VY__OP_##op:                                                            \
    return level;
#define ASSIGN(token, op)
#define UNARY(token, op)
#include "text/operators.def"
#undef BINARY
#undef ASSIGN
#undef UNARY
  default:
    return 0;
  }
}

static void put_float(vy__print *p, vy_type type, uint64_t bits) {
  bool wide = type == VY_TYPE_F64;
  uint64_t sign = wide ? bits >> 63 : bits >> 31;
  uint64_t magnitude = bits & (wide ? UINT64_MAX >> 1 : 0x7fffffffu);
  uint64_t infinity = wide ? 0x7ff0000000000000u : 0x7f800000u;
  char text[64];
  vy__buf_str(p->out, sign && magnitude <= infinity ? "-" : "");
  if (magnitude >= infinity) {
    vy__buf_str(p->out, magnitude == infinity ? "inf" : "nan");
    return;
  }
  vy__buf_put(p->out, text, vy__format_float(type, magnitude, text));
  vy__buf_str(p->out, wide ? "d" : "f");
}

void vy__print_literal(vy__print *p, vy_type type, uint64_t bits) {
  switch (type) {
  case VY_TYPE_BOOL:
    vy__buf_str(p->out, bits ? "true" : "false");
    break;
  case VY_TYPE_I32:
    vy__buf_printf(p->out, "%lldi", (long long)(int32_t)(uint32_t)bits);
    break;
  case VY_TYPE_U32:
    vy__buf_printf(p->out, "%lluu", (unsigned long long)bits);
    break;
  case VY_TYPE_I64:
    vy__buf_printf(p->out, "%lldil", (long long)bits);
    break;
  case VY_TYPE_U64:
    vy__buf_printf(p->out, "%lluul", (unsigned long long)bits);
    break;
  default:
    put_float(p, type, bits);
    break;
  }
}

// The name of the memory that `v` is about.
static const char *memory_name(const vy__print *p, const vy__value *v) {
  switch (v->space) {
  case VY__SPACE_GROUP:
    return p->group_names[v->ref];
  case VY__SPACE_PRIVATE:
    return p->private_names[v->ref];
  case VY__SPACE_TABLE:
    return p->table_names[v->ref];
  default:
    return vy__ir_string(p->ir, p->ir->params[v->ref].name);
  }
}

static void put_element(vy__print *p, const vy__value *v) {
  vy__buf_str(p->out, memory_name(p, v));
  vy__buf_str(p->out, "[");
  vy__print_value(p, v->a[0]);
  vy__buf_str(p->out, "]");
  if (v->space == VY__SPACE_BUFFER)
    vy__buf_str(p->out,
                p->field_places[p->ir->params[v->ref].first_field + v->field]);
}

static void put_call(vy__print *p, const vy__value *v, const char *first) {
  const vy__op_info *row = vy__op_row(v->op);
  vy__buf_printf(p->out, "%s(%s", row->name, first);
  for (uint32_t k = 0; k < row->operands; k++) {
    vy__buf_str(p->out, k || *first ? ", " : "");
    vy__print_value(p, v->a[k]);
  }
  if (row->sig == VY__SIG_RANK)
    vy__buf_printf(p->out, ", %llu", (unsigned long long)v->imm);
  vy__buf_str(p->out, ")");
}

// An operand, in parentheses where it binds less tightly than `lowest`.
static void put_operand(vy__print *p, uint32_t id, uint32_t lowest) {
  const vy__value *v = &p->ir->values[id];
  uint32_t level = p->is_let[id] ? 0 : precedence(v->op);
  bool wrap = level && level < lowest;
  vy__buf_str(p->out, wrap ? "(" : "");
  vy__print_value(p, id);
  vy__buf_str(p->out, wrap ? ")" : "");
}

static void put_pure(vy__print *p, const vy__value *v) {
  const vy__op_info *row = vy__op_row(v->op);
  const char *sign = vy__operator_text((vy__op)v->op);
  uint32_t level = precedence(v->op);
  if (level) { // a left operand of the same level needs no parentheses
    put_operand(p, v->a[0], level);
    vy__buf_printf(p->out, " %s ", sign);
    put_operand(p, v->a[1], level + 1);
  } else if (sign) {
    bool no = v->op == VY__OP_NOT;
    vy__buf_str(p->out, !no ? "-" : v->type == VY_TYPE_BOOL ? "!" : "~");
    vy__buf_str(p->out, "(");
    vy__print_value(p, v->a[0]);
    vy__buf_str(p->out, ")");
  } else if (row->sig == VY__SIG_CONVERT || row->sig == VY__SIG_BITCAST) {
    vy__buf_printf(p->out, row->sig == VY__SIG_CONVERT ? "%s(" : "bitcast<%s>(",
                   vy__type_name((vy_type)v->type));
    vy__print_value(p, v->a[0]);
    vy__buf_str(p->out, ")");
  } else {
    put_call(p, v, "");
  }
}

static void put_leaf(vy__print *p, const vy__value *v) {
  const vy__ir *ir = p->ir;
  const char *name = vy__op_row(v->op)->name;
  switch ((vy__sig)vy__op_row(v->op)->sig) {
  case VY__SIG_CONST:
    vy__print_literal(p, (vy_type)v->type, v->imm);
    break;
  case VY__SIG_REF:
    vy__buf_str(p->out, vy__ir_string(ir, v->op == VY__OP_SPEC
                                              ? ir->consts[v->ref].name
                                              : ir->params[v->ref].name));
    break;
  case VY__SIG_ID:
    vy__buf_str(p->out, name);
    if (ir->dimensions > 1)
      vy__buf_printf(p->out, ".%c", "xyz"[v->ref]);
    break;
  default: // lengths
    vy__buf_printf(p->out, "%s(%s)", name,
                   vy__ir_string(ir, ir->params[v->ref].name));
    break;
  }
}

void vy__print_compute(vy__print *p, uint32_t id) {
  const vy__value *v = &p->ir->values[id];
  switch ((vy__sig)vy__op_row(v->op)->sig) {
  case VY__SIG_CONST:
  case VY__SIG_REF:
  case VY__SIG_LEN32:
  case VY__SIG_LEN64:
  case VY__SIG_ID:
    put_leaf(p, v);
    break;
  case VY__SIG_VAR:
    vy__buf_str(p->out, p->var_names[v->ref]);
    break;
  case VY__SIG_VARSET:
    vy__buf_printf(p->out, "%s = ", p->var_names[v->ref]);
    vy__print_value(p, v->a[0]);
    break;
  case VY__SIG_LOAD:
    put_element(p, v);
    break;
  case VY__SIG_STORE:
    put_element(p, v);
    vy__buf_str(p->out, " = ");
    vy__print_value(p, v->a[1]);
    break;
  case VY__SIG_BYTES_LOAD32:
  case VY__SIG_BYTES_LOAD64:
  case VY__SIG_BYTES_STORE32:
  case VY__SIG_BYTES_STORE64:
  case VY__SIG_ATOMIC0:
  case VY__SIG_ATOMIC_STORE:
  case VY__SIG_ATOMIC1:
  case VY__SIG_ATOMIC2:
    put_call(p, v, memory_name(p, v));
    break;
  case VY__SIG_NULLARY:
    vy__buf_str(p->out, vy__op_row(v->op)->name);
    break;
  default:
    put_pure(p, v);
    break;
  }
}

void vy__print_value(vy__print *p, uint32_t id) {
  if (p->is_let[id])
    vy__buf_str(p->out, p->names[id]);
  else
    vy__print_compute(p, id);
}

// ---- sizes

static void put_size_leaf(vy__print *p, const vy__size *s) {
  const vy__ir *ir = p->ir;
  if (s->op == VY__SIZE_LITERAL) {
    vy__buf_printf(p->out, "%lld", (long long)(int64_t)s->imm);
    return;
  }
  const char *name =
      vy__ir_string(ir, s->op == VY__SIZE_SPEC ? ir->consts[s->ref].name
                                               : ir->params[s->ref].name);
  bool len = s->op == VY__SIZE_LEN;
  vy__buf_printf(p->out, len ? "len(%s)" : "%s", name);
  if (s->op == VY__SIZE_ELEMENT) {
    vy__buf_str(p->out, "[");
    vy__print_size(p, s->a, 0);
    vy__buf_str(p->out, "]");
    vy__buf_str(
        p->out,
        p->field_places[ir->params[s->ref].first_field + (uint32_t)s->imm]);
  }
}

void vy__print_size(vy__print *p, uint32_t node, uint32_t lowest) {
  static const struct {
    const char *sign;
    uint8_t level;
  } rows[] = {[VY__SIZE_ADD] = {" + ", 1}, [VY__SIZE_SUB] = {" - ", 1},
              [VY__SIZE_MUL] = {" * ", 2}, [VY__SIZE_DIV] = {" / ", 2},
              [VY__SIZE_REM] = {" % ", 2}, [VY__SIZE_MIN] = {", ", 0},
              [VY__SIZE_MAX] = {", ", 0}};
  const vy__size *s = &p->ir->sizes[node];
  if (s->op <= VY__SIZE_LEN || s->op == VY__SIZE_ELEMENT) {
    put_size_leaf(p, s);
    return;
  }
  uint32_t level = rows[s->op].level;
  bool wrap = level && level < lowest;
  if (!level)
    vy__buf_str(p->out, s->op == VY__SIZE_MIN ? "min" : "max");
  vy__buf_str(p->out, wrap || !level ? "(" : "");
  vy__print_size(p, s->a, level);
  vy__buf_str(p->out, rows[s->op].sign);
  vy__print_size(p, s->b, level ? level + 1 : 0);
  vy__buf_str(p->out, wrap || !level ? ")" : "");
}

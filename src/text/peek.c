// The type of an expression without evaluating it: an untyped left operand
// (`1 + x`) takes its type from the right one, whose effects come later.
#include "text/expand.h"

static const vy__ty *peek_call(vy__expand *x, const vy__expr *e) {
  vy__decl *d = e->name->decl;
  if (!e->name->op && d && d->kind == VY__DECL_STRUCT)
    return vy__ty_struct(x, d);
  if (!e->name->op && d && d->kind == VY__DECL_FN && d->type.atom)
    return vy__ty_resolve(x, d->type);
  if (!e->name->op)
    return NULL;
  const vy__ty *element = e->a ? vy__peek(x, e->a) : NULL;
  switch (vy__op_row(e->name->op)->sig) {
  case VY__SIG_LEN64:
  case VY__SIG_BYTES_LOAD64:
    return vy__ty_builtin(x, VY_TYPE_U64, 1);
  case VY__SIG_LEN32:
  case VY__SIG_BYTES_LOAD32:
  case VY__SIG_BALLOT:
  case VY__SIG_RANK:
    return vy__ty_builtin(x, VY_TYPE_U32, 1);
  case VY__SIG_VOTE:
  case VY__SIG_TEST:
    return vy__ty_builtin(x, VY_TYPE_BOOL, 1);
  case VY__SIG_ATOMIC0:
  case VY__SIG_ATOMIC1:
  case VY__SIG_ATOMIC2:
    return element;
  default:
    break;
  }
  const vy__expr *arg = e->a;
  if (arg && vy__op_row(e->name->op)->sig == VY__SIG_SELECT)
    arg = arg->next;
  for (; arg; arg = arg->next)
    if (!arg->lit)
      return vy__peek(x, arg);
  return NULL;
}

static const vy__ty *peek_name(vy__expand *x, const vy__expr *e) {
  const vy__sym *s = vy__scope_find(x, e->name);
  if (s)
    return vy__ty_bad(s->ty) ? NULL : vy__ty_value(x, s->ty);
  if (e->name->op)
    return vy__ty_builtin(x, VY_TYPE_U32, 1);
  const vy__decl *d = e->name->decl;
  if (!d || (d->kind != VY__DECL_CONST && d->kind != VY__DECL_TABLE))
    return NULL;
  const vy__ty *ty = vy__ty_resolve(x, d->type);
  return vy__ty_bad(ty) ? NULL : vy__ty_value(x, ty);
}

static const vy__ty *peek_field(vy__expand *x, const vy__expr *e) {
  if (e->a->kind == VY__EX_NAME && e->a->name->op)
    return vy__ty_builtin(x, VY_TYPE_U32, 1);
  const vy__ty *ty = vy__peek(x, e->a);
  if (!ty)
    return NULL;
  if (ty->kind == VY__TY_VECTOR)
    return vy__ty_builtin(x, (vy_type)ty->scalar, 1);
  for (uint32_t i = 0; i < ty->member_count; i++)
    if (ty->members[i].name == e->name)
      return vy__ty_value(x, ty->members[i].ty);
  return NULL;
}

const vy__ty *vy__peek(vy__expand *x, const vy__expr *e) {
  while (e && !e->lit) {
    switch ((vy__expr_kind)e->kind) {
    case VY__EX_NUMBER:
      return vy__ty_builtin(x, (vy_type)e->number.suffix, 1);
    case VY__EX_BOOL:
    case VY__EX_LOGIC:
      return vy__ty_builtin(x, VY_TYPE_BOOL, 1);
    case VY__EX_NAME:
      return peek_name(x, e);
    case VY__EX_FIELD:
      return peek_field(x, e);
    case VY__EX_CALL:
      return peek_call(x, e);
    case VY__EX_CAST:
    case VY__EX_BITCAST:
      return vy__ty_resolve(x, e->type);
    case VY__EX_BINARY:
      if (vy__op_row(e->op)->sig == VY__SIG_CMP)
        return vy__ty_builtin(x, VY_TYPE_BOOL, 1);
      e = e->a->lit ? e->b : e->a;
      break;
    case VY__EX_TERNARY:
      e = e->b->lit ? e->c : e->b;
      break;
    case VY__EX_UNARY:
    case VY__EX_PLUS:
    case VY__EX_INDEX:
      e = e->a;
      break;
    case VY__EX_SPECIAL:
      return NULL;
    }
  }
  return NULL;
}

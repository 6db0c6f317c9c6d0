// Expressions. A chain of binary operators is walked along its left operands
// without recursion; an untyped operand takes the other's type.
#include "text/expand.h"

bool vy__check_type(vy__expand *x, const vy__val *v, const vy__ty *ty,
                    vy__pos pos, const char *what) {
  if (vy__ty_bad(v->ty) || vy__ty_bad(ty))
    return false;
  if (vy__ty_is(v->ty, ty))
    return true;
  bool scalars = v->ty->kind == VY__TY_SCALAR && ty->kind == VY__TY_SCALAR;
  vy__error(x->front, pos, VY__E_TYPE_MISMATCH,
            "%s must be %.*s, found %.*s%s%.*s%s", what, VY__STR(ty->name),
            VY__STR(v->ty->name), scalars ? "\nFix: convert it: " : "",
            scalars ? (int)ty->name.size : 0, ty->name.data,
            scalars ? "(...)" : "");
  return false;
}

vy__val vy__eval_as(vy__expand *x, const vy__expr *e, const vy__ty *ty,
                    const char *what) {
  vy__val v = vy__eval(x, e, ty);
  return vy__check_type(x, &v, ty, e->pos, what) ? v : vy__val_error(x);
}

static vy__val eval_unary(vy__expand *x, const vy__expr *e,
                          const vy__ty *want) {
  vy__val v = vy__eval(x, e->a, want);
  if (vy__ty_bad(v.ty))
    return v;
  bool is_bool = v.ty->scalar == VY_TYPE_BOOL, is_not = e->nan;
  if (e->kind == VY__EX_PLUS && v.ty->kind != VY__TY_STRUCT && !is_bool)
    return v;
  if (e->kind == VY__EX_PLUS ||
      (e->op == VY__OP_NOT && v.ty->kind != VY__TY_STRUCT &&
       is_bool != is_not)) {
    vy__error(x->front, e->pos, VY__E_BAD_OPERANDS, "`%s` on %.*s: needs %s",
              e->kind == VY__EX_PLUS ? "+"
              : is_not               ? "!"
                                     : "~",
              VY__STR(v.ty->name),
              e->kind == VY__EX_PLUS ? "a number"
              : is_not               ? "bool (write x == 0)"
                                     : "an integer (write !x)");
    return vy__val_error(x);
  }
  return vy__apply(x, (vy__op)e->op, VY_TYPE_NONE, &v, 1, e->pos);
}

// What the left operand of `e` takes its type from, if it is untyped.
static const vy__ty *left_want(vy__expand *x, const vy__expr *e,
                               const vy__ty *want) {
  if (!e->a->lit || e->kind == VY__EX_LOGIC)
    return NULL;
  if (vy__op_row(e->op)->sig == VY__SIG_SHIFT)
    return want;
  if (!e->b->lit)
    return vy__peek(x, e->b);
  if (vy__op_row(e->op)->sig != VY__SIG_CMP)
    return want;
  bool is_float = e->a->lit == VY__LIT_FLOAT || e->b->lit == VY__LIT_FLOAT;
  return vy__ty_builtin(x, is_float ? VY_TYPE_F32 : VY_TYPE_I32, 1);
}

static vy__val combine(vy__expand *x, const vy__expr *e, vy__val left) {
  if (e->kind == VY__EX_LOGIC)
    return vy__logic(x, e, &left);
  const vy__ty *want = vy__ty_bad(left.ty) ? NULL : left.ty;
  vy__val args[2] = {left, vy__eval(x, e->b, want)};
  return vy__apply(x, (vy__op)e->op, VY_TYPE_NONE, args, 2, e->pos);
}

static bool is_binary(const vy__expr *e) {
  return e->kind == VY__EX_BINARY || e->kind == VY__EX_LOGIC;
}

static vy__val eval_binary(vy__expand *x, const vy__expr *e,
                           const vy__ty *want) {
  const vy__expr *few[32], **chain = few;
  uint32_t count = 0;
  for (const vy__expr *i = e; is_binary(i); i = i->a)
    count++;
  if (count > VY__COUNT(few))
    chain = vy__new(x->front, count, sizeof(*chain));
  if (!chain)
    return vy__val_error(x);
  for (uint32_t i = 0; i < count; i++) {
    chain[i] = e;
    want = left_want(x, e, want);
    e = e->a;
  }
  vy__val v = vy__eval(x, e, want);
  while (count-- > 0) {
    if (!vy__enter(x, chain[count]->pos))
      v = vy__val_error(x);
    else
      v = combine(x, chain[count], v);
    vy__exit(x);
  }
  return v;
}

static vy__val eval_kind(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  switch ((vy__expr_kind)e->kind) {
  case VY__EX_NUMBER:
  case VY__EX_SPECIAL:
    return vy__eval_literal(x, e, want);
  case VY__EX_BOOL:
    return vy__val_one(
        vy__ty_builtin(x, VY_TYPE_BOOL, 1),
        vy__emit_const(x, VY_TYPE_BOOL, e->number.value, e->pos));
  case VY__EX_NAME:
  case VY__EX_INDEX:
  case VY__EX_FIELD: {
    vy__place p = vy__place_of(x, e);
    return vy__place_load(x, &p, e->pos);
  }
  case VY__EX_UNARY:
  case VY__EX_PLUS:
    return eval_unary(x, e, want);
  case VY__EX_BINARY:
  case VY__EX_LOGIC:
    return eval_binary(x, e, want);
  case VY__EX_TERNARY:
    return vy__eval_ternary(x, e, want);
  case VY__EX_CALL:
    return vy__eval_call(x, e, want);
  case VY__EX_CAST:
    return vy__eval_cast(x, e);
  case VY__EX_BITCAST:
    return vy__eval_bitcast(x, e);
  }
  return vy__val_error(x);
}

vy__val vy__eval(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  vy__val v = vy__val_error(x);
  if (vy__enter(x, e->pos)) {
    vy_type type = e->lit ? vy__literal_type(x, e, want) : VY_TYPE_NONE;
    if (type != VY_TYPE_NONE)
      v = eval_kind(x, e, vy__ty_builtin(x, type, 1));
    else if (!e->lit)
      v = eval_kind(x, e, NULL);
  }
  vy__exit(x);
  if (v.ty->kind == VY__TY_VOID) {
    vy__error(x->front, e->pos, VY__E_NO_VALUE, "this call has no result");
    return vy__val_error(x);
  }
  return x->front->halt ? vy__val_error(x) : v;
}

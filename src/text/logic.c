// `&&`, `||` and `?:`, whose operands may be skipped.
//
// Rule (part of the identity of a program): when evaluating the skippable
// operand emits no statement (has no ordered operation), the result is AND,
// OR or SELECT. Else it is a variable t:
//   a && b      t = a; if (a) { t = b; }          result t
//   a || b      t = a; if (!a) { t = b; }         result t
//   c ? a : b   if (c) { t = a; } else { t = b; } result t
// The operand is evaluated first and its statements are wrapped afterwards,
// so that nothing has to guess what they will be.
#include "text/expand.h"

// Put `v` (an ordered operation without operands emitted before) at `at`.
static void exec_at(vy__expand *x, uint32_t at, const vy__value *v,
                    vy__pos pos) {
  uint32_t id = vy__emit(x, v, pos);
  if (x->front->halt)
    return;
  x->ir->stmt_count--; // its EXEC moves
  x->ir->stmts[at] =
      (vy__stmt){VY__STMT_EXEC, id, VY__NONE, VY__NONE, VY__NONE};
}

static void open_if(vy__expand *x, uint32_t at, uint32_t condition) {
  x->ir->stmts[at] =
      (vy__stmt){VY__STMT_IF, condition, VY__NONE, VY__NONE, VY__NONE};
}

static vy__val logic_if(vy__expand *x, const vy__expr *e, uint32_t a,
                        vy__val *b, uint32_t start) {
  uint32_t var = vy__add_var(x, VY_TYPE_BOOL, (vy_str){NULL, 0},
                             (vy_str){NULL, 0}, e->pos);
  uint32_t condition = a;
  if (e->op == VY__OP_OR) {
    vy__value not = vy__make(VY__OP_NOT, a, VY__NONE, VY__NONE);
    condition = vy__emit(x, &not, e->pos);
  }
  if (!vy__insert_stmts(x, start, 2, e->pos))
    return vy__val_error(x);
  vy__value set = vy__make(VY__OP_VAR_SET, a, VY__NONE, VY__NONE);
  set.ref = var;
  exec_at(x, start, &set, e->pos);
  if (x->front->halt)
    return vy__val_error(x);
  open_if(x, start + 1, condition);
  vy__set_vars(x, &var, b, e->pos);
  vy__emit_stmt(x, VY__STMT_END, VY__NONE, e->pos);
  return vy__get_vars(x, &var, b->ty, e->pos);
}

vy__val vy__logic(vy__expand *x, const vy__expr *e, vy__val *left) {
  const vy__ty *type = vy__ty_builtin(x, VY_TYPE_BOOL, 1);
  const char *what =
      e->op == VY__OP_OR ? "an operand of `||`" : "an operand of `&&`";
  uint32_t start = x->ir->stmt_count;
  bool fine = vy__check_type(x, left, type, e->a->pos, what);
  vy__val right = vy__eval_as(x, e->b, type, what);
  if (!fine || vy__ty_bad(right.ty))
    return vy__val_error(x);
  if (x->ir->stmt_count != start)
    return logic_if(x, e, left->small[0], &right, start);
  vy__val args[2] = {*left, right};
  return vy__apply(x, (vy__op)e->op, VY_TYPE_NONE, args, 2, e->pos);
}

static vy__val ternary_if(vy__expand *x, const vy__expr *e, uint32_t c,
                          vy__val *a, vy__val *b, uint32_t at[2]) {
  uint32_t *vars = vy__add_vars(x, a->ty, (vy_str){NULL, 0}, e->pos);
  uint32_t count = a->ty->count;
  // The sets of `a` and the ELSE go before b's statements, the IF before a's.
  if (!vars || !vy__insert_stmts(x, at[1], count + 1, e->pos))
    return vy__val_error(x);
  for (uint32_t i = 0; i < count && !x->front->halt; i++) {
    vy__value set = vy__make(VY__OP_VAR_SET, vy__ids(a)[i], VY__NONE, VY__NONE);
    set.ref = vars[i];
    exec_at(x, at[1] + i, &set, e->pos);
  }
  if (x->front->halt)
    return vy__val_error(x);
  x->ir->stmts[at[1] + count] =
      (vy__stmt){VY__STMT_ELSE, VY__NONE, VY__NONE, VY__NONE, VY__NONE};
  if (!vy__insert_stmts(x, at[0], 1, e->pos))
    return vy__val_error(x);
  open_if(x, at[0], c);
  vy__set_vars(x, vars, b, e->pos);
  vy__emit_stmt(x, VY__STMT_END, VY__NONE, e->pos);
  return vy__get_vars(x, vars, a->ty, e->pos);
}

static vy__val ternary_select(vy__expand *x, const vy__expr *e, uint32_t c,
                              vy__val *a, vy__val *b) {
  vy__val out = vy__val_new(x, a->ty);
  for (uint32_t i = 0; i < out.ty->count; i++) {
    vy__value v = vy__make(VY__OP_SELECT, c, vy__ids(a)[i], vy__ids(b)[i]);
    vy__ids(&out)[i] = vy__emit(x, &v, e->pos);
  }
  return x->front->halt ? vy__val_error(x) : out;
}

vy__val vy__eval_ternary(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  vy__val c = vy__eval_as(x, e->a, vy__ty_builtin(x, VY_TYPE_BOOL, 1),
                          "the condition of `?:`");
  uint32_t at[2] = {x->ir->stmt_count, 0};
  vy__val a = vy__eval(x, e->b, e->lit ? want : vy__peek(x, e->c));
  at[1] = x->ir->stmt_count;
  vy__val b = vy__eval(x, e->c, a.ty);
  if (!vy__check_type(x, &b, a.ty, e->c->pos, "the other result of `?:`") ||
      vy__ty_bad(c.ty))
    return vy__val_error(x);
  if (x->ir->stmt_count != at[0])
    return ternary_if(x, e, c.small[0], &a, &b, at);
  return ternary_select(x, e, c.small[0], &a, &b);
}

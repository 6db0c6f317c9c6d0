// Loops. The bounds and the step of a `for` are evaluated once, before it,
// and have one type; `unroll` makes a copy of the body for each trip, with
// the variable a literal.
//
// Rule (part of the identity of a program) for jumps of an unrolled loop:
//   - with a `break`, all copies stand in one BLOCK, which it LEAVEs;
//   - with a `continue`, each copy stands in a BLOCK, which it LEAVEs;
//   - with both, each copy stands in a FOR of one trip inside the one BLOCK,
//     and `continue` is CONTINUE.
// A LEAVE of a function's own BLOCK cannot reach across: it is refused.
#include "text/expand.h"

static void expand_body(vy__expand *x, const vy__node *n) {
  vy__around around = x->around;
  vy__sym *mark = x->syms;
  x->around.tail = x->around.unrolled = false;
  x->around.loops++;
  vy__expand_stmts(x, n->body);
  vy__scope_leave(x, mark);
  x->around = around;
}

void vy__expand_while(vy__expand *x, const vy__node *n) {
  vy__sym *mark = x->syms;
  vy__around around = x->around;
  // No `break` or `continue` out of a condition.
  x->around = (vy__around){.blocks = around.blocks, .wrapped = around.wrapped};
  vy__emit_stmt(x, VY__STMT_WHILE, VY__NONE, n->pos);
  vy__expand_stmts(x, n->other);
  x->around = around;
  vy__val c =
      vy__eval_as(x, n->a, vy__ty_builtin(x, VY_TYPE_BOOL, 1), "a condition");
  vy__emit_stmt(x, VY__STMT_COND, c.small[0], n->pos);
  expand_body(x, n);
  vy__emit_stmt(x, VY__STMT_END, VY__NONE, n->pos);
  vy__scope_leave(x, mark);
}

// The type in which a loop counts; NULL when no bound says.
static const vy__ty *counting_type(vy__expand *x, const vy__node *n) {
  const vy__expr *bounds[3] = {n->a, n->b, n->c};
  for (int i = 0; i < 3; i++)
    if (bounds[i] && !bounds[i]->lit)
      return vy__peek(x, bounds[i]);
  return NULL;
}

static void bind_variable(vy__expand *x, const vy__node *n, const vy__ty *ty,
                          uint32_t id) {
  vy__sym *s = vy__scope_add(x, n->name, n->name_pos, VY__SYM_VALUE);
  if (!s)
    return;
  s->what = "a loop's variable";
  s->ty = ty;
  s->val = vy__val_one(ty, id);
  vy__name_value(x, &s->val, n->name->text);
}

// ---- unroll

static bool literal_bound(vy__expand *x, const vy__expr *e, vy_type *type,
                          __int128 *out) {
  if (e->kind != VY__EX_NUMBER || e->number.is_float) {
    vy__error(x->front, e->pos, VY__E_NOT_CONSTANT,
              "a bound of an unrolled loop must be an integer literal");
    return false;
  }
  if (e->number.suffix != VY_TYPE_NONE) {
    if (*type != VY_TYPE_NONE && *type != (vy_type)e->number.suffix) {
      vy__error(x->front, e->pos, VY__E_TYPE_MISMATCH,
                "the bounds of a loop differ in type: %s and %s",
                vy__type_name(*type), vy__type_name((vy_type)e->number.suffix));
      return false;
    }
    *type = (vy_type)e->number.suffix;
  }
  *out = e->negative ? -(__int128)e->number.value : (__int128)e->number.value;
  return true;
}

static __int128 trips_of(__int128 lo, __int128 hi, __int128 step) {
  return step > 0 && lo < hi ? (hi - lo + step - 1) / step : 0;
}

// Which jumps of its own the body of a loop has.
typedef struct jumps {
  bool breaks, continues;
} jumps;

static void find_jumps(const vy__node *n, jumps *j) {
  for (; n; n = n->next) {
    j->breaks |= n->kind == VY__NODE_BREAK;
    j->continues |= n->kind == VY__NODE_CONTINUE;
    if (n->kind == VY__NODE_SCOPE)
      find_jumps(n->body, j);
    const vy__node *branch = n->kind == VY__NODE_IF ? n : NULL;
    for (; branch; branch = branch->other)
      find_jumps(branch->body, j);
  }
}

static void open_copy(vy__expand *x, const vy__node *n, const jumps *j) {
  if (!j->continues)
    return;
  if (!j->breaks) {
    vy__emit_stmt(x, VY__STMT_BLOCK, VY__NONE, n->pos);
    return;
  }
  vy__value v = vy__make(VY__OP_LOOP_INDEX, VY__NONE, VY__NONE, VY__NONE);
  v.type = VY_TYPE_I32;
  uint32_t ids[4];
  ids[1] = vy__emit_const(x, VY_TYPE_I32, 0, n->pos);
  ids[2] = ids[3] = vy__emit_const(x, VY_TYPE_I32, 1, n->pos);
  ids[0] = vy__emit(x, &v, n->pos);
  vy__emit_for(x, ids, n->pos);
}

static void expand_copy(vy__expand *x, const vy__node *n, const vy__ty *ty,
                        uint64_t bits, const jumps *j) {
  vy__sym *mark = x->syms;
  open_copy(x, n, j);
  bind_variable(x, n, ty, vy__emit_const(x, (vy_type)ty->scalar, bits, n->pos));
  vy__expand_stmts(x, n->body);
  vy__scope_leave(x, mark);
  if (j->continues)
    vy__emit_stmt(x, VY__STMT_END, VY__NONE, n->pos);
}

static void expand_unroll(vy__expand *x, const vy__node *n) {
  __int128 lo = 0, hi = 0, step = 1;
  vy_type type = VY_TYPE_NONE;
  if (!literal_bound(x, n->a, &type, &lo) ||
      !literal_bound(x, n->b, &type, &hi) ||
      (n->c && !literal_bound(x, n->c, &type, &step)))
    return;
  const vy__ty *ty =
      vy__ty_builtin(x, type == VY_TYPE_NONE ? VY_TYPE_I32 : type, 1);
  // Reports bounds that do not fit the type.
  if (vy__ty_bad(vy__eval_literal(x, n->a, ty).ty) ||
      vy__ty_bad(vy__eval_literal(x, n->b, ty).ty) ||
      (n->c && vy__ty_bad(vy__eval_literal(x, n->c, ty).ty)))
    return;
  if (trips_of(lo, hi, step) > VY__MAX_UNROLL) {
    vy__error(x->front, n->pos, VY__E_UNROLL,
              "this loop would make more than %d copies of its body\n"
              "Fix: leave `unroll` out, or unroll fewer trips",
              VY__MAX_UNROLL);
    return;
  }
  uint64_t mask = UINT64_MAX >> (64 - vy__type_bits((vy_type)ty->scalar));
  jumps j = {false, false};
  find_jumps(n->body, &j);
  vy__around around = x->around;
  x->around.tail = false;
  x->around.unrolled = true;
  x->around.wrapped |= j.breaks || j.continues;
  x->around.continue_as = j.breaks ? VY__STMT_CONTINUE : VY__STMT_LEAVE;
  if (j.breaks)
    vy__emit_stmt(x, VY__STMT_BLOCK, VY__NONE, n->pos);
  for (__int128 i = lo; step > 0 && i < hi && !x->front->halt; i += step)
    expand_copy(x, n, ty, (uint64_t)i & mask, &j);
  if (j.breaks)
    vy__emit_stmt(x, VY__STMT_END, VY__NONE, n->pos);
  x->around = around;
}

// ---- loops that stay

void vy__expand_for(vy__expand *x, const vy__node *n) {
  if (n->unroll) {
    expand_unroll(x, n);
    return;
  }
  const vy__ty *want = counting_type(x, n);
  vy__val bounds[3];
  bounds[0] = vy__eval(x, n->a, want);
  bounds[1] = vy__eval(x, n->b, want);
  const vy__ty *ty = bounds[0].ty;
  if (!n->c && !vy__ty_bad(ty) && vy__is_int((vy_type)ty->scalar))
    bounds[2] =
        vy__val_one(ty, vy__emit_const(x, (vy_type)ty->scalar, 1, n->pos));
  else
    bounds[2] = n->c ? vy__eval(x, n->c, want) : vy__val_error(x);
  bool fine = !vy__ty_bad(ty);
  if (fine && (ty->kind != VY__TY_SCALAR || !vy__is_int((vy_type)ty->scalar))) {
    vy__error(x->front, n->a->pos, VY__E_TYPE_MISMATCH,
              "a loop counts in u32, i32, u64 or i64, found %.*s",
              VY__STR(ty->name));
    fine = false;
  }
  fine = fine &&
         vy__check_type(x, &bounds[1], ty, n->b->pos, "the last bound") &&
         (!n->c || vy__check_type(x, &bounds[2], ty, n->c->pos, "the step"));
  vy__sym *mark = x->syms;
  uint32_t ids[4] = {VY__NONE, bounds[0].small[0], bounds[1].small[0],
                     bounds[2].small[0]};
  if (fine) {
    vy__value v = vy__make(VY__OP_LOOP_INDEX, VY__NONE, VY__NONE, VY__NONE);
    v.type = ty->scalar;
    ids[0] = vy__emit(x, &v, n->pos);
    vy__emit_for(x, ids, n->pos);
    bind_variable(x, n, ty, ids[0]);
  } else {
    vy__scope_add(x, n->name, n->name_pos, VY__SYM_ERROR);
  }
  expand_body(x, n);
  vy__scope_leave(x, mark);
  if (fine)
    vy__emit_stmt(x, VY__STMT_END, VY__NONE, n->pos);
}

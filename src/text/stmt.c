// Statements other than loops.
#include "text/expand.h"

static void declare_broken(vy__expand *x, const vy__node *n) {
  vy__scope_add(x, n->name, n->name_pos, VY__SYM_ERROR);
}

static vy__val initial_value(vy__expand *x, const vy__node *n) {
  return n->type.atom
             ? vy__eval_as(x, n->a, vy__ty_of_value(x, n->type), "the value")
             : vy__eval(x, n->a, NULL);
}

static void expand_let(vy__expand *x, const vy__node *n) {
  vy__val v = n->a ? initial_value(x, n) : vy__val_error(x);
  vy__sym *s = NULL;
  if (vy__ty_bad(v.ty))
    declare_broken(x, n);
  else
    s = vy__scope_add(x, n->name, n->name_pos, VY__SYM_VALUE);
  if (!s)
    return;
  s->what = "a `let`";
  s->ty = v.ty;
  s->val = v;
  vy__name_value(x, &v, n->name->text);
}

static void expand_var(vy__expand *x, const vy__node *n) {
  vy__val v = {0};
  const vy__ty *ty;
  if (n->a) {
    v = initial_value(x, n);
    ty = v.ty;
  } else {
    ty = vy__ty_of_value(x, n->type);
  }
  uint32_t *vars =
      vy__ty_bad(ty) ? NULL : vy__add_vars(x, ty, n->name->text, n->pos);
  if (!vars) {
    declare_broken(x, n);
    return;
  }
  if (n->a)
    vy__set_vars(x, vars, &v, n->pos);
  vy__sym *s = vy__scope_add(x, n->name, n->name_pos, VY__SYM_VAR);
  if (!s)
    return;
  s->ty = ty;
  s->ids = vars;
}

// ---- private arrays

static void set_element(vy__expand *x, vy__sym *s, uint32_t k,
                        const vy__expr *e) {
  const vy__ty *ty = vy__ty_value(x, s->ty);
  vy__place p = {.kind = VY__PLACE_ELEMENT, .ty = ty, .sym = s};
  p.index = vy__emit_const(x, VY_TYPE_I32, k, e->pos);
  vy__val v = vy__eval_as(x, e, ty, "the element");
  if (!vy__ty_bad(v.ty) && !x->front->halt)
    vy__place_store(x, &p, &v, e->pos);
}

static bool add_arrays(vy__expand *x, vy__sym *s, const vy__node *n) {
  s->ids = vy__new(x->front, s->ty->count, sizeof(*s->ids));
  for (uint32_t i = 0; i < s->ty->count && !x->front->halt; i++) {
    // A tree of its own for each: printed, each is an array of its own.
    uint32_t length =
        i ? vy__expand_size(x, n->a, VY__SIZE_USE_CONSTANT) : s->length;
    vy__array a = {s->ty->leaves[i].type, length};
    if (x->ir->private_count >= VY__MAX_ARRAYS) {
      vy__limit(x, n->pos, "private arrays", VY__MAX_ARRAYS);
      return false;
    }
    s->ids[i] = vy__ir_add_private(
        x->ir, &a, vy__add_name(x, n->name->text, s->ty->leaves[i].path));
    if (s->ids[i] == VY__NONE)
      vy__front_oom(x->front);
    vy__emit_stmt(x, VY__STMT_ARRAY, s->ids[i], n->pos);
  }
  return !x->front->halt;
}

static void check_initialisers(vy__expand *x, const vy__node *n,
                               uint32_t length) {
  uint64_t most;
  uint32_t count = 0;
  vy__size_env env = {0};
  for (const vy__expr *e = n->list; e; e = e->next)
    count++;
  if (x->ir->sizes[length].op == VY__SIZE_LITERAL &&
      vy__size_eval(x->ir, length, &env, &most) == VY__SIZE_OK && count > most)
    vy__error(x->front, n->pos, VY__E_TABLE_LENGTH,
              "array `%.*s` has %llu elements, and %u are given",
              VY__NAME(n->name), (unsigned long long)most, count);
}

void vy__expand_array(vy__expand *x, const vy__node *n) {
  vy__sym made = {.space = VY__SPACE_PRIVATE};
  made.ty = vy__ty_of_element(x, n->type);
  made.length = vy__expand_size(x, n->a, VY__SIZE_USE_CONSTANT);
  if (vy__ty_bad(made.ty) || made.length == VY__NONE ||
      !add_arrays(x, &made, n)) {
    declare_broken(x, n);
    return;
  }
  check_initialisers(x, n, made.length);
  uint32_t k = 0;
  for (const vy__expr *e = n->list; e && !x->front->halt; e = e->next)
    set_element(x, &made, k++, e);
  vy__sym *s = vy__scope_add(x, n->name, n->name_pos, VY__SYM_ARRAY);
  if (!s)
    return;
  s->space = made.space;
  s->ty = made.ty;
  s->length = made.length;
  s->ids = made.ids;
}

// ---- assignment

static bool assignable(vy__expand *x, const vy__place *p, const vy__expr *e) {
  const vy__expr *root = e;
  while (root->kind != VY__EX_NAME)
    root = root->a;
  const vy__sym *s = vy__scope_find(x, root->name);
  if (p->kind == VY__PLACE_VAR)
    return true;
  if (p->kind == VY__PLACE_ELEMENT && p->sym)
    return vy__may_write(x, p->sym, e->pos);
  if (p->kind == VY__PLACE_ARRAY && p->sym)
    vy__error(x->front, e->pos, VY__E_WRONG_KIND,
              "an array cannot be assigned as a whole: index it");
  else if (p->kind != VY__PLACE_ERROR)
    vy__error(x->front, e->pos, VY__E_NOT_ASSIGNABLE,
              "`%.*s` is %s and cannot be assigned\n"
              "Fix: copy it into a `var`",
              VY__NAME(root->name),
              s ? s->kind == VY__SYM_PARAM ? "a scalar parameter" : s->what
                : "not a variable");
  return false;
}

static bool distinct(vy__expand *x, const vy__place *p, const vy__expr *e) {
  for (uint32_t i = 0; p->swizzled && i < p->ty->count; i++)
    for (uint32_t k = 0; k < i; k++)
      if (p->swizzle[i] == p->swizzle[k]) {
        vy__error(x->front, e->pos, VY__E_NOT_ASSIGNABLE,
                  "`%.*s` names a component twice", VY__NAME(e->name));
        return false;
      }
  return true;
}

static void expand_assign(vy__expand *x, const vy__node *n) {
  vy__place p = vy__place_of(x, n->a);
  if (!assignable(x, &p, n->a) || !distinct(x, &p, n->a)) {
    vy__eval(x, n->b, vy__ty_bad(p.ty) ? NULL : p.ty);
    return;
  }
  vy__val v;
  if (n->op == VY__OP_INVALID) {
    v = vy__eval_as(x, n->b, p.ty, "the right side");
  } else {
    vy__val args[2];
    args[0] = vy__place_load(x, &p, n->pos);
    args[1] = vy__eval(x, n->b, p.ty);
    v = vy__apply(x, (vy__op)n->op, VY_TYPE_NONE, args, 2, n->pos);
    if (!vy__check_type(x, &v, p.ty, n->pos, "the result"))
      return;
  }
  if (!vy__ty_bad(v.ty) && !x->front->halt)
    vy__place_store(x, &p, &v, n->pos);
}

// ---- control

static void expand_scope(vy__expand *x, const vy__node *body) {
  vy__sym *mark = x->syms;
  vy__expand_stmts(x, body);
  vy__scope_leave(x, mark);
}

// Rule (part of the identity of a program): arms of an `else if` chain nest,
// each in the ELSE of the one before, up to CHAIN_ARMS of them. A longer chain
// goes on after the last ELSE's END, in an IF of a variable that this ELSE
// sets, so that chains of any length keep within VY__MAX_NESTING.
enum { CHAIN_ARMS = 16 };

static void set_bool(vy__expand *x, uint32_t var, bool value, vy__pos pos) {
  vy__val v = vy__val_one(vy__ty_builtin(x, VY_TYPE_BOOL, 1),
                          vy__emit_const(x, VY_TYPE_BOOL, value, pos));
  vy__set_vars(x, &var, &v, pos);
}

// Expand arms from `n` on; the first one left, or NULL.
static const vy__node *expand_arms(vy__expand *x, const vy__node *n,
                                   uint32_t rest) {
  uint32_t open = 0;
  vy__pos pos = n->pos;
  for (; n && n->kind == VY__NODE_IF && open < CHAIN_ARMS; n = n->other) {
    vy__val c =
        vy__eval_as(x, n->a, vy__ty_builtin(x, VY_TYPE_BOOL, 1), "a condition");
    vy__emit_stmt(x, VY__STMT_IF, c.small[0], n->pos);
    open++;
    expand_scope(x, n->body);
    if (n->other)
      vy__emit_stmt(x, VY__STMT_ELSE, VY__NONE, n->other->pos);
  }
  const vy__node *left = n && n->kind == VY__NODE_IF ? n : NULL;
  if (left)
    set_bool(x, rest, true, left->pos);
  else if (n)
    expand_scope(x, n->body);
  while (open-- > 0)
    vy__emit_stmt(x, VY__STMT_END, VY__NONE, pos);
  return left;
}

static void expand_if(vy__expand *x, const vy__node *n) {
  uint32_t arms = 0, rest = VY__NONE;
  for (const vy__node *i = n; i && i->kind == VY__NODE_IF; i = i->other)
    arms++;
  if (arms > CHAIN_ARMS) {
    rest = vy__add_var(x, VY_TYPE_BOOL, (vy_str){NULL, 0}, (vy_str){NULL, 0},
                       n->pos);
    set_bool(x, rest, false, n->pos);
  }
  vy__pos pos = n->pos;
  bool inside = false;
  while (n && !x->front->halt) {
    if (inside) {
      vy__val go =
          vy__get_vars(x, &rest, vy__ty_builtin(x, VY_TYPE_BOOL, 1), n->pos);
      vy__emit_stmt(x, VY__STMT_IF, go.small[0], n->pos);
      set_bool(x, rest, false, n->pos);
    }
    n = expand_arms(x, n, rest);
    if (inside)
      vy__emit_stmt(x, VY__STMT_END, VY__NONE, pos);
    inside = true;
  }
}

static void expand_block(vy__expand *x, const vy__node *n) {
  vy__around around = x->around;
  x->around = (vy__around){.blocks = around.blocks + 1};
  vy__emit_stmt(x, VY__STMT_BLOCK, VY__NONE, n->pos);
  expand_scope(x, n->body);
  vy__emit_stmt(x, VY__STMT_END, VY__NONE, n->pos);
  x->around = around;
}

static void expand_leave(vy__expand *x, const vy__node *n) {
  if (x->around.blocks == 0)
    vy__error(x->front, n->pos, VY__E_MISPLACED,
              "`leave` stands outside a block");
  else if (x->around.wrapped)
    vy__error(x->front, n->pos, VY__E_UNROLL,
              "`leave` stands in an unrolled loop that has `break` or "
              "`continue`");
  else
    vy__emit_stmt(x, VY__STMT_LEAVE, VY__NONE, n->pos);
}

static void expand_jump(vy__expand *x, const vy__node *n) {
  bool is_break = n->kind == VY__NODE_BREAK;
  vy__stmt_kind kind = is_break ? VY__STMT_BREAK : VY__STMT_CONTINUE;
  if (x->around.unrolled)
    kind = is_break ? VY__STMT_LEAVE : (vy__stmt_kind)x->around.continue_as;
  if (x->around.unrolled || x->around.loops)
    vy__emit_stmt(x, kind, VY__NONE, n->pos);
  else
    vy__error(x->front, n->pos, VY__E_MISPLACED, "`%s` stands outside a loop",
              is_break ? "break" : "continue");
}

static void return_value(vy__expand *x, vy__frame *f, const vy__node *n) {
  vy__val v = vy__eval_as(x, n->a, f->ty, "the result");
  if (vy__ty_bad(v.ty))
    return;
  if (f->single) {
    f->result = v;
    f->returned = true;
  } else {
    vy__set_vars(x, f->vars, &v, n->pos);
  }
}

static void expand_return(vy__expand *x, const vy__node *n) {
  vy__frame *f = x->frame;
  bool program = f->decl->kind == VY__DECL_PROGRAM;
  if (!program && x->around.blocks) {
    vy__error(x->front, n->pos, VY__E_MISPLACED,
              "`return` of a function stands inside `block`");
    return;
  }
  if ((n->a != NULL) != (f->ty != NULL)) {
    vy__error(x->front, n->pos, VY__E_RETURN_VALUE, "%s `%.*s` %s",
              program ? "program" : "function", VY__NAME(f->decl->name),
              n->a ? "has no result, and one is returned"
                   : "has a result, and none is returned");
    return;
  }
  if (n->a)
    return_value(x, f, n);
  if (program)
    vy__emit_stmt(x, VY__STMT_RETURN, VY__NONE, n->pos);
  else if (x->around.wrapped)
    vy__error(x->front, n->pos, VY__E_UNROLL,
              "`return` of a function stands in an unrolled loop that has "
              "`break` or `continue`");
  else if (f->has_block && !x->around.tail)
    vy__emit_stmt(x, VY__STMT_LEAVE, VY__NONE, n->pos);
}

static void expand_barrier(vy__expand *x, const vy__node *n) {
  vy__value v = vy__make(VY__OP_BARRIER, VY__NONE, VY__NONE, VY__NONE);
  vy__emit(x, &v, n->pos);
}

static void expand_stmt(vy__expand *x, const vy__node *n) {
  switch ((vy__node_kind)n->kind) {
  case VY__NODE_LET:
    expand_let(x, n);
    break;
  case VY__NODE_VAR:
    expand_var(x, n);
    break;
  case VY__NODE_ARRAY:
    vy__expand_array(x, n);
    break;
  case VY__NODE_ASSIGN:
    expand_assign(x, n);
    break;
  case VY__NODE_CALL:
    vy__eval_call(x, n->a, NULL);
    break;
  case VY__NODE_IF:
    expand_if(x, n);
    break;
  case VY__NODE_WHILE:
    vy__expand_while(x, n);
    break;
  case VY__NODE_FOR:
    vy__expand_for(x, n);
    break;
  case VY__NODE_SCOPE:
    expand_scope(x, n->body);
    break;
  case VY__NODE_BLOCK:
    expand_block(x, n);
    break;
  case VY__NODE_BREAK:
  case VY__NODE_CONTINUE:
    expand_jump(x, n);
    break;
  case VY__NODE_LEAVE:
    expand_leave(x, n);
    break;
  case VY__NODE_RETURN:
    expand_return(x, n);
    break;
  case VY__NODE_BARRIER:
    expand_barrier(x, n);
    break;
  }
}

void vy__expand_stmts(vy__expand *x, const vy__node *n) {
  bool tail = x->around.tail;
  for (; n && !x->front->halt; n = n->next) {
    x->around.tail = tail && !n->next;
    if (vy__enter(x, n->pos))
      expand_stmt(x, n);
    vy__exit(x);
  }
  x->around.tail = tail;
}

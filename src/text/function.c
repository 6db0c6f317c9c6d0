// Functions, inlined at each call.
//
// Rule (part of the identity of a program). A `return` is in tail position
// when it is the last statement of the body, or of a `{}` or a branch of an
// `if` that is itself in tail position.
//   - The body becomes a BLOCK, which a `return` sets the result and LEAVEs,
//     only when some `return` is not in tail position. Tail ones then need no
//     LEAVE, and have none.
//   - A function whose only `return` is the last statement of its body gives
//     that value itself; any other function with a result sets a variable
//     (one a scalar of the result), read where the call stands.
// Arguments are evaluated from left to right before the body; value
// parameters cannot be assigned.
#include "text/expand.h"

typedef struct returns {
  uint32_t total, inner; // inner: not in tail position
} returns;

static void count_returns(const vy__node *n, bool tail, returns *r) {
  for (; n; n = n->next) {
    bool last = tail && !n->next;
    if (n->kind == VY__NODE_RETURN) {
      r->total++;
      r->inner += !last;
    } else if (n->kind == VY__NODE_IF) {
      const vy__node *branch = n;
      for (; branch && branch->kind == VY__NODE_IF; branch = branch->other)
        count_returns(branch->body, last, r);
      if (branch)
        count_returns(branch->body, last, r);
    } else {
      if (n->kind == VY__NODE_WHILE) // the statements of its condition
        count_returns(n->other, false, r);
      count_returns(n->body, last && n->kind == VY__NODE_SCOPE, r);
    }
  }
}

// Does every path through `n` end in a return?
static bool always_returns(const vy__node *n) {
  while (n && n->next)
    n = n->next;
  if (!n || n->kind == VY__NODE_RETURN)
    return n != NULL;
  if (n->kind == VY__NODE_SCOPE)
    return always_returns(n->body);
  if (n->kind != VY__NODE_IF)
    return false;
  for (; n && n->kind == VY__NODE_IF; n = n->other)
    if (!always_returns(n->body))
      return false;
  return n && always_returns(n->body);
}

static const vy__node *last_of(const vy__node *n) {
  while (n && n->next)
    n = n->next;
  return n;
}

static void prepare_result(vy__expand *x, vy__frame *frame, vy__pos pos) {
  const vy__decl *d = frame->decl;
  const vy__node *last = last_of(d->body);
  returns r = {0, 0};
  count_returns(d->body, true, &r);
  frame->has_block = r.inner > 0;
  frame->ty = d->type.atom ? vy__ty_of_value(x, d->type) : NULL;
  if (!frame->ty || vy__ty_bad(frame->ty))
    return;
  if (!always_returns(d->body))
    vy__error(x->front, d->pos, VY__E_MISSING_RETURN,
              "function `%.*s` can end without `return`", VY__NAME(d->name));
  frame->single = r.total == 1 && last && last->kind == VY__NODE_RETURN;
  if (!frame->single)
    frame->vars = vy__add_vars(x, frame->ty, d->name->text, pos);
}

typedef struct argument {
  vy__val value;
  vy__sym *array;
} argument;

static void declare_param(vy__expand *x, const vy__item *item,
                          const argument *arg) {
  bool array = item->kind != VY__ITEM_VALUE;
  bool bad = array ? !arg->array : vy__ty_bad(arg->value.ty);
  vy__sym *s = vy__scope_add(x, item->name, item->pos,
                             bad     ? VY__SYM_ERROR
                             : array ? VY__SYM_ARRAY
                                     : VY__SYM_VALUE);
  if (!s || bad)
    return;
  s->what = "a parameter";
  s->ty = array ? arg->array->ty : arg->value.ty;
  s->val = arg->value;
  if (!array)
    return;
  s->space = arg->array->space;
  s->ref = arg->array->ref;
  s->ids = arg->array->ids;
  s->length = arg->array->length;
  s->access = item->access;
}

// The body of `d` with its arguments bound; what it results in.
static vy__val run_body(vy__expand *x, vy__decl *d, const argument *args,
                        vy__pos pos) {
  vy__frame frame = {.id = ++x->frames, .decl = d}, *caller = x->frame;
  vy__sym *mark = x->syms;
  vy__around around = x->around;
  x->around = (vy__around){.tail = true};
  d->active = d->expanded = true;
  x->frame = &frame;
  prepare_result(x, &frame, pos);
  uint32_t k = 0;
  for (const vy__item *i = d->items; i; i = i->next)
    declare_param(x, i, &args[k++]);
  if (frame.has_block)
    vy__emit_stmt(x, VY__STMT_BLOCK, VY__NONE, pos);
  vy__expand_stmts(x, d->body);
  if (frame.has_block)
    vy__emit_stmt(x, VY__STMT_END, VY__NONE, pos);
  vy__scope_leave(x, mark);
  x->frame = caller;
  d->active = false;
  x->around = around;
  if (!frame.ty)
    return (vy__val){.ty = &x->nothing};
  if (frame.single)
    return frame.returned ? frame.result : vy__val_error(x);
  return frame.vars ? vy__get_vars(x, frame.vars, frame.ty, pos)
                    : vy__val_error(x);
}

// ---- arguments

static const char *kind_of(uint32_t item_kind) {
  return item_kind == VY__ITEM_BUFFER   ? "a buffer"
         : item_kind == VY__ITEM_SHARED ? "group memory"
                                        : "a private array";
}

static bool same_length(vy__expand *x, const vy__expr *length, uint32_t node) {
  uint64_t a = 0, b = 0;
  vy__size_env env = {0};
  uint32_t want = vy__expand_size(x, length, VY__SIZE_USE_CONSTANT);
  if (want == VY__NONE)
    return true; // reported
  return vy__size_eval(x->ir, want, &env, &a) == VY__SIZE_OK &&
         vy__size_eval(x->ir, node, &env, &b) == VY__SIZE_OK && a == b;
}

static vy__sym *array_argument(vy__expand *x, const vy__expr *arg,
                               const vy__item *item) {
  static const uint8_t spaces[] = {[VY__ITEM_BUFFER] = VY__SPACE_BUFFER,
                                   [VY__ITEM_SHARED] = VY__SPACE_GROUP,
                                   [VY__ITEM_VAR] = VY__SPACE_PRIVATE};
  const vy__ty *ty = vy__ty_of_element(x, item->type);
  vy__sym *s = vy__array_of(x, arg);
  if (!s || vy__ty_bad(ty))
    return NULL;
  if (s->space != spaces[item->kind]) {
    vy__error(x->front, arg->pos, VY__E_WRONG_KIND,
              "parameter `%.*s` takes %s, and `%.*s` is none",
              VY__NAME(item->name), kind_of(item->kind), VY__NAME(s->atom));
    return NULL;
  }
  if (!vy__ty_is(s->ty, ty)) {
    vy__error(x->front, arg->pos, VY__E_TYPE_MISMATCH,
              "parameter `%.*s` takes elements of type %.*s, found %.*s",
              VY__NAME(item->name), VY__STR(ty->name), VY__STR(s->ty->name));
    return NULL;
  }
  if (item->kind == VY__ITEM_BUFFER && item->access != VY_ACCESS_READ &&
      !vy__may_write(x, s, arg->pos))
    return NULL;
  if (item->length && !same_length(x, item->length, s->length)) {
    vy__error(x->front, arg->pos, VY__E_TYPE_MISMATCH,
              "array `%.*s` has not the length that parameter `%.*s` states",
              VY__NAME(s->atom), VY__NAME(item->name));
    return NULL;
  }
  return s;
}

static uint32_t count_items(const vy__decl *d) {
  uint32_t count = 0;
  for (const vy__item *i = d->items; i; i = i->next)
    count++;
  return count;
}

vy__val vy__inline(vy__expand *x, const vy__expr *e, vy__decl *d) {
  if (d->broken)
    return vy__val_error(x);
  if (d->active) {
    vy__error(x->front, e->pos, VY__E_RECURSION, "function `%.*s` calls itself",
              VY__NAME(d->name));
    return vy__val_error(x);
  }
  uint32_t count = count_items(d), k = 0;
  argument *args = vy__new(x->front, count, sizeof(*args));
  if (!vy__check_count(x, e, count) || !args) {
    d->expanded = true; // by a wrong call: no second report
    return vy__val_error(x);
  }
  const vy__item *item = d->items;
  for (const vy__expr *arg = e->a; arg; arg = arg->next, item = item->next) {
    args[k].value = vy__val_error(x);
    if (item->kind == VY__ITEM_VALUE)
      args[k].value =
          vy__eval_as(x, arg, vy__ty_of_value(x, item->type), "the argument");
    else
      args[k].array = array_argument(x, arg, item);
    k++;
  }
  return run_body(x, d, args, e->pos);
}

// ---- a function by itself

// Scalar parameters of the scratch program, one a leaf.
static vy__val made_up_value(vy__expand *x, const vy__ty *ty, vy__pos pos) {
  vy__val v = vy__val_new(x, ty);
  for (uint32_t i = 0; i < v.ty->count; i++) {
    vy__param p = {.type = vy__value_type(ty->leaves[i].type),
                   .length = VY__NONE,
                   .readback_lo = VY__NONE,
                   .readback_hi = VY__NONE};
    vy__value value = vy__make(VY__OP_PARAM, VY__NONE, VY__NONE, VY__NONE);
    value.ref = vy__ir_add_param(x->ir, &p, NULL);
    if (value.ref == VY__NONE)
      vy__front_oom(x->front);
    vy__ids(&v)[i] = vy__emit(x, &value, pos);
  }
  return x->front->halt ? vy__val_error(x) : v;
}

static bool made_up_buffer(vy__expand *x, vy__sym *s, vy_access access) {
  vy__param p = {.access = access,
                 .element_size = s->ty->size,
                 .first_field = x->ir->field_count,
                 .field_count = s->ty->count,
                 .length = VY__NONE,
                 .readback_lo = VY__NONE,
                 .readback_hi = VY__NONE};
  bool fine = true;
  for (uint32_t i = 0; i < s->ty->count; i++) {
    vy__field field = {s->ty->leaves[i].offset, s->ty->leaves[i].type};
    fine &= vy__ir_add_field(x->ir, &field, 0) != VY__NONE;
  }
  s->ref = vy__ir_add_param(x->ir, &p, NULL);
  return fine && s->ref != VY__NONE;
}

static bool made_up_arrays(vy__expand *x, vy__sym *s) {
  vy__size one = {VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, 1};
  uint32_t size = vy__ir_add_size(x->ir, &one, NULL);
  s->length = size;
  s->ids = vy__new(x->front, s->ty->count, sizeof(*s->ids));
  bool fine = s->ids && size != VY__NONE;
  for (uint32_t i = 0; fine && i < s->ty->count; i++) {
    vy__array a = {s->ty->leaves[i].type, size};
    s->ids[i] = s->space == VY__SPACE_GROUP ? vy__ir_add_group(x->ir, &a, 0)
                                            : vy__ir_add_private(x->ir, &a, 0);
    fine = s->ids[i] != VY__NONE;
  }
  return fine;
}

static vy__sym *made_up_array(vy__expand *x, const vy__item *item) {
  vy__sym *s = vy__new(x->front, 1, sizeof(*s));
  const vy__ty *ty = vy__ty_of_element(x, item->type);
  if (!s || vy__ty_bad(ty))
    return NULL;
  s->ty = ty;
  s->atom = item->name;
  s->access = item->access;
  s->space = item->kind == VY__ITEM_BUFFER   ? VY__SPACE_BUFFER
             : item->kind == VY__ITEM_SHARED ? VY__SPACE_GROUP
                                             : VY__SPACE_PRIVATE;
  bool fine = item->kind == VY__ITEM_BUFFER
                  ? made_up_buffer(x, s, (vy_access)item->access)
                  : made_up_arrays(x, s);
  if (!fine)
    vy__front_oom(x->front);
  return fine ? s : NULL;
}

void vy__expand_check(vy__expand *x, vy__decl *d) {
  vy__ir scratch;
  vy__frame outside = {.id = ++x->frames};
  argument *args = vy__new(x->front, count_items(d), sizeof(*args));
  if (!args)
    return;
  vy__ir_init(&scratch, x->front->alloc, false);
  scratch.dimensions = 3;
  x->ir = &scratch;
  x->epoch++;
  x->any_dimension = true;
  x->frame = &outside;
  x->steps = 0;
  uint32_t k = 0;
  for (const vy__item *i = d->items; i; i = i->next, k++)
    if (i->kind == VY__ITEM_VALUE)
      args[k].value = made_up_value(x, vy__ty_of_value(x, i->type), i->pos);
    else
      args[k].array = made_up_array(x, i);
  run_body(x, d, args, d->pos);
  x->any_dimension = false;
  x->ir = NULL;
  vy__ir_free(&scratch);
}

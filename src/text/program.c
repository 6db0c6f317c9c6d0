// A program: parameters, headers, body.
#include "text/expand.h"

void vy__expand_init(vy__expand *x, vy__front *f) {
  *x = (vy__expand){.front = f};
  x->error = (vy__ty){.kind = VY__TY_ERROR, .name = {"an error", 8}};
  x->nothing = (vy__ty){.kind = VY__TY_VOID, .name = {"nothing", 7}};
}

// ---- parameters

static bool add_fields(vy__expand *x, const vy__ty *ty) {
  for (uint32_t i = 0; i < ty->count && !x->front->halt; i++) {
    vy__field f = {ty->leaves[i].offset, ty->leaves[i].type};
    uint32_t name = ty->leaves[i].path.size
                        ? vy__add_name(x, ty->leaves[i].path, (vy_str){NULL, 0})
                        : 0;
    if (vy__ir_add_field(x->ir, &f, name) == VY__NONE)
      vy__front_oom(x->front);
  }
  return !x->front->halt;
}

static const vy__ty *scalar_type(vy__expand *x, const vy__item *item) {
  const vy__ty *ty = vy__ty_of_value(x, item->type);
  if (vy__ty_bad(ty) || ty->kind == VY__TY_SCALAR)
    return ty;
  vy__error(x->front, item->type.pos, VY__E_WRONG_KIND,
            "a parameter of a program is a scalar or a buffer, not %.*s\n"
            "Fix: pass its scalars, or a buffer of one element",
            VY__STR(ty->name));
  return &x->error;
}

static void add_param(vy__expand *x, const vy__item *item) {
  bool buffer = item->kind == VY__ITEM_BUFFER;
  const vy__ty *ty =
      buffer ? vy__ty_of_element(x, item->type) : scalar_type(x, item);
  vy__sym *s = vy__scope_add(x, item->name, item->pos,
                             vy__ty_bad(ty) ? VY__SYM_ERROR
                             : buffer       ? VY__SYM_ARRAY
                                            : VY__SYM_PARAM);
  if (!s || vy__ty_bad(ty))
    return;
  vy__param p = {.access = item->access,
                 .type = buffer ? VY_TYPE_NONE : ty->scalar,
                 .element_size = buffer ? ty->size : 0,
                 .first_field = x->ir->field_count,
                 .field_count = buffer ? ty->count : 0,
                 .length = VY__NONE,
                 .readback_lo = VY__NONE,
                 .readback_hi = VY__NONE};
  p.name = vy__add_name(x, item->name->text, (vy_str){NULL, 0});
  s->ty = ty;
  s->space = VY__SPACE_BUFFER;
  s->access = item->access;
  s->ref = VY__NONE;
  if (buffer && !add_fields(x, ty))
    return;
  if (!buffer)
    p.first_field = 0;
  s->ref = vy__ir_add_param(x->ir, &p, &item->pos);
  if (s->ref == VY__NONE)
    vy__front_oom(x->front);
}

static void add_params(vy__expand *x, const vy__decl *d) {
  uint32_t count = 0;
  for (const vy__item *i = d->items; i && !x->front->halt; i = i->next) {
    if (++count > VY__MAX_PARAMS) {
      vy__limit(x, i->pos, "parameters", VY__MAX_PARAMS);
      return;
    }
    add_param(x, i);
  }
}

// Lengths and readback bounds, when all parameters are known.
static void add_param_sizes(vy__expand *x, const vy__item *item) {
  const vy__sym *s = vy__scope_find(x, item->name);
  if (!s || s->kind != VY__SYM_ARRAY || s->ref == VY__NONE || x->front->halt)
    return;
  uint32_t length = VY__NONE, lo = VY__NONE, hi = VY__NONE;
  if (item->length)
    length = vy__expand_size(x, item->length, VY__SIZE_USE_ARGUMENT);
  if (item->lo && item->access == VY_ACCESS_READ)
    vy__error(x->front, item->lo->pos, VY__E_WRONG_KIND,
              "`readback` on a `read` buffer, of which nothing returns");
  else if (item->lo) {
    lo = vy__expand_size(x, item->lo, VY__SIZE_USE_READBACK);
    hi = vy__expand_size(x, item->hi, VY__SIZE_USE_READBACK);
  }
  x->ir->params[s->ref].length = length;
  x->ir->params[s->ref].readback_lo = lo;
  x->ir->params[s->ref].readback_hi = hi;
}

// ---- headers

static uint32_t list_length(const vy__expr *e) {
  uint32_t count = 0;
  for (; e; e = e->next)
    count++;
  return count;
}

static void add_domain(vy__expand *x, const vy__decl *d) {
  vy__ir *ir = x->ir;
  uint32_t i = 0;
  ir->uses_groups = d->uses_groups;
  for (const vy__expr *e = d->domain; e && i < 3; e = e->next)
    ir->domain[i++] = vy__expand_size(x, e, VY__SIZE_USE_ARGUMENT);
  if (d->group && list_length(d->group) != ir->dimensions) {
    vy__error(x->front, d->group->pos, VY__E_DIMENSION,
              "`group` has %u dimension%s, the domain %u",
              list_length(d->group), d->group->next ? "s" : "", ir->dimensions);
    return;
  }
  i = 0;
  for (const vy__expr *e = d->group; e && i < 3; e = e->next)
    ir->group[i++] = vy__expand_size(x, e, VY__SIZE_USE_CONSTANT);
}

static void add_shared(vy__expand *x, const vy__item *item) {
  const vy__ty *ty = vy__ty_of_element(x, item->type);
  uint32_t length = vy__expand_size(x, item->length, VY__SIZE_USE_CONSTANT);
  bool bad = vy__ty_bad(ty) || length == VY__NONE;
  vy__sym *s = vy__scope_add(x, item->name, item->pos,
                             bad ? VY__SYM_ERROR : VY__SYM_ARRAY);
  if (!s || bad)
    return;
  s->ty = ty;
  s->space = VY__SPACE_GROUP;
  s->length = length;
  s->ids = vy__new(x->front, ty->count, sizeof(*s->ids));
  for (uint32_t i = 0; s->ids && i < ty->count && !x->front->halt; i++) {
    // A tree of its own for each: printed, each is an array of its own.
    uint32_t own =
        i ? vy__expand_size(x, item->length, VY__SIZE_USE_CONSTANT) : length;
    vy__array a = {ty->leaves[i].type, own};
    if (x->ir->group_count >= VY__MAX_ARRAYS) {
      vy__limit(x, item->pos, "group arrays", VY__MAX_ARRAYS);
      return;
    }
    s->ids[i] = vy__ir_add_group(
        x->ir, &a, vy__add_name(x, item->name->text, ty->leaves[i].path));
    if (s->ids[i] == VY__NONE)
      vy__front_oom(x->front);
  }
}

// ---- body

static bool opens(uint32_t kind) {
  return kind == VY__STMT_IF || kind == VY__STMT_WHILE ||
         kind == VY__STMT_FOR || kind == VY__STMT_BLOCK;
}

// Nesting of what the expansion made (calls and `?:` add to it).
static void check_nesting(vy__expand *x) {
  const vy__ir *ir = x->ir;
  uint32_t depth = 0;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    if (ir->stmts[i].kind == VY__STMT_END)
      depth--;
    else if (opens(ir->stmts[i].kind) && ++depth > VY__MAX_NESTING) {
      vy__pos pos = ir->stmt_pos ? ir->stmt_pos[i] : (vy__pos){0, 0, 0};
      vy__error(x->front, pos, VY__E_TEXT_NESTING,
                "expanded, statements are nested more than %d deep",
                VY__MAX_NESTING);
      return;
    }
  }
}

static void drop_last_return(vy__expand *x, const vy__decl *d) {
  const vy__node *last = d->body;
  while (last && last->next)
    last = last->next;
  uint32_t count = x->ir->stmt_count;
  if (last && last->kind == VY__NODE_RETURN && count &&
      x->ir->stmts[count - 1].kind == VY__STMT_RETURN)
    x->ir->stmt_count--;
}

void vy__expand_program(vy__expand *x, vy__decl *d, vy__ir *ir) {
  vy__frame frame = {.id = ++x->frames, .decl = d};
  d->expanded = true;
  x->ir = ir;
  x->epoch++;
  x->frame = &frame;
  x->steps = 0;
  x->any_dimension = !d->domain; // reported; `lane` is fine all the same
  x->around = (vy__around){0};
  vy__sym *mark = x->syms;
  for (uint32_t i = 0; i < 3; i++)
    ir->domain[i] = ir->group[i] = VY__NONE;
  ir->dimensions = list_length(d->domain) > 3 ? 3 : list_length(d->domain);
  ir->name = vy__add_name(x, d->name->text, (vy_str){NULL, 0});
  add_params(x, d);
  for (const vy__item *i = d->items; i; i = i->next)
    add_param_sizes(x, i);
  add_domain(x, d);
  for (const vy__item *i = d->shared; i && !x->front->halt; i = i->next)
    add_shared(x, i);
  vy__expand_stmts(x, d->body);
  vy__scope_leave(x, mark);
  drop_last_return(x, d);
  if (!x->front->errors)
    check_nesting(x);
}

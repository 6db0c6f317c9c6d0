// Types and their layout: that of C, where a vector is so many scalars.
#include "text/expand.h"
#include "text/hints.h"

#include <stdio.h>

const vy__ty *vy__ty_builtin(vy__expand *x, vy_type scalar, uint32_t lanes) {
  const vy__ty **slot = &x->types[scalar][lanes];
  if (*slot)
    return *slot;
  vy__ty *t = vy__new(x->front, 1, sizeof(*t));
  vy__leaf *leaves = vy__new(x->front, lanes, sizeof(*leaves));
  char name[16];
  int size =
      lanes == 1
          ? snprintf(name, sizeof name, "%s", vy__type_name(scalar))
          : snprintf(name, sizeof name, "%sx%u", vy__type_name(scalar), lanes);
  char *copy = vy__arena_str(&x->front->arena, name, (size_t)size);
  if (!t || !leaves || !copy) {
    vy__front_oom(x->front);
    return &x->error;
  }
  uint32_t bytes = vy__type_bytes(scalar);
  for (uint32_t i = 0; i < lanes; i++) {
    leaves[i].offset = i * bytes;
    leaves[i].type = scalar;
    leaves[i].path = lanes == 1 ? (vy_str){"", 0} : (vy_str){&"xyzw"[i], 1};
  }
  *t = (vy__ty){.kind = lanes == 1 ? VY__TY_SCALAR : VY__TY_VECTOR,
                .scalar = (uint8_t)scalar,
                .lanes = (uint8_t)lanes,
                .count = lanes,
                .size = lanes * bytes,
                .align = bytes,
                .leaves = leaves,
                .name = {copy, (size_t)size}};
  return *slot = t;
}

static uint32_t round_up(uint32_t n, uint32_t align) {
  return (n + align - 1) / align * align;
}

// Leaves of member `m`, shifted and with its name before their paths.
static bool add_leaves(vy__expand *x, const vy__member *m, uint32_t offset,
                       vy__leaf *out) {
  for (uint32_t i = 0; i < m->ty->count; i++) {
    const vy__leaf *leaf = &m->ty->leaves[i];
    size_t head = m->name->text.size, tail = leaf->path.size;
    size_t size = head + (tail ? 1 + tail : 0);
    char *path = vy__new(x->front, size + 1, 1);
    if (!path)
      return false;
    memcpy(path, m->name->text.data, head);
    if (tail) {
      path[head] = '.';
      memcpy(path + head + 1, leaf->path.data, tail);
    }
    out[i] = (vy__leaf){offset + leaf->offset, leaf->type, {path, size}};
  }
  return true;
}

static uint32_t count_members(vy__expand *x, const vy__decl *d) {
  uint32_t count = 0;
  for (const vy__item *i = d->items; i; i = i->next, count++)
    for (const vy__item *k = d->items; count < VY__MAX_FIELDS && k != i;
         k = k->next)
      if (k->name == i->name) {
        vy__error(x->front, i->pos, VY__E_DUPLICATE_NAME,
                  "field `%.*s` is declared twice", VY__NAME(i->name));
        break;
      }
  return count;
}

static bool struct_limits(vy__expand *x, const vy__decl *d, uint32_t count,
                          uint32_t size) {
  if (count > VY__MAX_FIELDS || size > VY__MAX_ELEMENT_SIZE)
    vy__error(x->front, d->pos, VY__E_EXPANSION_LIMIT,
              "struct `%.*s` is larger than %d scalars or %d bytes",
              VY__NAME(d->name), VY__MAX_FIELDS, VY__MAX_ELEMENT_SIZE);
  else if (count == 0)
    vy__error(x->front, d->pos, VY__E_WRONG_KIND, "struct `%.*s` has no fields",
              VY__NAME(d->name));
  else
    return true;
  return false;
}

static bool lay_out(vy__expand *x, vy__decl *d, vy__ty *t) {
  t->member_count = count_members(x, d);
  vy__member *members = vy__new(x->front, t->member_count, sizeof(*members));
  if (!members)
    return false;
  t->align = 1;
  vy__member *m = members;
  for (const vy__item *i = d->items; i; i = i->next, m++) {
    *m = (vy__member){i->name, vy__ty_resolve(x, i->type), t->count};
    if (vy__ty_bad(m->ty))
      return false;
    t->size = round_up(t->size, m->ty->align) + m->ty->size;
    t->count += m->ty->count;
    t->align = m->ty->align > t->align ? m->ty->align : t->align;
    if (!struct_limits(x, d, t->count, t->size))
      return false;
  }
  t->size = round_up(t->size, t->align);
  vy__leaf *leaves = vy__new(x->front, t->count, sizeof(*leaves));
  if (!struct_limits(x, d, t->count, t->size) || !leaves)
    return false;
  uint32_t offset = 0;
  for (uint32_t i = 0; i < t->member_count; i++) {
    offset = round_up(offset, members[i].ty->align);
    if (!add_leaves(x, &members[i], offset, leaves + members[i].first))
      return false;
    offset += members[i].ty->size;
  }
  t->members = members;
  t->leaves = leaves;
  return true;
}

const vy__ty *vy__ty_struct(vy__expand *x, vy__decl *d) {
  if (d->broken)
    return &x->error;
  if (d->ty)
    return d->ty;
  if (d->active) {
    vy__error(x->front, d->pos, VY__E_RECURSION,
              "struct `%.*s` contains itself", VY__NAME(d->name));
    return &x->error;
  }
  d->active = true;
  vy__ty *t = vy__enter(x, d->pos) ? vy__new(x->front, 1, sizeof(*t)) : NULL;
  d->ty = &x->error;
  if (t) {
    t->kind = VY__TY_STRUCT;
    t->decl = d;
    t->name = d->name->text;
    d->ty = NULL; // so that a cycle is seen
    const vy__ty *made = lay_out(x, d, t) ? t : &x->error;
    d->ty = made;
  }
  vy__exit(x);
  d->active = false;
  return d->ty;
}

const vy__ty *vy__ty_resolve(vy__expand *x, vy__type_ref name) {
  vy__atom *a = name.atom;
  if (!a)
    return &x->error; // reported when it was parsed
  if (a->type != VY_TYPE_NONE)
    return vy__ty_builtin(x, (vy_type)a->type, a->lanes);
  if (a->decl && a->decl->kind == VY__DECL_STRUCT)
    return vy__ty_struct(x, a->decl);
  if (a->decl || vy__scope_find(x, a))
    vy__error(x->front, name.pos, VY__E_WRONG_KIND, "`%.*s` is not a type",
              VY__NAME(a));
  else if (!a->unknown) {
    const char *fix = vy__type_hint(a->text);
    vy__error(x->front, name.pos, VY__E_UNKNOWN_NAME,
              "there is no type `%.*s`%s%s", VY__NAME(a), fix ? "\nFix: " : "",
              fix ? fix : "");
  }
  a->unknown = true;
  return &x->error;
}

const vy__ty *vy__ty_value(vy__expand *x, const vy__ty *ty) {
  if (ty->kind != VY__TY_SCALAR && ty->kind != VY__TY_VECTOR)
    return ty;
  return vy__ty_builtin(x, vy__value_type((vy_type)ty->scalar), ty->lanes);
}

const vy__ty *vy__ty_of_value(vy__expand *x, vy__type_ref name) {
  const vy__ty *ty = vy__ty_resolve(x, name);
  const vy__ty *wide = vy__ty_value(x, ty);
  if (ty == wide)
    return ty;
  vy__error(x->front, name.pos, VY__E_STORAGE_TYPE,
            "`%.*s` exists in memory only; as a value it is %.*s\n"
            "Fix: write %.*s",
            VY__STR(ty->name), VY__STR(wide->name), VY__STR(wide->name));
  return wide;
}

const vy__ty *vy__ty_of_element(vy__expand *x, vy__type_ref name) {
  const vy__ty *ty = vy__ty_resolve(x, name);
  for (uint32_t i = 0; i < ty->count; i++)
    if (ty->leaves[i].type == VY_TYPE_BOOL) {
      vy__error(x->front, name.pos, VY__E_STORAGE_TYPE,
                "an array element of type `%.*s` holds bool, which memory "
                "does not store\nFix: store u8 or u32, 0 or 1",
                VY__STR(ty->name));
      return &x->error;
    }
  return ty;
}

bool vy__ty_is(const vy__ty *a, const vy__ty *b) {
  return a == b ||
         (a->kind == b->kind && a->kind >= VY__TY_SCALAR &&
          a->scalar == b->scalar && a->lanes == b->lanes && a->decl == b->decl);
}

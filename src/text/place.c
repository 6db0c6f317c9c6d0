// Places: what a name, an index and a field select, before it is loaded or
// stored. A field of an element is then one access, not a load of the whole.
#include "text/expand.h"

static vy__place error_place(vy__expand *x) {
  return (vy__place){.kind = VY__PLACE_ERROR, .ty = &x->error};
}

static vy__place value_place(vy__expand *x, vy__val v) {
  vy__place p = {.kind = VY__PLACE_VALUE, .ty = v.ty, .val = v};
  return vy__ty_bad(v.ty) ? error_place(x) : p;
}

// A leaf that names a parameter, constant or index.
static vy__place leaf_place(vy__expand *x, vy__op op, uint32_t ref,
                            vy__pos pos) {
  vy__value v = vy__make(op, VY__NONE, VY__NONE, VY__NONE);
  v.ref = ref;
  uint32_t id = vy__emit(x, &v, pos);
  if (id == VY__NONE)
    return error_place(x);
  const vy__ty *ty = vy__ty_builtin(x, (vy_type)x->ir->values[id].type, 1);
  return value_place(x, vy__val_one(ty, id));
}

static vy__place place_of_sym(vy__expand *x, vy__sym *s, vy__pos pos) {
  switch ((vy__sym_kind)s->kind) {
  case VY__SYM_ERROR:
    break;
  case VY__SYM_VALUE:
    return value_place(x, s->val);
  case VY__SYM_VAR:
    return (vy__place){.kind = VY__PLACE_VAR, .ty = s->ty, .sym = s};
  case VY__SYM_ARRAY:
    return (vy__place){
        .kind = VY__PLACE_ARRAY, .ty = vy__ty_value(x, s->ty), .sym = s};
  case VY__SYM_PARAM:
    return leaf_place(x, VY__OP_PARAM, s->ref, pos);
  }
  return error_place(x);
}

static vy__place place_of_decl(vy__expand *x, vy__decl *d, vy__pos pos) {
  if (d->kind == VY__DECL_CONST) {
    uint32_t id = vy__const_id(x, d, pos);
    return id == VY__NONE ? error_place(x)
                          : leaf_place(x, VY__OP_SPEC, id, pos);
  }
  if (d->kind == VY__DECL_TABLE) {
    uint32_t id = vy__table_id(x, d, pos);
    const vy__ty *ty = vy__ty_value(x, vy__ty_resolve(x, d->type));
    return id == VY__NONE
               ? error_place(x)
               : (vy__place){.kind = VY__PLACE_ARRAY, .ty = ty, .table = id};
  }
  vy__error(x->front, pos, VY__E_WRONG_KIND, "`%.*s` is a %s, not a value",
            VY__NAME(d->name), d->kind == VY__DECL_FN ? "function" : "type");
  return error_place(x);
}

static vy__place place_of_name(vy__expand *x, const vy__expr *e) {
  vy__sym *s = vy__scope_find(x, e->name);
  if (s)
    return place_of_sym(x, s, e->pos);
  if (e->name->op) {
    if (vy__op_row(e->name->op)->sig != VY__SIG_ID) {
      vy__error(x->front, e->pos, VY__E_WRONG_KIND,
                "`%.*s` is a function: call it", VY__NAME(e->name));
      return error_place(x);
    }
    if (x->ir->dimensions > 1 && !x->any_dimension) {
      vy__error(x->front, e->pos, VY__E_DIMENSION,
                "`%.*s` alone, in a domain of %u dimensions\n"
                "Fix: write %.*s.x, .y or .z",
                VY__NAME(e->name), x->ir->dimensions, VY__NAME(e->name));
      return error_place(x);
    }
    return leaf_place(x, (vy__op)e->name->op, 0, e->pos);
  }
  if (e->name->decl)
    return place_of_decl(x, e->name->decl, e->pos);
  if (!e->name->unknown)
    vy__error(x->front, e->pos, VY__E_UNKNOWN_NAME,
              "`%.*s` is not declared here", VY__NAME(e->name));
  e->name->unknown = true; // once is enough
  return error_place(x);
}

static vy__place place_of_index(vy__expand *x, const vy__expr *e) {
  vy__place p = vy__place_of(x, e->a);
  vy__val index = vy__eval(x, e->b, NULL);
  if (p.kind == VY__PLACE_ERROR || vy__ty_bad(index.ty))
    return error_place(x);
  if (p.kind != VY__PLACE_ARRAY) {
    vy__error(x->front, e->pos, VY__E_WRONG_KIND,
              "only arrays have elements; this is a value of type %.*s",
              VY__STR(p.ty->name));
    return error_place(x);
  }
  if (index.ty->kind != VY__TY_SCALAR ||
      !vy__is_int((vy_type)index.ty->scalar)) {
    vy__error(x->front, e->b->pos, VY__E_TYPE_MISMATCH,
              "an index must be u32, i32, u64 or i64, found %.*s",
              VY__STR(index.ty->name));
    return error_place(x);
  }
  p.kind = VY__PLACE_ELEMENT;
  p.index = index.small[0];
  return p;
}

// ---- fields

static int component(char c) {
  static const char names[] = "xyzw";
  const char *at = c ? strchr(names, c) : NULL;
  return at ? (int)(at - names) : -1;
}

static vy__place report_field(vy__expand *x, const vy__expr *e,
                              const vy__ty *ty) {
  vy__error(x->front, e->pos, VY__E_NO_FIELD, "%.*s has no field `%.*s`",
            VY__STR(ty->name), VY__NAME(e->name));
  return error_place(x);
}

static vy__place swizzle(vy__expand *x, const vy__expr *e, vy__place p) {
  vy_str name = e->name->text;
  vy__place out = p;
  if (name.size > 4)
    return report_field(x, e, p.ty);
  for (uint32_t i = 0; i < name.size; i++) {
    int c = component(name.data[i]);
    if (c < 0 || c >= p.ty->lanes)
      return report_field(x, e, p.ty);
    out.swizzle[i] = p.swizzled ? p.swizzle[c] : (uint8_t)c;
  }
  out.swizzled = true;
  out.ty = vy__ty_builtin(x, (vy_type)p.ty->scalar, (uint32_t)name.size);
  return out;
}

static vy__place place_of_builtin(vy__expand *x, const vy__expr *e) {
  vy_str name = e->name->text;
  int c = name.size == 1 ? component(name.data[0]) : -1;
  if (c < 0 || c > 2) {
    vy__error(x->front, e->pos, VY__E_NO_FIELD,
              "`%.*s` has the fields x, y and z only, not `%.*s`",
              VY__NAME(e->a->name), VY__STR(name));
    return error_place(x);
  }
  if ((uint32_t)c >= x->ir->dimensions && !x->any_dimension) {
    vy__error(x->front, e->pos, VY__E_DIMENSION,
              "`%.*s.%.*s` in a domain of %u dimension%s", VY__NAME(e->a->name),
              VY__STR(name), x->ir->dimensions,
              x->ir->dimensions == 1 ? "" : "s");
    return error_place(x);
  }
  return leaf_place(x, (vy__op)e->a->name->op, (uint32_t)c, e->pos);
}

static vy__place place_of_field(vy__expand *x, const vy__expr *e) {
  if (e->a->kind == VY__EX_NAME && e->a->name->op &&
      vy__op_row(e->a->name->op)->sig == VY__SIG_ID)
    return place_of_builtin(x, e);
  vy__place p = vy__place_of(x, e->a);
  if (p.kind == VY__PLACE_ERROR)
    return p;
  if (p.kind == VY__PLACE_ARRAY) {
    vy__error(x->front, e->pos, VY__E_WRONG_KIND,
              "an array has no fields; its elements may: index it first");
    return error_place(x);
  }
  if (p.ty->kind == VY__TY_VECTOR)
    return swizzle(x, e, p);
  for (uint32_t i = 0; i < p.ty->member_count; i++) {
    const vy__member *m = &p.ty->members[i];
    if (m->name != e->name)
      continue;
    p.first += m->first;
    p.ty = vy__ty_value(x, m->ty);
    return p;
  }
  return report_field(x, e, p.ty);
}

vy__place vy__place_of(vy__expand *x, const vy__expr *e) {
  vy__place p = error_place(x);
  if (vy__enter(x, e->pos))
    p = e->kind == VY__EX_NAME    ? place_of_name(x, e)
        : e->kind == VY__EX_INDEX ? place_of_index(x, e)
        : e->kind == VY__EX_FIELD ? place_of_field(x, e)
                                  : value_place(x, vy__eval(x, e, NULL));
  vy__exit(x);
  return x->front->halt ? error_place(x) : p;
}

// ---- access

static uint32_t leaf_of(const vy__place *p, uint32_t i) {
  return p->first + (p->swizzled ? p->swizzle[i] : i);
}

// LOAD or STORE of leaf `leaf` of the element.
static vy__value access_of(vy__op op, const vy__place *p, uint32_t leaf,
                           uint32_t value) {
  vy__value v = vy__make(op, p->index, value, VY__NONE);
  v.space = p->sym ? p->sym->space : VY__SPACE_TABLE;
  bool buffer = v.space == VY__SPACE_BUFFER;
  v.field = buffer ? leaf : 0;
  v.ref = !p->sym ? p->table : buffer ? p->sym->ref : p->sym->ids[leaf];
  return v;
}

vy__val vy__place_load(vy__expand *x, const vy__place *p, vy__pos pos) {
  if (p->kind == VY__PLACE_ARRAY)
    vy__error(x->front, pos, VY__E_WRONG_KIND,
              "an array is not a value\nFix: index it, or pass it to a "
              "function's array parameter");
  if (p->kind == VY__PLACE_ARRAY || p->kind == VY__PLACE_ERROR)
    return vy__val_error(x);
  vy__val out = vy__val_new(x, p->ty);
  for (uint32_t i = 0; i < out.ty->count; i++) {
    uint32_t leaf = leaf_of(p, i), *id = &vy__ids(&out)[i];
    if (p->kind == VY__PLACE_VALUE) {
      vy__val whole = p->val;
      *id = vy__ids(&whole)[leaf];
      continue;
    }
    vy__value v = vy__make(VY__OP_VAR_GET, VY__NONE, VY__NONE, VY__NONE);
    if (p->kind == VY__PLACE_VAR)
      v.ref = p->sym->ids[leaf];
    else
      v = access_of(VY__OP_LOAD, p, leaf, VY__NONE);
    *id = vy__emit(x, &v, pos);
    if (*id == VY__NONE)
      return vy__val_error(x);
  }
  return out;
}

void vy__place_store(vy__expand *x, const vy__place *p, vy__val *v,
                     vy__pos pos) {
  for (uint32_t i = 0; i < v->ty->count; i++) {
    uint32_t leaf = leaf_of(p, i), id = vy__ids(v)[i];
    vy__value set = vy__make(VY__OP_VAR_SET, id, VY__NONE, VY__NONE);
    if (p->kind == VY__PLACE_VAR)
      set.ref = p->sym->ids[leaf];
    else
      set = access_of(VY__OP_STORE, p, leaf, id);
    vy__emit(x, &set, pos);
  }
}

vy__sym *vy__array_of(vy__expand *x, const vy__expr *e) {
  vy__sym *s = e->kind == VY__EX_NAME ? vy__scope_find(x, e->name) : NULL;
  if (s && s->kind == VY__SYM_ARRAY)
    return s;
  if (s && s->kind == VY__SYM_ERROR)
    return NULL;
  if (e->kind == VY__EX_NAME && !s && !e->name->decl && !e->name->op) {
    vy__place_of(x, e); // reports the unknown name
    return NULL;
  }
  vy__error(x->front, e->pos, VY__E_WRONG_KIND,
            "the name of a buffer or array is needed here");
  return NULL;
}

bool vy__may_write(vy__expand *x, const vy__sym *sym, vy__pos pos) {
  if (sym->space != VY__SPACE_BUFFER || sym->access != VY_ACCESS_READ)
    return true;
  vy__error(x->front, pos, VY__E_ACCESS,
            "`%.*s` is a `read` buffer and cannot be written\n"
            "Fix: declare it `update` or `write`",
            VY__NAME(sym->atom));
  return false;
}

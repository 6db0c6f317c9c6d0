// Casts, bitcasts and constructors of vectors and structs.
//
// A cast of untyped literals gives them the type, where they can have it: no
// conversion remains, and `f64(inf)` is the literal. Any other cast is one
// CONVERT a component, even to the type that it has.
#include "text/expand.h"

static vy__val report_storage(vy__expand *x, const vy__expr *e,
                              const vy__ty *ty) {
  vy__error(x->front, e->pos, VY__E_STORAGE_TYPE,
            "`%.*s` exists in memory only; a value cannot become one",
            VY__STR(ty->name));
  return vy__val_error(x);
}

// Evaluate the operand of a cast to scalars of `type`; *done when it is of
// that type already, by being literals.
static vy__val cast_operand(vy__expand *x, const vy__expr *e, vy_type type,
                            bool *done) {
  *done = e->lit && type != VY_TYPE_BOOL &&
          !(e->lit == VY__LIT_FLOAT && vy__is_int(type));
  return vy__eval(x, e, *done ? vy__ty_builtin(x, type, 1) : NULL);
}

static vy__val cast_one(vy__expand *x, const vy__expr *e, const vy__ty *ty) {
  bool done;
  vy__val v = cast_operand(x, e->a, (vy_type)ty->scalar, &done);
  if (vy__ty_bad(v.ty))
    return v;
  if (v.ty->kind == VY__TY_STRUCT ||
      (v.ty->lanes > 1 && v.ty->lanes != ty->lanes)) {
    vy__error(x->front, e->pos, VY__E_BAD_OPERANDS,
              "%.*s cannot be made from %.*s", VY__STR(ty->name),
              VY__STR(v.ty->name));
    return vy__val_error(x);
  }
  if (v.ty->lanes == ty->lanes)
    return done ? v
                : vy__apply(x, VY__OP_CONVERT, (vy_type)ty->scalar, &v, 1,
                            e->pos);
  // f32x3(s): the scalar in every component.
  if (!vy__check_type(x, &v, vy__ty_builtin(x, (vy_type)ty->scalar, 1),
                      e->a->pos, "the component"))
    return vy__val_error(x);
  vy__val out = {.ty = ty};
  for (uint32_t i = 0; i < ty->lanes; i++)
    out.small[i] = v.small[0];
  return out;
}

static vy__val vector_of_parts(vy__expand *x, const vy__expr *e,
                               const vy__ty *ty) {
  vy__val out = {.ty = ty};
  uint32_t count = 0;
  bool fine = true;
  const vy__ty *scalar = vy__ty_builtin(x, (vy_type)ty->scalar, 1);
  for (const vy__expr *arg = e->a; arg; arg = arg->next) {
    vy__val v = vy__eval(x, arg, scalar);
    const vy__ty *part =
        v.ty->kind == VY__TY_VECTOR
            ? vy__ty_builtin(x, (vy_type)ty->scalar, v.ty->lanes)
            : scalar;
    if (!vy__check_type(x, &v, part, arg->pos, "a component")) {
      fine = false;
      continue;
    }
    for (uint32_t i = 0; i < v.ty->count; i++, count++)
      if (count < ty->lanes)
        out.small[count] = v.small[i];
  }
  if (fine && count != ty->lanes)
    vy__error(x->front, e->pos, VY__E_CALL_ARGUMENTS,
              "%.*s takes %u components, found %u", VY__STR(ty->name),
              ty->lanes, count);
  return fine && count == ty->lanes ? out : vy__val_error(x);
}

vy__val vy__eval_cast(vy__expand *x, const vy__expr *e) {
  const vy__ty *ty = vy__ty_resolve(x, e->type);
  if (vy__ty_bad(ty))
    return vy__val_error(x);
  if (ty != vy__ty_value(x, ty))
    return report_storage(x, e, ty);
  if (e->a && !e->a->next)
    return cast_one(x, e, ty);
  if (ty->lanes == 1) {
    vy__check_count(x, e, 1);
    return vy__val_error(x);
  }
  return vector_of_parts(x, e, ty);
}

vy__val vy__eval_bitcast(vy__expand *x, const vy__expr *e) {
  const vy__ty *ty = vy__ty_resolve(x, e->type);
  vy__val v = vy__eval(x, e->a, NULL);
  if (vy__ty_bad(ty) || vy__ty_bad(v.ty))
    return vy__val_error(x);
  if (ty->kind == VY__TY_STRUCT || v.ty->kind == VY__TY_STRUCT ||
      ty->lanes != v.ty->lanes) {
    vy__error(x->front, e->pos, VY__E_BAD_OPERANDS,
              "bitcast from %.*s to %.*s: shapes differ", VY__STR(v.ty->name),
              VY__STR(ty->name));
    return vy__val_error(x);
  }
  if (ty != vy__ty_value(x, ty))
    return report_storage(x, e, ty);
  return vy__apply(x, VY__OP_BITCAST, (vy_type)ty->scalar, &v, 1, e->pos);
}

vy__val vy__eval_struct(vy__expand *x, const vy__expr *e, const vy__ty *ty) {
  if (vy__ty_bad(ty) || !vy__check_count(x, e, ty->member_count))
    return vy__val_error(x);
  vy__val out = vy__val_new(x, ty);
  bool fine = !vy__ty_bad(out.ty);
  const vy__expr *arg = e->a;
  for (uint32_t i = 0; fine && i < ty->member_count; i++, arg = arg->next) {
    const vy__member *m = &ty->members[i];
    vy__val v = vy__eval_as(x, arg, vy__ty_value(x, m->ty), "a field");
    fine = !vy__ty_bad(v.ty);
    for (uint32_t k = 0; k < v.ty->count; k++)
      vy__ids(&out)[m->first + k] = vy__ids(&v)[k];
  }
  return fine ? out : vy__val_error(x);
}

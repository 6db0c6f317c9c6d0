// Specialization constants and tables. Their values are expressions of
// literals: they are expanded into a scratch IR and folded by the evaluator,
// so that a constant is computed exactly as the program would.
#include "semantics/semantics.h"
#include "text/expand.h"

// Bits of every value of the scratch IR in turn; false when one is not pure.
static bool fold(const vy__ir *ir, uint64_t *bits) {
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *v = &ir->values[i];
    const vy__op_info *row = vy__op_row(v->op);
    uint64_t arg[3] = {0, 0, 0};
    if (v->op == VY__OP_CONST) {
      bits[i] = v->imm;
      continue;
    }
    if (row->effect != VY__EFFECT_PURE)
      return false;
    for (uint32_t k = 0; k < row->operands; k++)
      arg[k] = bits[v->a[k]];
    uint32_t typed = row->sig == VY__SIG_SELECT ? v->a[1] : v->a[0];
    vy_type type = (vy_type)ir->values[typed].type;
    if (row->sig == VY__SIG_SHIFT)
      arg[1] = vy__shift_amount(type, arg[1]);
    bits[i] = vy__evaluate((vy__op)v->op, type, (vy_type)v->type, arg[0],
                           arg[1], arg[2]);
  }
  return true;
}

static bool compute(vy__expand *x, const vy__expr *e, const vy__ty *ty,
                    uint64_t *out) {
  vy__val v = vy__eval_as(x, e, ty, "the value");
  if (vy__ty_bad(v.ty))
    return false;
  uint64_t *bits =
      vy__calloc(x->front->alloc, x->ir->value_count, sizeof(*bits));
  if (!bits) {
    vy__front_oom(x->front);
    return false;
  }
  bool fine = x->ir->stmt_count == 0 && fold(x->ir, bits);
  if (fine)
    *out = bits[v.small[0]];
  else
    vy__error(x->front, e->pos, VY__E_NOT_CONSTANT,
              "the value of a constant is made of literals only");
  vy__free(x->front->alloc, bits, x->ir->value_count * sizeof(*bits));
  return fine;
}

static const vy__ty *type_of(vy__expand *x, const vy__decl *d) {
  if (d->kind == VY__DECL_CONST) {
    const vy__ty *ty = vy__ty_of_value(x, d->type);
    if (vy__ty_bad(ty) || ty->kind == VY__TY_SCALAR)
      return ty;
    vy__error(x->front, d->type.pos, VY__E_WRONG_KIND,
              "a constant is a scalar, not %.*s", VY__STR(ty->name));
    return &x->error;
  }
  const vy__ty *ty = vy__ty_of_element(x, d->type);
  if (vy__ty_bad(ty) || ty->kind == VY__TY_SCALAR)
    return ty;
  vy__error(x->front, d->type.pos, VY__E_WRONG_KIND,
            "a table holds scalars, not %.*s", VY__STR(ty->name));
  return &x->error;
}

// A table keeps the bits as stored; integers must survive that.
static bool store(vy__expand *x, const vy__expr *e, vy_type type,
                  uint64_t *bits) {
  uint64_t stored = vy__store_convert(type, *bits);
  bool is_float = vy__is_float(vy__value_type(type));
  if (!is_float && vy__load_convert(type, stored) != *bits) {
    vy__error(x->front, e->pos, VY__E_LITERAL_RANGE,
              "this element does not fit %s", vy__type_name(type));
    return false;
  }
  *bits = stored;
  return true;
}

static bool check_length(vy__expand *x, const vy__decl *d, uint32_t *count) {
  *count = 0;
  for (const vy__expr *e = d->values; e; e = e->next)
    ++*count;
  if (d->kind == VY__DECL_CONST)
    return true;
  if (d->length > VY__MAX_TABLE_ELEMENTS || d->length == 0)
    vy__error(x->front, d->pos, VY__E_TABLE_LENGTH,
              "table `%.*s` has %llu elements; 1 to %d are allowed",
              VY__NAME(d->name), (unsigned long long)d->length,
              VY__MAX_TABLE_ELEMENTS);
  else if (*count != d->length)
    vy__error(x->front, d->pos, VY__E_TABLE_LENGTH,
              "table `%.*s` has %llu elements, and %u are given",
              VY__NAME(d->name), (unsigned long long)d->length, *count);
  else
    return true;
  return false;
}

static void compute_all(vy__expand *x, vy__decl *d, const vy__ty *ty) {
  uint32_t count = 0;
  if (vy__ty_bad(ty) || !check_length(x, d, &count))
    return;
  uint64_t *bits = vy__new(x->front, count, sizeof(*bits));
  const vy__ty *value = vy__ty_value(x, ty);
  bool fine = bits != NULL;
  uint32_t i = 0;
  for (const vy__expr *e = d->values; e && bits; e = e->next, i++) {
    x->ir->value_count = x->ir->stmt_count = x->ir->size_count = 0;
    bool ok = compute(x, e, value, &bits[i]);
    if (ok && d->kind == VY__DECL_TABLE)
      ok = store(x, e, (vy_type)ty->scalar, &bits[i]);
    fine &= ok;
  }
  if (fine)
    d->bits = bits;
}

// Compute d->bits once, with no local in sight and no other constant.
static bool evaluate(vy__expand *x, vy__decl *d) {
  if (d->valued || d->broken)
    return d->bits != NULL;
  d->valued = true;
  vy__ir scratch, *ir = x->ir;
  vy__frame outside = {.id = ++x->frames}, *frame = x->frame;
  vy__ir_init(&scratch, x->front->alloc, false);
  x->ir = &scratch;
  x->frame = &outside;
  x->folding = true;
  compute_all(x, d, type_of(x, d));
  x->folding = false;
  x->frame = frame;
  x->ir = ir;
  vy__ir_free(&scratch);
  return d->bits != NULL;
}

static bool may_use(vy__expand *x, const vy__decl *d, vy__pos pos) {
  if (!x->folding)
    return true;
  vy__error(x->front, pos, VY__E_NOT_CONSTANT,
            "the value of a constant is made of literals only, not of `%.*s`",
            VY__NAME(d->name));
  return false;
}

// It is `id` of this program; VY__NONE: it could not be added.
static uint32_t settle(vy__expand *x, vy__decl *d, uint32_t id) {
  if (id == VY__NONE) {
    if (!x->front->halt)
      vy__front_oom(x->front);
    return VY__NONE;
  }
  d->epoch = x->epoch;
  return d->id = id;
}

uint32_t vy__const_id(vy__expand *x, vy__decl *d, vy__pos pos) {
  if (!may_use(x, d, pos) || !evaluate(x, d))
    return VY__NONE;
  if (d->epoch == x->epoch)
    return d->id;
  if (x->ir->const_count >= VY__MAX_CONSTS)
    vy__limit(x, pos, "constants", VY__MAX_CONSTS);
  vy__const c = {vy__add_name(x, d->name->text, (vy_str){NULL, 0}),
                 (uint32_t)type_of(x, d)->scalar, d->bits[0]};
  return settle(x, d, x->front->halt ? VY__NONE : vy__ir_add_const(x->ir, &c));
}

uint32_t vy__table_id(vy__expand *x, vy__decl *d, vy__pos pos) {
  if (!may_use(x, d, pos) || !evaluate(x, d))
    return VY__NONE;
  if (d->epoch == x->epoch)
    return d->id;
  if (x->ir->table_count >= VY__MAX_TABLES)
    vy__limit(x, pos, "tables", VY__MAX_TABLES);
  uint32_t name = vy__add_name(x, d->name->text, (vy_str){NULL, 0});
  uint32_t id = x->front->halt
                    ? VY__NONE
                    : vy__ir_add_table(x->ir, (vy_type)type_of(x, d)->scalar,
                                       d->bits, (uint32_t)d->length, name);
  return settle(x, d, id);
}

bool vy__const_check(vy__expand *x, vy__decl *d) { return evaluate(x, d); }

// Loads and stores: where they go, and whether they may.
#include "backend/cuda/emit/target.h"

vy__ptx_target vy__ptx_target_of(const vy__ptx *p, const vy__value *v,
                                 vy__reg *base) {
  vy__ptx_target t = {.narrow = true};
  const vy__array *a = NULL;
  switch (v->space) {
  case VY__SPACE_GROUP:
    t.space = "shared";
    a = &p->ir->groups[v->ref];
    t.length = p->program->group_lengths[v->ref];
    *base = vy__ptx_name("g%u", v->ref);
    break;
  case VY__SPACE_PRIVATE:
    t.space = "local";
    a = &p->ir->privates[v->ref];
    t.length = p->program->private_lengths[v->ref];
    *base = vy__ptx_name("a%u", v->ref);
    break;
  case VY__SPACE_TABLE:
    t.space = "global";
    t.narrow = false;
    t.stored = (vy_type)p->ir->tables[v->ref].type;
    t.length = p->ir->tables[v->ref].count;
    *base = vy__ptx_name("t%u", v->ref);
    break;
  default: {
    const vy__param *param = &p->ir->params[v->ref];
    const vy__field *field = &p->ir->fields[param->first_field + v->field];
    t.space = "global";
    t.narrow = false;
    t.stored = (vy_type)field->type;
    t.stride = param->element_size;
    t.field = field->offset;
    t.length_reg = vy__ptx_name("ln%u", v->ref);
    *base = vy__ptx_name("lb%u", v->ref);
  }
  }
  if (a)
    t.stored = (vy_type)a->type;
  if (!t.stride)
    t.stride = vy__type_bytes(t.stored);
  return t;
}

static bool is_signed(const vy__ptx *p, uint32_t index) {
  return vy__is_signed((vy_type)p->ir->values[index].type);
}

vy__reg vy__ptx_index64(vy__ptx *p, uint32_t index) {
  vy__reg r = vy__ptx_use(p, index);
  uint64_t bits;
  bool constant = vy__ptx_constant(p, index, &bits);
  if (vy__ptx_is_wide(p, index) && !constant)
    return r;
  vy__reg d = vy__ptx_temp(p, VY__PTX_L);
  if (constant)
    vy__ptx_line(p, "mov.b64 %s, %lld", d.s,
                 vy__ptx_is_wide(p, index) || !is_signed(p, index)
                     ? (long long)bits
                     : (long long)(int32_t)(uint32_t)bits);
  else
    vy__ptx_line(p, "cvt.%s %s, %s",
                 is_signed(p, index) ? "s64.s32" : "u64.u32", d.s, r.s);
  return d;
}

bool vy__ptx_proved(vy__ptx *p, uint32_t value) {
  if (p->strict || p->survives || p->cautious)
    return false;
  uint32_t kind = p->lowered->check[value];
  if (kind == VY__CHECK_FACT && p->fast)
    return p->used_facts = true;
  return kind == VY__CHECK_NONE;
}

// The predicate that must hold, or "". Accesses of an arm are under its own.
static vy__reg check(vy__ptx *p, uint32_t value, const vy__ptx_target *t) {
  const vy__value *v = &p->ir->values[value];
  if (vy__ptx_proved(p, value))
    return p->arm;
  vy__reg inside = vy__ptx_temp(p, VY__PTX_P), length = t->length_reg;
  vy__reg and = {""}, arm = {""};
  if (p->arm.s[0]) {
    and = vy__ptx_name(".and");
    arm = vy__ptx_name(", %s", p->arm.s);
  }
  uint64_t bits;
  bool narrow = !vy__ptx_is_wide(p, v->a[0]) && !p->strict &&
                !vy__ptx_constant(p, v->a[0], &bits);
  if (narrow && !length.s[0]) {
    vy__ptx_line(p, "setp.lt%s.u32 %s, %s, %llu%s", and.s, inside.s,
                 vy__ptx_use(p, v->a[0]).s, (unsigned long long)t->length,
                 arm.s);
  } else if (narrow && !p->many && !is_signed(p, v->a[0])) {
    // (A signed index below zero may be below a length, as 32 bits.)
    vy__ptx_line(p, "setp.lt%s.u32 %s, %s, lw%u%s", and.s, inside.s,
                 vy__ptx_use(p, v->a[0]).s, v->ref, arm.s);
  } else {
    vy__reg index = vy__ptx_index64(p, v->a[0]);
    if (!length.s[0]) {
      length = vy__ptx_temp(p, VY__PTX_L);
      vy__ptx_line(p, "mov.b64 %s, %llu", length.s,
                   (unsigned long long)t->length);
    }
    vy__ptx_line(p, "setp.lt%s.u64 %s, %s, %s%s", and.s, inside.s, index.s,
                 length.s, arm.s);
    if (p->strict) {
      vy__reg bad = vy__ptx_temp(p, VY__PTX_P);
      vy__ptx_line(p, "not.pred %s, %s", bad.s, inside.s);
      vy__ptx_report_bounds(p, value, bad, index, length);
    }
  }
  if (p->survives)
    vy__ptx_line(p, "and.pred %s, %s, alive", inside.s, inside.s);
  return inside;
}

// Does by < 2^k stand in low bits that x, a multiple of 2^k, does not have?
static bool fills_in(const vy__ptx *p, uint32_t x, int64_t by) {
  uint32_t twos = p->unrolled == VY__NONE ? vy__ptx_twos(p, x) : 0;
  return by >= 0 && by < INT64_C(1) << (twos < 16 ? twos : 16);
}

// Where adding c changes no more than the address: x of x + c. So it is where c
// only fills in low bits that x does not have.
uint32_t vy__ptx_split(vy__ptx *p, uint32_t value, const vy__ptx_target *t,
                       int64_t *more) {
  uint32_t index = p->ir->values[value].a[0];
  const vy__value *v = &p->ir->values[index];
  bool sums = t->narrow || (p->lowered->check[value] == VY__CHECK_FACT &&
                            vy__ptx_proved(p, value));
  uint64_t bits;
  for (uint32_t k = 0; v->op == VY__OP_ADD && k < 2; k++) {
    if (!vy__ptx_constant(p, v->a[k], &bits) || vy__ptx_is_wide(p, index))
      continue;
    int64_t by = (int64_t)(t->narrow ? (int32_t)(uint32_t)bits
                                     : (int64_t)(uint32_t)bits);
    bool fits = sums || fills_in(p, v->a[1 - k], by);
    by *= t->stride;
    if (fits && by > -VY__PTX_MAX_OFFSET && by < VY__PTX_MAX_OFFSET) {
      *more = by;
      return v->a[1 - k];
    }
  }
  *more = 0;
  return index;
}

vy__reg vy__ptx_address(vy__ptx *p, const vy__ptx_target *t, vy__reg base,
                        uint32_t index) {
  vy__reg i = vy__ptx_use(p, index);
  if (base.s[0] != 'l') { // a symbol
    vy__reg b = vy__ptx_temp(p, t->narrow ? VY__PTX_R : VY__PTX_L);
    vy__ptx_line(p, "mov.u%u %s, %s", t->narrow ? 32 : 64, b.s, base.s);
    base = b;
  }
  if (t->narrow && vy__ptx_is_wide(p, index)) {
    vy__reg low = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "cvt.u32.u64 %s, %s", low.s, vy__ptx_index64(p, index).s);
    i = low;
  }
  vy__reg d = vy__ptx_temp(p, t->narrow ? VY__PTX_R : VY__PTX_L);
  if (t->narrow)
    vy__ptx_line(p, "mad.lo.u32 %s, %s, %u, %s", d.s, i.s, t->stride, base.s);
  else if (vy__ptx_is_wide(p, index))
    vy__ptx_line(p, "mad.lo.u64 %s, %s, %u, %s", d.s, i.s, t->stride, base.s);
  if (t->narrow || vy__ptx_is_wide(p, index))
    return d;
  // Not mad.wide, of which ptxas makes two to four instructions instead of one.
  vy__ptx_line(p, "mul.wide.%s %s, %s, %u", is_signed(p, index) ? "s32" : "u32",
               d.s, i.s, t->stride);
  vy__ptx_line(p, "add.s64 %s, %s, %s", d.s, d.s, base.s);
  return d;
}

vy__ptx_access vy__ptx_at(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__reg base;
  vy__ptx_target t = vy__ptx_target_of(p, v, &base);
  vy__ptx_access a = {.space = t.space, .stored = t.stored};
  if (v->space == VY__SPACE_GROUP)
    vy__ptx_settle(p);
  a.guard = check(p, value, &t);
  int64_t more;
  uint32_t index = vy__ptx_split(p, value, &t, &more);
  a.offset = more + t.field;
  uint64_t bits;
  if (vy__ptx_constant(p, index, &bits) &&
      bits < VY__PTX_MAX_OFFSET / t.stride) {
    a.offset += (int64_t)(bits * t.stride);
    a.address = base;
  } else {
    a.address = vy__ptx_follow(p, value, &t, base, index, &a.offset);
  }
  return a;
}

vy__reg vy__ptx_guard(const vy__ptx_access *a) {
  vy__reg none = {""};
  return a->guard.s[0] ? vy__ptx_name("@%s ", a->guard.s) : none;
}

const char *vy__ptx_suffix(vy_type type) {
  switch (vy__type_bytes(type)) {
  case 1:
    return type == VY_TYPE_I8 ? "s8" : "u8";
  case 2:
    return type == VY_TYPE_I16 ? "s16" : "u16";
  case 4:
    return "b32";
  default:
    return "b64";
  }
}

bool vy__ptx_is_constant(const vy__ptx *p, const vy__value *v) {
  return v->space == VY__SPACE_TABLE ||
         (v->space == VY__SPACE_BUFFER &&
          p->ir->params[v->ref].access == VY_ACCESS_READ);
}

void vy__ptx_load(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  if (vy__ptx_load_row(p, value) || vy__ptx_load_four(p, value))
    return;
  vy__ptx_access a = vy__ptx_at(p, value);
  vy__reg d = vy__ptx_use(p, value), to = d;
  bool half = vy__ptx_is_half(a.stored);
  if (half)
    to = vy__ptx_temp(p, VY__PTX_R);
  const char *bits =
      vy__ptx_class_of((vy_type)v->type) == VY__PTX_L ? "b64" : "b32";
  if (a.guard.s[0])
    vy__ptx_line(p, "mov.%s %s, 0", bits, to.s);
  vy__ptx_line(p, "%sld.%s%s.%s %s, [%s+%lld]", vy__ptx_guard(&a).s, a.space,
               vy__ptx_is_constant(p, v) ? ".nc" : "", vy__ptx_suffix(a.stored),
               to.s, a.address.s, (long long)a.offset);
  if (half)
    vy__ptx_line(p, "mov.b32 %s, %s", d.s, vy__ptx_loaded(p, a.stored, to).s);
}

void vy__ptx_store(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__ptx_access a = vy__ptx_at(p, value);
  // A NaN shows in buffers only; what is narrowed is canonical anyway.
  bool plain = v->space != VY__SPACE_BUFFER && vy__type_bytes(a.stored) >= 4;
  vy__reg x = vy__ptx_use(p, v->a[1]);
  if (!plain)
    x = vy__ptx_stored(p, a.stored, x, v->a[1]);
  vy__ptx_line(p, "%sst.%s.%s [%s+%lld], %s", vy__ptx_guard(&a).s, a.space,
               vy__ptx_suffix(a.stored), a.address.s, (long long)a.offset, x.s);
}

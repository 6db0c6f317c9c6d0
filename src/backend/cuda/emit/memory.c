// Loads and stores: where they go, and whether they may.
#include "backend/cuda/emit/emit.h"

enum { MAX_OFFSET = 1 << 16 }; // folded into an access

// What an access is made to.
typedef struct target {
  const char *space, *base; // base: a register or symbol
  bool narrow;              // addresses are 32 bits
  uint32_t stride, field;   // bytes
  vy_type stored;
  uint64_t length;    // elements, of what is no buffer
  vy__reg length_reg; // of a buffer
} target;

static target target_of(const vy__ptx *p, const vy__value *v, vy__reg *base) {
  target t = {.narrow = true};
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

static bool is_wide(const vy__ptx *p, uint32_t index) {
  return vy__type_bits((vy_type)p->ir->values[index].type) == 64;
}

static bool is_signed(const vy__ptx *p, uint32_t index) {
  return vy__is_signed((vy_type)p->ir->values[index].type);
}

vy__reg vy__ptx_index64(vy__ptx *p, uint32_t index) {
  vy__reg r = vy__ptx_use(p, index);
  uint64_t bits;
  bool constant = vy__ptx_constant(p, index, &bits);
  if (is_wide(p, index) && !constant)
    return r;
  vy__reg d = vy__ptx_temp(p, VY__PTX_L);
  if (constant)
    vy__ptx_line(p, "mov.b64 %s, %lld", d.s,
                 is_wide(p, index) || !is_signed(p, index)
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
static vy__reg check(vy__ptx *p, uint32_t value, const target *t) {
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
  bool narrow = !is_wide(p, v->a[0]) && !p->strict &&
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
  uint32_t twos = p->unrolled == VY__NONE ? vy__ptx_twos(p, x, 8) : 0;
  return by >= 0 && by < INT64_C(1) << (twos < 16 ? twos : 16);
}

// Index = x + c where adding c changes no more than the address? Then x. So it
// is where c only fills in low bits that x does not have.
static uint32_t split(vy__ptx *p, uint32_t value, const target *t,
                      int64_t *more) {
  uint32_t index = p->ir->values[value].a[0];
  const vy__value *v = &p->ir->values[index];
  bool sums = t->narrow || (p->lowered->check[value] == VY__CHECK_FACT &&
                            vy__ptx_proved(p, value));
  uint64_t bits;
  for (uint32_t k = 0; v->op == VY__OP_ADD && k < 2; k++) {
    if (!vy__ptx_constant(p, v->a[k], &bits) || is_wide(p, index))
      continue;
    int64_t by = (int64_t)(t->narrow ? (int32_t)(uint32_t)bits
                                     : (int64_t)(uint32_t)bits);
    bool fits = sums || fills_in(p, v->a[1 - k], by);
    by *= t->stride;
    if (fits && by > -MAX_OFFSET && by < MAX_OFFSET) {
      *more = by;
      return v->a[1 - k];
    }
  }
  *more = 0;
  return index;
}

static vy__reg address(vy__ptx *p, const target *t, vy__reg base,
                       uint32_t index) {
  vy__reg i = vy__ptx_use(p, index);
  if (base.s[0] != 'l') { // a symbol
    vy__reg b = vy__ptx_temp(p, t->narrow ? VY__PTX_R : VY__PTX_L);
    vy__ptx_line(p, "mov.u%u %s, %s", t->narrow ? 32 : 64, b.s, base.s);
    base = b;
  }
  if (t->narrow && is_wide(p, index)) {
    vy__reg low = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "cvt.u32.u64 %s, %s", low.s, vy__ptx_index64(p, index).s);
    i = low;
  }
  vy__reg d = vy__ptx_temp(p, t->narrow ? VY__PTX_R : VY__PTX_L);
  if (t->narrow)
    vy__ptx_line(p, "mad.lo.u32 %s, %s, %u, %s", d.s, i.s, t->stride, base.s);
  else if (is_wide(p, index))
    vy__ptx_line(p, "mad.lo.u64 %s, %s, %u, %s", d.s, i.s, t->stride, base.s);
  if (t->narrow || is_wide(p, index))
    return d;
  // Not mad.wide, of which ptxas makes two to four instructions instead of one.
  vy__ptx_line(p, "mul.wide.%s %s, %s, %u", is_signed(p, index) ? "s32" : "u32",
               d.s, i.s, t->stride);
  vy__ptx_line(p, "add.s64 %s, %s, %s", d.s, d.s, base.s);
  return d;
}

// ---- copies of a loop's body

// Value `v` as by * (index of the unrolled loop) + what does not change in it,
// modulo 2^32.
static bool moves_by(const vy__ptx *p, uint32_t v, uint32_t depth,
                     uint32_t *by) {
  const vy__value *x = &p->ir->values[v];
  const vy__stmt *loop = &p->ir->stmts[p->unrolled];
  uint32_t a = 0, b = 0;
  uint64_t bits;
  *by = v == loop->a;
  if (v == loop->a)
    return true;
  if (vy__op_row(x->op)->effect == VY__EFFECT_LEAF &&
      x->op != VY__OP_LOOP_INDEX)
    return true;
  if (p->schedule.place[v] <= p->unrolled)
    return true; // made before the loop
  if (vy__type_bits((vy_type)x->type) != 32 || depth == 0)
    return false;
  switch (x->op) {
  case VY__OP_ADD:
  case VY__OP_SUB:
    if (!moves_by(p, x->a[0], depth - 1, &a) ||
        !moves_by(p, x->a[1], depth - 1, &b))
      return false;
    *by = x->op == VY__OP_ADD ? a + b : a - b;
    return true;
  case VY__OP_MUL:
  case VY__OP_SHL:
    if (!vy__ptx_constant(p, x->a[1], &bits) ||
        !moves_by(p, x->a[0], depth - 1, &a))
      return false;
    *by = x->op == VY__OP_MUL ? a * (uint32_t)bits : a << (bits & 31);
    return true;
  default:
    return false;
  }
}

// Is the address in this copy that of the first plus *more? Narrow addresses
// are sums modulo 2^32; others only where the index cannot wrap.
static bool follows(vy__ptx *p, uint32_t value, const target *t, uint32_t index,
                    int64_t *more) {
  uint32_t by;
  if (p->unrolled == VY__NONE || !p->follows || p->inside ||
      is_wide(p, index) || !moves_by(p, index, 8, &by))
    return false;
  bool is_index = index == p->ir->stmts[p->unrolled].a;
  bool fact = p->lowered->check[value] == VY__CHECK_FACT;
  if (!t->narrow && !((fact || is_index) && vy__ptx_proved(p, value)))
    return false;
  if (!t->narrow && (uint64_t)by * p->step * p->copies > MAX_OFFSET)
    return false; // or it goes down, which this cannot tell
  *more = (int64_t)(int32_t)(by * p->step * p->copy) * t->stride;
  return *more > -MAX_OFFSET && *more < MAX_OFFSET;
}

// The address, whatever of it is constant being in *offset.
static vy__reg follow(vy__ptx *p, uint32_t value, const target *t, vy__reg base,
                      uint32_t index, int64_t *offset) {
  uint32_t *has = &p->follow_address[value];
  int64_t more;
  bool can = follows(p, value, t, index, &more);
  if (can && p->copy > 0 && *has != VY__NONE) {
    *offset += more;
    return vy__ptx_name("%ct%u", t->narrow ? 'r' : 'l', *has);
  }
  vy__reg d = address(p, t, base, index);
  *has = can && p->copy == 0 ? p->temps[t->narrow ? VY__PTX_R : VY__PTX_L] - 1
                             : VY__NONE;
  return d;
}

// Do the copies load from four neighbours of some words each, aligned, that
// nothing writes meanwhile?
static bool is_row(vy__ptx *p, uint32_t value, const target *t) {
  const vy__value *v = &p->ir->values[value];
  uint32_t index = v->a[0], by;
  int64_t more;
  if (p->copies % 4 || p->step != 1 || t->stride % 4 || t->stride > 16 ||
      t->field % 4 || vy__type_bytes(t->stored) != 4)
    return false;
  bool still = v->space == VY__SPACE_TABLE ||
               (v->space == VY__SPACE_GROUP && p->quiet) ||
               (v->space == VY__SPACE_BUFFER && !vy__is_ordered(p->ir, v));
  return still && follows(p, value, t, index, &more) &&
         vy__ptx_proved(p, value) && moves_by(p, index, 8, &by) && by == 1 &&
         vy__ptx_twos(p, index, 8) >= 2;
}

bool vy__ptx_is_row(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__reg base;
  if (v->op != VY__OP_LOAD || p->arm.s[0])
    return false;
  target t = target_of(p, v, &base);
  return is_row(p, value, &t);
}

vy__ptx_access vy__ptx_at(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__reg base;
  target t = target_of(p, v, &base);
  vy__ptx_access a = {.space = t.space, .stored = t.stored};
  if (v->space == VY__SPACE_GROUP)
    vy__ptx_settle(p);
  a.guard = check(p, value, &t);
  int64_t more;
  uint32_t index = split(p, value, &t, &more);
  a.offset = more + t.field;
  uint64_t bits;
  if (vy__ptx_constant(p, index, &bits) && bits < MAX_OFFSET / t.stride) {
    a.offset += (int64_t)(bits * t.stride);
    a.address = base;
  } else {
    a.address = follow(p, value, &t, base, index, &a.offset);
  }
  return a;
}

vy__reg vy__ptx_guard(const vy__ptx_access *a) {
  vy__reg none = {""};
  return a->guard.s[0] ? vy__ptx_name("@%s ", a->guard.s) : none;
}

// How an element of `type` travels between memory and its register.
static const char *suffix(vy_type type) {
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

static bool is_constant(const vy__ptx *p, const vy__value *v) {
  return v->space == VY__SPACE_TABLE ||
         (v->space == VY__SPACE_BUFFER &&
          p->ir->params[v->ref].access == VY_ACCESS_READ);
}

// The four neighbours whole, in registers from the one of that number on.
static uint32_t load_neighbours(vy__ptx *p, const vy__value *v, const target *t,
                                vy__reg base) {
  vy__reg at = address(p, t, base, v->a[0]), x[4];
  uint32_t first = p->temps[VY__PTX_R];
  for (uint32_t word = 0; word < t->stride; word += 4) {
    for (uint32_t k = 0; k < 4; k++)
      x[k] = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "ld.%s%s.v4.b32 {%s, %s, %s, %s}, [%s+%u]", t->space,
                 is_constant(p, v) ? ".nc" : "", x[0].s, x[1].s, x[2].s, x[3].s,
                 at.s, 4 * word);
  }
  return first;
}

// A load from a row: all that four copies load, of every field, in the first.
static bool load_row(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  if (p->unrolled == VY__NONE || !vy__ptx_is_row(p, value))
    return false;
  vy__reg base;
  target t = target_of(p, v, &base);
  uint32_t k = 0, copy = p->copy % 4;
  for (; k < p->row_count; k++)
    if (p->rows[k].space == v->space && p->rows[k].ref == v->ref &&
        p->rows[k].index == v->a[0] && p->rows[k].copy == p->copy - copy)
      break;
  if (k == p->row_count) {
    if (copy || k == VY__PTX_ROWS)
      return false;
    p->rows[p->row_count++] =
        (vy__ptx_row){.space = v->space,
                      .ref = v->ref,
                      .index = v->a[0],
                      .copy = p->copy,
                      .first = load_neighbours(p, v, &t, base)};
  }
  vy__ptx_line(p, "mov.b32 %s, rt%u", vy__ptx_use(p, value).s,
               p->rows[k].first + (copy * t.stride + t.field) / 4);
  return true;
}

void vy__ptx_load(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  if (load_row(p, value) || vy__ptx_load_four(p, value))
    return;
  vy__ptx_access a = vy__ptx_at(p, value);
  vy__reg d = vy__ptx_use(p, value), to = d;
  bool narrow = a.stored == VY_TYPE_F16 || a.stored == VY_TYPE_BF16;
  if (narrow)
    to = vy__ptx_temp(p, VY__PTX_R);
  const char *bits =
      vy__ptx_class_of((vy_type)v->type) == VY__PTX_L ? "b64" : "b32";
  if (a.guard.s[0])
    vy__ptx_line(p, "mov.%s %s, 0", bits, to.s);
  vy__ptx_line(p, "%sld.%s%s.%s %s, [%s+%lld]", vy__ptx_guard(&a).s, a.space,
               is_constant(p, v) ? ".nc" : "", suffix(a.stored), to.s,
               a.address.s, (long long)a.offset);
  if (narrow)
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
               suffix(a.stored), a.address.s, (long long)a.offset, x.s);
}

// ---- zeroing

// Bytes rounded up to what stores of 16 cover.
static uint32_t padded(const vy__array *a, uint32_t length) {
  return (length * vy__type_bytes((vy_type)a->type) + 15) & ~15u;
}

uint32_t vy__ptx_private_bytes(const vy__ptx *p, uint32_t array) {
  return padded(&p->ir->privates[array], p->program->private_lengths[array]);
}

uint32_t vy__ptx_group_bytes(const vy__ptx *p, uint32_t array) {
  return padded(&p->ir->groups[array], p->program->group_lengths[array]);
}

static void zero_16(vy__ptx *p, const char *space, const char *at,
                    uint32_t offset) {
  vy__ptx_line(p, "st.%s.v2.b64 [%s+%u], {0, 0}", space, at, offset);
}

enum { ZERO_INLINE = 8 };

// Zero [first, bytes) by steps, 16 bytes a time, of symbol `base`.
static void zero(vy__ptx *p, const char *space, const char *base,
                 uint32_t bytes, const char *first, uint32_t step) {
  vy__reg i = vy__ptx_temp(p, VY__PTX_R), at = vy__ptx_temp(p, VY__PTX_R);
  vy__reg more = vy__ptx_temp(p, VY__PTX_P);
  uint32_t head = vy__ptx_label(p), done = vy__ptx_label(p);
  if (first)
    vy__ptx_line(p, "shl.b32 %s, %s, 4", i.s, first);
  else
    vy__ptx_line(p, "mov.b32 %s, 0", i.s);
  vy__ptx_line(p, "setp.ge.u32 %s, %s, %u", more.s, i.s, bytes);
  vy__ptx_line(p, "@%s bra L%u", more.s, done);
  vy__ptx_place(p, head);
  vy__ptx_line(p, "mov.u32 %s, %s", at.s, base);
  vy__ptx_line(p, "add.u32 %s, %s, %s", at.s, at.s, i.s);
  zero_16(p, space, at.s, 0);
  vy__ptx_line(p, "add.u32 %s, %s, %u", i.s, i.s, step);
  vy__ptx_line(p, "setp.lt.u32 %s, %s, %u", more.s, i.s, bytes);
  vy__ptx_line(p, "@%s bra L%u", more.s, head);
  vy__ptx_place(p, done);
}

void vy__ptx_zero_private(vy__ptx *p, uint32_t array) {
  vy__reg base = vy__ptx_name("a%u", array);
  uint32_t bytes = vy__ptx_private_bytes(p, array);
  if (bytes > 16 * ZERO_INLINE) {
    zero(p, "local", base.s, bytes, NULL, 16);
    return;
  }
  for (uint32_t at = 0; at < bytes; at += 16)
    zero_16(p, "local", base.s, at);
}

// Few stores, the last by those lanes only that are left for it.
static void zero_together(vy__ptx *p, const char *base, uint32_t bytes) {
  uint32_t step = 16 * p->group_size;
  vy__reg at = vy__ptx_temp(p, VY__PTX_R), some = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "mov.u32 %s, %s", at.s, base);
  vy__ptx_line(p, "mad.lo.u32 %s, ltid, 16, %s", at.s, at.s);
  for (uint32_t done = 0; done < bytes; done += step) {
    if (bytes - done >= step) {
      zero_16(p, "shared", at.s, done);
      continue;
    }
    vy__ptx_line(p, "setp.lt.u32 %s, ltid, %u", some.s, (bytes - done) / 16);
    vy__ptx_line(p, "@%s st.shared.v2.b64 [%s+%u], {0, 0}", some.s, at.s, done);
  }
}

void vy__ptx_zero_group(vy__ptx *p) {
  for (uint32_t i = 0; i < p->ir->group_count; i++) {
    vy__reg base = vy__ptx_name("g%u", i);
    uint32_t bytes = vy__ptx_group_bytes(p, i), step = 16 * p->group_size;
    if (bytes <= ZERO_INLINE * step)
      zero_together(p, base.s, bytes);
    else
      zero(p, "shared", base.s, bytes, "ltid", step);
  }
}

// What the lanes of a thread load and store beside each other: elements at an
// index that grows by one from lane to lane go as vectors of four, or of two of
// 8 bytes, where the first is aligned and all are inside for sure; and what one
// lane loads of a buffer that nothing writes, a neighbour need not load again
// (x[i - 1] is the x[i] of the lane before).
//
// Whether an index is a multiple of four, or of two for 8 bytes, may hang on
// what only the launch tells (y * n + x). The code tests it, in front of the
// first store, and goes where nothing is taken to be aligned if it is not.
#include <stdio.h>

#include "backend/cuda/emit/emit.h"

enum { FAR = 1 << 20 }; // constants that tell neighbours apart

static const vy__value *value_at(const vy__ptx *p, uint32_t v) {
  return &p->ir->values[v];
}

void vy__ptx_beside_open(vy__ptx *p) {
  p->near_count = p->even_count = 0;
  p->has_stored = false;
}

static vy_type type_of(const vy__ptx *p, const vy__value *v) {
  return (vy_type)p->ir->fields[p->ir->params[v->ref].first_field + v->field]
      .type;
}

// Bytes of whole elements that are accessed beside each other; 0: they are not.
static uint32_t bytes_beside(const vy__ptx *p, uint32_t id) {
  const vy__value *v = value_at(p, id);
  if (!p->abreast || p->arm.s[0] || v->space != VY__SPACE_BUFFER ||
      !(p->varies[v->a[0]] & VY__PTX_GROWS))
    return 0;
  uint32_t bytes = vy__type_bytes(type_of(p, v));
  return bytes == p->ir->params[v->ref].element_size ? bytes : 0;
}

// ---- indices

// index = base + at
static uint32_t base_of(const vy__ptx *p, uint32_t index, int32_t *at) {
  const vy__value *v = value_at(p, index);
  uint64_t bits;
  *at = 0;
  for (uint32_t k = 0; v->op == VY__OP_ADD && k < 2; k++) {
    if (!vy__ptx_constant(p, v->a[k], &bits))
      continue;
    int32_t c = (int32_t)(uint32_t)bits;
    if (c >= FAR || c <= -FAR)
      continue;
    *at = c;
    return v->a[1 - k];
  }
  return index;
}

// Is the first lane's a multiple of 2^twos, for sure or by a test before?
static bool is_known(vy__ptx *p, uint32_t v, uint32_t twos) {
  p->of_first = true;
  uint32_t sure = vy__ptx_twos(p, v);
  p->of_first = false;
  for (uint32_t k = 0; k < p->even_count; k++)
    if (p->even[k].value == v && p->even[k].twos >= twos)
      return true;
  return sure >= twos;
}

// Of that many neighbours of `bytes` the first of which is aligned.
static uint32_t lanes_of(uint32_t bytes) { return bytes == 8 ? 2 : 4; }

// Is it one for elements of `bytes`? Tested here if it must be; what is none
// for sure is not asked.
static bool is_even(vy__ptx *p, uint32_t index, uint32_t bytes) {
  int32_t at, lanes = (int32_t)lanes_of(bytes);
  uint32_t base = base_of(p, index, &at), twos = lanes == 4 ? 2 : 1;
  if (is_known(p, index, twos))
    return true;
  if (is_known(p, base, twos))
    return at % lanes == 0;
  if (!p->vectors || p->has_stored || p->even_count == VY__PTX_EVEN)
    return false;
  p->even[p->even_count++] =
      (vy__ptx_even){.value = at % lanes ? index : base, .twos = twos};
  vy__reg low = vy__ptx_temp(p, VY__PTX_R), odd = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "and.b32 %s, %s, %d", low.s, vy__ptx_use(p, index).s,
               lanes - 1);
  vy__ptx_line(p, "setp.ne.u32 %s, %s, 0", odd.s, low.s);
  vy__ptx_line(p, "@%s bra L%u", odd.s, p->uneven);
  return true;
}

// ---- what is there already

static const vy__ptx_near *find(const vy__ptx *p, const vy__value *v,
                                uint32_t base, int32_t at) {
  for (uint32_t k = 0; k < p->near_count; k++) {
    const vy__ptx_near *n = &p->near[k];
    if (n->ref == v->ref && n->field == v->field && n->type == v->type &&
        n->base == base && n->at == at)
      return n;
  }
  return NULL;
}

static void keep(vy__ptx *p, const vy__value *v, uint32_t base, int32_t at,
                 vy__reg reg) {
  if (p->near_count < VY__PTX_NEAR && !find(p, v, base, at))
    p->near[p->near_count++] = (vy__ptx_near){.ref = v->ref,
                                              .field = v->field,
                                              .type = v->type,
                                              .base = base,
                                              .at = at,
                                              .reg = reg};
}

// ---- vectors

// Those of lanes from `from` on, as "{x, y, z, w}" or "{x, y}".
static vy__ptx_vector vector_of(const vy__reg x[], uint32_t from,
                                uint32_t bytes) {
  vy__ptx_vector text;
  if (lanes_of(bytes) == 4)
    (void)snprintf(text.s, sizeof text.s, "{%s, %s, %s, %s}", x[from].s,
                   x[from + 1].s, x[from + 2].s, x[from + 3].s);
  else
    (void)snprintf(text.s, sizeof text.s, "{%s, %s}", x[from].s, x[from + 1].s);
  return text;
}

static vy__reg kind_of(vy_type type) {
  uint32_t lanes = lanes_of(vy__type_bytes(type));
  return vy__ptx_name("v%u.%s", lanes, vy__ptx_suffix(type));
}

// Where the vector of lanes from `k` on is, `first` being where that of all is.
// An index that is a multiple of two only may wrap between the vectors.
static vy__ptx_access place_of(vy__ptx *p, uint32_t id, uint32_t k,
                               const vy__ptx_access *first) {
  vy__ptx_access a = *first;
  vy_type type = type_of(p, value_at(p, id));
  if (k == 0 || is_known(p, value_at(p, id)->a[0], 2)) {
    a.offset += k * vy__type_bytes(type);
    return a;
  }
  vy__ptx_turn(p, k);
  a = vy__ptx_at(p, id);
  vy__ptx_turn(p, 0);
  return a;
}

static void load_vectors(vy__ptx *p, uint32_t id, uint32_t bytes) {
  const vy__value *v = value_at(p, id);
  bool still = p->ir->params[v->ref].access == VY_ACCESS_READ;
  vy_type type = type_of(p, v);
  vy__reg x[VY__PTX_LANES], to[VY__PTX_LANES];
  for (uint32_t k = 0; k < p->several; k++) {
    vy__ptx_turn(p, k);
    x[k] = to[k] = vy__ptx_use(p, id);
    if (vy__ptx_is_half(type))
      to[k] = vy__ptx_temp(p, VY__PTX_R);
  }
  vy__ptx_turn(p, 0);
  vy__ptx_access first = vy__ptx_at(p, id);
  for (uint32_t k = 0; k < p->several; k += lanes_of(bytes)) {
    vy__ptx_access a = place_of(p, id, k, &first);
    vy__ptx_line(p, "ld.global%s.%s %s, [%s+%lld]", still ? ".nc" : "",
                 kind_of(type).s, vector_of(to, k, bytes).s, a.address.s,
                 (long long)a.offset);
  }
  for (uint32_t k = 0; k < p->several && vy__ptx_is_half(type); k++)
    vy__ptx_line(p, "mov.b32 %s, %s", x[k].s, vy__ptx_loaded(p, type, to[k]).s);
}

// One by one, but for those that are there.
static void load_rest(vy__ptx *p, uint32_t id, uint32_t base, int32_t at) {
  const vy__value *v = value_at(p, id);
  for (uint32_t k = 0; k < p->several; k++) {
    vy__ptx_turn(p, k);
    const vy__ptx_near *n = find(p, v, base, at + (int32_t)k);
    if (n)
      vy__ptx_line(p, "mov.%s %s, %s",
                   vy__ptx_class_of((vy_type)v->type) == VY__PTX_L ? "b64"
                                                                   : "b32",
                   vy__ptx_use(p, id).s, n->reg.s);
    else
      vy__ptx_load(p, id);
  }
  vy__ptx_turn(p, 0);
}

// Do its lanes go as vectors, if none of them is there?
static bool is_vector(vy__ptx *p, uint32_t id) {
  const vy__value *v = value_at(p, id);
  uint32_t bytes = v->op == VY__OP_LOAD ? bytes_beside(p, id) : 0;
  int32_t at;
  (void)base_of(p, v->a[0], &at);
  return bytes && vy__ptx_proved(p, id) && at % (int32_t)lanes_of(bytes) == 0 &&
         is_even(p, v->a[0], bytes);
}

void vy__ptx_ask_beside(vy__ptx *p, uint32_t id) { (void)is_vector(p, id); }

bool vy__ptx_load_beside(vy__ptx *p, uint32_t id) {
  const vy__value *v = value_at(p, id);
  uint32_t bytes = v->op == VY__OP_LOAD ? bytes_beside(p, id) : 0;
  if (!bytes)
    return false;
  int32_t at;
  uint32_t base = base_of(p, v->a[0], &at);
  bool still = !vy__is_ordered(p->ir, v), some = false;
  for (uint32_t k = 0; still && k < p->several; k++)
    some = some || find(p, v, base, at + (int32_t)k);
  if (!some && is_vector(p, id))
    load_vectors(p, id, bytes);
  else
    load_rest(p, id, still ? base : VY__NONE, at);
  for (uint32_t k = 0; still && k < p->several; k++) {
    vy__ptx_turn(p, k);
    keep(p, v, base, at + (int32_t)k, vy__ptx_use(p, id));
  }
  vy__ptx_turn(p, 0);
  return true;
}

bool vy__ptx_store_beside(vy__ptx *p, uint32_t id) {
  const vy__value *v = value_at(p, id);
  uint32_t bytes = v->op == VY__OP_STORE ? bytes_beside(p, id) : 0;
  bool can = bytes && vy__ptx_proved(p, id) && is_even(p, v->a[0], bytes);
  p->has_stored = p->has_stored || v->op == VY__OP_STORE;
  if (!can)
    return false;
  vy__reg x[VY__PTX_LANES];
  for (uint32_t k = 0; k < p->several; k++) {
    vy__ptx_turn(p, k);
    x[k] = vy__ptx_stored_register(p, id);
  }
  vy__ptx_turn(p, 0);
  vy__ptx_access first = vy__ptx_at(p, id);
  for (uint32_t k = 0; k < p->several; k += lanes_of(bytes)) {
    vy__ptx_access a = place_of(p, id, k, &first);
    vy__ptx_line(p, "st.global.%s [%s+%lld], %s",
                 kind_of(type_of(p, value_at(p, id))).s, a.address.s,
                 (long long)a.offset, vector_of(x, k, bytes).s);
  }
  return true;
}

// Four neighbours accessed as one, where the program names them one by one:
// x[4 * i], x[4 * i + 1], ... of a buffer that nothing writes, in statements
// that run together, or four such stores with no other access between them.
#include "backend/cuda/emit/emit.h"

enum { NEAR = 160 }; // ids and statements that are searched

static const vy__value *value_at(const vy__ptx *p, uint32_t v) {
  return &p->ir->values[v];
}

uint32_t vy__ptx_twos(const vy__ptx *p, uint32_t v, uint32_t depth) {
  const vy__value *x = value_at(p, v);
  uint64_t bits;
  if (p->unrolled != VY__NONE && v == p->ir->stmts[p->unrolled].a)
    return p->index_aligned ? 2 : 0;
  if (vy__ptx_constant(p, v, &bits))
    return bits ? (uint32_t)__builtin_ctzll(bits) : 32;
  if (p->of_first && x->op == VY__OP_LANE && x->ref == 0)
    return 2;
  if (depth == 0)
    return 0;
  uint32_t a = x->op == VY__OP_ADD || x->op == VY__OP_SUB ||
                       x->op == VY__OP_MUL || x->op == VY__OP_SHL
                   ? vy__ptx_twos(p, x->a[0], depth - 1)
                   : 0;
  switch (x->op) {
  case VY__OP_ADD:
  case VY__OP_SUB: {
    uint32_t b = vy__ptx_twos(p, x->a[1], depth - 1);
    return a < b ? a : b;
  }
  case VY__OP_MUL:
    return a + vy__ptx_twos(p, x->a[1], depth - 1);
  case VY__OP_SHL:
    return vy__ptx_constant(p, x->a[1], &bits) ? a + (uint32_t)(bits & 31) : a;
  default:
    return 0;
  }
}

// ---- what is one of four

// An index: base + more.
typedef struct place {
  uint32_t base, more;
} place;

static place place_of(const vy__ptx *p, uint32_t index) {
  const vy__value *v = value_at(p, index);
  uint64_t bits;
  for (uint32_t k = 0; v->op == VY__OP_ADD && k < 2; k++)
    if (vy__ptx_constant(p, v->a[k], &bits) && bits < 1 << 12)
      return (place){v->a[1 - k], (uint32_t)bits};
  return (place){index, 0};
}

// An access to a whole element of four bytes of a buffer, for sure inside.
static bool is_whole(vy__ptx *p, uint32_t id, uint32_t op) {
  const vy__value *v = value_at(p, id);
  if (v->op != op || v->space != VY__SPACE_BUFFER ||
      (op == VY__OP_LOAD && vy__is_ordered(p->ir, v)))
    return false;
  const vy__param *param = &p->ir->params[v->ref];
  uint32_t type = p->ir->fields[param->first_field + v->field].type;
  return param->element_size == 4 && vy__type_bytes((vy_type)type) == 4 &&
         vy__ptx_proved(p, id);
}

// In straight code, and the base is a multiple of four?
static bool may_be_first(vy__ptx *p, uint32_t id, uint32_t op) {
  uint32_t index = value_at(p, id)->a[0];
  return !p->strict && p->unrolled == VY__NONE && !p->abreast && !p->arm.s[0] &&
         is_whole(p, id, op) &&
         vy__type_bits((vy_type)value_at(p, index)->type) == 32 &&
         vy__ptx_twos(p, place_of(p, index).base, 8) >= 2;
}

// Is it of the same four? *k: which.
static bool is_neighbour(vy__ptx *p, uint32_t id, uint32_t of, uint32_t *k) {
  const vy__value *v = value_at(p, id), *w = value_at(p, of);
  if (v->op != w->op || v->space != w->space || v->ref != w->ref)
    return false;
  place x = place_of(p, v->a[0]), y = place_of(p, w->a[0]);
  *k = x.more % 4;
  return x.base == y.base && x.more / 4 == y.more / 4 && is_whole(p, id, v->op);
}

// "[address+offset]" of the first of four of which `id` is one, `k` on.
static vy__reg first_of(vy__ptx *p, uint32_t id, uint32_t k) {
  vy__ptx_access a = vy__ptx_at(p, id);
  return vy__ptx_name("[%s+%lld]", a.address.s, (long long)a.offset - 4 * k);
}

// ---- loads

// Nothing between the statements turns away, so that what is proved at the
// last holds at the first.
static bool run_together(const vy__ptx *p, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++)
    if (p->ir->stmts[i].kind != VY__STMT_EXEC)
      return false;
  return to - from <= NEAR;
}

static bool comes_with(const vy__ptx *p, uint32_t id, uint32_t first) {
  const vy__schedule *s = &p->schedule;
  return vy__scheduled(s, id) && s->scope[id] == s->scope[first] &&
         s->place[id] >= s->place[first] && p->has[id] != p->body &&
         run_together(p, s->place[first], s->place[id]);
}

static bool find_four(vy__ptx *p, uint32_t id, uint32_t all[4]) {
  uint32_t from = id > NEAR ? id - NEAR : 0, seen = 0, k;
  for (uint32_t i = from; i <= id + NEAR && i < p->ir->value_count; i++)
    if (is_neighbour(p, i, id, &k) && !(seen >> k & 1) &&
        comes_with(p, i, id)) {
      seen |= 1u << k;
      all[k] = i;
    }
  return seen == 15;
}

bool vy__ptx_load_four(vy__ptx *p, uint32_t id) {
  uint32_t all[4];
  if (p->has[id] == p->body)
    return true;
  if (!may_be_first(p, id, VY__OP_LOAD) || !find_four(p, id, all))
    return false;
  const vy__value *v = value_at(p, id);
  vy__reg from = first_of(p, id, place_of(p, v->a[0]).more % 4);
  const char *how = p->ir->params[v->ref].access == VY_ACCESS_READ ? ".nc" : "";
  vy__ptx_line(p, "ld.global%s.v4.b32 {%s, %s, %s, %s}, %s", how,
               vy__ptx_use(p, all[0]).s, vy__ptx_use(p, all[1]).s,
               vy__ptx_use(p, all[2]).s, vy__ptx_use(p, all[3]).s, from.s);
  for (uint32_t k = 0; k < 4; k++)
    p->has[all[k]] = p->body;
  return true;
}

// ---- stores

static bool is_variables(const vy__ptx *p, uint32_t stmt) {
  uint32_t op = value_at(p, p->ir->stmts[stmt].a)->op;
  return op == VY__OP_VAR_GET || op == VY__OP_VAR_SET;
}

// The four from statement `i` on, with what is done to variables between them;
// the last one's statement, or VY__NONE.
static uint32_t find_stores(vy__ptx *p, uint32_t i, uint32_t to,
                            uint32_t ids[4]) {
  uint32_t seen = 0, k;
  for (uint32_t s = i; s < to && s < i + NEAR; s++) {
    if (p->ir->stmts[s].kind != VY__STMT_EXEC)
      return VY__NONE;
    if (is_variables(p, s))
      continue;
    if (!is_neighbour(p, p->ir->stmts[s].a, p->ir->stmts[i].a, &k) ||
        seen >> k & 1)
      return VY__NONE;
    seen |= 1u << k;
    ids[k] = p->ir->stmts[s].a;
    if (seen == 15)
      return s;
  }
  return VY__NONE;
}

vy__reg vy__ptx_stored_register(vy__ptx *p, uint32_t id) {
  const vy__value *v = value_at(p, id);
  const vy__param *param = &p->ir->params[v->ref];
  vy_type type = (vy_type)p->ir->fields[param->first_field + v->field].type;
  vy__reg x = vy__ptx_stored(p, type, vy__ptx_use(p, v->a[1]), v->a[1]), r;
  uint64_t bits;
  if (!vy__ptx_constant(p, v->a[1], &bits))
    return x;
  bool wide = vy__type_bytes(type) == 8;
  r = vy__ptx_temp(p, wide ? VY__PTX_L : VY__PTX_R);
  vy__ptx_line(p, "mov.b%d %s, %s", wide ? 64 : 32, r.s, x.s);
  return r;
}

uint32_t vy__ptx_store_four(vy__ptx *p, uint32_t i, uint32_t to) {
  uint32_t ids[4];
  if (p->ir->stmts[i].kind != VY__STMT_EXEC ||
      !may_be_first(p, p->ir->stmts[i].a, VY__OP_STORE))
    return i;
  uint32_t last = find_stores(p, i, to, ids);
  if (last == VY__NONE)
    return i;
  for (uint32_t s = i; s <= last; s++) {
    vy__ptx_make_at(p, s);
    if (is_variables(p, s))
      vy__ptx_execute(p, p->ir->stmts[s].a);
  }
  vy__reg x[4];
  for (uint32_t k = 0; k < 4; k++)
    x[k] = vy__ptx_stored_register(p, ids[k]);
  vy__reg at = first_of(p, ids[0], 0);
  vy__ptx_line(p, "st.global.v4.b32 %s, {%s, %s, %s, %s}", at.s, x[0].s, x[1].s,
               x[2].s, x[3].s);
  return last + 1;
}

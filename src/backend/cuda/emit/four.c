// Four neighbours accessed as one, where the program names them one by one:
// x[4 * i], x[4 * i + 1], ... of a buffer that nothing writes, in statements
// that run together, or of group memory while nothing is written to it; or four
// such stores with no other access between them.
#include "backend/cuda/emit/emit.h"

enum { NEAR = 160 }; // ids and statements that are searched

static const vy__value *value_at(const vy__ptx *p, uint32_t v) {
  return &p->ir->values[v];
}

static uint32_t known_twos(const void *data, uint32_t v) {
  const vy__ptx *p = data;
  const vy__value *x = value_at(p, v);
  if (p->unrolled != VY__NONE && v == p->ir->stmts[p->unrolled].a)
    return p->index_aligned ? 2 : 0; // of the first copy
  return p->of_first && x->op == VY__OP_LANE && x->ref == 0 ? 2 : 0;
}

uint32_t vy__ptx_twos(const vy__ptx *p, uint32_t v) {
  return vy__twos(p->ir, v, known_twos, p);
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

// The element's type, if it is one of four bytes and no part of a struct.
static bool is_word(const vy__ptx *p, const vy__value *v, vy_type *type) {
  uint32_t size;
  if (v->space == VY__SPACE_GROUP) {
    *type = (vy_type)p->ir->groups[v->ref].type;
    size = 4;
  } else if (v->space == VY__SPACE_BUFFER) {
    const vy__param *param = &p->ir->params[v->ref];
    *type = (vy_type)p->ir->fields[param->first_field + v->field].type;
    size = param->element_size;
  } else {
    return false;
  }
  return size == 4 && vy__type_bytes(*type) == 4;
}

// An access to a whole element of four bytes, for sure inside.
static bool is_whole(vy__ptx *p, uint32_t id, uint32_t op) {
  const vy__value *v = value_at(p, id);
  vy_type type;
  return v->op == op && is_word(p, v, &type) && vy__ptx_proved(p, id);
}

// A multiple of four, in each copy of a loop's body?
static bool is_base(vy__ptx *p, uint32_t base) {
  bool aligned = p->index_aligned;
  p->index_aligned = false; // that says the first copy's is
  uint32_t twos = vy__ptx_twos(p, base);
  p->index_aligned = aligned;
  return twos >= 2;
}

// In straight code, and the base is a multiple of four?
static bool may_be_first(vy__ptx *p, uint32_t id, uint32_t op) {
  const vy__value *v = value_at(p, id);
  bool once = p->unrolled == VY__NONE || v->space == VY__SPACE_GROUP;
  return !p->strict && once && !p->abreast && !p->arm.s[0] &&
         is_whole(p, id, op) &&
         vy__type_bits((vy_type)value_at(p, v->a[0])->type) == 32 &&
         is_base(p, place_of(p, v->a[0]).base);
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

// Has it come with its neighbours? Of interleaved copies, with those of a part
// that all copies have done.
static bool has_come(const vy__ptx *p, uint32_t id) {
  uint32_t when = p->has[id];
  return when == p->body || (when >= p->jam_body && when < p->part_body);
}

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
         s->place[id] >= s->place[first] && !has_come(p, id) &&
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

// All of them, of which `id` is the one at hand.
static void load_all(vy__ptx *p, uint32_t id, const uint32_t all[4]) {
  const vy__value *v = value_at(p, id);
  vy__reg from = first_of(p, id, place_of(p, v->a[0]).more % 4);
  const char *how = v->space == VY__SPACE_GROUP ? "shared"
                    : p->ir->params[v->ref].access == VY_ACCESS_READ
                        ? "global.nc"
                        : "global";
  vy__ptx_line(p, "ld.%s.v4.b32 {%s, %s, %s, %s}, %s", how,
               vy__ptx_use(p, all[0]).s, vy__ptx_use(p, all[1]).s,
               vy__ptx_use(p, all[2]).s, vy__ptx_use(p, all[3]).s, from.s);
  for (uint32_t k = 0; k < 4; k++)
    p->has[all[k]] = p->body;
}

bool vy__ptx_load_four(vy__ptx *p, uint32_t id) {
  uint32_t all[4];
  if (has_come(p, id))
    return true;
  if (vy__is_ordered(p->ir, value_at(p, id)) ||
      !may_be_first(p, id, VY__OP_LOAD) || !find_four(p, id, all))
    return false;
  load_all(p, id, all);
  return true;
}

// Of group memory, in the statements from `i` on, up to the first that does
// more than load and go about with variables.
static bool find_ordered(vy__ptx *p, uint32_t i, uint32_t all[4]) {
  uint32_t first = p->ir->stmts[i].a, seen = 0, k;
  for (uint32_t s = i; s < i + NEAR && seen < 15; s++) {
    if (s == p->ir->stmt_count || p->ir->stmts[s].kind != VY__STMT_EXEC)
      break;
    uint32_t id = p->ir->stmts[s].a;
    if (!vy__ptx_is_variable(p, s) && value_at(p, id)->op != VY__OP_LOAD)
      break;
    if (is_neighbour(p, id, first, &k) && !(seen >> k & 1)) {
      seen |= 1u << k;
      all[k] = id;
    }
  }
  return seen == 15;
}

void vy__ptx_load_ahead(vy__ptx *p, uint32_t i) {
  uint32_t all[4], id = p->ir->stmts[i].a;
  if (p->ir->stmts[i].kind != VY__STMT_EXEC ||
      value_at(p, id)->space != VY__SPACE_GROUP || has_come(p, id) ||
      !may_be_first(p, id, VY__OP_LOAD) ||
      (p->unrolled != VY__NONE && vy__ptx_is_row(p, id)) ||
      !find_ordered(p, i, all))
    return;
  vy__ptx_make_at(p, i);
  load_all(p, id, all);
}

// ---- stores

// The four from statement `i` on, with what is done to variables between them;
// the last one's statement, or VY__NONE.
static uint32_t find_stores(vy__ptx *p, uint32_t i, uint32_t to,
                            uint32_t ids[4]) {
  uint32_t seen = 0, k;
  for (uint32_t s = i; s < to && s < i + NEAR; s++) {
    if (p->ir->stmts[s].kind != VY__STMT_EXEC)
      return VY__NONE;
    if (vy__ptx_is_variable(p, s))
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
  vy__reg x = vy__ptx_use(p, v->a[1]), r;
  uint64_t bits;
  bool wide = vy__type_bits((vy_type)value_at(p, v->a[1])->type) == 64;
  if (v->space == VY__SPACE_BUFFER) { // where a NaN shows
    const vy__param *param = &p->ir->params[v->ref];
    vy_type type = (vy_type)p->ir->fields[param->first_field + v->field].type;
    wide = vy__type_bytes(type) == 8;
    x = vy__ptx_stored(p, type, x, v->a[1]);
  }
  if (!vy__ptx_constant(p, v->a[1], &bits))
    return x;
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
    if (vy__ptx_is_variable(p, s))
      vy__ptx_execute(p, p->ir->stmts[s].a);
  }
  vy__reg x[4];
  for (uint32_t k = 0; k < 4; k++)
    x[k] = vy__ptx_stored_register(p, ids[k]);
  vy__reg at = first_of(p, ids[0], 0);
  bool group = value_at(p, ids[0])->space == VY__SPACE_GROUP;
  vy__ptx_line(p, "st.%s.v4.b32 %s, {%s, %s, %s, %s}",
               group ? "shared" : "global", at.s, x[0].s, x[1].s, x[2].s,
               x[3].s);
  return last + 1;
}

// Rows of lanes in stretches. Along a row of a `lanes` program, y and z stay
// and x grows by one, so a comparison of a value that grows by one with a
// value that stays changes once, and an index that grows by one stays inside
// a buffer up to some lane. Before a stretch it is worked out how far all of
// that holds; the vectors up to there have conditions that are the same for
// all lanes and known, and accesses that need no check. The vector in which
// something changes runs as if nothing were known; then comes the next stretch.
//
// Indices wrap as they do lane by lane: what is compared is how far the first
// one, as it is, may grow.
#include "backend/cpu/emit/memory.h"

enum { MOST_FACTS = 32 };

// What a value is along a row.
typedef enum vy__along {
  ALONG_ANY = 0,
  ALONG_STAYS = 1, // the same in all lanes
  ALONG_GROWS = 2, // by a constant from lane to lane, modulo 2^bits
} vy__along;

static const vy__value *value_at(const vy__flow *f, uint32_t v) {
  return &f->ir->values[v];
}

static vy_type type_of(const vy__flow *f, uint32_t v) {
  return (vy_type)value_at(f, v)->type;
}

// ---- what values are

static bool is_compare(const vy__value *v) {
  return vy__op_row(v->op)->sig == VY__SIG_CMP;
}

// x == c or x < c, of x that grows by one and c that stays, or the reverse.
static bool is_decided(const vy__flow *f, const vy__value *v) {
  const vy__stretch *s = &f->stretch;
  if (!is_compare(v) || !vy__is_int(type_of(f, v->a[0])))
    return false;
  uint8_t a = s->along[v->a[0]], b = s->along[v->a[1]];
  uint32_t grows = v->a[a == ALONG_GROWS ? 0 : 1];
  return a && b && a != b && s->by[grows] == 1;
}

static void grow(vy__flow *f, uint32_t v, int64_t by) {
  if (by <= -(1 << 24) || by >= 1 << 24)
    return;
  f->stretch.along[v] = by ? ALONG_GROWS : ALONG_STAYS;
  f->stretch.by[v] = (int32_t)by;
}

static bool same_number(const vy__flow *f, const vy__value *v) {
  vy_type from = type_of(f, v->a[0]), to = (vy_type)v->type;
  bool widens = from == VY_TYPE_U32 && value_at(f, v->a[0])->op == VY__OP_LANE;
  return (v->op == VY__OP_CONVERT || v->op == VY__OP_BITCAST) &&
         vy__is_int(from) && vy__is_int(to) &&
         (vy__type_bits(from) == vy__type_bits(to) || widens);
}

// As value.c keeps values as scalars that grow evenly.
static void follow(vy__flow *f, uint32_t id) {
  const vy__value *v = value_at(f, id);
  const int32_t *by = f->stretch.by;
  uint32_t a = v->a[0], b = v->a[1];
  if (same_number(f, v)) {
    grow(f, id, by[a]);
    return;
  }
  if (!vy__is_int((vy_type)v->type) || b == VY__NONE)
    return;
  if (v->op == VY__OP_ADD)
    grow(f, id, (int64_t)by[a] + by[b]);
  else if (v->op == VY__OP_SUB)
    grow(f, id, (int64_t)by[a] - by[b]);
}

static void classify(vy__flow *f, uint32_t id) {
  vy__stretch *s = &f->stretch;
  const vy__value *v = value_at(f, id);
  if (f->is_launch[id]) {
    s->along[id] = ALONG_STAYS;
    return;
  }
  if (v->op == VY__OP_LANE) {
    grow(f, id, v->ref == 0);
    return;
  }
  if (vy__op_row(v->op)->effect != VY__EFFECT_PURE)
    return;
  bool stays = true;
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++) {
    if (!s->along[v->a[k]])
      return;
    stays = stays && s->along[v->a[k]] == ALONG_STAYS;
  }
  if (stays || is_decided(f, v))
    s->along[id] = ALONG_STAYS;
  else
    follow(f, id);
}

// ---- which facts there are

// An element of a buffer, at an index of which it can be said how far it is
// inside.
static bool is_access(const vy__flow *f, uint32_t id) {
  const vy__value *v = value_at(f, id);
  if ((v->op != VY__OP_LOAD && v->op != VY__OP_STORE) ||
      v->space != VY__SPACE_BUFFER)
    return false;
  const vy__stretch *s = &f->stretch;
  uint32_t i = v->a[0];
  return !f->is_launch[i] && (s->along[i] == ALONG_STAYS ||
                              (s->along[i] == ALONG_GROWS && s->by[i] == 1));
}

static bool is_event(const vy__flow *f, uint32_t id) {
  const vy__value *v = value_at(f, id);
  return !f->is_launch[id] && f->uses[id] && is_decided(f, v);
}

// The statement at which an access is made.
static uint32_t place_of(const vy__flow *f, uint32_t id) {
  return f->stretch.at_stmt[id] != VY__NONE ? f->stretch.at_stmt[id]
                                            : f->schedule.place[id];
}

// The IF around statement `i` whose condition is known in a stretch, from the
// inside; VY__NONE: none. *truth: what brings lanes here.
static uint32_t condition_around(const vy__flow *f, uint32_t i, bool *truth) {
  for (uint32_t p = f->facts[i].parent; p != VY__NONE;
       i = p, p = f->facts[p].parent) {
    const vy__stmt *s = &f->ir->stmts[p];
    uint32_t middle = f->e->program->match[p];
    if (s->kind != VY__STMT_IF || i == middle ||
        f->stretch.along[s->a] != ALONG_STAYS)
      continue;
    *truth = i < middle;
    return p;
  }
  return VY__NONE;
}

static void want(vy__flow *f, uint32_t id) { f->stretch.wanted[id] = 1; }

// Facts and whatever they are made of.
static void choose(vy__flow *f) {
  vy__stretch *s = &f->stretch;
  uint32_t n = f->ir->value_count, unchecked = 0;
  bool truth;
  for (uint32_t i = 0; i < n; i++) {
    if (is_event(f, i)) {
      want(f, i);
      s->count++;
    } else if (is_access(f, i)) {
      unchecked += f->e->lowered->check[i] != VY__CHECK_FULL;
      s->count++;
      want(f, value_at(f, i)->a[0]);
      uint32_t p = condition_around(f, place_of(f, i), &truth);
      if (p != VY__NONE)
        want(f, f->ir->stmts[p].a);
    }
  }
  if (s->count == unchecked || s->count > MOST_FACTS) {
    s->count = 0;
    return;
  }
  for (uint32_t i = n; i-- > 0;)
    for (uint32_t k = 0; s->wanted[i] && k < 3; k++)
      if (value_at(f, i)->a[k] != VY__NONE)
        want(f, value_at(f, i)->a[k]);
}

bool vy__stretch_plan(vy__flow *f) {
  vy__stretch *s = &f->stretch;
  uint32_t n = f->ir->value_count;
  if (f->strict || f->budgeted || f->split.on || f->e->width == 1)
    return true;
  const vy_allocator *a = f->e->job->alloc;
  s->size = (size_t)n + 1;
  s->along = vy__calloc(a, s->size, 1);
  s->wanted = vy__calloc(a, s->size, 1);
  s->by = vy__calloc(a, s->size, sizeof *s->by);
  s->at_stmt = vy__alloc(a, s->size * sizeof *s->at_stmt);
  s->known = vy__calloc(a, s->size, sizeof(LLVMValueRef));
  s->origin = vy__calloc(a, s->size, sizeof(LLVMValueRef));
  if (!s->along || !s->wanted || !s->by || !s->at_stmt || !s->known ||
      !s->origin)
    return false;
  memset(s->at_stmt, 0xff, s->size * sizeof *s->at_stmt);
  for (uint32_t i = 0; i < f->ir->stmt_count; i++)
    if (f->ir->stmts[i].kind == VY__STMT_EXEC)
      s->at_stmt[f->ir->stmts[i].a] = i;
  vy__schedule_range(&f->schedule, 0, f->ir->stmt_count, NULL, 0, f->stays);
  for (uint32_t i = 0; i < n; i++)
    classify(f, i);
  choose(f);
  return true;
}

void vy__stretch_free(vy__flow *f) {
  const vy_allocator *a = f->e->job->alloc;
  vy__stretch *s = &f->stretch;
  if (s->along)
    vy__free(a, s->along, s->size);
  if (s->wanted)
    vy__free(a, s->wanted, s->size);
  if (s->by)
    vy__free(a, s->by, s->size * sizeof *s->by);
  if (s->at_stmt)
    vy__free(a, s->at_stmt, s->size * sizeof *s->at_stmt);
  if (s->known)
    vy__free(a, s->known, s->size * sizeof(LLVMValueRef));
  if (s->origin)
    vy__free(a, s->origin, s->size * sizeof(LLVMValueRef));
}

// ---- how far they hold

static LLVMValueRef least(vy__flow *f, LLVMValueRef a, LLVMValueRef b) {
  LLVMTypeRef t = vy__t64(f);
  return vy__llvm_intrinsic(f->e, "llvm.umin", &t, 1, (LLVMValueRef[]){a, b},
                            2);
}

// An integer as unsigned i64 in the order of its type.
static LLVMValueRef in_order(vy__flow *f, vy_type type, LLVMValueRef x) {
  LLVMBuilderRef b = f->e->builder;
  if (vy__is_signed(type))
    x = LLVMBuildXor(b, x,
                     LLVMConstInt(LLVMTypeOf(x),
                                  UINT64_C(1) << (vy__type_bits(type) - 1), 0),
                     "");
  return LLVMBuildZExt(b, x, vy__t64(f), "");
}

// Lanes for which a comparison stays what it is at the first.
static LLVMValueRef event(vy__flow *f, uint32_t id, LLVMValueRef *now) {
  const vy__value *v = value_at(f, id);
  LLVMBuilderRef b = f->e->builder;
  bool first = f->stretch.along[v->a[0]] == ALONG_GROWS;
  vy_type type = type_of(f, v->a[0]);
  uint32_t bits = vy__type_bits(type);
  LLVMValueRef x = vy__flow_get(f, v->a[first ? 0 : 1])->scalar;
  LLVMValueRef c = vy__flow_get(f, v->a[first ? 1 : 0])->scalar;
  if (v->op == VY__OP_EQ || v->op == VY__OP_NE) {
    *now = LLVMConstInt(vy__t1(f), v->op == VY__OP_NE, 0);
    return LLVMBuildZExt(b, LLVMBuildSub(b, c, x, ""), vy__t64(f), "");
  }
  // All come down to x < c or x <= c (then x changes it behind c, not at c),
  // or to the opposite of one.
  bool strict = v->op == VY__OP_LT || v->op == VY__OP_GT;
  bool less = (v->op == VY__OP_LT || v->op == VY__OP_LE) == first;
  bool after = less != strict;
  x = in_order(f, type, x);
  c = in_order(f, type, c);
  LLVMValueRef before =
      LLVMBuildICmp(b, after ? LLVMIntULE : LLVMIntULT, x, c, "");
  *now = less ? before : LLVMBuildNot(b, before, "");
  LLVMValueRef change =
      after && bits < 64 ? LLVMBuildAdd(b, c, vy__i64(f, 1), "") : c;
  LLVMValueRef wrap = vy__i64(f, bits < 64 ? UINT64_C(1) << bits : UINT64_MAX);
  return LLVMBuildSub(b, LLVMBuildSelect(b, before, change, wrap, ""), x, "");
}

// Lanes that have an element; UINT64_MAX: all there are.
static LLVMValueRef inside(vy__flow *f, uint32_t id) {
  const vy__value *v = value_at(f, id);
  LLVMBuilderRef b = f->e->builder;
  vy_type type = type_of(f, v->a[0]);
  LLVMValueRef length = vy__flow_length(f, v->ref);
  LLVMValueRef first = vy__index64(f, type, vy__flow_get(f, v->a[0])->scalar);
  if (vy__type_bits(type) < 64)
    length = least(f, length,
                   vy__i64(f, UINT64_C(1) << (type == VY_TYPE_U32 ? 32 : 31)));
  LLVMValueRef some = LLVMBuildICmp(b, LLVMIntULT, first, length, "");
  LLVMValueRef left = f->stretch.along[v->a[0]] == ALONG_STAYS
                          ? vy__i64(f, UINT64_MAX)
                          : LLVMBuildSub(b, length, first, "");
  vy__place p = vy__place_of(f, v);
  f->stretch.origin[id] =
      vy__element_at(f, &p, LLVMBuildSub(b, first, f->stretch.at, ""));
  return LLVMBuildSelect(b, some, left, vy__i64(f, 0), "");
}

// What an access under a condition that is known needs, if it is not to be.
static LLVMValueRef unless_off(vy__flow *f, uint32_t id, LLVMValueRef lanes) {
  LLVMBuilderRef b = f->e->builder;
  bool truth;
  uint32_t p = condition_around(f, place_of(f, id), &truth);
  if (p == VY__NONE)
    return lanes;
  LLVMValueRef c = vy__flow_scalar(f, f->ir->stmts[p].a);
  LLVMValueRef all = vy__i64(f, UINT64_MAX);
  return LLVMBuildSelect(b, c, truth ? lanes : all, truth ? all : lanes, "");
}

LLVMValueRef vy__stretch_open(vy__flow *f, LLVMValueRef at) {
  vy__stretch *s = &f->stretch;
  LLVMValueRef lanes = vy__i64(f, UINT64_MAX);
  uint32_t n = f->ir->value_count;
  s->at = at;
  for (uint32_t i = 0; i < n; i++) {
    const vy__value *v = value_at(f, i);
    if (!s->wanted[i] || f->is_launch[i] || v->op == VY__OP_LANE)
      continue;
    if (is_event(f, i)) {
      LLVMValueRef now;
      lanes = least(f, lanes, event(f, i, &now));
      vy__flow_set_scalar(f, i, now);
    } else {
      vy__flow_make(f, i);
    }
    if (s->along[i] == ALONG_STAYS)
      s->known[i] = vy__flow_scalar(f, i);
  }
  for (uint32_t i = 0; i < n; i++)
    if (is_access(f, i))
      lanes = least(f, lanes, unless_off(f, i, inside(f, i)));
  return lanes;
}

// ---- in a stretch

bool vy__stretch_inside(const vy__flow *f, uint32_t value) {
  return f->stretch.on && f->stretch.origin[value];
}

LLVMValueRef vy__window_at(vy__flow *f, uint32_t value, const vy__place *p,
                           vy_type type, LLVMValueRef first) {
  const vy__stretch *s = &f->stretch;
  if (!vy__stretch_inside(f, value) ||
      s->along[value_at(f, value)->a[0]] != ALONG_GROWS)
    return vy__element_at(f, p, vy__index64(f, type, first));
  LLVMValueRef bytes =
      LLVMBuildMul(f->e->builder, s->at, vy__i64(f, p->stride), "");
  return vy__ptr_add(f, s->origin[value], bytes);
}

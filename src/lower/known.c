// Relations are kept per core: the value that stands for all values which are
// always the same number, found by hashing, and through conversions that lose
// nothing. They form one stack, since control nests.
#include "lower/known.h"

enum {
  MOST_RELATIONS = 16,  // of one value that are looked at, the newest
  DEPTH = 4,            // operands looked through
  CONJUNCTS = 6,        // nested && and || of a condition
  MOST_PARTS = 1 << 20, // of a length
};

static const vy__value *value(const vy__known *k, uint32_t id) {
  return &k->program->ir.values[id];
}

// ---- once, for all values

// Equal pure values are one number; loads are not asked to give it twice.
static uint32_t number(vy__known *k, uint32_t id) {
  const vy__ir *ir = &k->program->ir;
  const vy__op_info *row = vy__op_row(ir->values[id].op);
  if ((row->effect != VY__EFFECT_PURE && row->effect != VY__EFFECT_LEAF) ||
      row->sig == VY__SIG_INDEX)
    return id;
  vy__value key = ir->values[id];
  for (int i = 0; i < 3; i++)
    if (key.a[i] != VY__NONE)
      key.a[i] = k->core[key.a[i]];
  // Cores lose types; the operands' own still tell operations apart.
  uint64_t types = 0;
  for (int i = 0; i < 3; i++)
    if (ir->values[id].a[i] != VY__NONE)
      types = types << 8 | ir->values[ir->values[id].a[i]].type;
  key.imm ^= types << 32;
  uint32_t at = (uint32_t)(vy__value_hash(&key) >> 20) & (k->table_size - 1);
  for (; k->table[at] != VY__NONE; at = (at + 1) & (k->table_size - 1)) {
    const vy__value *other = value(k, k->table[at]);
    const vy__value *own = value(k, id);
    bool same = other->op == own->op && other->type == own->type &&
                other->ref == own->ref && other->imm == own->imm;
    for (int i = 0; same && i < 3; i++) {
      uint32_t x = own->a[i], y = other->a[i];
      same = x == y ||
             (x != VY__NONE && y != VY__NONE && k->core[x] == k->core[y] &&
              value(k, x)->type == value(k, y)->type);
    }
    if (same)
      return k->core[k->table[at]];
  }
  k->table[at] = id;
  return id;
}

static void operands(const vy__interval *all, const vy__value *v,
                     vy__interval at[3]) {
  for (int i = 0; i < 3; i++)
    at[i] = v->a[i] == VY__NONE ? (vy__interval){0, 0} : all[v->a[i]];
}

static void prepare(vy__known *k, uint32_t id) {
  const vy__value *v = value(k, id);
  vy__interval at[3];
  if (v->op != VY__OP_LOOP_INDEX) { // its bounds stand in its statement
    operands(k->range, v, at);
    k->range[id] = vy__interval_step(k->program, id, at, false);
    operands(k->sure, v, at);
    k->sure[id] = vy__interval_step(k->program, id, at, true);
  }
  k->core[id] = number(k, id);
  if (v->op == VY__OP_CONVERT && vy__is_int((vy_type)v->type)) {
    vy_type from = (vy_type)value(k, v->a[0])->type;
    if (vy__is_int(from) &&
        vy__inside(k->range[v->a[0]], vy__interval_of((vy_type)v->type)))
      k->core[id] = k->core[v->a[0]];
  }
}

// Of a loop's variable while it runs; the last trip may be known to the step.
static vy__interval between(vy__interval lo, vy__interval hi,
                            vy__interval step) {
  vy__interval r = {lo.lo, hi.hi - 1};
  if (r.lo > r.hi) // no trip then
    return lo;
  if (lo.lo == lo.hi && step.lo == step.hi && step.lo > 0)
    r.hi = r.lo + (r.hi - r.lo) / step.lo * step.lo;
  return r;
}

// Loop indices have ids above those of their bounds and below their uses.
static void prepare_all(vy__known *k) {
  const vy__ir *ir = &k->program->ir;
  uint32_t next = 0;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *s = &ir->stmts[i];
    if (s->kind != VY__STMT_FOR)
      continue;
    for (; next <= s->a; next++)
      prepare(k, next);
    k->range[s->a] = between(k->range[s->b], k->range[s->c], k->range[s->d]);
    k->sure[s->a] = k->program->value_uniform[s->a]
                        ? between(k->sure[s->b], k->sure[s->c], k->sure[s->d])
                        : vy__interval_of((vy_type)value(k, s->a)->type);
  }
  for (; next < ir->value_count; next++)
    prepare(k, next);
}

// Values that are lengths, and lengths that the program gives.
static void prepare_lengths(vy__known *k) {
  const vy__ir *ir = &k->program->ir;
  vy__size_env none = {0};
  memset(k->length, 0xff, sizeof k->length);
  memset(k->ids, 0xff, sizeof k->ids);
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *v = &ir->values[i];
    if (v->op == VY__OP_LEN || v->op == VY__OP_LEN64)
      k->length[v->op == VY__OP_LEN64][v->ref] = i;
    if (v->op == VY__OP_LANE || v->op == VY__OP_GROUP_ID)
      k->ids[v->op == VY__OP_GROUP_ID][v->ref] = i;
  }
  for (uint32_t i = 0; i < ir->param_count; i++) {
    uint32_t node = ir->params[i].length;
    if (node == VY__NONE ||
        vy__size_eval(ir, node, &none, &k->fixed[i]) != VY__SIZE_OK)
      k->fixed[i] = 0;
  }
}

bool vy__known_begin(vy__known *k, const vy_program *p) {
  size_t n = p->ir.value_count;
  *k = (vy__known){.program = p, .alloc = p->ir.alloc, .table_size = 64};
  while (k->table_size < 2 * n)
    k->table_size *= 2;
  k->range = vy__calloc(k->alloc, 2 * n, sizeof *k->range);
  k->core = vy__alloc(k->alloc, 2 * n * sizeof *k->core);
  k->table = vy__alloc(k->alloc, k->table_size * sizeof *k->table);
  if (!k->range || !k->core || !k->table)
    return false;
  k->sure = k->range + n;
  k->newest = k->core + n;
  memset(k->newest, 0xff, n * sizeof *k->newest);
  memset(k->table, 0xff, k->table_size * sizeof *k->table);
  prepare_lengths(k);
  prepare_all(k);
  return true;
}

void vy__known_end(vy__known *k) {
  size_t n = k->program->ir.value_count;
  vy__free(k->alloc, k->range, 2 * n * sizeof *k->range);
  vy__free(k->alloc, k->core, 2 * n * sizeof *k->core);
  vy__free(k->alloc, k->table, k->table_size * sizeof *k->table);
  vy__free(k->alloc, k->relations, k->capacity * sizeof *k->relations);
}

// ---- learning and forgetting

static void add(vy__known *k, vy__relation r) {
  if (!vy__grow(k->alloc, (void **)&k->relations, &k->capacity, k->count + 1,
                sizeof *k->relations)) {
    k->failed = true;
    return;
  }
  r.previous = k->newest[r.value];
  k->newest[r.value] = (uint32_t)k->count;
  k->relations[k->count++] = r;
}

void vy__known_forget(vy__known *k, size_t mark) {
  while (k->count > mark) {
    const vy__relation *r = &k->relations[--k->count];
    k->newest[r->value] = r->previous;
  }
}

static void bound(vy__known *k, uint32_t id, vy__wide lo, vy__wide hi) {
  vy__interval all = vy__interval_of((vy_type)value(k, id)->type);
  if (lo > all.lo || hi < all.hi)
    add(k, (vy__relation){
               .value = k->core[id], .param = VY__NONE, .lo = lo, .hi = hi});
}

uint32_t vy__known_peel(const vy__known *k, uint32_t id, vy__wide *n) {
  const vy__value *v = value(k, id);
  *n = 0;
  while (v->op == VY__OP_CONVERT && k->core[id] == k->core[v->a[0]]) {
    id = v->a[0];
    v = value(k, id);
  }
  if ((v->op != VY__OP_ADD && v->op != VY__OP_SUB) ||
      value(k, v->a[1])->op != VY__OP_CONST)
    return id;
  vy__interval x = vy__known_range(k, v->a[0]);
  vy__interval all = vy__interval_of((vy_type)v->type);
  vy__wide c = k->range[v->a[1]].lo, size = all.hi - all.lo + 1;
  if (v->op == VY__OP_SUB)
    c = -c;
  // As it stands, or one turn less: x + 0xffffffff is x - 1.
  for (int turn = 0; turn < 2; turn++, c -= size)
    if (x.lo + c >= all.lo && x.hi + c <= all.hi) {
      *n = c;
      return v->a[0];
    }
  return id;
}

// The buffer of whose length `id` is the n-th part, or VY__NONE. Only of those
// whose length has 32 bits: then no index below it wraps.
static uint32_t part_of(const vy__known *k, uint32_t id, uint32_t *n) {
  const vy__value *v = value(k, id);
  if (v->op != VY__OP_DIV && v->op != VY__OP_SHR)
    return VY__NONE;
  const vy__value *x = value(k, v->a[0]), *by = value(k, v->a[1]);
  if (x->op != VY__OP_LEN || by->op != VY__OP_CONST || by->imm > MOST_PARTS)
    return VY__NONE;
  *n = (uint32_t)by->imm;
  if (v->op == VY__OP_SHR)
    *n = *n < 31 ? UINT32_C(1) << *n : 0;
  return *n ? vy__size_root(&k->program->ir, x->ref) : VY__NONE;
}

// x is below y (or, with `slack` 0, at most y).
static void less(vy__known *k, uint32_t x, uint32_t y, int slack, int depth) {
  vy__interval a = vy__known_range(k, x), b = vy__known_range(k, y);
  bound(k, x, a.lo, b.hi - slack);
  bound(k, y, a.lo + slack, b.hi);
  const vy__value *v = value(k, y);
  while (v->op == VY__OP_CONVERT && k->core[y] == k->core[v->a[0]]) {
    y = v->a[0];
    v = value(k, y);
  }
  vy__relation r = {0};
  if (slack && v->op == VY__OP_PARAM) {
    r.param = VY__KNOWN_SCALAR;
    r.hi = v->ref;
    r.value = k->core[vy__known_peel(k, x, &r.lo)];
    add(k, r);
  } else if (slack && (v->op == VY__OP_LEN || v->op == VY__OP_LEN64)) {
    r.param = vy__size_root(&k->program->ir, v->ref);
    r.value = k->core[vy__known_peel(k, x, &r.lo)];
    add(k, r);
  } else if (slack && a.lo >= 0 &&
             (r.param = part_of(k, y, &r.times)) != VY__NONE) {
    r.value = k->core[x];
    r.lo = r.times - 1; // without times as well: x is not negative
    add(k, r);
  } else if (v->op == VY__OP_MIN && depth < DEPTH) {
    less(k, x, v->a[0], slack, depth + 1);
    less(k, x, v->a[1], slack, depth + 1);
  }
}

static void equal(vy__known *k, uint32_t x, uint32_t y) {
  vy__interval a = vy__known_range(k, x), b = vy__known_range(k, y);
  bound(k, x, b.lo, b.hi);
  bound(k, y, a.lo, a.hi);
}

static void differ(vy__known *k, uint32_t x, uint32_t y) {
  vy__interval a = vy__known_range(k, x), b = vy__known_range(k, y);
  if (b.lo == b.hi && b.lo == a.lo)
    bound(k, x, a.lo + 1, a.hi);
  else if (b.lo == b.hi && b.lo == a.hi)
    bound(k, x, a.lo, a.hi - 1);
}

static void compare(vy__known *k, const vy__value *v, bool truth) {
  uint32_t x = v->a[0], y = v->a[1];
  if (!vy__is_int((vy_type)value(k, x)->type))
    return;
  switch (v->op) {
  case VY__OP_EQ:
    if (truth)
      equal(k, x, y);
    else
      differ(k, x, y);
    break;
  case VY__OP_NE:
    if (truth)
      differ(k, x, y);
    else
      equal(k, x, y);
    break;
  case VY__OP_LT: // not a < b: b <= a
    less(k, truth ? x : y, truth ? y : x, truth, 0);
    break;
  case VY__OP_GE:
    less(k, truth ? y : x, truth ? x : y, !truth, 0);
    break;
  case VY__OP_GT:
    less(k, truth ? y : x, truth ? x : y, truth, 0);
    break;
  case VY__OP_LE:
    less(k, truth ? x : y, truth ? y : x, !truth, 0);
    break;
  default:
    break;
  }
}

static void assume(vy__known *k, uint32_t condition, bool truth, int depth) {
  const vy__value *v = value(k, condition);
  if (depth > CONJUNCTS)
    return;
  if (v->op == VY__OP_NOT)
    assume(k, v->a[0], !truth, depth + 1);
  else if (v->op == (truth ? VY__OP_AND : VY__OP_OR)) {
    assume(k, v->a[0], truth, depth + 1);
    assume(k, v->a[1], truth, depth + 1);
  } else if (vy__op_row(v->op)->sig == VY__SIG_CMP) {
    compare(k, v, truth);
  }
}

void vy__known_assume(vy__known *k, uint32_t condition, bool truth) {
  assume(k, condition, truth, 0);
}

void vy__known_loop(vy__known *k, const vy__stmt *loop) {
  less(k, loop->a, loop->c, 1, 0);
  less(k, loop->b, loop->a, 0, 0);
}

// ---- asking

static vy__interval narrowed(const vy__known *k, uint32_t id, vy__interval r) {
  uint32_t at = k->newest[k->core[id]];
  for (int n = 0; at != VY__NONE && n < MOST_RELATIONS; n++) {
    const vy__relation *rel = &k->relations[at];
    if (rel->param == VY__NONE) {
      r.lo = rel->lo > r.lo ? rel->lo : r.lo;
      r.hi = rel->hi < r.hi ? rel->hi : r.hi;
    }
    at = rel->previous;
  }
  return r;
}

static vy__interval range_of(const vy__known *k, uint32_t id, int depth) {
  const vy__value *v = value(k, id);
  vy__interval base = k->range[id], r = base;
  if (!k->count)
    return base;
  if (depth > 0 && vy__op_row(v->op)->effect == VY__EFFECT_PURE) {
    vy__interval at[3];
    for (int i = 0; i < 3; i++)
      at[i] = v->a[i] == VY__NONE ? (vy__interval){0, 0}
                                  : range_of(k, v->a[i], depth - 1);
    vy__interval anew = vy__interval_step(k->program, id, at, false);
    r.lo = anew.lo > r.lo ? anew.lo : r.lo;
    r.hi = anew.hi < r.hi ? anew.hi : r.hi;
  }
  r = narrowed(k, id, r);
  return r.lo <= r.hi ? r : base; // else nothing comes here
}

vy__interval vy__known_range(const vy__known *k, uint32_t id) {
  return range_of(k, id, DEPTH);
}

// The least that len(param) can be here.
static vy__wide shortest(const vy__known *k, uint32_t param) {
  vy__wide least = k->fixed[param];
  for (int wide = 0; wide < 2; wide++) {
    uint32_t id = k->length[wide][param];
    vy__wide lo = id == VY__NONE ? 0 : vy__known_range(k, id).lo;
    least = lo > least ? lo : least;
  }
  return least;
}

bool vy__known_below(const vy__known *k, uint32_t id, uint32_t param,
                     uint32_t bytes) {
  vy__wide n;
  vy__interval r = vy__known_range(k, id);
  if (r.lo < 0)
    return false;
  if (r.hi + bytes - 1 < shortest(k, param))
    return true;
  uint32_t base = vy__known_peel(k, id, &n);
  uint32_t at = k->newest[k->core[base]];
  param = vy__size_root(&k->program->ir, param);
  for (int i = 0; at != VY__NONE && i < MOST_RELATIONS; i++) {
    const vy__relation *rel = &k->relations[at];
    if (rel->param == param && n + bytes - 1 <= rel->lo)
      return true;
    at = rel->previous;
  }
  return false;
}

static bool is_under(const vy__known *k, uint32_t id, vy__wide more,
                     uint32_t param, int depth) {
  uint32_t at = k->newest[k->core[id]];
  for (int i = 0; at != VY__NONE && i < MOST_RELATIONS; i++) {
    const vy__relation *rel = &k->relations[at];
    if (rel->param == VY__KNOWN_SCALAR && rel->hi == param && more <= rel->lo)
      return true;
    at = rel->previous;
  }
  const vy__value *v = value(k, id);
  if (v->op == VY__OP_MIN && depth > 0)
    return is_under(k, v->a[0], more, param, depth - 1) ||
           is_under(k, v->a[1], more, param, depth - 1);
  vy__wide n; // the parameter less something
  const vy__value *base = value(k, vy__known_peel(k, id, &n));
  return base->op == VY__OP_PARAM && base->ref == param && n + more < 0;
}

bool vy__known_under(const vy__known *k, uint32_t id, vy__wide more,
                     uint32_t param) {
  return is_under(k, id, more, param, DEPTH);
}

// Is id * each + more < len(param) here?
static bool part_below(const vy__known *k, uint32_t id, uint32_t param,
                       uint64_t each, uint64_t more) {
  uint32_t at = id == VY__NONE ? VY__NONE : k->newest[k->core[id]];
  param = vy__size_root(&k->program->ir, param);
  for (int i = 0; at != VY__NONE && i < MOST_RELATIONS; i++) {
    const vy__relation *rel = &k->relations[at];
    if (rel->param == param && each <= rel->times && more <= rel->lo)
      return true;
    at = rel->previous;
  }
  return false;
}

// Of all relations of `id` to the parts of a length: is id * each below it?
// *most: by how much, at least.
static bool times_below(const vy__known *k, uint32_t id, uint32_t param,
                        uint64_t each, vy__wide *most) {
  uint32_t at = k->newest[k->core[id]];
  for (int i = 0; at != VY__NONE && i < MOST_RELATIONS; i++) {
    const vy__relation *rel = &k->relations[at];
    if (rel->param == param && rel->times && each <= rel->times) {
      *most = rel->lo;
      return true;
    }
    at = rel->previous;
  }
  return false;
}

// `id` as a sum: *most, once found, of the one part that is bounded by the
// length, *rest of all others, none of which is negative.
static bool sum_below(const vy__known *k, uint32_t id, uint32_t param,
                      vy__wide *most, vy__wide *rest, int depth) {
  const vy__value *v = value(k, id);
  if (v->op == VY__OP_ADD && depth > 0)
    return sum_below(k, v->a[0], param, most, rest, depth - 1) &&
           sum_below(k, v->a[1], param, most, rest, depth - 1);
  bool shifts = v->op == VY__OP_SHL;
  if (*most < 0 && (shifts || v->op == VY__OP_MUL) &&
      value(k, v->a[1])->op == VY__OP_CONST) {
    uint64_t by = value(k, v->a[1])->imm;
    by = !shifts ? by : by < 31 ? UINT64_C(1) << by : UINT64_MAX;
    if (times_below(k, v->a[0], param, by, most))
      return true;
  }
  vy__interval r = vy__known_range(k, id);
  *rest += r.hi;
  return r.lo >= 0;
}

// Is the index a multiple of a number that is below a part of the length, and
// less than the rest of that part? A sum below the length has not wrapped.
static bool is_in_part(const vy__known *k, uint32_t id, uint32_t param,
                       uint32_t bytes) {
  vy__wide most = -1, rest = 0;
  param = vy__size_root(&k->program->ir, param);
  return value(k, id)->type == VY_TYPE_U32 &&
         sum_below(k, id, param, &most, &rest, DEPTH) &&
         rest + bytes - 1 <= most;
}

bool vy__known_whole(const vy__known *k, uint32_t id, const vy__affine *a,
                     uint32_t param, uint32_t bytes) {
  int d = 0;
  if (is_in_part(k, id, param, bytes))
    return true;
  while (d < 2 && !a->lane[d] && !a->group[d])
    d++;
  for (int other = d + 1; other < 3; other++)
    if (a->lane[other] || a->group[other])
      return false;
  if (!a->known)
    return false;
  uint64_t more = a->offset + bytes - 1;
  if (!a->group[d] && part_below(k, k->ids[0][d], param, a->lane[d], more))
    return true;
  // A lane's id is at most group_id * size + size - 1.
  uint64_t lane = a->lane[d], size = k->program->group_size[d];
  return k->program->ir.uses_groups &&
         part_below(k, k->ids[1][d], param, lane * size + a->group[d],
                    more + lane * (size - 1));
}

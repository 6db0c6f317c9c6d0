// Loads and stores of every k-th word: a field of an array of structs, or an
// index that grows by more than one. The words between are read as whole
// vectors, which the loads of other fields and of neighbours share, and the
// wanted ones are picked out. Stores are put together where lanes store all of
// their words, one after another.
#include "backend/cpu/emit/collective.h"
#include "backend/cpu/emit/memory.h"

enum {
  MOST_WORDS = 16, // between lanes, for which picking beats gathering
  MOST_MIXED = 7,  // words of a lane, no power of two, that are put together
  NEAR = 160,      // ids and statements in which neighbours are looked for
};

static bool is_power(uint32_t n) { return (n & (n - 1)) == 0; }

// Words from one lane's to the next's; 0: not such an access.
static uint32_t words_apart(const vy__flow *f, const vy__place *p,
                            const vy__lane_value *index) {
  if (!index->scalar || index->stride < 1 || p->is_private || f->strict ||
      p->bytes < 4 || p->stride % p->bytes || p->field % p->bytes)
    return 0;
  if (index->stride > 1 && p->stride != p->bytes)
    return 0;
  uint64_t words = (uint64_t)index->stride * (p->stride / p->bytes);
  return words > 1 && words <= MOST_WORDS ? (uint32_t)words : 0;
}

bool vy__is_strided(const vy__flow *f, const vy__place *p,
                    const vy__lane_value *index) {
  return words_apart(f, p, index) != 0;
}

// ---- neighbours: x[4 * i], x[4 * i + 1], ... name words of one window

// `index` as base + a constant below `n`, both of 32 bits.
static uint32_t base_of(const vy__flow *f, uint32_t index, uint32_t n,
                        uint32_t *more) {
  const vy__value *v = &f->ir->values[index];
  *more = 0;
  if (v->op != VY__OP_ADD || vy__type_bits((vy_type)v->type) != 32)
    return index;
  for (uint32_t k = 0; k < 2; k++) {
    const vy__value *c = &f->ir->values[v->a[k]];
    if (c->op == VY__OP_CONST && c->imm < n) {
      *more = (uint32_t)c->imm;
      return v->a[1 - k];
    }
  }
  return index;
}

static bool is_neighbour(const vy__flow *f, uint32_t a, uint32_t b, uint32_t n,
                         uint32_t *more) {
  const vy__value *v = &f->ir->values[a], *w = &f->ir->values[b];
  uint32_t own;
  return v->op == w->op && v->space == w->space && v->ref == w->ref &&
         v->field == w->field &&
         base_of(f, v->a[0], n, more) == base_of(f, w->a[0], n, &own);
}

// Nothing between the statements turns away: what is proved at the last holds
// at the first.
static bool run_together(const vy__flow *f, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++)
    if (i > from + NEAR || f->ir->stmts[i].kind != VY__STMT_EXEC)
      return false;
  return true;
}

// Are all lanes' words `which` of windows of `n` inside, because a load of
// those is?
static bool word_is_inside(vy__flow *f, uint32_t value, uint32_t n,
                           uint32_t which) {
  const vy__schedule *s = &f->schedule;
  uint32_t from = value > NEAR ? value - NEAR : 0, more;
  for (uint32_t i = from; i <= value + NEAR && i < f->ir->value_count; i++) {
    const vy__value *v = &f->ir->values[i];
    if (v->op != VY__OP_LOAD || vy__is_ordered(f->ir, v) ||
        !is_neighbour(f, i, value, n, &more) || more != which ||
        !vy__scheduled(s, i) || !vy__scheduled(s, value))
      continue;
    bool here = f->e->lowered->check[i] == VY__CHECK_FACT ||
                (s->scope[i] == s->scope[value] &&
                 run_together(f, s->place[value], s->place[i]));
    if (here && vy__all_inside(f, i))
      return true;
  }
  return false;
}

// Is the whole window of `n` words a lane inside, because its last words are?
// Where indices have a sign, the first ones may yet lie before the start.
static bool window_is_inside(vy__flow *f, uint32_t value, uint32_t n) {
  uint32_t index = f->ir->values[value].a[0];
  return word_is_inside(f, value, n, n - 1) &&
         (!vy__is_signed((vy_type)f->ir->values[index].type) ||
          word_is_inside(f, value, n, 0));
}

// ---- loads

// Lane j gets word j * n + first of the vectors from `at` on, n being a power
// of two: its lowest bit halves the words, and so on. Loads of neighbours share
// most of the halving.
static LLVMValueRef pick_by_halves(vy__flow *f, LLVMTypeRef words,
                                   LLVMValueRef at, uint32_t bytes, uint32_t n,
                                   uint32_t first) {
  uint32_t w = f->e->width, lanes[64];
  LLVMValueRef v[MOST_WORDS];
  for (uint32_t r = 0; r < n; r++)
    v[r] = vy__load_raw(
        f, words, vy__ptr_add(f, at, vy__i64(f, (uint64_t)r * w * bytes)), 1);
  for (; n > 1; n /= 2, first /= 2) {
    for (uint32_t j = 0; j < w; j++)
      lanes[j] = 2 * j + (first & 1);
    for (uint32_t r = 0; r < n / 2; r++)
      v[r] = vy__shuffle(f, v[2 * r], v[2 * r + 1], lanes, w);
  }
  return v[0];
}

// Lane j gets word j * apart + first of the vectors from `at` on.
static LLVMValueRef pick(vy__flow *f, LLVMTypeRef words, LLVMValueRef at,
                         uint32_t bytes, uint32_t apart, uint32_t first) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width;
  LLVMValueRef out = NULL;
  if (is_power(apart))
    return pick_by_halves(f, words, at, bytes, apart, first);
  for (uint32_t r = 0; r < apart; r++) {
    LLVMValueRef mask[64];
    bool any = false;
    for (uint32_t j = 0; j < w; j++) {
      uint32_t word = j * apart + first;
      bool here = word / w == r;
      any = any || here;
      mask[j] = vy__i32(f, here ? w + word % w : j);
    }
    if (!any)
      continue;
    LLVMValueRef v = vy__load_raw(
        f, words, vy__ptr_add(f, at, vy__i64(f, (uint64_t)r * w * bytes)), 1);
    out = LLVMBuildShuffleVector(b, out ? out : LLVMGetPoison(words), v,
                                 LLVMConstVector(mask, w), "");
  }
  return out;
}

static LLVMValueRef window_at(vy__flow *f, const vy__place *p, vy_type type,
                              LLVMValueRef first) {
  LLVMValueRef at = LLVMBuildMul(f->e->builder, vy__index64(f, type, first),
                                 vy__i64(f, p->stride), "");
  return vy__ptr_add(f, p->start, at);
}

LLVMValueRef vy__load_strided(vy__flow *f, uint32_t value, const vy__place *p,
                              vy_type type, const vy__lane_value *index) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t apart = words_apart(f, p, index);
  LLVMTypeRef words =
      vy__vector_of(f, LLVMIntTypeInContext(f->e->context, 8 * p->bytes));
  // Elements that the vectors cover; those of a struct are whole ones.
  uint32_t count = f->e->width * (uint32_t)index->stride;
  uint32_t own = f->ir->values[value].a[0], first = p->field / p->bytes, more;
  bool whole = index->stride == 1 && vy__all_inside(f, value);
  LLVMValueRef from = index->scalar;
  if (index->stride > 1) { // from the first word of a lane on
    uint32_t base = base_of(f, own, apart, &more);
    vy__lane_value *b = vy__flow_get(f, base);
    if (b->scalar && b->stride == index->stride) {
      from = b->scalar;
      first = more;
      whole = window_is_inside(f, value, apart);
    }
  }
  if (whole) {
    LLVMValueRef at = window_at(f, p, type, from);
    uint32_t size = f->e->width * apart * p->bytes;
    if (first == 0)
      vy__fetch_ahead(f, value, at, size);
    return pick(f, words, at, p->bytes, apart, first);
  }
  LLVMBasicBlockRef in = vy__flow_block(f, "strided"),
                    out = vy__flow_block(f, "edge"),
                    join = vy__flow_block(f, "loaded");
  LLVMBuildCondBr(b, vy__window_inside(f, p, type, from, count), in, out);
  LLVMPositionBuilderAtEnd(b, in);
  LLVMValueRef quick =
      pick(f, words, window_at(f, p, type, from), p->bytes, apart, first);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, out);
  LLVMValueRef slow =
      vy__window_slowly(f, p, type, index->scalar, index->stride);
  out = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, join);
  LLVMValueRef raw = LLVMBuildPhi(b, words, "");
  LLVMAddIncoming(raw, (LLVMValueRef[]){quick, slow},
                  (LLVMBasicBlockRef[]){in, out}, 2);
  return raw;
}

// ---- stores

static bool is_variable(const vy__value *v) {
  return vy__op_is_variable(v->op);
}

// Does store `id` write word *word of what `first` writes a word of, too? By
// neighbouring indices, or by fields of the same elements, of words alike.
static bool is_beside(vy__flow *f, uint32_t id, uint32_t first, uint32_t n,
                      uint32_t *word) {
  const vy__value *v = &f->ir->values[id], *w = &f->ir->values[first];
  if (v->op != w->op || v->space != w->space || v->ref != w->ref)
    return false;
  vy__place p = vy__place_of(f, v), q = vy__place_of(f, w);
  *word = p.field / p.bytes;
  if (q.stride == q.bytes)
    return is_neighbour(f, id, first, n, word) && *word < n;
  return v->a[0] == w->a[0] && p.bytes == q.bytes && p.field % p.bytes == 0;
}

// All words of the lanes, stored one after another from statement `i` on.
static uint32_t find_stores(vy__flow *f, uint32_t i, uint32_t to, uint32_t n,
                            uint32_t *ids) {
  uint32_t seen = 0, more;
  for (uint32_t s = i; s < to && s < i + NEAR; s++) {
    uint32_t id = f->ir->stmts[s].a;
    if (f->ir->stmts[s].kind != VY__STMT_EXEC)
      break;
    if (is_variable(&f->ir->values[id]))
      continue;
    if (!is_beside(f, id, f->ir->stmts[i].a, n, &more) || seen >> more & 1 ||
        !vy__all_inside(f, id))
      break;
    seen |= 1u << more;
    ids[more] = id;
    if (seen == (1u << n) - 1)
      return s;
  }
  return VY__NONE;
}

uint32_t vy__stores_of_lanes(vy__flow *f, uint32_t i, uint32_t to,
                             vy__stores *out) {
  const vy__value *v = &f->ir->values[f->ir->stmts[i].a];
  uint32_t more;
  if (v->op != VY__OP_STORE || v->space != VY__SPACE_BUFFER || f->mask ||
      f->e->width == 1 || f->split.on)
    return VY__NONE;
  vy__place p = vy__place_of(f, v);
  bool fields = p.stride != p.bytes;
  out->base = fields ? v->a[0] : base_of(f, v->a[0], MOST_WORDS, &more);
  vy__lane_value *base = vy__flow_get(f, out->base);
  out->n = base->scalar ? words_apart(f, &p, base) : 0;
  if (!out->n || base->stride != (fields ? 1 : out->n) ||
      (!is_power(out->n) && out->n > MOST_MIXED))
    return VY__NONE;
  return find_stores(f, i, to, out->n, out->ids);
}

// x[k][r] and x[k + n][r] take turns: x[k][2 * r] and x[k][2 * r + 1].
static void take_turns(vy__flow *f, LLVMValueRef (*x)[MOST_WORDS], uint32_t n,
                       uint32_t vectors) {
  uint32_t w = f->e->width, low[64], high[64];
  for (uint32_t j = 0; j < w; j++) {
    low[j] = j / 2 + j % 2 * w;
    high[j] = low[j] + w / 2;
  }
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t r = vectors; r-- > 0;) {
      LLVMValueRef a = x[k][r], b = x[k + n][r];
      x[k][2 * r] = vy__shuffle(f, a, b, low, w);
      x[k][2 * r + 1] = vy__shuffle(f, a, b, high, w);
    }
}

// Vector r of the words x[0][0], x[1][0], ... of lane after lane, `n` a lane.
static LLVMValueRef mix(vy__flow *f, LLVMValueRef (*x)[MOST_WORDS], uint32_t n,
                        uint32_t r) {
  uint32_t w = f->e->width, lanes[64];
  LLVMValueRef out = x[0][0];
  for (uint32_t k = 0; k < n; k++) {
    for (uint32_t j = 0; j < w; j++) {
      uint32_t word = r * w + j, own = word / n;
      lanes[j] = word % n == k ? (k ? w : 0) + own : k ? j : 0;
    }
    out = vy__shuffle(f, out, x[k][0], lanes, w);
  }
  return out;
}

// x[0][r], r < n: the words of x[k][0], k < n, as they lie in memory.
static void interleave(vy__flow *f, LLVMValueRef (*x)[MOST_WORDS], uint32_t n) {
  LLVMValueRef mixed[MOST_MIXED];
  uint32_t vectors = 1;
  if (is_power(n)) {
    for (n /= 2; n; n /= 2, vectors *= 2)
      take_turns(f, x, n, vectors);
    return;
  }
  for (uint32_t r = 0; r < n; r++)
    mixed[r] = mix(f, x, n, r);
  memcpy(x[0], mixed, n * sizeof *mixed);
}

void vy__store_lanes(vy__flow *f, const vy__stores *s) {
  LLVMValueRef x[MOST_WORDS][MOST_WORDS];
  uint32_t w = f->e->width;
  const vy__value *first = &f->ir->values[s->ids[0]];
  vy_type type = (vy_type)f->ir->values[first->a[0]].type;
  vy__place p = vy__place_of(f, first);
  for (uint32_t k = 0; k < s->n; k++) {
    const vy__value *v = &f->ir->values[s->ids[k]];
    x[k][0] = vy__emit_store_convert(f->e, vy__place_of(f, v).stored, w,
                                     vy__flow_vector(f, v->a[1]));
  }
  interleave(f, x, s->n);
  LLVMValueRef at = window_at(f, &p, type, vy__flow_get(f, s->base)->scalar);
  for (uint32_t r = 0; r < s->n; r++)
    vy__store_raw(f, x[0][r],
                  vy__ptr_add(f, at, vy__i64(f, (uint64_t)r * w * p.bytes)), 1);
}

// arrange: where a lane goes through four columns of a row in group memory, one
// group's width apart (t[row * 128 + x + 32 * j], x being below 32, j from 0 to
// 3), the row is laid out anew so that the lane's four stand beside each other:
// at t[row * 128 + 4 * x + j], which a device may load and store as one.
//
// With W the width, a power of two, the element at i goes to
//   f(i) = i - i % 4W + i % W * 4 + i % 4W / W,
// which turns each block of 4W elements over in itself: two accesses meet after
// it if they met before, and an index is inside the array, whose length is a
// multiple of 4W, if it was. For i = m + s + c, modulo 2^32, with m a multiple
// of 4W, c a constant and s + c % W < W,
//   f(i) = m + 4 * s + f(c).
// An array is arranged if all that is done to it are loads and stores at such
// indices that come by four: with c, c + W, c + 2W and c + 3W, in straight
// code.
#include "lower/pass.h"

enum {
  STREAMS = 4,
  NARROWEST = 8, // groups
  TERMS = 6,
  MOST = 64, // accesses of an array
};

// An index: the sum of `many`, multiples of 4W, of `few` and of `constant`.
typedef struct parts {
  uint32_t many[TERMS], few[TERMS], many_count, few_count;
  uint32_t constant;
  uint64_t most; // of the sum of `few`
} parts;

typedef struct access {
  uint32_t op, stmt;
  parts index;
} access;

typedef struct arrange {
  vy__rewrite r; // first: `make` gets it
  uint32_t width;
  uint8_t *chosen; // by array
} arrange;

static const vy__value *value(const vy__ir *ir, uint32_t id) {
  return &ir->values[id];
}

// ---- indices

// Of a u32 or i32 value that is not negative.
static uint64_t most_of(const vy__pass_env *env, const vy__ir *ir,
                        uint32_t id) {
  const vy__value *v = value(ir, id);
  while (v->op == VY__OP_CONVERT &&
         vy__type_bits((vy_type)value(ir, v->a[0])->type) == 32 &&
         vy__is_int((vy_type)value(ir, v->a[0])->type))
    v = value(ir, v->a[0]);
  if (v->op == VY__OP_LOCAL)
    return env->program->group_size[v->ref] - 1;
  for (int k = 0; v->op == VY__OP_AND && k < 2; k++)
    if (value(ir, v->a[k])->op == VY__OP_CONST &&
        value(ir, v->a[k])->imm <= INT32_MAX)
      return value(ir, v->a[k])->imm;
  return UINT32_MAX;
}

static bool add_term(const arrange *a, const vy__ir *ir, uint32_t id,
                     parts *p) {
  if (vy__twos(ir, id, NULL, NULL) >=
      (uint32_t)__builtin_ctz(STREAMS * a->width)) {
    p->many[p->many_count++] = id;
    return p->many_count < TERMS;
  }
  p->few[p->few_count++] = id;
  p->most += most_of(a->r.env, ir, id);
  return p->few_count < TERMS && p->most < a->width;
}

static bool split(const arrange *a, const vy__ir *ir, uint32_t id, parts *p) {
  const vy__value *v = value(ir, id);
  if (v->op == VY__OP_CONST) {
    p->constant += (uint32_t)v->imm;
    return true;
  }
  if (v->op == VY__OP_ADD)
    return split(a, ir, v->a[0], p) && split(a, ir, v->a[1], p);
  return add_term(a, ir, id, p);
}

static bool parts_of(const arrange *a, const vy__ir *ir, uint32_t index,
                     parts *p) {
  *p = (parts){0};
  return vy__type_bits((vy_type)value(ir, index)->type) == 32 &&
         split(a, ir, index, p) && p->most + p->constant % a->width < a->width;
}

// ---- which arrays

static bool same_but_constant(const parts *x, const parts *y) {
  return x->many_count == y->many_count && x->few_count == y->few_count &&
         !memcmp(x->many, y->many, x->many_count * sizeof *x->many) &&
         !memcmp(x->few, y->few, x->few_count * sizeof *x->few);
}

static bool straight(const vy__ir *ir, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++)
    if (ir->stmts[i].kind != VY__STMT_EXEC)
      return false;
  return true;
}

// Do the other three of `x` stand near it?
static bool by_four(const arrange *a, const vy__ir *ir, const access *all,
                    uint32_t count, const access *x) {
  uint32_t seen = 0, streams = (STREAMS - 1) * a->width;
  for (uint32_t k = 0; k < count; k++) {
    const access *y = &all[k];
    uint32_t from = x->stmt < y->stmt ? x->stmt : y->stmt;
    uint32_t to = x->stmt < y->stmt ? y->stmt : x->stmt;
    if (y->op == x->op && same_but_constant(&x->index, &y->index) &&
        (y->index.constant & ~streams) == (x->index.constant & ~streams) &&
        straight(ir, from, to))
      seen |= 1u << (y->index.constant & streams) / a->width;
  }
  return seen == (1u << STREAMS) - 1;
}

static bool suits(const arrange *a, const vy__ir *ir, uint32_t array) {
  access all[MOST];
  uint32_t count = 0;
  vy__size_env none = {0};
  uint64_t length;
  if (vy__type_bytes((vy_type)ir->groups[array].type) != 4 ||
      vy__size_eval(ir, ir->groups[array].length, &none, &length) !=
          VY__SIZE_OK ||
      length % (STREAMS * a->width))
    return false;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    if (ir->stmts[i].kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = value(ir, ir->stmts[i].a);
    if (v->space != VY__SPACE_GROUP || v->ref != array)
      continue;
    if ((v->op != VY__OP_LOAD && v->op != VY__OP_STORE) || count == MOST ||
        !parts_of(a, ir, v->a[0], &all[count].index))
      return false;
    all[count].op = v->op;
    all[count++].stmt = i;
  }
  for (uint32_t k = 0; k < count; k++)
    if (!by_four(a, ir, all, count, &all[k]))
      return false;
  return count > 0;
}

static bool choose(arrange *a, const vy__ir *ir) {
  bool some = false;
  for (uint32_t i = 0; i < ir->group_count; i++) {
    a->chosen[i] = suits(a, ir, i);
    some = some || a->chosen[i];
  }
  return some;
}

// ---- accesses anew

static uint32_t sum(vy__rewrite *r, uint32_t x, uint32_t y, uint32_t from) {
  if (x == VY__NONE || y == VY__NONE)
    return x == VY__NONE ? y : x;
  vy__value v = vy__op2(VY__OP_ADD, (vy_type)r->out.values[x].type, x, y);
  return vy__rewrite_add(r, &v, from);
}

static uint32_t sum_of(vy__rewrite *r, const uint32_t ids[], uint32_t count,
                       uint32_t from) {
  uint32_t to = VY__NONE;
  for (uint32_t k = 0; k < count && !r->failed; k++)
    to = sum(r, to, r->map[ids[k]], from);
  return to;
}

static uint32_t index_anew(arrange *a, uint32_t index) {
  vy__rewrite *r = &a->r;
  vy_type type = (vy_type)value(r->in, index)->type;
  uint32_t w = a->width;
  parts p;
  (void)parts_of(a, r->in, index, &p);
  uint32_t to = sum_of(r, p.many, p.many_count, index);
  uint32_t few = sum_of(r, p.few, p.few_count, index);
  if (few != VY__NONE && !r->failed) {
    vy__value times = vy__op2(VY__OP_SHL, type, few,
                              vy__rewrite_const(r, VY_TYPE_U32, 2, index));
    to = r->failed ? VY__NONE
                   : sum(r, to, vy__rewrite_add(r, &times, index), index);
  }
  uint32_t c = p.constant, within = c % (STREAMS * w);
  c = c - within + within % w * STREAMS + within / w;
  if ((c || to == VY__NONE) && !r->failed)
    to = sum(r, to, vy__rewrite_const(r, type, c, index), index);
  return to;
}

static uint32_t make(vy__rewrite *r, uint32_t id) {
  return vy__rewrite_copy(r, id);
}

static void rewrite(arrange *a, uint32_t i) {
  vy__rewrite *r = &a->r;
  const vy__stmt *s = &r->in->stmts[i];
  const vy__value *v = s->kind == VY__STMT_EXEC ? value(r->in, s->a) : NULL;
  vy__rewrite_reach(r, i, make);
  if (!v || v->space != VY__SPACE_GROUP || !a->chosen[v->ref]) {
    vy__rewrite_stmt(r, i);
    return;
  }
  uint32_t old = r->map[v->a[0]];
  r->map[v->a[0]] = index_anew(a, v->a[0]);
  if (!r->failed)
    vy__rewrite_stmt(r, i);
  r->map[v->a[0]] = old;
}

static bool rewrite_all(arrange *a, const vy__pass_env *env, const vy__ir *in,
                        vy__ir *out) {
  vy__ir anew;
  if (!vy__rewrite_begin(&a->r, env, in))
    return false;
  for (uint32_t i = 0; i < in->stmt_count && !a->r.failed; i++)
    rewrite(a, i);
  if (!vy__rewrite_end(&a->r, &anew))
    return false;
  bool ok = vy__pass_cse(env, &anew, out); // the four have one base again
  vy__ir_free(&anew);
  return ok;
}

bool vy__pass_arrange(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  arrange a = {.r.env = env, .width = env->program->group_size[0]};
  if (!in->group_count || a.width < NARROWEST || a.width & (a.width - 1))
    return vy__ir_copy(in, out);
  a.chosen = vy__calloc(in->alloc, in->group_count, 1);
  if (!a.chosen)
    return false;
  bool ok =
      choose(&a, in) ? rewrite_all(&a, env, in, out) : vy__ir_copy(in, out);
  vy__free(in->alloc, a.chosen, in->group_count);
  return ok;
}

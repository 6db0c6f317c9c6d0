// fold: constants computed, values simplified (algebra.c), and control that
// depends on constants resolved: the arm of an IF that is never taken goes,
// loops that make no trip go, and what follows a jump in its block.
#include "lower/pass.h"

#include "semantics/semantics.h"

typedef struct folder {
  vy__rewrite r;
  bool inlined[VY__MAX_NESTING]; // by depth: an IF or WHILE without its frame
  uint32_t depth;
} folder;

// Lengths and group sizes that the program fixes. (All constants have values
// by now, so a size over literals is the size.)
static bool known_leaf(const vy__rewrite *r, const vy__value *v,
                       uint64_t *bits) {
  const vy__ir *in = r->in;
  if (v->op == VY__OP_GROUP_SIZE) {
    *bits = r->env->program->group_size[v->ref];
    return true;
  }
  if (v->op != VY__OP_LEN && v->op != VY__OP_LEN64)
    return false;
  vy__size_env none = {0};
  uint32_t node = in->params[v->ref].length;
  return node != VY__NONE &&
         vy__size_eval(in, node, &none, bits) == VY__SIZE_OK &&
         (v->op == VY__OP_LEN64 || *bits <= UINT32_MAX);
}

static uint32_t make(vy__rewrite *r, uint32_t id) {
  vy__value v;
  uint64_t bits;
  if (!vy__rewrite_operands(r, id, &v))
    return VY__NONE;
  if (known_leaf(r, &v, &bits))
    return vy__rewrite_const(r, (vy_type)v.type, bits, id);
  return vy__fold_make(r, v, id);
}

static bool constant_bits(const vy__rewrite *r, uint32_t id, uint64_t *bits) {
  uint32_t to = r->map[id];
  if (to == VY__NONE || r->out.values[to].op != VY__OP_CONST)
    return false;
  *bits = r->out.values[to].imm;
  return true;
}

// Trips of a loop are known to be none.
static bool makes_no_trip(const vy__rewrite *r, const vy__stmt *s) {
  vy_type t = (vy_type)r->in->values[s->a].type;
  uint64_t lo, hi, step;
  if (r->map[s->b] == r->map[s->c])
    return true;
  if (constant_bits(r, s->d, &step) &&
      !vy__evaluate(VY__OP_GT, t, VY_TYPE_BOOL, step, 0, 0))
    return true;
  return constant_bits(r, s->b, &lo) && constant_bits(r, s->c, &hi) &&
         !vy__evaluate(VY__OP_LT, t, VY_TYPE_BOOL, lo, hi, 0);
}

// The statements [from, to) never run. Pure values that they reach first may
// be used later, unless they need what never runs.
static void skip(folder *f, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++)
    vy__rewrite_reach(&f->r, i, make);
}

// Which of an IF's arms stands; its ELSE or END comes next.
static uint32_t fold_if(folder *f, uint32_t i) {
  vy__rewrite *r = &f->r;
  uint64_t taken;
  f->inlined[f->depth] = constant_bits(r, r->in->stmts[i].a, &taken);
  if (!f->inlined[f->depth++]) {
    vy__rewrite_stmt(r, i);
    return i + 1;
  }
  uint32_t other = r->match[i];
  if (taken)
    return i + 1;
  skip(f, i + 1, other);
  // An END is visited, to close the depth; an ELSE's arm follows.
  return r->in->stmts[other].kind == VY__STMT_ELSE ? other + 1 : other;
}

static uint32_t fold_else(folder *f, uint32_t i) {
  if (!f->inlined[f->depth - 1]) {
    vy__rewrite_stmt(&f->r, i);
    return i + 1;
  }
  uint32_t end = f->r.match[i]; // the arm before it was the one taken
  skip(f, i + 1, end);
  return end;
}

// A condition that is false as written: what stands before it runs once.
static bool never_loops(const folder *f, uint32_t i) {
  const vy__ir *in = f->r.in;
  const vy__value *c = &in->values[in->stmts[f->r.match[i]].a];
  return c->op == VY__OP_CONST && !c->imm;
}

static uint32_t fold_for(folder *f, uint32_t i) {
  const vy__stmt *s = &f->r.in->stmts[i];
  uint32_t end = f->r.match[i];
  if (makes_no_trip(&f->r, s)) {
    skip(f, i + 1, end);
    return end + 1;
  }
  f->inlined[f->depth++] = false;
  vy__rewrite_stmt(&f->r, i);
  return i + 1;
}

// The end of the block around a jump: what is between never runs. (Before a
// COND something must stay for it to test.)
static uint32_t after_jump(folder *f, uint32_t i) {
  const vy__ir *in = f->r.in;
  uint32_t k = i + 1;
  while (k < in->stmt_count && in->stmts[k].kind != VY__STMT_END &&
         in->stmts[k].kind != VY__STMT_ELSE &&
         in->stmts[k].kind != VY__STMT_COND)
    k = vy__is_opener(in->stmts[k].kind) ? vy__end_of(in, f->r.match, k) + 1
                                         : k + 1;
  if (k < in->stmt_count && in->stmts[k].kind == VY__STMT_COND)
    return i + 1;
  skip(f, i + 1, k);
  return k;
}

static uint32_t step(folder *f, uint32_t i) {
  vy__rewrite *r = &f->r;
  const vy__stmt *s = &r->in->stmts[i];
  vy__rewrite_reach(r, i, make);
  switch ((vy__stmt_kind)s->kind) {
  case VY__STMT_IF:
    return fold_if(f, i);
  case VY__STMT_ELSE:
    return fold_else(f, i);
  case VY__STMT_FOR:
    return fold_for(f, i);
  case VY__STMT_WHILE:
    f->inlined[f->depth] = never_loops(f, i);
    if (f->inlined[f->depth++])
      return i + 1;
    break;
  case VY__STMT_COND:
    if (f->inlined[f->depth - 1]) {
      uint32_t end = r->match[i];
      skip(f, i + 1, end);
      return end;
    }
    break;
  case VY__STMT_BLOCK:
    f->inlined[f->depth++] = false;
    break;
  case VY__STMT_END:
    if (f->inlined[--f->depth])
      return i + 1;
    break;
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
    vy__rewrite_stmt(r, i);
    return after_jump(f, i);
  case VY__STMT_EXEC:
  case VY__STMT_ARRAY:
    break;
  }
  vy__rewrite_stmt(r, i);
  return i + 1;
}

bool vy__pass_fold(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  folder f = {.depth = 0};
  if (!vy__rewrite_begin(&f.r, env, in))
    return false;
  for (uint32_t i = 0; i < in->stmt_count && !f.r.failed;)
    i = step(&f, i);
  return vy__rewrite_end(&f.r, out);
}

// Upper bounds of indices in terms of the lane's ids, and facts from them.
//
// Why a bound below 2^32 needs no word about wrapping: all parts of the sum
// are at least zero and every operation allowed here gives a bound at least
// that of each operand that it needs, so each operand, as a number, is below
// 2^32 too and was computed without wrapping in 32 or 64 bits. Signed values
// are bounded by their intervals only, except i64, which holds 2^32.
#include "lower/pass.h"

static const vy__affine unknown = {.known = false};

enum { LARGEST = 1 << 30 }; // of a constant: larger ones are meant to wrap

static vy__affine constant(vy__wide n) {
  if (n < 0 || n > LARGEST)
    return unknown;
  return (vy__affine){.known = true, .offset = (uint64_t)n};
}

static vy__affine scaled(vy__affine a, uint64_t by) {
  if (!a.known || !by || by > LARGEST)
    return unknown;
  uint64_t largest = a.offset;
  for (int d = 0; d < 3; d++) {
    largest = a.lane[d] > largest ? a.lane[d] : largest;
    largest = a.group[d] > largest ? a.group[d] : largest;
  }
  if (largest > LARGEST / by)
    return unknown;
  for (int d = 0; d < 3; d++) {
    a.lane[d] *= (uint32_t)by;
    a.group[d] *= (uint32_t)by;
  }
  a.offset *= by;
  return a;
}

// Every coefficient is at most 2^30 before, so it fits after.
static bool fits(const vy__affine *a) {
  bool ok = a->offset <= LARGEST;
  for (int d = 0; d < 3; d++)
    ok = ok && a->lane[d] <= LARGEST && a->group[d] <= LARGEST;
  return ok;
}

static vy__affine sum(vy__affine a, const vy__affine *b) {
  if (!a.known || !b->known)
    return unknown;
  for (int d = 0; d < 3; d++) {
    a.lane[d] += b->lane[d];
    a.group[d] += b->group[d];
  }
  a.offset += b->offset;
  return fits(&a) ? a : unknown;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

// At least both.
static vy__affine cover(vy__affine a, const vy__affine *b) {
  if (!a.known || !b->known)
    return unknown;
  for (int d = 0; d < 3; d++) {
    a.lane[d] = larger(a.lane[d], b->lane[d]);
    a.group[d] = larger(a.group[d], b->group[d]);
  }
  a.offset = b->offset > a.offset ? b->offset : a.offset;
  return a;
}

static vy__affine id_of(const vy__value *v) {
  vy__affine a = {.known = true};
  if (v->op == VY__OP_LANE)
    a.lane[v->ref] = 1;
  else if (v->op == VY__OP_GROUP_ID)
    a.group[v->ref] = 1;
  else
    return unknown;
  return a;
}

static uint64_t const_of(const vy__ir *ir, uint32_t id, bool *is) {
  *is = ir->values[id].op == VY__OP_CONST;
  return ir->values[id].imm;
}

static vy__affine binary(const vy__ir *ir, const vy__value *v,
                         const vy__affine at[3]) {
  bool is;
  uint64_t c = const_of(ir, v->a[1], &is);
  switch (v->op) {
  case VY__OP_ADD:
    return sum(at[0], &at[1]);
  case VY__OP_MUL:
    return is ? scaled(at[0], c) : unknown;
  case VY__OP_SHL:
    c &= vy__type_bits((vy_type)v->type) - 1;
    return is && c < 31 ? scaled(at[0], UINT64_C(1) << c) : unknown;
  case VY__OP_MIN: // at most either: the other may be anything
  case VY__OP_AND:
    return at[0].known ? at[0] : at[1];
  case VY__OP_MAX:
    return cover(at[0], &at[1]);
  default:
    return unknown;
  }
}

static bool may_be_affine(vy_type t) {
  return t == VY_TYPE_U32 || t == VY_TYPE_U64 || t == VY_TYPE_I64;
}

vy__affine vy__affine_step(const vy_program *p, uint32_t id,
                           const vy__affine at[3], vy__interval sure) {
  const vy__ir *ir = &p->ir;
  const vy__value *v = &ir->values[id];
  vy_type t = (vy_type)v->type;
  vy__affine bounded = {.known = false};
  // A value below 2^20 whatever the lanes (a local id, what a mask leaves):
  // as good as a constant.
  if (vy__is_int(t) && sure.lo >= 0 && sure.hi < 1 << 20)
    bounded = constant(sure.hi);
  if (!may_be_affine(t))
    return bounded;
  vy__affine a = unknown;
  switch ((vy__sig)vy__op_row(v->op)->sig) {
  case VY__SIG_ID:
    a = id_of(v);
    break;
  case VY__SIG_BIN:
  case VY__SIG_SHIFT:
    // A signed minimum or mask may be negative.
    if (vy__op_row(v->op)->effect == VY__EFFECT_PURE &&
        (t != VY_TYPE_I64 || v->op == VY__OP_ADD || v->op == VY__OP_MUL ||
         v->op == VY__OP_SHL))
      a = binary(ir, v, at);
    break;
  case VY__SIG_SELECT:
    a = cover(at[1], &at[2]);
    break;
  case VY__SIG_CONVERT:
    if (vy__is_int((vy_type)ir->values[v->a[0]].type))
      a = at[0];
    break;
  default:
    break;
  }
  return bounded.known ? bounded : a;
}

// ---- facts

// Are two expressions, checked to be simple, written alike?
static bool same_size(const vy__ir *ir, uint32_t a, uint32_t b) {
  if (a == b)
    return true;
  if (a == VY__NONE || b == VY__NONE)
    return false;
  const vy__size *x = &ir->sizes[a], *y = &ir->sizes[b];
  return x->op == y->op && x->ref == y->ref && x->imm == y->imm &&
         same_size(ir, x->a, y->a) && same_size(ir, x->b, y->b);
}

// Would this fail for every dispatch of the program's own domain?
static bool is_hopeless(const vy_program *p, const vy__fact *f) {
  const vy__ir *ir = &p->ir;
  vy__size_env none = {0};
  uint64_t fixed;
  if (ir->params[f->param].length != VY__NONE &&
      vy__size_eval(ir, ir->params[f->param].length, &none, &fixed) ==
          VY__SIZE_OK &&
      f->offset >= fixed)
    return true;
  if (ir->dimensions != 1 || ir->uses_groups || !f->scale[0] ||
      (f->scale[0] == 1 && !f->offset))
    return false;
  uint32_t length = ir->params[f->param].length;
  const vy__size *domain = &ir->sizes[ir->domain[0]];
  return (domain->op == VY__SIZE_LEN && domain->ref == f->param) ||
         (length != VY__NONE && same_size(ir, length, ir->domain[0]));
}

bool vy__affine_fact(const vy_program *p, const vy__affine *a, uint32_t param,
                     uint32_t bytes, vy__fact *out) {
  int64_t offset = (int64_t)a->offset + bytes - 1;
  *out = (vy__fact){.param = param};
  if (!a->known)
    return false;
  for (int d = 0; d < 3; d++) {
    uint64_t scale = a->lane[d];
    if (a->group[d]) {
      // With n lanes in groups of g, a group's id is at most n/g - 1.
      uint32_t g = p->group_size[d], m = a->group[d] / g;
      if (!p->ir.uses_groups || a->group[d] % g)
        return false;
      scale += m;
      offset -= (int64_t)m * (g - 1);
    }
    out->scale[d] = scale;
  }
  // What is less than nothing may be rounded up to it.
  out->offset = offset > 0 ? (uint64_t)offset : 0;
  return !is_hopeless(p, out);
}

// Indices into matrices: (row + down) * width + (column + right) of a buffer
// whose length the program gives as height * width, both u32 parameters, where
// control says that the row is one and the column is one.
//
// Why no wrapping matters: let e be that sum over unbounded integers, and len
// the length. With 0 <= row + down < height and 0 <= column + right < width it
// is 0 <= e < len. The index is e modulo 2^32; if len <= 2^32 it is e itself,
// and else any u32 is below len.
#include "lower/known.h"

enum { DEEPEST = 6, FARTHEST = 1 << 20 };

typedef struct place {
  uint32_t width;       // a parameter
  uint32_t row, column; // VY__NONE: not seen yet
  vy__wide down, right;
} place;

static const vy__value *value(const vy__known *k, uint32_t id) {
  return &k->program->ir.values[id];
}

static bool is_width(const vy__known *k, const place *p, uint32_t id) {
  const vy__value *v = value(k, id);
  return v->op == VY__OP_PARAM && v->ref == p->width && v->type == VY_TYPE_U32;
}

// id * width
static bool take_row(const vy__known *k, uint32_t id, int sign, place *p) {
  vy__wide more;
  if (sign < 0 || p->row != VY__NONE)
    return false;
  p->row = vy__known_peel(k, id, &more);
  p->down += more;
  return true;
}

static bool take_constant(const vy__value *v, int sign, place *p) {
  int64_t c = (int32_t)(uint32_t)v->imm; // x + 0xffffffff is x - 1
  p->right += sign * c;
  return c < FARTHEST && c > -FARTHEST;
}

// Add or take away value `id`, a part of an index.
static bool take(const vy__known *k, uint32_t id, int sign, place *p,
                 int depth) {
  const vy__value *v = value(k, id);
  if (v->type != VY_TYPE_U32 || depth > DEEPEST)
    return false;
  if (v->op == VY__OP_CONST)
    return take_constant(v, sign, p);
  if (is_width(k, p, id)) {
    p->down += sign;
    return true;
  }
  if (depth > 0 && sign > 0 && p->column == VY__NONE &&
      vy__known_under(k, id, 0, p->width)) {
    p->column = id; // a sum that may have wrapped, and is one nonetheless
    return true;
  }
  if (v->op == VY__OP_ADD || v->op == VY__OP_SUB)
    return take(k, v->a[0], sign, p, depth + 1) &&
           take(k, v->a[1], v->op == VY__OP_ADD ? sign : -sign, p, depth + 1);
  if (v->op == VY__OP_MUL && is_width(k, p, v->a[1]))
    return take_row(k, v->a[0], sign, p);
  if (v->op == VY__OP_MUL && is_width(k, p, v->a[0]))
    return take_row(k, v->a[1], sign, p);
  if (sign < 0 || p->column != VY__NONE)
    return false;
  p->column = id;
  return true;
}

// Is 0 <= id + more < the parameter here?
static bool is_one_of(const vy__known *k, uint32_t id, vy__wide more,
                      uint32_t param) {
  return id != VY__NONE && vy__known_range(k, id).lo + more >= 0 &&
         vy__known_under(k, id, more, param);
}

static bool is_in(const vy__known *k, uint32_t id, uint32_t height,
                  uint32_t width) {
  place p = {.width = width, .row = VY__NONE, .column = VY__NONE};
  return take(k, id, 1, &p, 0) && is_one_of(k, p.row, p.down, height) &&
         is_one_of(k, p.column, p.right, width);
}

bool vy__known_in_matrix(const vy__known *k, uint32_t id, uint32_t param) {
  const vy__ir *ir = &k->program->ir;
  uint32_t length = ir->params[param].length;
  if (length == VY__NONE || ir->sizes[length].op != VY__SIZE_MUL)
    return false;
  const vy__size *a = &ir->sizes[ir->sizes[length].a];
  const vy__size *b = &ir->sizes[ir->sizes[length].b];
  return a->op == VY__SIZE_PARAM && b->op == VY__SIZE_PARAM &&
         (is_in(k, id, a->ref, b->ref) ||
          (a->ref != b->ref && is_in(k, id, b->ref, a->ref)));
}

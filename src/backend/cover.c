// Is every element of an output stored? What lowering found of the program
// (vy__cover), held against the lengths of one item.
#include "backend/cover.h"

// False: it has no value here.
static bool term(vy__term t, const vy__ir *ir, const vy__launch_item *item,
                 uint64_t *out) {
  bool is_param = t.kind == VY__TERM_LEN || t.kind == VY__TERM_SCALAR;
  if (t.ref >= (is_param ? ir->param_count : 3) && t.kind > VY__TERM_LITERAL)
    return false;
  switch ((vy__term_kind)t.kind) {
  case VY__TERM_NONE:
    return false;
  case VY__TERM_LITERAL:
    *out = t.ref;
    return true;
  case VY__TERM_LEN:
    *out = item->binds[t.ref].length;
    return true;
  case VY__TERM_SCALAR:
    *out = (uint32_t)item->scalars[t.ref];
    return true;
  case VY__TERM_LANES:
    *out = item->lanes[t.ref];
    return true;
  }
  return false;
}

// Elements of a dimension, up to a bound if there is one, that are stored: one
// a lane, or as c->each and c->group say.
static bool storing(const vy__cover *c, uint32_t d, const vy__ir *ir,
                    const vy__launch_item *item, uint64_t *out) {
  uint64_t most;
  *out = item->lanes[d];
  if (d == 0 && c->times.kind != VY__TERM_NONE &&
      (!term(c->times, ir, item, &most) ||
       __builtin_mul_overflow(*out, most, out)))
    return false;
  if (d == 0 && c->group)
    *out /= c->group;
  else if (d == (c->row.kind != VY__TERM_NONE) && c->each > 1 &&
           __builtin_mul_overflow(*out, c->each, out))
    return false;
  if (c->most[d].kind == VY__TERM_NONE)
    return true;
  if (!term(c->most[d], ir, item, &most))
    return false;
  if (most < *out)
    *out = most;
  return true;
}

static bool is_covered(const vy__cover *c, const vy__ir *ir,
                       const vy__launch_item *item) {
  const vy__bind *b = &item->binds[c->param];
  uint64_t x, y, row, bytes;
  // Lanes and rows have 32 bits, so no element from 2^32 on is stored.
  if (b->length > UINT64_C(1) << 32 || !item->lanes[1] || !item->lanes[2] ||
      __builtin_mul_overflow(
          b->length, (uint64_t)ir->params[c->param].element_size, &bytes) ||
      bytes != b->size || !storing(c, 0, ir, item, &x) ||
      !storing(c, 1, ir, item, &y))
    return false;
  if (c->row.kind == VY__TERM_NONE)
    return x >= b->length;
  // Rows that meet, or overlap, and enough of them.
  return term(c->row, ir, item, &row) && row && row <= UINT32_MAX && x >= row &&
         (unsigned __int128)row * y >= b->length;
}

uint64_t vy__covered(const vy__cover *covers, uint32_t count, const vy__ir *ir,
                     const vy__launch_item *item) {
  uint64_t all = 0;
  for (uint32_t i = 0; i < count; i++) {
    const vy__cover *c = &covers[i];
    if (c->param < ir->param_count &&
        ir->params[c->param].access == VY_ACCESS_WRITE &&
        is_covered(c, ir, item))
      all |= UINT64_C(1) << c->param;
  }
  return all;
}

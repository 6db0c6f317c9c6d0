// Is every element of an output stored? What lowering found of a program
// (vy__cover), held against the lengths of one item.
#ifndef VY__COVER_H
#define VY__COVER_H

#include "backend/backend.h"
#include "lower/lower.h"

// Bit p: the run stores every element of `write` parameter p, which it does
// not read, whatever the memory holds before.
uint64_t vy__covered(const vy__cover *covers, uint32_t count, const vy__ir *ir,
                     const vy__launch_item *item);

static inline bool vy__is_term(vy__term t) {
  uint32_t limit = t.kind == VY__TERM_LANES ? 3 : VY__MAX_PARAMS;
  return t.kind <= VY__TERM_LITERAL ||
         (t.kind <= VY__TERM_LANES && t.ref < limit);
}

// Can it be used, wherever it comes from?
static inline bool vy__is_cover(const vy__cover *c) {
  return c->param < VY__MAX_PARAMS && vy__is_term(c->row) &&
         vy__is_term(c->times) && vy__is_term(c->most[0]) &&
         vy__is_term(c->most[1]) &&
         ((!c->group && c->times.kind == VY__TERM_NONE) ||
          c->row.kind == VY__TERM_NONE);
}

#endif

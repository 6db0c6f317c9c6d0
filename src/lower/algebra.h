// What the files of algebra.c share: the value at hand, and what it may become.
// A rule gives something equal in `out`, or VY__NONE: f->v, which it may have
// changed.
#ifndef VY__LOWER_ALGEBRA_H
#define VY__LOWER_ALGEBRA_H

#include "lower/pass.h"
#include "semantics/semantics.h"

typedef struct vy__fold {
  vy__rewrite *r;
  vy__value v; // the value as simplified so far
  uint32_t from;
  vy_type type; // of the first operand, for SELECT of the second
} vy__fold;

static inline const vy__value *value(const vy__fold *f, uint32_t id) {
  return &f->r->out.values[id];
}
static inline vy_type type_of(const vy__fold *f, uint32_t id) {
  return (vy_type)value(f, id)->type;
}
static inline bool is_const(const vy__fold *f, uint32_t id, uint64_t *bits) {
  const vy__value *v = value(f, id);
  *bits = v->imm;
  return v->op == VY__OP_CONST;
}
static inline bool is_bits(const vy__fold *f, uint32_t id, uint64_t bits) {
  uint64_t c;
  return is_const(f, id, &c) && c == bits;
}
static inline uint32_t constant(vy__fold *f, vy_type type, uint64_t bits) {
  return vy__rewrite_const(f->r, type, bits, f->from);
}
static inline uint32_t add(vy__fold *f, vy__value v) {
  return vy__fold_make(f->r, v, f->from);
}
static inline bool is_op(const vy__fold *f, uint32_t id, vy__op op) {
  return value(f, id)->op == op;
}
static inline bool is_unsigned(vy_type t) {
  return vy__is_int(t) && !vy__is_signed(t);
}

// Turn the value into another one, to be looked at again.
static inline uint32_t become(vy__fold *f, vy__value v) {
  f->v = v;
  return VY__NONE;
}

// integers.c: binary operations of integers, and of bools.
uint32_t vy__fold_integers(vy__fold *f);
uint32_t vy__fold_shift(vy__fold *f);

// choices.c: comparisons, what is selected by them, conversions.
uint32_t vy__fold_compare(vy__fold *f);
uint32_t vy__fold_not(vy__fold *f);
uint32_t vy__fold_select(vy__fold *f);
uint32_t vy__fold_convert(vy__fold *f);
uint32_t vy__fold_bitcast(vy__fold *f);

#endif

// Names of the evaluator functions and what expands them from ops.def: one
// vy__eval_<ID>_<TYPE> for every PURE row with operands and every type of its
// set, so that a missing one does not link and a new row needs nothing here.
// CONVERT and BITCAST have one function for each pair of types instead.
#ifndef VY__EVAL_H
#define VY__EVAL_H

#include "semantics/semantics.h"

// Header of the definition; operands that an operation lacks stay unused.
#define VY__EVAL(id, type)                                                     \
  uint64_t vy__eval_##id##_##type(uint64_t a __attribute__((unused)),          \
                                  uint64_t b __attribute__((unused)),          \
                                  uint64_t c __attribute__((unused)))

// X(id, TYPE) for every type of a set.
#define VY__EACH_NOTYPE(X, id)
#define VY__EACH_INT(X, id) X(id, I32) X(id, U32) X(id, I64) X(id, U64)
#define VY__EACH_FLOAT(X, id) X(id, F32) X(id, F64)
#define VY__EACH_NUM(X, id) VY__EACH_INT(X, id) VY__EACH_FLOAT(X, id)
#define VY__EACH_INTB(X, id) X(id, BOOL) VY__EACH_INT(X, id)
#define VY__EACH_ALL(X, id) X(id, BOOL) VY__EACH_NUM(X, id)

// X(id, TYPE) for every evaluator of a row of ops.def.
#define VY__EACH_EVAL(X, id, sig, types, effect)                               \
  VY__EVAL_##effect(X, id, sig, types)
#define VY__EVAL_LEAF(X, id, sig, types)
#define VY__EVAL_READ(X, id, sig, types)
#define VY__EVAL_WRITE(X, id, sig, types)
#define VY__EVAL_ATOMIC(X, id, sig, types)
#define VY__EVAL_COLLECTIVE(X, id, sig, types)
#define VY__EVAL_SYNC(X, id, sig, types)
#define VY__EVAL_PURE(X, id, sig, types) VY__EVAL_SIG_##sig(X, id, types)
#define VY__EVAL_SIG_UN(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_BIN(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_TER(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_SHIFT(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_ABSDIFF(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_TEST(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_CMP(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_SELECT(X, id, types) VY__EACH_##types(X, id)
#define VY__EVAL_SIG_CONVERT(X, id, types)
#define VY__EVAL_SIG_BITCAST(X, id, types)

#define VY__DECLARE_EVAL(id, type) VY__EVAL(id, type);
#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  VY__EACH_EVAL(VY__DECLARE_EVAL, id, sig, types, effect)
#include "ir/ops.def"
#undef OP

// X(FROM, TO) for every conversion, and for every bitcast.
#define VY__EACH_CONVERT(X)                                                    \
  VY__EACH_ALL(X, BOOL)                                                        \
  VY__EACH_ALL(X, I32)                                                         \
  VY__EACH_ALL(X, U32)                                                         \
  VY__EACH_ALL(X, I64)                                                         \
  VY__EACH_ALL(X, U64)                                                         \
  VY__EACH_ALL(X, F32)                                                         \
  VY__EACH_ALL(X, F64)
#define VY__TO_32(X, from) X(from, I32) X(from, U32) X(from, F32)
#define VY__TO_64(X, from) X(from, I64) X(from, U64) X(from, F64)
#define VY__EACH_BITCAST(X)                                                    \
  VY__TO_32(X, I32)                                                            \
  VY__TO_32(X, U32)                                                            \
  VY__TO_32(X, F32)                                                            \
  VY__TO_64(X, I64)                                                            \
  VY__TO_64(X, U64)                                                            \
  VY__TO_64(X, F64)

#define VY__CONVERT(from, to) VY__EVAL(CONVERT_##from, to)
#define VY__BITCAST(from, to) VY__EVAL(BITCAST_##from, to)
#define VY__DECLARE_CONVERT(from, to) VY__CONVERT(from, to);
#define VY__DECLARE_BITCAST(from, to) VY__BITCAST(from, to);
VY__EACH_CONVERT(VY__DECLARE_CONVERT)
VY__EACH_BITCAST(VY__DECLARE_BITCAST)

#endif

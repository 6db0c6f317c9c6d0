// What the passes share. A pass is a function from canonical IR to canonical
// IR. Most go over the statements in order and write a new program: canonical
// form numbers values in the order in which statements first reach them, so
// that the values which a statement reaches first are one range of ids.
#ifndef VY__LOWER_PASS_H
#define VY__LOWER_PASS_H

#include <vyre/pipeline.h>

#include "lower/lower.h"

typedef struct vy__pass_env {
  const vy_program *program; // the original; its group size, its context
  uint32_t flags;            // VY_COMPILE_*, VY__LOWER_*
} vy__pass_env;

// `out` is uninitialised and filled on success. False: out of memory.
typedef bool vy__pass_fn(const vy__pass_env *env, const vy__ir *in,
                         vy__ir *out);

vy__pass_fn vy__pass_fold;
vy__pass_fn vy__pass_unroll;
vy__pass_fn vy__pass_arrays;
vy__pass_fn vy__pass_flatten;
vy__pass_fn vy__pass_promote;
vy__pass_fn vy__pass_cse;
vy__pass_fn vy__pass_strength;
vy__pass_fn vy__pass_arrange; // needs equal values to be one
vy__pass_fn vy__pass_dce;

// The last pass: fills check[], facts and fact_count of a lowered program.
bool vy__pass_checks(const vy__pass_env *env, vy__lowered *lowered);
// After it: fills covers and cover_count.
void vy__pass_covers(vy__lowered *lowered);

// ---- writing a program anew

typedef struct vy__rewrite {
  const vy__pass_env *env;
  const vy__ir *in;
  vy__ir out;      // everything but values and statements is as in `in`
  uint32_t *map;   // by value of `in`: of `out`; VY__NONE: never computed
  uint32_t *match; // of `in`
  uint32_t next;   // first value that no statement has reached
  bool failed;     // out of memory
} vy__rewrite;

// Make the value of `out` for a pure value of `in`.
typedef uint32_t vy__rewrite_value(vy__rewrite *r, uint32_t id);

bool vy__rewrite_begin(vy__rewrite *r, const vy__pass_env *env,
                       const vy__ir *in);
// Canonicalises into *result and frees the rest.
bool vy__rewrite_end(vy__rewrite *r, vy__ir *result);

// Map what statement `i` reaches first, with `make` for each pure value. Its
// own ordered operation or loop index is left to the caller.
void vy__rewrite_reach(vy__rewrite *r, uint32_t i, vy__rewrite_value *make);
// *v is the value with its operands mapped; false when one of them is never
// computed.
bool vy__rewrite_operands(const vy__rewrite *r, uint32_t id, vy__value *v);
// Append; the position and name are those of `from`, a value of `in`.
uint32_t vy__rewrite_add(vy__rewrite *r, const vy__value *v, uint32_t from);
uint32_t vy__rewrite_const(vy__rewrite *r, vy_type type, uint64_t bits,
                           uint32_t from);
// Append statement `i` with its operands mapped and, for EXEC and FOR, its
// own value made.
void vy__rewrite_stmt(vy__rewrite *r, uint32_t i);
// The same for a value that is taken over as it is.
uint32_t vy__rewrite_copy(vy__rewrite *r, uint32_t id);

// ---- folding, as values are made

// The value of `out` that equals `v`, whose operands are in `out`: `v` itself
// appended, or something simpler.
uint32_t vy__fold_make(vy__rewrite *r, vy__value v, uint32_t from);

// ---- the analysis behind checks

// Integers [lo, hi], of any type, as numbers.
typedef __int128 vy__wide;
typedef struct vy__interval {
  vy__wide lo, hi;
} vy__interval;

vy__interval vy__interval_of(vy_type type); // all values of the type
// What `v` may be, its operands being in at[0..2]; leaves and memory by what
// the program says of them. `sure`: also for lanes that control has not
// brought here, whose loads and variables may hold anything.
vy__interval vy__interval_step(const vy_program *p, uint32_t id,
                               const vy__interval at[3], bool sure);
static inline bool vy__inside(vy__interval a, vy__interval b) {
  return a.lo >= b.lo && a.hi <= b.hi;
}

// An upper bound of an index, over unbounded integers: a sum of multiples of
// the ids of lane and group and a constant. It holds if it is below 2^32
// (every part of the index is then below it, and nothing wraps); the index is
// then not negative either.
typedef struct vy__affine {
  bool known;
  uint32_t lane[3], group[3];
  uint64_t offset;
} vy__affine;
// Operands in at[0..2]; `sure` is the interval of the value as above.
vy__affine vy__affine_step(const vy_program *p, uint32_t id,
                           const vy__affine at[3], vy__interval sure);
// As a fact about `param`, of which `bytes` elements from the index on are
// used; false when it cannot be one.
bool vy__affine_fact(const vy_program *p, const vy__affine *a, uint32_t param,
                     uint32_t bytes, vy__fact *out);

// A value of u32 modulo 2^32: the sum of `constant` and of times * value for
// each part, whose values are no such sums themselves.
enum { VY__MOST_PARTS = 4 };
typedef struct vy__part {
  uint32_t value, times;
} vy__part;
typedef struct vy__linear {
  uint32_t constant, count;
  vy__part parts[VY__MOST_PARTS];
} vy__linear;
// False: not a u32, or too many parts.
bool vy__linear_of(const vy__ir *ir, uint32_t id, vy__linear *out);

// ---- small helpers

// May the accesses of this private array become variables, as far as its type
// and length say?
bool vy__array_suits(const vy__ir *ir, uint32_t id, uint32_t *length);
static inline bool vy__is_private(const vy__value *v) { // LOAD or STORE
  return v->space == VY__SPACE_PRIVATE;
}

uint64_t vy__value_hash(const vy__value *v);
bool vy__value_equal(const vy__value *a, const vy__value *b);

static inline vy__value vy__op1(vy__op op, vy_type type, uint32_t a) {
  return (vy__value){
      .op = (uint16_t)op, .type = (uint8_t)type, .a = {a, VY__NONE, VY__NONE}};
}
static inline vy__value vy__op2(vy__op op, vy_type type, uint32_t a,
                                uint32_t b) {
  return (vy__value){
      .op = (uint16_t)op, .type = (uint8_t)type, .a = {a, b, VY__NONE}};
}
// The END of an IF, WHILE, FOR or BLOCK.
static inline uint32_t vy__end_of(const vy__ir *ir, const uint32_t *match,
                                  uint32_t opener) {
  uint32_t i = match[opener];
  while (ir->stmts[i].kind != VY__STMT_END)
    i = match[i];
  return i;
}
static inline bool vy__is_opener(uint32_t kind) {
  return kind == VY__STMT_IF || kind == VY__STMT_WHILE ||
         kind == VY__STMT_FOR || kind == VY__STMT_BLOCK;
}
// All ones of a type's width.
static inline uint64_t vy__all_ones(vy_type type) {
  uint32_t bits = vy__type_bits(type);
  return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

#endif

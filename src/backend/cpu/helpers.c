// What compiled code calls. The float state is pinned there, so the host's
// instructions may be used where they are proved equal. A collective in which
// all lanes take part has a short loop for the types that most programs use;
// the others go through the arrays of backend/collective.h.
#include "backend/collective.h"
#include "backend/cpu/kernel.h"
#include "semantics/semantics.h"

#define EVALUATE(name, op, type)                                               \
  static uint64_t name(uint64_t a, uint64_t b, uint64_t c) {                   \
    return vy__evaluator_pinned(VY__OP_##op, VY_TYPE_##type,                   \
                                VY_TYPE_##type)(a, b, c);                      \
  }
EVALUATE(fma32, FMA, F32)
EVALUATE(fma64, FMA, F64)
EVALUATE(rem32, REM, F32)
EVALUATE(rem64, REM, F64)

// ---- all lanes there

// Integers combine in any order to the same bits, so in the order that is
// fastest.
#define REDUCE_ANY_ORDER(name, ctype, expression)                              \
  static void name(uint32_t lanes, const void *in, void *out) {                \
    const ctype *v = in;                                                       \
    ctype *to = out, a = v[0];                                                 \
    for (uint32_t i = 1; i < lanes; i++) {                                     \
      ctype b = v[i];                                                          \
      a = (expression);                                                        \
    }                                                                          \
    for (uint32_t i = 0; i < lanes; i++)                                       \
      to[i] = a;                                                               \
  }
// Float sums by the tree: pairs at distance 1, 2, 4, ...
#define REDUCE_TREE(name, ctype)                                               \
  static void name(uint32_t lanes, const void *in, void *out) {                \
    ctype v[VY__MAX_GROUP_LANES], *to = out;                                   \
    memcpy(v, in, lanes * sizeof *v);                                          \
    for (uint32_t n = lanes; n > 1; n = (n + 1) / 2) {                         \
      for (uint32_t i = 0; i + 1 < n; i += 2)                                  \
        v[i / 2] = v[i] + v[i + 1];                                            \
      if (n % 2)                                                               \
        v[n / 2] = v[n - 1];                                                   \
    }                                                                          \
    for (uint32_t i = 0; i < lanes; i++)                                       \
      to[i] = v[0];                                                            \
  }
#define SCAN_ANY_ORDER(name, ctype)                                            \
  static void name(uint32_t lanes, const void *in, void *out) {                \
    const ctype *v = in;                                                       \
    ctype *to = out, sum = 0;                                                  \
    for (uint32_t i = 0; i < lanes; i++)                                       \
      to[i] = sum += v[i];                                                     \
  }                                                                            \
  static void name##_before(uint32_t lanes, const void *in, void *out) {       \
    const ctype *v = in;                                                       \
    ctype *to = out, sum = 0;                                                  \
    for (uint32_t i = 0; i < lanes; i++) {                                     \
      ctype here = v[i];                                                       \
      to[i] = sum;                                                             \
      sum += here;                                                             \
    }                                                                          \
  }
// Float scans by the Sklansky tree: whole blocks take the last of the block
// before them.
#define SCAN_TREE(name, ctype)                                                 \
  static void name(uint32_t lanes, const void *in, void *out) {                \
    ctype *v = out;                                                            \
    memmove(v, in, lanes * sizeof *v);                                         \
    for (uint32_t d = 1; d < lanes; d *= 2)                                    \
      for (uint32_t at = d; at < lanes; at += 2 * d) {                         \
        uint32_t end = at + d < lanes ? at + d : lanes;                        \
        for (uint32_t i = at; i < end; i++)                                    \
          v[i] = v[at - 1] + v[i];                                             \
      }                                                                        \
  }                                                                            \
  static void name##_before(uint32_t lanes, const void *in, void *out) {       \
    ctype *v = out;                                                            \
    name(lanes, in, out);                                                      \
    memmove(v + 1, v, (lanes - 1) * sizeof *v);                                \
    v[0] = 0;                                                                  \
  }

#define UNSIGNED(type, ctype)                                                  \
  REDUCE_ANY_ORDER(add_##type, ctype, a + b)                                   \
  REDUCE_ANY_ORDER(and_##type, ctype, a &b)                                    \
  REDUCE_ANY_ORDER(or_##type, ctype, a | b)                                    \
  REDUCE_ANY_ORDER(xor_##type, ctype, a ^ b)                                   \
  SCAN_ANY_ORDER(scan_##type, ctype)
#define ORDERED(type, ctype)                                                   \
  REDUCE_ANY_ORDER(min_##type, ctype, b < a ? b : a)                           \
  REDUCE_ANY_ORDER(max_##type, ctype, b > a ? b : a)
UNSIGNED(u32, uint32_t)
UNSIGNED(u64, uint64_t)
ORDERED(u32, uint32_t)
ORDERED(u64, uint64_t)
ORDERED(i32, int32_t)
ORDERED(i64, int64_t)
REDUCE_TREE(add_f32, float)
REDUCE_TREE(add_f64, double)
SCAN_TREE(scan_f32, float)
SCAN_TREE(scan_f64, double)

typedef void (*fast_fn)(uint32_t lanes, const void *in, void *out);

enum { TYPES = VY_TYPE_F64 + 1, FIRST = VY__OP_GROUP_REDUCE_ADD };

static const fast_fn fast_table[VY__OP_LIMIT - FIRST][TYPES] = {
#define WRAPPING(name, fn)                                                     \
  [VY__OP_GROUP_##name - FIRST][VY_TYPE_I32] = fn##u32,                        \
                         [VY__OP_GROUP_##name - FIRST][VY_TYPE_U32] = fn##u32, \
                         [VY__OP_GROUP_##name - FIRST][VY_TYPE_I64] = fn##u64, \
                         [VY__OP_GROUP_##name - FIRST][VY_TYPE_U64] = fn##u64
#define BY_SIGN(name, fn)                                                      \
  [VY__OP_GROUP_##name - FIRST][VY_TYPE_I32] = fn##i32,                        \
                         [VY__OP_GROUP_##name - FIRST][VY_TYPE_U32] = fn##u32, \
                         [VY__OP_GROUP_##name - FIRST][VY_TYPE_I64] = fn##i64, \
                         [VY__OP_GROUP_##name - FIRST][VY_TYPE_U64] = fn##u64
#define FLOATS(name, f, d)                                                     \
  [VY__OP_GROUP_##name - FIRST][VY_TYPE_F32] = f,                              \
                         [VY__OP_GROUP_##name - FIRST][VY_TYPE_F64] = d
    WRAPPING(REDUCE_ADD, add_),
    WRAPPING(REDUCE_AND, and_),
    WRAPPING(REDUCE_OR, or_),
    WRAPPING(REDUCE_XOR, xor_),
    BY_SIGN(REDUCE_MIN, min_),
    BY_SIGN(REDUCE_MAX, max_),
    WRAPPING(SCAN_INCL_ADD, scan_),
    FLOATS(REDUCE_ADD, add_f32, add_f64),
    FLOATS(SCAN_INCL_ADD, scan_f32, scan_f64),
    FLOATS(SCAN_EXCL_ADD, scan_f32_before, scan_f64_before),
    [VY__OP_GROUP_SCAN_EXCL_ADD - FIRST][VY_TYPE_I32] = scan_u32_before,
    [VY__OP_GROUP_SCAN_EXCL_ADD - FIRST][VY_TYPE_U32] = scan_u32_before,
    [VY__OP_GROUP_SCAN_EXCL_ADD - FIRST][VY_TYPE_I64] = scan_u64_before,
    [VY__OP_GROUP_SCAN_EXCL_ADD - FIRST][VY_TYPE_U64] = scan_u64_before,
};

// ---- the general way

static void widen(uint32_t lanes, bool wide, const uint64_t *alive,
                  const void *in, uint64_t *v) {
  for (uint32_t i = 0; i < lanes; i++) {
    bool is_here = !alive || (alive[i / 64] >> (i % 64) & 1);
    v[i] = !is_here ? 0
           : wide   ? ((const uint64_t *)in)[i]
                    : ((const uint32_t *)in)[i];
  }
}

static void narrow(const vy__party *p, bool wide, void *out) {
  for (uint32_t i = 0; i < p->size; i++) {
    if (wide)
      ((uint64_t *)out)[i] = p->v[i];
    else
      ((uint32_t *)out)[i] = (uint32_t)p->v[i];
  }
}

static void collective(uint32_t op, uint32_t type, uint32_t lanes,
                       uint32_t extra, const void *in, const int64_t *index,
                       const uint64_t *alive, void *out) {
  fast_fn fast = alive ? NULL : fast_table[op - FIRST][type];
  if (fast) {
    fast(lanes, in, out);
    return;
  }
  uint64_t v[VY__MAX_GROUP_LANES], temp[VY__MAX_GROUP_LANES];
  bool wide = vy__type_bytes(type) == 8;
  vy__party p = {.size = lanes,
                 .bits = extra,
                 .combine = vy__evaluator_pinned(
                     vy__collective_combines((vy__op)op), type, type),
                 .alive = alive,
                 .index = index,
                 .v = v,
                 .temp = temp};
  widen(lanes, wide, alive, in, v);
  vy__collective_run((vy__op)op, &p);
  narrow(&p, wide, out);
}

const vy__kernel_helpers vy__kernel_helpers_table = {
    .fma32 = fma32,
    .fma64 = fma64,
    .rem32 = rem32,
    .rem64 = rem64,
    .collective = collective,
};

// The evaluators that host float instructions compute equally, on a thread
// whose float state is pinned: round to nearest even, no FTZ, no DAZ. Only
// IEEE basic operations are here; hosts differ in the NaN they produce, so
// each NaN result is made the canonical one, as in the soft functions. On
// hosts not known to be IEEE all evaluators are the soft ones.
#include "semantics/eval.h"
#include "semantics/soft.h"

#ifdef __FAST_MATH__
#error "Vyre cannot be built with -ffast-math"
#endif

#if defined(__x86_64__)
#include <immintrin.h>

// Writing the register costs more than reading it, and most hosts have it as
// it should be: all exceptions masked, nearest, no FTZ, no DAZ. The low bits
// record what happened and change no result.
enum { PINNED = 0x1f80, RECORD = 0x3f };

void vy__fp_pin(vy__fp_state *s) {
  s->saved = _mm_getcsr();
  if ((s->saved & ~(uint32_t)RECORD) != PINNED)
    _mm_setcsr(PINNED);
}
void vy__fp_restore(const vy__fp_state *s) {
  if (_mm_getcsr() != s->saved)
    _mm_setcsr(s->saved);
}

// Not __builtin_sqrt: that may call the C library.
static inline float host_sqrt_F32(float x) {
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
}
static inline double host_sqrt_F64(double x) {
  return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_set_sd(x), _mm_set_sd(x)));
}
#define HAS_FMA __builtin_cpu_supports("fma")
#define FMA_TARGET __attribute__((target("fma")))

#elif defined(__aarch64__)
#include <arm_neon.h>

void vy__fp_pin(vy__fp_state *s) {
  uint64_t fpcr;
  __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
  s->saved = (uint32_t)fpcr;
  __asm__ volatile("msr fpcr, %0" : : "r"(UINT64_C(0)));
}
void vy__fp_restore(const vy__fp_state *s) {
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)s->saved));
}

static inline float host_sqrt_F32(float x) {
  return vget_lane_f32(vsqrt_f32(vdup_n_f32(x)), 0);
}
static inline double host_sqrt_F64(double x) {
  return vget_lane_f64(vsqrt_f64(vdup_n_f64(x)), 0);
}
#define HAS_FMA true
#define FMA_TARGET

#else
#define NO_HOST_FLOAT

void vy__fp_pin(vy__fp_state *s) { s->saved = 0; }
void vy__fp_restore(const vy__fp_state *s) { (void)s; }

vy__eval_fn vy__evaluator_pinned(vy__op op, vy_type type, vy_type to) {
  return vy__evaluator(op, type, to);
}
#endif

#ifndef NO_HOST_FLOAT

static inline float get_F32(uint64_t bits) {
  const uint32_t low = (uint32_t)bits;
  float v;
  memcpy(&v, &low, sizeof v);
  return v;
}
static inline uint64_t put_F32(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return v == v ? bits : vy__nan_bits(VY__FORMAT_F32);
}
static inline double get_F64(uint64_t bits) {
  double v;
  memcpy(&v, &bits, sizeof v);
  return v;
}
static inline uint64_t put_F64(double v) {
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  return v == v ? bits : vy__nan_bits(VY__FORMAT_F64);
}

#define HOST_FN(id, type)                                                      \
  static uint64_t host_##id##_##type(uint64_t a __attribute__((unused)),       \
                                     uint64_t b __attribute__((unused)),       \
                                     uint64_t c __attribute__((unused)))
#define HOST_BIN(id, type, op)                                                 \
  HOST_FN(id, type) { return put_##type(get_##type(a) op get_##type(b)); }
#define HOST_CMP(id, type, op)                                                 \
  HOST_FN(id, type) { return get_##type(a) op get_##type(b); }
#define HOST_OPS(type, fma)                                                    \
  HOST_BIN(ADD, type, +)                                                       \
  HOST_BIN(SUB, type, -)                                                       \
  HOST_BIN(MUL, type, *)                                                       \
  HOST_BIN(DIV, type, /)                                                       \
  HOST_FN(SQRT, type) { return put_##type(host_sqrt_##type(get_##type(a))); }  \
  FMA_TARGET HOST_FN(FMA, type) {                                              \
    return put_##type(fma(get_##type(a), get_##type(b), get_##type(c)));       \
  }                                                                            \
  HOST_CMP(EQ, type, ==)                                                       \
  HOST_CMP(NE, type, !=)                                                       \
  HOST_CMP(LT, type, <)                                                        \
  HOST_CMP(LE, type, <=)                                                       \
  HOST_CMP(GT, type, >)                                                        \
  HOST_CMP(GE, type, >=)
HOST_OPS(F32, __builtin_fmaf)
HOST_OPS(F64, __builtin_fma)

#define HOST_FROM_INT(from, ctype)                                             \
  HOST_FN(CONVERT_##from, F32) { return put_F32((float)(ctype)a); }            \
  HOST_FN(CONVERT_##from, F64) { return put_F64((double)(ctype)a); }
HOST_FROM_INT(I32, int32_t)
HOST_FROM_INT(U32, uint32_t)
HOST_FROM_INT(I64, int64_t)
HOST_FROM_INT(U64, uint64_t)
HOST_FN(CONVERT_F32, F64) { return put_F64((double)get_F32(a)); }
HOST_FN(CONVERT_F64, F32) { return put_F32((float)get_F64(a)); }

enum { TYPES = VY_TYPE_F64 + 1 };

static const vy__eval_fn host_table[VY__OP_LIMIT][TYPES] = {
#define ENTRY(id)                                                              \
  [VY__OP_##id][VY_TYPE_F32] = host_##id##_F32,                                \
  [VY__OP_##id][VY_TYPE_F64] = host_##id##_F64
    ENTRY(ADD), ENTRY(SUB), ENTRY(MUL), ENTRY(DIV), ENTRY(SQRT), ENTRY(FMA),
    ENTRY(EQ),  ENTRY(NE),  ENTRY(LT),  ENTRY(LE),  ENTRY(GT),   ENTRY(GE),
#undef ENTRY
};

static const vy__eval_fn host_converts[TYPES][TYPES] = {
#define ENTRY(from, to)                                                        \
  [VY_TYPE_##from][VY_TYPE_##to] = host_CONVERT_##from##_##to
    ENTRY(I32, F32), ENTRY(I32, F64), ENTRY(U32, F32), ENTRY(U32, F64),
    ENTRY(I64, F32), ENTRY(I64, F64), ENTRY(U64, F32), ENTRY(U64, F64),
    ENTRY(F32, F64), ENTRY(F64, F32),
#undef ENTRY
};

vy__eval_fn vy__evaluator_pinned(vy__op op, vy_type type, vy_type to) {
  vy__eval_fn soft = vy__evaluator(op, type, to);
  if (!soft || (op == VY__OP_FMA && !HAS_FMA))
    return soft;
  vy__eval_fn host =
      op == VY__OP_CONVERT ? host_converts[type][to] : host_table[op][type];
  return host ? host : soft;
}

#endif

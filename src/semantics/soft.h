// Floats in integer arithmetic, generic over the format: taking patterns
// apart and rounding an exact value into one. Every finite value is
// (-1)^neg * sig * 2^exp with an integer sig. Where bits are lost on the way,
// they are "jammed": the lowest bit kept is set when any lost one was, which
// rounds alike as long as two more bits than the format has remain above it.
// All NaN results are the canonical one. No host float operation anywhere.
#ifndef VY__SOFT_H
#define VY__SOFT_H

#include "semantics/semantics.h"

typedef unsigned __int128 vy__u128;

// An IEEE binary format, by its field widths.
typedef struct vy__format {
  int mant, exp;
} vy__format;

#define VY__FORMAT_F32 ((vy__format){23, 8})
#define VY__FORMAT_F64 ((vy__format){52, 11})
#define VY__FORMAT_F16 ((vy__format){10, 5})
#define VY__FORMAT_BF16 ((vy__format){7, 8})

// Format of a float type, storage types included.
static inline vy__format vy__format_of(vy_type t) {
  switch ((int)t) {
  case VY_TYPE_F32:
    return VY__FORMAT_F32;
  case VY_TYPE_F16:
    return VY__FORMAT_F16;
  case VY_TYPE_BF16:
    return VY__FORMAT_BF16;
  default:
    return VY__FORMAT_F64;
  }
}

static inline uint64_t vy__sign_mask(vy__format f) {
  return UINT64_C(1) << (f.mant + f.exp);
}
static inline uint64_t vy__inf_bits(vy__format f) {
  return ((UINT64_C(1) << f.exp) - 1) << f.mant;
}
static inline uint64_t vy__nan_bits(vy__format f) {
  return vy__inf_bits(f) | UINT64_C(1) << (f.mant - 1);
}
static inline uint64_t vy__magnitude(vy__format f, uint64_t x) {
  return x & (vy__sign_mask(f) - 1);
}
static inline bool vy__is_neg(vy__format f, uint64_t x) {
  return (x & vy__sign_mask(f)) != 0;
}
static inline bool vy__is_nan(vy__format f, uint64_t x) {
  return vy__magnitude(f, x) > vy__inf_bits(f);
}
static inline bool vy__is_inf(vy__format f, uint64_t x) {
  return vy__magnitude(f, x) == vy__inf_bits(f);
}
static inline bool vy__is_zero(vy__format f, uint64_t x) {
  return vy__magnitude(f, x) == 0;
}
// Exponent of the lowest bit of subnormals.
static inline int vy__min_exp(vy__format f) {
  return 2 - (1 << (f.exp - 1)) - f.mant;
}

typedef struct vy__unpacked {
  uint64_t sig;
  int exp;
  bool neg;
} vy__unpacked;

// A finite x.
static inline vy__unpacked vy__unpack(vy__format f, uint64_t x) {
  vy__unpacked u;
  const uint64_t one = UINT64_C(1) << f.mant;
  const int field = (int)(vy__magnitude(f, x) >> f.mant);
  u.neg = vy__is_neg(f, x);
  u.sig = (x & (one - 1)) | (field ? one : 0);
  u.exp = (field ? field - 1 : 0) + vy__min_exp(f);
  return u;
}

// Place of the highest one bit; v is not 0.
static inline int vy__top_bit(vy__u128 v) {
  const uint64_t high = (uint64_t)(v >> 64);
  return high ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll((uint64_t)v);
}

// v >> n, jammed. n >= 0, any size.
static inline vy__u128 vy__shift_jam(vy__u128 v, int n) {
  if (n > 127)
    return v != 0;
  return v >> n | ((v & (((vy__u128)1 << n) - 1)) != 0);
}

// The pattern nearest to sig * 2^exp, ties to even.
static inline uint64_t vy__round(vy__format f, bool neg, vy__u128 sig,
                                 int exp) {
  const uint64_t sign = neg ? vy__sign_mask(f) : 0;
  if (sig == 0)
    return sign;
  int low = vy__top_bit(sig) + exp - f.mant; // exponent of the last bit kept
  if (low < vy__min_exp(f))
    low = vy__min_exp(f);
  uint64_t q;
  if (low <= exp) {
    q = (uint64_t)(sig << (exp - low));
  } else {
    const int shift = low - exp < 64 ? low - exp : 64;
    sig = vy__shift_jam(sig, low - exp - shift);
    const vy__u128 rest = sig & (((vy__u128)1 << shift) - 1);
    const vy__u128 half = (vy__u128)1 << (shift - 1);
    q = (uint64_t)(sig >> shift);
    q += rest > half || (rest == half && (q & 1));
  }
  // The implicit bit of q, where present, adds one to the exponent field.
  const int field = low - vy__min_exp(f);
  if (field >= (1 << f.exp) - 1)
    return sign | vy__inf_bits(f);
  const uint64_t bits = ((uint64_t)field << f.mant) + q;
  return sign | (bits < vy__inf_bits(f) ? bits : vy__inf_bits(f));
}

// Nearest value of format `to`.
static inline uint64_t vy__reformat(vy__format from, vy__format to,
                                    uint64_t x) {
  if (vy__is_nan(from, x))
    return vy__nan_bits(to);
  if (vy__is_inf(from, x))
    return vy__inf_bits(to) | (vy__is_neg(from, x) ? vy__sign_mask(to) : 0);
  const vy__unpacked u = vy__unpack(from, x);
  return vy__round(to, u.neg, u.sig, u.exp);
}

#endif

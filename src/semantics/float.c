// The float evaluators for f32 and f64, one generic source over the format.
// Each rounds its exact result once; soft.h explains the representation.
#include "semantics/eval.h"
#include "semantics/soft.h"

// ---- arithmetic

// An exact term of a sum: sig < 2^126.
typedef struct term {
  vy__u128 sig;
  int exp;
  bool neg;
} term;

static inline term term_of(vy__format f, uint64_t x) {
  const vy__unpacked u = vy__unpack(f, x);
  return (term){u.sig, u.exp, u.neg};
}

// Move the top bit to place 125.
static inline term normal(term t) {
  const int shift = 125 - vy__top_bit(t.sig);
  return (term){t.sig << shift, t.exp - shift, t.neg};
}

// x + y rounded. Terms have at most 106 significant bits, so a shift that
// loses some is by more than 20; then at most one bit cancels, and the jammed
// bit stays far below the rounding.
static inline uint64_t sum(vy__format f, term x, term y) {
  if (x.sig == 0 && y.sig == 0)
    return vy__round(f, x.neg && y.neg, 0, 0);
  if (x.sig == 0)
    return vy__round(f, y.neg, y.sig, y.exp);
  if (y.sig == 0)
    return vy__round(f, x.neg, x.sig, x.exp);
  x = normal(x);
  y = normal(y);
  if (x.exp < y.exp || (x.exp == y.exp && x.sig < y.sig)) {
    const term t = x;
    x = y;
    y = t;
  }
  y.sig = vy__shift_jam(y.sig, x.exp - y.exp);
  if (x.neg == y.neg)
    return vy__round(f, x.neg, x.sig + y.sig, x.exp);
  return x.sig == y.sig ? 0 : vy__round(f, x.neg, x.sig - y.sig, x.exp);
}

static inline uint64_t add(vy__format f, uint64_t a, uint64_t b) {
  if (vy__is_nan(f, a) || vy__is_nan(f, b))
    return vy__nan_bits(f);
  if (vy__is_inf(f, a))
    return vy__is_inf(f, b) && a != b ? vy__nan_bits(f) : a;
  if (vy__is_inf(f, b))
    return b;
  return sum(f, term_of(f, a), term_of(f, b));
}

static inline uint64_t sub(vy__format f, uint64_t a, uint64_t b) {
  return add(f, a, b ^ vy__sign_mask(f));
}

static inline uint64_t fused(vy__format f, uint64_t a, uint64_t b, uint64_t c) {
  if (vy__is_nan(f, a) || vy__is_nan(f, b) || vy__is_nan(f, c))
    return vy__nan_bits(f);
  const uint64_t sign = (a ^ b) & vy__sign_mask(f);
  if (vy__is_inf(f, a) || vy__is_inf(f, b)) {
    if (vy__is_zero(f, a) || vy__is_zero(f, b))
      return vy__nan_bits(f);
    return add(f, sign | vy__inf_bits(f), c);
  }
  if (vy__is_inf(f, c))
    return c;
  const vy__unpacked x = vy__unpack(f, a), y = vy__unpack(f, b);
  const term product = {(vy__u128)x.sig * y.sig, x.exp + y.exp, sign != 0};
  return sum(f, product, term_of(f, c));
}

static inline uint64_t mul(vy__format f, uint64_t a, uint64_t b) {
  if (vy__is_nan(f, a) || vy__is_nan(f, b))
    return vy__nan_bits(f);
  const uint64_t sign = (a ^ b) & vy__sign_mask(f);
  if (vy__is_inf(f, a) || vy__is_inf(f, b))
    return vy__is_zero(f, a) || vy__is_zero(f, b) ? vy__nan_bits(f)
                                                  : sign | vy__inf_bits(f);
  const vy__unpacked x = vy__unpack(f, a), y = vy__unpack(f, b);
  return vy__round(f, sign != 0, (vy__u128)x.sig * y.sig, x.exp + y.exp);
}

static inline uint64_t div(vy__format f, uint64_t a, uint64_t b) {
  if (vy__is_nan(f, a) || vy__is_nan(f, b))
    return vy__nan_bits(f);
  const uint64_t sign = (a ^ b) & vy__sign_mask(f);
  if (vy__is_inf(f, a))
    return vy__is_inf(f, b) ? vy__nan_bits(f) : sign | vy__inf_bits(f);
  if (vy__is_inf(f, b))
    return sign;
  if (vy__is_zero(f, b))
    return vy__is_zero(f, a) ? vy__nan_bits(f) : sign | vy__inf_bits(f);
  if (vy__is_zero(f, a))
    return sign;
  // Both with the top bit in place 63: the quotient has 63 or 64 bits.
  const vy__unpacked x = vy__unpack(f, a), y = vy__unpack(f, b);
  const int sx = __builtin_clzll(x.sig), sy = __builtin_clzll(y.sig);
  const vy__u128 n = (vy__u128)(x.sig << sx) << 63;
  const uint64_t d = y.sig << sy;
  const vy__u128 q = n / d;
  return vy__round(f, sign != 0, q | (n - q * d != 0),
                   x.exp - sx - 63 - (y.exp - sy));
}

// The exact truncated remainder, in steps of 64 bits of the quotient.
static inline uint64_t rem(vy__format f, uint64_t a, uint64_t b) {
  if (vy__is_nan(f, a) || vy__is_nan(f, b) || vy__is_inf(f, a) ||
      vy__is_zero(f, b))
    return vy__nan_bits(f);
  if (vy__magnitude(f, a) < vy__magnitude(f, b))
    return a;
  const vy__unpacked x = vy__unpack(f, a), y = vy__unpack(f, b);
  // |a| >= |b| finite: fields say x.exp >= y.exp.
  uint64_t r = x.sig % y.sig;
  for (int left = x.exp - y.exp; left > 0 && r;) {
    const int step = left < 64 ? left : 64;
    r = (uint64_t)(((vy__u128)r << step) % y.sig);
    left -= step;
  }
  return vy__round(f, x.neg, r, y.exp);
}

static inline uint64_t root(vy__format f, uint64_t a) {
  if (vy__is_nan(f, a))
    return vy__nan_bits(f);
  if (vy__is_zero(f, a))
    return a;
  if (vy__is_neg(f, a))
    return vy__nan_bits(f);
  if (vy__is_inf(f, a))
    return a;
  // Scale to an even exponent and a root of top + 1 bits, four to spare.
  const int top = f.mant + 4;
  const vy__unpacked x = vy__unpack(f, a);
  int shift = 2 * top - vy__top_bit(x.sig);
  shift -= (x.exp - shift) & 1;
  const vy__u128 n = (vy__u128)x.sig << shift;
  uint64_t r = 0;
  for (int i = top; i >= 0; i--) {
    const uint64_t try = r | UINT64_C(1) << i;
    if ((vy__u128)try * try <= n)
      r = try;
  }
  const bool inexact = (vy__u128)r * r != n;
  // Two more bits keep the jammed one apart from the root's last.
  return vy__round(f, false, (vy__u128)r << 2 | inexact,
                   (x.exp - shift) / 2 - 2);
}

// ---- rounding to integers

enum toward { DOWN, UP, ZERO, EVEN };

static inline uint64_t integral(vy__format f, uint64_t a, enum toward toward) {
  const uint64_t sign = a & vy__sign_mask(f);
  const uint64_t magnitude = vy__magnitude(f, a);
  if (vy__is_nan(f, a))
    return vy__nan_bits(f);
  const int bias = (1 << (f.exp - 1)) - 1;
  const uint64_t one = (uint64_t)bias << f.mant;
  const int e = (int)(magnitude >> f.mant) - bias;
  if (e >= f.mant || magnitude == 0)
    return a;
  const bool away = toward == DOWN ? sign != 0 : toward == UP && sign == 0;
  if (e < 0) {
    const uint64_t half = one - (UINT64_C(1) << f.mant);
    const bool up = toward == EVEN ? magnitude > half : away;
    return sign | (up ? one : 0);
  }
  // Adding to the last integer bit carries into the exponent as it should.
  const uint64_t unit = UINT64_C(1) << (f.mant - e);
  const uint64_t fraction = magnitude & (unit - 1);
  uint64_t whole = magnitude - fraction;
  bool up = away && fraction;
  if (toward == EVEN) // at e == 0 the implicit bit is the last, and is odd
    up = fraction > unit / 2 ||
         (fraction == unit / 2 && (e == 0 || (whole & unit)));
  if (up)
    whole += unit;
  return sign | whole;
}

// ---- signs, order, classes

// Signed integers in the order of the floats, -0 just below +0.
static inline int64_t order(vy__format f, uint64_t x) {
  const int64_t m = (int64_t)vy__magnitude(f, x);
  return vy__is_neg(f, x) ? -m - 1 : m;
}

static inline uint64_t min(vy__format f, uint64_t a, uint64_t b) {
  if (vy__is_nan(f, a))
    return b;
  return vy__is_nan(f, b) || order(f, a) <= order(f, b) ? a : b;
}
static inline uint64_t max(vy__format f, uint64_t a, uint64_t b) {
  if (vy__is_nan(f, a))
    return b;
  return vy__is_nan(f, b) || order(f, a) >= order(f, b) ? a : b;
}

static inline uint64_t with_sign(vy__format f, uint64_t a, uint64_t b) {
  const bool neg = vy__is_neg(f, b) && !vy__is_nan(f, b);
  return vy__magnitude(f, a) | (neg ? vy__sign_mask(f) : 0);
}

static inline bool ordered(vy__format f, uint64_t a, uint64_t b) {
  return !vy__is_nan(f, a) && !vy__is_nan(f, b);
}
static inline bool eq(vy__format f, uint64_t a, uint64_t b) {
  return ordered(f, a, b) &&
         (a == b || (vy__is_zero(f, a) && vy__is_zero(f, b)));
}
static inline bool lt(vy__format f, uint64_t a, uint64_t b) {
  return ordered(f, a, b) && order(f, a) < order(f, b) && !eq(f, a, b);
}

// ---- the functions

// Both formats of one operation; F is the format.
#define EACH(id, expr)                                                         \
  VY__EVAL(id, F32) {                                                          \
    const vy__format F = VY__FORMAT_F32;                                       \
    return (expr);                                                             \
  }                                                                            \
  VY__EVAL(id, F64) {                                                          \
    const vy__format F = VY__FORMAT_F64;                                       \
    return (expr);                                                             \
  }

EACH(ADD, add(F, a, b))
EACH(SUB, sub(F, a, b))
EACH(MUL, mul(F, a, b))
EACH(DIV, div(F, a, b))
EACH(REM, rem(F, a, b))
EACH(FMA, fused(F, a, b, c))
EACH(SQRT, root(F, a))
EACH(NEG, a ^ vy__sign_mask(F))
EACH(ABS, vy__magnitude(F, a))
EACH(MIN, min(F, a, b))
EACH(MAX, max(F, a, b))
EACH(COPYSIGN, with_sign(F, a, b))
EACH(FLOOR, integral(F, a, DOWN))
EACH(CEIL, integral(F, a, UP))
EACH(TRUNC, integral(F, a, ZERO))
EACH(ROUND_EVEN, integral(F, a, EVEN))
EACH(ISNAN, vy__is_nan(F, a))
EACH(ISINF, vy__is_inf(F, a))
EACH(ISFINITE, vy__magnitude(F, a) < vy__inf_bits(F))
EACH(SIGNBIT, vy__is_neg(F, a) && !vy__is_nan(F, a))
EACH(EQ, eq(F, a, b))
EACH(NE, !eq(F, a, b))
EACH(LT, lt(F, a, b))
EACH(LE, lt(F, a, b) || eq(F, a, b))
EACH(GT, lt(F, b, a))
EACH(GE, lt(F, b, a) || eq(F, a, b))

VY__EVAL(SELECT, F32) { return a ? b : c; }
VY__EVAL(SELECT, F64) { return a ? b : c; }

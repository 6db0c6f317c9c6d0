// Conversions: between all value types against MPFR and 128-bit arithmetic;
// of memory elements against a second model, on all patterns of 16 bits and
// less, and of f32 to f16 and bf16 on a stride (all 2^32 with VYRE_FULL).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <mpfr.h>

#include "semantics/semantics.h"
#include "support/numbers.h"

typedef __int128 wide;

static int mant_of(vy_type t) {
  return t == VY_TYPE_F64   ? 52
         : t == VY_TYPE_F32 ? 23
         : t == VY_TYPE_F16 ? 10
                            : 7;
}
static int exp_of(vy_type t) {
  return t == VY_TYPE_F64 ? 11 : t == VY_TYPE_F16 ? 5 : 8;
}
static uint64_t inf_of(vy_type t) {
  return ((UINT64_C(1) << exp_of(t)) - 1) << mant_of(t);
}
static uint64_t sign_of(vy_type t) {
  return UINT64_C(1) << (mant_of(t) + exp_of(t));
}
static uint64_t nan_of(vy_type t) {
  return inf_of(t) | UINT64_C(1) << (mant_of(t) - 1);
}
static bool is_nan(vy_type t, uint64_t x) {
  return (x & (sign_of(t) - 1)) > inf_of(t);
}

// ---- the model: a value is an MPFR number of ample precision

enum { AMPLE = 200 };

static void set(mpfr_t v, vy_type t, uint64_t x) {
  if (!vy__is_float(t) && t < VY_TYPE_F16) {
    if (t == VY_TYPE_I32)
      mpfr_set_sj(v, (int32_t)x, MPFR_RNDN);
    else if (t == VY_TYPE_I64)
      mpfr_set_sj(v, (int64_t)x, MPFR_RNDN);
    else
      mpfr_set_uj(v, x, MPFR_RNDN);
    return;
  }
  const int bias = (1 << (exp_of(t) - 1)) - 1, mant = mant_of(t);
  const uint64_t tail = x & ((UINT64_C(1) << mant) - 1);
  const int field = (int)((x & (sign_of(t) - 1)) >> mant);
  if (is_nan(t, x)) {
    mpfr_set_nan(v);
    return;
  }
  if ((x & inf_of(t)) == inf_of(t))
    mpfr_set_inf(v, 1);
  else
    mpfr_set_uj_2exp(v, field ? tail | UINT64_C(1) << mant : tail,
                     (field ? field : 1) - bias - mant, MPFR_RNDN);
  if (x & sign_of(t))
    mpfr_neg(v, v, MPFR_RNDN);
}

// Nearest pattern of a float type: the number in units of the last place at
// its exponent, rounded by MPFR to an integer.
static uint64_t nearest(mpfr_t v, vy_type t) {
  const int bias = (1 << (exp_of(t) - 1)) - 1, mant = mant_of(t);
  const uint64_t sign = mpfr_signbit(v) ? sign_of(t) : 0;
  if (mpfr_nan_p(v))
    return nan_of(t);
  if (mpfr_inf_p(v))
    return sign | inf_of(t);
  if (mpfr_zero_p(v))
    return sign;
  long e = mpfr_get_exp(v) - 1; // |v| in [2^e, 2^(e+1))
  if (e < 1 - bias)
    e = 1 - bias;
  if (e > bias)
    return sign | inf_of(t);
  mpfr_t q;
  mpfr_init2(q, AMPLE);
  mpfr_abs(q, v, MPFR_RNDN);
  mpfr_mul_2si(q, q, mant - e, MPFR_RNDN);
  mpfr_rint_roundeven(q, q, MPFR_RNDN);
  const uint64_t sig = mpfr_get_uj(q, MPFR_RNDN);
  mpfr_clear(q);
  // A carry out of the significand makes the next power of two, or infinity.
  return sign | (((uint64_t)(e + bias - 1) << mant) + sig);
}

static uint64_t truncated(mpfr_t v, vy_type t) {
  const uint64_t mask = vy__type_bits(t) == 32 ? UINT32_MAX : UINT64_MAX;
  const int64_t top = t == VY_TYPE_I32 ? INT32_MAX : INT64_MAX;
  if (mpfr_nan_p(v))
    return 0;
  if (!vy__is_signed(t)) {
    if (mpfr_signbit(v))
      return 0;
    return mpfr_cmp_ui(v, mask) > 0 ? mask : mpfr_get_uj(v, MPFR_RNDZ);
  }
  if (mpfr_cmp_si(v, top) > 0)
    return (uint64_t)top;
  if (mpfr_cmp_si(v, -top - 1) < 0)
    return (uint64_t)(-top - 1) & mask;
  return (uint64_t)mpfr_get_sj(v, MPFR_RNDZ) & mask;
}

static uint64_t model(mpfr_t v, vy_type from, vy_type to, uint64_t x) {
  set(v, from, x);
  if (to == VY_TYPE_BOOL)
    return mpfr_nan_p(v) || !mpfr_zero_p(v);
  if (vy__is_float(to))
    return nearest(v, to);
  if (vy__is_float(from))
    return truncated(v, to);
  // Modulo 2^n of the integer.
  const wide i = from == VY_TYPE_I32   ? (int32_t)x
                 : from == VY_TYPE_I64 ? (wide)(int64_t)x
                                       : (wide)x;
  return (uint64_t)i & (vy__type_bits(to) == 32 ? UINT32_MAX : UINT64_MAX);
}

// ---- value conversions

static void check(mpfr_t v, vy_type from, vy_type to, uint64_t x) {
  const uint64_t want = model(v, from, to, x);
  const uint64_t got =
      vy__canonical(to, vy__evaluate(VY__OP_CONVERT, from, to, x, 0, 0));
  if (got != want)
    fail_msg("%s to %s: %#llx gave %#llx, not %#llx", vy__type_name(from),
             vy__type_name(to), (unsigned long long)x, (unsigned long long)got,
             (unsigned long long)want);
}

static size_t edges_of(vy_type t, uint64_t *out) {
  size_t n = 0;
  if (t == VY_TYPE_BOOL) {
    out[0] = 0;
    out[1] = 1;
    return 2;
  }
  if (vy__is_float(t))
    return numbers_edges(mant_of(t), exp_of(t), false, out);
  const int bits = (int)vy__type_bits(t);
  const uint64_t mask = UINT64_MAX >> (64 - bits);
  for (int i = 0; i < bits; i++)
    for (int64_t d = -1; d <= 1; d++) {
      out[n++] = ((UINT64_C(1) << i) + (uint64_t)d) & mask;
      out[n++] = (UINT64_C(0) - (UINT64_C(1) << i) + (uint64_t)d) & mask;
    }
  return n;
}

static uint64_t random_of(vy_type t, uint64_t *seed) {
  if (vy__is_float(t))
    return numbers_float(mant_of(t), exp_of(t), t == VY_TYPE_F64 ? 200 : 70,
                         seed);
  const uint64_t r = numbers_next(seed) >> (numbers_next(seed) & 63);
  return t == VY_TYPE_BOOL ? r & 1 : vy__type_bits(t) == 32 ? (uint32_t)r : r;
}

static void values(void **state) {
  (void)state;
  mpfr_t v;
  mpfr_init2(v, AMPLE);
  uint64_t e[NUMBERS_EDGES], seed = 3;
  const size_t random = numbers_full() ? 200000 : 4000;
  for (vy_type from = VY_TYPE_BOOL; from <= VY_TYPE_F64; from++)
    for (vy_type to = VY_TYPE_BOOL; to <= VY_TYPE_F64; to++) {
      const size_t n = edges_of(from, e);
      for (size_t i = 0; i < n; i++)
        check(v, from, to, e[i]);
      for (size_t i = 0; i < random; i++)
        check(v, from, to, random_of(from, &seed));
    }
  // Halfway points and their neighbours, out of f64 into f32.
  uint64_t f32[NUMBERS_EDGES];
  const size_t n = edges_of(VY_TYPE_F32, f32);
  for (size_t i = 0; i < n; i++) {
    const uint64_t wider =
        vy__evaluate(VY__OP_CONVERT, VY_TYPE_F32, VY_TYPE_F64, f32[i], 0, 0);
    for (uint64_t d = 0; d < 5; d++)
      for (int up = 0; up < 2; up++) {
        const uint64_t half = UINT64_C(1) << 28;
        check(v, VY_TYPE_F64, VY_TYPE_F32,
              up ? wider + half + d - 2 : wider - half + d - 2);
      }
  }
  mpfr_clear(v);
}

static void bitcasts(void **state) {
  (void)state;
  static const uint64_t patterns[] = {0,          1,          0x7f800000,
                                      0x80000000, 0x3f800000, 0xff800000};
  for (vy_type from = VY_TYPE_I32; from <= VY_TYPE_F64; from++)
    for (vy_type to = VY_TYPE_I32; to <= VY_TYPE_F64; to++) {
      vy__eval_fn fn = vy__evaluator(VY__OP_BITCAST, from, to);
      const bool same = vy__type_bits(from) == vy__type_bits(to);
      assert_int_equal(fn != NULL, same);
      for (size_t i = 0; same && i < VY__COUNT(patterns); i++)
        assert_int_equal(fn(patterns[i], 0, 0), patterns[i]);
    }
}

// ---- memory elements

static void loads(void **state) {
  (void)state;
  mpfr_t v;
  mpfr_init2(v, AMPLE);
  for (uint64_t x = 0; x < 65536; x++) {
    const wide s8 = x & 128 ? (wide)(x & 255) - 256 : (wide)(x & 255);
    const wide s16 = x & 32768 ? (wide)x - 65536 : (wide)x;
    if (x < 256) {
      assert_int_equal(vy__load_convert(VY_TYPE_U8, x), x);
      assert_int_equal(vy__load_convert(VY_TYPE_I8, x), (uint32_t)s8);
    }
    assert_int_equal(vy__load_convert(VY_TYPE_U16, x), x);
    assert_int_equal(vy__load_convert(VY_TYPE_I16, x), (uint32_t)s16);
    for (vy_type t = VY_TYPE_F16; t <= VY_TYPE_BF16; t++) {
      set(v, t, x);
      const uint64_t loaded = vy__load_convert(t, x);
      assert_int_equal(vy__canonical(VY_TYPE_F32, loaded),
                       nearest(v, VY_TYPE_F32));
      // And back: the same element, or the one NaN.
      assert_int_equal(vy__store_convert(t, loaded),
                       is_nan(t, x) ? nan_of(t) : x);
      assert_int_equal(vy__canonical(t, x), is_nan(t, x) ? nan_of(t) : x);
    }
  }
  mpfr_clear(v);
}

static void store_integers(void **state) {
  (void)state;
  uint64_t seed = 5;
  for (int i = 0; i < 10000; i++) {
    const uint64_t x = numbers_next(&seed);
    const uint32_t low = (uint32_t)x;
    assert_int_equal(vy__store_convert(VY_TYPE_I8, low), low % 256);
    assert_int_equal(vy__store_convert(VY_TYPE_U8, low), low % 256);
    assert_int_equal(vy__store_convert(VY_TYPE_I16, low), low % 65536);
    assert_int_equal(vy__store_convert(VY_TYPE_U16, low), low % 65536);
    assert_int_equal(vy__store_convert(VY_TYPE_I32, low), low);
    assert_int_equal(vy__store_convert(VY_TYPE_U64, x), x);
    assert_int_equal(vy__load_convert(VY_TYPE_I64, x), x);
  }
  assert_int_equal(vy__store_convert(VY_TYPE_F32, 0xffc00001), 0x7fc00000);
  assert_int_equal(vy__store_convert(VY_TYPE_F64, 0xfff0000000000001),
                   0x7ff8000000000000);
  assert_int_equal(vy__load_convert(VY_TYPE_F32, 0xffc00001), 0xffc00001);
}

// f32 to a 16-bit format by integer rounding of the pattern: cut the tail and
// add half of what is cut off; below the least normal number, count in units
// of the least subnormal.
static uint32_t narrow(vy_type t, uint32_t x) {
  const uint32_t sign = x >> 31 << 15, m = x & 0x7fffffff;
  const int mant = t == VY_TYPE_F16 ? 10 : 7, cut = 23 - mant;
  // In f32's exponent fields: of the format's least normal number.
  const uint32_t least = t == VY_TYPE_F16 ? 113 : 1;
  uint32_t field = m >> 23, sig = (m & 0x7fffff) | (field ? 0x800000 : 0);
  if (m > 0x7f800000)
    return (uint32_t)nan_of(t);
  if (m == 0x7f800000)
    return sign | (uint32_t)inf_of(t);
  if (field == 0)
    field = 1;
  uint32_t below = field < least ? least - field : 0;
  if (below > 14)
    below = 14; // all is less than half a unit
  const int drop = cut + (int)below;
  const uint32_t up = (1u << (drop - 1)) - 1 + (sig >> drop & 1);
  uint32_t r = (sig + up) >> drop;
  r += (field < least ? 0 : field - least) << mant;
  return sign | (r > inf_of(t) ? (uint32_t)inf_of(t) : r);
}

static void store_narrow(void **state) {
  (void)state;
  const uint64_t step = numbers_full() ? 1 : 997;
  for (uint64_t x = 0; x <= UINT32_MAX; x += step)
    for (vy_type t = VY_TYPE_F16; t <= VY_TYPE_BF16; t++)
      if (vy__store_convert(t, x) != narrow(t, (uint32_t)x))
        fail_msg("%s: %#llx gave %#llx, not %#x", vy__type_name(t),
                 (unsigned long long)x,
                 (unsigned long long)vy__store_convert(t, x),
                 narrow(t, (uint32_t)x));
}

// Every value of the format, the points halfway to the next, and neighbours.
static void store_halfway(void **state) {
  (void)state;
  mpfr_t v;
  mpfr_init2(v, AMPLE);
  for (vy_type t = VY_TYPE_F16; t <= VY_TYPE_BF16; t++)
    for (uint64_t x = 0; x < 65535; x++) {
      if ((x & 0x7fff) >= inf_of(t))
        continue;
      const uint64_t a = vy__load_convert(t, x);
      const uint64_t next = (x & 0x7fff) + 1 == inf_of(t)
                                ? a + (UINT64_C(1) << (23 - mant_of(t)))
                                : vy__load_convert(t, x + 1);
      for (int64_t d = -1; d <= 1; d++) {
        const uint64_t p = (a + next) / 2 + (uint64_t)d;
        set(v, VY_TYPE_F32, p);
        assert_int_equal(vy__store_convert(t, p), nearest(v, t));
      }
    }
  mpfr_clear(v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values),       cmocka_unit_test(bitcasts),
      cmocka_unit_test(loads),        cmocka_unit_test(store_integers),
      cmocka_unit_test(store_narrow), cmocka_unit_test(store_halfway),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

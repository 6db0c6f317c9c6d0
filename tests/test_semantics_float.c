// Float evaluators against MPFR, which computes with the exponent range of
// the format and emulates its subnormals: all pairs of edge values, triples
// of few, and random patterns at several exponent distances.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <mpfr.h>

#include "semantics/semantics.h"
#include "support/numbers.h"

typedef struct format {
  vy_type type;
  int mant, exp;
} format;
static const format formats[] = {{VY_TYPE_F32, 23, 8}, {VY_TYPE_F64, 52, 11}};

// ---- patterns and MPFR numbers

static uint64_t inf_of(const format *f) {
  return ((UINT64_C(1) << f->exp) - 1) << f->mant;
}
static uint64_t sign_of(const format *f) {
  return UINT64_C(1) << (f->mant + f->exp);
}
static uint64_t nan_of(const format *f) {
  return inf_of(f) | UINT64_C(1) << (f->mant - 1);
}
static bool is_nan(const format *f, uint64_t x) {
  return (x & (sign_of(f) - 1)) > inf_of(f);
}

static void use(const format *f) {
  const int bias = (1 << (f->exp - 1)) - 1;
  mpfr_set_default_prec(f->mant + 1);
  mpfr_set_emin(2 - bias - f->mant);
  mpfr_set_emax(bias + 1);
}

static void set(mpfr_t v, const format *f, uint64_t x) {
  const int bias = (1 << (f->exp - 1)) - 1;
  const uint64_t tail = x & ((UINT64_C(1) << f->mant) - 1);
  const int field = (int)((x & (sign_of(f) - 1)) >> f->mant);
  if (is_nan(f, x)) {
    mpfr_set_nan(v);
    return;
  }
  if (field == (1 << f->exp) - 1)
    mpfr_set_inf(v, 1);
  else
    mpfr_set_uj_2exp(v, field ? tail | UINT64_C(1) << f->mant : tail,
                     (field ? field : 1) - bias - f->mant, MPFR_RNDN);
  if (x & sign_of(f))
    mpfr_neg(v, v, MPFR_RNDN);
}

// v is a value of the format, so nothing is rounded here.
static uint64_t get(mpfr_t v, const format *f) {
  const float narrow = mpfr_get_flt(v, MPFR_RNDN);
  const double wide = mpfr_get_d(v, MPFR_RNDN);
  uint32_t narrow_bits;
  uint64_t wide_bits;
  memcpy(&narrow_bits, &narrow, sizeof narrow_bits);
  memcpy(&wide_bits, &wide, sizeof wide_bits);
  if (mpfr_nan_p(v))
    return nan_of(f);
  return f->type == VY_TYPE_F32 ? narrow_bits : wide_bits;
}

// ---- operations

typedef int (*mpfr_fn)(mpfr_t r, mpfr_t a, mpfr_t b, mpfr_t c);

#define BINARY(id, fn)                                                         \
  static int exact_##id(mpfr_t r, mpfr_t a, mpfr_t b, mpfr_t c) {              \
    (void)c;                                                                   \
    return fn(r, a, b, MPFR_RNDN);                                             \
  }
BINARY(ADD, mpfr_add)
BINARY(SUB, mpfr_sub)
BINARY(MUL, mpfr_mul)
BINARY(DIV, mpfr_div)
BINARY(REM, mpfr_fmod)
BINARY(MIN, mpfr_min)
BINARY(MAX, mpfr_max)
BINARY(COPYSIGN, mpfr_copysign)
#define UNARY(id, ...)                                                         \
  static int exact_##id(mpfr_t r, mpfr_t a, mpfr_t b, mpfr_t c) {              \
    (void)b, (void)c;                                                          \
    return __VA_ARGS__;                                                        \
  }
UNARY(SQRT, mpfr_sqrt(r, a, MPFR_RNDN))
UNARY(NEG, mpfr_neg(r, a, MPFR_RNDN))
UNARY(ABS, mpfr_abs(r, a, MPFR_RNDN))
UNARY(FLOOR, mpfr_floor(r, a), 0)
UNARY(CEIL, mpfr_ceil(r, a), 0)
UNARY(TRUNC, mpfr_trunc(r, a), 0)
UNARY(ROUND_EVEN, mpfr_rint_roundeven(r, a, MPFR_RNDN))
UNARY(ISNAN, mpfr_set_si(r, mpfr_nan_p(a) != 0, MPFR_RNDN))
UNARY(ISINF, mpfr_set_si(r, mpfr_inf_p(a) != 0, MPFR_RNDN))
UNARY(ISFINITE, mpfr_set_si(r, mpfr_number_p(a) != 0, MPFR_RNDN))
UNARY(SIGNBIT, mpfr_set_si(r, !mpfr_nan_p(a) && mpfr_signbit(a), MPFR_RNDN))
#define COMPARE(id, test)                                                      \
  static int exact_##id(mpfr_t r, mpfr_t a, mpfr_t b, mpfr_t c) {              \
    (void)c;                                                                   \
    return mpfr_set_ui(r, (test) ? 1 : 0, MPFR_RNDN);                          \
  }
COMPARE(EQ, mpfr_equal_p(a, b))
COMPARE(NE, !mpfr_equal_p(a, b))
COMPARE(LT, mpfr_less_p(a, b))
COMPARE(LE, mpfr_lessequal_p(a, b))
COMPARE(GT, mpfr_greater_p(a, b))
COMPARE(GE, mpfr_greaterequal_p(a, b))
static int exact_FMA(mpfr_t r, mpfr_t a, mpfr_t b, mpfr_t c) {
  return mpfr_fma(r, a, b, c, MPFR_RNDN);
}
static int exact_SELECT(mpfr_t r, mpfr_t a, mpfr_t b, mpfr_t c) {
  return mpfr_set(r, mpfr_zero_p(a) ? c : b, MPFR_RNDN);
}

// Every row of ops.def with floats, but CONVERT and BITCAST.
typedef struct operation {
  vy__op op;
  mpfr_fn exact;
} operation;
static const operation operations[] = {
#define IF_LEAF(id, types)
#define IF_READ(id, types)
#define IF_WRITE(id, types)
#define IF_ATOMIC(id, types)
#define IF_COLLECTIVE(id, types)
#define IF_SYNC(id, types)
#define IF_PURE(id, types) WITH_##types(id)
#define WITH_INT(id)
#define WITH_INTB(id)
#define WITH_NUM(id) WITH_FLOAT(id)
#define WITH_ALL(id) WITH_FLOAT(id)
#define WITH_FLOAT(id) {VY__OP_##id, exact_##id},
#define exact_CONVERT NULL
#define exact_BITCAST NULL
#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  IF_##effect(id, types)
#include "ir/ops.def"
#undef OP
};

typedef struct bench { // numbers reused from call to call
  mpfr_t a, b, c, r;
} bench;

static void check(const format *f, const operation *o, bench *m, uint64_t a,
                  uint64_t b, uint64_t c) {
  const vy__op_info *row = vy__op_row(o->op);
  vy__eval_fn fn = vy__evaluator(o->op, f->type, f->type);
  const bool test = row->sig == VY__SIG_TEST || row->sig == VY__SIG_CMP;
  if (row->sig == VY__SIG_SELECT)
    a &= 1;
  set(m->a, f, a);
  set(m->b, f, b);
  set(m->c, f, c);
  int inexact = o->exact(m->r, m->a, m->b, m->c);
  inexact = mpfr_check_range(m->r, inexact, MPFR_RNDN);
  mpfr_subnormalize(m->r, inexact, MPFR_RNDN);
  uint64_t want = test ? mpfr_get_ui(m->r, MPFR_RNDN) : get(m->r, f);
  if (o->op == VY__OP_COPYSIGN && is_nan(f, b) && !is_nan(f, a))
    want &= sign_of(f) - 1;
  const uint64_t raw = fn(a, b, c);
  const uint64_t got = test ? raw : vy__canonical(f->type, raw);
  if (got != want)
    fail_msg("%s of %s: (%#llx, %#llx, %#llx) gave %#llx, not %#llx", row->name,
             vy__type_name(f->type), (unsigned long long)a,
             (unsigned long long)b, (unsigned long long)c,
             (unsigned long long)got, (unsigned long long)want);
}

static void bench_begin(bench *m, const format *f) {
  use(f);
  mpfr_inits(m->a, m->b, m->c, m->r, (mpfr_ptr)0);
}
static void bench_end(bench *m) {
  mpfr_clears(m->a, m->b, m->c, m->r, (mpfr_ptr)0);
}

static void check_edges(const format *f, const operation *o, bench *m) {
  const uint32_t operands = vy__op_row(o->op)->operands;
  uint64_t e[NUMBERS_EDGES];
  const size_t n = numbers_edges(f->mant, f->exp, operands > 2, e);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < (operands > 1 ? n : 1); j++)
      for (size_t k = 0; k < (operands > 2 ? n : 1); k++)
        check(f, o, m, e[i], e[j], e[k]);
}

static void check_random(const format *f, const operation *o, bench *m) {
  static const int spreads[] = {1, 4, 30, 64, 130, 2000};
  const size_t n = numbers_full() ? 200000 : 2000;
  uint64_t seed = o->op;
  for (size_t s = 0; s < VY__COUNT(spreads); s++)
    for (size_t i = 0; i < n; i++) {
      uint64_t x[3];
      for (int j = 0; j < 3; j++)
        x[j] = numbers_float(f->mant, f->exp, spreads[s], &seed);
      check(f, o, m, x[0], x[1], x[2]);
      // Cancellation: c near -a * b, b near -a.
      check(f, o, m, x[0], x[0] ^ sign_of(f) ^ (i & 15), x[2]);
      const uint64_t p =
          vy__evaluate(VY__OP_MUL, f->type, f->type, x[0], x[1], 0);
      check(f, o, m, x[0], x[1], p ^ sign_of(f) ^ (i & 3));
    }
}

static void all_operations(void **state) {
  (void)state;
  for (size_t i = 0; i < VY__COUNT(formats); i++) {
    bench m;
    bench_begin(&m, &formats[i]);
    for (size_t j = 0; j < VY__COUNT(operations); j++) {
      if (!operations[j].exact)
        continue;
      check_edges(&formats[i], &operations[j], &m);
      check_random(&formats[i], &operations[j], &m);
    }
    bench_end(&m);
  }
}

// Operands of few significant bits: results that are exact or lie exactly
// between two floats, or almost, are then frequent.
static void near_ties(void **state) {
  (void)state;
  for (size_t i = 0; i < VY__COUNT(formats); i++) {
    const format *f = &formats[i];
    const uint64_t bias = ((UINT64_C(1) << (f->exp - 1)) - 1) << f->mant;
    bench m;
    bench_begin(&m, f);
    uint64_t seed = 7;
    for (size_t j = 0; j < VY__COUNT(operations); j++) {
      const operation *o = &operations[j];
      if (!o->exact)
        continue;
      for (int k = 0; k < (numbers_full() ? 20000 : 500); k++) {
        uint64_t x[3];
        for (int n = 0; n < 3; n++) {
          const uint64_t r = numbers_next(&seed);
          const uint64_t tail = r & ((UINT64_C(1) << f->mant) - 1);
          const int cut = (int)(r >> 56) % (f->mant + 1);
          const uint64_t sign = (r >> 55 & 1) ? sign_of(f) : 0;
          const uint64_t e = (r >> 53 & 1) ? (uint64_t)f->mant << f->mant : 0;
          x[n] = sign | ((bias - e) + (tail >> cut << cut));
        }
        check(f, o, &m, x[0], x[1], x[2]);
      }
    }
    bench_end(&m);
  }
}

// Remainders and quotients of extreme exponent difference.
static void far_remainders(void **state) {
  (void)state;
  const vy_type t = VY_TYPE_F64;
  const uint64_t max = 0x7fefffffffffffff;
  for (uint64_t b = 1; b < 200; b++) {
    // max = (2^53 - 1) * 2^971; modulo b * 2^-1074 by plain powering.
    uint64_t r = (((UINT64_C(1) << 53) - 1)) % b;
    for (int i = 0; i < 971 + 1074; i++)
      r = r * 2 % b;
    assert_int_equal(vy__evaluate(VY__OP_REM, t, t, max, b, 0), r);
  }
}

static void nan_rules(void **state) {
  (void)state;
  for (size_t i = 0; i < VY__COUNT(formats); i++) {
    const format *f = &formats[i];
    const vy_type t = f->type;
    const uint64_t one = ((UINT64_C(1) << (f->exp - 1)) - 1) << f->mant;
    const uint64_t odd_nan = inf_of(f) | 1 | sign_of(f);
    assert_int_equal(vy__evaluate(VY__OP_ADD, t, t, odd_nan, one, 0),
                     nan_of(f));
    assert_int_equal(vy__evaluate(VY__OP_SIGNBIT, t, t, odd_nan, 0, 0), 0);
    assert_int_equal(
        vy__evaluate(VY__OP_COPYSIGN, t, t, one | sign_of(f), odd_nan, 0), one);
    assert_int_equal(vy__evaluate(VY__OP_MIN, t, t, odd_nan, one, 0), one);
    assert_int_equal(vy__evaluate(VY__OP_MAX, t, t, one, odd_nan, 0), one);
    const vy_type to = t == VY_TYPE_F32 ? VY_TYPE_U32 : VY_TYPE_U64;
    assert_int_equal(vy__evaluate(VY__OP_BITCAST, t, to, odd_nan, 0, 0),
                     nan_of(f));
    assert_int_equal(vy__evaluate(VY__OP_BITCAST, to, t, odd_nan, 0, 0),
                     odd_nan);
    assert_int_equal(vy__canonical(t, odd_nan), nan_of(f));
    assert_int_equal(vy__canonical(to, odd_nan), odd_nan);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_operations),
      cmocka_unit_test(near_ties),
      cmocka_unit_test(far_remainders),
      cmocka_unit_test(nan_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Integer evaluators against a second model in plain 128-bit arithmetic, bit
// loops and all: at 8 bits, from the same source, on all pairs; at 32 and 64
// on edge pairs and random ones. Every integer row of ops.def takes part.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "semantics/eval.h"
#include "support/numbers.h"

// ---- the source at 8 bits

#define BITS 8
#define U uint8_t
#define S int8_t
#define W int32_t
#define UW uint32_t
#define HEADER(name)                                                           \
  static uint64_t name(uint64_t a __attribute__((unused)),                     \
                       uint64_t b __attribute__((unused)),                     \
                       uint64_t c __attribute__((unused)))
#define UNSIGNED(id) HEADER(narrow_##id##_U)
#define SIGNED(id) HEADER(narrow_##id##_S)
#include "semantics/int_ops.inc"

static const vy__eval_fn narrow[VY__OP_LIMIT][2] = {
#define NARROW(id, type) [VY__OP_##id] = {narrow_##id##_U, narrow_##id##_S},
#undef VY__EACH_INT
#define VY__EACH_INT(X, id) NARROW(id, )
#undef VY__EACH_FLOAT
#define VY__EACH_FLOAT(X, id)
#undef VY__EACH_INTB
#define VY__EACH_INTB(X, id) VY__EACH_INT(X, id)
#undef VY__EACH_ALL
#define VY__EACH_ALL(X, id) VY__EACH_INT(X, id)
#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  VY__EACH_EVAL(NARROW, id, sig, types, effect)
#include "ir/ops.def"
#undef OP
};

// ---- the model

typedef __int128 wide;

typedef struct args {
  int bits;
  bool is_signed;
  wide a, b; // values
  uint64_t c;
} args;

static wide power(int n) {
  wide p = 1;
  for (; n > 0; n--)
    p *= 2;
  return p;
}
static wide low(const args *x) {
  return x->is_signed ? -power(x->bits - 1) : 0;
}
static wide high(const args *x) {
  return power(x->is_signed ? x->bits - 1 : x->bits) - 1;
}
static wide clamp(const args *x, wide v) {
  return v < low(x) ? low(x) : v > high(x) ? high(x) : v;
}
static wide floor_half(wide v) { return (v - (v % 2 != 0 && v < 0)) / 2; }
static int bit(wide v, int i) {
  for (; i > 0; i--)
    v = floor_half(v);
  return v % 2 != 0;
}
static int amount(const args *x) {
  const int rest = (int)(x->b % x->bits);
  return rest < 0 ? rest + x->bits : rest;
}

#define MODEL(id, expr)                                                        \
  static wide model_##id(const args *x) { return (expr); }
MODEL(ADD, x->a + x->b)
MODEL(SUB, x->a - x->b)
MODEL(DIV, x->b == 0 ? -1 : x->a / x->b)
MODEL(REM, x->b == 0 ? x->a : x->a % x->b)
MODEL(NEG, -x->a)
MODEL(ABS, x->a < 0 ? -x->a : x->a)
MODEL(MIN, x->a < x->b ? x->a : x->b)
MODEL(MAX, x->a < x->b ? x->b : x->a)
MODEL(ABS_DIFF, x->a < x->b ? x->b - x->a : x->a - x->b)
MODEL(ADD_SAT, clamp(x, x->a + x->b))
MODEL(SUB_SAT, clamp(x, x->a - x->b))
MODEL(NOT, -x->a - 1)
MODEL(EQ, x->a == x->b)
MODEL(NE, x->a != x->b)
MODEL(LT, x->a < x->b)
MODEL(LE, x->a <= x->b)
MODEL(GT, x->a > x->b)
MODEL(GE, x->a >= x->b)
MODEL(SELECT, x->a != 0 ? x->b : (wide)x->c)

// Digit by digit in base 2^(bits / 2), which also gives the upper half.
static void product(const args *x, wide *upper, wide *lower) {
  const wide base = power(x->bits / 2);
  const bool neg = (x->a < 0) != (x->b < 0);
  const wide a = x->a < 0 ? -x->a : x->a, b = x->b < 0 ? -x->b : x->b;
  const wide low_low = (a % base) * (b % base);
  const wide mid = (a / base) * (b % base) + (a % base) * (b / base);
  const wide bottom = low_low + mid % base * base;
  *lower = bottom % (base * base);
  *upper = (a / base) * (b / base) + mid / base + bottom / (base * base);
  if (neg) { // -(upper, lower)
    *upper = -*upper - (*lower != 0);
    *lower = -*lower;
  }
}
static wide model_MUL(const args *x) {
  wide upper, lower;
  product(x, &upper, &lower);
  return lower;
}
static wide model_MUL_HIGH(const args *x) {
  wide upper, lower;
  product(x, &upper, &lower);
  return upper;
}

#define BITWISE(id, expr)                                                      \
  static wide model_##id(const args *x) {                                      \
    wide r = 0;                                                                \
    for (int i = x->bits - 1; i >= 0; i--) {                                   \
      const int p = bit(x->a, i), q = bit(x->b, i);                            \
      r = r * 2 + (expr);                                                      \
    }                                                                          \
    return r;                                                                  \
  }
BITWISE(AND, p + q == 2)
BITWISE(OR, p + q > 0)
BITWISE(XOR, p != q)

static wide model_SHL(const args *x) {
  uint64_t r = (uint64_t)x->a;
  for (int i = amount(x); i > 0; i--)
    r += r;
  return (wide)r;
}
static wide model_SHR(const args *x) {
  wide r = x->a;
  for (int i = amount(x); i > 0; i--)
    r = floor_half(r);
  return r;
}
// Bit i of the result is bit `from` of a.
#define MOVED(id, from)                                                        \
  static wide model_##id(const args *x) {                                      \
    const int n = x->bits;                                                     \
    wide r = 0;                                                                \
    for (int i = n - 1; i >= 0; i--)                                           \
      r = r * 2 + bit(x->a, (from));                                           \
    return r;                                                                  \
  }
MOVED(ROTATE_LEFT, (i - amount(x) + n) % n)
MOVED(ROTATE_RIGHT, (i + amount(x)) % n)
MOVED(REVERSE_BITS, n - 1 - i)
MOVED(BYTE_SWAP, (n / 8 - 1 - i / 8) * 8 + i % 8)

static wide model_CLZ(const args *x) {
  int n = 0;
  while (n < x->bits && !bit(x->a, x->bits - 1 - n))
    n++;
  return n;
}
static wide model_CTZ(const args *x) {
  int n = 0;
  while (n < x->bits && !bit(x->a, n))
    n++;
  return n;
}
static wide model_POPCOUNT(const args *x) {
  int n = 0;
  for (int i = 0; i < x->bits; i++)
    n += bit(x->a, i);
  return n;
}

typedef wide (*model_fn)(const args *);
static const model_fn models[VY__OP_LIMIT] = {
#undef NARROW
#define NARROW(id, type) [VY__OP_##id] = model_##id,
#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  VY__EACH_EVAL(NARROW, id, sig, types, effect)
#include "ir/ops.def"
#undef OP
};

// ---- comparison

static uint64_t reduce(int bits, wide v) {
  return (uint64_t)v & (UINT64_MAX >> (64 - bits));
}
static wide value(int bits, bool is_signed, uint64_t v) {
  return is_signed && v >> (bits - 1) ? (wide)v - power(bits) : (wide)v;
}

static void compare(vy__op op, vy__eval_fn fn, int bits, bool is_signed,
                    uint64_t a, uint64_t b) {
  const uint64_t c = reduce(bits, (wide)(a * 7 + b));
  const args x = {bits, is_signed, value(bits, is_signed, a),
                  value(bits, is_signed, b), c};
  const uint64_t want = reduce(bits, models[op](&x)), got = fn(a, b, c);
  if (got != want)
    fail_msg("%s at %d bits, signed %d: (%#llx, %#llx) gave %#llx, not %#llx",
             vy__op_row(op)->name, bits, is_signed, (unsigned long long)a,
             (unsigned long long)b, (unsigned long long)got,
             (unsigned long long)want);
}

static void all_at_8_bits(void **state) {
  (void)state;
  size_t rows = 0;
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++) {
    if (!models[op])
      continue;
    rows++;
    const uint64_t b_end = vy__op_row(op)->operands == 1 ? 1 : 256;
    for (uint64_t a = 0; a < 256; a++)
      for (uint64_t b = 0; b < b_end; b++)
        for (int is_signed = 0; is_signed < 2; is_signed++)
          compare((vy__op)op, narrow[op][is_signed], 8, is_signed, a, b);
  }
  assert_true(rows >= 28);
}

static size_t edges(int bits, uint64_t *out) {
  size_t n = 0;
  for (int i = 0; i < bits; i += i < 4 || i > bits - 4 ? 1 : 7)
    for (int d = -1; d <= 1; d++) {
      out[n++] = reduce(bits, power(i) + d);
      out[n++] = reduce(bits, -power(i) + d);
    }
  return n;
}

static void compare_type(vy_type type) {
  uint64_t e[512], seed = 1;
  const int bits = (int)vy__type_bits(type);
  const bool is_signed = vy__is_signed(type);
  const size_t n = edges(bits, e), random = numbers_full() ? 100000 : 1000;
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++) {
    if (!models[op])
      continue;
    vy__eval_fn fn = vy__evaluator((vy__op)op, type, type);
    assert_non_null(fn);
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        compare((vy__op)op, fn, bits, is_signed, e[i], e[j]);
    for (size_t i = 0; i < random; i++) {
      const uint64_t a = numbers_next(&seed), b = numbers_next(&seed);
      compare((vy__op)op, fn, bits, is_signed, reduce(bits, (wide)a),
              reduce(bits, (wide)(b >> (b & 63))));
    }
  }
}

static void edges_and_random(void **state) {
  (void)state;
  for (vy_type t = VY_TYPE_I32; t <= VY_TYPE_U64; t++)
    compare_type(t);
}

static void bools(void **state) {
  (void)state;
  for (uint64_t a = 0; a < 2; a++)
    for (uint64_t b = 0; b < 2; b++) {
      const vy_type t = VY_TYPE_BOOL;
      assert_int_equal(vy__evaluate(VY__OP_AND, t, t, a, b, 0), a && b);
      assert_int_equal(vy__evaluate(VY__OP_OR, t, t, a, b, 0), a || b);
      assert_int_equal(vy__evaluate(VY__OP_XOR, t, t, a, b, 0), a != b);
      assert_int_equal(vy__evaluate(VY__OP_NOT, t, t, a, b, 0), !a);
      assert_int_equal(vy__evaluate(VY__OP_EQ, t, t, a, b, 0), a == b);
      assert_int_equal(vy__evaluate(VY__OP_NE, t, t, a, b, 0), a != b);
      assert_int_equal(vy__evaluate(VY__OP_SELECT, t, t, a, b, !b), a ? b : !b);
    }
}

// The table is full exactly where ops.def says.
static void table(void **state) {
  (void)state;
  for (uint32_t op = 0; op < VY__OP_LIMIT + 2; op++) {
    const vy__op_info *row = vy__op_row(op);
    const bool pure =
        row->name && row->effect == VY__EFFECT_PURE && row->operands;
    for (uint32_t t = 0; t <= VY_TYPE_BF16 + 1; t++) {
      const vy_type type = (vy_type)t;
      const bool has = pure && (row->types >> t & 1);
      assert_int_equal(vy__evaluator((vy__op)op, type, type) != NULL, has);
      assert_int_equal(vy__evaluator_pinned((vy__op)op, type, type) != NULL,
                       has);
    }
  }
  assert_null(vy__evaluator(VY__OP_BITCAST, VY_TYPE_I32, VY_TYPE_F64));
  assert_null(vy__evaluator(VY__OP_CONVERT, VY_TYPE_I32, VY_TYPE_I8));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_at_8_bits),
      cmocka_unit_test(edges_and_random),
      cmocka_unit_test(bools),
      cmocka_unit_test(table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

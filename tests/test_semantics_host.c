// The host's float state: evaluators that use host instructions in a pinned
// state equal the soft ones bit for bit, whatever the state was before; and
// no soft result depends on rounding mode, FTZ or DAZ.
#include <fenv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "semantics/semantics.h"
#include "support/numbers.h"

// ---- unusual float states

#if defined(__x86_64__)
#include <immintrin.h>
static void flush_subnormals(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
static uint64_t float_state(void) { return _mm_getcsr() & 0xffc0; }
#elif defined(__aarch64__)
static uint64_t float_state(void) {
  uint64_t fpcr;
  __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
  return fpcr;
}
static void flush_subnormals(void) {
  __asm__ volatile("msr fpcr, %0" : : "r"(float_state() | 1 << 24));
}
#else
static void flush_subnormals(void) {}
static uint64_t float_state(void) { return (uint64_t)fegetround(); }
#endif

static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD,
                                FE_TOWARDZERO};

static void enter_state(size_t i) {
  fesetround(roundings[i % VY__COUNT(roundings)]);
  if (i >= VY__COUNT(roundings))
    flush_subnormals();
}
static void leave_state(void) { fesetenv(FE_DFL_ENV); }
enum { STATES = 8 };

// ---- all evaluators on all kinds of operands

typedef struct subject {
  vy__op op;
  vy_type type, to;
} subject;

typedef void (*visit_fn)(const subject *s, uint64_t a, uint64_t b, uint64_t c,
                         void *user);

static uint64_t operand(vy_type t, int spread, uint64_t *seed) {
  if (t == VY_TYPE_F32)
    return numbers_float(23, 8, spread, seed);
  if (t == VY_TYPE_F64)
    return numbers_float(52, 11, spread, seed);
  const uint64_t r = numbers_next(seed) >> (numbers_next(seed) & 63);
  return vy__type_bits(t) == 64 ? r
                                : r & (UINT64_MAX >> (64 - vy__type_bits(t)));
}

static void visit_random(const subject *s, size_t n, visit_fn visit,
                         void *user) {
  static const int spreads[] = {2, 30, 60, 2000};
  uint64_t seed = s->op;
  const bool select = vy__op_row(s->op)->sig == VY__SIG_SELECT;
  for (size_t i = 0; i < n; i++) {
    const int spread = spreads[i & 3];
    const uint64_t a = operand(select ? VY_TYPE_BOOL : s->type, spread, &seed);
    const uint64_t b = operand(s->type, spread, &seed);
    visit(s, a, b, operand(s->type, spread, &seed), user);
  }
}

static void visit_edges(const subject *s, visit_fn visit, void *user) {
  uint64_t e[NUMBERS_EDGES];
  const uint32_t operands = vy__op_row(s->op)->operands;
  const bool narrow = s->type == VY_TYPE_F32;
  if (!vy__is_float(s->type) || vy__op_row(s->op)->sig == VY__SIG_SELECT)
    return;
  const size_t n = numbers_edges(narrow ? 23 : 52, narrow ? 8 : 11,
                                 operands > 2 || !numbers_full(), e);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < (operands > 1 ? n : 1); j++)
      for (size_t k = 0; k < (operands > 2 ? n : 1); k++)
        visit(s, e[i], e[j], e[k], user);
}

static void visit_all(size_t random, visit_fn visit, void *user) {
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++)
    for (vy_type t = VY_TYPE_BOOL; t <= VY_TYPE_F64; t++)
      for (vy_type to = VY_TYPE_BOOL; to <= VY_TYPE_F64; to++) {
        const subject s = {(vy__op)op, t, to};
        const bool one = op != VY__OP_CONVERT && op != VY__OP_BITCAST;
        if (!vy__evaluator(s.op, t, to) || (one && to != t))
          continue;
        visit_edges(&s, visit, user);
        visit_random(&s, random, visit, user);
      }
}

// ---- pinned equals soft

static void same(const subject *s, uint64_t a, uint64_t b, uint64_t c,
                 void *user) {
  (void)user;
  const uint64_t want = vy__evaluate(s->op, s->type, s->to, a, b, c);
  const uint64_t got = vy__evaluator_pinned(s->op, s->type, s->to)(a, b, c);
  if (got != want)
    fail_msg("%s of %s: (%#llx, %#llx, %#llx) gave %#llx, not %#llx",
             vy__op_row(s->op)->name, vy__type_name(s->type),
             (unsigned long long)a, (unsigned long long)b,
             (unsigned long long)c, (unsigned long long)got,
             (unsigned long long)want);
}

static void pinned_is_soft(void **state) {
  (void)state;
  vy__fp_state s;
  vy__fp_pin(&s);
  visit_all(numbers_full() ? 1000000 : 5000, same, NULL);
  vy__fp_restore(&s);
}

static void pin_and_restore(void **state) {
  (void)state;
  for (size_t i = 0; i < STATES; i++) {
    vy__fp_state s;
    enter_state(i);
    const uint64_t before = float_state();
    vy__fp_pin(&s);
    visit_all(100, same, NULL);
    vy__fp_restore(&s);
    const uint64_t after = float_state();
    leave_state();
    assert_int_equal(before, after);
  }
}

// ---- soft results and the state

static void mix(uint64_t *hash, uint64_t v) {
  *hash = (*hash ^ v) * 0x100000001b3;
  *hash ^= *hash >> 29;
}

static void hash_result(const subject *s, uint64_t a, uint64_t b, uint64_t c,
                        void *user) {
  mix(user, vy__evaluate(s->op, s->type, s->to, a, b, c));
}

static uint64_t hash_everything(void) {
  uint64_t hash = 0, seed = 11, e[NUMBERS_EDGES], bits = 0;
  char text[64];
  visit_all(200, hash_result, &hash);
  for (int i = 0; i < 2000; i++) {
    const uint64_t x = numbers_float(23, 8, 127, &seed);
    mix(&hash, vy__store_convert(VY_TYPE_F16, x));
    mix(&hash, vy__store_convert(VY_TYPE_BF16, x));
    mix(&hash, vy__load_convert(VY_TYPE_F16, x & 0xffff));
  }
  const size_t n = numbers_edges(52, 11, true, e);
  for (size_t i = 0; i < n; i++) {
    if ((e[i] & 0x7ff0000000000000) == 0x7ff0000000000000)
      continue;
    const size_t size = vy__format_float(VY_TYPE_F64, e[i], text);
    assert_true(vy__parse_float(VY_TYPE_F64, text, size, &bits));
    mix(&hash, bits);
    mix(&hash, size);
    assert_true(vy__parse_float(VY_TYPE_F32, text, size, &bits));
    mix(&hash, bits);
  }
  return hash;
}

static void soft_ignores_state(void **state) {
  (void)state;
  const uint64_t want = hash_everything();
  for (size_t i = 0; i < STATES; i++) {
    enter_state(i);
    const uint64_t before = float_state();
    const uint64_t got = hash_everything();
    const uint64_t after = float_state();
    leave_state();
    assert_int_equal(got, want);
    assert_int_equal(before, after);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pinned_is_soft),
      cmocka_unit_test(pin_and_restore),
      cmocka_unit_test(soft_ignores_state),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

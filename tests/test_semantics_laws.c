// The laws that ops.def states hold of the evaluators, up to the payload of
// NaN: commutative operations over pairs, idempotent ones applied twice,
// linear ones over triples, identities on both sides; those said to be linear
// are all that are. And each result fits its type.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "semantics/semantics.h"
#include "support/numbers.h"

static size_t samples(vy_type t, uint64_t *out) {
  if (t == VY_TYPE_F32)
    return numbers_edges(23, 8, true, out);
  if (t == VY_TYPE_F64)
    return numbers_edges(52, 11, true, out);
  const uint32_t bits = vy__type_bits(t);
  const uint64_t mask = UINT64_MAX >> (64 - bits);
  size_t n = 0;
  for (uint64_t i = 0; i < 3; i++) {
    out[n++] = i & mask;
    out[n++] = (0 - i) & mask;
    out[n++] = (mask / 2 - 1 + i) & mask;
    out[n++] = (i * 0x123456789abcdef1) & mask;
  }
  return n;
}

static void expect(const vy__op_info *row, vy_type t, const char *law,
                   uint64_t got, uint64_t want) {
  if (vy__canonical(t, got) != vy__canonical(t, want))
    fail_msg("%s of %s is not %s: %#llx, %#llx", row->name, vy__type_name(t),
             law, (unsigned long long)got, (unsigned long long)want);
}

// Does it grow evenly from x on, by steps of d?
static bool is_even(vy__eval_fn fn, vy_type t, uint64_t x, uint64_t d,
                    uint64_t b) {
  const uint64_t mask = UINT64_MAX >> (64 - vy__type_bits(t));
  const uint64_t first = fn(x, b, b), next = fn((x + d) & mask, b, b);
  return ((fn((x + 2 * d) & mask, b, b) - next) & mask) ==
         ((next - first) & mask);
}

static bool is_linear(vy__op op, vy_type t) {
  vy__eval_fn fn = vy__evaluator(op, t, t);
  uint64_t e[NUMBERS_EDGES];
  const size_t n = samples(t, e);
  bool even = fn && vy__op_row(op)->sig != VY__SIG_CMP;
  for (size_t i = 0; even && i < n * n * n; i++)
    even = is_even(fn, t, e[i % n], e[i / n % n], e[i / n / n]);
  return even;
}

static void linear(void **state) {
  (void)state;
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++) {
    const vy__op_info *row = vy__op_row(op);
    bool all = row->types & VY__TYPES_INT && row->sig != VY__SIG_SELECT;
    for (vy_type t = VY_TYPE_I32; all && t <= VY_TYPE_U64; t++)
      all = is_linear((vy__op)op, t);
    if (all != ((row->laws & VY__LAW_LINEAR) != 0))
      fail_msg("%s is%s linear", row->name, all ? "" : " not");
  }
}

static void check_row(vy__op op, vy_type t) {
  const vy__op_info *row = vy__op_row(op);
  vy__eval_fn fn = vy__evaluator(op, t, t);
  uint64_t e[NUMBERS_EDGES];
  const size_t n = samples(t, e);
  const bool test = row->sig == VY__SIG_CMP || row->sig == VY__SIG_TEST;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      const uint64_t r = fn(e[i], e[j], e[i]);
      const uint32_t bits = test ? 1 : vy__type_bits(t);
      assert_int_equal(r & ~(UINT64_MAX >> (64 - bits)), 0);
      if (row->laws & VY__LAW_COMM)
        expect(row, t, "commutative", fn(e[j], e[i], 0), r);
      if (row->laws & VY__LAW_IDEM)
        expect(row, t, "idempotent", fn(r, r, 0), r);
    }
}

static void laws(void **state) {
  (void)state;
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++)
    for (vy_type t = VY_TYPE_BOOL; t <= VY_TYPE_F64; t++)
      if (vy__evaluator((vy__op)op, t, t))
        check_row((vy__op)op, t);
}

static void identities(void **state) {
  (void)state;
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++) {
    const vy__op gathers = vy__op_gathers(op);
    for (vy_type t = VY_TYPE_I32; gathers && t <= VY_TYPE_F64; t++) {
      if (!(vy__op_row(op)->types >> t & 1))
        continue;
      const uint64_t none = vy__identity(gathers, t);
      const vy__op_info *row = vy__op_row(gathers);
      uint64_t e[NUMBERS_EDGES];
      const size_t n = samples(t, e);
      for (size_t i = 0; i < n; i++) {
        expect(row, t, "left alone", vy__evaluate(gathers, t, t, none, e[i], 0),
               e[i]);
        expect(row, t, "left alone", vy__evaluate(gathers, t, t, e[i], none, 0),
               e[i]);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(laws),
                                     cmocka_unit_test(linear),
                                     cmocka_unit_test(identities)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

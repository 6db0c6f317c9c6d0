// Every operation that the emitter makes, and every conversion of elements,
// against the evaluator, bit for bit (a NaN as a NaN, except where it is
// observable): each type, one lane and vectors of each width, each instruction
// set that the host has; products of edge values, random bits, literals.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "subjects.h"
#include "support/numbers.h"

static const uint32_t widths[] = {1, 4, 8, 16, 32};
enum { WIDTHS = 5 };

static const char *named(char kind, size_t a, size_t b) {
  static char text[64];
  snprintf(text, sizeof text, "%c%zu_%zu", kind, a, b);
  return text;
}

static void compile(jit *j, const char *passes) {
  const char *why = jit_compile(j, passes);
  if (why)
    fail_msg("%s", why);
}

// Those that emit.c uses, and a stronger one.
static const char passes[] =
    "function(early-cse,instcombine<no-verify-fixpoint>,simplifycfg,"
    "loop-mssa(licm<allowspeculation>),gvn,instsimplify,dce)";

// ---- operands in memory

// All of it for one instruction set. Where the host lacks it, machine code is
// made and looked at only.
static void check(vy__kernel_isa isa, const char *with) {
  jit j;
  batch b = {0};
  assert_true(jit_start(&j, isa));
  for (size_t i = 0; i < subject_count; i++)
    for (size_t w = 0; w < WIDTHS; w++)
      jit_function(&j, named('f', i, widths[w]), widths[w], subject_body,
                   &subjects[i]);
  compile(&j, with);
  for (size_t i = 0; i < subject_count && isa <= vy__kernel_host_isa(); i++) {
    batch_fill(&b, &subjects[i]);
    for (size_t w = 0; w < WIDTHS; w++)
      batch_run(&b, &subjects[i], jit_find(&j, named('f', i, widths[w])),
                widths[w]);
  }
  batch_free(&b);
  jit_end(&j);
}

static void sse4(void **state) {
  (void)state;
  check(VY__ISA_SSE4, passes);
}
static void avx2(void **state) {
  (void)state;
  check(VY__ISA_AVX2, passes);
}
static void avx512(void **state) {
  (void)state;
  check(VY__ISA_AVX512, passes);
}
// As written: nothing is right only because a pass made it so.
static void unoptimized(void **state) {
  (void)state;
  check(VY__ISA_AVX2, NULL);
}

// ---- literals: what LLVM folds, and what has a shorter form for them

typedef struct literal {
  const subject *s;
  uint32_t mask; // operands that are literals
  uint64_t v[3];
  uint32_t lanes;
} literal;

enum { TRIES = 4, MAX_LITERALS = MAX_SUBJECTS * TRIES * 4, TUPLES = 128 };

static LLVMValueRef literal_body(vy__emit *e, uint32_t lanes,
                                 const LLVMValueRef operands[3],
                                 const void *user) {
  const literal *l = user;
  LLVMValueRef a[3];
  for (int k = 0; k < 3; k++)
    a[k] = l->mask >> k & 1 ? vy__llvm_const(e, VY_TYPE_U64, l->v[k], lanes)
                            : operands[k];
  return subject_body(e, lanes, a, l->s);
}

static size_t make_literals(literal *out) {
  static uint64_t e[MAX_EDGES];
  static const uint32_t masks[3][4] = {{1}, {1, 2, 3}, {1, 2, 4, 7}};
  uint64_t seed = 5;
  size_t n = 0;
  for (size_t i = 0; i < subject_count; i++) // edges begin with both zeros
    for (size_t at = 0; at < 4 * TRIES; at++) {
      const size_t try = at / 4;
      literal l = {&subjects[i], 0, {0}, (try + i) % 2 ? 8 : 1};
      l.mask = masks[l.s->operands - 1][at % 4];
      for (uint32_t k = 0; k < l.s->operands; k++) {
        const size_t count = subject_edges(l.s->operand[k], true, e);
        l.v[k] = e[try < 2 ? try % count : numbers_next(&seed) % count];
      }
      if (l.mask)
        out[n++] = l;
    }
  return n;
}

static void run_literal(const literal *l, const batch *all, jit_fn fn) {
  batch b = {0};
  uint64_t seed = l->v[0] ^ l->v[1];
  for (size_t i = 0; i < TUPLES; i++) {
    const size_t at = numbers_next(&seed) % all->count;
    uint64_t v[3];
    for (int k = 0; k < 3; k++)
      v[k] = l->mask >> k & 1 ? l->v[k] : all->v[k][at];
    batch_append(&b, l->s, v);
  }
  batch_run(&b, l->s, fn, l->lanes);
  batch_free(&b);
}

static void check_literals(vy__kernel_isa isa) {
  static literal at[MAX_LITERALS];
  const size_t n = make_literals(at);
  jit j;
  batch b = {0};
  assert_true(jit_start(&j, isa));
  for (size_t i = 0; i < n; i++)
    jit_function(&j, named('l', i, 0), at[i].lanes, literal_body, &at[i]);
  compile(&j, passes);
  for (size_t i = 0; i < n && isa <= vy__kernel_host_isa(); i++) {
    if (i == 0 || at[i].s != at[i - 1].s)
      batch_fill(&b, at[i].s);
    run_literal(&at[i], &b, jit_find(&j, named('l', i, 0)));
  }
  batch_free(&b);
  jit_end(&j);
}

static void literals_sse4(void **state) {
  (void)state;
  check_literals(VY__ISA_SSE4);
}
static void literals_avx2(void **state) {
  (void)state;
  check_literals(VY__ISA_AVX2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sse4),          cmocka_unit_test(avx2),
      cmocka_unit_test(avx512),        cmocka_unit_test(unoptimized),
      cmocka_unit_test(literals_sse4), cmocka_unit_test(literals_avx2),
  };
  return cmocka_run_group_tests(tests, subjects_collect, NULL);
}

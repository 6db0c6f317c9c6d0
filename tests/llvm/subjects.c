// See subjects.h.
#include "subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "semantics/semantics.h"
#include "support/numbers.h"
#include "support/operands.h"

// ---- what is tested

subject subjects[MAX_SUBJECTS];
size_t subject_count;

static void add(const subject *given) {
  assert_true(subject_count < MAX_SUBJECTS);
  subject *s = &subjects[subject_count++];
  *s = *given;
  while (s->operands < 3 && s->operand[s->operands])
    s->operands++;
}

static void add_operation(vy__op op, vy_type type, vy_type to) {
  const vy__op_info *row = vy__op_row(op);
  const uint32_t test = 1u << VY__SIG_TEST | 1u << VY__SIG_CMP;
  subject s = {OPERATION, op, type, VY_TYPE_NONE, to, {0}, type, 0};
  for (uint32_t i = 0; i < row->operands; i++)
    s.operand[i] = type;
  if (test >> row->sig & 1)
    s.result = VY_TYPE_BOOL;
  if (row->sig == VY__SIG_CONVERT || row->sig == VY__SIG_BITCAST)
    s.result = to;
  if (row->sig == VY__SIG_SELECT)
    s.operand[0] = VY_TYPE_BOOL;
  if (row->sig != VY__SIG_SHIFT) {
    add(&s);
    return;
  }
  for (s.amount = VY_TYPE_I32; s.amount <= VY_TYPE_U64; s.amount++) {
    s.operand[1] = s.amount;
    add(&s);
  }
}

int subjects_collect(void **state) {
  (void)state;
  for (uint32_t op = 0; op < VY__OP_LIMIT; op++)
    for (vy_type t = VY_TYPE_BOOL; t <= VY_TYPE_F64; t++)
      for (vy_type to = VY_TYPE_BOOL; to <= VY_TYPE_F64; to++) {
        const bool pair = op == VY__OP_CONVERT || op == VY__OP_BITCAST;
        if ((pair || to == t) && vy__evaluator((vy__op)op, t, to))
          add_operation((vy__op)op, t, to);
      }
  for (vy_type t = VY_TYPE_I32; t <= VY_TYPE_BF16; t++) {
    const vy_type v = vy__value_type(t);
    add(&(subject){LOADED, 0, t, VY_TYPE_NONE, v, {t}, v, 0});
    add(&(subject){STORED, 0, t, VY_TYPE_NONE, v, {v}, t, 0});
  }
  return 0;
}

static const char *name_of(const subject *s) {
  static char text[96];
  snprintf(text, sizeof text, "%s %s %s %s",
           s->how == OPERATION ? vy__op_row(s->op)->name
           : s->how == LOADED  ? "load"
                               : "store",
           vy__type_name(s->type), vy__type_name(s->to),
           vy__type_name(s->amount));
  return text;
}

static uint64_t expected(const subject *s, uint64_t a, uint64_t b, uint64_t c) {
  if (s->how == LOADED)
    return vy__load_convert(s->type, a);
  if (s->how == STORED)
    return vy__store_convert(s->type, a);
  return vy__evaluate(s->op, s->type, s->to, a,
                      s->amount ? vy__shift_amount(s->type, b) : b, c);
}

// Patterns of a NaN that nobody may see are as good as each other.
static bool agrees(const subject *s, uint64_t got, uint64_t want) {
  const bool seen = s->how == STORED || s->op == VY__OP_BITCAST;
  return got == want || (!seen && vy__canonical(s->result, got) ==
                                      vy__canonical(s->result, want));
}

// ---- its operands and results

void batch_append(batch *b, const subject *s, const uint64_t v[3]) {
  if (b->count == b->room) {
    b->room = b->room ? 2 * b->room : 4096;
    for (int i = 0; i < 3; i++)
      assert_non_null(b->v[i] = realloc(b->v[i], 8 * b->room));
    assert_non_null(b->want = realloc(b->want, 8 * b->room));
    assert_non_null(b->got = realloc(b->got, 8 * b->room));
  }
  for (int i = 0; i < 3; i++)
    b->v[i][b->count] = v[i];
  b->want[b->count++] = expected(s, v[0], v[1], v[2]);
}

size_t subject_edges(vy_type t, bool few, uint64_t *out) {
  size_t n = 1;
  out[0] = 0;
  if (t == VY_TYPE_F16 || t == VY_TYPE_BF16) // all of them
    for (n = 0; n < 0x10000; n++)
      out[n] = n;
  else if (t > VY_TYPE_F64)
    for (n = 0; n < 0x300; n++)
      out[n] = (n * 0x101 + (n >> 8)) & (UINT64_MAX >> (64 - vy__type_bits(t)));
  else if (t != VY_TYPE_NONE)
    n = operands_edges(t, few, out);
  return n;
}

// A double near the middle of two floats, for a value that is to be narrowed.
static uint64_t near_tie(uint64_t r) {
  const uint64_t tail = (UINT64_C(1) << 28) + r % 5 - 2;
  return (r & ~((UINT64_C(1) << 29) - 1)) + tail;
}

// An integer next to the middle of two floats, where a double is that middle.
static uint64_t near_int_tie(uint64_t r) {
  const unsigned top = 40 + r % 24;
  uint64_t v = UINT64_C(1) << top | UINT64_C(1) << (top - 24);
  v |= (r >> 40) << (top - 24) << 1 & ((UINT64_C(1) << top) - 1);
  v += (r >> 8) % 5 - 2;
  return r & 0x80 ? -v : v;
}

static uint64_t random_of(vy_type t, uint64_t *seed) {
  if (t == VY_TYPE_NONE)
    return 0;
  if (t > VY_TYPE_F64)
    return numbers_next(seed) & (UINT64_MAX >> (64 - vy__type_bits(t)));
  const uint64_t r = operands_random(t, seed), how = numbers_next(seed);
  if (how % 7 || vy__type_bits(t) < 64)
    return r;
  return vy__is_float(t) ? near_tie(r) : near_int_tie(how >> 3);
}

// An fma whose product is next to half of the last place of c: (1+d)(1-d) of
// it, off by as much as the last places of a double.
static void fma_near_tie(uint64_t r, uint64_t v[3]) {
  const uint64_t d = 300 + r % 1024, signs = r >> 40;
  v[0] = ((127u - 24) << 23 | d) | (signs & 1) << 31;
  v[1] = (127u << 23) - 2 * d;
  v[2] = (127u << 23 | (r >> 12 & 0x7fffff)) | (signs >> 1 & 1) << 31;
}

void batch_fill(batch *b, const subject *s) {
  static uint64_t e[3][MAX_EDGES];
  size_t n[3];
  uint64_t seed = (uint64_t)(s - subjects);
  for (int i = 0; i < 3; i++)
    n[i] = subject_edges(s->operand[i], s->operands > 1, e[i]);
  const size_t step = s->operands == 3 && !numbers_full() ? 7 : 1;
  size_t at = 0;
  b->count = 0;
  for (size_t i = 0; i < n[0]; i++)
    for (size_t j = 0; j < n[1]; j++)
      for (size_t k = 0; k < n[2]; k++)
        if (at++ % step == 0)
          batch_append(b, s, (uint64_t[3]){e[0][i], e[1][j], e[2][k]});
  const size_t random = numbers_full() ? 200000 : 2000;
  for (size_t i = 0; i < random || b->count % JIT_LANES; i++) {
    uint64_t v[3];
    for (int k = 0; k < 3; k++)
      v[k] = random_of(s->operand[k], &seed);
    if (s->op == VY__OP_FMA && s->type == VY_TYPE_F32 && i % 2)
      fma_near_tie(numbers_next(&seed), v);
    batch_append(b, s, v);
  }
}

// ---- the code

static LLVMValueRef to_stored(vy__emit *e, vy_type t, uint32_t lanes,
                              LLVMValueRef bits) {
  const uint32_t width = vy__type_bits(t);
  LLVMTypeRef type = LLVMIntTypeInContext(e->context, width);
  if (lanes > 1)
    type = LLVMVectorType(type, lanes);
  return LLVMBuildIntCast2(e->builder, bits, type, false, "");
}

LLVMValueRef subject_body(vy__emit *e, uint32_t lanes,
                          const LLVMValueRef operands[3], const void *user) {
  const subject *s = user;
  LLVMValueRef a[3] = {NULL, NULL, NULL}, r;
  LLVMTypeRef wide = LLVMTypeOf(operands[0]);
  for (int i = 0; i < 3 && s->operand[i]; i++) {
    a[i] = to_stored(e, s->operand[i], lanes, operands[i]);
    if (s->how != LOADED)
      a[i] = LLVMBuildBitCast(e->builder, a[i],
                              vy__llvm_type(e, s->operand[i], lanes), "");
  }
  if (s->how == LOADED) {
    r = vy__emit_load_convert(e, s->type, lanes, a[0]);
  } else if (s->how == STORED) {
    r = vy__emit_store_convert(e, s->type, lanes, a[0]);
    assert_ptr_equal(LLVMTypeOf(r), vy__llvm_stored(e, s->type, lanes));
  } else {
    const vy__value v = {.op = (uint16_t)s->op, .type = (uint8_t)s->result};
    r = vy__emit_pure(e, &v, s->operand, lanes, a);
  }
  if (s->how != STORED) {
    assert_ptr_equal(LLVMTypeOf(r), vy__llvm_type(e, s->result, lanes));
    if (vy__is_float(s->result)) {
      LLVMTypeRef type =
          LLVMIntTypeInContext(e->context, vy__type_bits(s->result));
      r = LLVMBuildBitCast(e->builder, r,
                           lanes == 1 ? type : LLVMVectorType(type, lanes), "");
    }
  }
  return LLVMBuildIntCast2(e->builder, r, wide, false, "");
}

// ---- running it

static void compare(const subject *s, const batch *b, uint32_t lanes) {
  for (size_t i = 0; i < b->count; i++)
    if (!agrees(s, b->got[i], b->want[i]))
      fail_msg("%s, %u lanes: (%#llx, %#llx, %#llx) gave %#llx, not %#llx",
               name_of(s), lanes, (unsigned long long)b->v[0][i],
               (unsigned long long)b->v[1][i], (unsigned long long)b->v[2][i],
               (unsigned long long)b->got[i], (unsigned long long)b->want[i]);
}

void batch_run(batch *b, const subject *s, jit_fn fn, uint32_t lanes) {
  const vy__kernel_args args = {.helpers = &vy__kernel_helpers_table};
  vy__fp_state fp;
  assert_non_null(fn);
  memset(b->got, 0xcc, 8 * b->count);
  vy__fp_pin(&fp);
  fn(&args, b->v[0], b->v[1], b->v[2], b->got, b->count);
  vy__fp_restore(&fp);
  compare(s, b, lanes);
}

void batch_free(batch *b) {
  for (int i = 0; i < 3; i++)
    free(b->v[i]);
  free(b->want);
  free(b->got);
}

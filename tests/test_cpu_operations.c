// Every pure operation, on every type, on the cpu device against the
// reference, bit for bit: operands that differ between lanes, that are the
// same for all, literals; under masks and in loops that lanes leave at
// different times; all pairs of edge values, triples of few, random bits. At
// every vector width, with the host's CPU features and without.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/numbers.h"
#include "support/operands.h"
#include "support/operations.h"
#include "support/versus.h"

enum { MAX_OPERATIONS = 512, CHUNK = 48 };

static operation all[MAX_OPERATIONS];

static int load(void **state) {
  (void)state;
  return operations_all(all, MAX_OPERATIONS) < 250;
}

// ---- one program

typedef struct batch {
  versus *v;
  const operation *at;
  size_t count;
  position position;
  const operands *operands;
  uint32_t literal; // operand; 3: none
  uint64_t bits;
} batch;

// Elements that one operation writes.
static uint64_t results(const batch *b) {
  const uint64_t *n = b->operands->count;
  switch (b->position) {
  case POSITION_UNIFORM:
    return n[0] * POSITION_UNIFORM_LANES;
  case POSITION_LEFT:
  case POSITION_RIGHT:
    return n[0] * n[1];
  case POSITION_SCALAR:
    return POSITION_SCALAR_LANES;
  default:
    return n[0];
  }
}

static size_t bind(const batch *b, vy_arg *args, uint32_t tuple) {
  uint32_t counts[VY_TYPE_F64 + 1] = {0};
  size_t n = 0;
  for (uint32_t i = 0; i < b->at->operands; i++) {
    const vy_type t =
        b->at->source[i] == VY_TYPE_BOOL ? VY_TYPE_U32 : b->at->source[i];
    args[n++] = b->position == POSITION_SCALAR
                    ? vy_arg_bits(VY_ARG_SCALAR, t,
                                  operands_bits(b->operands, i, tuple), 0, 0)
                    : vy_arg_host(b->operands->data[i], b->operands->size[i]);
  }
  for (size_t k = 0; k < b->count; k++)
    counts[b->at[k].result]++;
  for (size_t k = 0; k < b->count; k++) {
    const vy_type r = b->at[k].result;
    if (counts[r])
      args[n++] = vy_arg_length(counts[r] * results(b));
    counts[r] = 0;
  }
  return n;
}

static vy_program *program_of(const batch *b) {
  vy_context *c = b->v->context;
  return b->literal < 3
             ? operations_literal(c, b->at, b->count, b->literal, b->bits)
             : operations_program(c, b->at, b->count, b->position);
}

static bool run(const batch *b, vy_program *p, uint32_t tuple, versus_diff *d) {
  char name[96];
  vy_arg args[16];
  snprintf(name, sizeof name, "%s %s %s", operation_name(b->at),
           vy_type_name(b->at->types[b->at->operands - 1]),
           b->literal < 3 ? "literal" : position_names[b->position]);
  versus_call c = {.name = name, .program = p, .args = args};
  c.arg_count = bind(b, args, tuple);
  return versus_same(b->v, &c, d);
}

// Which operation wrote there.
static size_t blamed(const batch *b, const versus_diff *d) {
  uint32_t outputs = 0, place = 0;
  vy_type seen[8] = {VY_TYPE_NONE}, type = VY_TYPE_NONE;
  for (size_t k = 0; k < b->count; k++) {
    uint32_t i = 0;
    while (i < outputs && seen[i] != b->at[k].result)
      i++;
    if (i == outputs)
      seen[outputs++] = b->at[k].result;
    if (i == d->output)
      type = b->at[k].result;
  }
  const uint64_t size = type == VY_TYPE_BOOL ? 4 : vy_type_size(type);
  for (size_t k = 0; k < b->count; k++)
    if (b->at[k].result == type && place++ == d->byte / size / results(b))
      return k;
  return 0;
}

// The operation alone, on a few operands, so that what is written is small.
static void narrow(const batch *b, const versus_diff *d) {
  const size_t k = blamed(b, d);
  const vy_type r = b->at[k].result;
  const uint64_t size = r == VY_TYPE_BOOL ? 4 : vy_type_size(r);
  uint64_t i = d->byte / size % results(b);
  if (b->position == POSITION_UNIFORM)
    i /= POSITION_UNIFORM_LANES;
  if (b->position == POSITION_LEFT || b->position == POSITION_RIGHT)
    i = 0;
  fprintf(stderr, "  %s of %s at %s: (%#llx, %#llx, %#llx)\n",
          operation_name(&b->at[k]), vy_type_name(b->at[k].types[0]),
          position_names[b->position],
          (unsigned long long)operands_bits(b->operands, 0, i),
          (unsigned long long)operands_bits(b->operands, 1, i),
          (unsigned long long)operands_bits(b->operands, 2, i));
  operands few = operands_part(b->operands, i & ~(uint64_t)15, 16);
  batch one = *b;
  one.at = &b->at[k];
  one.count = 1;
  one.operands = &few;
  vy_program *p = program_of(&one);
  versus_diff unused;
  run(&one, p, 0, &unused);
  vy_program_release(p);
  operands_free(&few);
}

static void check(const batch *b) {
  const uint32_t tuples =
      b->position == POSITION_SCALAR ? (uint32_t)b->operands->count[0] : 1;
  vy_program *p = program_of(b);
  versus_diff d;
  bool same = true;
  for (uint32_t i = 0; same && i < tuples; i++)
    same = run(b, p, i, &d);
  if (!same && b->position != POSITION_SCALAR)
    narrow(b, &d);
  vy_program_release(p);
}

// ---- all of them

// Operands of one kind are kept from operation to operation.
static operands tuples_for(const operation *o, position position) {
  const bool full = numbers_full(), lane = position == POSITION_LANE;
  const bool few = o->operands > 2 || (!lane && !full && o->operands > 1);
  if (position == POSITION_LEFT || position == POSITION_RIGHT)
    return operands_each(o->source, o->operands > 2 || !full);
  if (position == POSITION_SCALAR) {
    operands most = operands_tuples(o->source, true, 100);
    operands some = operands_sample(&most, full ? 5000 : 400);
    operands_free(&most);
    return some;
  }
  const size_t random = lane ? full ? 1000000 : 20000 : 2000;
  return operands_tuples(o->source, few, random);
}

static void everywhere(versus *v, position position) {
  const size_t count = operations_all(all, MAX_OPERATIONS);
  for (size_t i = 0; i < count;) {
    size_t alike = operations_alike(&all[i], count - i);
    const bool pairs = position == POSITION_LEFT || position == POSITION_RIGHT;
    if (pairs && all[i].operands < 2) {
      i += alike;
      continue;
    }
    operands o = tuples_for(&all[i], position);
    for (size_t at = 0; at < alike; at += CHUNK) {
      batch b = {
          v,        &all[i + at], alike - at < CHUNK ? alike - at : CHUNK,
          position, &o,           3,
          0};
      check(&b);
    }
    operands_free(&o);
    i += alike;
  }
}

static void at(position position, const versus_setting *settings,
               uint32_t count) {
  versus v;
  versus_open(&v, NULL, settings, count);
  everywhere(&v, position);
  assert_int_equal(v.failures, 0);
  assert_true(v.runs > 20);
  versus_close(&v);
}

static void of_lanes(void **state) {
  (void)state;
  at(POSITION_LANE, versus_widths, 6);
}
static void under_masks(void **state) {
  (void)state;
  at(POSITION_MASKED, versus_widths, 6);
}
static void in_divergent_loops(void **state) {
  (void)state;
  at(POSITION_LOOP, versus_widths, 6);
}
static void of_uniform_loads(void **state) {
  (void)state;
  at(POSITION_UNIFORM, versus_widths, numbers_full() ? 6 : 4);
}
static void with_a_uniform_right(void **state) {
  (void)state;
  at(POSITION_LEFT, versus_widths, numbers_full() ? 6 : 4);
}
static void with_a_uniform_left(void **state) {
  (void)state;
  at(POSITION_RIGHT, versus_widths, numbers_full() ? 6 : 4);
}

// ---- scalar parameters: one compile, many dispatches

static void of_scalars(void **state) {
  (void)state;
  at(POSITION_SCALAR, versus_widths + 1, 3);
}

// ---- literals, which invite simplification

static void with_literal(versus *v, const operation *o, size_t count,
                         uint32_t where) {
  uint64_t edges[OPERANDS_EDGES];
  const size_t n = operands_edges(o->source[where], true, edges);
  operands most = operands_tuples(o->source, true, 200);
  operands some = operands_sample(&most, 600);
  operands_free(&most);
  for (size_t i = 0; i < n; i++) {
    batch b = {v, o, count, POSITION_LANE, &some, where, edges[i]};
    check(&b);
  }
  operands_free(&some);
}

static void of_literals(void **state) {
  (void)state;
  versus v;
  versus_open(&v, NULL, versus_widths + 1, numbers_full() ? 5 : 1);
  const size_t count = operations_all(all, MAX_OPERATIONS);
  for (size_t i = 0; i < count;) {
    const size_t alike = operations_alike(&all[i], count - i);
    for (uint32_t where = 0; where < all[i].operands; where++)
      with_literal(&v, &all[i], alike < CHUNK ? alike : CHUNK, where);
    i += alike;
  }
  assert_int_equal(v.failures, 0);
  versus_close(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(of_lanes),
      cmocka_unit_test(under_masks),
      cmocka_unit_test(in_divergent_loops),
      cmocka_unit_test(of_uniform_loads),
      cmocka_unit_test(with_a_uniform_right),
      cmocka_unit_test(with_a_uniform_left),
      cmocka_unit_test(of_scalars),
      cmocka_unit_test(of_literals),
  };
  int missing = versus_missing("cpu");
  return missing
             ? missing
             : cmocka_run_group_tests_name("cpu operations", tests, load, NULL);
}

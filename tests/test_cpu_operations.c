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

// Settings are shared out: programs go to one set after another, so that a
// compile is done where it may find something. VYRE_FULL=1: all do all.
enum { SETS = 4, IN_SET = 2 };
static const versus_setting sets[SETS][IN_SET] = {
    {{"cpu", 4, 1, 0}, {"cpu", 8, 1, 1}},
    {{"cpu", 8, 1, 0}, {"cpu", 16, 1, 1}},
    {{"cpu", 16, 1, 0}, {"cpu", 4, 1, 1}},
    {{"cpu", 1, 1, 0}, {"cpu", 8, 1, 1}},
};

typedef struct devices {
  versus v[SETS];
  uint32_t count, turn;
} devices;

static void devices_open(devices *d, bool every) {
  d->turn = 0;
  d->count = every || numbers_full() ? 1 : SETS;
  for (uint32_t i = 0; i < d->count; i++)
    if (d->count == 1)
      versus_open(&d->v[i], NULL, versus_widths, VERSUS_WIDTHS);
    else
      versus_open(&d->v[i], NULL, sets[i], IN_SET);
}

static versus *devices_next(devices *d) { return &d->v[d->turn++ % d->count]; }

static void devices_close(devices *d) {
  uint32_t failures = 0;
  for (uint32_t i = 0; i < d->count; i++) {
    assert_true(d->v[i].runs > 0);
    failures += d->v[i].failures;
    versus_close(&d->v[i]);
  }
  assert_int_equal(failures, 0);
}

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

static void at(position position) {
  devices d;
  devices_open(&d, position == POSITION_LANE);
  const size_t count = operations_all(all, MAX_OPERATIONS);
  const bool pairs = position == POSITION_LEFT || position == POSITION_RIGHT;
  for (size_t i = 0; i < count;) {
    const size_t alike = operations_alike(&all[i], count - i);
    if (!pairs || all[i].operands > 1) {
      operands o = tuples_for(&all[i], position);
      for (size_t k = 0; k < alike; k += CHUNK) {
        const batch b = {devices_next(&d),
                         &all[i + k],
                         alike - k < CHUNK ? alike - k : CHUNK,
                         position,
                         &o,
                         3,
                         0};
        check(&b);
      }
      operands_free(&o);
    }
    i += alike;
  }
  devices_close(&d);
}

static void of_lanes(void **state) {
  (void)state;
  at(POSITION_LANE);
}
static void under_masks(void **state) {
  (void)state;
  at(POSITION_MASKED);
}
static void in_divergent_loops(void **state) {
  (void)state;
  at(POSITION_LOOP);
}
static void of_uniform_loads(void **state) {
  (void)state;
  at(POSITION_UNIFORM);
}
static void with_a_uniform_right(void **state) {
  (void)state;
  at(POSITION_LEFT);
}
static void with_a_uniform_left(void **state) {
  (void)state;
  at(POSITION_RIGHT);
}
static void of_scalars(void **state) { // one compile, many dispatches
  (void)state;
  at(POSITION_SCALAR);
}

// ---- literals, which invite simplification

static void with_literal(devices *d, const operation *o, size_t count,
                         uint32_t where) {
  uint64_t bits[OPERANDS_EDGES];
  const size_t n = numbers_full() ? operands_edges(o->source[where], true, bits)
                                  : operands_literals(o->source[where], bits);
  operands most = operands_tuples(o->source, true, 200);
  operands some = operands_sample(&most, 600);
  operands_free(&most);
  for (size_t i = 0; i < n; i++) {
    const batch b = {devices_next(d), o,     count,  POSITION_LANE,
                     &some,           where, bits[i]};
    check(&b);
  }
  operands_free(&some);
}

static void of_literals(void **state) {
  (void)state;
  devices d;
  devices_open(&d, false);
  const size_t count = operations_all(all, MAX_OPERATIONS);
  for (size_t i = 0; i < count;) {
    const size_t alike = operations_alike(&all[i], count - i);
    for (uint32_t where = 0; where < all[i].operands; where++)
      with_literal(&d, &all[i], alike < CHUNK ? alike : CHUNK, where);
    i += alike;
  }
  devices_close(&d);
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

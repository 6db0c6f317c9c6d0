// Random programs and their lowered form on the reference device: the same
// bytes, and under budgets the same fault. And the proofs: whatever vy_check
// finds outside must have kept its check. Seeds are fixed; VYRE_FULL=1 takes
// many more.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lower/lower.h"
#include "support/numbers.h"
#include "support/random_program.h"

static const random_options kinds[] = {
    {RANDOM_ALL, 40},
    {RANDOM_LOOPS | RANDOM_ARRAYS, 15},
    {RANDOM_FLOATS | RANDOM_WIDE, 30},
    {RANDOM_ALL & ~RANDOM_GROUPS, 100},
    {RANDOM_GROUPS | RANDOM_LOOPS | RANDOM_ARRAYS, 25},
    {RANDOM_REGISTERS | RANDOM_LOOPS | RANDOM_FLOATS, 30},
    {RANDOM_NEIGHBOURS | RANDOM_LOOPS, 16},
    {RANDOM_ABREAST, 0},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static vy_context *context;
static vy_device *device;

static int open_device(void **state) {
  (void)state;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  return vy_context_create(NULL, &context, NULL) != VY_OK ||
         vy_device_open(context, &desc, &device, NULL) != VY_OK;
}

static int close_device(void **state) {
  (void)state;
  vy_device_release(device);
  vy_context_release(context);
  return 0;
}

static vy_program *make(uint64_t seed) {
  vy_program *p = NULL;
  assert_true(random_program(context, seed, &kinds[seed % KINDS], &p));
  return p;
}

// ---- the same results

static void compare(vy_program *p, uint64_t seed, uint32_t flags,
                    uint64_t budget, const char *after) {
  vy__lowered l;
  assert_int_equal(vy__lower(p, flags, after, &l, NULL), VY_OK);
  random_result a = random_run(device, p, seed, flags, budget);
  random_result b = random_run(device, l.program, seed, flags, budget);
  if (!random_same(&a, &b))
    fail_msg("seed %llu, flags %u, after %s: %s \"%s\", lowered %s \"%s\"",
             (unsigned long long)seed, flags, after ? after : "all",
             vy_status_name(a.status), a.message, vy_status_name(b.status),
             b.message);
  random_result_free(&a);
  random_result_free(&b);
  vy__lowered_free(&l);
}

static void lowered_programs_say_the_same(void **state) {
  (void)state;
  uint64_t count = numbers_full() ? 20000 : 500;
  for (uint64_t seed = 0; seed < count; seed++) {
    vy_program *p = make(seed);
    compare(p, seed, 0, 0, NULL);
    compare(p, seed, 0, 0, vy__lower_pass_name((uint32_t)(seed / 7 % 8)));
    compare(p, seed, VY_COMPILE_STRICT, 0, NULL);
    compare(p, seed, VY_COMPILE_BUDGETED, 1 + seed % 40, NULL);
    vy_program_release(p);
  }
}

// ---- the proofs

// Lengths and lanes of a launch; false when it has no lanes.
typedef struct launch {
  uint64_t lengths[VY__MAX_PARAMS], scalars[VY__MAX_PARAMS], lanes[3];
} launch;

static bool measure(const vy_program *p, const random_arguments *a, launch *l) {
  const vy__ir *ir = &p->ir;
  vy__size_env env = {.scalars = l->scalars, .lengths = l->lengths};
  for (uint32_t i = 0; i < a->count; i++) {
    const vy_arg *arg = &a->args[i];
    l->scalars[i] = arg->u.bits;
    l->lengths[i] = 0;
    if (arg->kind == VY_ARG_LENGTH)
      l->lengths[i] = arg->size;
    else if (arg->kind == VY_ARG_HOST)
      l->lengths[i] = arg->size / ir->params[i].element_size;
  }
  for (uint32_t i = 0; i < a->count; i++)
    if (ir->params[i].access && a->args[i].kind == VY_ARG_NONE)
      assert_int_equal(
          vy__size_eval(ir, ir->params[i].length, &env, &l->lengths[i]),
          VY__SIZE_OK);
  for (uint32_t d = 0; d < 3; d++) {
    l->lanes[d] = 1;
    if (d < ir->dimensions)
      assert_int_equal(vy__size_eval(ir, ir->domain[d], &env, &l->lanes[d]),
                       VY__SIZE_OK);
    if (ir->uses_groups)
      l->lanes[d] *= p->group_size[d];
    if (!l->lanes[d])
      return false;
  }
  return true;
}

static bool facts_hold(const vy__lowered *low, const launch *l) {
  for (uint32_t i = 0; i < low->fact_count; i++) {
    const vy__fact *f = &low->facts[i];
    unsigned __int128 sum = f->offset;
    for (int d = 0; d < 3; d++)
      sum += (unsigned __int128)f->scale[d] * (l->lanes[d] - 1);
    if (sum >= l->lengths[f->param] || sum >> 32)
      return false;
  }
  return true;
}

// The lowered program with a source line for each value: its id.
static vy_program *numbered(const vy__lowered *l) {
  vy__ir ir;
  vy_program *p = NULL;
  assert_true(vy__ir_copy(&l->program->ir, &ir));
  uint32_t file = vy__ir_add_file(&ir, vy_str_c("ids"), vy_str_c(""));
  assert_int_not_equal(file, VY__NONE);
  for (uint32_t i = 0; i < ir.value_count; i++)
    ir.value_pos[i] = (vy__pos){file + 1, i + 1, 1};
  assert_int_equal(vy__validate(context, &ir, &p, NULL), VY_OK);
  return p;
}

typedef struct tally {
  uint64_t outside, held;
} tally;

static void try_proofs(const vy__lowered *low, vy_program *p, uint64_t seed,
                       tally *t) {
  static vy_diag records[512];
  static char text[1 << 17];
  random_arguments a;
  launch l;
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = 512;
  diags.text = text;
  diags.text_capacity = sizeof text;
  assert_true(random_arguments_make(p, seed, &a));
  if (measure(p, &a, &l)) {
    bool held = facts_hold(low, &l);
    t->held += held && low->fact_count;
    vy_status s =
        vy_check(context, p, NULL, a.args, a.count, NULL, NULL, &diags);
    assert_true(s == VY_OK || s == VY_ERROR_CHECK_FAILED);
    for (uint32_t i = 0; i < diags.count && i < 512; i++) {
      if (records[i].code != 901) // outside
        continue;
      uint32_t id = records[i].line - 1;
      assert_true(id < p->ir.value_count);
      t->outside++;
      if (low->check[id] == VY__CHECK_NONE ||
          (low->check[id] == VY__CHECK_FACT && held))
        fail_msg("seed %llu: value %u: %.*s", (unsigned long long)seed, id,
                 (int)records[i].message.size, records[i].message.data);
    }
  }
  random_arguments_free(&a);
}

static void what_is_outside_kept_its_check(void **state) {
  (void)state;
  uint64_t count = numbers_full() ? 20000 : 600;
  tally t = {0, 0};
  for (uint64_t seed = 0; seed < count; seed++) {
    vy_program *p = make(seed);
    vy__lowered l;
    uint32_t flags = seed % 4 ? 0 : VY_COMPILE_STRICT;
    assert_int_equal(vy__lower(p, flags, NULL, &l, NULL), VY_OK);
    vy_program *q = numbered(&l);
    for (uint64_t k = 0; k < 3; k++)
      try_proofs(&l, q, 3 * seed + k, &t);
    vy_program_release(q);
    vy__lowered_free(&l);
    vy_program_release(p);
  }
  assert_true(t.outside > 10 * count); // or this would test nothing
  assert_true(t.held > count / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lowered_programs_say_the_same),
      cmocka_unit_test(what_is_outside_kept_its_check),
  };
  return cmocka_run_group_tests(tests, open_device, close_device);
}

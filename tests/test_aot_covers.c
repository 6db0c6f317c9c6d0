// Objects do not zero what their program stores all of, and nobody can tell:
// over memory full of something else, results are those of the reference
// device. What a run is given is seen between its pieces, by parallel_for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/ahead.h"
#include "support/covers.h"
#include "support/versus.h"

enum { GUARD = 64, FILL = 0xAA, LARGE = 1 << 20 };

// Of all programs here: p(n: u32, m: u32, x: read u32[], y: write T[]).
typedef struct arguments {
  uint32_t n, m;
  const uint32_t *x;
  uint64_t x_count;
  void *y;
  uint64_t y_count;
} arguments;

typedef struct suite {
  versus v;
  ahead_library library;
  uint32_t *fail_at; // the how manieth malloc of a run is to fail
} suite;

static uint32_t x[COVER_X];

// Working memory that does not fit on the stack.
static const char large_groups[] =
    "program p(n: u32, m: u32, x: read u32[], y: write u32[]) {\n"
    "  group 1024;\n  groups 1;\n"
    "  let a = group_scan_incl_add(lane ^ n);\n"
    "  let b = group_scan_incl_add(a * 7u);\n"
    "  y[lane] = a ^ b | 1u; }\n";

static void compile(suite *s, const char *text, const char *name,
                    uint32_t levels) {
  vy_ahead_options options = VY_AHEAD_OPTIONS_INIT;
  vy_ahead *ahead = NULL;
  options.name = vy_str_c(name);
  options.levels = levels;
  vy_program *p = versus_parse(&s->v, text);
  assert_int_equal(vy_compile_ahead(p, &options, &ahead, NULL), VY_OK);
  ahead_add(&s->library, name, ahead);
  vy_ahead_release(ahead);
  vy_program_release(p);
}

// A malloc that fails when it is told to.
static void add_malloc(suite *s, char *flags, size_t size) {
  snprintf(flags, size, "%s/malloc.c", s->library.folder);
  FILE *f = fopen(flags, "w");
  assert_non_null(f);
  fputs("#include <stddef.h>\n"
        "unsigned test_fail_at;\n"
        "void *__real_malloc(size_t size);\n"
        "void *__wrap_malloc(size_t size) {\n"
        "  if (test_fail_at && !--test_fail_at)\n"
        "    return NULL;\n"
        "  return __real_malloc(size);\n"
        "}\n",
        f);
  assert_int_equal(fclose(f), 0);
  snprintf(flags, size, "-fPIC -Wl,--wrap=malloc %s/malloc.c",
           s->library.folder);
}

static void name_of(uint32_t k, char name[24]) {
  snprintf(name, 24, "covers_%u", k);
}

static int setup(void **state) {
  static const versus_setting reference = {"reference", 0, 0, 0};
  static suite s;
  char flags[128], name[24];
  if (!ahead_begin(&s.library))
    return 1;
  versus_open(&s.v, NULL, &reference, 1);
  for (uint32_t k = 0; k < cover_case_count; k++) {
    name_of(k, name);
    compile(&s, cover_cases[k].text, name,
            1u << (1 + k % vy__kernel_host_isa()));
  }
  compile(&s, large_groups, "large", 0);
  add_malloc(&s, flags, sizeof flags);
  ahead_link(&s.library, flags);
  s.fail_at = ahead_symbol(&s.library, "test", "fail_at");
  for (uint32_t i = 0; i < COVER_X; i++)
    x[i] = i * 41u % 256u;
  *state = &s;
  return 0;
}

static int teardown(void **state) {
  suite *s = *state;
  versus_close(&s->v);
  return !ahead_end(&s->library);
}

static ahead_run_fn run_of(const suite *s, const char *name) {
  return (ahead_run_fn)ahead_symbol(&s->library, name, "run");
}

// ---- against the reference device

static void expect_same(const suite *s, vy_pipeline *pipeline, uint32_t k,
                        uint32_t turn) {
  const cover_launch l = cover_launch_of(&cover_cases[k], turn);
  const vy_arg args[] = {vy_arg_u32(l.n), vy_arg_u32(l.m),
                         vy_arg_host(x, sizeof x), vy_arg_length(l.length)};
  static uint8_t room[COVER_MOST * 8 + 2 * GUARD];
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  vy__aot_run how = {.budget = 0};
  vy_outputs *o = NULL;
  char name[24];
  if (!l.domain[0]) // that cannot be asked for
    return;
  memcpy(how.domain, l.domain, sizeof how.domain);
  memcpy(l.groups ? d.groups : d.lanes, l.domain, sizeof l.domain);
  d.set_groups = l.groups;
  d.set_lanes = !l.groups;
  assert_int_equal(vy_outputs_create(s->v.context, 1, &o, NULL), VY_OK);
  assert_int_equal(vy_dispatch(pipeline, args, 4, &d, o, NULL, NULL), VY_OK);
  const size_t size = vy_outputs_size(o, 0);
  memset(room, FILL, sizeof room);
  arguments a = {l.n, l.m, x, COVER_X, room + GUARD, l.length};
  name_of(k, name);
  assert_int_equal(run_of(s, name)(&a, &how), VY_OK);
  if (memcmp(vy_outputs_data(o, 0), room + GUARD, size))
    fail_msg("lanes %u,%u, n %u, length %u:\n%s", (unsigned)l.domain[0],
             (unsigned)l.domain[1], l.n, l.length, cover_cases[k].text);
  for (uint32_t i = 0; i < GUARD; i++)
    assert_true(room[i] == FILL && room[GUARD + size + i] == FILL);
  vy_outputs_release(o);
}

static void nobody_can_tell(void **state) {
  suite *s = *state;
  for (uint32_t k = 0; k < cover_case_count; k++) {
    vy_pipeline *pipeline = NULL;
    vy_program *p = versus_parse(&s->v, cover_cases[k].text);
    assert_int_equal(vy_compile(s->v.reference, p, NULL, &pipeline, NULL),
                     VY_OK);
    for (uint32_t turn = 0; turn < COVER_LAUNCHES; turn++)
      expect_same(s, pipeline, k, turn);
    vy_pipeline_release(pipeline);
    vy_program_release(p);
  }
}

// ---- what is there when a run's pieces begin

typedef struct look {
  const uint32_t *y;
  uint32_t length, filled, zero, calls;
} look;

static void look_first(void *user, uint64_t count,
                       void (*body)(void *data, uint64_t index), void *data) {
  look *l = user;
  l->calls++;
  for (uint32_t i = 0; i < l->length; i++) {
    l->filled += l->y[i] == FILL * 0x01010101u;
    l->zero += l->y[i] == 0;
  }
  for (uint64_t i = 0; i < count; i++)
    body(data, i);
}

// y[lane] = f(lane), of so many lanes.
static look look_at(const suite *s, uint32_t *y, uint32_t lanes,
                    uint32_t length) {
  char name[24];
  look l = {.y = y, .length = length};
  arguments a = {0, 0, x, COVER_X, y, length};
  vy__aot_run how = {.domain = {lanes, 1, 1},
                     .parallel_for = look_first,
                     .parallel_user = &l,
                     .threads = 2};
  memset(y, FILL, 4 * (size_t)length);
  name_of(0, name);
  assert_int_equal(run_of(s, name)(&a, &how), VY_OK);
  assert_int_equal(l.calls, 1);
  for (uint32_t i = 0; i < length; i++)
    if (y[i] != (i < lanes ? i * 2654435761u + 77u : 0))
      fail_msg("element %u is %u", i, y[i]);
  return l;
}

static void zeroes_where_needed(void **state) {
  uint32_t *y = malloc(4 * (LARGE + (size_t)1));
  assert_non_null(y);
  assert_int_equal(look_at(*state, y, LARGE, LARGE).filled, LARGE);
  assert_int_equal(look_at(*state, y, LARGE, LARGE - 1).filled, LARGE - 1);
  assert_int_equal(look_at(*state, y, LARGE, LARGE + 1).zero, LARGE + 1);
  assert_int_equal(look_at(*state, y, LARGE - 1, LARGE).zero, LARGE);
  free(y);
}

// ---- runs that break off

static void without_memory(void **state) {
  suite *s = *state;
  enum { GROUPS = 256, LENGTH = 1024 * GROUPS };
  uint32_t *y = malloc(4 * LENGTH), failed = 0;
  assert_non_null(y);
  for (uint32_t n = 1;; n++) {
    look l = {.y = y, .length = LENGTH};
    arguments a = {n, 0, x, COVER_X, y, LENGTH};
    vy__aot_run how = {.domain = {GROUPS, 1, 1},
                       .parallel_for = look_first,
                       .parallel_user = &l,
                       .threads = 2};
    memset(y, FILL, 4 * LENGTH);
    *s->fail_at = n;
    const int got = run_of(s, "large")(&a, &how);
    assert_int_equal(l.filled, LENGTH);
    if (*s->fail_at) { // fewer are asked for
      assert_int_equal(got, VY_OK);
      break;
    }
    failed++;
    assert_int_equal(got, VY_ERROR_OUT_OF_HOST_MEMORY);
    for (uint32_t i = 0; i < LENGTH; i++)
      if (y[i])
        fail_msg("without piece %u, element %u is %u", n, i, y[i]);
  }
  *s->fail_at = 0;
  assert_true(failed > 1);
  free(y);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nobody_can_tell),
      cmocka_unit_test(zeroes_where_needed),
      cmocka_unit_test(without_memory),
  };
  int missing = versus_missing("cpu");
  return missing ? missing : cmocka_run_group_tests(tests, setup, teardown);
}

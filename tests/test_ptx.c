// The PTX emitter, without a device: whatever the corpus, the examples and
// generated programs contain gives the same text each time, says how each
// float operation rounds, and is assembled without a word by ptxas, where the
// build found one, for the oldest architecture that it knows and two newer
// ones. A few texts are kept in tests/ptx/ (scripts/ptx --update).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/cuda/emit/emit.h"
#include "support/case.h"
#include "support/numbers.h"
#include "support/operands.h"
#include "support/operations.h"
#include "support/parse.h"
#include "support/ptx.h"
#include "support/ptx_programs.h"
#include "support/random_program.h"

enum { ARCHS = 3 };

static vy_context *context;
static ptx_batch batches[ARCHS] = {{.sm = 75}, {.sm = 80}, {.sm = 90}};
static uint32_t turn, seen;

static const uint32_t every_flags[] = {0, VY_COMPILE_STRICT,
                                       VY_COMPILE_BUDGETED,
                                       VY_COMPILE_STRICT | VY_COMPILE_BUDGETED};
enum { FLAGS = sizeof every_flags / sizeof *every_flags };

static int open_context(void **state) {
  (void)state;
  if (ptx_can_assemble())
    batches[0].sm = ptx_oldest();
  return vy_context_create(NULL, &context, NULL) != VY_OK;
}

static int close_context(void **state) {
  (void)state;
  for (uint32_t i = 0; i < ARCHS; i++)
    ptx_batch_free(&batches[i]);
  vy_context_release(context);
  return 0;
}

// ---- one program

// Where VYRE_PTX_DUMP names a folder: modules by whether the assembler has
// reason to make multiply-adds.
static void dump(const char *name, vy_program *p, uint32_t flags) {
  static ptx_batch kinds[2] = {{.sm = 80}, {.sm = 80}};
  const char *folder = getenv("VYRE_PTX_DUMP");
  char path[512];
  if (!folder)
    return;
  ptx_module m = ptx_emit(p, flags, 80);
  const uint32_t kind = m.has != 0;
  ptx_add(&kinds[kind], name, &m);
  snprintf(path, sizeof path, "%s/%s.ptx", folder, kind ? "fused" : "plain");
  assert_true(ptx_write(&kinds[kind], path));
  ptx_free(&m);
}

static void check_for(const char *name, vy_program *p, uint32_t flags,
                      uint32_t arch) {
  ptx_module m = ptx_emit(p, flags, batches[arch].sm);
  ptx_module again = ptx_emit(p, flags, batches[arch].sm);
  assert_int_equal(m.size, again.size);
  assert_memory_equal(m.text, again.text, m.size);
  const char *line = ptx_inexact(&m);
  if (line)
    fail_msg("%s: %.*s", name, (int)strcspn(line, "\n"), line);
  ptx_add(&batches[arch], name, &m);
  dump(name, p, flags);
  ptx_free(&again);
  ptx_free(&m);
  seen++;
}

// On one architecture after another.
static void check(const char *name, vy_program *p, uint32_t flags) {
  char full[256];
  snprintf(full, sizeof full, "%s flags %u", name, flags);
  check_for(full, p, flags, turn++ % ARCHS);
}

// What was checked since the last one is assembled.
static void assemble(void) {
  assert_true(seen > 0);
  seen = 0;
  const bool only_dump = getenv("VYRE_PTX_DUMP") != NULL;
  const uint32_t failures =
      ptx_can_assemble() && !only_dump ? ptx_assemble(batches, ARCHS) : 0;
  for (uint32_t i = 0; i < ARCHS; i++)
    ptx_batch_free(&batches[i]);
  assert_int_equal(failures, 0);
  if (!ptx_can_assemble()) {
    print_message("not assembled: the build found no ptxas\n");
    skip();
  }
}

// ---- the corpus and the examples

static void check_case(case_file *c) {
  vy_program *p = NULL;
  if (case_program(c, context, &p, NULL) != VY_OK) {
    assert_true(c->errors.count > 0);
    return;
  }
  for (uint32_t i = 0; i < FLAGS; i++)
    check(c->name, p, every_flags[i]);
  vy_program_release(p);
}

// Each program of a file that may have several.
static void check_programs(case_file *c) {
  char *const given = c->program;
  uint32_t count = 0;
  for (const char *at = c->text; (at = strstr(at, "\nprogram ")); count++) {
    char name[64];
    at += strlen("\nprogram ");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "( "), at);
    c->program = name;
    check_case(c);
  }
  c->program = given;
  assert_true(count > 0);
}

static void check_folder(const char *folder, bool by_name) {
  size_t count;
  char **paths = case_list(folder, &count), why[512];
  assert_true(count > 0);
  for (size_t i = 0; i < count; i++) {
    case_file c;
    if (!case_load(&c, paths[i], why, sizeof why))
      fail_msg("%s: %s", paths[i], why);
    if (by_name)
      check_programs(&c);
    else
      check_case(&c);
    case_free(&c);
  }
  case_list_free(paths, count);
}

static void of_cases(void **state) {
  (void)state;
  check_folder(VYRE_SOURCE_DIR "/tests/cases", false);
  assemble();
}

static void of_examples(void **state) {
  (void)state;
  check_folder(VYRE_SOURCE_DIR "/examples", true);
  assemble();
}

// ---- operations

enum { OPERATIONS = 512, CHUNK = 48 };
static operation all[OPERATIONS];

static void check_operations(const operation *o, size_t count) {
  char name[128];
  vy_program *p = operations_program(context, o, count, POSITION_LANE);
  snprintf(name, sizeof name, "%s of %s", operation_name(o),
           vy_type_name(o->types[0]));
  check(name, p, 0);
  vy_program_release(p);
}

static void check_literals(const operation *o, size_t count, uint32_t where) {
  uint64_t bits[OPERANDS_EDGES];
  char name[128];
  const size_t n = operands_literals(o->source[where], bits);
  for (size_t i = 0; i < n; i += numbers_full() ? 1 : 3) {
    vy_program *p = operations_literal(context, o, count, where, bits[i]);
    snprintf(name, sizeof name, "%s of %s, operand %u %#llx", operation_name(o),
             vy_type_name(o->types[0]), where, (unsigned long long)bits[i]);
    check(name, p, 0);
    vy_program_release(p);
  }
}

static void of_operations(void **state) {
  (void)state;
  const size_t count = operations_all(all, OPERATIONS);
  assert_true(count > 250);
  for (size_t i = 0; i < count;) {
    const size_t alike = operations_alike(&all[i], count - i);
    for (size_t k = 0; k < alike; k += CHUNK)
      check_operations(&all[i + k], alike - k < CHUNK ? alike - k : CHUNK);
    i += alike;
  }
  assemble();
}

static void of_literals(void **state) {
  (void)state;
  const size_t count = operations_all(all, OPERATIONS);
  for (size_t i = 0; i < count;) {
    const size_t alike = operations_alike(&all[i], count - i);
    for (uint32_t where = 0; where < all[i].operands; where++)
      check_literals(&all[i], alike < CHUNK ? alike : CHUNK, where);
    i += alike;
  }
  assemble();
}

// ---- what is no pure operation, as text

static void check_text(const char *name, char *text, uint32_t flags) {
  vy_program *p = parse_text(context, text);
  check(name, p, flags);
  vy_program_release(p);
  free(text);
}

static void of_atomics(void **state) {
  (void)state;
  for (uint32_t i = 0; i < PTX_INTEGERS * FLAGS; i++)
    check_text("atomics", ptx_atomics(i % PTX_INTEGERS),
               every_flags[i / PTX_INTEGERS]);
  assemble();
}

static void of_bytes(void **state) {
  (void)state;
  for (uint32_t i = 0; i < FLAGS; i++)
    check_text("bytes", ptx_bytes(), every_flags[i]);
  assemble();
}

static void of_collectives(void **state) {
  (void)state;
  static const char *const sizes[] = {"1",   "2",   "5",    "32",
                                      "33",  "64",  "96",   "4, 3, 5",
                                      "256", "100", "1000", "1024"};
  for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char name[64];
    snprintf(name, sizeof name, "collectives of %s lanes", sizes[i]);
    check_text(name, ptx_collectives(sizes[i], 0), every_flags[i % FLAGS]);
  }
  // With as much group memory as there may be, the most of scratch memory.
  check_text("collectives, full memory", ptx_collectives("1024", 32768), 0);
  assemble();
}

static void of_random_programs(void **state) {
  (void)state;
  static const random_options kinds[] = {
      {RANDOM_ALL, 40},
      {RANDOM_LOOPS, 12},
      {RANDOM_FLOATS | RANDOM_WIDE, 30},
      {RANDOM_GROUPS | RANDOM_LOOPS | RANDOM_ARRAYS, 20},
      {RANDOM_NEIGHBOURS | RANDOM_LOOPS, 16},
  };
  enum { KINDS = sizeof kinds / sizeof *kinds };
  const uint64_t count = numbers_full() ? 2000 : 120;
  for (uint64_t seed = 1; seed <= count; seed++) {
    char name[64];
    vy_program *p = NULL;
    assert_true(random_program(context, seed, &kinds[seed % KINDS], &p));
    snprintf(name, sizeof name, "random %llu", (unsigned long long)seed);
    check(name, p, every_flags[seed / KINDS % FLAGS]);
    vy_program_release(p);
  }
  assemble();
}

// ---- kept texts

static uint32_t quotient(uint32_t x, vy__ptx_reciprocal r) {
  uint32_t q = r.multiplier ? (uint32_t)((uint64_t)x * r.multiplier >> 32) : x;
  return (r.more ? q + (x - q) / 2 : q) >> r.shift;
}

// At the ends, and where quotients change.
static void of_reciprocals(void **state) {
  (void)state;
  for (uint64_t k = 1; k < 1 << 17; k++) {
    uint32_t of[] = {(uint32_t)k, 0u - (uint32_t)k, (uint32_t)k * 2654435761u,
                     (1u << 31) + (uint32_t)k};
    for (uint32_t j = 0; j < 4; j++) {
      uint32_t d = of[j], most = UINT32_MAX / d, middle = most / 2 + 1;
      vy__ptx_reciprocal r = vy__ptx_reciprocal_of(d);
      uint32_t x[] = {
          0,        d - 1,        d,          middle * d - 1, middle * d,
          most * d, most * d - 1, UINT32_MAX, d * 2654435u};
      for (uint32_t i = 0; i < sizeof x / sizeof *x; i++)
        assert_int_equal(quotient(x[i], r), x[i] / d);
    }
  }
}

static char *read_all(const char *path) {
  FILE *f = fopen(path, "r");
  if (!f)
    return NULL;
  char *text = calloc(1, 1 << 20);
  assert_non_null(text);
  assert_true(fread(text, 1, (1 << 20) - 1, f) < (1 << 20) - 1);
  fclose(f);
  return text;
}

static void compare_kept(const char *path, const ptx_module *m) {
  if (getenv("VYRE_PTX_UPDATE")) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(m->text, 1, m->size, f), m->size);
    assert_int_equal(fclose(f), 0);
    return;
  }
  char *kept = read_all(path);
  if (!kept || strcmp(kept, m->text))
    fail_msg("%s: %s (scripts/ptx --update, and look at what changes)", path,
             kept ? "another text now" : "missing");
  free(kept);
}

// ---- bodies

// Does vy_one look at the launch's facts?
static bool asks_facts(const char *text) {
  char line[64];
  vy_program *p = parse_text(context, text);
  ptx_module m = ptx_emit(p, 0, 90);
  snprintf(line, sizeof line, "[record+%zu];", offsetof(vy__cuda_item, facts));
  const bool asks = strstr(m.text, line) != NULL;
  ptx_free(&m);
  vy_program_release(p);
  return asks;
}

#define PROGRAM(body)                                                          \
  "program p(n: u32, x: read u32[], y: write u32[]) {\n"                       \
  "  lanes n;\n" body "}\n"
#define LOOP(body)                                                             \
  "  var v = 1u;\n  for k in 0..n {\n    v = v * 3 ^ (v >> 7);\n" body "  }\n"

// A body more where it leaves out checks of what goes as one, in a loop, or of
// much of what a lane does; not for one check beside a loop.
static void of_facts(void **state) {
  (void)state;
  assert_false(
      asks_facts(PROGRAM(LOOP("    v += x[v];\n") "  y[lane] = v;\n")));
  assert_true(asks_facts(PROGRAM(LOOP("    atomic_add(y, lane, v);\n"))));
  assert_true(
      asks_facts(PROGRAM(LOOP("    v += x[v];\n") "  y[2 * lane] = v;\n"
                                                  "  y[2 * lane + 1] = n;\n")));
  assert_true(asks_facts(PROGRAM("  atomic_add(y, lane, 1u);\n")));
  assert_true(asks_facts(PROGRAM("  y[lane] = x[lane];\n")));
}

// Strict and budgeted as the lines of a case say.
static void as_kept(void **state) {
  (void)state;
  size_t count;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/ptx", &count), why[512];
  assert_true(count > 0);
  for (size_t i = 0; i < count; i++) {
    case_file c;
    vy_program *p = NULL;
    if (!case_load(&c, paths[i], why, sizeof why))
      fail_msg("%s: %s", paths[i], why);
    assert_int_equal(case_program(&c, context, &p, NULL), VY_OK);
    const uint32_t flags = (c.strict ? VY_COMPILE_STRICT : 0) |
                           (c.budget ? VY_COMPILE_BUDGETED : 0);
    ptx_module m = ptx_emit(p, flags, 90);
    char path[512];
    snprintf(path, sizeof path, "%.*s.ptx", (int)strlen(paths[i]) - 3,
             paths[i]);
    compare_kept(path, &m);
    ptx_free(&m);
    vy_program_release(p);
    case_free(&c);
  }
  case_list_free(paths, count);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(of_cases),       cmocka_unit_test(of_examples),
      cmocka_unit_test(of_operations),  cmocka_unit_test(of_literals),
      cmocka_unit_test(of_atomics),     cmocka_unit_test(of_bytes),
      cmocka_unit_test(of_collectives), cmocka_unit_test(of_random_programs),
      cmocka_unit_test(of_reciprocals), cmocka_unit_test(of_facts),
      cmocka_unit_test(as_kept),
  };
  if (argc > 1) // a pattern of names: those only
    cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests_name("ptx", tests, open_context, close_context);
}

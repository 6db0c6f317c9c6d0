// Lowering, text in and text out: each file of tests/lower/ says after which
// pass, and what then must be printed or which checks remain. And over the
// whole corpus: after every pass each case still gives what it says, the
// program survives its other two forms, and origins name the same operation.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lower/lower.h"
#include "support/case.h"
#include "support/heap.h"
#include "support/parse.h"

#ifndef VYRE_SOURCE_DIR
#error "the build names the source folder"
#endif

static vy_context *context;

static int open_context(void **state) {
  (void)state;
  return vy_context_create(NULL, &context, NULL) != VY_OK;
}

static int close_context(void **state) {
  (void)state;
  vy_context_release(context);
  return 0;
}

static char *print(const vy_program *p, size_t *size) {
  assert_int_equal(vy_program_print(p, NULL, 0, size), VY_OK);
  char *text = malloc(*size + 2);
  assert_non_null(text);
  assert_int_equal(vy_program_print(p, text, *size, size), VY_OK);
  text[*size] = 0;
  if (*size && text[*size - 1] != '\n')
    memcpy(text + *size, "\n", 2);
  *size = strlen(text);
  return text;
}

// ---- the files

// The rest of the line that begins with `word`, copied; NULL: none.
static char *directive(const char *text, const char *word) {
  const char *at = strstr(text, word);
  if (!at)
    return NULL;
  at += strlen(word);
  size_t n = strcspn(at, "\n");
  char *copy = calloc(1, n + 1);
  assert_non_null(copy);
  memcpy(copy, at, n);
  return copy;
}

static bool is_access(const vy__value *v) {
  uint32_t sig = vy__op_row(v->op)->sig;
  return sig >= VY__SIG_LOAD && sig <= VY__SIG_ATOMIC2;
}

// "none fact full", of all accesses by id.
static void show_checks(const vy__lowered *l, char *out, size_t size) {
  static const char *const names[] = {"full", "fact", "none"};
  size_t n = 0;
  out[0] = 0;
  for (uint32_t i = 0; i < l->program->ir.value_count; i++)
    if (is_access(&l->program->ir.values[i]) && n < size)
      n += (size_t)snprintf(out + n, size - n, " %s%s", names[l->check[i]],
                            l->stays[i] ? "-here" : "");
}

static void show_facts(const vy__lowered *l, char *out, size_t size) {
  size_t n = 0;
  out[0] = 0;
  for (uint32_t i = 0; i < l->fact_count && n < size; i++) {
    const vy__fact *f = &l->facts[i];
    const vy__ir *ir = &l->program->ir;
    n += (size_t)snprintf(
        out + n, size - n, "%s %s %llu,%llu,%llu+%llu", i ? ";" : "",
        vy__ir_string(ir, ir->params[f->param].name),
        (unsigned long long)f->scale[0], (unsigned long long)f->scale[1],
        (unsigned long long)f->scale[2], (unsigned long long)f->offset);
  }
}

static void same_text(const char *name, const char *what, const char *got,
                      const char *want) {
  if (strcmp(got, want))
    fail_msg("%s: %s\n%s\n---- instead of\n%s", name, what, got, want);
}

static void run_file(const char *name, char *text) {
  char *gives = strstr(text, "//! gives\n");
  char *after = directive(text, "//! after ");
  char *checks = directive(text, "//! checks:");
  char *facts = directive(text, "//! facts:");
  size_t size = gives ? (size_t)(gives - text) : strlen(text);
  vy_program *p = parse_program(context, name, (vy_str){text, size});
  uint32_t flags = strstr(text, "//! strict") ? VY_COMPILE_STRICT : 0;
  if (strstr(text, "//! budgeted"))
    flags |= VY_COMPILE_BUDGETED;
  vy__lowered l;
  if (vy__lower(p, flags, after, &l, NULL) != VY_OK)
    fail_msg("%s: does not lower", name);
  if (!gives && !checks)
    fail_msg("%s: says neither what it gives nor its checks", name);
  if (gives) {
    char *got = print(l.program, &size);
    same_text(name, "gives", got, gives + strlen("//! gives\n"));
    free(got);
  }
  char shown[4096];
  show_checks(&l, shown, sizeof shown);
  if (checks)
    same_text(name, "checks", shown, checks);
  show_facts(&l, shown, sizeof shown);
  if (checks)
    same_text(name, "facts", shown, facts ? facts : "");
  vy__lowered_free(&l);
  vy_program_release(p);
  free(after);
  free(checks);
  free(facts);
}

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  char *text = calloc(1, 1 << 16);
  assert_non_null(text);
  size_t n = fread(text, 1, (1 << 16) - 1, f);
  assert_true(n > 0);
  fclose(f);
  return text;
}

static void text_in_text_out(void **state) {
  (void)state;
  size_t count;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/lower", &count);
  assert_true(count >= 20);
  for (size_t i = 0; i < count; i++) {
    char *text = read_file(paths[i]);
    run_file(paths[i], text);
    free(text);
  }
  case_list_free(paths, count);
}

// ---- the corpus

typedef void program_fn(const vy_program *p, const char *name);

static void each_program(program_fn *fn) {
  size_t count;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/cases", &count);
  for (size_t i = 0; i < count; i++) {
    case_file c;
    char why[1024];
    vy_program *p = NULL, *fixed = NULL;
    assert_true(case_load(&c, paths[i], why, sizeof why));
    if (case_program(&c, context, &p, NULL) == VY_OK) {
      uint64_t bits[VY__MAX_CONSTS];
      uint8_t all[VY__MAX_CONSTS];
      memset(all, 1, sizeof all);
      for (uint32_t k = 0; k < p->ir.const_count; k++)
        bits[k] = p->ir.consts[k].bits;
      assert_int_equal(vy__specialize(p, bits, all, &fixed, NULL), VY_OK);
      fn(fixed, c.name);
    }
    vy_program_release(fixed);
    vy_program_release(p);
    case_free(&c);
  }
  case_list_free(paths, count);
}

static void same_program(const vy_program *a, const vy_program *b,
                         const char *name, const char *how) {
  if (memcmp(&a->fingerprint, &b->fingerprint, sizeof a->fingerprint))
    fail_msg("%s: another program %s", name, how);
}

static void other_forms(const vy_program *p, const char *name) {
  size_t size;
  vy_program *back = NULL;
  char *text = print(p, &size);
  back = parse_program(context, name, (vy_str){text, size});
  same_program(p, back, name, "through text");
  vy_program_release(back);
  free(text);
  assert_int_equal(vy_program_encode(p, 0, NULL, 0, &size), VY_OK);
  unsigned char *bytes = malloc(size);
  assert_non_null(bytes);
  assert_int_equal(vy_program_encode(p, 0, bytes, size, &size), VY_OK);
  assert_int_equal(vy_program_decode(context, bytes, size, &back, NULL), VY_OK);
  same_program(p, back, name, "through wire");
  vy_program_release(back);
  free(bytes);
}

// Elements of private arrays become variables, zeroed where the array was;
// branches become choices, for which variables are read.
static bool comes_from(const vy__ir *before, uint32_t from,
                       const vy__value *v) {
  if (from == VY__NONE)
    return v->op == VY__OP_VAR_SET || v->op == VY__OP_VAR_GET;
  const vy__value *o = &before->values[from];
  return v->op == o->op ||
         (o->space == VY__SPACE_PRIVATE &&
          v->op == (o->op == VY__OP_LOAD ? VY__OP_VAR_GET : VY__OP_VAR_SET));
}

// An ordered operation is the one that it comes from; so is a statement.
static void check_origins(const vy_program *p, const vy__lowered *l,
                          const char *name) {
  const vy__ir *now = &l->program->ir;
  for (uint32_t i = 0; i < now->value_count; i++) {
    uint32_t from = l->origin_value[i];
    if (from != VY__NONE && from >= p->ir.value_count)
      fail_msg("%s: value %u comes from nowhere", name, i);
    if (vy__is_ordered(now, &now->values[i]) &&
        !comes_from(&p->ir, from, &now->values[i]))
      fail_msg("%s: operation %u is not that of value %u", name, i, from);
    if (is_access(&now->values[i]) && !is_access(&p->ir.values[from]))
      fail_msg("%s: access %u is not that of value %u", name, i, from);
  }
  for (uint32_t i = 0; i < now->stmt_count; i++) {
    uint32_t from = l->origin_stmt[i];
    if (from >= p->ir.stmt_count ||
        (now->stmts[i].kind != p->ir.stmts[from].kind &&
         (now->stmts[i].kind != VY__STMT_EXEC ||
          p->ir.stmts[from].kind != VY__STMT_ARRAY)))
      fail_msg("%s: statement %u is not statement %u", name, i, from);
  }
}

static void after_each_pass(const vy_program *p, const char *name) {
  static const uint32_t flags[] = {0, VY_COMPILE_STRICT, VY_COMPILE_BUDGETED};
  for (size_t f = 0; f < 3; f++)
    for (uint32_t i = 0; vy__lower_pass_name(i); i++) {
      vy__lowered l;
      vy_status s = vy__lower(p, flags[f], vy__lower_pass_name(i), &l, NULL);
      if (s != VY_OK)
        fail_msg("%s: after %s: %s", name, vy__lower_pass_name(i),
                 vy_status_name(s));
      check_origins(p, &l, name);
      other_forms(l.program, name);
      if (flags[f] == VY_COMPILE_STRICT)
        same_program(p, l.program, name, "with strict bounds");
      vy__lowered_free(&l);
    }
}

static void every_pass_gives_a_program(void **state) {
  (void)state;
  each_program(after_each_pass);
}

static void lower_twice(const vy_program *p, const char *name) {
  vy__lowered once, twice;
  assert_int_equal(vy__lower(p, 0, NULL, &once, NULL), VY_OK);
  assert_int_equal(vy__lower(p, 0, NULL, &twice, NULL), VY_OK);
  same_program(once.program, twice.program, name, "the second time");
  vy__lowered_free(&once);
  vy__lowered_free(&twice);
}

static void the_same_each_time(void **state) {
  (void)state;
  each_program(lower_twice);
}

static void every_case_says_the_same(void **state) {
  (void)state;
  size_t count, failures = 0;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/cases", &count);
  for (size_t i = 0; i < count; i++) {
    case_file c;
    char why[2048];
    assert_true(case_load(&c, paths[i], why, sizeof why));
    static const uint32_t flags[] = {0, VY_COMPILE_STRICT, VY_COMPILE_BUDGETED};
    for (uint32_t pass = 0; vy__lower_pass_name(pass); pass++)
      for (size_t f = 0; f < 3; f++) {
        case_options o = {.context = context,
                          .flags = flags[f],
                          .lowered = true,
                          .after = vy__lower_pass_name(pass)};
        vy_status s = case_run(&c, &o, why, sizeof why);
        (void)s; // judged
        if (why[0]) {
          fprintf(stderr, "after %s: %s\n", o.after, why);
          failures++;
        }
      }
    case_free(&c);
  }
  case_list_free(paths, count);
  assert_int_equal(failures, 0);
}

// ---- the calls

static void passes_by_name(void **state) {
  (void)state;
  static const char text[] = "program p(y: write u32[4]) { lanes 4; y[lane] = "
                             "1u + 2u; }";
  vy_program *p = parse_text(context, text), *q = NULL;
  assert_string_equal(vy_lower_pass(0), "fold");
  assert_int_equal(vy_lower(p, NULL, "fold", &q, NULL), VY_OK);
  vy_program_release(q);
  q = NULL;
  assert_int_equal(vy_lower(p, NULL, "nothing", &q, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_lower(NULL, NULL, NULL, &q, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_lower(p, NULL, NULL, NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_null(q);
  vy_program_release(p);
}

// Each allocation fails once: an error, and nothing is left over.
static void every_allocation_may_fail(void **state) {
  (void)state;
  static const char text[] =
      "program p(n: u32, x: read u32[], y: update u32[]) { lanes len(y);\n"
      "  var s = 0u; var a: u32[4];\n"
      "  for i in 0u .. n { if (i < len(x)) { s += x[i] * 8u; } }\n"
      "  a[lane & 3u] = s; y[lane] = a[1u] / 4u + x[lane] + x[lane];\n"
      "  var b: i16[3]; for i in 0 .. 3 { b[i] = i32(s) + i; }\n"
      "  y[lane] += u32(b[0] + b[2]); }";
  heap h = {0};
  vy_allocator a = heap_allocator(&h);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = a;
  vy_context *mine = NULL;
  assert_int_equal(vy_context_create(&desc, &mine, NULL), VY_OK);
  vy_program *p = parse_text(mine, text);
  vy_status s = VY_ERROR_OUT_OF_HOST_MEMORY;
  uint64_t failed = 0;
  for (uint64_t k = 1; s != VY_OK; k++) {
    vy__lowered l;
    int64_t blocks = h.blocks;
    h.fail_at = h.asked + k;
    s = vy__lower(p, 0, NULL, &l, NULL);
    h.fail_at = 0;
    if (s == VY_OK) {
      vy__lowered_free(&l);
    } else {
      failed++;
      assert_int_equal(s, VY_ERROR_OUT_OF_HOST_MEMORY);
      assert_null(l.program);
    }
    assert_int_equal(h.blocks, blocks);
  }
  assert_true(failed > 50);
  vy_program_release(p);
  vy_context_release(mine);
  assert_true(heap_is_clean(&h));
}

// Signed quotients become six operations each: here that would be more values
// than a program may have, so they stay.
static void no_pass_goes_over_the_limits(void **state) {
  (void)state;
  enum { TIMES = 160000 };
  vy_builder *b = NULL;
  vy_program *p = NULL;
  vy__lowered l;
  assert_int_equal(vy_builder_create(context, vy_str_c("p"), &b, NULL), VY_OK);
  vy_buf y = vy_builder_buffer(b, vy_str_c("y"), VY_ACCESS_UPDATE, VY_TYPE_I32);
  vy_size one = vy_size_literal(b, 1);
  vy_builder_lanes(b, 1, &one);
  vy_val i = vy_lane(b), eight = vy_i32(b, 8);
  vy_val v = vy_build_load(b, y, 0, i);
  for (uint32_t k = 0; k < TIMES; k++)
    v = vy_div(b, vy_xor(b, v, vy_i32(b, 5)), eight);
  vy_build_store(b, y, 0, i, v);
  assert_int_equal(vy_builder_finish(b, &p, NULL), VY_OK);
  vy_builder_release(b);
  assert_int_equal(vy__lower(p, 0, NULL, &l, NULL), VY_OK);
  uint32_t divisions = 0;
  for (uint32_t k = 0; k < l.program->ir.value_count; k++)
    divisions += l.program->ir.values[k].op == VY__OP_DIV;
  assert_int_equal(divisions, TIMES);
  vy__lowered_free(&l);
  vy_program_release(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_in_text_out),
      cmocka_unit_test(every_pass_gives_a_program),
      cmocka_unit_test(the_same_each_time),
      cmocka_unit_test(every_case_says_the_same),
      cmocka_unit_test(passes_by_name),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(no_pass_goes_over_the_limits),
  };
  return cmocka_run_group_tests(tests, open_context, close_context);
}

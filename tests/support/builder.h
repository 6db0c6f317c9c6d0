// What the tests of the builder share: a context, a builder of the program
// "p" and all diagnostics; a built program against its text, and one error.
#ifndef TESTS_SUPPORT_BUILDER_H
#define TESTS_SUPPORT_BUILDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

typedef struct fixture {
  vy_context *context;
  vy_builder *b;
  vy_diags diags;
  vy_diag records[100];
  char text[16384];
} fixture;

static inline int setup(void **state) {
  static fixture f;
  memset(&f, 0, sizeof f);
  f.diags = (vy_diags)VY_DIAGS_INIT;
  f.diags.records = f.records;
  f.diags.capacity = 100;
  f.diags.text = f.text;
  f.diags.text_capacity = sizeof f.text;
  assert_int_equal(vy_context_create(NULL, &f.context, NULL), VY_OK);
  assert_int_equal(vy_builder_create(f.context, vy_str_c("p"), &f.b, NULL),
                   VY_OK);
  *state = &f;
  return 0;
}

static inline int teardown(void **state) {
  fixture *f = *state;
  vy_builder_release(f->b);
  vy_context_release(f->context);
  return 0;
}

static inline vy_program *finish(fixture *f) {
  vy_program *p = NULL;
  vy_status status = vy_builder_finish(f->b, &p, &f->diags);
  for (uint32_t i = 0; i < f->diags.count; i++)
    print_message("VY%04u %.*s\n", f->records[i].code,
                  (int)f->records[i].message.size, f->records[i].message.data);
  assert_int_equal(status, VY_OK);
  return p;
}

static inline void same_as(fixture *f, const char *text) {
  vy_program *built = finish(f), *parsed = NULL;
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  assert_int_equal(vy_program_parse(f->context, &source, &parsed, NULL), VY_OK);
  vy_hash x = vy_program_fingerprint(built);
  vy_hash y = vy_program_fingerprint(parsed);
  assert_memory_equal(&x, &y, sizeof x);
  vy_program_release(parsed);
  vy_program_release(built);
}

// Finishing reports exactly this one error.
static inline void one_error(fixture *f, uint32_t code) {
  vy_program *p = NULL;
  assert_int_equal(vy_builder_finish(f->b, &p, &f->diags),
                   VY_ERROR_INVALID_PROGRAM);
  assert_null(p);
  if (f->diags.errors != 1 || f->records[0].code != code)
    for (uint32_t i = 0; i < f->diags.count; i++)
      print_message("VY%04u %.*s\n", f->records[i].code,
                    (int)f->records[i].message.size,
                    f->records[i].message.data);
  assert_int_equal(f->diags.errors, 1);
  assert_int_equal(f->records[0].code, code);
}

static inline void one_lane(fixture *f) {
  vy_size one = vy_size_literal(f->b, 1);
  vy_builder_lanes(f->b, 1, &one);
}

#endif

// The three forms of a program, over the whole corpus: text -> wire -> program
// and text -> program -> text -> program keep the fingerprint, and encoding
// again gives the same bytes. Stripped wire keeps the fingerprint too.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/case.h"

#ifndef VYRE_SOURCE_DIR
#error "the build names the source folder"
#endif

typedef struct bytes {
  unsigned char *data;
  size_t size;
} bytes;

static bytes encode(const vy_program *p, uint32_t flags) {
  bytes b = {NULL, 0};
  assert_int_equal(vy_program_encode(p, flags, NULL, 0, &b.size), VY_OK);
  b.data = malloc(b.size + 1);
  assert_non_null(b.data);
  if (b.size) { // a buffer one byte short is refused
    size_t need;
    assert_int_equal(vy_program_encode(p, flags, b.data, b.size - 1, &need),
                     VY_ERROR_OUTPUT_TOO_SMALL);
    assert_int_equal(need, b.size);
  }
  assert_int_equal(vy_program_encode(p, flags, b.data, b.size, &b.size), VY_OK);
  return b;
}

static void same_print(const vy_program *a, const vy_program *b,
                       const char *name, const char *how) {
  vy_hash x = vy_program_fingerprint(a), y = vy_program_fingerprint(b);
  if (memcmp(&x, &y, sizeof x))
    fail_msg("%s: the fingerprint changes %s", name, how);
}

static void through_wire(vy_context *context, const vy_program *p,
                         uint32_t flags, const char *name) {
  bytes first = encode(p, flags);
  vy_program *back = NULL;
  vy_status s = vy_program_decode(context, first.data, first.size, &back, NULL);
  if (s != VY_OK)
    fail_msg("%s: does not decode: %s", name, vy_status_name(s));
  same_print(p, back, name, "through wire");
  bytes again = encode(back, flags);
  if (first.size != again.size || memcmp(first.data, again.data, first.size))
    fail_msg("%s: encodes to other bytes after decoding", name);
  vy_program_release(back);
  free(first.data);
  free(again.data);
}

static void through_text(vy_context *context, const vy_program *p,
                         const char *name) {
  size_t size = 0;
  assert_int_equal(vy_program_print(p, NULL, 0, &size), VY_OK);
  char *text = malloc(size + 1);
  assert_non_null(text);
  assert_int_equal(vy_program_print(p, text, size, &size), VY_OK);
  vy_source source = VY_SOURCE_INIT;
  source.text.data = text;
  source.text.size = size;
  vy_diag record;
  char room[1024];
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = &record;
  diags.capacity = 1;
  diags.text = room;
  diags.text_capacity = sizeof room;
  vy_program *back = NULL;
  vy_status s = vy_program_parse(context, &source, &back, &diags);
  if (s != VY_OK) {
    char message[2048] = "";
    if (diags.count)
      vy_diag_format(&record, message, sizeof message);
    fail_msg("%s: its print does not parse: %s\n%.*s", name, message, (int)size,
             text);
  }
  same_print(p, back, name, "through print");
  vy_program_release(back);
  free(text);
}

static void nothing_is_lost(void **state) {
  (void)state;
  size_t count, programs = 0;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/cases", &count);
  vy_context *context = NULL;
  assert_int_equal(vy_context_create(NULL, &context, NULL), VY_OK);
  for (size_t i = 0; i < count; i++) {
    case_file c;
    char why[1024];
    vy_program *p = NULL;
    if (!case_load(&c, paths[i], why, sizeof why))
      fail_msg("%s", why);
    if (case_program(&c, context, &p, NULL) == VY_OK) {
      programs++;
      through_wire(context, p, 0, c.name);
      through_wire(context, p, VY_ENCODE_STRIP, c.name);
      through_text(context, p, c.name);
    }
    vy_program_release(p);
    case_free(&c);
  }
  assert_true(programs > 100);
  case_list_free(paths, count);
  vy_context_release(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

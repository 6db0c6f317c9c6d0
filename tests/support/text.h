// Parsing in tests: one context, all diagnostics kept, and two texts compared
// by the semantic part of the IR that they make.
#ifndef TESTS_TEXT_H
#define TESTS_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/context.h"
#include "text/text.h"

typedef struct parsed {
  vy_context *context;
  vy_status status;
  vy__ir ir; // when status is VY_OK
  vy_diags diags;
  vy_diag records[128];
  char text[1 << 16];
} parsed;

static inline parsed *parse_source(const vy_source *source) {
  parsed *p = calloc(1, sizeof(*p));
  assert_non_null(p);
  p->diags = (vy_diags)VY_DIAGS_INIT;
  p->diags.records = p->records;
  p->diags.capacity = 128;
  p->diags.text = p->text;
  p->diags.text_capacity = sizeof(p->text);
  assert_int_equal(vy_context_create(NULL, &p->context, NULL), VY_OK);
  p->status = vy__text_parse(p->context, source, &p->ir, &p->diags);
  assert_int_equal(p->status == VY_OK, p->diags.errors == 0);
  return p;
}

static inline parsed *parse_bytes(const char *text, size_t size) {
  vy_source source = VY_SOURCE_INIT;
  source.name = vy_str_c("t.vy");
  source.text = (vy_str){text, size};
  return parse_source(&source);
}

static inline parsed *parse_text(const char *text) {
  return parse_bytes(text, strlen(text));
}

static inline void parse_free(parsed *p) {
  if (p->status == VY_OK)
    vy__ir_free(&p->ir);
  vy_context_release(p->context);
  free(p);
}

static inline void show(const parsed *p) {
  for (uint32_t i = 0; i < p->diags.count; i++)
    print_error("VY%04u %u:%u %.*s\n", p->records[i].code, p->records[i].line,
                p->records[i].column, (int)p->records[i].message.size,
                p->records[i].message.data);
}

// Parse what must be accepted.
static inline parsed *parse_good(const char *text) {
  parsed *p = parse_text(text);
  if (p->status != VY_OK) {
    show(p);
    print_error("of:\n%s\n", text);
  }
  assert_int_equal(p->status, VY_OK);
  return p;
}

static inline bool same_ir(const char *a, const char *b) {
  parsed *p = parse_good(a), *q = parse_good(b);
  bool same = vy__ir_equal(&p->ir, &q->ir);
  parse_free(p);
  parse_free(q);
  return same;
}

// A program over x: u32[], f: f32[], and read-only r: u32[] around `body`.
static inline const char *around(char *out, size_t size, const char *before,
                                 const char *body) {
  int n = snprintf(out, size,
                   "%sprogram p(x: update u32[], f: update f32[], "
                   "r: read u32[], n: u32) {\nlanes len(x);\n%s\n}\n",
                   before, body);
  assert_true(n > 0 && (size_t)n < size);
  return out;
}

static inline bool same_body(const char *before, const char *a, const char *b) {
  char one[8192], two[8192];
  return same_ir(around(one, sizeof one, before, a),
                 around(two, sizeof two, before, b));
}

#endif

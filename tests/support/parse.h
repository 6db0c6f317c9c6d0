// A program of a text that must be right.
#ifndef TESTS_SUPPORT_PARSE_H
#define TESTS_SUPPORT_PARSE_H

#include <vyre/vyre.h>

// Fails the test with what is wrong. `name`: the source's, and in messages;
// NULL: none.
vy_program *parse_program(vy_context *context, const char *name, vy_str text);
static inline vy_program *parse_text(vy_context *context, const char *text) {
  return parse_program(context, NULL, vy_str_c(text));
}

#endif

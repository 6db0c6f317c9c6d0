// Values of case files as bytes: the text side of tests/cases/README.md.
// Floats go through the C library (correctly rounded), never through Vyre.
#ifndef TESTS_CASE_VALUES_H
#define TESTS_CASE_VALUES_H

#include <stdbool.h>

#include <vyre/program.h>

typedef struct case_bytes {
  unsigned char *data; // malloc; never NULL after success
  size_t size;
} case_bytes;

// "[TYPE | {TYPES}] VALUES"; `type` stands in where the text names none
// (VY_TYPE_NONE: it must). False with the reason in `why`.
bool case_values(const char *text, vy_type type, case_bytes *out, char *why,
                 size_t why_size);
// One value of one type as bits.
bool case_value(const char *token, vy_type type, uint64_t *bits);

#endif

// What the suites of sequences share.
#ifndef TESTS_CONFORMANCE_SEQUENCE_H
#define TESTS_CONFORMANCE_SEQUENCE_H

#include "conformance/conformance.h"

static inline vy_sequence *make_sequence(fixture *f) {
  vy_sequence *s = NULL;
  expect_ok(f, vy_sequence_create(f->device, &s, &f->diags));
  return s;
}

#endif

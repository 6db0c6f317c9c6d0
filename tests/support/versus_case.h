// A call that gave other results than the reference, written as a case.
#ifndef TESTS_SUPPORT_VERSUS_CASE_H
#define TESTS_SUPPORT_VERSUS_CASE_H

#include "support/versus.h"

// Where VYRE_FAILS says, if it does and the inputs are small, with a comment.
// `number` makes the file's name one of its own. `record` counts when status
// is not VY_OK.
void versus_case_write(const versus_call *c, const char *comment,
                       vy_status status, const vy_diag *record,
                       const vy_outputs *expected, uint32_t number);

#endif

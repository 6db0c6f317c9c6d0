// What running a case and judging it share.
#ifndef TESTS_SUPPORT_CASE_RUN_H
#define TESTS_SUPPORT_CASE_RUN_H

#include <stdlib.h>
#include <string.h>

#include "support/case.h"
#include "support/case_values.h"

enum { GUARD = 256, GUARD_BYTE = 0xA5, MAX_PARAMS = 64, BATCH = 3 };

// Host memory between guards; data is at an odd address.
typedef struct case_span {
  unsigned char *block, *data;
  size_t size;
} case_span;

typedef struct case_bound {
  vy_param_info info;
  case_bytes in;   // scalar or contents
  case_bytes want; // an `out` line
  bool has_in, has_want;
  case_span host;        // a copy of `in`, given to Vyre
  case_span slot[BATCH]; // caller's slots
  vy_buffer buffer;      // resident, GUARD bytes larger at both ends
  uint64_t size;         // resident bytes
} case_bound;

typedef struct case_running {
  const case_file *c;
  const case_options *o;
  char *why;
  size_t why_size;
  vy_device *device;
  vy_program *program;
  vy_pipeline *pipeline;
  vy_outputs *outputs[BATCH];
  vy_prepared *prepared;
  vy_program_info info;
  case_bound params[MAX_PARAMS];
  vy_arg args[MAX_PARAMS];
  vy_arg item_args[BATCH][MAX_PARAMS];
  vy_const_value consts[CASE_MAX_LINES];
  vy_diags diags;
  vy_diag records[32];
  char text[16384];
} case_running;

// Only the first one stands.
void case_blame(case_running *r, const char *format, ...);
case_span case_span_make(const void *data, size_t size);

// case_judge.c
void case_judge_status(case_running *r, vy_status s);
vy_status case_judge_outputs(case_running *r);
void case_judge_guards(case_running *r);
// Exactly the codes of `want` are among the records of that severity.
void case_judge_codes(case_running *r, const case_codes *want,
                      uint32_t severity);

#endif

// The checking run of the reference backend: one item, one lane order, with
// shadow memory. vy_check (dispatch/check.c) calls it once per order and
// compares the outputs.
#ifndef VY__REFERENCE_CHECK_H
#define VY__REFERENCE_CHECK_H

#include "backend/backend.h"

typedef struct vy__check_run {
  const vy_program *program; // constants fixed
  vy__launch_item *item;     // host binds only
  uint32_t iterations;
  uint64_t budget; // 0: none
  uint32_t order;  // VY_ORDER_*
  uint64_t seed;
} vy__check_run;

// Runs on the calling thread. Adds its findings to *report; when `diags` is
// not NULL, one diagnostic per distinct pair of statements (races), statement
// (bounds) or parameter (unwritten). Budget exhaustion is in item->fault.
vy_status vy__reference_check(vy_context *context, const vy__check_run *run,
                              vy_check_report *report, vy_diags *diags);

#endif

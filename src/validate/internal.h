// What the validator's files share: the program under construction, and one
// way to report.
#ifndef VY__VALIDATE_INTERNAL_H
#define VY__VALIDATE_INTERNAL_H

#include "validate/validate.h"

typedef struct vy__validation {
  vy_program *program; // its ir is what is checked
  vy_diags *diags;
  vy_status status; // the first failure; VY_OK so far
  uint32_t reported;
} vy__validation;

enum { VY__MAX_REPORTED = 64 }; // errors of one program; more help nobody

// Report and remember; each stage goes on, so that all errors come at once.
void vy__invalid(vy__validation *v, vy__where where, vy__err code,
                 const char *format, ...) VY__PRINTF(4, 5);
void vy__validation_oom(vy__validation *v);

// Stages, in order; each needs that those before it found nothing, except
// that header and body are independent.
void vy__validate_header(vy__validation *v); // names, params, sizes, domain
void vy__validate_memory(vy__validation *v); // array lengths, group size
void vy__validate_values(vy__validation *v); // types, access
void vy__validate_body(vy__validation *v);   // statements, dominance
void vy__validate_uniformity(vy__validation *v);
void vy__classify(vy__validation *v); // determinism

#endif

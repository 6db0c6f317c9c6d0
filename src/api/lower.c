// The lowered program for whoever wants to look at it.
#include "lower/lower.h"

#include "pipeline/pipeline.h"

const char *vy_lower_pass(uint32_t index) { return vy__lower_pass_name(index); }

vy_status vy_lower(vy_program *program, const vy_compile_options *compile,
                   const char *after, vy_program **out, vy_diags *diags) {
  if (!program || !out)
    return vy__fail_argument(diags, "vy_lower: %s is NULL",
                             program ? "out" : "program");
  vy_compile_options o;
  uint64_t bits[VY__MAX_CONSTS];
  vy_program *fixed = NULL;
  vy__lowered lowered;
  VY_TRY(vy__compile_options(&o, compile, diags));
  VY_TRY(vy__resolve_constants(program, &o, bits, diags));
  VY_TRY(vy__fix_constants(program, bits, &fixed, diags));
  vy_status status = vy__lower(fixed, o.flags, after, &lowered, diags);
  if (status == VY_OK) {
    *out = vy_program_retain(lowered.program);
    vy__lowered_free(&lowered);
  }
  vy_program_release(fixed);
  return status;
}

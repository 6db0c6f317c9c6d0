// vy_run: compile and dispatch in one call.
#include <vyre/pipeline.h>

#include "base/base.h"

vy_status vy_run(vy_device *device, vy_program *program,
                 const vy_compile_options *compile, const vy_arg *args,
                 size_t arg_count, const vy_dispatch_options *options,
                 vy_outputs *outputs, vy_timing *timing, vy_diags *diags) {
  vy_pipeline *pipeline = NULL;
  VY_TRY(vy_compile(device, program, compile, &pipeline, diags));
  vy_status s =
      vy_dispatch(pipeline, args, arg_count, options, outputs, timing, diags);
  vy_pipeline_release(pipeline);
  return s;
}

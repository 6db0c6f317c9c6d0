// The smallest whole host: parse, compile, dispatch, look at the output. It
// stands alone, without the helpers of the other examples.
#include <stdio.h>

#include <vyre/vyre.h>

static const char text[] =
    "program saxpy(a: f32, x: read f32[], y: update f32[]) {\n"
    "    lanes len(y);\n"
    "    y[lane] = fma(a, x[lane], y[lane]);\n"
    "}\n";

int main(void) {
  // [hello]
  vy_diag records[8];
  char bytes[2048];
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = 8;
  diags.text = bytes;
  diags.text_capacity = sizeof bytes;

  vy_context *context = NULL;
  vy_device *device = NULL;
  vy_program *program = NULL;
  vy_pipeline *pipeline = NULL;
  vy_outputs *outputs = NULL;
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);

  float x[4] = {1, 2, 3, 4}, y[4] = {10, 20, 30, 40};
  vy_arg args[3] = {vy_arg_f32(2), vy_arg_host(x, sizeof x),
                    vy_arg_host(y, sizeof y)};

  vy_status status = vy_context_create(NULL, &context, &diags);
  if (status == VY_OK)
    status = vy_device_open(context, NULL, &device, &diags);
  if (status == VY_OK)
    status = vy_program_parse(context, &source, &program, &diags);
  if (status == VY_OK)
    status = vy_compile(device, program, NULL, &pipeline, &diags);
  if (status == VY_OK)
    status = vy_outputs_create(context, 1, &outputs, &diags);
  if (status == VY_OK)
    status = vy_dispatch(pipeline, args, 3, NULL, outputs, NULL, &diags);
  // [/hello]

  const float want[4] = {12, 24, 36, 48};
  if (status == VY_OK) {
    const float *got = vy_outputs_data(outputs, 0);
    for (int i = 0; i < 4; i++) {
      printf("%g\n", (double)got[i]);
      if (got[i] != want[i])
        status = VY_ERROR_DISPATCH_FAILED;
    }
  }
  for (uint32_t i = 0; i < diags.count; i++) {
    char message[1024];
    vy_diag_format(&records[i], message, sizeof message);
    fprintf(stderr, "%s\n", message);
  }
  vy_outputs_release(outputs);
  vy_pipeline_release(pipeline);
  vy_program_release(program);
  vy_device_release(device);
  vy_context_release(context);
  return status != VY_OK;
}

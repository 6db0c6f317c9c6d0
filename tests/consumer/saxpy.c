// A host in C that knows nothing but the installed package.
#include <stdio.h>

#include <vyre/vyre.h>

static const char text[] = "program saxpy(a: f32, x: read f32[],\n"
                           "              y: update f32[]) {\n"
                           "    lanes len(y);\n"
                           "    y[lane] = fma(a, x[lane], y[lane]);\n"
                           "}\n";

static vy_status run(vy_context *context, vy_outputs *outputs) {
  static const float x[3] = {1, 2, 4}, y[3] = {10, 20, 30};
  vy_source source = VY_SOURCE_INIT;
  vy_program *program = NULL;
  vy_device *device = NULL;
  vy_arg args[3] = {vy_arg_f32(0.5f), vy_arg_host(x, sizeof x),
                    vy_arg_host(y, sizeof y)};
  source.text = vy_str_c(text);
  vy_status status = vy_program_parse(context, &source, &program, NULL);
  if (status == VY_OK)
    status = vy_device_open(context, NULL, &device, NULL);
  if (status == VY_OK)
    status = vy_run(device, program, NULL, args, 3, NULL, outputs, NULL, NULL);
  vy_device_release(device);
  vy_program_release(program);
  return status;
}

int main(void) {
  vy_context *context = NULL;
  vy_outputs *outputs = NULL;
  vy_status status = vy_context_create(NULL, &context, NULL);
  if (status == VY_OK)
    status = vy_outputs_create(context, 1, &outputs, NULL);
  if (status == VY_OK)
    status = run(context, outputs);
  const float *y = vy_outputs_data(outputs, 0);
  int right = status == VY_OK && vy_outputs_size(outputs, 0) == 12 &&
              y[0] == 10.5f && y[1] == 21 && y[2] == 32;
  printf("C: %s, %s\n", vy_status_name(status), right ? "right" : "wrong");
  vy_outputs_release(outputs);
  vy_context_release(context);
  return !right;
}

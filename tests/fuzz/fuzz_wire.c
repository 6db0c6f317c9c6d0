// Any bytes as wire form: what decodes must encode to the same bytes, print,
// and compile for the reference device.
#include <stdlib.h>
#include <string.h>

#include <vyre/vyre.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(vy_context *context, vy_program *program, const uint8_t *data,
                size_t size) {
  size_t bytes = 0;
  uint8_t *wire = malloc(size ? size : 1);
  if (wire && (vy_program_encode(program, 0, wire, size, &bytes) != VY_OK ||
               bytes != size || memcmp(wire, data, size) != 0))
    abort();
  free(wire);
  if (vy_program_print(program, NULL, 0, &bytes) != VY_OK)
    abort();
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  vy_device *device = NULL;
  vy_pipeline *pipeline = NULL;
  if (vy_device_open(context, &desc, &device, NULL) == VY_OK &&
      vy_compile(device, program, NULL, &pipeline, NULL) == VY_OK && !pipeline)
    abort();
  vy_pipeline_release(pipeline);
  vy_device_release(device);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  vy_context *context = NULL;
  vy_program *program = NULL;
  if (vy_context_create(NULL, &context, NULL) != VY_OK)
    return 0;
  vy_status status = vy_program_decode(context, data, size, &program, NULL);
  if ((status == VY_OK) != !!program)
    abort();
  if (program)
    use(context, program, data, size);
  vy_program_release(program);
  vy_context_release(context);
  return 0;
}

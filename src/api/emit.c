// A device's code as text, for whoever wants to read it.
#include "backend/cuda/ptx.h"
#include "pipeline/pipeline.h"

static vy_status give(const uint8_t *text, size_t length, char *buffer,
                      size_t capacity, size_t *size, vy_diags *diags) {
  *size = length;
  if (!buffer)
    return VY_OK;
  if (capacity < length)
    return vy__fail(diags, NULL, VY__E_OUTPUT_TOO_SMALL,
                    "vy_device_emit: the code has %zu bytes, capacity is %zu\n"
                    "Fix: give as much room as the message names",
                    length, capacity);
  if (length)
    memcpy(buffer, text, length);
  return VY_OK;
}

static const char *missing(const vy_device *device, const vy_program *program,
                           const char *target, const size_t *size) {
  bool needs_device = !target || strcmp(target, "ptx") != 0;
  return !program  ? "program is NULL"
         : !target ? "target is NULL"
         : !size   ? "size is NULL"
         : !device && needs_device
             ? "device is NULL, for which there is \"ptx\" only"
             : NULL;
}

vy_status vy_device_emit(vy_device *device, vy_program *program,
                         const vy_compile_options *compile, const char *target,
                         char *buffer, size_t capacity, size_t *size,
                         vy_diags *diags) {
  const char *null = missing(device, program, target, size);
  if (null)
    return vy__fail_argument(diags, "vy_device_emit: %s", null);
  if (device)
    VY_TRY(vy__device_usable(device, diags));
  vy_compile_options o;
  uint64_t bits[VY__MAX_CONSTS];
  vy_program *fixed = NULL;
  uint8_t *text = NULL;
  size_t length = 0;
  VY_TRY(vy__compile_options(&o, compile, diags));
  VY_TRY(vy__resolve_constants(program, &o, bits, diags));
  VY_TRY(vy__fix_constants(program, bits, &fixed, diags));
  const vy_allocator *a =
      device ? &device->context->alloc : &program->context->alloc;
  vy_status s = device ? device->ops->emit(device->impl, fixed, o.flags, target,
                                           &text, &length, diags)
                       : vy__cuda_text(a, fixed, o.flags, VY__PTX_SM_MIN, &text,
                                       &length, diags);
  if (s == VY_OK)
    s = give(text, length, buffer, capacity, size, diags);
  vy__free(a, text, length);
  vy_program_release(fixed);
  return s;
}

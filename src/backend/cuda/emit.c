// A program as PTX, for reading. It needs no device.
#include "backend/cuda/cuda.h"
#include "backend/cuda/ptx.h"

vy_status vy__cuda_text(const vy_allocator *alloc, const vy_program *program,
                        uint32_t flags, uint32_t sm, uint8_t **out,
                        size_t *size, vy_diags *diags) {
  vy__lowered lowered;
  vy__cuda_info info = {0};
  char *text = NULL;
  VY_TRY(vy__lower(program, flags | VY__PTX_LOWER, NULL, &lowered, diags));
  vy__ptx_job job = {
      .lowered = &lowered, .alloc = alloc, .flags = flags, .sm = sm};
  vy_status s = vy__ptx_emit(&job, &text, size, &info, diags);
  vy__lowered_free(&lowered);
  VY_TRY(s);
  // Whoever takes it frees *size bytes, without the NUL.
  *out = vy__realloc(alloc, text, *size + 1, *size);
  if (*out)
    return VY_OK;
  vy__free(alloc, text, *size + 1);
  return vy__fail_oom(diags, "the text of the code");
}

vy_status vy__cuda_emit(void *device, const vy_program *program, uint32_t flags,
                        const char *target, uint8_t **out, size_t *size,
                        vy_diags *diags) {
  vy__cuda *d = device;
  if (!strcmp(target, "ptx"))
    return vy__cuda_text(&d->context->alloc, program, flags, d->sm, out, size,
                         diags);
  return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                  "the cuda device has no code of form '%.32s'; it has ptx",
                  target);
}

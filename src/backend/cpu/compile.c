// Compiling: lowered, emitted as a blob, mapped. The blob does not depend on
// threads or addresses.
#include "backend/cpu/cpu.h"
#include "backend/cpu/emit.h"

static vy_status emit(const vy__cpu *d, const vy_program *program,
                      uint32_t flags, vy__emit_form form, uint8_t **out,
                      size_t *size, vy_diags *diags) {
  const vy__emitter *emitter = vy__emitter_get(diags);
  if (!emitter)
    return VY_ERROR_DEVICE_UNAVAILABLE;
  vy__lowered lowered;
  VY_TRY(vy__lower(program, flags, NULL, &lowered, diags));
  vy__emit_job job = {.lowered = &lowered,
                      .alloc = &d->host.context->alloc,
                      .flags = flags,
                      .form = form,
                      .isa = (uint32_t)d->isa,
                      .width = d->width,
                      .optimize = 1};
  vy_status s = emitter->emit(&job, out, size, NULL, diags);
  vy__lowered_free(&lowered);
  return s;
}

// Code that runs from a copy of `blob`.
static vy_status make_code(const vy__cpu *d, const vy_program *program,
                           const uint8_t *blob, size_t size,
                           struct vy__code **out, vy_diags *diags) {
  const vy_allocator *a = &d->host.context->alloc;
  struct vy__code *code = vy__calloc(a, 1, sizeof *code);
  if (!code)
    return vy__fail_oom(diags, "compiled code");
  code->program = program;
  vy_status s = vy__kernel_map(blob, size, d->isa, &code->kernel, diags);
  if (s != VY_OK) {
    vy__free(a, code, sizeof *code);
    return s;
  }
  *out = code;
  return VY_OK;
}

vy_status vy__cpu_compile(void *device, const vy_program *program,
                          uint32_t flags, struct vy__code **out,
                          vy_diags *diags) {
  vy__cpu *d = device;
  uint8_t *blob = NULL;
  size_t size = 0;
  VY_TRY(emit(d, program, flags, VY__EMIT_BLOB, &blob, &size, diags));
  vy_status s = make_code(d, program, blob, size, out, diags);
  vy__free(&d->host.context->alloc, blob, size);
  return s;
}

// While the library is being worked on, the module may be older than it.
vy_status vy__cpu_code_save(void *device, const struct vy__code *code,
                            const uint8_t **bytes, size_t *size) {
  vy__cpu *d = device;
  const vy__emitter *emitter = vy__emitter_get(NULL);
  if (!emitter || strcmp(emitter->build, vy__build_id)) {
    vy__log(d->host.context, VY_LOG_INFO,
            "the module is of another build than the library: its code does "
            "not go to the disk cache");
    return VY_ERROR_UNSUPPORTED;
  }
  *bytes = code->kernel.map;
  *size = (size_t)code->kernel.info.size;
  return VY_OK;
}

vy_status vy__cpu_code_load(void *device, const vy_program *program,
                            uint32_t flags, const uint8_t *bytes, size_t size,
                            struct vy__code **out) {
  (void)flags;
  return make_code(device, program, bytes, size, out, NULL);
}

void vy__cpu_code_free(void *device, struct vy__code *code) {
  vy__cpu *d = device;
  vy__kernel_unmap(&code->kernel);
  vy__free(&d->host.context->alloc, code, sizeof *code);
}

vy_status vy__cpu_emit(void *device, const vy_program *program, uint32_t flags,
                       const char *target, uint8_t **out, size_t *size,
                       vy_diags *diags) {
  static const struct {
    const char *name;
    vy__emit_form form;
  } forms[] = {{"llvm", VY__EMIT_LLVM}, {"asm", VY__EMIT_ASM}};
  for (size_t i = 0; i < VY__COUNT(forms); i++)
    if (!strcmp(target, forms[i].name))
      return emit(device, program, flags, forms[i].form, out, size, diags);
  return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                  "the cpu device has no code of form '%.32s'; it has llvm and "
                  "asm",
                  target);
}

// Compiling: lowered, emitted as PTX, made machine code by the driver's
// compiler. The machine code is kept with what the host must know of it, so
// that it can go to the disk cache.
#include <stdio.h>

#include "backend/cuda/cuda.h"
#include "backend/cuda/ptx.h"

enum { LOG_SIZE = 8192, MOST_THREADS = 1024, MOST_SPAN = 1 << 16 };

// First bytes of what is saved; facts and machine code follow.
typedef struct saved_head {
  uint64_t cubin_size;
  vy__cuda_info info;
} saved_head;

// ---- from PTX to machine code

// The compiler writes there as long as its link lives.
typedef struct jit_log {
  void *values[2];
  char text[LOG_SIZE];
} jit_log;

static int link_ptx(const vy__cu *cu, char *ptx, size_t size, jit_log *log,
                    vy__cu_link *link, void **cubin, size_t *cubin_size) {
  int options[] = {VY__CU_JIT_ERROR_LOG, VY__CU_JIT_ERROR_LOG_SIZE};
  log->values[0] = log->text;
  log->values[1] = (void *)(uintptr_t)(LOG_SIZE - 1);
  int r = cu->link_create(2, options, log->values, link);
  if (r != VY__CU_OK) {
    *link = NULL;
    return r;
  }
  r = cu->link_add(*link, VY__CU_INPUT_PTX, ptx, size + 1, "vyre", 0, NULL,
                   NULL);
  if (r == VY__CU_OK)
    r = cu->link_complete(*link, cubin, cubin_size);
  return r;
}

static vy_status jit_failed(const vy__cu *cu, int r, const jit_log *log,
                            const vy__cuda *d, vy_diags *diags) {
  vy_status s = vy__cu_status(r);
  if (s != VY_ERROR_DISPATCH_FAILED)
    return vy__cu_fail(cu, r, "compiling", diags);
  s = vy__fail(diags, NULL, VY__E_COMPILE_FAILED,
               "the compiler of the CUDA driver (for CUDA %d.%d, sm_%u) gave "
               "error %d%s",
               cu->version / 1000, cu->version % 1000 / 10, d->sm, r,
               r == VY__CU_PTX_VERSION       ? "\nFix: install a newer driver"
               : r == VY__CU_NO_JIT_COMPILER ? "\nFix: install the driver's "
                                               "libnvidia-ptxjitcompiler.so.1"
                                             : "");
  vy__diags_set_log(diags, vy_str_c(log->text));
  return s;
}

// ---- code

static void destroy(vy__cuda *d, struct vy__code *c) {
  const vy_allocator *a = &d->context->alloc;
  vy__cuda_graphs_free(d, c);
  if (c->module)
    (void)d->cu->module_unload(c->module);
  vy__free(a, c->saved, c->saved_size);
  vy__free(a, c, sizeof *c);
}

static vy_status load(vy__cuda *d, struct vy__code *c, const uint8_t *cubin,
                      vy_diags *diags) {
  const vy__cu *cu = d->cu;
  int r = cu->module_load(&c->module, cubin);
  if (r != VY__CU_OK)
    c->module = NULL;
  if (r == VY__CU_OK)
    r = cu->module_function(&c->one, c->module, VY__CUDA_ONE);
  if (r == VY__CU_OK)
    r = cu->module_function(&c->many, c->module, VY__CUDA_MANY);
  if (r != VY__CU_OK)
    return vy__cu_fail(cu, r, "loading compiled code", diags);
  return VY_OK;
}

// Code from the bytes `saved`, which it takes over, in any case.
static vy_status make_code(vy__cuda *d, const vy_program *program,
                           uint8_t *saved, size_t size, struct vy__code **out,
                           vy_diags *diags) {
  const vy_allocator *a = &d->context->alloc;
  struct vy__code *c = vy__calloc(a, 1, sizeof *c);
  if (!c) {
    vy__free(a, saved, size);
    return vy__fail_oom(diags, "compiled code");
  }
  const saved_head *head = (const saved_head *)(void *)saved;
  c->program = program;
  c->saved = saved;
  c->saved_size = size;
  c->info = head->info;
  c->facts = (vy__fact *)(void *)(saved + sizeof *head);
  vy_status s = load(d, c, saved + size - (size_t)head->cubin_size, diags);
  if (s != VY_OK) {
    destroy(d, c);
    return s;
  }
  *out = c;
  return VY_OK;
}

static vy_status save(const vy__cuda *d, const vy__lowered *lowered,
                      const vy__cuda_info *info, const void *cubin,
                      size_t cubin_size, uint8_t **out, size_t *size,
                      vy_diags *diags) {
  size_t facts = lowered->fact_count * sizeof *lowered->facts;
  size_t total;
  uint8_t *bytes = NULL;
  if (vy__add_size(sizeof(saved_head) + facts, cubin_size, &total))
    bytes = vy__calloc(&d->context->alloc, 1, total);
  if (!bytes)
    return vy__fail_oom(diags, "compiled code");
  saved_head *head = (saved_head *)(void *)bytes;
  head->cubin_size = cubin_size;
  head->info = *info;
  head->info.abi = VY__CUDA_ABI;
  head->info.fact_count = lowered->fact_count;
  for (uint32_t i = 0; i < lowered->fact_count; i++) {
    vy__fact *f = (vy__fact *)(void *)(bytes + sizeof *head) + i;
    const vy__fact *from = &lowered->facts[i];
    f->param = from->param; // field by field: no stray bytes in the file
    memcpy(f->scale, from->scale, sizeof f->scale);
    f->offset = from->offset;
  }
  if (cubin_size)
    memcpy(bytes + sizeof *head + facts, cubin, cubin_size);
  *out = bytes;
  *size = total;
  return VY_OK;
}

static vy_status emit(const vy__cuda *d, const vy__lowered *lowered,
                      uint32_t flags, char **ptx, size_t *size,
                      vy__cuda_info *info, vy_diags *diags) {
  vy__ptx_job job = {.lowered = lowered,
                     .alloc = &d->context->alloc,
                     .flags = flags,
                     .sm = d->sm};
  memset(info, 0, sizeof *info);
  return vy__ptx_emit(&job, ptx, size, info, diags);
}

static vy_status compile_ptx(vy__cuda *d, const vy_program *program,
                             const vy__lowered *lowered, char *ptx, size_t size,
                             const vy__cuda_info *info, struct vy__code **out,
                             vy_diags *diags) {
  jit_log log = {.text = ""};
  vy__cu_link link = NULL;
  void *cubin = NULL;
  size_t cubin_size = 0, saved_size = 0;
  uint8_t *saved = NULL;
  int r = link_ptx(d->cu, ptx, size, &log, &link, &cubin, &cubin_size);
  vy_status s = r == VY__CU_OK ? save(d, lowered, info, cubin, cubin_size,
                                      &saved, &saved_size, diags)
                               : jit_failed(d->cu, r, &log, d, diags);
  if (link)
    (void)d->cu->link_destroy(link);
  VY_TRY(s);
  return make_code(d, program, saved, saved_size, out, diags);
}

static vy_status compile(vy__cuda *d, const vy_program *program, uint32_t flags,
                         struct vy__code **out, vy_diags *diags) {
  vy__lowered lowered;
  char *ptx = NULL;
  size_t size = 0;
  vy__cuda_info info;
  VY_TRY(vy__lower(program, flags | VY__PTX_LOWER, NULL, &lowered, diags));
  vy_status s = emit(d, &lowered, flags, &ptx, &size, &info, diags);
  if (s == VY_OK) {
    s = compile_ptx(d, program, &lowered, ptx, size, &info, out, diags);
    vy__free(&d->context->alloc, ptx, size + 1);
  }
  vy__lowered_free(&lowered);
  return s;
}

vy_status vy__cuda_compile(void *device, const vy_program *program,
                           uint32_t flags, struct vy__code **out,
                           vy_diags *diags) {
  vy__cuda *d = device;
  bool entered;
  int r = vy__cuda_enter(d, &entered);
  if (r != VY__CU_OK)
    return vy__cu_fail(d->cu, r, "entering the GPU's context", diags);
  vy_status s = compile(d, program, flags, out, diags);
  vy__cuda_leave(d, entered);
  return s;
}

void vy__cuda_code_free(void *device, struct vy__code *code) {
  vy__cuda *d = device;
  bool entered;
  (void)vy__cuda_enter(d, &entered);
  destroy(d, code);
  vy__cuda_leave(d, entered);
}

// ---- the disk cache

vy_status vy__cuda_code_save(void *device, const struct vy__code *code,
                             const uint8_t **bytes, size_t *size) {
  (void)device;
  *bytes = code->saved;
  *size = code->saved_size;
  return VY_OK;
}

static bool fits(const uint8_t *bytes, size_t size, const vy__ir *ir) {
  saved_head head;
  if (size < sizeof head)
    return false;
  memcpy(&head, bytes, sizeof head);
  const vy__cuda_info *i = &head.info;
  uint64_t facts = (uint64_t)i->fact_count * sizeof(vy__fact);
  uint64_t rest = size - sizeof head;
  if (i->abi != VY__CUDA_ABI || i->params != ir->param_count ||
      i->cover_count > VY__MAX_COVERS || facts > rest ||
      head.cubin_size != rest - facts)
    return false;
  for (uint32_t d = 0; d < 3; d++)
    if (!i->block[d] || i->block[d] > MOST_THREADS || !i->span[d] ||
        i->span[d] > MOST_SPAN)
      return false;
  for (uint32_t k = 0; k < i->cover_count; k++)
    if (!vy__is_cover(&i->covers[k]))
      return false;
  for (uint32_t k = 0; k < i->fact_count; k++) {
    vy__fact f;
    memcpy(&f, bytes + sizeof head + k * sizeof f, sizeof f);
    if (f.param >= ir->param_count)
      return false;
  }
  return true;
}

vy_status vy__cuda_code_load(void *device, const vy_program *program,
                             uint32_t flags, const uint8_t *bytes, size_t size,
                             struct vy__code **out) {
  vy__cuda *d = device;
  (void)flags;
  if (!fits(bytes, size, &program->ir))
    return VY_ERROR_UNSUPPORTED;
  uint8_t *copy = vy__alloc(&d->context->alloc, size);
  if (!copy)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  memcpy(copy, bytes, size);
  bool entered;
  vy_status s = vy__cu_status(vy__cuda_enter(d, &entered));
  if (s == VY_OK)
    s = make_code(d, program, copy, size, out, NULL);
  else
    vy__free(&d->context->alloc, copy, size);
  vy__cuda_leave(d, entered);
  return s;
}
